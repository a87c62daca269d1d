// Which nodes a daemon set's pod belongs on, and the pod as it is made for one of them: bound by affinity to the node's
// name and tolerant of what keeps other pods away.

import type { DaemonSet } from '../../api/types/apps.ts';
import type { Node } from '../../api/types/node.ts';
import type { NodeSelector, Pod, Toleration } from '../../api/types/pod.ts';
import { matchesNodeSelection } from '../../scheduler/plugins/node-affinity.ts';
import { tolerates } from '../../scheduler/plugins/taint-toleration.ts';
import { podFromTemplate } from '../pod-control.ts';
import { REVISION_LABEL } from '../revisions.ts';

const TOLERATED: readonly (readonly [string, string])[] = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
];

/** What a node means to a daemon set: a pod is to run there, and one that is there may stay. */
export interface NodeVerdict {
  readonly run: boolean;
  readonly stay: boolean;
}

/** The daemon set's tolerations with those that every daemon pod gets. */
export function daemonTolerations(set: DaemonSet): readonly Toleration[] {
  const { tolerations = [], hostNetwork } = set.spec.template.spec;
  const pairs = hostNetwork
    ? [...TOLERATED, ['node.kubernetes.io/network-unavailable', 'NoSchedule'] as const]
    : TOLERATED;
  const added = pairs
    .filter(
      ([key, effect]) =>
        !tolerations.some((t) => t.key === key && t.effect === effect && t.operator === 'Exists'),
    )
    .map(([key, effect]) => ({ key, operator: 'Exists', effect }));
  return [...tolerations, ...added];
}

/** nodeShouldRunDaemonPod. */
export function verdict(set: DaemonSet, node: Node): NodeVerdict {
  const pod: Pod = { kind: 'Pod', apiVersion: 'v1', metadata: {}, spec: set.spec.template.spec };
  const named = pod.spec.nodeName;
  if ((named && named !== node.metadata.name) || !matchesNodeSelection(pod, node))
    return { run: false, stay: false };
  const tolerations = daemonTolerations(set);
  const blocking = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint),
  );
  const evicting = blocking.some((taint) => taint.effect === 'NoExecute');
  return { run: blocking.length === 0, stay: !evicting };
}

/** The pod for one node. */
export function daemonPod(set: DaemonSet, node: string, hash: string): Pod {
  const pod = podFromTemplate(set.spec.template, {
    kind: 'DaemonSet',
    apiVersion: 'apps/v1',
    metadata: set.metadata,
  });
  const { affinity } = pod.spec;
  const byName = { key: 'metadata.name', operator: 'In', values: [node] };
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms: NodeSelector['nodeSelectorTerms'] = required
    ? required.nodeSelectorTerms.map((term) => ({ ...term, matchFields: [byName] }))
    : [{ matchFields: [byName] }];
  const nodeAffinity = {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
  };
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [REVISION_LABEL]: hash } },
    spec: {
      ...pod.spec,
      affinity: { ...affinity, nodeAffinity },
      tolerations: daemonTolerations(set),
    },
  };
}

/** The node that a daemon pod was made for. */
export function targetNode(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      ?.nodeSelectorTerms;
  for (const { matchFields = [] } of terms ?? []) {
    const field = matchFields.find(({ key }) => key === 'metadata.name');
    if (field) return field.values?.[0] ?? '';
  }
  return '';
}
