// What PID 1 does on a request of systemctl: the answer at once, or a question to ask again until a job has ended.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGHUP, SIGTERM } from '../../kernel/signals.ts';
import { loadUnit } from './load.ts';
import { type Manager, remember, say, startUnit, unitOf } from './manager.ts';
import type { ManagerAnswer, ManagerRequest, UnitStatus } from './protocol.ts';
import { processesOf } from './service.ts';
import { startService, stopService } from './transitions.ts';
import { statusOf, type Unit } from './unit.ts';
import { valueOf } from './unit-file.ts';

/** How a job ended; undefined while it goes on. */
export type JobEnd = () => 'done' | 'failed' | undefined;

function started(unit: Unit): JobEnd {
  return () => {
    if (unit.sub === 'auto-restart') return 'done';
    if (unit.active === 'activating' || unit.active === 'deactivating' || unit.again)
      return undefined;
    return unit.active === 'failed' ? 'failed' : 'done';
  };
}

function stopped(unit: Unit): JobEnd {
  return () => (unit.mainPid === 0 && !unit.again ? 'done' : undefined);
}

function status(manager: Manager, unit: Unit): UnitStatus {
  const { path, dropIns } = unit.loaded;
  const changed = [path, ...dropIns].some((file) => {
    const stat = manager.process.stat(file);
    const at = manager.loadedAt.get(file);
    return at !== undefined && !isErrno(stat) && stat.mtime !== at;
  });
  return statusOf(unit, changed);
}

/** Does what is asked. */
export function* answerRequest(
  manager: Manager,
  request: ManagerRequest,
  uid: number,
): Routine<ManagerAnswer | JobEnd> {
  const { verb } = request;
  if (verb === 'list') {
    return { units: [...manager.units.values()].map((unit) => status(manager, unit)) };
  }
  if (verb === 'show') {
    return { units: [status(manager, yield* unitOf(manager, request.unit))] };
  }
  if (uid !== 0) return { error: 'not-permitted', units: [] };
  if (verb === 'daemon-reload') return yield* reloadAll(manager);
  const unit = yield* unitOf(manager, request.unit);
  if (unit.loaded.load === 'masked' && verb !== 'stop') return { error: 'masked', units: [] };
  if (unit.loaded.load !== 'loaded') return refusedFor(verb);
  const end = yield* perform(manager, unit, request);
  if (typeof end !== 'function') return end;
  return request.noBlock ? { job: 'done', units: [] } : end;
}

function refusedFor(verb: ManagerRequest['verb']): ManagerAnswer {
  return { error: verb === 'stop' || verb === 'kill' ? 'not-loaded' : 'no-such-unit', units: [] };
}

function* reloadAll(manager: Manager): Routine<ManagerAnswer> {
  manager.loadedAt.clear();
  for (const [name, unit] of manager.units) {
    unit.loaded = yield* loadUnit(manager.process, name);
    remember(manager, unit.loaded);
    const idle = unit.active === 'inactive' && unit.timer === undefined;
    if (unit.loaded.load === 'not-found' && idle) manager.units.delete(name);
  }
  manager.journal.push({ who: 'systemd', pid: 1, unit: '', priority: 6, message: 'Reloading.' });
  return { job: 'done', units: [] };
}

function* perform(
  manager: Manager,
  unit: Unit,
  request: ManagerRequest,
): Routine<ManagerAnswer | JobEnd> {
  const running = unit.active !== 'inactive' && unit.active !== 'failed';
  switch (request.verb) {
    case 'start':
      yield* startUnit(manager, unit);
      return started(unit);
    case 'stop':
      unit.again = false;
      if (unit.name.endsWith('.service')) yield* stopService(manager, unit);
      else unit.active = 'inactive';
      return stopped(unit);
    case 'try-restart':
      if (!running) return { job: 'done', units: [] };
      return yield* restart(manager, unit);
    case 'reload':
    case 'reload-or-restart':
      return yield* reload(manager, unit, request.verb === 'reload');
    case 'kill':
      return yield* killAll(manager, unit, request.signal ?? SIGTERM);
    case 'reset-failed':
      if (unit.active === 'failed') unit.active = 'inactive';
      if (unit.sub === 'failed') unit.sub = 'dead';
      unit.starts = [];
      return { job: 'done', units: [] };
    default:
      return yield* restart(manager, unit);
  }
}

function* restart(manager: Manager, unit: Unit): Routine<JobEnd> {
  if (unit.mainPid !== 0) {
    unit.again = true;
    yield* stopService(manager, unit);
  } else if (unit.name.endsWith('.service')) {
    yield* startService(manager, unit);
  } else {
    yield* startUnit(manager, unit);
  }
  return started(unit);
}

function* reload(manager: Manager, unit: Unit, only: boolean): Routine<ManagerAnswer | JobEnd> {
  const how = valueOf(unit.loaded.sections, 'Service', 'ExecReload');
  if (how === undefined && only) return { error: 'not-applicable', units: [] };
  if (how === undefined || unit.mainPid === 0) return yield* restart(manager, unit);
  say(manager, unit, `Reloading ${unit.name}...`);
  if (/kill\b.*\$MAINPID/.test(how)) manager.process.kill(unit.mainPid, SIGHUP);
  say(manager, unit, `Reloaded ${unit.name}.`);
  return { job: 'done', units: [] };
}

function* killAll(manager: Manager, unit: Unit, signal: number): Routine<ManagerAnswer> {
  if (unit.mainPid === 0) return { error: 'not-loaded', units: [] };
  for (const pid of yield* processesOf(manager.process, unit)) manager.process.kill(pid, signal);
  return { job: 'done', units: [] };
}
