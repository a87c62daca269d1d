// What the stores answer in a second: puts into etcd's store, and lists of 500 pods through the API server, each beside a
// loop that does nothing.

import { Content } from '../src/sim/core/content.ts';
import { Simulation } from '../src/sim/core/simulation.ts';
import type { Routine } from '../src/sim/core/wait.ts';
import { directClient, directState } from '../src/sim/etcd/direct.ts';
import { EtcdError } from '../src/sim/etcd/error.ts';
import { Refusal } from '../src/sim/kubernetes/api/client.ts';
import { resources } from '../src/sim/kubernetes/api/client-resources.ts';
import { hollowCluster } from '../src/sim/kubernetes/hollow/cluster.ts';
import { deployment, rollOut } from './fleet.ts';
import { type Bench, cpuMilliseconds, referenceLoop, short } from './report.ts';

const PUTS = 200_000;
const KEYS = 10_000;
const LISTS = 5_000;
/** The best of so many: the first runs warm the engine up. */
const RUNS = 3;

function best(measure: () => number): number {
  return Math.max(...Array.from({ length: RUNS }, measure));
}

/** What a routine that never blocks ends with. */
function atOnce<T>(routine: Routine<T>): T {
  const step = routine.next('woken');
  if (!step.done) throw new Error('a routine was to end at once and blocks');
  return step.value;
}

function puts(): number {
  const client = directClient(new Simulation('puts'), directState());
  const value = Content.ofText('{"kind":"Pod","metadata":{"name":"web"}}');
  const took = cpuMilliseconds(() => {
    for (let i = 0; i < PUTS; i++) {
      const answer = atOnce(client.put({ key: `/registry/pods/default/web-${i % KEYS}`, value }));
      if (answer instanceof EtcdError) throw new Error(answer.message);
    }
  });
  return PUTS / (took / 1000);
}

function lists(): number {
  const simulation = new Simulation('lists');
  const cluster = hollowCluster(simulation, { nodes: 10 });
  rollOut(simulation, cluster, [deployment('web', 500)]);
  const took = cpuMilliseconds(() => {
    for (let i = 0; i < LISTS; i++) {
      const found = atOnce(cluster.client.list(resources.pods, 'default'));
      if (found instanceof Refusal) throw new Error(found.message);
      if (found.items.length !== 500) throw new Error(`${found.items.length} pods were listed`);
    }
  });
  cluster.stop();
  return LISTS / (took / 1000);
}

export const storeBench: Bench = {
  title: 'Stores',
  run() {
    const reference = referenceLoop();
    const beside = (value: number): string =>
      `empty generator loop ${short(reference)}/s, ratio ${(reference / value).toFixed(1)}`;
    const put = best(puts);
    const list = best(lists);
    return [
      {
        name: 'puts into etcd',
        value: put,
        unit: '/s',
        budget: 300_000,
        least: true,
        beside: beside(put),
      },
      {
        name: 'lists of 500 pods through the API',
        value: list,
        unit: '/s',
        budget: 5_000,
        least: true,
        beside: beside(list),
      },
    ];
  },
};
