// A pod from a template: the template's labels, annotations and finalizers, the owner as controller, a generated name.

import type { KubeObject } from '../api/object.ts';
import type { Pod, PodTemplateSpec } from '../api/types/pod.ts';

/** Names longer than this are cut before the suffix is added (the apiserver's generateName). */
const LONGEST_PREFIX = 63 - 5;

/** Who a pod is made for. */
export interface PodOwner {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: KubeObject['metadata'];
}

/** The pod to POST; `name` replaces the generated one. */
export function podFromTemplate(template: PodTemplateSpec, owner: PodOwner, name?: string): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const { namespace, uid } = owner.metadata;
  const ownerName = owner.metadata.name ?? '';
  const prefix = `${ownerName}-`.slice(0, LONGEST_PREFIX);
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      ...(name === undefined ? { generateName: prefix } : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [
        {
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          name: ownerName,
          uid: uid ?? '',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: template.spec,
  };
}
