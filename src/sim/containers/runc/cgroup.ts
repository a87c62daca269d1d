// The container's control group through cgroupfs (libcontainer/cgroups/fs2): where it is, its limits, its members.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EEXIST, type Errno, isErrno } from '../../kernel/errno.ts';
import { O_WRONLY } from '../../kernel/files/open-file.ts';
import type { Spec, SpecResources } from './spec.ts';
import { goErrno } from './validate.ts';

const MOUNT = '/sys/fs/cgroup';

/** The directory of a container's group: the spec's path (`slice:prefix:name` for systemd's), or the id below ours. */
export function cgroupDirectory(p: Process, spec: Spec, id: string): string {
  const given = spec.linux?.cgroupsPath ?? '';
  if (given === '') {
    const own = p.task.cgroup.path;
    return `${MOUNT}${own === '/' ? '' : own}/${id}`;
  }
  const systemd = /^([^:]*):([^:]*):(.+)$/.exec(given);
  if (systemd) {
    const [, slice = '', prefix = '', name = ''] = systemd;
    return `${MOUNT}/${slicePath(slice === '' ? 'system.slice' : slice)}/${prefix}-${name}.scope`;
  }
  if (given.startsWith('/')) return `${MOUNT}${given}`;
  const own = p.task.cgroup.path;
  return `${MOUNT}${own === '/' ? '' : own}/${given}`;
}

/** `a-b.slice` lies in `a.slice` (systemd.slice(5)). */
function slicePath(slice: string): string {
  const parts = slice.replace(/\.slice$/, '').split('-');
  return parts.map((_, i) => `${parts.slice(0, i + 1).join('-')}.slice`).join('/');
}

/** Writes a value into a file of a control group. */
export function* writeControl(p: Process, path: string, value: string): Routine<Errno | undefined> {
  const fd = p.open(path, O_WRONLY);
  if (isErrno(fd)) return fd;
  const result = yield* p.write(fd, encode(value));
  p.close(fd);
  return isErrno(result) ? result : undefined;
}

/** Makes the group and those above it, handing down what the root has (cgroups/fs2/create.go). */
export function* makeCgroup(p: Process, directory: string): Routine<Errno | undefined> {
  const names = directory
    .slice(MOUNT.length)
    .split('/')
    .filter((name) => name !== '');
  const have = yield* readText(p, `${MOUNT}/cgroup.controllers`);
  const handed = have === '' ? [] : have.split(/\s+/).map((name) => `+${name}`);
  let at = MOUNT;
  for (const name of names) {
    yield* handDown(p, `${at}/cgroup.subtree_control`, handed);
    at = `${at}/${name}`;
    const failure = p.mkdir(at, 0o755);
    if (failure && failure !== EEXIST) return failure;
  }
  return undefined;
}

/** All controllers at once; where that is refused, those that can be had. */
function* handDown(p: Process, file: string, controllers: readonly string[]): Routine<void> {
  const failure = yield* writeControl(p, file, controllers.join(' '));
  if (!failure) return;
  for (const one of controllers) yield* writeControl(p, file, one);
}

function* readText(p: Process, path: string): Routine<string> {
  const fd = p.open(path);
  if (isErrno(fd)) return '';
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return isErrno(bytes) ? '' : decode(bytes).trim();
}

/** cgroup v2's cpu.weight for v1's shares, as runc 1.4 converts them. */
export function cpuWeight(shares: number): number {
  if (shares === 0) return 0;
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const l = Math.log2(shares);
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34));
}

const THROTTLES = [
  ['throttleReadBpsDevice', 'rbps'],
  ['throttleWriteBpsDevice', 'wbps'],
  ['throttleReadIOPSDevice', 'riops'],
  ['throttleWriteIOPSDevice', 'wiops'],
] as const;

/** The files and values that the resources of a spec mean. */
export function controlValues(resources: SpecResources): (readonly [string, string])[] {
  const { memory, cpu, pids, blockIO, unified } = resources;
  const values: (readonly [string, string])[] = [];
  const amount = (n: number): string => (n < 0 ? 'max' : String(n));
  if (pids?.limit !== undefined && pids.limit !== 0) values.push(['pids.max', amount(pids.limit)]);
  const swap = memory?.swap;
  if (swap !== undefined && swap !== 0) {
    const limit = memory?.limit ?? 0;
    values.push([
      'memory.swap.max',
      swap < 0 || limit < 0 ? 'max' : String(Math.max(0, swap - limit)),
    ]);
  }
  if (memory?.limit !== undefined && memory.limit !== 0)
    values.push(['memory.max', amount(memory.limit)]);
  if (memory?.reservation) values.push(['memory.low', amount(memory.reservation)]);
  if (cpu?.shares) values.push(['cpu.weight', String(cpuWeight(cpu.shares))]);
  if (cpu?.quota || cpu?.period) {
    const quota = cpu.quota && cpu.quota > 0 ? String(cpu.quota) : 'max';
    values.push(['cpu.max', `${quota} ${cpu.period || 100_000}`]);
  }
  if (cpu?.cpus) values.push(['cpuset.cpus', cpu.cpus]);
  if (cpu?.mems) values.push(['cpuset.mems', cpu.mems]);
  if (blockIO?.weight) values.push(['io.weight', `default ${1 + (blockIO.weight - 10) * 10}`]);
  for (const [key, name] of THROTTLES)
    for (const { major, minor, rate } of blockIO?.[key] ?? [])
      values.push(['io.max', `${major}:${minor} ${name}=${rate}`]);
  for (const entry of Object.entries(unified ?? {})) values.push(entry);
  return values;
}

/** Sets the limits; the text of the first failure. */
export function* setResources(
  p: Process,
  directory: string,
  resources: SpecResources,
): Routine<string | undefined> {
  for (const [file, value] of controlValues(resources)) {
    const failure = yield* writeControl(p, `${directory}/${file}`, value);
    if (!failure) continue;
    if (file === 'memory.swap.max') continue;
    const what =
      failure.name === 'ENOENT' ? `open ${directory}/${file}` : `write ${directory}/${file}`;
    return failure.name === 'ENOENT'
      ? `${what}: no such file or directory`
      : `failed to write "${value}": ${what}: ${goErrno(failure.message)}`;
  }
  return undefined;
}

/** The numbers of all members, those of groups below included. */
export function* cgroupProcesses(p: Process, directory: string): Routine<number[]> {
  const pids = (yield* readText(p, `${directory}/cgroup.procs`))
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
  const entries = p.readdir(directory);
  if (!isErrno(entries)) {
    for (const { name, kind } of entries) {
      if (kind === 0o040000) pids.push(...(yield* cgroupProcesses(p, `${directory}/${name}`)));
    }
  }
  return pids;
}

/** Removes the group and those below it; busy ones stay. */
export function removeCgroup(p: Process, directory: string): void {
  const entries = p.readdir(directory);
  if (isErrno(entries)) return;
  for (const { name, kind } of entries)
    if (kind === 0o040000) removeCgroup(p, `${directory}/${name}`);
  p.rmdir(directory);
}
