// What the page's view of a cluster is drawn from: the API's objects as etcd holds them, read from outside the
// simulation, so that looking changes nothing in it.

import { memberOf } from '../etcd/server/etcd.ts';
import type { Store } from '../etcd/mvcc/store.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ClusterObjects } from './lab.ts';

/** The objects of the cluster whose control plane a kernel runs; undefined while it has no API server or no etcd. */
export function clusterObjectsOf(kernel: Kernel): ClusterObjects | undefined {
  let store: Store | undefined;
  let serves = false;
  for (const task of kernel.tasks.values()) {
    if (task.ended || task !== task.leader) continue;
    if (task.name === 'kube-apiserver') serves = true;
    else if (task.name === 'etcd') store = memberOf(task)?.backend.store;
  }
  if (!serves || !store) return undefined;
  return {
    nodes: objectsIn(store, 'minions'),
    pods: objectsIn(store, 'pods'),
    services: objectsIn(store, 'services/specs'),
    endpointSlices: objectsIn(store, 'endpointslices'),
  };
}

/** Every object below /registry/FOLDER/. The API server wrote them, so that their shape is that of their kind. */
function objectsIn<T>(store: Store, folder: string): T[] {
  const found: T[] = [];
  store.keys.scan(`/registry/${folder}/`, `/registry/${folder}0`, ({ versions }) => {
    const newest = versions.at(-1);
    if (newest && newest.version > 0) found.push(newest.value.json() as T);
  });
  return found;
}
