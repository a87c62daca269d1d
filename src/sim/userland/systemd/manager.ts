// systemd(1) as PID 1: one loop that reaps children, collects what services print, answers systemctl and keeps timers. Units
// are services and targets. Left out: sockets, timers, mounts and slices as units, transactions and ordering beyond
// "what is wanted goes first", generators, user managers.

import type { Routine } from '../../core/wait.ts';
import { decode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGPWR } from '../../kernel/signals.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { appendJournal, type JournalEntry } from './journal.ts';
import { descriptionOf, type LoadedUnit, linkedUnits, loadUnit } from './load.ts';
import { answerRequest } from './answer.ts';
import { MANAGER_SOCKET, type ManagerRequest, managerMessage } from './protocol.ts';
import { onEnd, restartNow, startService, stopService } from './transitions.ts';
import { freshUnit, type Unit } from './unit.ts';
import { namesOf } from './unit-file.ts';

/** A pipe that a service prints into. */
export interface Output {
  readonly unit: Unit;
  readonly fd: number;
  held: string;
}

/** Who waits for a job to end. */
interface Waiting {
  readonly fd: number;
  readonly done: () => 'done' | 'failed' | undefined;
}

/** PID 1's memory. */
export interface Manager {
  readonly process: Process;
  readonly units: Map<string, Unit>;
  readonly outputs: Set<Output>;
  readonly waiting: Set<Waiting>;
  readonly journal: Omit<JournalEntry, 'at'>[];
  /** Modification times of unit files as they were loaded. */
  readonly loadedAt: Map<string, number>;
}

/** Finds a unit in memory, or reads its file. */
export function* unitOf(manager: Manager, name: string): Routine<Unit> {
  const known = manager.units.get(name);
  if (known && known.loaded.load === 'loaded') return known;
  const loaded = yield* loadUnit(manager.process, name);
  remember(manager, loaded);
  const same = known ?? manager.units.get(loaded.name);
  if (same) {
    same.loaded = loaded;
    return same;
  }
  const unit = freshUnit(loaded);
  if (loaded.load === 'loaded') manager.units.set(loaded.name, unit);
  return unit;
}

/** Notes when a unit's files were changed last. */
export function remember(manager: Manager, { path, dropIns }: LoadedUnit): void {
  for (const file of [path, ...dropIns]) {
    const stat = manager.process.stat(file);
    if (!isErrno(stat)) manager.loadedAt.set(file, stat.mtime);
  }
}

/** Says something in the journal as PID 1. */
export function say(manager: Manager, unit: Unit, message: string, priority = 6): void {
  manager.journal.push({ who: 'systemd', pid: 1, unit: unit.name, priority, message });
}

/** Starts a unit and what it wants, without waiting. */
export function* startUnit(manager: Manager, unit: Unit, seen = new Set<string>()): Routine<void> {
  if (seen.has(unit.name)) return;
  seen.add(unit.name);
  if (unit.loaded.load !== 'loaded' || ['active', 'activating'].includes(unit.active)) return;
  const { sections } = unit.loaded;
  const wanted = [
    ...namesOf(sections, 'Unit', 'Requires'),
    ...namesOf(sections, 'Unit', 'Wants'),
    ...linkedUnits(manager.process, unit.name),
  ];
  for (const name of wanted) yield* startUnit(manager, yield* unitOf(manager, name), seen);
  if (unit.name.endsWith('.service')) {
    yield* startService(manager, unit);
    return;
  }
  unit.active = 'active';
  unit.sub = 'active';
  unit.since = manager.process.now;
  if (unit.name.endsWith('.target'))
    say(manager, unit, `Reached target ${unit.name} - ${descriptionOf(unit.loaded)}.`);
}

/** Reaps whatever has ended. */
function* reap(manager: Manager): Routine<void> {
  for (;;) {
    const ended = yield* manager.process.wait(-1, { noHang: true });
    if (!ended || isErrno(ended)) return;
    for (const unit of manager.units.values())
      if (unit.mainPid === ended.pid) yield* onEnd(manager, unit, ended.status);
  }
}

/** Reads what services have printed; a line is an entry. */
function* collect(manager: Manager, output: Output): Routine<void> {
  const { process } = manager;
  const bytes = yield* process.read(output.fd, 65_536);
  const ended = isErrno(bytes) || bytes.length === 0;
  const lines = (output.held + (ended ? '' : decode(bytes))).split('\n');
  output.held = ended ? '' : (lines.pop() ?? '');
  const { execLine, execPid, name } = output.unit;
  const program = execLine.split(' ')[0] ?? '';
  const who = program.slice(program.lastIndexOf('/') + 1);
  for (const message of lines)
    if (message !== '')
      manager.journal.push({ who, pid: execPid, unit: name, priority: 6, message });
  if (!ended) return;
  process.close(output.fd);
  manager.outputs.delete(output);
}

function* accept(manager: Manager, listener: number): Routine<void> {
  const { process } = manager;
  const fd = yield* process.accept(listener);
  if (isErrno(fd)) return;
  process.setCloseOnExec(fd, true);
  const first = yield* process.receiveContent(fd, process.now + SECOND);
  const request =
    first && !isErrno(first) ? (first.message as ManagerRequest | undefined) : undefined;
  const peer = process.peerCredentials(fd);
  if (!request || isErrno(peer)) {
    process.close(fd);
    return;
  }
  const outcome = yield* answerRequest(manager, request, peer.uid);
  if (typeof outcome === 'function') manager.waiting.add({ fd, done: outcome });
  else {
    yield* process.sendContent(fd, managerMessage(outcome), 256);
    process.close(fd);
  }
}

function* answerWaiting(manager: Manager): Routine<void> {
  for (const one of manager.waiting) {
    const job = one.done();
    if (job === undefined) continue;
    manager.waiting.delete(one);
    yield* manager.process.sendContent(one.fd, managerMessage({ job, units: [] }), 64);
    manager.process.close(one.fd);
  }
}

function* runTimers(manager: Manager): Routine<number | undefined> {
  let next: number | undefined;
  for (const unit of manager.units.values()) {
    const { timer } = unit;
    if (!timer) continue;
    if (timer.at <= manager.process.now) {
      unit.timer = undefined;
      if (timer.action === 'restart') yield* restartNow(manager, unit);
      else yield* stopService(manager, unit, true);
    }
    const after = unit.timer as Unit['timer'];
    if (after && after.at < (next ?? Number.POSITIVE_INFINITY)) next = after.at;
  }
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}

/** PID 1 from the end of early boot on: starts default.target, then serves until the power goes. */
export function* runSystemd(process: Process): Routine<void> {
  const manager: Manager = {
    process,
    units: new Map(),
    outputs: new Set(),
    waiting: new Set(),
    journal: [],
    loadedAt: new Map(),
  };
  let halting = false;
  process.sigaction(SIGPWR, () => {
    halting = true;
  });
  process.mkdir('/run/systemd', 0o755);
  process.mkdir('/run/systemd/system', 0o755);
  const listener = process.socket('unix', 'stream');
  if (isErrno(listener) || process.bind(listener, { path: MANAGER_SOCKET })) return;
  process.setCloseOnExec(listener, true);
  process.listen(listener);
  yield* startUnit(manager, yield* unitOf(manager, 'default.target'));
  while (!halting) yield* turn(manager, listener);
  process.close(listener);
  process.unlink(MANAGER_SOCKET);
  for (const { fd } of [...manager.outputs, ...manager.waiting]) process.close(fd);
}

function* turn(manager: Manager, listener: number): Routine<void> {
  const { process } = manager;
  yield* reap(manager);
  const next = yield* runTimers(manager);
  yield* answerWaiting(manager);
  if (manager.journal.length > 0) {
    yield* appendJournal(process, manager.journal.splice(0));
  }
  const outputs = [...manager.outputs];
  const list = [listener, ...outputs.map(({ fd }) => fd)].map((fd) => ({
    fd,
    events: 'in' as const,
    readable: false,
    writable: false,
    hungUp: false,
  }));
  yield* process.poll(list, next, [process.task.leader.process.childChanged]);
  for (const [i, entry] of list.entries()) {
    if (!entry.readable && !entry.hungUp) continue;
    const output = outputs[i - 1];
    if (output) yield* collect(manager, output);
    else yield* accept(manager, listener);
  }
}
