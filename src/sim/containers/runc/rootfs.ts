// The container's view of files, made by its init in the new mount namespace (libcontainer/rootfs_linux.go): mounts,
// devices, pivot_root, read-only and masked paths.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EEXIST, type Errno, isErrno } from '../../kernel/errno.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT } from '../../kernel/files/inode.ts';
import {
  MNT_DETACH,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '../../kernel/files/mount.ts';
import { splitMountOptions } from '../../kernel/files/mount-options.ts';
import { O_CREAT, O_WRONLY } from '../../kernel/files/open-file.ts';
import type { Spec, SpecDevice, SpecMount } from './spec.ts';
import { goErrno } from './validate.ts';

const PROPAGATION: Readonly<Record<string, number>> = {
  private: MS_PRIVATE,
  rprivate: MS_PRIVATE | MS_REC,
  shared: MS_SHARED,
  rshared: MS_SHARED | MS_REC,
  slave: MS_SLAVE,
  rslave: MS_SLAVE | MS_REC,
  unbindable: MS_UNBINDABLE,
  runbindable: MS_UNBINDABLE | MS_REC,
};
/** Options that say how to mount and are not the file system's. */
const NOT_DATA = new Set([
  'bind',
  'rbind',
  'rro',
  'rrw',
  'newinstance',
  'tmpcopyup',
  'idmap',
  'ridmap',
  'copy',
  'nocopy',
]);

/** Devices that every container has (specconv.AllowedDevices): major, minor, mode. */
const DEVICES: readonly (readonly [string, number, number, number])[] = [
  ['null', 1, 3, 0o666],
  ['random', 1, 8, 0o666],
  ['full', 1, 7, 0o666],
  ['tty', 5, 0, 0o666],
  ['zero', 1, 5, 0o666],
  ['urandom', 1, 9, 0o666],
];
const DEVICE_LINKS: readonly (readonly [string, string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['core', '/proc/kcore'],
];

interface ParsedOptions {
  readonly flags: number;
  readonly data: string;
  readonly propagation: readonly number[];
  readonly bind: boolean;
}

function parseMount(mount: SpecMount): ParsedOptions {
  const words: string[] = [];
  const propagation: number[] = [];
  let bind = 0;
  for (const option of mount.options ?? []) {
    const change = PROPAGATION[option];
    if (change !== undefined) propagation.push(change);
    else if (option === 'bind') bind = MS_BIND;
    else if (option === 'rbind') bind = MS_BIND | MS_REC;
    else if (!NOT_DATA.has(option)) words.push(option);
  }
  const { flags, data } = splitMountOptions(words.join(','));
  return { flags: flags | bind, data, propagation, bind: bind !== 0 || mount.type === 'bind' };
}

/** Where a path of the container is below its root, which is the working directory; links are followed within it. */
function inside(p: Process, path: string, depth = 0): string {
  let at = '';
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const target = depth < 20 ? p.readlink(`.${at}/${name}`) : 0;
    if (typeof target === 'string') {
      const next = target.startsWith('/') ? target : `${at}/${target}`;
      at = inside(p, next, depth + 1);
    } else at = `${at}/${name}`;
  }
  return at;
}

function makeDirectory(p: Process, path: string): Errno | undefined {
  if (p.exists(path)) return undefined;
  const above = path.slice(0, path.lastIndexOf('/'));
  if (above !== '') {
    const failure = makeDirectory(p, above);
    if (failure) return failure;
  }
  const failure = p.mkdir(path, 0o755);
  return failure === EEXIST ? undefined : failure;
}

function makeFile(p: Process, path: string): Errno | undefined {
  const failure = makeDirectory(p, path.slice(0, path.lastIndexOf('/')));
  if (failure || p.exists(path)) return failure;
  const fd = p.open(path, O_CREAT | O_WRONLY, 0o755);
  if (isErrno(fd)) return fd;
  p.close(fd);
  return undefined;
}

/** Sets up the root file system in `rootfs` and moves into it; the text of what failed. */
export function* prepareRootfs(
  p: Process,
  spec: Spec,
  rootfs: string,
): Routine<string | undefined> {
  const propagation = PROPAGATION[spec.linux?.rootfsPropagation ?? ''] ?? MS_SLAVE | MS_REC;
  p.mount('none', '/', 'none', propagation);
  const bound = p.mount(rootfs, rootfs, 'bind', MS_BIND | MS_REC);
  if (bound) return `error preparing rootfs: error bind mounting rootfs: ${goErrno(bound.message)}`;
  const place: Place = { p, rootfs, bundle: workingDirectory(p) };
  const entered = p.chdir(rootfs);
  if (entered) return `error preparing rootfs: chdir ${rootfs}: ${goErrno(entered.message)}`;
  for (const mount of spec.mounts ?? []) {
    const problem = mountInto(place, mount);
    if (problem !== undefined) return problem;
  }
  if ((spec.mounts ?? []).some((mount) => mount.destination.replace(/\/$/, '') === '/dev')) {
    makeDevices(p, spec);
  }
  const moved = p.pivotRoot('.', '.') ?? p.umount('.', MNT_DETACH) ?? p.chdir('/');
  if (moved) return `error jailing process inside rootfs: pivot_root .: ${goErrno(moved.message)}`;
  yield* openDevNull(p);
  remountDeviceDirectory(p, spec);
  return undefined;
}

/** Later steps, inside: read-only paths, masked paths, the read-only root. */
export function restrictPaths(p: Process, spec: Spec): string | undefined {
  for (const path of spec.linux?.readonlyPaths ?? []) {
    if (p.mount(path, path, 'none', MS_BIND | MS_REC)) continue;
    const mount = p.mountOf(path);
    const kept = isErrno(mount) ? 0 : mount.flags & (MS_NOSUID | MS_NODEV | MS_NOEXEC);
    p.mount(path, path, 'none', MS_BIND | MS_REMOUNT | MS_RDONLY | MS_REC | kept);
  }
  for (const path of spec.linux?.maskedPaths ?? []) {
    const stat = p.stat(path);
    if (isErrno(stat)) continue;
    if ((stat.mode & S_IFMT) === S_IFDIR)
      p.mount('tmpfs', path, 'tmpfs', MS_RDONLY, 'nr_blocks=1,nr_inodes=1');
    else p.mount('/dev/null', path, 'none', MS_BIND);
  }
  return undefined;
}

/** Remounts the root read-only, where the spec wants that. */
export function makeRootReadOnly(p: Process, spec: Spec): void {
  if (!spec.root?.readonly) return;
  const mount = p.mountOf('/');
  const kept = isErrno(mount) ? 0 : mount.flags & (MS_NOSUID | MS_NODEV | MS_NOEXEC);
  p.mount('none', '/', 'none', MS_BIND | MS_REMOUNT | MS_RDONLY | MS_REC | kept);
}

/** Where a root file system is made: below the working directory of init, whose long path is walked once. */
interface Place {
  readonly p: Process;
  readonly rootfs: string;
  /** Relative sources are below it. */
  readonly bundle: string;
}

function workingDirectory(p: Process): string {
  const path = p.getcwd();
  return isErrno(path) ? '/' : path;
}

function mountInto(place: Place, mount: SpecMount): string | undefined {
  const { p, bundle } = place;
  const target = inside(p, mount.destination);
  const options = parseMount(mount);
  const given = mount.source ?? '';
  const source = options.bind && !given.startsWith('/') ? `${bundle}/${given}` : given;
  const problem = options.bind
    ? bindInto(place, { source, target, flags: options.flags })
    : mountType(place, mount, target, options);
  if (problem !== undefined) return problem;
  for (const change of options.propagation) p.mount('none', `.${target}`, 'none', change);
  return undefined;
}

function bindInto(
  { p, rootfs }: Place,
  bind: { source: string; target: string; flags: number },
): string | undefined {
  const { source, target, flags } = bind;
  const [at, shown] = [`.${target}`, `${rootfs}${target}`];
  const stat = p.stat(source);
  if (isErrno(stat))
    return `failed to fulfil mount request: open ${source}: ${goErrno(stat.message)}`;
  const isDirectory = (stat.mode & S_IFMT) === S_IFDIR;
  const made = isDirectory ? makeDirectory(p, at) : makeFile(p, at);
  if (made) {
    const what = `create mountpoint for ${shown} mount: ${goErrno(made.message)}`;
    return mountError(source, shown, what);
  }
  const there = p.stat(at);
  if (!isErrno(there) && ((there.mode & S_IFMT) === S_IFDIR) !== isDirectory) {
    return `error mounting "${source}" to rootfs at "${shown}": mount src=${source}, dst=${shown}, flags=MS_BIND|MS_REC: not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type`;
  }
  const bound = p.mount(source, at, 'bind', flags & (MS_BIND | MS_REC) || MS_BIND | MS_REC);
  if (bound) return mountError(source, shown, goErrno(bound.message));
  const rest = flags & ~(MS_BIND | MS_REC);
  if (rest !== 0) {
    const mounted = p.mountOf(at);
    const kept = isErrno(mounted) ? 0 : mounted.flags & (MS_NOSUID | MS_NODEV | MS_NOEXEC);
    p.mount('none', at, 'none', MS_BIND | MS_REMOUNT | rest | kept);
  }
  return undefined;
}

function mountError(source: string, target: string, what: string): string {
  return `error mounting "${source}" to rootfs at "${target}": ${what}`;
}

function mountType(
  { p, rootfs }: Place,
  mount: SpecMount,
  target: string,
  options: ParsedOptions,
): string | undefined {
  const [at, shown] = [`.${target}`, `${rootfs}${target}`];
  const type = mount.type === 'cgroup' ? 'cgroup2' : (mount.type ?? '');
  const source = mount.source ?? type;
  const copied = mount.options?.includes('tmpcopyup') ?? false;
  const made = makeDirectory(p, at);
  if (made) return mountError(source, shown, goErrno(made.message));
  const before = copied ? undefined : p.stat(at);
  const failure = p.mount(source, at, type, options.flags, options.data);
  if (failure) {
    const what = `mount src=${source}, dst=${shown}, dstFd=/proc/thread-self/fd/8, flags=0x${options.flags.toString(16)}`;
    return mountError(source, shown, `${what}: ${goErrno(failure.message)}`);
  }
  const keepMode = type === 'tmpfs' && !/(^|,)mode=/.test(options.data);
  if (keepMode && before && !isErrno(before)) p.chmod(at, before.mode & 0o7777);
  return undefined;
}

function makeDevices(p: Process, spec: Spec): void {
  const before = p.umask(0);
  const usual = DEVICES.map(
    ([name, major, minor, fileMode]): SpecDevice => ({
      path: `/dev/${name}`,
      type: 'c',
      major,
      minor,
      fileMode,
    }),
  );
  for (const device of [...usual, ...(spec.linux?.devices ?? [])]) {
    const path = `.${device.path}`;
    makeDirectory(p, path.slice(0, path.lastIndexOf('/')));
    const kind = device.type === 'b' ? S_IFBLK : device.type === 'p' ? S_IFIFO : S_IFCHR;
    p.mknod(
      path,
      kind | (device.fileMode ?? 0o666),
      (device.major ?? 0) * 256 + (device.minor ?? 0),
    );
    p.chown(path, device.uid ?? 0, device.gid ?? 0);
  }
  p.symlink('pts/ptmx', './dev/ptmx');
  for (const [name, target] of DEVICE_LINKS) p.symlink(target, `./dev/${name}`);
  p.umask(before);
}

/** Standard streams that point at the host's /dev/null are opened anew inside. */
function* openDevNull(p: Process): Routine<void> {
  const fd = p.open('/dev/null', O_WRONLY);
  if (isErrno(fd)) return;
  yield* p.write(fd, encode(''));
  p.close(fd);
}

function remountDeviceDirectory(p: Process, spec: Spec): void {
  const dev = (spec.mounts ?? []).find((mount) => mount.destination.replace(/\/$/, '') === '/dev');
  if (!dev) return;
  const { flags } = parseMount(dev);
  if (flags & MS_RDONLY) p.mount('tmpfs', '/dev', 'tmpfs', MS_REMOUNT | flags);
}
