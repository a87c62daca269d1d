// What a stateful set's pods are called and made of: a name with an ordinal, claims of their own, the revision of the
// template that they came from.

import type {
  ControllerRevision,
  PersistentVolumeClaim,
  StatefulSet,
} from '../../api/types/apps.ts';
import type { Pod, PodTemplateSpec } from '../../api/types/pod.ts';
import { podFromTemplate } from '../pod-control.ts';
import { REVISION_LABEL } from '../revisions.ts';

export const KIND = { kind: 'StatefulSet', apiVersion: 'apps/v1' };
const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

/** The ordinal at the end of a pod's name; -1 where the name is not one of the set's. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const prefix = `${set.metadata.name}-`;
  const name = pod.metadata.name ?? '';
  const rest = name.slice(prefix.length);
  return name.startsWith(prefix) && /^\d+$/.test(rest) ? Number(rest) : -1;
}

export function startOrdinal(set: StatefulSet): number {
  return set.spec.ordinals?.start ?? 0;
}

/** Whether the ordinal is one that the set asks for. */
export function inRange(set: StatefulSet, ordinal: number): boolean {
  const start = startOrdinal(set);
  return ordinal >= start && ordinal < start + (set.spec.replicas ?? 1);
}

/** The name of the revision that a pod was made from. */
export function podRevision(pod: Pod): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? '';
}

/** The template that a revision holds. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { spec } = revision.data as { spec: { template: PodTemplateSpec & { $patch?: string } } };
  const { $patch: _, ...template } = spec.template;
  return template as PodTemplateSpec;
}

/** The claims of the pod with an ordinal, by the names of their templates. */
export function claimsOf(
  set: StatefulSet,
  ordinal: number,
): readonly (readonly [string, PersistentVolumeClaim])[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const labels = { ...template.metadata.labels, ...set.spec.selector.matchLabels };
    const claim: PersistentVolumeClaim = {
      ...template,
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      metadata: {
        ...template.metadata,
        name: `${template.metadata.name}-${set.metadata.name}-${ordinal}`,
        namespace: set.metadata.namespace ?? '',
        labels,
      },
    };
    return [template.metadata.name ?? '', claim] as const;
  });
}

/** The pod for an ordinal, from a revision of the template. */
export function statefulPod(set: StatefulSet, revision: ControllerRevision, ordinal: number): Pod {
  const { metadata } = set;
  const name = `${metadata.name}-${ordinal}`;
  const pod = podFromTemplate(templateOf(revision), { ...KIND, metadata }, name);
  const claims = claimsOf(set, ordinal).map(([volume, claim]) => ({
    name: volume,
    persistentVolumeClaim: { claimName: claim.metadata.name ?? '' },
  }));
  const replaced = new Set(claims.map((volume) => volume.name));
  const volumes = [
    ...claims,
    ...(pod.spec.volumes ?? []).filter((volume) => !replaced.has(volume.name)),
  ];
  const { serviceName } = set.spec;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: `${metadata.name}-`,
      labels: {
        ...pod.metadata.labels,
        [POD_INDEX]: String(ordinal),
        [REVISION_LABEL]: revision.metadata.name ?? '',
        [POD_NAME]: name,
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(serviceName ? { subdomain: serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}
