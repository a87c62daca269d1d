// podFailurePolicy: what a failed pod means for its job, by exit codes and by the pod's conditions.

import type { Job } from '../../api/types/batch.ts';
import type { Pod } from '../../api/types/pod.ts';

/** The first rule that matches, as an action with the message that the job's condition gets. */
export interface FailureVerdict {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  readonly message: string;
}

/** Applies the job's rules to a failed pod; undefined: no rule matches, and the failure counts. */
export function failureVerdict(job: Job, pod: Pod): FailureVerdict | undefined {
  for (const [i, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const action = rule.action as FailureVerdict['action'];
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (rule.onExitCodes) {
      const found = exitCodeMatch(rule.onExitCodes, pod);
      if (found) {
        const message = `Container ${found.name} for pod ${key} failed with exit code ${found.code} matching ${action} rule at index ${i}`;
        return { action, message };
      }
      continue;
    }
    for (const pattern of rule.onPodConditions ?? []) {
      const condition = pod.status?.conditions?.find(({ type }) => type === pattern.type);
      if (condition?.status !== (pattern.status ?? 'True')) continue;
      return {
        action,
        message: `Pod ${key} has condition ${pattern.type} matching ${action} rule at index ${i}`,
      };
    }
  }
  return undefined;
}

function exitCodeMatch(
  rule: {
    readonly containerName?: string;
    readonly operator: string;
    readonly values: readonly number[];
  },
  pod: Pod,
): { readonly name: string; readonly code: number } | undefined {
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ];
  for (const { name, state } of statuses) {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (rule.containerName && rule.containerName !== name)) continue;
    if (rule.values.includes(code) === (rule.operator === 'In')) return { name, code };
  }
  return undefined;
}
