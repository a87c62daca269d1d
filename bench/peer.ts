// The peer that the control plane is measured beside: @ngrok/webernetes, Kubernetes in the browser without kubectl. Its
// pods start over host time, so only the processor time of the process is compared.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

type Peer = typeof import('@ngrok/webernetes');

/** The package's modules name each other without endings, which Node does not load: they are bundled first. */
async function loadPeer(): Promise<Peer> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'drydock-bench-')), 'peer.mjs');
  await build({
    entryPoints: ['@ngrok/webernetes'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    outfile,
  });
  return (await import(pathToFileURL(outfile).href)) as Peer;
}

/** Milliseconds of processor time from applying a Deployment to all of its pods being available; undefined: not in time. */
export async function peerRollOut(pods: number, patience: number): Promise<number | undefined> {
  const { BaseImage, Cluster } = await loadPeer();
  class Idle extends BaseImage {
    static readonly imageName = 'idle';
    static readonly imageVersion = '1.0';
    readonly defaultCommand = ['server'];
    override async exec(
      context: Parameters<InstanceType<Peer['BaseImage']>['exec']>[0],
    ): Promise<number> {
      return await context.waitUntilKilled();
    }
  }
  const cluster = new Cluster({ nodes: Math.ceil(pods / 100) });
  cluster.registerImage(Idle);
  await cluster.init();
  const labels = { app: 'web' };
  const before = process.cpuUsage();
  await cluster.apply([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: pods,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'c', image: 'idle:1.0' }] },
        },
      },
    },
  ]);
  const began = performance.now();
  let available = 0;
  while (available < pods && performance.now() - began < patience) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const found = await cluster.api.appsv1.readNamespacedDeployment({
      namespace: 'default',
      name: 'web',
    });
    available = found.status?.availableReplicas ?? 0;
  }
  const { user, system } = process.cpuUsage(before);
  await cluster.close();
  return available < pods ? undefined : (user + system) / 1000;
}
