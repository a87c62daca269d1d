// Updating a service's tasks in turn (SwarmKit's updater): so many at a time, each followed until it runs, with a pause
// between; what fails pauses the update.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Dockerd, timeText } from '../daemon/model.ts';
import type { Service, ServiceSpec, Swarm, Task, UpdateConfig, UpdateStatus } from './model.ts';

/** What the updater does to tasks; the reconciler gives it. */
export interface TaskActions {
  begin(slot: number): Task;
  end(task: Task): void;
  /** Goes back to the spec before. */
  back(): void;
}

const DEFAULT: UpdateConfig = { Parallelism: 1, FailureAction: 'pause', Order: 'stop-first' };
const UNDER_WAY = new Set(['new', 'preparing', 'starting']);

function* until(swarm: Swarm, over: () => boolean): Routine<void> {
  while (!over() && !swarm.over) yield { on: [swarm.changed] };
}

/** Replaces the task of one slot; true where the new one runs. */
function* replace(
  swarm: Swarm,
  slot: number,
  old: Task | undefined,
  config: UpdateConfig,
  actions: TaskActions,
): Routine<boolean> {
  const startFirst = config.Order === 'start-first';
  const ended = (): boolean => !old || !['running', 'starting', 'preparing'].includes(old.state);
  if (!startFirst && old) {
    actions.end(old);
    yield* until(swarm, ended);
  }
  const task = actions.begin(slot);
  yield* until(swarm, () => !UNDER_WAY.has(task.state));
  if (startFirst && old) actions.end(old);
  return task.state === 'running' || task.state === 'complete';
}

/** Replaces the tasks of slots in batches, for as long as the service asks for this spec. */
export function* updateTasks(
  daemon: Dockerd,
  swarm: Swarm,
  thread: Process,
  service: Service,
  outdated: ReadonlyMap<number, Task>,
  actions: TaskActions,
): Routine<void> {
  const spec: ServiceSpec = service.spec;
  const StartedAt = timeText(daemon.now);
  const back = service.update?.State === 'rollback_started';
  const config = (back ? spec.RollbackConfig : spec.UpdateConfig) ?? DEFAULT;
  const tell = (State: UpdateStatus['State'], Message: string, done = false): void => {
    service.update = {
      State,
      StartedAt,
      ...(done ? { CompletedAt: timeText(daemon.now) } : {}),
      Message,
    };
    swarm.changed.wake();
  };
  if (back) tell('rollback_started', 'rollback in progress');
  else tell('updating', 'update in progress');
  const slots = [...outdated.keys()].sort((a, b) => a - b);
  const size = config.Parallelism === 0 ? slots.length : config.Parallelism;
  for (let at = 0; at < slots.length; at += size) {
    const batch = slots.slice(at, at + size);
    const results: boolean[] = [];
    for (const slot of batch)
      daemon.thread(function* () {
        results.push(yield* replace(swarm, slot, outdated.get(slot), config, actions));
        swarm.changed.wake();
      });
    yield* until(swarm, () => results.length === batch.length);
    if (service.spec !== spec || swarm.over) return;
    if (results.includes(false) && config.FailureAction !== 'continue') {
      fail(tell, service, config, back, actions);
      return;
    }
    const last = at + size >= slots.length;
    if (!last && config.Delay) yield* thread.sleep(config.Delay);
    if (service.spec !== spec) return;
  }
  if (back) tell('rollback_completed', 'rollback completed', true);
  else tell('completed', 'update completed', true);
}

/** A new task did not come to run: the update rests, or the old spec comes back. */
function fail(
  tell: (state: UpdateStatus['State'], message: string) => void,
  service: Service,
  config: UpdateConfig,
  back: boolean,
  actions: TaskActions,
): void {
  const why = 'due to failure or early termination of task';
  if (config.FailureAction !== 'rollback' || back || !service.previous) {
    tell(back ? 'rollback_paused' : 'paused', `${back ? 'rollback' : 'update'} paused ${why}`);
    return;
  }
  tell('rollback_started', `update rolled back ${why}`);
  actions.back();
}
