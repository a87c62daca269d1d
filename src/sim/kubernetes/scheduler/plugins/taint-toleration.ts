// TaintToleration: NoSchedule and NoExecute taints keep out pods that do not tolerate them; PreferNoSchedule ones cost
// points.

import type { Taint } from '../../api/types/node.ts';
import type { Toleration } from '../../api/types/pod.ts';
import type { Plugin } from '../framework.ts';
import { normalizeTo100, unresolvable } from '../framework.ts';

const REFUSED = unresolvable('node(s) had untolerated taint(s)');

/** True where one of the tolerations matches the taint (core/v1 Toleration). */
export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some((toleration) => matchesTaint(toleration, taint));
}

/** True where a toleration matches a taint. */
export function matchesTaint(toleration: Toleration, taint: Taint): boolean {
  const { key = '', operator = 'Equal', value = '', effect = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return operator === 'Equal' && key !== '' && value === (taint.value ?? '');
}

export const taintToleration: Plugin = {
  name: 'TaintToleration',
  helpedBy: ['node taints'],
  weight: 3,
  prepare({ pod }) {
    const { tolerations } = pod.spec;
    return {
      filter({ node }) {
        const { taints } = node.spec ?? {};
        if (!taints) return undefined;
        const blocking = taints.some(
          (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint),
        );
        return blocking ? REFUSED : undefined;
      },
      score({ node }) {
        const { taints } = node.spec ?? {};
        if (!taints) return 0;
        const soft = taints.filter((taint) => taint.effect === 'PreferNoSchedule');
        return soft.filter((taint) => !tolerates(tolerations, taint)).length;
      },
      normalize: (scores) => normalizeTo100(scores, true),
    };
  },
};
