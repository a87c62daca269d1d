// The ephemeral volume controller: a pod's generic ephemeral volumes get a claim each, which the pod owns.

import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import type { PersistentVolumeClaim } from '../../api/types/apps.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';

/** kube-controller-manager's ephemeral-volume-controller. */
export class EphemeralVolumeController implements Controller {
  readonly name = 'ephemeral-volume-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly client: ApiClient;
  private readonly pods: Informer<Pod>;
  private readonly events: EventRecorder;

  constructor(context: ControllerContext) {
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.pods = context.informer(resources.pods);
    this.events = context.recorder('ephemeral_volume');
    this.pods.onChange((after, before) => {
      if (!after || before || !after.spec.volumes) return;
      if (after.spec.volumes.some(({ ephemeral }) => ephemeral)) this.queue.add(keyOf(after));
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const pod = this.pods.get(key);
    if (!pod || pod.metadata.deletionTimestamp) return undefined;
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    for (const volume of pod.spec.volumes ?? []) {
      const template = volume.ephemeral?.volumeClaimTemplate;
      if (!template) continue;
      const owner = { apiVersion: 'v1', kind: 'Pod', name, uid };
      const claim = {
        kind: 'PersistentVolumeClaim',
        apiVersion: 'v1',
        metadata: {
          ...template.metadata,
          name: `${name}-${volume.name}`,
          namespace,
          ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
        },
        spec: template.spec,
      } as PersistentVolumeClaim;
      const made = yield* this.client.create(resources.persistentVolumeClaims, claim);
      if (!(made instanceof Refusal) || made.reason === 'AlreadyExists') continue;
      const message = `ephemeral volume ${volume.name}: create PVC ${claim.metadata.name}: ${made.message}`;
      this.events.event(pod, 'Warning', 'FailedBinding', message);
      return made.message;
    }
    return undefined;
  }
}
