// The last steps before a container's process runs its program, for init and for exec alike (libcontainer's
// finalizeNamespace and system.Exec): console, limits, user, capabilities, directory, environment, execve.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EACCES, type Errno, isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import { MS_BIND } from '../../kernel/files/mount.ts';
import { O_CREAT, O_RDWR, O_WRONLY } from '../../kernel/files/open-file.ts';
import {
  CAPABILITIES,
  type CapabilityName,
  type CapabilitySet,
  capabilityBit,
} from '../../kernel/task/credentials.ts';
import type { Handshake } from './handshake.ts';
import type { SpecProcess } from './spec.ts';
import { goErrno, RLIMITS } from './validate.ts';

/** The set of a list of names; names the kernel does not know are left out. */
/** True for a name like CAP_CHOWN that the kernel knows. */
export function isCapability(name: string): boolean {
  return /^CAP_/.test(name) && CAPABILITIES.includes(name.slice(4).toLowerCase() as CapabilityName);
}

/** What is wrong with a line of the environment. */
export function environmentProblem({ env = [] }: SpecProcess): string | undefined {
  const wrong = [...env].reverse().find((line) => line.indexOf('=') <= 0);
  if (wrong === undefined) return undefined;
  const what = wrong.startsWith('=') ? 'name cannot be empty' : "missing '='";
  return `invalid environment variable: ${what}`;
}

export function capabilitySet(names: readonly string[] = []): CapabilitySet {
  let set = 0n;
  for (const name of names) {
    const short = name.replace(/^CAP_/, '').toLowerCase() as CapabilityName;
    if (CAPABILITIES.includes(short)) set |= capabilityBit(short);
  }
  return set;
}

/** Makes a terminal inside the container and puts it on the standard streams. */
export function setUpConsole(
  p: Process,
  handshake: Handshake,
  mountConsole: boolean,
): string | undefined {
  const master = p.openFile('/dev/ptmx', O_RDWR);
  if (isErrno(master))
    return `error setting up console: open /dev/ptmx: ${goErrno(master.message)}`;
  const number = master.ioctl(p.task, 'TIOCGPTN');
  const path = `/dev/pts/${String(number)}`;
  const slave = p.open(path, O_RDWR);
  if (isErrno(slave)) return `error setting up console: open ${path}: ${goErrno(slave.message)}`;
  if (mountConsole) {
    const made = p.open('/dev/console', O_CREAT | O_WRONLY, 0o666);
    if (!isErrno(made)) p.close(made);
    p.mount(path, '/dev/console', 'bind', MS_BIND);
  }
  for (const fd of [0, 1, 2]) p.dup2(slave, fd);
  if (slave > 2) p.close(slave);
  p.ioctl(0, 'TIOCSCTTY');
  master.references++;
  handshake.tell((h) => {
    h.console = master;
  });
  return undefined;
}

/** Resource limits of the spec; the text of the first that is refused. */
export function setRlimits(p: Process, process: SpecProcess): string | undefined {
  for (const { type, soft, hard } of process.rlimits ?? []) {
    const [number, name] = RLIMITS[type] ?? [0, ''];
    const failure = p.setLimit(name, soft, hard);
    if (failure) return `error setting rlimit type ${number}: ${goErrno(failure.message)}`;
  }
  return undefined;
}

/** Takes on the user, groups and capabilities of the spec. */
export function becomeUser(p: Process, process: SpecProcess): string | undefined {
  const { user, capabilities } = process;
  const held = p.capabilities;
  const bounding = capabilities
    ? capabilitySet(capabilities.bounding) & held.bounding
    : held.bounding;
  if (bounding !== held.bounding) p.setCapabilities({ bounding, inheritable: 0n, ambient: 0n });
  const groups = user.additionalGids ?? [];
  if (p.task.credentials.user.setgroups !== 'deny') {
    const failure = p.setgroups(groups);
    if (failure) return `setgroups: ${goErrno(failure.message)}`;
  }
  const gidFailure = p.setgid(user.gid);
  if (gidFailure) return `setgid: ${goErrno(gidFailure.message)}`;
  const uidFailure = p.setuid(user.uid);
  if (uidFailure) return `setuid: ${goErrno(uidFailure.message)}`;
  if (user.umask !== undefined) p.umask(user.umask);
  if (!capabilities) return undefined;
  const now = p.capabilities;
  p.setCapabilities({
    permitted: capabilitySet(capabilities.permitted) & now.permitted,
    effective:
      capabilitySet(capabilities.effective) & capabilitySet(capabilities.permitted) & now.permitted,
    inheritable: capabilitySet(capabilities.inheritable) & now.permitted,
    ambient: 0n,
  });
  return undefined;
}

/** The environment as a map; HOME is that of the user where it is not given. */
export function* environmentOf(p: Process, process: SpecProcess): Routine<Map<string, string>> {
  const environment = new Map<string, string>();
  for (const line of process.env ?? []) {
    const equals = line.indexOf('=');
    if (equals > 0) environment.set(line.slice(0, equals), line.slice(equals + 1));
  }
  if (!environment.get('HOME')) environment.set('HOME', yield* homeOf(p, process.user.uid));
  return environment;
}

function* homeOf(p: Process, uid: number): Routine<string> {
  const fd = p.open('/etc/passwd');
  if (isErrno(fd)) return '/';
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  if (isErrno(bytes)) return '/';
  for (const line of decode(bytes).split('\n')) {
    const fields = line.split(':');
    if (fields[2] === String(uid)) return fields[5] || '/';
  }
  return '/';
}

/** exec.LookPath with the container's PATH: the file, or Go's complaint. */
export function lookPath(
  p: Process,
  name: string,
  path: string | undefined,
): { path: string } | { problem: string } {
  if (name.includes('/')) {
    const failure = notExecutable(p, name);
    return failure === undefined ? { path: name } : { problem: `exec: "${name}": ${failure}` };
  }
  let denied = false;
  for (const directory of path === undefined ? [] : path.split(':')) {
    const candidate = `${directory === '' ? '.' : directory}/${name}`;
    const failure = notExecutable(p, candidate);
    if (failure === undefined) return { path: candidate };
    if (failure === 'permission denied') denied = true;
  }
  return {
    problem: `exec: "${name}": ${denied ? 'permission denied' : 'executable file not found in $PATH'}`,
  };
}

function notExecutable(p: Process, path: string): string | undefined {
  const stat = p.stat(path);
  if (isErrno(stat)) return `stat ${path}: ${goErrno(stat.message)}`;
  if ((stat.mode & S_IFMT) === S_IFDIR) return 'is a directory';
  const refused = p.access(path, 1);
  return refused || (stat.mode & 0o111) === 0 ? goErrno((refused ?? EACCES).message) : undefined;
}

/** Changes into the process's directory. */
export function enterDirectory(p: Process, cwd: string): string | undefined {
  const failure: Errno | undefined = p.chdir(cwd);
  return (
    failure && `chdir to cwd ("${cwd}") set in config.json failed: ${goErrno(failure.message)}`
  );
}
