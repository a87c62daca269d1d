// Ending containers (kuberuntime's killContainer): the preStop hook within the grace period, then the stop signal, then
// KILL. Sidecars wait until the pod's own containers have ended, the last one first.

import { SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import type { KillOrder } from './actions.ts';
import { containerSubject, type KubeletContext } from './context.ts';
import type { PodObservation } from './cri.ts';
import { runHook } from './handlers.ts';
import { isSidecar } from './restart-policy.ts';

/** Seconds that every container gets, whatever was asked for. */
const MINIMUM_GRACE = 2;
const DEFAULT_GRACE = 30;

/** Seconds that a container gets: a probe that failed may have its own. */
function graceOf(
  { metadata, spec }: Pod,
  container: Container,
  reason: KillOrder['reason'],
): number {
  if (metadata.deletionGracePeriodSeconds !== undefined) return metadata.deletionGracePeriodSeconds;
  const { startupProbe, livenessProbe } = container;
  const probe =
    reason === 'startup' ? startupProbe : reason === 'liveness' ? livenessProbe : undefined;
  return (
    probe?.terminationGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE
  );
}

/** Names of the containers that have to end before a sidecar may. */
function before({ spec }: Pod, container: Container): string[] {
  const { initContainers = [], containers } = spec;
  if (!initContainers.includes(container) || !isSidecar(container)) return [];
  const later = initContainers.slice(initContainers.indexOf(container) + 1).filter(isSidecar);
  return [...containers, ...later].map(({ name }) => name);
}

/** How one container is to be ended. */
export interface KillRequest {
  readonly container: Container;
  readonly id: string;
  readonly ip: string;
  /** The event's text. */
  readonly message?: string;
  readonly reason?: KillOrder['reason'];
  /** Seconds, in place of the pod's. */
  readonly grace?: number | undefined;
  /** Waits for the container's turn, at most until a time. */
  readonly turn?: (until: number) => Routine<boolean>;
}

/** Ends one container. */
export function* killContainer(
  context: KubeletContext,
  pod: Pod,
  request: KillRequest,
): Routine<void> {
  const { container, id, ip, reason } = request;
  const { recorder, simulation, cri } = context;
  const about = containerSubject(pod, container.name);
  recorder.event(
    about,
    'Normal',
    'Killing',
    request.message ?? `Stopping container ${container.name}`,
  );
  const grace = request.grace ?? graceOf(pod, container, reason);
  let left = grace;
  const passed = (begun: number): number => Math.floor((simulation.now - begun) / SECOND);
  const hook = container.lifecycle?.preStop;
  if (hook && grace > 0) {
    const begun = simulation.now;
    const failed = yield* within(
      context,
      grace * SECOND,
      runHook(context, pod, container, id, ip, hook),
    );
    if (failed !== undefined)
      recorder.event(about, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
    left -= passed(begun);
  }
  if (request.turn && left > 0) {
    const begun = simulation.now;
    yield* request.turn(begun + left * SECOND);
    left -= passed(begun);
  }
  yield* cri.stopContainer(id, Math.max(MINIMUM_GRACE, left));
}

/** Runs a routine for at most so long; its result, or undefined where time ran out. */
function* within<T>(
  context: KubeletContext,
  limit: number,
  routine: Routine<T>,
): Routine<T | undefined> {
  const done = new WaitQueue();
  let result: { value: T } | undefined;
  context.spawn(
    (function* (): Routine<void> {
      result = { value: yield* routine };
      done.wake();
    })(),
  );
  yield* waitUntil(done, () => result !== undefined, context.simulation.now + limit);
  return result?.value;
}

/** Ends all containers of a pod at once, sidecars in their turn, and stops its sandboxes. */
export function* killPod(
  context: KubeletContext,
  pod: Pod,
  observation: PodObservation,
  ip: string,
  grace: number | undefined,
): Routine<void> {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  const all: readonly Container[] = [...initContainers, ...containers, ...ephemeralContainers];
  const alive = new Map<string, string>();
  for (const { name } of all) {
    const [newest] = observation.containers.get(name) ?? [];
    if (newest?.state === 'CONTAINER_RUNNING') alive.set(name, newest.id);
  }
  const ended = new WaitQueue();
  for (const container of all) {
    const id = alive.get(container.name);
    if (id === undefined) continue;
    const awaited = before(pod, container);
    const turn = (until: number): Routine<boolean> =>
      waitUntil(ended, () => !awaited.some((name) => alive.has(name)), until);
    context.spawn(
      (function* (): Routine<void> {
        yield* killContainer(context, pod, { container, id, ip, grace, turn });
        alive.delete(container.name);
        ended.wake();
      })(),
    );
  }
  yield* waitUntil(ended, () => alive.size === 0);
  for (const { id, state } of observation.sandboxes) {
    if (state === 'SANDBOX_READY') yield* context.cri.stopSandbox(id);
  }
}
