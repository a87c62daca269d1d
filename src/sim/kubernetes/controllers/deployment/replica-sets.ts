// The replica sets of a deployment: which is the new one, what revision each is, and the set to create for a template.

import { sameJson } from '../../api/object.ts';
import type { Deployment, ReplicaSet } from '../../api/types/apps.ts';
import type { PodTemplateSpec } from '../../api/types/pod.ts';
import { templateHash } from '../machinery/hash.ts';
import { milliseconds } from '../pods.ts';
import { mostReplicas } from './rolling.ts';

export const HASH_LABEL = 'pod-template-hash';
export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED = 'deployment.kubernetes.io/desired-replicas';
export const MOST = 'deployment.kubernetes.io/max-replicas';

/** Annotations of the deployment that its sets do not get. */
const OWN_ANNOTATIONS = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED,
  MOST,
  'deprecated.deployment.rollback.to',
]);

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** The oldest set whose template is the deployment's. */
export function findNewSet(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const wanted = withoutHash(deployment.spec.template);
  return [...sets]
    .sort(
      (a, b) =>
        milliseconds(a.metadata.creationTimestamp) - milliseconds(b.metadata.creationTimestamp),
    )
    .find((set) => sameJson(withoutHash(set.spec.template), wanted));
}

export function revisionOf(object: { readonly metadata: ReplicaSet['metadata'] }): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0);
}

/** Annotations that a new or current set is to have: the deployment's, its revision, its sizes. */
export function setAnnotations(
  deployment: Deployment,
  set: ReplicaSet | undefined,
  revision: number,
): Readonly<Record<string, string>> {
  const annotations: Record<string, string> = { ...set?.metadata.annotations };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!OWN_ANNOTATIONS.has(name)) annotations[name] = value;
  }
  const before = set ? revisionOf(set) : 0;
  if (before < revision) {
    annotations[REVISION] = String(revision);
    if (before > 0) {
      const history = annotations[REVISION_HISTORY];
      annotations[REVISION_HISTORY] = history ? `${history},${before}` : String(before);
    }
  }
  if (!set) {
    annotations[DESIRED] = String(deployment.spec.replicas ?? 1);
    annotations[MOST] = String(mostReplicas(deployment));
  }
  return annotations;
}

/** The set to create for the deployment's template. */
export function newReplicaSet(deployment: Deployment, revision: number, size: number): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const { namespace, name = '', uid } = deployment.metadata;
  return {
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: setAnnotations(deployment, undefined, revision),
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name,
          uid: uid ?? '',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      replicas: size,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
