// Which volume suits a claim (k8s.io/component-helpers/storage/volume): one that is bound to it in advance, else among those
// with the closest access modes the smallest that is large enough. Pure.

import { compareQuantities } from '../../api/fields/quantity.ts';
import { selects } from '../../api/selectors.ts';
import type { PersistentVolumeClaim } from '../../api/types/apps.ts';
import type { Node } from '../../api/types/node.ts';
import type { PersistentVolume } from '../../api/types/storage.ts';
import { matchesNodeSelector } from '../../scheduler/plugins/node-affinity.ts';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** The storage class that an object names; empty: none. */
export function className(object: PersistentVolumeClaim | PersistentVolume): string {
  return object.metadata.annotations?.[CLASS_ANNOTATION] ?? object.spec.storageClassName ?? '';
}

function requested(claim: PersistentVolumeClaim): string {
  return claim.spec.resources?.requests?.storage ?? '0';
}

function capacity(volume: PersistentVolume): string {
  return volume.spec.capacity?.storage ?? '0';
}

/** Whether the volume names this claim, and not another of the same name. */
export function namesClaim(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = volume.spec.claimRef;
  const { namespace, name, uid } = claim.metadata;
  if (reference?.name !== name || reference?.namespace !== namespace) return false;
  return !reference?.uid || reference.uid === uid;
}

/** Why a volume that a claim asks for by name will not do; undefined: it will. */
export function mismatch(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): string | undefined {
  if (compareQuantities(capacity(volume), requested(claim)) < 0) return 'requested PV is too small';
  if (className(volume) !== className(claim)) return 'storageClassName does not match';
  if ((volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem'))
    return 'incompatible volumeMode';
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode';
}

function hasModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const offered = volume.spec.accessModes ?? [];
  return (claim.spec.accessModes ?? []).every((mode) => offered.includes(mode));
}

function reachable(volume: PersistentVolume, node: Node | undefined): boolean {
  const required = volume.spec.nodeAffinity?.required;
  return !node || !required || matchesNodeSelector(required, node);
}

/** What the search depends on beside the claim. */
export interface Search {
  /** Only volumes that this node reaches. */
  readonly node?: Node;
  /** The class waits for a first consumer: only a volume that was bound in advance will do. */
  readonly delayed?: boolean;
  /** Volumes that another claim of the same pod has taken. */
  readonly taken?: ReadonlySet<string>;
}

/** The volume to bind; undefined: none suits. */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  { node, delayed = false, taken }: Search = {},
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  const modes = (volume: PersistentVolume): number => (volume.spec.accessModes ?? []).length;
  const better = (volume: PersistentVolume, than: PersistentVolume): boolean =>
    modes(volume) - modes(than) < 0 ||
    (modes(volume) === modes(than) && compareQuantities(capacity(volume), capacity(than)) < 0);
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp || taken?.has(volume.metadata.name ?? '')) continue;
    if (!hasModes(volume, claim) || !reachable(volume, node)) continue;
    if (compareQuantities(capacity(volume), requested(claim)) < 0) continue;
    if ((volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem'))
      continue;
    if (namesClaim(volume, claim)) return volume;
    const free = !volume.spec.claimRef && volume.status?.phase === 'Available';
    if (delayed || !free || className(volume) !== className(claim)) continue;
    if (claim.spec.selector && !selects(claim.spec.selector, volume.metadata.labels)) continue;
    if (!best || better(volume, best)) best = volume;
  }
  return best;
}
