// docker compose up without -d: containers are attached to, started, and followed until all have ended or Ctrl-C stops them.

import { Content } from '../../../core/content.ts';
import { type Routine, WaitQueue } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import { filterQuery } from '../../cli/api.ts';
import { answered } from '../cli/call.ts';
import { ComposeProblem } from '../model/tree.ts';
import {
  containersOf,
  inspect,
  isOneOff,
  LABEL,
  logName,
  nameOf,
  serviceOf,
  type Summary,
} from './containers.ts';
import { reverseOrder, stopContainer } from './down.ts';
import { LineSplitter, LogLines } from './log-lines.ts';
import { together } from './parallel.ts';
import type { Work } from './resources.ts';
import { start } from './start.ts';

export type OnExit = 'ignore' | 'stop' | 'fail';

export interface FollowOptions {
  readonly main: Main;
  /** Services whose end counts. */
  readonly services: readonly string[];
  readonly attachTo: readonly string[];
  readonly prefix: boolean;
  readonly color: boolean;
  readonly timestamps: boolean;
  readonly onExit: OnExit;
  readonly exitFrom: string;
  readonly timeout: number | undefined;
}

/** What is going on while containers are followed. */
interface Following {
  readonly work: Work;
  readonly options: FollowOptions;
  readonly lines: LogLines;
  readonly changed: WaitQueue;
  /** Streams that are open still, by container. */
  readonly streams: Map<string, number>;
  readonly alive: Set<string>;
  /** Containers that restart by their policy. */
  readonly again: Set<string>;
  status: number;
  chosen: boolean;
  stopping: boolean;
  /** How many stops are at work. */
  stops: number;
  interrupted: boolean;
}

/** Attaches, starts and follows; the exit status. */
export function* followUp(work: Work, options: FollowOptions): Routine<number> {
  const { api, project } = work;
  const { main } = options;
  const all = yield* containersOf(api, project.name, { oneOff: 'exclude', all: true });
  const mine = all
    .filter((one) => options.attachTo.includes(serviceOf(one)))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const lines = new LogLines(options);
  if (mine.length > 0) main.out.put(`Attaching to ${mine.map(logName).join(', ')}\n`);
  yield* main.out.flush();
  for (const container of mine) lines.register(logName(container));
  const following: Following = {
    work,
    options,
    lines,
    changed: new WaitQueue(),
    streams: new Map(),
    alive: new Set(
      all.filter((one) => options.services.includes(serviceOf(one))).map(({ Id }) => Id),
    ),
    again: new Set(),
    status: 0,
    chosen: false,
    stopping: false,
    stops: 0,
    interrupted: false,
  };
  yield* watchEvents(following);
  for (const container of mine) yield* attachTo(following, container);
  catchInterrupts(following);
  yield* start(silent(work), { wait: false, waitTimeout: 0 });
  while (following.alive.size > 0 || following.stops > 0) yield { on: [following.changed] };
  while ([...following.streams.values()].some((open) => open > 0))
    yield { on: [following.changed] };
  return following.interrupted ? 130 : following.status;
}

/** Starting attached prints no progress. */
function silent(work: Work): Work {
  const { progress } = work;
  const quiet = Object.create(progress) as typeof progress;
  quiet.event = function* () {};
  return { ...work, progress: quiet };
}

function* attachTo(following: Following, container: Summary): Routine<void> {
  const { api } = following.work;
  const { Config } = yield* inspect(api, container.Id);
  const answer = answered(
    yield* api.open(
      'POST',
      `/containers/${container.Id}/attach`,
      { stream: true, stdout: true, stderr: true },
      Content.empty,
      { connection: 'Upgrade', upgrade: 'tcp' },
    ),
  );
  const { connection } = answer;
  if (!connection) return;
  copyLines(following, container, Config.Tty, function* () {
    return yield* connection.read();
  });
}

/** A thread that prints a stream's lines until it ends. */
function copyLines(
  following: Following,
  container: Summary,
  tty: boolean,
  next: (thread: Process) => Routine<Uint8Array | undefined>,
): void {
  const { lines, streams, changed, work } = following;
  const name = logName(container);
  streams.set(container.Id, (streams.get(container.Id) ?? 0) + 1);
  work.api.process.thread(function* (thread) {
    const splitter = new LineSplitter(tty, (fd, line) => lines.line(fd, name, line));
    for (let bytes = yield* next(thread); bytes; bytes = yield* next(thread))
      yield* splitter.take(bytes);
    yield* splitter.end();
    streams.set(container.Id, (streams.get(container.Id) ?? 1) - 1);
    changed.wake();
    return 0;
  });
}

interface Message {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** Follows the daemon's events of the project on a thread. */
function* watchEvents(following: Following): Routine<void> {
  const { api, project } = following.work;
  const filters = filterQuery(['type=container', `label=${LABEL.project}=${project.name}`]);
  const answer = answered(yield* api.open('GET', '/events', { filters }));
  api.process.thread(function* (thread) {
    while (answer.stream) {
      const piece = yield* answer.stream.next();
      if (piece === undefined) break;
      for (const line of piece.text().split('\n'))
        if (line.trim() !== '') yield* handle(following, thread, JSON.parse(line) as Message);
    }
    return 0;
  });
}

function* handle(following: Following, thread: Process, message: Message): Routine<void> {
  const { Action, Actor } = message;
  const { options, alive } = following;
  const service = Actor.Attributes[LABEL.service] ?? '';
  if (!options.services.includes(service) || isOneOff({ Labels: Actor.Attributes })) return;
  const container = {
    Id: Actor.ID,
    Names: [`/${Actor.Attributes.name ?? ''}`],
    Labels: Actor.Attributes,
  } as unknown as Summary;
  const { again } = following;
  if (Action === 'start') {
    alive.add(Actor.ID);
    if (again.has(Actor.ID)) yield* followLogs(following, thread, container);
  } else if (Action === 'die') {
    const code = Number(Actor.Attributes.exitCode ?? 0);
    while ((following.streams.get(Actor.ID) ?? 0) > 0) yield { on: [following.changed] };
    const state = yield* stateOf(following, thread, Actor.ID);
    const restarts = state !== undefined && (state.Restarting || state.Running);
    if (restarts) again.add(Actor.ID);
    const shown = options.attachTo.includes(service);
    if (shown || restarts)
      yield* following.lines.status(
        logName(container),
        `exited with code ${code}${restarts ? ' (restarting)' : ''}`,
      );
    if (!restarts) yield* ended(following, service, Actor.ID, code);
  }
  following.changed.wake();
}

function* stateOf(
  { work }: Following,
  thread: Process,
  id: string,
): Routine<{ Restarting: boolean; Running: boolean } | undefined> {
  try {
    return (yield* inspect(work.api.with(thread), id)).State;
  } catch (thrown) {
    if (thrown instanceof ComposeProblem) return undefined;
    throw thrown;
  }
}

/** A container that was restarted: its log from that start on. */
function* followLogs(following: Following, thread: Process, container: Summary): Routine<void> {
  const api = following.work.api.with(thread);
  const { State, Config } = yield* inspect(api, container.Id);
  const since = String(Date.parse(State.StartedAt) / 1000);
  const answer = yield* api.open('GET', `/containers/${container.Id}/logs`, {
    stdout: true,
    stderr: true,
    follow: true,
    since,
  });
  const { stream } = answered(answer);
  if (!stream) return;
  copyLines(following, container, Config.Tty, function* () {
    return (yield* stream.next())?.bytes();
  });
}

/** A container has ended for good: perhaps everything else is to end too. */
function* ended(following: Following, service: string, id: string, code: number): Routine<void> {
  const { options, alive } = following;
  alive.delete(id);
  if (options.exitFrom !== '') {
    if (service === options.exitFrom && !following.chosen) {
      following.status = code;
      following.chosen = true;
    }
  } else if (options.onExit !== 'ignore' && !following.stopping && code !== 0)
    following.status = code;
  const aborts = options.onExit === 'stop' || (options.onExit === 'fail' && code !== 0);
  if (!aborts || following.stopping) return;
  following.stopping = true;
  const { main } = options;
  main.err.put('Aborting on container exit...\n');
  yield* main.err.flush();
  stopAll(following);
}

/** Stops the project's containers on a thread. */
function stopAll(following: Following): void {
  const { work, options, changed } = following;
  following.stops++;
  work.api.process.thread(function* (thread) {
    const api = work.api.with(thread);
    const containers = yield* containersOf(api, work.project.name, {
      oneOff: 'exclude',
      all: true,
    });
    yield* reverseOrder({ ...work, api }, Object.keys(work.project.services).sort(), (name, own) =>
      together(
        own.api.process,
        containers.filter((one) => serviceOf(one) === name),
        function* (container, mine) {
          yield* stopContainer(
            { ...own, api: own.api.with(mine) },
            container,
            work.project.services[name],
            { timeout: options.timeout },
          );
        },
      ),
    );
    following.stops--;
    changed.wake();
    return 0;
  });
}

/** The first Ctrl-C stops, the second kills. */
function catchInterrupts(following: Following): void {
  const { work, options } = following;
  const { process } = work.api;
  for (const signal of [2, 15]) {
    process.sigaction(signal, () => {
      process.thread(function* (thread) {
        const again = following.interrupted;
        following.interrupted = true;
        following.stopping = true;
        if (!again) {
          options.main.out.put('Gracefully Stopping... press Ctrl+C again to force\n');
          yield* options.main.out.flush();
          stopAll(following);
          return 0;
        }
        for (const id of following.alive)
          yield* work.api.with(thread).post(`/containers/${id}/kill`, { signal: 'SIGKILL' });
        return 0;
      });
    });
  }
}
