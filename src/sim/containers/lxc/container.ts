// A container of LXC as its directory holds it: the configuration, the root file system, and what it becomes for the
// runtime when it starts. Of the configuration the names, the root, one network and the mounts of the busybox template
// are read; user namespaces, AppArmor profiles, hooks and the terminals of lxc-console are left out.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { DEFAULT_MOUNTS, OCI_VERSION, type Spec } from '../runc/spec.ts';
import { type ContainerState, initAlive, loadState } from '../runc/state.ts';

/** Where containers are, and where the runtime keeps what it knows of running ones. */
export const LXC_PATH = '/var/lib/lxc';
export const RUN_PATH = '/run/lxc';

/** Capabilities that the busybox template drops. */
const DROPPED = ['SYS_MODULE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'SYS_TIME'];
const KEPT =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP'
    .split(' ')
    .filter((name) => !DROPPED.includes(name))
    .map((name) => `CAP_${name}`);

/** A configuration: values by key, in order. */
export type Configuration = ReadonlyMap<string, readonly string[]>;

/** Reads a container's configuration; undefined where there is none. */
export function* configurationOf(p: Process, name: string): Routine<Configuration | undefined> {
  const bytes = yield* readFile(p, `${LXC_PATH}/${name}/config`);
  if (isErrno(bytes)) return undefined;
  const values = new Map<string, string[]>();
  for (const line of decode(bytes).split('\n')) {
    const found = /^\s*([\w.]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (!found) continue;
    const [, key = '', value = ''] = found;
    const plain = value.replace(/^"(.*)"$/, '$1');
    values.set(key, [...(values.get(key) ?? []), plain]);
  }
  return values;
}

/** The first value of a key. */
export function valueOf(configuration: Configuration, key: string): string | undefined {
  return configuration.get(key)?.at(-1);
}

/** The runtime's state of a container that runs; undefined of one that does not. */
export function* runningState(p: Process, name: string): Routine<ContainerState | undefined> {
  const state = yield* loadState(p, RUN_PATH, name);
  return state && 'init_process_pid' in state && initAlive(p, state) ? state : undefined;
}

/** Names of the containers that are defined. */
export function definedNames(p: Process): string[] {
  const items = p.readdir(LXC_PATH);
  if (isErrno(items)) return [];
  return items
    .map(({ name }) => name)
    .filter((name) => p.exists(`${LXC_PATH}/${name}/config`))
    .sort();
}

/** What the runtime makes of a configuration. */
export function specOf(configuration: Configuration, name: string): Spec {
  const root = (valueOf(configuration, 'lxc.rootfs.path') ?? '').replace(/^dir:/, '');
  const entries = (configuration.get('lxc.mount.entry') ?? []).flatMap((entry) => {
    const [source = '', target = '', type = '', options = ''] = entry.split(/\s+/);
    if (!options.includes('bind') || options.includes('optional')) return [];
    return [{ destination: `/${target}`, type, source, options: options.split(',') }];
  });
  const capabilities = { bounding: KEPT, effective: KEPT, permitted: KEPT };
  return {
    ociVersion: OCI_VERSION,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: [valueOf(configuration, 'lxc.init.cmd') ?? '/sbin/init'],
      env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'container=lxc',
        'TERM=linux',
      ],
      cwd: '/',
      capabilities,
    },
    root: { path: root },
    hostname: valueOf(configuration, 'lxc.uts.name') ?? name,
    mounts: [...DEFAULT_MOUNTS, ...entries],
    linux: {
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
      cgroupsPath: `/lxc.payload.${name}`,
    },
  };
}

/** An error as LXC logs it: program, container, source file, function, line, text. */
export function* logged(main: Main, name: string, where: string, text: string): Routine<void> {
  main.err.put(`${main.name}: ${name}: ../src/lxc/${where} ${text}\n`);
  yield* main.err.flush();
}

/** The words of a command: options with their values, and what is behind `--` or the first plain word. */
export interface Words {
  readonly options: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
  /** An option that is not known here. */
  readonly unknown: string | undefined;
}

/** Reads words; `valued` and `plain` map every form of an option to its name. */
export function readWords(
  args: readonly string[],
  valued: Readonly<Record<string, string>>,
  plain: Readonly<Record<string, string>>,
): Words {
  const options = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--') return { options, rest: args.slice(i + 1), unknown: undefined };
    if (!word.startsWith('-')) return { options, rest: args.slice(i), unknown: undefined };
    const [key = '', given] = word.startsWith('--')
      ? word.split(/=(.*)/s)
      : [word.slice(0, 2), word.slice(2) || undefined];
    const name = valued[key];
    if (name !== undefined) options.set(name, given ?? args[++i] ?? '');
    else if (plain[key] !== undefined) options.set(plain[key], '');
    else return { options, rest: [], unknown: word };
  }
  return { options, rest: [], unknown: undefined };
}

/** The container that a command is for: by -n or as its first word. */
export function nameOf({ options, rest }: Words): readonly [string | undefined, readonly string[]] {
  const given = options.get('name');
  return given === undefined ? [rest[0], rest.slice(1)] : [given, rest];
}
