// The persistent volume controller: claims get the volumes that suit them, or an external provisioner is asked for one; a
// volume whose claim is gone is kept (Retain) or left for its provisioner to delete (Delete).
// Left out: Recycle, volume migration, and in-tree provisioners, of which none is left.

import type { Simulation } from '../../../core/simulation.ts';
import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import type { PersistentVolumeClaim } from '../../api/types/apps.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { PersistentVolume, StorageClass } from '../../api/types/storage.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { className, findVolume, mismatch, namesClaim } from './match.ts';
import {
  BOUND_BY_CONTROLLER,
  PROVISIONED_BY,
  boundVolume,
  boundClaim,
  claimBound,
  PROVISIONERS,
  SELECTED_NODE,
  withClaimPhase,
  withVolumePhase,
} from './writes.ts';

const UNBOUND = 'unbound claims';
const BY_CLAIM = 'claim';
/** Claims that wait are looked at this often (--pvclaimbinder-sync-period). */
const RESYNC = 15 * SECOND;
const CLAIM = 'claim:';
const VOLUME = 'volume:';

/** kube-controller-manager's persistentvolume-binder-controller. */
export class VolumeBinder implements Controller {
  readonly name = 'persistentvolume-binder-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly claims: Informer<PersistentVolumeClaim>;
  private readonly volumes: Informer<PersistentVolume>;
  private readonly classes: Informer<StorageClass>;
  private readonly pods: Informer<Pod>;
  private readonly events: EventRecorder;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.claims = context.informer(resources.persistentVolumeClaims);
    this.volumes = context.informer(resources.persistentVolumes);
    this.classes = context.informer(resources.storageClasses);
    this.pods = context.informer(resources.pods);
    this.events = context.recorder('persistentvolume-controller');
    this.claims.addIndex(UNBOUND, (claim) => (claimBound(claim) ? [] : ['']));
    this.volumes.addIndex(BY_CLAIM, ({ spec: { claimRef } }) =>
      claimRef ? [`${claimRef.namespace}/${claimRef.name}`] : [],
    );
    this.claims.onChange((after, before) => {
      const key = keyOf((after ?? before) as PersistentVolumeClaim);
      if (after) this.queue.add(`${CLAIM}${key}`);
      else for (const one of this.volumes.byIndex(BY_CLAIM, key)) this.queueVolume(one);
    });
    this.volumes.onChange((after, before) => {
      const volume = after ?? before;
      if (after) this.queueVolume(after);
      const { claimRef } = volume?.spec ?? {};
      if (claimRef) this.queue.add(`${CLAIM}${claimRef.namespace}/${claimRef.name}`);
      else this.queueUnbound();
    });
    this.classes.onChange(() => this.queueUnbound());
  }

  private queueVolume(volume: PersistentVolume): void {
    this.queue.add(`${VOLUME}${keyOf(volume)}`);
  }

  private queueUnbound(): void {
    for (const claim of this.claims.byIndex(UNBOUND, '')) this.queue.add(`${CLAIM}${keyOf(claim)}`);
  }

  *sync(key: string): Routine<SyncResult> {
    if (key.startsWith(VOLUME)) {
      const volume = this.volumes.get(key.slice(VOLUME.length));
      return volume && (yield* this.syncVolume(volume));
    }
    const claim = this.claims.get(key.slice(CLAIM.length));
    if (!claim) return undefined;
    return claimBound(claim)
      ? yield* this.syncBoundClaim(claim)
      : yield* this.syncUnboundClaim(claim);
  }

  private *syncUnboundClaim(claim: PersistentVolumeClaim): Routine<SyncResult> {
    const { volumeName } = claim.spec;
    if (volumeName) return yield* this.bindToRequested(claim, volumeName);
    const delayed = this.isDelayed(claim);
    const volume = findVolume(claim, this.volumes.values(), { delayed });
    if (volume) return yield* this.bind(claim, volume);
    if (delayed) this.tellOfWaiting(claim);
    else if (className(claim) !== '') return yield* this.provision(claim);
    else {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      this.events.event(claim, 'Normal', 'FailedBinding', message);
    }
    return RESYNC;
  }

  /** WaitForFirstConsumer: bound only when a pod that uses the claim has been given a node. */
  private isDelayed(claim: PersistentVolumeClaim): boolean {
    if (claim.metadata.annotations?.[SELECTED_NODE] !== undefined) return false;
    const found = this.classes.get(className(claim));
    return found?.volumeBindingMode === 'WaitForFirstConsumer';
  }

  private tellOfWaiting(claim: PersistentVolumeClaim): void {
    const { namespace = '', name } = claim.metadata;
    const user = [...this.pods.inNamespace(namespace)].find((pod) =>
      (pod.spec.volumes ?? []).some(
        (volume) => volume.persistentVolumeClaim?.claimName === name && !pod.spec.nodeName,
      ),
    );
    if (user) {
      const message = `waiting for pod ${user.metadata.name} to be scheduled`;
      this.events.event(claim, 'Normal', 'WaitForPodScheduled', message);
      return;
    }
    const message = 'waiting for first consumer to be created before binding';
    this.events.event(claim, 'Normal', 'WaitForFirstConsumer', message);
  }

  private *bindToRequested(claim: PersistentVolumeClaim, name: string): Routine<SyncResult> {
    const volume = this.volumes.get(name);
    if (!volume) return undefined;
    if (volume.spec.claimRef && !namesClaim(volume, claim)) {
      const message = `volume "${name}" already bound to a different claim.`;
      this.events.event(claim, 'Warning', 'FailedBinding', message);
      return RESYNC;
    }
    const why = mismatch(volume, claim);
    if (why && !volume.spec.claimRef) {
      const message = `Cannot bind to requested volume "${name}": ${why}`;
      this.events.event(claim, 'Warning', 'VolumeMismatch', message);
      return RESYNC;
    }
    return yield* this.bind(claim, volume);
  }

  /** Volume first, claim second; each step is written, so that the next attempt goes on from there. */
  private *bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Routine<SyncResult> {
    const taken = boundVolume(volume, claim);
    const first = taken === volume ? volume : yield* this.writeVolume(taken);
    if (typeof first === 'string') return first;
    const phase = yield* this.volumePhase(first, 'Bound');
    if (typeof phase === 'string') return phase;
    const given = boundClaim(claim, volume);
    const second = given === claim ? claim : yield* this.writeClaim(given);
    if (typeof second === 'string') return second;
    return yield* this.claimPhase(second, 'Bound', volume);
  }

  private *syncBoundClaim(claim: PersistentVolumeClaim): Routine<SyncResult> {
    const { volumeName } = claim.spec;
    const volume = this.volumes.get(volumeName ?? '');
    if (!volume) {
      const what = volumeName ? 'its PersistentVolume' : 'reference to PersistentVolume';
      const message = `Bound claim has lost ${what}. Data on the volume is lost!`;
      return yield* this.loseClaim(claim, 'ClaimLost', message);
    }
    if (!volume.spec.claimRef || namesClaim(volume, claim)) return yield* this.bind(claim, volume);
    const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
    return yield* this.loseClaim(claim, 'ClaimMisbound', message);
  }

  private *loseClaim(
    claim: PersistentVolumeClaim,
    reason: string,
    message: string,
  ): Routine<SyncResult> {
    if (claim.status?.phase === 'Lost') return undefined;
    this.events.event(claim, 'Warning', reason, message);
    return yield* this.claimPhase(claim, 'Lost', undefined);
  }

  /** Asks the class's provisioner for a volume, by annotations that it watches for. */
  private *provision(claim: PersistentVolumeClaim): Routine<SyncResult> {
    const wanted = className(claim);
    const found = this.classes.get(wanted);
    if (!found) {
      const message = `storageclass.storage.k8s.io "${wanted}" not found`;
      this.events.event(claim, 'Warning', 'ProvisioningFailed', message);
      return RESYNC;
    }
    const { provisioner } = found;
    if (provisioner === 'kubernetes.io/no-provisioner') {
      const message = `no volume plugin matched name: ${provisioner}`;
      this.events.event(claim, 'Warning', 'ProvisioningFailed', message);
      return RESYNC;
    }
    const annotations = Object.fromEntries(PROVISIONERS.map((name) => [name, provisioner]));
    const known = PROVISIONERS.every((name) => claim.metadata.annotations?.[name] === provisioner);
    if (!known) {
      const metadata = {
        ...claim.metadata,
        annotations: { ...claim.metadata.annotations, ...annotations },
      };
      const written = yield* this.writeClaim({ ...claim, metadata });
      if (typeof written === 'string') return written;
    }
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' ` +
      'or manually by the system administrator. If volume creation is delayed, please verify that ' +
      'the provisioner is running and correctly registered.';
    this.events.event(claim, 'Normal', 'ExternalProvisioning', message);
    return RESYNC;
  }

  private *syncVolume(volume: PersistentVolume): Routine<SyncResult> {
    const { claimRef } = volume.spec;
    if (!claimRef?.uid) return yield* this.volumePhase(volume, 'Available');
    const claim = this.claims.get(`${claimRef.namespace}/${claimRef.name}`);
    if (!claim || claim.metadata.uid !== claimRef.uid) {
      const { phase } = volume.status ?? {};
      if (phase !== 'Released' && phase !== 'Failed')
        return yield* this.volumePhase(volume, 'Released');
      return phase === 'Released' ? yield* this.reclaim(volume) : undefined;
    }
    if (claim.spec.volumeName === volume.metadata.name)
      return yield* this.volumePhase(volume, 'Bound');
    if (!claim.spec.volumeName) {
      this.queue.add(`${CLAIM}${keyOf(claim)}`);
      return undefined;
    }
    return yield* this.unbind(volume);
  }

  /** Delete: what another provisioner made is left to it; of the rest only hostPath under /tmp can be deleted. */
  private *reclaim(volume: PersistentVolume): Routine<SyncResult> {
    const { spec, metadata } = volume;
    if (spec.persistentVolumeReclaimPolicy !== 'Delete') return undefined;
    const provisioner = metadata.annotations?.[PROVISIONED_BY] ?? '';
    if ((provisioner !== '' && !provisioner.startsWith('kubernetes.io/')) || spec.csi)
      return undefined;
    const problem = !spec.hostPath
      ? 'error getting deleter volume plugin for volume ' +
        `"${metadata.name}": no deletable volume plugin matched`
      : /^\/tmp\/.+/.test(spec.hostPath.path)
        ? undefined
        : `host_path deleter only supports /tmp/.+ but received provided ${spec.hostPath.path}`;
    if (problem === undefined) {
      yield* this.client.delete(resources.persistentVolumes, '', metadata.name ?? '');
      return undefined;
    }
    this.events.event(volume, 'Warning', 'VolumeFailedDelete', problem);
    return yield* this.volumePhase(volume, 'Failed', problem);
  }

  /** The claim was bound to another volume: this one is free again if the controller had taken it. */
  private *unbind(volume: PersistentVolume): Routine<SyncResult> {
    if (volume.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined) return undefined;
    const { [BOUND_BY_CONTROLLER]: _, ...annotations } = volume.metadata.annotations;
    const { claimRef: __, ...spec } = volume.spec;
    const metadata = { ...volume.metadata, annotations };
    const written = yield* this.writeVolume({ ...volume, metadata, spec });
    return typeof written === 'string' ? written : undefined;
  }

  private *writeVolume(volume: PersistentVolume): Routine<PersistentVolume | string> {
    const written = yield* this.client.update(resources.persistentVolumes, volume);
    if (written instanceof Refusal) return written.message;
    this.volumes.observe(written);
    return written;
  }

  private *writeClaim(claim: PersistentVolumeClaim): Routine<PersistentVolumeClaim | string> {
    const written = yield* this.client.update(resources.persistentVolumeClaims, claim);
    if (written instanceof Refusal) return written.message;
    this.claims.observe(written);
    return written;
  }

  private *volumePhase(
    volume: PersistentVolume,
    phase: string,
    message?: string,
  ): Routine<string | undefined> {
    const changed = withVolumePhase(volume, phase, this.simulation.now, message);
    if (changed === volume) return undefined;
    const written = yield* this.client.updateStatus(resources.persistentVolumes, changed);
    if (written instanceof Refusal) return written.message;
    this.volumes.observe(written);
    return undefined;
  }

  private *claimPhase(
    claim: PersistentVolumeClaim,
    phase: string,
    volume: PersistentVolume | undefined,
  ): Routine<string | undefined> {
    const changed = withClaimPhase(claim, phase, volume);
    if (changed === claim) return undefined;
    const written = yield* this.client.updateStatus(resources.persistentVolumeClaims, changed);
    if (written instanceof Refusal) return written.message;
    this.claims.observe(written);
    return undefined;
  }
}
