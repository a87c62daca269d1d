// cpu.* and cpuset.*: weights, bandwidth, statistics, and which processors a group may use.

import { MICROSECOND } from '../../core/time.ts';
import { EINVAL, type Errno, ERANGE, isErrno } from '../errno.ts';
import type { Cgroup } from './cgroup.ts';
import type { CgroupFile } from './cgroupfs.ts';
import { type CpuControl, settleUsage } from './cpu.ts';
import { type CpusetControl, formatList, parseCpus, parseList } from './cpuset.ts';
import { parseWhole } from './numbers.ts';

/** Largest processor number a list may name (the mask is one of NR_CPUS bits, read for the machine's). */
const MASK_BITS = 63;

/** Weights of nice levels as sched(7)'s table has them, from -20 to 19, in cpu.weight's scale. */
function weightOfNice(nice: number): number {
  return Math.max(1, Math.min(10_000, Math.round(100 / 1.25 ** nice)));
}

function cpuOf(group: Cgroup): CpuControl {
  if (!group.cpu) throw new Error('a cpu file of a group without the controller');
  return group.cpu;
}

function cpusetOf(group: Cgroup): CpusetControl {
  if (!group.cpuset) throw new Error('a cpuset file of a group without the controller');
  return group.cpuset;
}

function showMax(group: Cgroup): string {
  const { quota, period } = cpuOf(group);
  const shown = Number.isFinite(quota) ? String(quota / MICROSECOND) : 'max';
  return `${shown} ${period / MICROSECOND}\n`;
}

function setMax(group: Cgroup, text: string, now: number): Errno | undefined {
  const control = cpuOf(group);
  const [first = '', second, extra] = text.trim().split(/\s+/);
  if (extra !== undefined || (second !== undefined && !/^\d+$/.test(second))) return EINVAL;
  if (first !== 'max' && !/^\d+$/.test(first)) return EINVAL;
  const period = second === undefined ? control.period / MICROSECOND : Number(second);
  const quota = first === 'max' ? Number.POSITIVE_INFINITY : Number(first);
  if (period < 1000 || period > 1_000_000 || quota < 1000) return EINVAL;
  control.setBandwidth(quota * MICROSECOND, period * MICROSECOND, now);
  return undefined;
}

function usage(group: Cgroup): string {
  for (const each of group.subtreeGroups()) each.tasks.forEach(settleUsage);
  const microseconds = (nanoseconds: number): number => Math.floor(nanoseconds / MICROSECOND);
  const rows: (readonly [string, number])[] = [
    ['usage_usec', microseconds(group.userTime + group.systemTime)],
    ['user_usec', microseconds(group.userTime)],
    ['system_usec', microseconds(group.systemTime)],
    ...(group.cpu?.group === group ? group.cpu.statistics() : []),
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join('');
}

const NO_PRESSURE = 'avg10=0.00 avg60=0.00 avg300=0.00 total=0\n';

/** A pressure file: nothing waits here long enough to show. */
export function pressureFile(name: string): CgroupFile {
  return { name, mode: 0o644, where: 'all', read: () => `some ${NO_PRESSURE}full ${NO_PRESSURE}` };
}

function whole(
  name: string,
  lowest: number,
  highest: number,
  read: (control: CpuControl) => number,
  set: (control: CpuControl, value: number) => void,
): CgroupFile {
  return {
    name,
    mode: 0o644,
    where: 'groups',
    controller: 'cpu',
    read: (group) => `${read(cpuOf(group))}\n`,
    write: (group, text) => {
      const value = parseWhole(text, lowest, highest);
      if (isErrno(value)) return value;
      set(cpuOf(group), value);
      return undefined;
    },
  };
}

export const cpuFiles: readonly CgroupFile[] = [
  { name: 'cpu.stat', mode: 0o444, where: 'all', read: usage },
  pressureFile('cpu.pressure'),
  whole(
    'cpu.weight',
    1,
    10_000,
    (c) => c.weight,
    (c, value) => {
      c.weight = value;
    },
  ),
  whole(
    'cpu.weight.nice',
    -20,
    19,
    (c) => Math.max(-20, Math.min(19, Math.round(-Math.log(c.weight / 100) / Math.log(1.25)))),
    (c, value) => {
      c.weight = weightOfNice(value);
    },
  ),
  whole(
    'cpu.idle',
    0,
    1,
    (c) => (c.idle ? 1 : 0),
    (c, value) => {
      c.idle = value === 1;
    },
  ),
  {
    name: 'cpu.max',
    mode: 0o644,
    where: 'groups',
    controller: 'cpu',
    read: showMax,
    write: (group, text, { kernel }) => setMax(group, text, kernel.simulation.now),
  },
  {
    name: 'cpu.max.burst',
    mode: 0o644,
    where: 'groups',
    controller: 'cpu',
    read: (group) => `${cpuOf(group).burst}\n`,
    write: (group, text) => {
      const value = parseWhole(text, 0, Number.MAX_SAFE_INTEGER);
      if (isErrno(value)) return value;
      if (value * MICROSECOND > cpuOf(group).quota) return EINVAL;
      cpuOf(group).burst = value;
      return undefined;
    },
  },
];

export const cpusetFiles: readonly CgroupFile[] = [
  {
    name: 'cpuset.cpus',
    mode: 0o644,
    where: 'groups',
    controller: 'cpuset',
    read: (group) => `${formatList(cpusetOf(group).cpus)}\n`,
    write: (group, text, { kernel }) => {
      const list = parseCpus(text, kernel.processors.count, MASK_BITS);
      if (isErrno(list)) return list;
      cpusetOf(group).cpus = list;
      return undefined;
    },
  },
  {
    name: 'cpuset.cpus.effective',
    mode: 0o444,
    where: 'all',
    controller: 'cpuset',
    read: (group, { kernel }) => {
      const count = kernel.processors.count;
      const all = Array.from({ length: count }, (_, i) => i);
      return `${formatList(group.parent ? cpusetOf(group).effectiveCpus(count) : all)}\n`;
    },
  },
  {
    name: 'cpuset.mems',
    mode: 0o644,
    where: 'groups',
    controller: 'cpuset',
    read: (group) => `${formatList(cpusetOf(group).mems)}\n`,
    write: (group, text) => {
      const list = parseList(text, MASK_BITS);
      if (isErrno(list)) return list === ERANGE ? ERANGE : EINVAL;
      if (list.some((node) => node !== 0)) return EINVAL;
      cpusetOf(group).mems = list;
      return undefined;
    },
  },
  {
    name: 'cpuset.mems.effective',
    mode: 0o444,
    where: 'all',
    controller: 'cpuset',
    read: (group) => `${formatList(group.parent ? cpusetOf(group).effectiveMems() : [0])}\n`,
  },
  {
    name: 'cpuset.cpus.partition',
    mode: 0o644,
    where: 'groups',
    controller: 'cpuset',
    read: (group) => `${cpusetOf(group).partition}\n`,
    write: (group, text) => {
      const word = text.trim();
      if (word !== 'member' && word !== 'root' && word !== 'isolated') return EINVAL;
      cpusetOf(group).partition = word;
      return undefined;
    },
  },
];
