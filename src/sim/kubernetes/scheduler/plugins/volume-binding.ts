// VolumeBinding: claims must exist and be bound (or wait for this very decision), and a bound volume may be reachable
// from some nodes only.

import type { Plugin, PodRejection, Rejection } from '../framework.ts';
import { unresolvable } from '../framework.ts';
import type { PersistentVolume } from '../volumes.ts';
import { matchesNodeSelector } from './node-affinity.ts';

const CONFLICT: Rejection = unresolvable("node(s) didn't match PersistentVolume's node affinity");
const UNBOUND: PodRejection = {
  message: 'pod has unbound immediate PersistentVolumeClaims',
  resolvable: false,
};

/** The names of the claims that a pod's volumes use, with those that ephemeral volumes make. */
function claimNames(pod: {
  metadata: { name?: string };
  spec: { volumes?: readonly unknown[] };
}): string[] {
  const names: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const { name, persistentVolumeClaim, ephemeral } = volume as {
      name: string;
      persistentVolumeClaim?: { claimName: string };
      ephemeral?: unknown;
    };
    if (persistentVolumeClaim) names.push(persistentVolumeClaim.claimName);
    else if (ephemeral) names.push(`${pod.metadata.name}-${name}`);
  }
  return names;
}

export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  prepare({ pod }, cluster) {
    const names = claimNames(pod);
    if (names.length === 0) return undefined;
    const volumes: PersistentVolume[] = [];
    for (const name of names) {
      const claim = cluster.claim(pod.metadata.namespace ?? '', name);
      if (!claim)
        return { message: `persistentvolumeclaim "${name}" not found`, resolvable: false };
      if (claim.metadata.deletionTimestamp) {
        return { message: `persistentvolumeclaim "${name}" is being deleted`, resolvable: false };
      }
      const volume = claim.spec.volumeName ? cluster.volume(claim.spec.volumeName) : undefined;
      if (volume) volumes.push(volume);
      else if (!waitsForConsumer(cluster.storageClass(claim.spec.storageClassName ?? '')))
        return UNBOUND;
    }
    return {
      filter({ node }) {
        const apart = volumes.some((volume) => {
          const required = volume.spec?.nodeAffinity?.required;
          return required !== undefined && !matchesNodeSelector(required, node);
        });
        return apart ? CONFLICT : undefined;
      },
    };
  },
};

function waitsForConsumer(storageClass: { volumeBindingMode?: string } | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}
