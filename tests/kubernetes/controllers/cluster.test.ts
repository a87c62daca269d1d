// Controllers and scheduler on a hollow cluster, under random orders: what must hold at every step, and what must hold
// when everything has settled.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Simulation } from '../../../src/sim/core/simulation.ts';
import { MILLISECOND, SECOND } from '../../../src/sim/core/time.ts';
import type { Routine } from '../../../src/sim/core/wait.ts';
import { Refusal } from '../../../src/sim/kubernetes/api/client.ts';
import { resources } from '../../../src/sim/kubernetes/api/client-resources.ts';
import type { Deployment } from '../../../src/sim/kubernetes/api/types/apps.ts';
import type { Pod } from '../../../src/sim/kubernetes/api/types/pod.ts';
import { fenceposts } from '../../../src/sim/kubernetes/controllers/deployment/rolling.ts';
import { isPodActive, isPodReady } from '../../../src/sim/kubernetes/controllers/pods.ts';
import { type HollowCluster, hollowCluster } from '../../../src/sim/kubernetes/hollow/cluster.ts';
import { podRequest } from '../../../src/sim/kubernetes/scheduler/resources.ts';

interface World {
  readonly simulation: Simulation;
  readonly cluster: HollowCluster;
}

/** Runs a routine on the cluster to its end, in the virtual time that it is given. */
function ask<T>({ simulation, cluster }: World, routine: Routine<T>): T {
  let answer: { value: T } | undefined;
  cluster.spawn(
    (function* (): Routine<void> {
      answer = { value: yield* routine };
    })(),
  );
  simulation.advance({ until: simulation.now + SECOND, done: () => answer !== undefined });
  if (!answer) throw new Error('the cluster did not answer');
  return answer.value;
}

function pods(world: World): readonly Pod[] {
  const list = ask(world, world.cluster.client.list(resources.pods, 'default'));
  if (list instanceof Refusal) throw new Error(list.message);
  return list.items;
}

function web(replicas: number, image: string, cpu = '10m'): Deployment {
  const labels = { app: 'web' };
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'c', image, resources: { requests: { cpu } } }] },
      },
    },
  };
}

function start(seed: string, nodes = 3): World {
  const simulation = new Simulation(seed);
  return { simulation, cluster: hollowCluster(simulation, { nodes, renewLeases: true }) };
}

const change = fc.oneof(
  fc.record({ what: fc.constant('scale' as const), replicas: fc.integer({ min: 0, max: 12 }) }),
  fc.record({ what: fc.constant('image' as const), tag: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ what: fc.constant('kill' as const), which: fc.nat(20) }),
  fc.record({
    what: fc.constant('wait' as const),
    milliseconds: fc.integer({ min: 1, max: 4000 }),
  }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function apply(world: World, step: Change): void {
  const { client } = world.cluster;
  const patch = (body: object): void => {
    ask(world, client.patch(resources.deployments, 'default', 'web', 'strategic', body));
  };
  if (step.what === 'scale') patch({ spec: { replicas: step.replicas } });
  if (step.what === 'image') {
    const containers = [{ name: 'c', image: `app:${step.tag}` }];
    patch({ spec: { template: { spec: { containers } } } });
  }
  if (step.what === 'kill') {
    const alive = pods(world);
    const victim = alive[step.which % Math.max(1, alive.length)];
    if (victim) ask(world, client.delete(resources.pods, 'default', victim.metadata.name ?? ''));
  }
  if (step.what === 'wait') {
    world.simulation.advance({ until: world.simulation.now + step.milliseconds * MILLISECOND });
  }
}

describe('a deployment', () => {
  test('settles at what was asked for last, and never has more pods than its surge allows', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.string(), (changes, seed) => {
        const world = start(seed);
        ask(world, world.cluster.client.create(resources.deployments, web(3, 'app:1')));
        let most = 3;
        for (const step of changes) {
          apply(world, step);
          const current = ask(
            world,
            world.cluster.client.get(resources.deployments, 'default', 'web'),
          );
          if (current instanceof Refusal) throw new Error(current.message);
          const allowed = (current.spec.replicas ?? 1) + fenceposts(current).surge;
          most = Math.max(most, allowed);
          expect(pods(world).filter(isPodActive).length).toBeLessThanOrEqual(most);
        }
        world.simulation.advance({ until: world.simulation.now + 120 * SECOND });
        const settled = ask(
          world,
          world.cluster.client.get(resources.deployments, 'default', 'web'),
        );
        if (settled instanceof Refusal) throw new Error(settled.message);
        const wanted = settled.spec.replicas ?? 1;
        const alive = pods(world);
        expect(alive.length).toBe(wanted);
        expect(alive.every(isPodReady)).toBe(true);
        const image = settled.spec.template.spec.containers[0]?.image;
        expect(alive.every((pod) => pod.spec.containers[0]?.image === image)).toBe(true);
        expect(settled.status?.availableReplicas ?? 0).toBe(wanted);
        world.cluster.stop();
      }),
      { numRuns: 15 },
    );
  });
});

describe('the scheduler', () => {
  test('never puts more on a node than it offers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (replicas, cores) => {
          const world = start(`${replicas} ${cores}`);
          const asked = web(replicas, 'app:1', String(cores));
          ask(world, world.cluster.client.create(resources.deployments, asked));
          world.simulation.advance({ until: world.simulation.now + 30 * SECOND });
          const used = new Map<string, number>();
          for (const pod of pods(world)) {
            const node = pod.spec.nodeName;
            if (node) used.set(node, (used.get(node) ?? 0) + podRequest(pod).cpu);
          }
          const perNode = Math.floor(32 / cores);
          expect([...used.values()].every((cpu) => cpu <= 32_000)).toBe(true);
          const placed = [...used.values()].reduce((sum, cpu) => sum + cpu / (cores * 1000), 0);
          expect(placed).toBe(Math.min(replicas, 3 * perNode));
          world.cluster.stop();
        },
      ),
      { numRuns: 10 },
    );
  });
});
