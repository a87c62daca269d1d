// A unit in PID 1's memory: its file as it was loaded, its state, and the settings of a service that matter here
// (systemd.service(5)): the kind of start, restarting, killing, time limits.

import { epochMilliseconds, SECOND } from '../../core/time.ts';
import type { LoadedUnit } from './load.ts';
import { descriptionOf } from './load.ts';
import type { ActiveState, UnitStatus } from './protocol.ts';
import { timeSpan, valueOf, valuesOf } from './unit-file.ts';

/** What a unit's state is written to. */
export interface Unit {
  readonly name: string;
  loaded: LoadedUnit;
  active: ActiveState;
  sub: string;
  /** Virtual time of the last change of `active`. */
  since: number | undefined;
  mainPid: number;
  execPid: number;
  execLine: string;
  exit: { code: string; status: number } | undefined;
  result: string;
  restarts: number;
  /** When it was started lately, for the start limit. */
  starts: number[];
  /** What is to happen at a time: a restart, the end of patience with a stop. */
  timer: { readonly at: number; readonly action: 'restart' | 'kill' } | undefined;
  /** A restart was asked for: it begins when the stop has ended. */
  again: boolean;
}

/** A unit that nothing has been done with. */
export function freshUnit(loaded: LoadedUnit): Unit {
  return {
    name: loaded.name,
    loaded,
    active: 'inactive',
    sub: 'dead',
    since: undefined,
    mainPid: 0,
    execPid: 0,
    execLine: '',
    exit: undefined,
    result: 'success',
    restarts: 0,
    starts: [],
    timer: undefined,
    again: false,
  };
}

export function serviceType({ loaded }: Unit): string {
  return valueOf(loaded.sections, 'Service', 'Type') ?? 'simple';
}

/** The directory of a service's control group. */
export function cgroupOf({ name }: Unit): string {
  return `/sys/fs/cgroup/system.slice/${name}`;
}

function span({ loaded }: Unit, section: string, key: string, usual: number): number {
  const text = valueOf(loaded.sections, section, key);
  if (text === undefined) return usual;
  return text === 'infinity' ? Number.POSITIVE_INFINITY : (timeSpan(text) ?? usual);
}

export function restartDelay(unit: Unit): number {
  return span(unit, 'Service', 'RestartSec', SECOND / 10);
}

export function stopTimeout(unit: Unit): number {
  return span(unit, 'Service', 'TimeoutStopSec', 90 * SECOND);
}

/** True where Restart= says that a service that ended so is started again. */
export function wantsRestart(unit: Unit): boolean {
  const policy = valueOf(unit.loaded.sections, 'Service', 'Restart') ?? 'no';
  const clean = unit.result === 'success';
  if (policy === 'always') return true;
  if (policy === 'on-success') return clean;
  if (policy === 'on-failure') return !clean;
  if (policy === 'on-abnormal') return !clean && unit.result !== 'exit-code';
  return policy === 'on-abort' && unit.result === 'signal';
}

/** True where a service was started too often in too short a time (StartLimitBurst=, StartLimitIntervalSec=). */
export function overStartLimit(unit: Unit, now: number): boolean {
  const { sections } = unit.loaded;
  const old = span(unit, 'Service', 'StartLimitInterval', 10 * SECOND);
  const interval = span(unit, 'Unit', 'StartLimitIntervalSec', old);
  const burst = Number(valueOf(sections, 'Unit', 'StartLimitBurst') ?? '5');
  unit.starts = unit.starts.filter((at) => at > now - interval);
  if (interval === 0 || unit.starts.length < burst) return false;
  return true;
}

/** What PID 1 answers about a unit. */
export function statusOf(unit: Unit, needsReload: boolean): UnitStatus {
  const { loaded } = unit;
  return {
    name: unit.name,
    description: descriptionOf(loaded),
    load: loaded.load,
    path: loaded.path,
    dropIns: loaded.dropIns,
    active: unit.active,
    sub: unit.sub,
    since: unit.since === undefined ? undefined : epochMilliseconds(unit.since),
    mainPid: unit.mainPid,
    execPid: unit.execPid,
    execLine: unit.execLine,
    exit: unit.exit,
    result: unit.result,
    restarts: unit.restarts,
    cgroup: unit.name.endsWith('.service') ? `/system.slice/${unit.name}` : '',
    documentation: valuesOf(loaded.sections, 'Unit', 'Documentation').flatMap((one) =>
      one.split(/\s+/),
    ),
    needsReload,
  };
}
