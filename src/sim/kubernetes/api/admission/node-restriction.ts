// NodeRestriction: a kubelet writes only its own node and its own pods, and no labels that mean isolation.

import type { Routine } from '../../../core/wait.ts';
import { nodeOf } from '../auth/node.ts';
import { type ApiError, apiErrors } from '../status.ts';
import type { Pod } from '../types/pod.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

const KUBELET_LABELS: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);

/** Labels under kubernetes.io that a kubelet may not give itself. */
function forbiddenLabels({ object, old }: Attributes): string[] {
  const before = old?.metadata.labels ?? {};
  const now = object?.metadata.labels ?? {};
  const changed = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (label) => before[label] !== now[label],
  );
  return changed.filter((label) => {
    const prefix = label.includes('/') ? label.slice(0, label.indexOf('/')) : '';
    const ours = /(^|\.)(kubernetes|k8s)\.io$/.test(prefix);
    if (prefix === 'node-restriction.kubernetes.io') return true;
    if (!ours || KUBELET_LABELS.has(label)) return false;
    return !/^(kubelet|node)\.kubernetes\.io$/.test(prefix);
  });
}

function* validate(attributes: Attributes): Routine<ApiError | undefined> {
  const { user, descriptor, operation, subresource, object, old, name } = attributes;
  const node = nodeOf(user);
  if (node === undefined) return undefined;
  const of = { group: descriptor.group, resource: descriptor.plural };
  if (descriptor.plural === 'nodes') {
    if (name !== node) {
      const verb = operation === 'CREATE' ? 'create' : 'modify';
      return apiErrors.forbidden(
        of,
        name,
        `node ${JSON.stringify(node)} is not allowed to ${verb} node ${JSON.stringify(name)}`,
      );
    }
    const labels = subresource === '' ? forbiddenLabels(attributes) : [];
    if (labels.length === 0) return undefined;
    const verb = operation === 'CREATE' ? 'set' : 'modify';
    return apiErrors.forbidden(
      of,
      name,
      `is not allowed to ${verb} labels: ${labels.sort().join(', ')}`,
    );
  }
  const pod = (old ?? object) as unknown as Pod | undefined;
  if (pod?.spec.nodeName === node) {
    if (operation !== 'CREATE' || subresource !== '') return undefined;
    if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return undefined;
    return apiErrors.forbidden(
      of,
      name,
      `pod does not have "kubernetes.io/config.mirror" annotation, node ${JSON.stringify(node)} can only create mirror pods`,
    );
  }
  return apiErrors.forbidden(
    of,
    name,
    `node ${JSON.stringify(node)} can only ${operation === 'DELETE' ? 'delete' : operation === 'CREATE' ? 'create' : 'update'} pods with spec.nodeName set to itself`,
  );
}

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  resources: new Set(['nodes', 'pods']),
  validate,
};
