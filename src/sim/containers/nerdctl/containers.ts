// What nerdctl does with containers that are there: ps, stop, kill, rm, pause, unpause and inspect in containerd's own terms.

import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { removeAll } from '../containerd/daemon.ts';
import type { ContainerRecord, ProcessState } from '../containerd/types.ts';
import { isRpcError } from '../rpc.ts';
import { signalByName } from '../signal-names.ts';
import {
  ago,
  type Call,
  fatal,
  findContainer,
  LABEL,
  nameFile,
  table,
  taskOf,
  withAll,
} from './call.ts';

const title = (status: string): string => status.charAt(0) + status.slice(1).toLowerCase();

function statusText(now: number, task: ProcessState | undefined): string {
  if (task === undefined) return 'Created';
  if (task.status === 'RUNNING') return 'Up';
  if (task.status === 'STOPPED') return `Exited (${task.exitStatus}) ${ago(now, task.exitedAt)}`;
  return title(task.status);
}

function commandText({ spec }: ContainerRecord, whole: boolean): string {
  const text = (spec.process?.args ?? []).join(' ');
  return JSON.stringify(whole || text.length <= 20 ? text : `${text.slice(0, 19)}…`);
}

function portsText({ labels }: ContainerRecord): string {
  const ports = JSON.parse(labels[LABEL.ports] ?? '[]') as readonly Readonly<
    Record<string, string>
  >[];
  return ports
    .map((one) => `${one.HostIP}:${one.HostPort}->${one.ContainerPort}/${one.Protocol}`)
    .join(', ');
}

export function* ps(call: Call): Routine<number> {
  const { main, client, given } = call;
  const all = yield* client.containers();
  if (isRpcError(all)) return yield* fatal(main, all.message);
  const { now } = main.process;
  const whole = given.is('no-trunc');
  const rows: string[][] = [];
  for (const one of [...all].sort((a, b) => b.createdAt - a.createdAt)) {
    const task = yield* taskOf(call, one.id);
    if (!given.is('all') && task?.status !== 'RUNNING') continue;
    rows.push([
      whole ? one.id : one.id.slice(0, 12),
      one.image,
      commandText(one, whole),
      ago(now, one.createdAt),
      statusText(now, task),
      portsText(one),
      one.labels[LABEL.name] ?? '',
    ]);
  }
  if (given.is('quiet')) main.out.put(rows.map(([id]) => `${id}\n`).join(''));
  else {
    const heading = 'CONTAINER ID,IMAGE,COMMAND,CREATED,STATUS,PORTS,NAMES'.split(',');
    main.out.put(table([heading, ...rows]));
  }
  return 0;
}

/** Removes a container with everything that nerdctl keeps of it; the complaint where it may not. */
export function* removeContainer(
  call: Call,
  { id, labels, snapshotKey }: ContainerRecord,
  force: boolean,
): Routine<string | undefined> {
  const { client, namespace, main } = call;
  const task = yield* taskOf(call, id);
  if (task?.status === 'RUNNING' || task?.status === 'PAUSED') {
    if (!force) {
      const status = task.status.toLowerCase();
      return `container ${id} is in ${status} status. unpause/stop container first or force removal`;
    }
    yield* client.killTask(id, 9);
    yield* client.waitTask(id);
  }
  if (task) yield* client.deleteTask(id);
  yield* client.removeSnapshot(snapshotKey);
  const deleted = yield* client.deleteContainer(id);
  if (isRpcError(deleted)) return deleted.message;
  removeAll(main.process, labels[LABEL.stateDir] ?? '');
  main.process.unlink(nameFile(namespace, labels[LABEL.name] ?? ''));
  return undefined;
}

export function* remove(call: Call): Routine<number> {
  return yield* withAll(call, function* (container, word) {
    const problem = yield* removeContainer(call, container, call.given.is('force'));
    if (problem === undefined) call.main.out.put(`${word}\n`);
    return problem;
  });
}

export function* stop(call: Call): Routine<number> {
  const { client, main, given } = call;
  return yield* withAll(call, function* ({ id, labels }, word) {
    const task = yield* taskOf(call, id);
    if (task && task.status !== 'STOPPED' && task.status !== 'CREATED') {
      if (task.status === 'PAUSED') yield* client.resumeTask(id);
      const name =
        given.text('signal') || labels['io.containerd.image.config.stop-signal'] || 'SIGTERM';
      const patience = Number(given.text('time') || 10) * 1e9;
      yield* client.killTask(id, signalByName(name) ?? 15);
      const until = main.process.now + patience;
      while (main.process.now < until && (yield* taskOf(call, id))?.status === 'RUNNING') {
        yield* main.process.sleep(50_000_000);
      }
      if ((yield* taskOf(call, id))?.status === 'RUNNING') yield* client.killTask(id, 9);
      yield* client.waitTask(id);
    }
    main.out.put(`${word}\n`);
    return undefined;
  });
}

export function* kill(call: Call): Routine<number> {
  const name = call.given.text('signal') || 'KILL';
  const number = /^\d+$/.test(name) ? Number(name) : signalByName(name);
  if (number === undefined) return yield* fatal(call.main, `unknown signal "${name}"`);
  return yield* withAll(call, function* ({ id }, word) {
    const task = yield* taskOf(call, id);
    if (task?.status !== 'RUNNING') return `cannot kill container: ${id}: Container is not running`;
    const killed = yield* call.client.killTask(id, number);
    if (isRpcError(killed)) return killed.message;
    call.main.out.put(`${word}\n`);
    return undefined;
  });
}

export function pauser(on: boolean) {
  return (call: Call): Routine<number> =>
    withAll(call, function* ({ id }, word) {
      const status = (yield* taskOf(call, id))?.status;
      if (on && status === 'PAUSED') return `container ${id} is already paused`;
      if (on && status !== 'RUNNING') return `container ${id} is not running`;
      if (!on && status !== 'PAUSED') return `container ${id} is not paused`;
      const done = on ? yield* call.client.pauseTask(id) : yield* call.client.resumeTask(id);
      if (isRpcError(done)) return done.message;
      call.main.out.put(`${word}\n`);
      return undefined;
    });
}

/** `inspect --mode=native`: containerd's record and the task. */
export function* inspect(call: Call): Routine<number> {
  const { main, given } = call;
  if (given.text('mode') !== 'native') {
    return yield* notSimulated(main, 'nerdctl inspect --mode=dockercompat');
  }
  const shown: object[] = [];
  for (const word of call.args) {
    const container = yield* findContainer(call, word);
    if (typeof container === 'string') return yield* fatal(main, container);
    const { id, labels, image, runtime, spec, snapshotter, snapshotKey } = container;
    const task = yield* taskOf(call, id);
    shown.push({
      ID: id,
      Labels: labels,
      Image: image,
      Runtime: { Name: runtime.name, Options: null },
      SnapshotKey: snapshotKey,
      Snapshotter: snapshotter,
      CreatedAt: rfc3339Fraction(container.createdAt, 9),
      UpdatedAt: rfc3339Fraction(container.updatedAt, 9),
      Extensions: {},
      Spec: spec,
      Process: task && { Pid: task.pid, Status: { Status: task.status.toLowerCase() } },
    });
  }
  main.out.put(`${JSON.stringify(shown, undefined, 4)}\n`);
  return 0;
}
