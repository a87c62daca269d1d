// NodeUnschedulable: a cordoned node takes no pods but those that tolerate its taint.

import type { Plugin } from '../framework.ts';
import { unresolvable } from '../framework.ts';
import { tolerates } from './taint-toleration.ts';

const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const REFUSED = unresolvable('node(s) were unschedulable');

export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  helpedBy: ['node taints'],
  prepare({ pod }) {
    const tolerated = tolerates(pod.spec.tolerations, CORDON);
    if (tolerated) return undefined;
    return { filter: ({ node }) => (node.spec?.unschedulable ? REFUSED : undefined) };
  },
};
