// How a service goes from state to state: starting, ending by itself, stopping, restarting; with the words that PID 1 puts
// into the journal about it.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGKILL, SIGTERM, signalInfo } from '../../kernel/signals.ts';
import { descriptionOf } from './load.ts';
import { type Manager, say } from './manager.ts';
import { environmentOf, launch, processesOf } from './service.ts';
import {
  overStartLimit,
  restartDelay,
  serviceType,
  stopTimeout,
  type Unit,
  wantsRestart,
} from './unit.ts';
import { execCommand, valueOf, valuesOf, withSpecifiers } from './unit-file.ts';

/** Exit statuses that systemd.exec(5) and sysexits(3) have names for. */
const EXIT_NAMES: Readonly<Record<number, string>> = {
  0: 'SUCCESS',
  1: 'FAILURE',
  2: 'INVALIDARGUMENT',
  3: 'NOTIMPLEMENTED',
  4: 'NOPERMISSION',
  5: 'NOTINSTALLED',
  6: 'NOTCONFIGURED',
  7: 'NOTRUNNING',
  200: 'CHDIR',
  203: 'EXEC',
  217: 'USER',
};

/** `1/FAILURE`, `9/KILL`. */
export function exitText(exit: { readonly code: string; readonly status: number }): string {
  const name =
    exit.code === 'exited' ? (EXIT_NAMES[exit.status] ?? 'n/a') : signalInfo(exit.status)?.name;
  return `${exit.status}/${name ?? 'n/a'}`;
}

function title(unit: Unit): string {
  return `${unit.name} - ${descriptionOf(unit.loaded)}`;
}

function become(manager: Manager, unit: Unit, active: Unit['active'], sub: string): void {
  if (active !== unit.active) unit.since = manager.process.now;
  unit.active = active;
  unit.sub = sub;
}

function fail(manager: Manager, unit: Unit, result: string): void {
  unit.result = result;
  become(manager, unit, 'failed', 'failed');
  say(manager, unit, `${unit.name}: Failed with result '${result}'.`, 4);
}

/** Starts a service that is not running. */
export function* startService(manager: Manager, unit: Unit): Routine<void> {
  const { process } = manager;
  const { sections } = unit.loaded;
  unit.timer = undefined;
  if (overStartLimit(unit, process.now)) {
    say(manager, unit, `${unit.name}: Start request repeated too quickly.`, 4);
    fail(manager, unit, 'start-limit-hit');
    say(manager, unit, `Failed to start ${title(unit)}.`, 3);
    return;
  }
  unit.starts.push(process.now);
  const oneshot = serviceType(unit) === 'oneshot';
  if (oneshot || serviceType(unit) === 'notify') say(manager, unit, `Starting ${title(unit)}...`);
  const environment = yield* environmentOf(process, unit);
  const line = valuesOf(sections, 'Service', 'ExecStart').at(-1);
  const pipe = process.pipe(true);
  if (typeof environment === 'string' || line === undefined || isErrno(pipe)) {
    if (!isErrno(pipe)) for (const fd of pipe) process.close(fd);
    say(
      manager,
      unit,
      `${unit.name}: Failed to load environment files: No such file or directory`,
      4,
    );
    fail(manager, unit, 'resources');
    say(manager, unit, `Failed to start ${title(unit)}.`, 3);
    return;
  }
  const command = execCommand(withSpecifiers(line, unit.name, process.hostname), environment);
  const pid = yield* launch(process, { unit, command, environment, output: pipe[1] });
  process.close(pipe[1]);
  manager.outputs.add({ unit, fd: pipe[0], held: '' });
  if (isErrno(pid)) return fail(manager, unit, 'resources');
  unit.mainPid = pid;
  unit.execPid = pid;
  unit.execLine = command.argv.join(' ');
  unit.exit = undefined;
  unit.result = 'success';
  become(manager, unit, oneshot ? 'activating' : 'active', oneshot ? 'start' : 'running');
  if (!oneshot) say(manager, unit, `Started ${title(unit)}.`);
}

/** A service's main process has ended. */
export function* onEnd(manager: Manager, unit: Unit, raw: number): Routine<void> {
  const signal = raw & 0x7f;
  const exit = signal ? { code: 'killed', status: signal } : { code: 'exited', status: raw >> 8 };
  const stopping = unit.active === 'deactivating';
  unit.mainPid = 0;
  unit.exit = exit;
  unit.timer = undefined;
  const clean = exit.status === 0 || (signal > 0 && (stopping || [1, 2, 13, 15].includes(signal)));
  unit.result = clean ? unit.result : signal ? 'signal' : 'exit-code';
  if (!clean) {
    const name = exitText(exit);
    say(manager, unit, `${unit.name}: Main process exited, code=${exit.code}, status=${name}`, 5);
  }
  const remain = valueOf(unit.loaded.sections, 'Service', 'RemainAfterExit') === 'yes';
  if (clean && remain && !stopping) {
    become(manager, unit, 'active', 'exited');
    say(manager, unit, `Finished ${title(unit)}.`);
    return;
  }
  if (valueOf(unit.loaded.sections, 'Service', 'KillMode') !== 'process') {
    for (const pid of yield* processesOf(manager.process, unit)) manager.process.kill(pid, SIGKILL);
  }
  yield* settle(manager, unit, clean, stopping);
}

function* settle(manager: Manager, unit: Unit, clean: boolean, stopping: boolean): Routine<void> {
  const starting = unit.active === 'activating';
  if (clean) {
    say(manager, unit, `${unit.name}: Deactivated successfully.`);
    become(manager, unit, 'inactive', 'dead');
    if (stopping) say(manager, unit, `Stopped ${title(unit)}.`);
    else if (starting) say(manager, unit, `Finished ${title(unit)}.`);
  } else {
    fail(manager, unit, unit.result);
    if (stopping) say(manager, unit, `Stopped ${title(unit)}.`);
    else if (starting) say(manager, unit, `Failed to start ${title(unit)}.`, 3);
  }
  if (stopping) {
    if (unit.again) {
      unit.again = false;
      yield* startService(manager, unit);
    }
    return;
  }
  if (!wantsRestart(unit)) return;
  become(manager, unit, 'activating', 'auto-restart');
  unit.timer = { at: manager.process.now + restartDelay(unit), action: 'restart' };
}

/** The time of an automatic restart has come. */
export function* restartNow(manager: Manager, unit: Unit): Routine<void> {
  unit.restarts++;
  const counter = `restart counter is at ${unit.restarts}`;
  say(manager, unit, `${unit.name}: Scheduled restart job, ${counter}.`);
  say(manager, unit, `Stopped ${title(unit)}.`);
  yield* startService(manager, unit);
}

/** Stops a service: SIGTERM to its processes, SIGKILL when its patience is over (`hard`). */
export function* stopService(manager: Manager, unit: Unit, hard = false): Routine<void> {
  const { process } = manager;
  if (unit.sub === 'auto-restart') {
    unit.timer = undefined;
    become(manager, unit, 'inactive', 'dead');
    say(manager, unit, `Stopped ${title(unit)}.`);
    return;
  }
  if (unit.mainPid === 0) {
    if (unit.active === 'active') become(manager, unit, 'inactive', 'dead');
    return;
  }
  if (!hard) {
    become(manager, unit, 'deactivating', 'stop-sigterm');
    say(manager, unit, `Stopping ${title(unit)}...`);
    unit.timer = { at: process.now + stopTimeout(unit), action: 'kill' };
  } else {
    say(manager, unit, `${unit.name}: State 'stop-sigterm' timed out. Killing.`, 4);
    unit.result = 'timeout';
  }
  const all = valueOf(unit.loaded.sections, 'Service', 'KillMode') !== 'process';
  const pids = all ? yield* processesOf(process, unit) : [];
  for (const pid of new Set([unit.mainPid, ...pids])) process.kill(pid, hard ? SIGKILL : SIGTERM);
}
