// The phase of a pod from the statuses of its containers (getPhase). Pure.

import type { Container } from '../api/types/container.ts';
import type { ContainerStatus, PodSpec } from '../api/types/pod.ts';
import { isSidecar, restartsAfter } from './restart-policy.ts';

/** How a container that has ended, or waits to run again, ended last; undefined where it never did. */
function lastExit({ state, lastState }: ContainerStatus): number | undefined {
  if (state?.terminated) return state.terminated.exitCode;
  return state?.waiting ? lastState?.terminated?.exitCode : undefined;
}

interface InitTally {
  /** Regular init containers that still have to do their part. */
  readonly pending: number;
  readonly failedForGood: boolean;
  readonly pendingSidecars: number;
}

function tallyInit(
  spec: PodSpec,
  statusOf: (container: Container) => ContainerStatus | undefined,
): InitTally {
  let pending = 0;
  let failedForGood = false;
  let pendingSidecars = 0;
  for (const container of spec.initContainers ?? []) {
    const status = statusOf(container);
    const code = status && lastExit(status);
    if (isSidecar(container)) {
      if (status?.state?.running ? !status.started : code === undefined) pendingSidecars++;
    } else if (code === undefined) pending++;
    else if (code !== 0 && !restartsAfter(container, spec.restartPolicy, code))
      failedForGood = true;
  }
  return { pending, failedForGood, pendingSidecars };
}

/** What is asked about a phase beside the statuses. */
export interface PhaseFacts {
  /** The containers have ended and none will be started again. */
  readonly ended: boolean;
  /** A container of the pod's own runs or has been made. */
  readonly begun: boolean;
}

/** Pending, Running, Succeeded or Failed. */
export function phaseOf(
  spec: PodSpec,
  statuses: readonly ContainerStatus[],
  { ended, begun }: PhaseFacts,
): string {
  const statusOf = ({ name }: Container): ContainerStatus | undefined =>
    statuses.find((status) => status.name === name);
  const init = tallyInit(spec, statusOf);
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  let running = sidecars.filter((one) => statusOf(one)?.state?.running).length;
  let waiting = sidecars.filter((one) => {
    const status = statusOf(one);
    return status?.state?.waiting && lastExit(status) === undefined;
  }).length;
  let stopped = 0;
  let succeeded = 0;
  let final = 0;
  for (const container of spec.containers) {
    const status = statusOf(container);
    const code = status && lastExit(status);
    if (status?.state?.running) running++;
    else if (code === undefined) waiting++;
    else {
      stopped++;
      if (status?.state?.terminated && code === 0) succeeded++;
      if (!restartsAfter(container, spec.restartPolicy, code)) final++;
    }
  }
  if (init.failedForGood) return 'Failed';
  if (init.pending > 0 || (init.pendingSidecars > 0 && !begun) || waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  if (!ended && final !== stopped) return 'Running';
  return stopped === succeeded ? 'Succeeded' : 'Failed';
}
