// Ending containers (kuberuntime's killContainer): the preStop hook within the grace period, then the stop signal, then KILL.

import { SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import { isSidecar } from './actions.ts';
import { containerSubject, type KubeletContext } from './context.ts';
import type { PodObservation } from './cri.ts';
import { runHook } from './handlers.ts';

export class Killer {
  private readonly context: KubeletContext;

  constructor(context: KubeletContext) {
    this.context = context;
  }

  /** Ends one container; `message` is the event's text. */
  *killContainer(
    pod: Pod,
    container: Container,
    id: string,
    ip: string,
    message = `Stopping container ${container.name}`,
    grace = pod.spec.terminationGracePeriodSeconds ?? 30,
  ): Routine<void> {
    const { context } = this;
    const init = pod.spec.initContainers?.includes(container) ?? false;
    const about = containerSubject(pod, container.name, init);
    context.recorder.event(about, 'Normal', 'Killing', message);
    const begun = context.simulation.now;
    const hook = container.lifecycle?.preStop;
    if (hook && grace > 0) {
      const failed = yield* this.within(grace * SECOND, runHook(context, container, id, ip, hook));
      if (failed)
        context.recorder.event(about, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
    }
    const used = Math.floor((context.simulation.now - begun) / SECOND);
    yield* context.cri.stopContainer(id, grace === 0 ? 0 : Math.max(2, grace - used));
  }

  /** Ends all containers of a pod, sidecars after the others, and stops its sandboxes. */
  *killPod(
    pod: Pod,
    observation: PodObservation,
    ip: string,
    grace: number | undefined,
  ): Routine<void> {
    const { initContainers = [], containers } = pod.spec;
    const sidecars = initContainers.filter(isSidecar);
    const early = [...initContainers.filter((container) => !isSidecar(container)), ...containers];
    yield* this.killAll(pod, early, observation, ip, grace);
    yield* this.killAll(pod, sidecars.reverse(), observation, ip, grace);
    for (const { id, state } of observation.sandboxes) {
      if (state === 'SANDBOX_READY') yield* this.context.cri.stopSandbox(id);
    }
  }

  private *killAll(
    pod: Pod,
    list: readonly Container[],
    observation: PodObservation,
    ip: string,
    grace: number | undefined,
  ): Routine<void> {
    const ended = new WaitQueue();
    let left = 0;
    for (const container of list) {
      const [newest] = observation.containers.get(container.name) ?? [];
      if (newest?.state !== 'CONTAINER_RUNNING') continue;
      left++;
      const kill = this.killContainer(pod, container, newest.id, ip, undefined, grace);
      this.context.spawn(
        (function* (): Routine<void> {
          yield* kill;
          left--;
          ended.wake();
        })(),
      );
    }
    yield* waitUntil(ended, () => left === 0);
  }

  /** Runs a routine for at most so long; its result, or undefined where time ran out. */
  private *within<T>(limit: number, routine: Routine<T>): Routine<T | undefined> {
    const done = new WaitQueue();
    let result: { value: T } | undefined;
    this.context.spawn(
      (function* (): Routine<void> {
        result = { value: yield* routine };
        done.wake();
      })(),
    );
    yield* waitUntil(done, () => result !== undefined, this.context.simulation.now + limit);
    return result?.value;
  }
}
