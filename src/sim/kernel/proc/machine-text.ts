// Texts of /proc about the machine as a whole: processors, memory, statistics.

import { epochSeconds, SECOND } from '../../core/time.ts';
import type { Kernel } from '../kernel.ts';

const FLAGS =
  'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht syscall nx ' +
  'pdpe1gb rdtscp lm constant_tsc rep_good nopl xtopology cpuid tsc_known_freq pni pclmulqdq ssse3 fma cx16 sse4_1 ' +
  'sse4_2 x2apic movbe popcnt aes xsave avx f16c rdrand hypervisor lahf_lm abm fsgsbase bmi1 avx2 smep bmi2 erms';

/** What /proc/cpuinfo, lscpu and the like say of each processor. */
export const PROCESSOR = {
  vendor: 'GenuineIntel',
  family: 6,
  model: 85,
  name: 'Intel(R) Xeon(R) Processor',
  stepping: 7,
  mhz: 2500,
  bogomips: 5000,
  cacheKilobytes: 36608,
  flags: FLAGS,
} as const;

export function cpuInfo(kernel: Kernel): string {
  const { count } = kernel.processors;
  let text = '';
  for (let i = 0; i < count; i++) {
    const rows: readonly (readonly [string, string | number])[] = [
      ['processor', i],
      ['vendor_id', PROCESSOR.vendor],
      ['cpu family', PROCESSOR.family],
      ['model', PROCESSOR.model],
      ['model name', PROCESSOR.name],
      ['stepping', PROCESSOR.stepping],
      ['microcode', '0x1'],
      ['cpu MHz', PROCESSOR.mhz.toFixed(3)],
      ['cache size', `${PROCESSOR.cacheKilobytes} KB`],
      ['physical id', 0],
      ['siblings', count],
      ['core id', i],
      ['cpu cores', count],
      ['apicid', i],
      ['initial apicid', i],
      ['fpu', 'yes'],
      ['fpu_exception', 'yes'],
      ['cpuid level', 13],
      ['wp', 'yes'],
      ['flags', PROCESSOR.flags],
      ['bugs', 'spectre_v1 spectre_v2'],
      ['bogomips', PROCESSOR.bogomips.toFixed(2)],
      ['clflush size', 64],
      ['cache_alignment', 64],
      ['address sizes', '46 bits physical, 48 bits virtual'],
      ['power management', ''],
    ];
    for (const [name, value] of rows) {
      const tabs = name.length < 8 ? '\t\t' : '\t';
      text += `${name}${name.length >= 16 ? '' : tabs}: ${value}\n`.replace(/: \n$/, ':\n');
    }
    text += '\n';
  }
  return text;
}

export function memoryInfo(kernel: Kernel): string {
  const { memory } = kernel;
  const kilobytes = (bytes: number): number => Math.floor(bytes / 1024);
  const cached = kilobytes(memory.cache.bytes);
  const buffers = Math.floor(cached / 12);
  const slab = kilobytes(memory.kernelBytes * 0.45);
  const shared = kilobytes(memory.shared);
  const anonymous = kilobytes(memory.anonymous);
  const rows: readonly (readonly [string, number])[] = [
    ['MemTotal', kilobytes(memory.total)],
    ['MemFree', kilobytes(memory.free)],
    ['MemAvailable', kilobytes(memory.available)],
    ['Buffers', buffers],
    ['Cached', cached - buffers + shared],
    ['SwapCached', 0],
    ['Active', Math.floor(cached / 2) + shared],
    ['Inactive', anonymous + Math.floor(cached / 2)],
    ['Active(anon)', shared],
    ['Inactive(anon)', anonymous],
    ['Active(file)', Math.floor(cached / 2)],
    ['Inactive(file)', Math.floor(cached / 2)],
    ['Unevictable', 0],
    ['Mlocked', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Zswap', 0],
    ['Zswapped', 0],
    ['Dirty', kilobytes(memory.cache.dirty)],
    ['Writeback', 0],
    ['AnonPages', anonymous],
    ['Mapped', Math.floor(cached / 4)],
    ['Shmem', shared],
    ['KReclaimable', Math.floor(slab / 2)],
    ['Slab', slab],
    ['SReclaimable', Math.floor(slab / 2)],
    ['SUnreclaim', Math.ceil(slab / 2)],
    ['KernelStack', 16 * kernel.taskCount],
    ['PageTables', 44 * kernel.taskCount],
    ['SecPageTables', 0],
    ['NFS_Unstable', 0],
    ['Bounce', 0],
    ['WritebackTmp', 0],
    ['CommitLimit', kilobytes(memory.total / 2)],
    ['Committed_AS', anonymous + shared],
    ['VmallocTotal', 34359738367],
    ['VmallocUsed', 14_796],
    ['VmallocChunk', 0],
    ['Percpu', 664],
    ['HardwareCorrupted', 0],
    ['AnonHugePages', 0],
    ['ShmemHugePages', 0],
    ['ShmemPmdMapped', 0],
    ['FileHugePages', 0],
    ['FilePmdMapped', 0],
    ['HugePages_Total', 0],
    ['HugePages_Free', 0],
    ['HugePages_Rsvd', 0],
    ['HugePages_Surp', 0],
    ['Hugepagesize', 2048],
    ['Hugetlb', 0],
    ['DirectMap4k', 110_464],
    ['DirectMap2M', 4_083_712],
  ];
  return rows
    .map(([name, value]) => {
      const unit = name.startsWith('HugePages_') ? '' : ' kB';
      return `${`${name}:`.padEnd(15)} ${String(value).padStart(8)}${unit}\n`;
    })
    .join('');
}

/** /proc/stat: processor time in hundredths of a second, then counters. */
export function statistics(kernel: Kernel): string {
  const { processors, simulation } = kernel;
  const up = (simulation.now - kernel.bootedAt) / SECOND;
  const busy = Math.round((processors.busyTime / SECOND) * 100);
  const all = Math.round(up * 100) * processors.count;
  const user = Math.floor(busy * 0.7);
  const cpu = (name: string, part: number): string => {
    const share = (value: number): number => Math.floor(value / part);
    return `${name} ${share(user)} 0 ${share(busy - user)} ${share(Math.max(0, all - busy))} 0 0 0 0 0 0\n`;
  };
  let text = cpu('cpu ', 1);
  for (let i = 0; i < processors.count; i++) text += cpu(`cpu${i}`, processors.count);
  return (
    `${text}intr 0\nctxt ${simulation.steps}\nbtime ${epochSeconds(kernel.bootedAt)}\n` +
    `processes ${kernel.first.pid.lastPid}\nprocs_running ${Math.max(1, processors.load)}\nprocs_blocked 0\n` +
    'softirq 0 0 0 0 0 0 0 0 0 0 0\n'
  );
}

export function interruptsText(kernel: Kernel): string {
  const { count } = kernel.processors;
  const head = Array.from({ length: count }, (_, i) => `       CPU${i}`).join('');
  const zeros = Array.from({ length: count }, () => '          0').join('');
  return `    ${head}       \n  0:${zeros}   IO-APIC   2-edge      timer\n  8:${zeros}   IO-APIC   8-edge      rtc0\n`;
}

export function virtualMemoryStatistics(kernel: Kernel): string {
  const { memory } = kernel;
  const pages = (bytes: number): number => Math.floor(bytes / 4096);
  const rows: readonly (readonly [string, number])[] = [
    ['nr_free_pages', pages(memory.free)],
    ['nr_inactive_anon', pages(memory.anonymous)],
    ['nr_active_anon', pages(memory.shared)],
    ['nr_file_pages', pages(memory.cache.bytes)],
    ['nr_dirty', pages(memory.cache.dirty)],
    ['nr_shmem', pages(memory.shared)],
    ['pgpgin', 100_672],
    ['pgpgout', 41_156],
    ['pswpin', 0],
    ['pswpout', 0],
    ['pgfault', kernel.first.pid.lastPid * 220],
    ['pgmajfault', 412],
    ['oom_kill', memory.killed],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join('');
}
