// VolumeBinding: claims must exist and be bound (or wait for this very decision: then a volume that the node reaches must be
// free, or its class must have a provisioner), and a bound volume may be reachable from some nodes only.

import { className, findVolume } from '../../controllers/volume/match.ts';
import type { Cluster, Plugin, PodRejection, Rejection } from '../framework.ts';
import { rejection, unresolvable } from '../framework.ts';
import type { NodeInfo, PodInfo } from '../node-info.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../volumes.ts';
import { matchesNodeSelector } from './node-affinity.ts';

const CONFLICT: Rejection = unresolvable("node(s) didn't match PersistentVolume's node affinity");
const NOTHING_FREE: Rejection = unresolvable(
  "node(s) didn't find available persistent volumes to bind",
);
const VOLUME_GONE: Rejection = unresolvable(
  'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
);
const UNBOUND: PodRejection = {
  message: 'pod has unbound immediate PersistentVolumeClaims',
  resolvable: false,
};

/** The names of the claims that a pod's volumes use, with those that ephemeral volumes make. */
export function claimNames(pod: PodInfo['pod']): string[] {
  const names: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const { name, persistentVolumeClaim, ephemeral } = volume;
    if (persistentVolumeClaim) names.push(persistentVolumeClaim.claimName);
    else if (ephemeral) names.push(`${pod.metadata.name}-${name}`);
  }
  return names;
}

/** The claims of a pod: those with a volume, and those that wait for a node. */
interface Claims {
  readonly bound: readonly PersistentVolumeClaim[];
  readonly waiting: readonly PersistentVolumeClaim[];
}

function claimsOf(pod: PodInfo['pod'], cluster: Cluster): Claims | PodRejection {
  const bound: PersistentVolumeClaim[] = [];
  const waiting: PersistentVolumeClaim[] = [];
  for (const name of claimNames(pod)) {
    const claim = cluster.claim(pod.metadata.namespace ?? '', name);
    const refuse = (what: string): PodRejection => ({
      message: `persistentvolumeclaim "${name}" ${what}`,
      resolvable: false,
    });
    const isEphemeral = pod.spec.volumes?.some(
      (one) => one.ephemeral && name.endsWith(`-${one.name}`),
    );
    if (!claim && isEphemeral) {
      const message = `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`;
      return { message, resolvable: false };
    }
    if (!claim) return refuse('not found');
    if (claim.metadata.deletionTimestamp) return refuse('is being deleted');
    if (claim.status?.phase === 'Lost')
      return refuse(`bound to non-existent persistentvolume "${claim.spec.volumeName}"`);
    if (claim.spec.volumeName) bound.push(claim);
    else if (waitsForConsumer(cluster.storageClass(className(claim)))) waiting.push(claim);
    else return UNBOUND;
  }
  return { bound, waiting };
}

/** What a waiting claim gets on a node: a free volume, or one that its provisioner makes there. */
export interface VolumeDecision {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume | undefined;
}

/** Decides for all waiting claims of a pod; undefined: the node cannot serve one of them. */
function decide(
  waiting: readonly PersistentVolumeClaim[],
  { node }: NodeInfo,
  cluster: Cluster,
): readonly VolumeDecision[] | undefined {
  const taken = new Set<string>();
  const decisions: VolumeDecision[] = [];
  for (const claim of waiting) {
    const volume = findVolume(claim, cluster.volumes(), { node, taken });
    if (volume) taken.add(volume.metadata.name ?? '');
    const { provisioner } = cluster.storageClass(className(claim)) ?? {};
    if (!volume && provisioner === 'kubernetes.io/no-provisioner') return undefined;
    decisions.push({ claim, volume });
  }
  return decisions;
}

/** What is to be written before a pod is bound to a node; empty where all its claims have volumes. */
export function volumeDecisions(
  pod: PodInfo['pod'],
  node: NodeInfo,
  cluster: Cluster,
): readonly VolumeDecision[] {
  if (!pod.spec.volumes) return [];
  const claims = claimsOf(pod, cluster);
  return 'message' in claims ? [] : (decide(claims.waiting, node, cluster) ?? []);
}

export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  helpedBy: ['storage', 'node labels'],
  prepare({ pod }, cluster) {
    if (!pod.spec.volumes) return undefined;
    const claims = claimsOf(pod, cluster);
    if ('message' in claims) return claims;
    const { bound, waiting } = claims;
    if (bound.length === 0 && waiting.length === 0) return undefined;
    return {
      filter(info) {
        for (const claim of bound) {
          const volume = cluster.volume(claim.spec.volumeName ?? '');
          if (!volume) return VOLUME_GONE;
          const required = volume.spec.nodeAffinity?.required;
          if (required && !matchesNodeSelector(required, info.node)) return CONFLICT;
        }
        return decide(waiting, info, cluster) ? undefined : NOTHING_FREE;
      },
    };
  },
};

function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

const IN_USE: Rejection = rejection(
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
);

/** VolumeRestrictions: a claim with ReadWriteOncePod is for one pod. */
export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  helpedBy: ['storage', 'pod gone'],
  prepare({ pod }, cluster) {
    if (!pod.spec.volumes) return undefined;
    const { namespace = '' } = pod.metadata;
    const alone = claimNames(pod).filter((name) =>
      cluster.claim(namespace, name)?.spec.accessModes?.includes('ReadWriteOncePod'),
    );
    if (alone.length === 0) return undefined;
    const uses = (other: PodInfo): boolean =>
      other.pod.metadata.namespace === namespace &&
      claimNames(other.pod).some((name) => alone.includes(name));
    return { filter: (info) => ([...info.pods.values()].some(uses) ? IN_USE : undefined) };
  },
};
