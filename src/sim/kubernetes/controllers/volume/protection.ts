// Storage objects in use: a claim that is being deleted stays while a pod on a node uses it, a volume while it is bound
// (persistentvolumeclaim-protection-controller and persistentvolume-protection-controller).

import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, type ObjectLike, Refusal, type Resource } from '../../api/client.ts';
import type { PersistentVolumeClaim } from '../../api/types/apps.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { PersistentVolume } from '../../api/types/storage.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';

const CLAIM_IN_USE = 'kubernetes.io/pvc-protection';
const VOLUME_IN_USE = 'kubernetes.io/pv-protection';
const BY_CLAIM = 'claims on a node';

/** The claims that a pod uses, by key; those of its ephemeral volumes too. */
export function claimKeys(pod: Pod): readonly string[] {
  const { namespace = '', name = '' } = pod.metadata;
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim)
      return [`${namespace}/${volume.persistentVolumeClaim.claimName}`];
    return volume.ephemeral ? [`${namespace}/${name}-${volume.name}`] : [];
  });
}

/** Takes the finalizer off what is being deleted; a text: it failed. */
function* release<T extends ObjectLike>(
  client: ApiClient,
  of: Resource<T>,
  object: T,
  finalizer: string,
): Routine<string | undefined> {
  const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  const changed = { ...object, metadata: { ...object.metadata, finalizers } };
  const written = yield* client.update(of, changed);
  return written instanceof Refusal && written.reason !== 'NotFound' ? written.message : undefined;
}

function isHeld(object: ObjectLike | undefined, finalizer: string): boolean {
  const { deletionTimestamp, finalizers } = object?.metadata ?? {};
  return deletionTimestamp !== undefined && (finalizers ?? []).includes(finalizer);
}

/** kube-controller-manager's persistentvolumeclaim-protection-controller. */
export class ClaimProtection implements Controller {
  readonly name = 'persistentvolumeclaim-protection-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly client: ApiClient;
  private readonly claims: Informer<PersistentVolumeClaim>;
  private readonly pods: Informer<Pod>;

  constructor(context: ControllerContext) {
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.claims = context.informer(resources.persistentVolumeClaims);
    this.pods = context.informer(resources.pods);
    this.pods.addIndex(BY_CLAIM, (pod) => (pod.spec.nodeName ? claimKeys(pod) : []));
    this.claims.onChange((after) => {
      if (after && isHeld(after, CLAIM_IN_USE)) this.queue.add(keyOf(after));
    });
    this.pods.onChange((after, before) => {
      if (after || !before) return;
      for (const key of claimKeys(before)) this.queue.add(key);
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const claim = this.claims.get(key);
    if (!claim || !isHeld(claim, CLAIM_IN_USE)) return undefined;
    if (this.pods.countByIndex(BY_CLAIM, key) > 0) return undefined;
    return yield* release(this.client, resources.persistentVolumeClaims, claim, CLAIM_IN_USE);
  }
}

/** kube-controller-manager's persistentvolume-protection-controller. */
export class VolumeProtection implements Controller {
  readonly name = 'persistentvolume-protection-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly client: ApiClient;
  private readonly volumes: Informer<PersistentVolume>;

  constructor(context: ControllerContext) {
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.volumes = context.informer(resources.persistentVolumes);
    this.volumes.onChange((after) => {
      if (after && isHeld(after, VOLUME_IN_USE)) this.queue.add(keyOf(after));
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const volume = this.volumes.get(key);
    if (!volume || !isHeld(volume, VOLUME_IN_USE)) return undefined;
    if (volume.status?.phase === 'Bound') return undefined;
    return yield* release(this.client, resources.persistentVolumes, volume, VOLUME_IN_USE);
  }
}
