// The claims of a stateful set's pods: made before their pod, and owned by the set or by a pod that is scaled away where
// persistentVolumeClaimRetentionPolicy says that they go with it.

import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import type { PersistentVolumeClaim, StatefulSet } from '../../api/types/apps.ts';
import type { OwnerReference } from '../../api/types/meta.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { claimsOf, inRange, KIND, ordinalOf } from './identity.ts';

/** What claims are looked up in and written with. */
export interface ClaimAccess {
  readonly client: ApiClient;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly events: EventRecorder;
}

/** Makes the claims of an ordinal that are missing; a text where one could not be made. */
export function* createClaims(
  { client, claims, events }: ClaimAccess,
  set: StatefulSet,
  ordinal: number,
): Routine<string | undefined> {
  const pod = `${set.metadata.name}-${ordinal}`;
  for (const [, claim] of claimsOf(set, ordinal)) {
    const known = claims.get(keyOf(claim));
    const { name } = claim.metadata;
    if (known?.metadata.deletionTimestamp) return `pvc ${name} is being deleted`;
    if (known) continue;
    const made = yield* client.create(resources.persistentVolumeClaims, claim);
    const about = `Claim ${name}`;
    if (made instanceof Refusal) {
      if (made.reason === 'AlreadyExists') continue;
      const failed = `Create ${about} for Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${made.message}`;
      events.event(set, 'Warning', 'FailedCreate', failed);
      return made.message;
    }
    claims.observe(made);
    const message = `Create ${about} Pod ${pod} in StatefulSet ${set.metadata.name} success`;
    events.event(set, 'Normal', 'SuccessfulCreate', message);
  }
  return undefined;
}

function wantedOwner(set: StatefulSet, pod: Pod): OwnerReference | undefined {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const rest = { controller: true, blockOwnerDeletion: true };
  const scaledAway = !inRange(set, ordinalOf(set, pod));
  if (whenScaled === 'Delete' && scaledAway) {
    const { name = '', uid = '' } = pod.metadata;
    return { apiVersion: 'v1', kind: 'Pod', name, uid, ...rest };
  }
  if (whenDeleted !== 'Delete') return undefined;
  const { name = '', uid = '' } = set.metadata;
  return { ...KIND, name, uid, ...rest };
}

/** Puts the owners on the claims of a pod that the retention policy asks for. */
export function* retainClaims(
  { client, claims }: ClaimAccess,
  set: StatefulSet,
  pod: Pod,
): Routine<string | undefined> {
  const owner = wantedOwner(set, pod);
  const ours = new Set([set.metadata.uid, pod.metadata.uid]);
  for (const [, { metadata }] of claimsOf(set, ordinalOf(set, pod))) {
    const claim = claims.get(keyOf({ metadata }));
    if (!claim) continue;
    const before = claim.metadata.ownerReferences ?? [];
    const others = before.filter(({ uid }) => !ours.has(uid));
    const foreign = others.some(({ controller }) => controller);
    const ownerReferences = owner && !foreign ? [...others, owner] : others;
    if (sameJson(ownerReferences, before)) continue;
    const changed = { ...claim, metadata: { ...claim.metadata, ownerReferences } };
    const updated = yield* client.update(resources.persistentVolumeClaims, changed);
    if (updated instanceof Refusal) return updated.message;
    claims.observe(updated);
  }
  return undefined;
}
