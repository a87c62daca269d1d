// The scopes of quotas: which pods one counts. Objects of other kinds count only where a quota has no scopes.

import type { KubeObject } from '../object.ts';
import type { ResourceQuota } from '../types/config.ts';
import type { Pod } from '../types/pod.ts';
import { qosClass } from './qos.ts';

function matchesScope(scope: string, pod: Pod): boolean {
  const besteffort = qosClass(pod.spec) === 'BestEffort';
  const terminating = pod.spec.activeDeadlineSeconds !== undefined;
  switch (scope) {
    case 'BestEffort':
      return besteffort;
    case 'NotBestEffort':
      return !besteffort;
    case 'Terminating':
      return terminating;
    case 'NotTerminating':
      return !terminating;
    default:
      return true;
  }
}

/** Whether an object of a kind is one that the quota is about. */
export function quotaCovers(
  quota: ResourceQuota,
  kind: { readonly group: string; readonly plural: string },
  object: KubeObject,
): boolean {
  const pods = kind.plural === 'pods' && kind.group === '';
  const pod = object as unknown as Pod;
  const scopes = quota.spec.scopes ?? [];
  if (!pods && (scopes.length > 0 || quota.spec.scopeSelector)) return false;
  if (!pods) return true;
  if (!scopes.every((scope) => matchesScope(scope, pod))) return false;
  return (quota.spec.scopeSelector?.matchExpressions ?? []).every((expression) => {
    if (expression.scopeName !== 'PriorityClass') return matchesScope(expression.scopeName, pod);
    const name = pod.spec.priorityClassName ?? '';
    const values = expression.values ?? [];
    if (expression.operator === 'In') return values.includes(name);
    if (expression.operator === 'NotIn') return !values.includes(name);
    return (name !== '') === (expression.operator === 'Exists');
  });
}
