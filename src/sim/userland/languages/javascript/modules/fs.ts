// The module fs: files and directories, at once (…Sync), with callbacks, and as promises. Streams and watching are left out.

import { decode } from '../../../../core/text.ts';
import { epochMilliseconds } from '../../../../core/time.ts';
import type { Routine } from '../../../../core/wait.ts';
import { type Errno, isErrno } from '../../../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_WRONLY } from '../../../../kernel/files/open-file.ts';
import { readFile, writeAll, writeFile } from '../../../libc/whole-file.ts';
import { bufferOf, bufferText, bytesOf } from '../globals/buffer.ts';
import { call, get, leaveOut, textOf, truth } from '../operations.ts';
import { promiseOf } from '../promises.ts';
import { JsFunction, JsHosted, JsObject, JsThrow, type Native, type Value } from '../values.ts';
import type { Vm } from '../vm.ts';

type Call = (vm: Vm, args: readonly Value[]) => Routine<Value>;

/** The error of a failed call on a path. */
function failure(vm: Vm, errno: Errno, syscall: string, path: string, to?: string): JsThrow {
  const words = errno.message.toLowerCase();
  const tail = to === undefined ? '' : ` -> '${to}'`;
  return vm.error('Error', `${errno.name}: ${words}, ${syscall} '${path}'${tail}`, {
    errno: -errno.number,
    code: errno.name,
    syscall,
    path,
  });
}

/** A path: a text, bytes, or a file URL. */
function* pathOf(vm: Vm, value: Value): Routine<string> {
  if (value instanceof JsHosted && value.host instanceof Uint8Array) return decode(value.host);
  if (value instanceof JsObject) return (yield* textOf(vm, value)).replace(/^file:\/\//, '');
  if (typeof value === 'string') return value;
  throw vm.error(
    'TypeError',
    `The "path" argument must be of type string or an instance of Buffer or URL. Received ${String(value)}`,
    { code: 'ERR_INVALID_ARG_TYPE' },
  );
}

function* option(vm: Vm, options: Value, name: string): Routine<Value> {
  return options instanceof JsObject ? yield* get(vm, options, name) : undefined;
}

/** A call on one path that gives an error or nothing. */
function onPath(
  syscall: string,
  work: (vm: Vm, path: string, rest: readonly Value[]) => Errno | undefined,
): Call {
  return function* (vm, [path, ...rest]) {
    const name = yield* pathOf(vm, path);
    const failed = work(vm, name, rest);
    if (failed) throw failure(vm, failed, syscall, name);
    return undefined;
  };
}

const KINDS: readonly (readonly [string, number])[] = [
  ['isFile', 0o100000],
  ['isDirectory', 0o040000],
  ['isSymbolicLink', 0o120000],
  ['isFIFO', 0o010000],
  ['isSocket', 0o140000],
];

function withKinds(vm: Vm, made: JsObject, mode: number): JsObject {
  for (const [name, bits] of KINDS)
    made.hide(
      name,
      vm.fn(name, () => (mode & 0o170000) === bits),
    );
  return made;
}

function statCall(follow: boolean): Call {
  return function* (vm, [path]) {
    const name = yield* pathOf(vm, path);
    const stat = follow ? vm.process.stat(name) : vm.process.lstat(name);
    if (isErrno(stat)) throw failure(vm, stat, follow ? 'stat' : 'lstat', name);
    const time = epochMilliseconds(stat.mtime);
    const made = vm.object([
      ['mode', stat.mode],
      ['nlink', stat.nlink],
      ['uid', stat.uid],
      ['gid', stat.gid],
      ['ino', stat.inode],
      ['size', stat.size],
      ['mtimeMs', time],
      ['mtime', new JsHosted(vm.proto('Date'), 'Date', new Date(time))],
    ]);
    return withKinds(vm, made, stat.mode);
  };
}

function* encodingOf(vm: Vm, options: Value): Routine<string | undefined> {
  const given = typeof options === 'string' ? options : yield* option(vm, options, 'encoding');
  return typeof given === 'string' ? given : undefined;
}

function* makeDirectory(vm: Vm, path: string, recursive: boolean): Routine<Value> {
  if (!recursive) {
    const failed = vm.process.mkdir(path);
    if (failed) throw failure(vm, failed, 'mkdir', path);
    return undefined;
  }
  const parts = path.split('/');
  for (let i = 1; i <= parts.length; i++) {
    const part = parts.slice(0, i).join('/');
    const failed = part === '' ? undefined : vm.process.mkdir(part);
    if (failed && failed.name !== 'EEXIST') throw failure(vm, failed, 'mkdir', path);
  }
  return undefined;
}

function remove(vm: Vm, path: string): Errno | undefined {
  const stat = vm.process.lstat(path);
  if (isErrno(stat)) return stat;
  if ((stat.mode & 0o170000) !== 0o040000) return vm.process.unlink(path);
  const items = vm.process.readdir(path);
  if (isErrno(items)) return items;
  for (const { name } of items)
    if (name !== '.' && name !== '..') {
      const failed = remove(vm, `${path}/${name}`);
      if (failed) return failed;
    }
  return vm.process.rmdir(path);
}

const CALLS: Readonly<Record<string, Call>> = {
  *readFile(vm, [path, options]) {
    const name = path === 0 ? '/dev/stdin' : yield* pathOf(vm, path);
    const stat = vm.process.stat(name);
    const bytes = yield* readFile(vm.process, name);
    if (isErrno(bytes)) {
      const read = !isErrno(stat) && bytes.name === 'EISDIR';
      throw read
        ? vm.error('Error', 'EISDIR: illegal operation on a directory, read', {
            code: 'EISDIR',
            errno: -21,
            syscall: 'read',
          })
        : failure(vm, bytes, 'open', name);
    }
    const encoding = yield* encodingOf(vm, options);
    return encoding === undefined ? bufferOf(vm, bytes) : bufferText(vm, bytes, encoding);
  },
  *writeFile(vm, [path, data]) {
    const name = yield* pathOf(vm, path);
    const failed = yield* writeFile(vm.process, name, bytesOf(vm, data));
    if (failed) throw failure(vm, failed, 'open', name);
    return undefined;
  },
  *appendFile(vm, [path, data]) {
    const name = yield* pathOf(vm, path);
    const fd = vm.process.open(name, O_WRONLY | O_CREAT | O_APPEND);
    if (isErrno(fd)) throw failure(vm, fd, 'open', name);
    yield* writeAll(vm.process, fd, bytesOf(vm, data));
    vm.process.close(fd);
    return undefined;
  },
  *mkdir(vm, [path, options]) {
    const recursive = truth(yield* option(vm, options, 'recursive'));
    return yield* makeDirectory(vm, yield* pathOf(vm, path), recursive);
  },
  *readdir(vm, [path, options]) {
    const name = yield* pathOf(vm, path);
    const items = vm.process.readdir(name);
    if (isErrno(items)) throw failure(vm, items, 'scandir', name);
    const names = items
      .map((item) => item.name)
      .filter((one) => one !== '.' && one !== '..')
      .sort();
    if (!truth(yield* option(vm, options, 'withFileTypes'))) return vm.array(names);
    return vm.array(
      names.map((one) => {
        const stat = vm.process.lstat(`${name}/${one}`);
        const made = vm.object([
          ['name', one],
          ['path', name],
        ]);
        return withKinds(vm, made, isErrno(stat) ? 0 : stat.mode);
      }),
    );
  },
  *rm(vm, [path, options]) {
    const name = yield* pathOf(vm, path);
    const recursive = truth(yield* option(vm, options, 'recursive'));
    const failed = recursive ? remove(vm, name) : vm.process.unlink(name);
    if (failed && !(failed.name === 'ENOENT' && truth(yield* option(vm, options, 'force'))))
      throw failure(vm, failed, 'rm', name);
    return undefined;
  },
  stat: statCall(true),
  lstat: statCall(false),
  unlink: onPath('unlink', (vm, path) => vm.process.unlink(path)),
  rmdir: onPath('rmdir', (vm, path) => vm.process.rmdir(path)),
  access: onPath('access', (vm, path, [mode]) => vm.process.access(path, Number(mode ?? 0))),
  chmod: onPath('chmod', (vm, path, [mode]) =>
    vm.process.chmod(path, typeof mode === 'string' ? Number.parseInt(mode, 8) : Number(mode)),
  ),
  *rename(vm, [from, to]) {
    const [a, b] = [yield* pathOf(vm, from), yield* pathOf(vm, to)];
    const failed = vm.process.rename(a, b);
    if (failed) throw failure(vm, failed, 'rename', a, b);
    return undefined;
  },
  *copyFile(vm, [from, to]) {
    const [a, b] = [yield* pathOf(vm, from), yield* pathOf(vm, to)];
    const bytes = yield* readFile(vm.process, a);
    const failed = isErrno(bytes) ? bytes : yield* writeFile(vm.process, b, bytes);
    if (failed) throw failure(vm, failed, 'copyfile', a, b);
    return undefined;
  },
  *symlink(vm, [target, path]) {
    const [a, b] = [yield* pathOf(vm, target), yield* pathOf(vm, path)];
    const failed = vm.process.symlink(a, b);
    if (failed) throw failure(vm, failed, 'symlink', a, b);
    return undefined;
  },
  *realpath(vm, [path]) {
    const name = yield* pathOf(vm, path);
    const real = vm.process.realpath(name);
    if (isErrno(real)) throw failure(vm, real, 'realpath', name);
    return real;
  },
};

/** The form with a callback: the call is made in the loop, its result told in a later turn. */
function withCallback(vm: Vm, work: Call): Native {
  return function* (_vm, args) {
    const done = args.at(-1);
    if (!(done instanceof JsFunction))
      throw vm.error(
        'TypeError',
        'The "cb" argument must be of type function. Received undefined',
        { code: 'ERR_INVALID_ARG_TYPE' },
      );
    let result: readonly Value[];
    try {
      result = [null, yield* work(vm, args.slice(0, -1))];
    } catch (error) {
      if (!(error instanceof JsThrow)) throw error;
      result = [error.value];
    }
    vm.post(function* () {
      yield* call(vm, done, undefined, result);
    });
    return undefined;
  };
}

/** The form with a promise, which is settled in a later turn. */
function* later(vm: Vm, work: Call, args: readonly Value[]): Routine<Value> {
  const { promise, resolve, reject } = promiseOf(vm);
  try {
    const value = yield* work(vm, args);
    vm.post(() => resolve(value));
  } catch (error) {
    if (!(error instanceof JsThrow)) throw error;
    vm.post(() => reject(error.value));
  }
  return promise;
}

const NOT_HERE = [
  'createReadStream',
  'createWriteStream',
  'watch',
  'watchFile',
  'openSync',
  'open',
  'writeSync',
  'readSync',
  'opendir',
  'cpSync',
  'cp',
  'mkdtempSync',
];

/** fs/promises. */
export function fsPromisesModule(vm: Vm): Value {
  const made = vm.object();
  for (const [name, work] of Object.entries(CALLS))
    made.put(
      name,
      vm.fn(name, (_vm, args) => later(vm, work, args)),
    );
  leaveOut(made, NOT_HERE);
  return made;
}

/** fs. */
export function fsModule(vm: Vm): Value {
  const made = vm.object();
  for (const [name, work] of Object.entries(CALLS)) {
    made.put(
      `${name}Sync`,
      vm.fn(`${name}Sync`, (_vm, args) => work(vm, args)),
    );
    made.put(name, vm.fn(name, withCallback(vm, work)));
  }
  made.put(
    'existsSync',
    vm.fn('existsSync', function* (_vm, [path]) {
      return typeof path === 'string' && vm.process.exists(path);
    }),
  );
  made.put('promises', fsPromisesModule(vm));
  made.put(
    'constants',
    vm.object([
      ['F_OK', 0],
      ['R_OK', 4],
      ['W_OK', 2],
      ['X_OK', 1],
    ]),
  );
  leaveOut(made, NOT_HERE);
  return made;
}
