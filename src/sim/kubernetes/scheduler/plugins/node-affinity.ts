// NodeAffinity: nodeSelector and required node affinity keep nodes out, preferred terms give points.

import type { Node } from '../../api/types/node.ts';
import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
} from '../../api/types/pod.ts';
import type { Plugin } from '../framework.ts';
import { normalizeTo100, unresolvable } from '../framework.ts';

const REFUSED = unresolvable("node(s) didn't match Pod's node affinity/selector");

/** True where a node meets the pod's nodeSelector and required node affinity. */
export function matchesNodeSelection(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const { nodeSelector = {}, affinity } = pod.spec;
  for (const name in nodeSelector) if (labels[name] !== nodeSelector[name]) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** True where one of the terms matches (core/v1 NodeSelector: terms are ORed). */
export function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((expression) => holds(expression, labels[expression.key])) &&
    matchFields.every((field) =>
      holds(field, field.key === 'metadata.name' ? node.metadata.name : undefined),
    )
  );
}

function holds(
  { operator, values = [] }: NodeSelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  helpedBy: ['node labels'],
  weight: 2,
  prepare({ pod }) {
    const affinity = pod.spec.affinity?.nodeAffinity;
    const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const filters = pod.spec.nodeSelector !== undefined || required !== undefined;
    if (!filters && preferred.length === 0) return undefined;
    return {
      filter: ({ node }) => (matchesNodeSelection(pod, node) ? undefined : REFUSED),
      score: ({ node }) =>
        preferred.reduce(
          (sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0),
          0,
        ),
      normalize: (scores) => normalizeTo100(scores),
    };
  },
};
