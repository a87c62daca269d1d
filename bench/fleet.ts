// The control plane's speed over hollow nodes: a Deployment with 500 pods, a fleet of 1,000 nodes, and how the cost of a
// pod grows with their number.

import { Simulation } from '../src/sim/core/simulation.ts';
import { MILLISECOND, MINUTE } from '../src/sim/core/time.ts';
import type { Routine } from '../src/sim/core/wait.ts';
import { Refusal } from '../src/sim/kubernetes/api/client.ts';
import { resources } from '../src/sim/kubernetes/api/client-resources.ts';
import type { Deployment } from '../src/sim/kubernetes/api/types/apps.ts';
import { type HollowCluster, hollowCluster } from '../src/sim/kubernetes/hollow/cluster.ts';
import { peerRollOut } from './peer.ts';
import { type Bench, cpuMilliseconds, type Figure } from './report.ts';

/** A Deployment whose pods ask for next to nothing. */
export function deployment(name: string, replicas: number): Deployment {
  const labels = { app: name };
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'c', image: 'nginx:1.27', resources: { requests: { cpu: '10m' } } }],
        },
      },
    },
  };
}

/** Milliseconds from creating deployments to all of their pods being available. */
export function rollOut(
  simulation: Simulation,
  cluster: HollowCluster,
  list: readonly Deployment[],
): number {
  let done = false;
  const { client } = cluster;
  function* watch(): Routine<void> {
    for (const object of list) {
      const made = yield* client.create(resources.deployments, object);
      if (made instanceof Refusal) throw new Error(made.message);
    }
    for (;;) {
      let ready = 0;
      for (const { metadata } of list) {
        const found = yield* client.get(resources.deployments, 'default', metadata.name ?? '');
        if (found instanceof Refusal) throw new Error(found.message);
        if (found.status?.availableReplicas === found.spec.replicas) ready++;
      }
      if (ready === list.length) break;
      yield { on: [], until: simulation.now + 500 * MILLISECOND };
    }
    done = true;
  }
  return cpuMilliseconds(() => {
    cluster.spawn(watch());
    const end = simulation.advance({
      until: simulation.now + 60 * MINUTE,
      budget: 1e9,
      done: () => done,
    });
    if (end !== 'done') throw new Error(`the pods did not become available: ${end}`);
  });
}

function fleet(nodes: number, pods: number): { total: number; perPod: number } {
  const simulation = new Simulation(`fleet ${pods}`);
  const cluster = hollowCluster(simulation, { nodes });
  const list = Array.from({ length: Math.ceil(pods / 500) }, (_, i) =>
    deployment(`web-${i}`, Math.min(500, pods)),
  );
  const total = rollOut(simulation, cluster, list);
  cluster.stop();
  return { total, perPod: (total * 1000) / pods };
}

/** The fleet at its full size, too long for every run: `npm run bench -- fleet --whole-fleet`. */
function wholeFleet(): Figure[] {
  const one = fleet(5000, 1000);
  const all = fleet(5000, 150_000);
  const peak = process.resourceUsage().maxRSS / 1024;
  const what = '150,000 pods on 5,000 nodes';
  return [
    { name: what, value: all.total / 1000, unit: 's', budget: 60 },
    { name: `${what}: most memory resident`, value: peak, unit: 'MB', budget: 2048 },
    {
      name: 'growth from 1,000 to 150,000',
      value: all.perPod / one.perPod,
      unit: '×',
      budget: 1.15,
    },
  ];
}

export const fleetBench: Bench = {
  title: 'Hollow clusters',
  async run() {
    fleet(10, 500);
    const small = fleet(10, 500);
    const peer = await peerRollOut(500, 60_000);
    const beside =
      peer === undefined
        ? '@ngrok/webernetes did not finish in a minute'
        : `@ngrok/webernetes ${peer.toFixed(0)} ms, ${(peer / small.total).toFixed(0)} ×`;
    const whole = process.argv.includes('--whole-fleet') ? wholeFleet() : [];
    const [one, three, ten] = [1000, 3000, 10_000].map((pods) => fleet(1000, pods));
    if (!one || !three || !ten) throw new Error('a fleet is missing');
    return [
      { name: '500 pods to Available', value: small.total, unit: 'ms', budget: 500, beside },
      { name: '10,000 pods on 1,000 nodes', value: ten.total, unit: 'ms' },
      { name: 'per pod at 1,000', value: one.perPod, unit: 'µs' },
      { name: 'per pod at 3,000', value: three.perPod, unit: 'µs' },
      { name: 'per pod at 10,000', value: ten.perPod, unit: 'µs' },
      {
        name: 'growth from 1,000 to 10,000',
        value: ten.perPod / one.perPod,
        unit: '×',
        budget: 1.15,
      },
      ...whole,
    ];
  },
};
