// os: the environment, processes, files and directories by system calls.

import { type Errno, isErrno } from '../../../../kernel/errno.ts';
import { KERNEL_RELEASE, KERNEL_VERSION } from '../../../../kernel/kernel.ts';
import { bytesOf, integer, natives, text } from '../arguments.ts';
import { execvp, spawn, waitFor } from '../../../libc/spawn.ts';
import { osError, raise } from '../errors.ts';
import { pathOf } from '../files.ts';
import {
  classValue,
  type NativeCall,
  PyClass,
  PyDict,
  PyList,
  PyModule,
  PyObject,
  PyTuple,
  objectClass,
  type Value,
} from '../values.ts';
import type { Vm } from '../vm.ts';
import { pathModule } from './path.ts';

const statClass = new PyClass('stat_result', [objectClass], { module: 'os' });
const unameClass = new PyClass('uname_result', [objectClass], { module: 'posix' });

/** A call on one path that gives an error or nothing. */
function onPath(
  call: (vm: Vm, path: string, rest: readonly Value[]) => Errno | undefined,
): NativeCall {
  return (vm, [path = null, ...rest]) => {
    const failed = call(vm, pathOf(path), rest);
    if (failed) throw osError(failed, pathOf(path));
    return null;
  };
}

function statOf(vm: Vm, path: Value, follow: boolean): Value {
  const name = typeof path === 'bigint' ? '' : pathOf(path);
  const stat =
    typeof path === 'bigint'
      ? vm.process.fstat(Number(path))
      : follow
        ? vm.process.stat(name)
        : vm.process.lstat(name);
  if (isErrno(stat)) throw osError(stat, name);
  const made = new PyObject(statClass, new Map());
  const fields: [string, Value][] = [
    ['st_mode', BigInt(stat.mode)],
    ['st_ino', BigInt(stat.inode)],
    ['st_nlink', BigInt(stat.nlink)],
    ['st_uid', BigInt(stat.uid)],
    ['st_gid', BigInt(stat.gid)],
    ['st_size', BigInt(stat.size)],
  ];
  for (const [key, value] of fields) made.attributes?.set(key, value);
  return made;
}

/** Reads of a directory, its names in order. */
function names(vm: Vm, path: string): string[] {
  const items = vm.process.readdir(path);
  if (isErrno(items)) throw osError(items, path);
  return items.map(({ name }) => name).filter((name) => name !== '.' && name !== '..');
}

function makeDirectories(vm: Vm, path: string, lenient: boolean): void {
  const parts = path.split('/');
  for (let i = 1; i <= parts.length; i++) {
    const part = parts.slice(0, i).join('/');
    if (part === '') continue;
    const failed = vm.process.mkdir(part);
    const last = i === parts.length;
    if (failed && (failed.name !== 'EEXIST' || (last && !lenient))) throw osError(failed, part);
  }
}

function* walk(vm: Vm, top: string): Generator<Value> {
  const directories: string[] = [];
  const files: string[] = [];
  for (const name of names(vm, top)) {
    const stat = vm.process.stat(`${top}/${name}`);
    const isDirectory = !isErrno(stat) && (stat.mode & 0o170000) === 0o040000;
    (isDirectory ? directories : files).push(name);
  }
  yield new PyTuple([top, new PyList([...directories]), new PyList([...files])]);
  for (const name of directories) yield* walk(vm, `${top}/${name}`);
}

function environment(vm: Vm): PyDict {
  return PyDict.of([...vm.process.environment]);
}

/** What os.environ holds now, for programs that are started. */
export function currentEnvironment(vm: Vm): Map<string, string> {
  const os = vm.modules.get('os');
  const dict = os?.attributes.get('environ');
  const out = new Map<string, string>();
  if (dict instanceof PyDict)
    for (const [key, value] of dict.entries.values()) out.set(String(key), String(value));
  return out;
}

const FILES: Readonly<Record<string, NativeCall>> = {
  getcwd: (vm) => {
    const path = vm.process.getcwd();
    if (isErrno(path)) throw osError(path);
    return path;
  },
  chdir: onPath((vm, path) => vm.process.chdir(path)),
  listdir: (vm, [path = '.']) => new PyList(names(vm, pathOf(path))),
  mkdir: onPath((vm, path, [mode]) => vm.process.mkdir(path, integer(mode, 0o777))),
  makedirs: (vm, [path = null, , given], keywords) => {
    makeDirectories(vm, pathOf(path), (given ?? keywords.get('exist_ok')) === true);
    return null;
  },
  remove: onPath((vm, path) => vm.process.unlink(path)),
  unlink: onPath((vm, path) => vm.process.unlink(path)),
  rmdir: onPath((vm, path) => vm.process.rmdir(path)),
  chmod: onPath((vm, path, [mode]) => vm.process.chmod(path, integer(mode))),
  chown: onPath((vm, path, [uid, gid]) => vm.process.chown(path, integer(uid), integer(gid))),
  truncate: onPath((vm, path, [size]) => vm.process.truncate(path, integer(size))),
  rename: (vm, [from = null, to = null]) => {
    const failed = vm.process.rename(pathOf(from), pathOf(to));
    if (failed) throw osError(failed, pathOf(from), pathOf(to));
    return null;
  },
  symlink: (vm, [from = null, to = null]) => {
    const failed = vm.process.symlink(pathOf(from), pathOf(to));
    if (failed) throw osError(failed, pathOf(from), pathOf(to));
    return null;
  },
  link: (vm, [from = null, to = null]) => {
    const failed = vm.process.link(pathOf(from), pathOf(to));
    if (failed) throw osError(failed, pathOf(from), pathOf(to));
    return null;
  },
  readlink: (vm, [path = null]) => {
    const target = vm.process.readlink(pathOf(path));
    if (isErrno(target)) throw osError(target, pathOf(path));
    return target;
  },
  stat: (vm, [path = null]) => statOf(vm, path, true),
  lstat: (vm, [path = null]) => statOf(vm, path, false),
  access: (vm, [path = null, mode]) => vm.process.access(pathOf(path), integer(mode)) === undefined,
  walk: (vm, [top = null]) => new PyList([...walk(vm, pathOf(top))]),
  getxattr: (vm, [path = null, name]) => {
    const value = vm.process.getxattr(pathOf(path), text(name));
    if (isErrno(value)) throw osError(value, pathOf(path));
    return value;
  },
  setxattr: (vm, [path = null, name, value]) => {
    const failed = vm.process.setxattr(pathOf(path), text(name), bytesOf(value));
    if (failed) throw osError(failed, pathOf(path));
    return null;
  },
  umask: (vm, [mask]) => BigInt(vm.process.umask(integer(mask))),
  fspath: (_vm, [path = null]) => pathOf(path),
};

const DESCRIPTORS: Readonly<Record<string, NativeCall>> = {
  open: (vm, [path = null, flags, mode]) => {
    const fd = vm.process.open(pathOf(path), integer(flags), integer(mode, 0o777));
    if (isErrno(fd)) throw osError(fd, pathOf(path));
    return BigInt(fd);
  },
  close: (vm, [fd]) => {
    const failed = vm.process.close(integer(fd));
    if (failed) throw osError(failed);
    return null;
  },
  *read(vm, [fd, size]) {
    const bytes = yield* vm.process.read(integer(fd), integer(size));
    if (isErrno(bytes)) throw osError(bytes);
    return bytes;
  },
  *write(vm, [fd, content]) {
    const count = yield* vm.process.write(integer(fd), bytesOf(content));
    if (isErrno(count)) throw osError(count);
    return BigInt(count);
  },
  pipe: (vm) => {
    const ends = vm.process.pipe(true);
    if (isErrno(ends)) throw osError(ends);
    return new PyTuple(ends.map((fd) => BigInt(fd)));
  },
  dup2: (vm, [from, to]) => {
    const fd = vm.process.dup2(integer(from), integer(to));
    if (isErrno(fd)) throw osError(fd);
    return to ?? null;
  },
  isatty: (vm, [fd]) => vm.process.isTerminal(integer(fd)),
};

const PROCESSES: Readonly<Record<string, NativeCall>> = {
  getpid: (vm) => BigInt(vm.process.pid),
  getppid: (vm) => BigInt(vm.process.ppid),
  getuid: (vm) => BigInt(vm.process.uid),
  geteuid: (vm) => BigInt(vm.process.euid),
  getgid: (vm) => BigInt(vm.process.gid),
  getegid: (vm) => BigInt(vm.process.egid),
  getgroups: (vm) => new PyList(vm.process.groups.map((gid) => BigInt(gid))),
  kill: (vm, [pid, signal]) => {
    const failed = vm.process.kill(integer(pid), integer(signal));
    if (failed) throw osError(failed);
    return null;
  },
  cpu_count: (vm) => {
    const list = vm.process.getAffinity(0);
    return BigInt(isErrno(list) ? 1 : list.length);
  },
  getenv: (vm, [name, otherwise = null]) => currentEnvironment(vm).get(text(name)) ?? otherwise,
  *system(vm, [command]) {
    yield* vm.main.out.flush();
    const pid = spawn(vm.process, ['/bin/sh', '-c', text(command)], {
      environment: currentEnvironment(vm),
    });
    if (isErrno(pid)) throw osError(pid);
    const { code, signal } = yield* waitFor(vm.process, pid);
    return BigInt(signal > 0 ? signal : code << 8);
  },
  _exit: (vm, [code]) => vm.process.exit(integer(code)),
  execvp: (vm, [file, args]) => replace(vm, text(file), args),
  execv: (vm, [file, args]) => replace(vm, text(file), args),
  setuid: (vm, [id]) => {
    const failed = vm.process.setuid(integer(id));
    if (failed) throw osError(failed);
    return null;
  },
  urandom: (vm, [size]) => {
    const random = vm.process.simulation.random.fork(`urandom ${vm.process.pid} ${vm.process.now}`);
    return Uint8Array.from({ length: integer(size) }, () => random.int(256));
  },
  uname: (vm) => {
    const made = new PyObject(unameClass, new Map());
    const fields: [string, Value][] = [
      ['sysname', 'Linux'],
      ['nodename', vm.process.hostname],
      ['release', KERNEL_RELEASE],
      ['version', KERNEL_VERSION],
      ['machine', 'x86_64'],
    ];
    for (const [key, value] of fields) made.attributes?.set(key, value);
    return made;
  },
};

function replace(vm: Vm, file: string, args: Value | undefined): Value {
  if (!(args instanceof PyList || args instanceof PyTuple))
    throw raise('TypeError', 'execv() arg 2 must be a tuple or list');
  const failed = execvp(
    vm.process,
    [file, ...args.items.slice(1).map(String)],
    currentEnvironment(vm),
  );
  throw osError(failed, file);
}

export function osModule(vm: Vm): Map<string, Value> {
  const path = new PyModule('posixpath', true, pathModule());
  vm.modules.set('os.path', path);
  return new Map<string, Value>([
    ['environ', environment(vm)],
    ['path', path],
    ['name', 'posix'],
    ['sep', '/'],
    ['linesep', '\n'],
    ['pathsep', ':'],
    ['devnull', '/dev/null'],
    ['curdir', '.'],
    ['pardir', '..'],
    ['F_OK', 0n],
    ['R_OK', 4n],
    ['W_OK', 2n],
    ['X_OK', 1n],
    ['O_RDONLY', 0n],
    ['O_WRONLY', 1n],
    ['O_RDWR', 2n],
    ['O_CREAT', 0o100n],
    ['O_EXCL', 0o200n],
    ['O_TRUNC', 0o1000n],
    ['O_APPEND', 0o2000n],
    ['error', vm.builtins.get('OSError') ?? null],
    ['stat_result', classValue(statClass)],
    ...natives(FILES),
    ...natives(DESCRIPTORS),
    ...natives(PROCESSES),
  ]);
}
