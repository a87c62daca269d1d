// kube-proxy: follows services and endpoint slices and writes them as iptables rules on its node, all at once, whenever
// they changed. The modes ipvs and nftables are left out.

import { Content } from '../../core/content.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';
import { resources } from '../api/client-resources.ts';
import { networkClient } from '../component/connect.ts';
import { type Flags, parseFlags } from '../component/flags.ts';
import { takeHeap } from '../component/heap.ts';
import { klog } from '../component/klog.ts';
import {
  type ConnectionConfig,
  inClusterConfig,
  loadKubeconfig,
  readText,
} from '../component/kubeconfig.ts';
import { runWith } from '../component/run-with.ts';
import { endOnSignals } from '../component/signals.ts';
import { Informer, listWatch } from '../controllers/machinery/informer.ts';
import { threadSpawn } from '../controllers/manager.ts';
import { proxyHealth, serviceHealthServers } from './health.ts';
import { JUMPS, proxyRules } from './rules.ts';

const METRICS_PORT = 10_249;
const HEALTH_PORT = 10_256;

/** iptables.minSyncPeriod: the rules are written at once, and then not again for this long. */
const MIN_SYNC = SECOND;

const CANARY = ':KUBE-PROXY-CANARY - [0:0]';

interface ConfigFile {
  readonly mode?: string;
  readonly clusterCIDR?: string;
  readonly clientConnection?: { readonly kubeconfig?: string };
}

/** Makes the chains and the jumps into them, and the chains whose loss would tell that somebody flushed the rules. */
function* setUp(p: Process): Routine<void> {
  const lines = ['*mangle', CANARY, 'COMMIT'];
  for (const table of ['filter', 'nat']) {
    const jumps = JUMPS.filter(([name]) => name === table);
    const chains = [...new Set(jumps.map(([, , to]) => to))];
    lines.push(
      `*${table}`,
      CANARY,
      ...chains.map((name) => `:${name} - [0:0]`),
      ...jumps.map(([, chain, to, match]) => `-I ${chain} 1 ${match} -j ${to}`),
      'COMMIT',
    );
  }
  yield* runWith(p, ['iptables-restore', '-w', '5', '--noflush'], `${lines.join('\n')}\n`);
}

function serveMetrics(p: Process, port: number): void {
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  if (p.bind(fd, { address: port === HEALTH_PORT ? '0.0.0.0' : '127.0.0.1', port }) ?? p.listen(fd))
    return;
  p.thread(function* (thread) {
    yield* serveHttp(thread, fd, function* ({ path }) {
      const healthy = ['/healthz', '/livez'].includes(path);
      if (healthy && port === HEALTH_PORT) return proxyHealth(path, thread.now);
      const text = path === '/proxyMode' && port !== HEALTH_PORT ? 'iptables' : undefined;
      const headers = { 'content-type': 'text/plain; charset=utf-8' };
      return {
        status: text === undefined && !healthy ? 404 : 200,
        headers,
        body: Content.ofText(text ?? (healthy ? 'ok' : '404 page not found\n')),
      };
    });
    return 0;
  });
}

function* run(main: Main, flags: Flags): Routine<number> {
  const { process } = main;
  endOnSignals(process, 2);
  yield* takeHeap(process, 'kube-proxy');
  const { simulation } = process;
  const text = yield* readText(process, flags.get('config') ?? '');
  const read = isErrno(text) ? {} : (parseYaml(text) ?? {});
  if (read instanceof YamlProblem) {
    const why = `failed complete: failed to decode: ${read.message}`;
    yield* klog(main, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(why)}`);
    return 1;
  }
  const file = read as ConfigFile;
  const mode = file.mode || flags.get('proxy-mode') || 'iptables';
  if (mode !== 'iptables') return yield* notSimulated(main, `kube-proxy --proxy-mode=${mode}`);
  const kubeconfig = file.clientConnection?.kubeconfig ?? flags.get('kubeconfig');
  const config: ConnectionConfig | string = kubeconfig
    ? yield* loadKubeconfig(process, kubeconfig)
    : yield* inClusterConfig(process);
  if (typeof config === 'string') {
    yield* klog(main, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(config)}`);
    return 1;
  }
  const client = networkClient(process, config, 'kube-proxy');
  const services = new Informer(simulation, listWatch(client, resources.services));
  const slices = new Informer(simulation, listWatch(client, resources.endpointSlices));
  const changed = new WaitQueue();
  let dirty = true;
  const note = (): void => {
    dirty = true;
    changed.wake();
  };
  services.onChange(note);
  slices.onChange(note);
  const spawn = threadSpawn(process);
  spawn(services.run());
  spawn(slices.run());
  serveMetrics(process, METRICS_PORT);
  serveMetrics(process, HEALTH_PORT);
  yield* services.waitForSync();
  yield* slices.waitForSync();
  yield* setUp(process);
  yield* klog(main, 'I', 'server_linux.go:132', '"Using iptables Proxier"');
  const followHealth = serviceHealthServers(process);
  let chains: ReadonlySet<string> = new Set();
  for (;;) {
    dirty = false;
    const state = {
      services: [...services.values()],
      slices: [...slices.values()],
      nodeName: flags.get('hostname-override') || process.hostname,
      clusterCidr: file.clusterCIDR || '10.244.0.0/16',
    };
    followHealth(state);
    const before = chains;
    const rules = proxyRules(state, (active) => [...before].filter((name) => !active.has(name)));
    simulation.because('kube-proxy writes the rules of services', {
      kind: 'rule',
      name: 'KUBE-SERVICES',
      machine: state.nodeName,
    });
    const status = yield* runWith(
      process,
      ['iptables-restore', '-w', '5', '--noflush', '--counters'],
      rules.text,
    );
    if (status !== 0)
      yield* klog(
        main,
        'E',
        'proxier.go:1541',
        '"Failed to execute iptables-restore" ipFamily="IPv4"',
      );
    else chains = rules.chains;
    yield* process.sleep(MIN_SYNC);
    yield* waitUntil(changed, () => dirty);
  }
}

export const kubeProxy = program('kube-proxy', (main) => run(main, parseFlags(main.args)));
