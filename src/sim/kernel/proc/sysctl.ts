// /proc/sys (sysctl(8)): settings of the kernel. Those that mean something here read and set the kernel's own state,
// the others keep what was written. net.* comes from network-settings.ts, as each network namespace has its own.

import { limits } from '../../core/limits.ts';
import { EINVAL, EPERM, ERANGE, EACCES, type Errno } from '../errno.ts';
import { type Kernel, KERNEL_RELEASE, KERNEL_VERSION } from '../kernel.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { networkSettings } from './network-settings.ts';
import type { TreeDirectory, TreeEntry } from './tree.ts';

/** One setting: `path` below /proc/sys. */
export interface Setting {
  readonly path: string;
  readonly mode?: number;
  read(task: Task): string | Errno;
  write?(text: string, task: Task): Errno | undefined;
}

/** Numbers that are kept as written, with the bounds that the kernel checks. */
const NUMBERS: readonly (readonly [string, number, number, number])[] = [
  ['kernel/pid_max', 4194304, 301, 4194304],
  ['kernel/threads-max', 31024, 20, 1073741823],
  ['kernel/panic', 0, -2147483648, 2147483647],
  ['kernel/panic_on_oops', 0, 0, 1],
  ['kernel/sysrq', 438, 0, 2147483647],
  ['kernel/randomize_va_space', 2, 0, 2],
  ['kernel/kptr_restrict', 0, 0, 2],
  ['kernel/dmesg_restrict', 0, 0, 1],
  ['kernel/unprivileged_userns_clone', 1, 0, 1],
  ['kernel/overflowuid', 65534, 0, 65535],
  ['kernel/overflowgid', 65534, 0, 65535],
  ['kernel/sched_rt_runtime_us', 950000, -1, 1000000],
  ['kernel/perf_event_paranoid', 3, -1, 4],
  ['kernel/unprivileged_bpf_disabled', 2, 0, 2],
  ['kernel/shmmni', 4096, 0, 32768],
  ['kernel/msgmax', 8192, 0, 16777216],
  ['kernel/msgmnb', 16384, 0, 16777216],
  ['kernel/msgmni', 32000, 0, 32768],
  ['kernel/cap_last_cap', 40, 40, 40],
  ['kernel/ngroups_max', 65536, 65536, 65536],
  ['kernel/keys/maxkeys', 200, 0, 2147483647],
  ['kernel/yama/ptrace_scope', 0, 0, 3],
  ['kernel/core_uses_pid', 0, 0, 1],
  ['kernel/watchdog', 0, 0, 1],
  ['vm/swappiness', 60, 0, 200],
  ['vm/overcommit_memory', 0, 0, 2],
  ['vm/overcommit_ratio', 50, 0, 2147483647],
  ['vm/max_map_count', 65530, 0, 2147483647],
  ['vm/dirty_ratio', 20, 0, 100],
  ['vm/dirty_background_ratio', 10, 0, 100],
  ['vm/min_free_kbytes', 45056, 0, 2147483647],
  ['vm/panic_on_oom', 0, 0, 2],
  ['vm/oom_kill_allocating_task', 0, 0, 1],
  ['vm/vfs_cache_pressure', 100, 0, 2147483647],
  ['vm/nr_hugepages', 0, 0, 2147483647],
  ['vm/mmap_min_addr', 65536, 0, 2147483647],
  ['vm/page-cluster', 3, 0, 31],
  ['fs/file-max', 9223372036854776000, 0, 9223372036854776000],
  ['fs/nr_open', limits.mostDescriptors, 8, 2147483584],
  ['fs/pipe-max-size', 1048576, 4096, 2147483647],
  ['fs/protected_hardlinks', 1, 0, 1],
  ['fs/protected_symlinks', 1, 0, 1],
  ['fs/protected_fifos', 1, 0, 2],
  ['fs/protected_regular', 2, 0, 2],
  ['fs/suid_dumpable', 0, 0, 2],
  ['fs/inotify/max_user_instances', 128, 0, 2147483647],
  ['fs/inotify/max_user_watches', 29000, 0, 2147483647],
  ['fs/inotify/max_queued_events', 16384, 0, 2147483647],
  ['fs/mount-max', 100000, 1, 2147483647],
  ['fs/mqueue/queues_max', 256, 0, 2147483647],
  ['fs/mqueue/msg_max', 10, 1, 65536],
  ['user/max_user_namespaces', 15512, 0, 2147483647],
  ['user/max_pid_namespaces', 15512, 0, 2147483647],
  ['user/max_mnt_namespaces', 15512, 0, 2147483647],
  ['user/max_net_namespaces', 15512, 0, 2147483647],
  ['user/max_uts_namespaces', 15512, 0, 2147483647],
  ['user/max_ipc_namespaces', 15512, 0, 2147483647],
  ['user/max_cgroup_namespaces', 15512, 0, 2147483647],
  ['user/max_time_namespaces', 15512, 0, 2147483647],
  ['debug/exception-trace', 1, 0, 1],
];

/** Texts that are kept as written. */
const TEXTS: readonly (readonly [string, string])[] = [
  ['kernel/shmmax', '18446744073692774399'],
  ['kernel/shmall', '18446744073692774399'],
  ['kernel/core_pattern', 'core'],
  ['kernel/modprobe', '/sbin/modprobe'],
  ['kernel/printk', '4\t4\t1\t7'],
  ['kernel/sem', '32000\t1024000000\t500\t32000'],
  ['kernel/tainted', '0'],
  ['vm/lowmem_reserve_ratio', '256\t256\t32\t0\t0'],
  ['fs/file-nr', '928\t0\t9223372036854775807'],
  ['fs/inode-nr', '12400\t240'],
  ['fs/aio-max-nr', '65536'],
];

function keptNumber([path, initial, lowest, highest]: readonly [
  string,
  number,
  number,
  number,
]): Setting {
  return {
    path,
    read: (task) => `${task.kernel.settings.get(path) ?? String(initial)}\n`,
    write: (text, task) => {
      const word = text.trim();
      if (!/^-?\d+$/.test(word)) return EINVAL;
      if (Number(word) < lowest || Number(word) > highest) return EINVAL;
      task.kernel.settings.set(path, word);
      return undefined;
    },
  };
}

function keptText([path, initial]: readonly [string, string]): Setting {
  return {
    path,
    read: (task) => `${task.kernel.settings.get(path) ?? initial}\n`,
    write: (text, task) => {
      task.kernel.settings.set(path, text.replace(/\n$/, ''));
      return undefined;
    },
  };
}

const fixed = (path: string, text: (task: Task) => string): Setting => ({
  path,
  mode: 0o444,
  read: (task) => `${text(task)}\n`,
});

const named: readonly Setting[] = [
  fixed('kernel/ostype', () => 'Linux'),
  fixed('kernel/osrelease', () => KERNEL_RELEASE),
  fixed('kernel/version', () => KERNEL_VERSION),
  fixed('kernel/random/boot_id', ({ kernel }) => kernel.bootId),
  fixed('kernel/random/uuid', ({ kernel }) => kernel.entropy.uuid()),
  fixed('kernel/random/entropy_avail', () => '256'),
  fixed('kernel/random/poolsize', () => '256'),
  {
    path: 'kernel/hostname',
    read: (task) => `${task.namespaces.uts.hostname}\n`,
    write: (text, task) => {
      const { uts } = task.namespaces;
      if (!capableIn(task, uts.owner, CAP_SYS_ADMIN)) return EPERM;
      uts.hostname = text.replace(/\n$/, '').slice(0, 64);
      return undefined;
    },
  },
  {
    path: 'kernel/domainname',
    read: (task) => `${task.namespaces.uts.domainname}\n`,
    write: (text, task) => {
      const { uts } = task.namespaces;
      if (!capableIn(task, uts.owner, CAP_SYS_ADMIN)) return EPERM;
      uts.domainname = text.replace(/\n$/, '').slice(0, 64);
      return undefined;
    },
  },
  {
    path: 'kernel/ns_last_pid',
    read: (task) => `${task.pidNamespace.lastPid}\n`,
    write: (text, task) => {
      if (!capableIn(task, task.pidNamespace.owner, CAP_SYS_ADMIN)) return EPERM;
      const word = text.trim();
      if (!/^\d+$/.test(word)) return EINVAL;
      task.pidNamespace.lastPid = Number(word);
      return undefined;
    },
  },
  {
    path: 'vm/drop_caches',
    mode: 0o200,
    read: () => '0\n',
    write: (text, task) => {
      if (!/^[1-4]$/.test(text.trim())) return EINVAL;
      task.kernel.memory.cache.drop();
      task.kernel.print(`${task.name} (${task.pid}): drop_caches: ${text.trim()}`);
      return undefined;
    },
  },
  { path: 'vm/compact_memory', mode: 0o200, read: () => ERANGE, write: () => undefined },
];

/** Everything below /proc/sys, by path. */
export const settings: readonly Setting[] = [
  ...named,
  ...NUMBERS.map(keptNumber),
  ...TEXTS.map(keptText),
];

/** Only root of the first user namespace may write, but for what belongs to a namespace. */
function guarded(setting: Setting): TreeEntry {
  const { path, write } = setting;
  const ofNamespace =
    path.startsWith('net/') ||
    path === 'kernel/hostname' ||
    path === 'kernel/domainname' ||
    path === 'kernel/ns_last_pid';
  return {
    kind: 'file',
    mode: setting.mode ?? (write ? 0o644 : 0o444),
    read: (task) => setting.read(task),
    ...(write
      ? {
          write: (text: string, task: Task): Errno | undefined => {
            if (!ofNamespace && task.credentials.fsuid !== 0) return EACCES;
            return write.call(setting, text, task);
          },
        }
      : {}),
  };
}

interface Folder {
  readonly files: Map<string, TreeEntry>;
  readonly folders: Map<string, Folder>;
}

const emptyFolder = (): Folder => ({ files: new Map(), folders: new Map() });

function directoryOf(folder: Folder): TreeDirectory {
  const entries = new Map(folder.files);
  for (const [name, below] of folder.folders) entries.set(name, directoryOf(below));
  return { kind: 'directory', entries: () => entries };
}

function tree(list: readonly Setting[]): Folder {
  const top = emptyFolder();
  for (const setting of list) {
    const names = setting.path.split('/');
    const name = names.pop() ?? '';
    let at = top;
    for (const part of names) {
      let next = at.folders.get(part);
      if (!next) {
        next = emptyFolder();
        at.folders.set(part, next);
      }
      at = next;
    }
    at.files.set(name, guarded(setting));
  }
  return top;
}

/** What /proc/sys holds everywhere: the same entries in each proc that is mounted, made with the first. */
let everywhere: ReadonlyMap<string, TreeEntry> | undefined;

/** /proc/sys. The network's part is asked anew, as links come and go. */
export function sysctlDirectory(kernel: Kernel): TreeDirectory {
  everywhere ??= directoryOf(tree(settings)).entries();
  const fixedPart = everywhere;
  let before: readonly Setting[] = [];
  let all: ReadonlyMap<string, TreeEntry> = fixedPart;
  return {
    kind: 'directory',
    entries: () => {
      const list = networkSettings(kernel);
      if (list !== before) {
        before = list;
        const net = tree(list).folders.get('net');
        all = net ? new Map([...fixedPart, ['net', directoryOf(net)]]) : fixedPart;
      }
      return all;
    },
  };
}
