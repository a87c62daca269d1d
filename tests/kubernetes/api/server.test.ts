// The server as its clients meet it: writes, conflicts, watches, ownership of fields.

import { describe, expect, it } from 'vitest';
import { Fiber } from '../../../src/sim/core/fiber.ts';
import { Simulation } from '../../../src/sim/core/simulation.ts';
import type { Routine } from '../../../src/sim/core/wait.ts';
import { directClient, directState } from '../../../src/sim/etcd/direct.ts';
import {
  type ApiClient,
  inProcessClient,
  Refusal,
  type Resource,
} from '../../../src/sim/kubernetes/api/client.ts';
import type { KubeObject } from '../../../src/sim/kubernetes/api/object.ts';
import { createApiServer } from '../../../src/sim/kubernetes/api/server.ts';

const configMaps: Resource<KubeObject> = { groupVersion: 'v1', plural: 'configmaps' };
const deployments: Resource<KubeObject> = { groupVersion: 'apps/v1', plural: 'deployments' };

function cluster(user = 'admin', groups = ['system:masters']) {
  const simulation = new Simulation('test');
  const server = createApiServer({ simulation, etcd: directClient(simulation, directState()) });
  const run = <T>(routine: Routine<T>): T => {
    const fiber = new Fiber(simulation, routine);
    simulation.advance({ done: () => fiber.ended });
    return fiber.result as T;
  };
  expect(run(server.start())).toBeUndefined();
  return { run, client: inProcessClient(server, { name: user, groups }, 'test') };
}

function configMap(data: Record<string, string>): KubeObject {
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'shared', namespace: 'default' },
    data,
  };
}

function* apply(
  client: ApiClient,
  manager: string,
  data: Record<string, string>,
  force = false,
): Routine<KubeObject | Refusal> {
  const query = { fieldManager: manager, force };
  return yield* client.patch(configMaps, 'default', 'shared', 'apply', configMap(data), { query });
}

const dataOf = (answer: KubeObject | Refusal): unknown =>
  answer instanceof Refusal ? answer.message : answer.data;

describe('server-side apply', () => {
  it('refuses to change what another manager owns', () => {
    const { run, client } = cluster();
    run(apply(client, 'one', { color: 'blue', size: '10' }));
    expect(dataOf(run(apply(client, 'two', { color: 'red' })))).toBe(
      'Apply failed with 1 conflict: conflict with "one": .data.color',
    );
  });

  it('takes ownership when forced, and leaves the rest', () => {
    const { run, client } = cluster();
    run(apply(client, 'one', { color: 'blue', size: '10' }));
    expect(dataOf(run(apply(client, 'two', { color: 'red' }, true)))).toEqual({
      color: 'red',
      size: '10',
    });
  });

  it('removes what its manager no longer applies', () => {
    const { run, client } = cluster();
    run(apply(client, 'one', { color: 'blue', size: '10' }));
    expect(dataOf(run(apply(client, 'one', { color: 'blue' })))).toEqual({ color: 'blue' });
    expect(dataOf(run(apply(client, 'one', {})))).toBeUndefined();
  });
});

describe('updates', () => {
  it('refuse an old resourceVersion', () => {
    const { run, client } = cluster();
    const first = run(client.create(configMaps, configMap({ n: '1' })));
    if (first instanceof Refusal) throw new Error(first.message);
    run(client.update(configMaps, { ...first, data: { n: '2' } }));
    const late = run(client.update(configMaps, { ...first, data: { n: '3' } }));
    expect(late instanceof Refusal && late.reason).toBe('Conflict');
  });

  it('that change nothing do not make a revision', () => {
    const { run, client } = cluster();
    const first = run(client.create(configMaps, configMap({ n: '1' })));
    if (first instanceof Refusal) throw new Error(first.message);
    const again = run(client.update(configMaps, first));
    expect(again instanceof Refusal ? '' : again.metadata.resourceVersion).toBe(
      first.metadata.resourceVersion,
    );
  });

  it('of a spec count the generation', () => {
    const { run, client } = cluster();
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    };
    const made: KubeObject = {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'web' } }, template },
    };
    run(client.create(deployments, made));
    const change = { spec: { replicas: 3 } };
    const scaled = run(client.patch(deployments, 'default', 'web', 'strategic', change));
    expect(scaled instanceof Refusal ? 0 : scaled.metadata.generation).toBe(2);
  });
});

describe('watches', () => {
  it('tell of changes after a list, in order', () => {
    const { run, client } = cluster();
    const list = run(client.list(configMaps, 'default'));
    if (list instanceof Refusal) throw new Error(list.message);
    const { resourceVersion } = list.metadata;
    run(client.create(configMaps, configMap({ n: '1' })));
    run(client.delete(configMaps, 'default', 'shared'));
    const watch = run(client.watch(configMaps, 'default', { resourceVersion }));
    if (watch instanceof Refusal) throw new Error(watch.message);
    expect(run(watch.next())?.type).toBe('ADDED');
    expect(run(watch.next())?.type).toBe('DELETED');
    watch.stop();
    expect(run(watch.next())).toBeUndefined();
  });
});

describe('authorization', () => {
  it("refuses in the server's words", () => {
    const { run, client } = cluster('ana', ['system:authenticated']);
    const answer = run(client.list(configMaps, 'default'));
    expect(answer instanceof Refusal && answer.message).toBe(
      'configmaps is forbidden: User "ana" cannot list resource "configmaps" in API group "" in the namespace "default"',
    );
  });
});
