// Which pods of a node kubectl drain may evict, and what it says of the others (kubectl's drain.PodFilter chain).

import type { Routine } from '../../../core/wait.ts';
import type { Call } from '../command.ts';
import { Failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';

/** What becomes of one pod. */
export interface Verdict {
  readonly pod: KubeObject;
  readonly evict: boolean;
  readonly kind?: 'warning' | 'error';
  readonly message?: string;
}

const MIRROR = 'kubernetes.io/config.mirror';

/** Reads the node's pods and judges each. */
export function* podsToEvict(call: Call, node: string): Routine<Verdict[]> {
  const client = yield* call.client();
  const list = yield* client.call('GET', '/api/v1/pods', {
    query: {
      fieldSelector: `spec.nodeName=${node}`,
      labelSelector: call.values.text('pod-selector'),
      limit: call.values.text('chunk-size'),
    },
  });
  const verdicts: Verdict[] = [];
  for (const pod of (list.items ?? []) as KubeObject[]) verdicts.push(yield* judge(call, pod));
  return verdicts;
}

function* judge(call: Call, pod: KubeObject): Routine<Verdict> {
  const { values } = call;
  const { phase } = (pod.status ?? {}) as { phase?: string };
  const ended = phase === 'Succeeded' || phase === 'Failed';
  const owners = (pod.metadata?.ownerReferences ?? []) as {
    controller?: boolean;
    kind: string;
    apiVersion: string;
    name: string;
  }[];
  const owner = owners.find(({ controller }) => controller);
  if (owner?.kind === 'DaemonSet' && owner.apiVersion === 'apps/v1' && !ended) {
    const missing = yield* missingDaemonSet(call, pod.metadata?.namespace ?? '', owner.name);
    if (missing !== '' && !values.is('force')) return refused(pod, missing);
    if (missing === '' && !values.is('ignore-daemonsets'))
      return refused(pod, 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)');
    if (missing === '')
      return { pod, evict: false, kind: 'warning', message: 'ignoring DaemonSet-managed Pods' };
  }
  if (pod.metadata?.annotations?.[MIRROR] !== undefined) return { pod, evict: false };
  const { volumes = [] } = (pod.spec ?? {}) as { volumes?: { emptyDir?: object }[] };
  if (volumes.some(({ emptyDir }) => emptyDir) && !ended) {
    if (!values.is('delete-emptydir-data'))
      return refused(pod, 'Pods with local storage (use --delete-emptydir-data to override)');
  }
  // The last filter's word is what stays: it silences the warnings of those before.
  if (ended || owner) return { pod, evict: true };
  if (!values.is('force'))
    return refused(pod, 'Pods that declare no controller (use --force to override)');
  return {
    pod,
    evict: true,
    kind: 'warning',
    message: 'deleting Pods that declare no controller',
  };
}

function refused(pod: KubeObject, message: string): Verdict {
  return { pod, evict: false, kind: 'error', message };
}

function* missingDaemonSet(call: Call, namespace: string, name: string): Routine<string> {
  const client = yield* call.client();
  try {
    yield* client.call('GET', `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`);
    return '';
  } catch (error) {
    if (error instanceof Failure && error.status) return error.status.message ?? '';
    throw error;
  }
}

function byMessage(verdicts: readonly Verdict[], kind: Verdict['kind']): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { pod, kind: is, message = '' } of verdicts) {
    if (is !== kind) continue;
    const names = groups.get(message) ?? [];
    names.push(`${pod.metadata?.namespace ?? ''}/${pod.metadata?.name ?? ''}`);
    groups.set(message, names);
  }
  return groups;
}

/** `cannot delete …: kube-system/a, default/b`, a line for each reason. */
export function errorsOf(verdicts: readonly Verdict[]): string[] {
  return Array.from(
    byMessage(verdicts, 'error'),
    ([message, names]) => `cannot delete ${message}: ${names.join(', ')}`,
  );
}

/** The warnings in one line. */
export function warningsOf(verdicts: readonly Verdict[]): string {
  return Array.from(
    byMessage(verdicts, 'warning'),
    ([message, names]) => `${message}: ${names.join(', ')}`,
  ).join('; ');
}
