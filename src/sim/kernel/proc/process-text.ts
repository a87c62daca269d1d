// Longer texts of /proc/PID: cgroup paths, limits, a small map of memory, scheduling.

import { limits } from '../../core/limits.ts';
import type { Cgroup } from '../cgroup/cgroup.ts';
import { pathOf } from '../files/mount.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';

/** A group's path as a cgroup namespace with root `from` shows it: `/..` for each level above. */
export function groupPathFrom(group: Cgroup, from: Cgroup): string {
  let up = '';
  for (let at: Cgroup | undefined = from; at; at = at.parent) {
    const path = pathBelow(group, at);
    if (path !== undefined) return `${up}${path}` || '/';
    up += '/..';
  }
  return '/';
}

function pathBelow(group: Cgroup, top: Cgroup): string | undefined {
  let path = '';
  for (let at: Cgroup | undefined = group; at; at = at.parent) {
    if (at === top) return path;
    path = `/${at.name}${path}`;
  }
  return undefined;
}

/** /proc/PID/cgroup's path, with what says that the group is gone. */
export function cgroupPath(group: Cgroup, reader: Task): string {
  return `${groupPathFrom(group, reader.namespaces.cgroup.root)}${group.removed ? ' (deleted)' : ''}`;
}

const INFINITY = Number.POSITIVE_INFINITY;

/** Resource limits: their name in /proc/PID/limits, unit, and what a process starts with. */
export const RESOURCE_LIMITS: readonly (readonly [string, string, string, number, number])[] = [
  ['cpu', 'Max cpu time', 'seconds', INFINITY, INFINITY],
  ['fsize', 'Max file size', 'bytes', INFINITY, INFINITY],
  ['data', 'Max data size', 'bytes', INFINITY, INFINITY],
  ['stack', 'Max stack size', 'bytes', 8_388_608, INFINITY],
  ['core', 'Max core file size', 'bytes', 0, INFINITY],
  ['rss', 'Max resident set', 'bytes', INFINITY, INFINITY],
  ['nproc', 'Max processes', 'processes', 15_512, 15_512],
  ['nofile', 'Max open files', 'files', limits.descriptors, limits.mostDescriptors],
  ['memlock', 'Max locked memory', 'bytes', 508_985_344, 508_985_344],
  ['as', 'Max address space', 'bytes', INFINITY, INFINITY],
  ['locks', 'Max file locks', 'locks', INFINITY, INFINITY],
  ['sigpending', 'Max pending signals', 'signals', 15_512, 15_512],
  ['msgqueue', 'Max msgqueue size', 'bytes', 819_200, 819_200],
  ['nice', 'Max nice priority', '', 0, 0],
  ['rtprio', 'Max realtime priority', '', 0, 0],
  ['rttime', 'Max realtime timeout', 'us', INFINITY, INFINITY],
];

/** What RLIMIT_NOFILE may be raised to on this machine: fs.nr_open. */
export function mostDescriptors(kernel: Kernel): number {
  return Number(kernel.settings.get('fs/nr_open') ?? limits.mostDescriptors);
}

/** The limit of a process, as set or as it begins. */
export function limitOf(
  subject: Task,
  name: string,
): { readonly soft: number; readonly hard: number } {
  const set = subject.leader.process.limits.get(name);
  if (set) return set;
  const row = RESOURCE_LIMITS.find(([short]) => short === name);
  return { soft: row?.[3] ?? INFINITY, hard: row?.[4] ?? INFINITY };
}

export function limitsText(subject: Task): string {
  const row = (name: string, soft: string, hard: string, unit: string): string =>
    `${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} ${unit.padEnd(10)}\n`;
  const value = (limit: number): string => (Number.isFinite(limit) ? String(limit) : 'unlimited');
  const rows = RESOURCE_LIMITS.map(([short, name, unit]) => {
    const { soft, hard } = limitOf(subject, short);
    return row(name, value(soft), value(hard), unit);
  });
  return row('Limit', 'Soft Limit', 'Hard Limit', 'Units') + rows.join('');
}

/** A few mappings that every program has. */
export function mapsText(subject: Task): string {
  const { process } = subject.leader;
  if (subject.ended || process.kernelThread) return '';
  const place = process.executable;
  const path = place ? pathOf(place, subject.fs.root) : '';
  const inode = place?.inode.number ?? 0;
  const rows: (readonly [string, string, string, string])[] = [
    ['555555554000-555555558000', 'r--p', '00000000', path],
    ['555555558000-555555564000', 'r-xp', '00004000', path],
    ['555555564000-55555556a000', 'r--p', '00010000', path],
    ['55555556a000-55555556c000', 'rw-p', '00016000', path],
    ['55555556c000-55555558d000', 'rw-p', '00000000', '[heap]'],
    ['7ffff7dc0000-7ffff7fa0000', 'r-xp', '00000000', '/usr/lib/x86_64-linux-gnu/libc.so.6'],
    ['7ffffffde000-7ffffffff000', 'rw-p', '00000000', '[stack]'],
    ['7ffff7fc9000-7ffff7fcb000', 'r-xp', '00000000', '[vdso]'],
  ];
  return rows
    .map(([range, mode, offset, name]) => {
      const number = name === path ? inode : name.startsWith('/') ? 265_000 : 0;
      const device = number ? 'fe:01' : '00:00';
      return `${`${range} ${mode} ${offset} ${device} ${number}`.padEnd(73)}${name}\n`;
    })
    .join('');
}

export function schedText(subject: Task, reader: Task): string {
  const row = (name: string, value: number | string): string =>
    `${name.padEnd(45)}:${String(value).padStart(21)}\n`;
  const number = subject.pidIn(reader.pidNamespace);
  const runtime = ((subject.userTime + subject.systemTime) / 1e6).toFixed(6);
  return (
    `${subject.name} (${number}, #threads: ${subject.leader.threads.size + 1})\n${'-'.repeat(67)}\n` +
    row('se.exec_start', (subject.kernel.simulation.now / 1e6).toFixed(6)) +
    row('se.vruntime', (subject.vruntime / 1e6).toFixed(6)) +
    row('se.sum_exec_runtime', runtime) +
    row('nr_switches', subject.voluntarySwitches + subject.forcedSwitches) +
    row('nr_voluntary_switches', subject.voluntarySwitches) +
    row('nr_involuntary_switches', subject.forcedSwitches) +
    row('policy', 0) +
    row('prio', 120 + subject.nice)
  );
}
