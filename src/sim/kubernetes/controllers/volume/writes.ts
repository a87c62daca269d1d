// What binding writes onto volumes and claims. Pure; an object that needs no change is given back as it is.

import { rfc3339 } from '../../../core/time.ts';
import { sameJson } from '../../api/object.ts';
import type { PersistentVolumeClaim } from '../../api/types/apps.ts';
import type { PersistentVolume } from '../../api/types/storage.ts';

export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** The provisioner that made a volume, in an annotation of it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** Annotations that name the provisioner that is to make a volume. */
export const PROVISIONERS: readonly string[] = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
];

/** Whether the claim has been bound once. */
export function claimBound(claim: PersistentVolumeClaim): boolean {
  return claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

/** The volume with the claim's name in it. */
export function boundVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): PersistentVolume {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = claim.metadata;
  if (volume.spec.claimRef?.uid === uid) return volume;
  const claimRef = {
    kind: 'PersistentVolumeClaim',
    namespace,
    name,
    uid,
    apiVersion: 'v1',
    resourceVersion,
  };
  const reserved = volume.spec.claimRef !== undefined;
  const annotations = { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  return {
    ...volume,
    metadata: reserved ? volume.metadata : { ...volume.metadata, annotations },
    spec: { ...volume.spec, claimRef },
  };
}

/** The claim with the volume's name in it. */
export function boundClaim(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
): PersistentVolumeClaim {
  const volumeName = volume.metadata.name ?? '';
  if (claimBound(claim) && claim.spec.volumeName === volumeName) return claim;
  const annotations: Record<string, string> = {
    ...claim.metadata.annotations,
    [BIND_COMPLETED]: 'yes',
  };
  if (!claim.spec.volumeName) annotations[BOUND_BY_CONTROLLER] = 'yes';
  return {
    ...claim,
    metadata: { ...claim.metadata, annotations },
    spec: { ...claim.spec, volumeName },
  };
}

/** The volume in a phase. */
export function withVolumePhase(
  volume: PersistentVolume,
  phase: string,
  now: number,
  message?: string,
): PersistentVolume {
  if (volume.status?.phase === phase) return volume;
  const said = message === undefined ? {} : { message };
  return { ...volume, status: { phase, ...said, lastPhaseTransitionTime: rfc3339(now) } };
}

/** The claim in a phase, with what its volume offers. */
export function withClaimPhase(
  claim: PersistentVolumeClaim,
  phase: string,
  volume: PersistentVolume | undefined,
): PersistentVolumeClaim {
  const { accessModes: _, capacity: __, ...rest } = claim.status ?? {};
  const offered = volume
    ? { accessModes: volume.spec.accessModes ?? [], capacity: volume.spec.capacity ?? {} }
    : {};
  const status = { ...rest, phase, ...offered };
  return sameJson(status, claim.status) ? claim : { ...claim, status };
}
