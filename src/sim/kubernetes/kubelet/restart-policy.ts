// Whether a container that has ended is started again (pod/util's ContainerShouldRestart): by the pod's restartPolicy, or by
// the container's own with its rules for exit codes.

import type { Container, ContainerRestartRule } from '../api/types/container.ts';
import type { Observed } from './cri.ts';

/** An init container that runs beside the others (a sidecar). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

function ruleMatches({ exitCodes }: ContainerRestartRule, exitCode: number): boolean {
  const { operator, values = [] } = exitCodes ?? {};
  if (operator === 'In') return values.includes(exitCode);
  return operator === 'NotIn' && !values.includes(exitCode);
}

/** Whether a container that ended with `exitCode` is started again. */
export function restartsAfter(
  container: Container,
  ofPod: string | undefined,
  exitCode: number,
): boolean {
  const rules = container.restartPolicy === undefined ? [] : (container.restartPolicyRules ?? []);
  if (rules.some((rule) => ruleMatches(rule, exitCode))) return true;
  const policy = container.restartPolicy ?? ofPod ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** Whether a container that does not run is to be started, for the first time or again. */
export function shouldStart(
  container: Container,
  status: Observed | undefined,
  ofPod: string | undefined,
): boolean {
  if (!status) return true;
  if (status.state === 'CONTAINER_RUNNING') return false;
  if (status.state !== 'CONTAINER_EXITED') return true;
  return restartsAfter(container, ofPod, status.exitCode);
}
