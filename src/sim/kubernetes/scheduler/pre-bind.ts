// What a scheduler writes about volumes before it binds a pod, and how long it waits for them (VolumeBinding's PreBind): free
// volumes get the claim's name, provisioners are told the node by an annotation on the claim.

import type { Simulation } from '../../core/simulation.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import { resources } from '../api/client-resources.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import { boundVolume, claimBound, SELECTED_NODE } from '../controllers/volume/writes.ts';
import type { Cluster } from './framework.ts';
import type { NodeInfo, PodInfo } from './node-info.ts';
import { claimNames, type VolumeDecision } from './plugins/volume-binding.ts';

/** --bind-timeout-seconds. */
const TIMEOUT = 600 * SECOND;
/** Between looks at the claims. */
const LOOK = SECOND / 10;

function* write(
  client: ApiClient,
  node: NodeInfo,
  { claim, volume }: VolumeDecision,
): Routine<string | undefined> {
  const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: node.name };
  const written = volume
    ? yield* client.update(resources.persistentVolumes, boundVolume(volume, claim))
    : yield* client.update(resources.persistentVolumeClaims, {
        ...claim,
        metadata: { ...claim.metadata, annotations },
      });
  return written instanceof Refusal ? written.message : undefined;
}

/** Writes the decisions and waits until every claim of the pod is bound; a text: it came to nothing. */
export function* bindVolumes(
  simulation: Simulation,
  client: ApiClient,
  cluster: Cluster,
  pod: PodInfo,
  node: NodeInfo,
  decisions: readonly VolumeDecision[],
): Routine<string | undefined> {
  for (const decision of decisions) {
    const failure = yield* write(client, node, decision);
    if (failure) return `binding volumes: ${failure}`;
  }
  const { namespace = '' } = pod.pod.metadata;
  const bound = (): boolean =>
    claimNames(pod.pod).every((name) => {
      const claim = cluster.claim(namespace, name);
      return claim !== undefined && claimBound(claim);
    });
  const end = simulation.now + TIMEOUT;
  while (!bound()) {
    if (simulation.now >= end) return 'binding volumes: context deadline exceeded';
    yield* sleepUntil(simulation.now + LOOK);
  }
  return undefined;
}
