// The columns of pods: what STATUS, READY and RESTARTS say.

import { timeText } from '../clock.ts';
import type { Cell, TableForm } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import type { ContainerStatus, Pod } from '../types/pod.ts';
import { ageText } from './ages.ts';

const NONE = '<none>';

interface Summary {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
  readonly restarts: number;
  readonly lastRestart: string;
}

/** A container that runs for the pod's whole life although it is an init container. */
function isSidecar(pod: Pod, index: number): boolean {
  return pod.spec.initContainers?.[index]?.restartPolicy === 'Always';
}

function later(a: string, b: string | null | undefined): string {
  return b && b > a ? b : a;
}

/** What the STATUS column says of a pod, with the counts beside it. */
export function summarizePod(pod: Pod): Summary {
  const status = pod.status ?? {};
  const init = summarizeInit(pod);
  let { restarts, lastRestart } = init;
  let ready = init.ready;
  let reason = status.reason ?? status.phase ?? '';
  if ((status.conditions ?? []).some(isGated)) reason = 'SchedulingGated';
  if (init.reason !== undefined) reason = init.reason;
  if (init.reason === undefined || isInitialized(pod)) {
    restarts = init.sidecarRestarts;
    lastRestart = init.lastSidecarRestart;
    let running = false;
    let errorReason = '';
    const containers = status.containerStatuses ?? [];
    for (let i = containers.length - 1; i >= 0; i--) {
      const container = containers[i] as ContainerStatus;
      restarts += container.restartCount;
      lastRestart = later(lastRestart, container.lastState?.terminated?.finishedAt);
      reason = stateReason(container) ?? reason;
      if ((container.state?.terminated?.exitCode ?? 0) !== 0) errorReason = reason;
      if (container.ready && container.state?.running) {
        running = true;
        ready++;
      }
    }
    if (reason === 'Completed') {
      if (running && isReady(pod)) reason = 'Running';
      else if (errorReason !== '') reason = errorReason;
      else if (running) reason = 'NotReady';
    }
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') reason = 'Unknown';
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') reason = 'Terminating';
  }
  const total = (pod.spec.containers ?? []).length + init.sidecars;
  return { ready, total, reason, restarts, lastRestart };
}

function isGated(condition: { type: string; reason?: string }): boolean {
  return condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated';
}

function isInitialized(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Initialized' && status === 'True',
  );
}

function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
}

function stateReason({ state }: ContainerStatus): string | undefined {
  const waiting = state?.waiting?.reason;
  if (waiting !== undefined && waiting !== '') return waiting;
  const ended = state?.terminated;
  if (!ended) return undefined;
  if (ended.reason) return ended.reason;
  return (ended.signal ?? 0) !== 0 ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`;
}

interface InitSummary {
  readonly reason: string | undefined;
  readonly ready: number;
  readonly restarts: number;
  readonly lastRestart: string;
  readonly sidecars: number;
  readonly sidecarRestarts: number;
  readonly lastSidecarRestart: string;
}

function summarizeInit(pod: Pod): InitSummary {
  const containers = pod.status?.initContainerStatuses ?? [];
  const count = (pod.spec.initContainers ?? []).length;
  const sidecars = (pod.spec.initContainers ?? []).filter((_, i) => isSidecar(pod, i)).length;
  let restarts = 0;
  let lastRestart = '';
  let sidecarRestarts = 0;
  let lastSidecarRestart = '';
  let ready = 0;
  let reason: string | undefined;
  for (const [i, container] of containers.entries()) {
    const finished = container.lastState?.terminated?.finishedAt;
    restarts += container.restartCount;
    lastRestart = later(lastRestart, finished);
    const sidecar = isSidecar(pod, i);
    if (sidecar) {
      sidecarRestarts += container.restartCount;
      lastSidecarRestart = later(lastSidecarRestart, finished);
    }
    const ended = container.state?.terminated;
    if (ended?.exitCode === 0) continue;
    if (sidecar && container.started) {
      if (container.ready) ready++;
      continue;
    }
    const state = stateReason(container);
    if (ended) reason = `Init:${state ?? ''}`;
    else if (state !== undefined && state !== 'PodInitializing') reason = `Init:${state}`;
    else reason = `Init:${i}/${count}`;
    break;
  }
  return { reason, ready, restarts, lastRestart, sidecars, sidecarRestarts, lastSidecarRestart };
}

function restartsCell({ restarts, lastRestart }: Summary, now: string): string {
  if (restarts === 0 || lastRestart === '') return String(restarts);
  return `${restarts} (${ageText(lastRestart, now)} ago)`;
}

function cells(object: KubeObject, nanoseconds: number): readonly Cell[] {
  const pod = object as unknown as Pod;
  const now = timeText(nanoseconds);
  const summary = summarizePod(pod);
  const gates = pod.spec.readinessGates ?? [];
  const passed = gates.filter((gate) =>
    (pod.status?.conditions ?? []).some(
      ({ type, status }) => type === gate.conditionType && status === 'True',
    ),
  );
  return [
    pod.metadata.name ?? '',
    `${summary.ready}/${summary.total}`,
    summary.reason,
    restartsCell(summary, now),
    ageText(pod.metadata.creationTimestamp, now),
    pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? NONE,
    pod.spec.nodeName ?? NONE,
    pod.status?.nominatedNodeName ?? NONE,
    gates.length === 0 ? NONE : `${passed.length}/${gates.length}`,
  ];
}

/** A pod that has ended: kubectl's --sort and describe read it. */
function conditions(object: KubeObject): readonly object[] {
  const pod = object as unknown as Pod;
  if (pod.status?.phase === 'Succeeded') {
    return [
      {
        type: 'Completed',
        status: 'True',
        reason: 'Succeeded',
        message: 'The pod has completed successfully.',
      },
    ];
  }
  if (pod.status?.phase !== 'Failed') return [];
  return [
    {
      type: 'Completed',
      status: 'True',
      reason: 'Failed',
      message: 'The pod failed.',
    },
  ];
}

export const podTable: TableForm = {
  columns: [
    { name: 'Name', format: 'name' },
    { name: 'Ready' },
    { name: 'Status' },
    { name: 'Restarts' },
    { name: 'Age' },
    { name: 'IP', priority: 1 },
    { name: 'Node', priority: 1 },
    { name: 'Nominated Node', priority: 1 },
    { name: 'Readiness Gates', priority: 1 },
  ],
  cells,
  conditions,
};
