// The fixed files of /proc: what the machine is and how it is doing. /proc/sys is in sysctl.ts.

import { SECOND } from '../../core/time.ts';
import { EINVAL, EPERM, type Errno } from '../errno.ts';
import { FILE_SYSTEM_TYPES } from '../files/types.ts';
import { type Kernel, KERNEL_RELEASE, KERNEL_VERSION } from '../kernel.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import {
  cpuInfo,
  interruptsText,
  memoryInfo,
  statistics,
  virtualMemoryStatistics,
} from './machine-text.ts';
import type { ProcFileSystem } from './proc.ts';
import { sysctlDirectory } from './sysctl.ts';
import type { TreeEntry, TreeDirectory, TreeFile } from './tree.ts';
import { CONTROLLERS } from '../cgroup/cgroup.ts';

const file = (read: (kernel: Kernel) => string | Errno, mode = 0o444): TreeFile => ({
  kind: 'file',
  mode,
  read: (task) => read(task.kernel),
});

/** Seconds since boot, and how long the processors idled, with two digits behind the point. */
function uptime({ kernel, namespaces }: Task): string {
  const since = kernel.simulation.now - kernel.bootedAt;
  const idle = Math.max(0, since * kernel.processors.count - kernel.processors.busyTime);
  const up = since + namespaces.time.boottimeOffset;
  return `${(up / SECOND).toFixed(2)} ${(idle / SECOND).toFixed(2)}\n`;
}

function loadAverage(kernel: Kernel, proc: ProcFileSystem): string {
  const [one, five, fifteen] = kernel.processors.loadAverages();
  const running = Math.max(1, kernel.processors.load);
  const numbers = [one, five, fifteen].map((value) => value.toFixed(2)).join(' ');
  return `${numbers} ${running}/${kernel.taskCount} ${proc.namespace.lastPid}\n`;
}

/** /proc/cgroups: controllers as version 1 named them. */
const CGROUP_ROWS = [
  'cpuset',
  'cpu',
  'cpuacct',
  'blkio',
  'memory',
  'devices',
  'freezer',
  'net_cls',
  'perf_event',
  'net_prio',
  'hugetlb',
  'pids',
  'rdma',
  'misc',
] as const;

function controllersTable(kernel: Kernel): string {
  const groups = [...kernel.rootCgroup.subtreeGroups()];
  const rows = CGROUP_ROWS.map((name) => {
    const modern = CONTROLLERS.find((each) => each === (name === 'blkio' ? 'io' : name));
    const count = modern ? groups.filter((group) => group.has(modern)).length : groups.length;
    return `${name}\t0\t${count}\t1\n`;
  });
  return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${rows.join('')}`;
}

function partitions(kernel: Kernel): string {
  const rows = [...kernel.disks].map(([device, disk]) => {
    const blocks = Math.floor(disk.use().total / 1024);
    const name = kernel.rootDevice.replace('/dev/', '');
    return ` ${String(device >> 8).padStart(3)} ${String(device & 255).padStart(8)} ${String(blocks).padStart(10)} ${name}\n`;
  });
  return `major minor  #blocks  name\n\n${rows.join('')}`;
}

/** /proc/sysrq-trigger: a few of the letters (sysrq.rst) that make sense here. */
function sysRequest(kernel: Kernel, letter: string): Errno | undefined {
  const meanings: Readonly<Record<string, string>> = {
    h: 'HELP : loglevel(0-9) reboot(b) crash(c) terminate-all-tasks(e) memory-full-oom-kill(f) kill-all-tasks(i) sync(s)',
    s: 'Emergency Sync',
    m: 'Show Memory',
    t: 'Show State',
    w: 'Show Blocked State',
    u: 'Emergency Remount R/O',
  };
  const meaning = meanings[letter];
  if (!meaning) return EINVAL;
  kernel.print(`sysrq: ${meaning}`);
  return undefined;
}

const DEVICES = [
  'Character devices:',
  '  1 mem',
  '  4 /dev/vc/0',
  '  4 tty',
  '  4 ttyS',
  '  5 /dev/tty',
  '  5 /dev/console',
  '  5 /dev/ptmx',
  '  7 vcs',
  ' 10 misc',
  ' 13 input',
  '128 ptm',
  '136 pts',
  '',
  'Block devices:',
  '  7 loop',
  '254 virtblk',
  '259 blkext',
  '',
].join('\n');

function fixedFiles(proc: ProcFileSystem): readonly (readonly [string, TreeEntry])[] {
  const { kernel } = proc;
  const version = `Linux version ${KERNEL_RELEASE} (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) ${KERNEL_VERSION}\n`;
  return [
    [
      'buddyinfo',
      file(
        () =>
          'Node 0, zone   Normal    120     80     60     40     20     10      5      3      2      1    700\n',
      ),
    ],
    ['cgroups', file(controllersTable)],
    [
      'cmdline',
      file(() => `BOOT_IMAGE=/boot/vmlinuz-${KERNEL_RELEASE} root=${kernel.rootDevice} ro quiet\n`),
    ],
    ['consoles', file(() => 'tty0                 -WU (EC  p  )    4:1\n')],
    ['cpuinfo', file(cpuInfo)],
    [
      'crypto',
      file(() => 'name         : sha256\ndriver       : sha256-generic\nmodule       : kernel\n\n'),
    ],
    ['devices', file(() => DEVICES)],
    [
      'diskstats',
      file(
        () =>
          ' 254       0 vda 5120 312 201344 1804 2210 1433 82312 3120 0 2400 4924 0 0 0 0 0 0\n',
      ),
    ],
    [
      'filesystems',
      file(() =>
        FILE_SYSTEM_TYPES.map((type) => `${type.device ? '' : 'nodev'}\t${type.name}\n`).join(''),
      ),
    ],
    ['interrupts', file(interruptsText)],
    ['kallsyms', file(() => '')],
    ['kcore', file(() => '', 0o400)],
    ['keys', file(() => '')],
    ['key-users', file(() => '    0:    12 11/11 1/1000000 9/25000000\n')],
    [
      'kmsg',
      {
        kind: 'file',
        mode: 0o400,
        read: (task) =>
          capable(task, CAP_SYS_ADMIN)
            ? kernel.log.map(({ text }) => `<6>${text}\n`).join('')
            : EPERM,
      },
    ],
    ['loadavg', file(() => loadAverage(kernel, proc))],
    ['locks', file(() => '')],
    ['mdstat', file(() => 'Personalities : \nunused devices: <none>\n')],
    ['meminfo', file(memoryInfo)],
    ['misc', file(() => '235 autofs\n183 hw_random\n228 hpet\n229 fuse\n  1 psaux\n')],
    [
      'modules',
      file(
        () =>
          'overlay 163840 0 - Live 0x0000000000000000\nbridge 311296 0 - Live 0x0000000000000000\n',
      ),
    ],
    ['mounts', { kind: 'link', target: 'self/mounts' }],
    ['net', { kind: 'link', target: 'self/net' }],
    ['partitions', file(partitions)],
    ['pressure', pressureDirectory],
    ['schedstat', file(() => 'version 15\ntimestamp 4294892296\n')],
    ['slabinfo', file(() => 'slabinfo - version: 2.1\n', 0o400)],
    [
      'softirqs',
      file(
        () => '                    CPU0       CPU1       \n          HI:          0          0\n',
      ),
    ],
    ['stat', file(statistics)],
    ['swaps', file(() => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n')],
    ['sys', sysctlDirectory(kernel)],
    [
      'sysrq-trigger',
      {
        kind: 'file',
        mode: 0o200,
        write: (text, task) => sysRequest(task.kernel, text.charAt(0)),
      },
    ],
    ['sysvipc', emptyDirectory],
    ['timer_list', file(() => 'Timer List Version: v0.9\n', 0o400)],
    ['tty', emptyDirectory],
    ['uptime', { kind: 'file', mode: 0o444, read: uptime }],
    ['version', file(() => version)],
    ['vmallocinfo', file(() => '', 0o400)],
    ['vmstat', file(virtualMemoryStatistics)],
    ['zoneinfo', file(() => 'Node 0, zone   Normal\n')],
    ['acpi', emptyDirectory],
    ['asound', emptyDirectory],
    ['bus', emptyDirectory],
    ['driver', emptyDirectory],
    ['fs', emptyDirectory],
    ['irq', emptyDirectory],
    ['scsi', emptyDirectory],
  ];
}

const emptyDirectory: TreeDirectory = { kind: 'directory', entries: () => new Map() };

const NO_PRESSURE = 'avg10=0.00 avg60=0.00 avg300=0.00 total=0\n';
const pressureFiles: ReadonlyMap<string, TreeEntry> = new Map(
  ['cpu', 'io', 'memory'].map((name) => [
    name,
    file(() => `some ${NO_PRESSURE}full ${NO_PRESSURE}`, 0o644),
  ]),
);
const pressureDirectory: TreeDirectory = { kind: 'directory', entries: () => pressureFiles };

/** The entries of /proc beside the processes. */
export function rootEntries(proc: ProcFileSystem): TreeDirectory {
  const files = new Map(fixedFiles(proc));
  return { kind: 'directory', entries: () => files };
}
