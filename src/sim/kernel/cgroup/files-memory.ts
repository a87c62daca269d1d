// memory.*: limits, use, events, statistics, and taking memory back.

import { EAGAIN, EINVAL, type Errno, isErrno } from '../errno.ts';
import type { Cgroup } from './cgroup.ts';
import type { CgroupContext, CgroupFile } from './cgroupfs.ts';
import { pressureFile } from './files-cpu.ts';
import { MEMORY_EVENTS, type MemoryControl, reclaim } from './memory.ts';
import { parseBytes, parseWhole, showLimit } from './numbers.ts';
import { killForMemory } from './oom.ts';

function memoryOf(group: Cgroup): MemoryControl {
  if (!group.memory) throw new Error('a memory file of a group without the controller');
  return group.memory;
}

type LimitField = 'max' | 'high' | 'low' | 'min' | 'swapMax' | 'swapHigh' | 'zswapMax';

function limit(
  name: string,
  field: LimitField,
  after?: (control: MemoryControl, context: CgroupContext) => void,
): CgroupFile {
  return {
    name,
    mode: 0o644,
    where: 'groups',
    controller: 'memory',
    read: (group) => showLimit(memoryOf(group)[field]),
    write: (group, text, context) => {
      const value = parseBytes(text);
      if (isErrno(value)) return value;
      memoryOf(group)[field] = value;
      after?.(memoryOf(group), context);
      return undefined;
    },
  };
}

/** A lower memory.max takes cached files back at once, and kills where that is not enough. */
function enforceMax(control: MemoryControl, { kernel, task }: CgroupContext): void {
  while (control.current > control.max) {
    if (reclaim(control, control.current - control.max) > 0) continue;
    if (!killForMemory(kernel, task, control)) return;
  }
}

function enforceHigh(control: MemoryControl): void {
  if (control.current > control.high) reclaim(control, control.current - control.high);
}

function takeBack(group: Cgroup, text: string): Errno | undefined {
  const value = parseBytes(text);
  if (isErrno(value) || !Number.isFinite(value)) return EINVAL;
  return reclaim(memoryOf(group), value) < value ? EAGAIN : undefined;
}

function showEvents(events: Readonly<Record<string, number>>): string {
  return MEMORY_EVENTS.map((name) => `${name} ${events[name] ?? 0}\n`).join('');
}

function statistics(group: Cgroup, { kernel }: CgroupContext): string {
  const control = group.parent ? memoryOf(group) : undefined;
  const { memory } = kernel;
  const anon = control ? control.use.anon : memory.anonymous;
  const shmem = control ? control.use.shmem : memory.shared;
  const file = (control ? control.use.file : memory.cache.bytes) + shmem;
  const kernelBytes = control ? control.use.kernel : memory.kernelBytes;
  const half = (bytes: number): number => Math.floor(bytes / 8192) * 4096;
  const rows: (readonly [string, number])[] = [
    ['anon', anon],
    ['file', file],
    ['kernel', kernelBytes],
    ['kernel_stack', 0],
    ['pagetables', 0],
    ['sec_pagetables', 0],
    ['percpu', 0],
    ['sock', 0],
    ['vmalloc', 0],
    ['shmem', shmem],
    ['zswap', 0],
    ['zswapped', 0],
    ['file_mapped', 0],
    ['file_dirty', 0],
    ['file_writeback', 0],
    ['swapcached', 0],
    ['anon_thp', 0],
    ['file_thp', 0],
    ['shmem_thp', 0],
    ['inactive_anon', anon],
    ['active_anon', shmem],
    ['inactive_file', file - shmem - half(file - shmem)],
    ['active_file', half(file - shmem)],
    ['unevictable', 0],
    ['slab_reclaimable', 0],
    ['slab_unreclaimable', 0],
    ['slab', 0],
    ['workingset_refault_anon', 0],
    ['workingset_refault_file', 0],
    ['workingset_activate_anon', 0],
    ['workingset_activate_file', 0],
    ['workingset_restore_anon', 0],
    ['workingset_restore_file', 0],
    ['workingset_nodereclaim', 0],
    ['pgscan', 0],
    ['pgsteal', 0],
    ['pgscan_kswapd', 0],
    ['pgscan_direct', 0],
    ['pgsteal_kswapd', 0],
    ['pgsteal_direct', 0],
    ['pgfault', control?.faults ?? 0],
    ['pgmajfault', control?.majorFaults ?? 0],
    ['pgrefill', 0],
    ['pgactivate', 0],
    ['pgdeactivate', 0],
    ['pglazyfree', 0],
    ['pglazyfreed', 0],
    ['zswpin', 0],
    ['zswpout', 0],
    ['thp_fault_alloc', 0],
    ['thp_collapse_alloc', 0],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join('');
}

function setOomGroup(group: Cgroup, text: string): Errno | undefined {
  const value = parseWhole(text, 0, 1);
  if (isErrno(value)) return EINVAL;
  memoryOf(group).oomGroup = value === 1;
  return undefined;
}

function shown(name: string, read: (control: MemoryControl) => string): CgroupFile {
  return {
    name,
    mode: 0o444,
    where: 'groups',
    controller: 'memory',
    read: (group) => read(memoryOf(group)),
  };
}

export const memoryFiles: readonly CgroupFile[] = [
  shown('memory.current', (control) => `${control.current}\n`),
  shown('memory.peak', (control) => `${control.peak}\n`),
  limit('memory.min', 'min'),
  limit('memory.low', 'low'),
  limit('memory.high', 'high', enforceHigh),
  limit('memory.max', 'max', enforceMax),
  shown('memory.events', (control) => showEvents(control.events)),
  shown('memory.events.local', (control) => showEvents(control.localEvents)),
  { name: 'memory.stat', mode: 0o444, where: 'all', controller: 'memory', read: statistics },
  {
    name: 'memory.numa_stat',
    mode: 0o444,
    where: 'all',
    controller: 'memory',
    read: (group, context) =>
      `${statistics(group, context)
        .replace(/^(\S+) (\d+)$/gm, '$1 N0=$2')
        .split('\n')
        .slice(0, 22)
        .join('\n')}\n`,
  },
  {
    name: 'memory.oom.group',
    mode: 0o644,
    where: 'groups',
    controller: 'memory',
    read: (group) => `${memoryOf(group).oomGroup ? 1 : 0}\n`,
    write: setOomGroup,
  },
  { name: 'memory.reclaim', mode: 0o200, where: 'groups', controller: 'memory', write: takeBack },
  shown('memory.swap.current', () => '0\n'),
  limit('memory.swap.high', 'swapHigh'),
  limit('memory.swap.max', 'swapMax'),
  shown('memory.swap.events', () => 'high 0\nmax 0\nfail 0\n'),
  shown('memory.zswap.current', () => '0\n'),
  limit('memory.zswap.max', 'zswapMax'),
  pressureFile('memory.pressure'),
];
