// Files as Python has them: open(), text and binary modes, standard streams. A file's bytes are read when it is asked
// for them; what is written is held until a flush, a close or the end.

import { concatBytes, decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { EISDIR, isErrno } from '../../../kernel/errno.ts';
import {
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from '../../../kernel/files/open-file.ts';
import { writeAll } from '../../libc/whole-file.ts';
import { argument, bytesOf, integer, text } from './arguments.ts';
import { osError, raise } from './errors.ts';
import { listOf } from './operators.ts';
import {
  type Keywords,
  methods,
  objectClass,
  PyClass,
  PyHosted,
  PyList,
  PyWrapper,
  PyNative,
  typeOf,
  types,
  type Value,
} from './values.ts';
import type { Vm } from './vm.ts';

/** What stands behind a file object. */
interface OpenFile {
  fd: number;
  readonly name: string;
  readonly mode: string;
  readonly binary: boolean;
  readonly held: Uint8Array[];
  /** Read from the descriptor and not yet asked for. */
  ahead: Uint8Array;
  ended: boolean;
  readonly byLine: boolean;
}

export const textFile = new PyClass('TextIOWrapper', [objectClass], { module: '_io' });
export const binaryFile = new PyClass('BufferedReader', [objectClass], { module: '_io' });

function file(value: Value | undefined): OpenFile {
  if (value instanceof PyHosted && (value.type === textFile || value.type === binaryFile)) {
    const host = value.host as OpenFile;
    if (host.fd < 0) throw raise('ValueError', 'I/O operation on closed file.');
    return host;
  }
  throw raise('TypeError', `${typeOf(value ?? null).name} is not a file`);
}

/** A file object over a descriptor. */
export function fileObject(vm: Vm, fd: number, name: string, mode: string): PyHosted<OpenFile> {
  const binary = mode.includes('b');
  const host: OpenFile = {
    fd,
    name,
    mode,
    binary,
    held: [],
    ahead: new Uint8Array(0),
    ended: false,
    byLine: vm.process.isTerminal(fd),
  };
  const made = new PyHosted(binary ? binaryFile : textFile, host);
  made.attributes?.set('name', name);
  made.attributes?.set('mode', mode);
  opened.set(vm, [...(opened.get(vm) ?? []), host]);
  return made;
}

const opened = new WeakMap<Vm, OpenFile[]>();

/** Writes what files still hold, at the end of a program. */
export function* flushAll(vm: Vm): Routine<void> {
  for (const host of opened.get(vm) ?? []) if (host.fd >= 0) yield* flush(vm, host);
}

/** open(file, mode). */
export function* openFile(vm: Vm, args: readonly Value[], keywords: Keywords): Routine<Value> {
  const [path = null] = args;
  const mode = text(argument(args, keywords, 1, 'mode') ?? 'r', 'mode');
  if (typeof path === 'bigint') return fileObject(vm, Number(path), String(path), mode);
  const name = typeof path === 'string' ? path : pathOf(path);
  const update = mode.includes('+');
  const base = update ? O_RDWR : mode.includes('r') ? O_RDONLY : O_WRONLY;
  const extra = mode.includes('w')
    ? O_CREAT | O_TRUNC
    : mode.includes('a')
      ? O_CREAT | O_APPEND
      : mode.includes('x')
        ? O_CREAT | O_EXCL
        : 0;
  if (!/^[rwax][bt+]*$/.test(mode)) throw raise('ValueError', `invalid mode: '${mode}'`);
  const stat = vm.process.stat(name);
  const fd = vm.process.open(name, base | extra);
  if (isErrno(fd)) throw osError(fd, name);
  if (!isErrno(stat) && (stat.mode & 0o170000) === 0o040000) {
    vm.process.close(fd);
    throw osError(EISDIR, name);
  }
  vm.process.setCloseOnExec(fd, true);
  return fileObject(vm, fd, name, mode);
}

/** os.fspath of what has a path. */
export function pathOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return decode(value);
  if (value !== null && typeof value === 'object') {
    const own = value.attributes?.get('_path');
    if (typeof own === 'string') return own;
  }
  throw raise('TypeError', `expected str, bytes or os.PathLike object, not ${typeOf(value).name}`);
}

function* flush(vm: Vm, host: OpenFile): Routine<void> {
  if (host.held.length === 0) return;
  const bytes = concatBytes(host.held.splice(0));
  const failed = yield* writeAll(vm.process, host.fd, bytes);
  if (failed) throw osError(failed);
}

/** More bytes from the descriptor; false at the end. */
function* fill(vm: Vm, host: OpenFile): Routine<boolean> {
  if (host.ended) return false;
  const bytes = yield* vm.process.read(host.fd, 65_536);
  if (isErrno(bytes)) throw osError(bytes);
  if (bytes.length === 0) host.ended = true;
  else host.ahead = host.ahead.length > 0 ? concatBytes([host.ahead, bytes]) : bytes;
  return !host.ended;
}

function take(host: OpenFile, count: number): Uint8Array {
  const part = host.ahead.slice(0, count);
  host.ahead = host.ahead.slice(count);
  return part;
}

function* readLine(vm: Vm, host: OpenFile): Routine<Uint8Array> {
  for (;;) {
    const at = host.ahead.indexOf(10);
    if (at >= 0) return take(host, at + 1);
    if (!(yield* fill(vm, host))) return take(host, host.ahead.length);
  }
}

const shown = (host: OpenFile, bytes: Uint8Array): Value => (host.binary ? bytes : decode(bytes));

function readable(host: OpenFile): void {
  if (!/[r+]/.test(host.mode)) throw raise('OSError', 'not readable');
}

for (const type of [textFile, binaryFile])
  methods(type, {
    *read(vm, [self, size]) {
      const host = file(self);
      readable(host);
      const wanted = integer(size, -1);
      while ((wanted < 0 || host.ahead.length < wanted) && (yield* fill(vm, host)));
      return shown(host, take(host, wanted < 0 ? host.ahead.length : wanted));
    },
    *readline(vm, [self]) {
      const host = file(self);
      readable(host);
      return shown(host, yield* readLine(vm, host));
    },
    *readlines(vm, [self]) {
      const host = file(self);
      const lines: Value[] = [];
      for (;;) {
        const line = yield* readLine(vm, host);
        if (line.length === 0) return new PyList(lines);
        lines.push(shown(host, line));
      }
    },
    *write(vm, [self, content = null]) {
      const host = file(self);
      if (!/[wax+]/.test(host.mode)) throw raise('OSError', 'not writable');
      if (!host.binary && typeof content !== 'string')
        throw raise('TypeError', `write() argument must be str, not ${typeOf(content).name}`);
      const bytes = host.binary ? bytesOf(content) : encode(text(content));
      host.held.push(bytes);
      const size = host.held.reduce((sum, part) => sum + part.length, 0);
      const line = host.byLine && bytes.includes(10);
      if (size >= 8192 || line || (vm.unbuffered && host.fd < 3) || host.fd === 2)
        yield* flush(vm, host);
      return BigInt(typeof content === 'string' ? content.length : bytes.length);
    },
    *writelines(vm, [self, lines = null]) {
      const host = file(self);
      for (const line of yield* listOf(vm, lines))
        host.held.push(typeof line === 'string' ? encode(line) : bytesOf(line));
      return null;
    },
    *flush(vm, [self]) {
      yield* flush(vm, file(self));
      return null;
    },
    *close(vm, [self]) {
      if (!(self instanceof PyHosted)) return null;
      const host = self.host as OpenFile;
      if (host.fd < 0) return null;
      yield* flush(vm, host);
      vm.process.close(host.fd);
      host.fd = -1;
      return null;
    },
    seek: (vm, [self, offset, whence]) => {
      const host = file(self);
      host.ahead = new Uint8Array(0);
      host.ended = false;
      const how = integer(whence, 0);
      const at = vm.process.lseek(host.fd, integer(offset), how === 1 ? 1 : how === 2 ? 2 : 0);
      if (isErrno(at)) throw osError(at);
      return BigInt(at);
    },
    tell: (vm, [self]) => {
      const host = file(self);
      const at = vm.process.lseek(host.fd, 0, 1);
      return isErrno(at) ? 0n : BigInt(at - host.ahead.length);
    },
    fileno: (_vm, [self]) => BigInt(file(self).fd),
    isatty: (vm, [self]) => vm.process.isTerminal(file(self).fd),
    readable: (_vm, [self]) => /[r+]/.test(file(self).mode),
    writable: (_vm, [self]) => /[wax+]/.test(file(self).mode),
    __enter__: (_vm, [self = null]) => self,
    *__exit__(vm, [self]) {
      if (!(self instanceof PyHosted)) return null;
      const host = self.host as OpenFile;
      if (host.fd >= 0) {
        yield* flush(vm, host);
        vm.process.close(host.fd);
        host.fd = -1;
      }
      return null;
    },
    __iter__: (_vm, [self = null]) => self,
    *__next__(vm, [self]) {
      const host = file(self);
      const line = yield* readLine(vm, host);
      if (line.length === 0) throw raise('StopIteration');
      return shown(host, line);
    },
    *__repr__(_vm, [self]) {
      const host = self instanceof PyHosted ? (self.host as OpenFile) : undefined;
      return host?.binary
        ? `<_io.BufferedReader name='${host.name}'>`
        : `<_io.TextIOWrapper name='${host?.name}' mode='${host?.mode}' encoding='utf-8'>`;
    },
  });

textFile.attributes.set(
  'buffer',
  new PyWrapper(
    types.property,
    new PyNative('buffer', (_vm, [self]) => {
      const host = file(self);
      return new PyHosted(binaryFile, { ...host, binary: true, mode: `${host.mode}b` });
    }),
  ),
);
textFile.attributes.set(
  'encoding',
  new PyWrapper(types.property, new PyNative('encoding', () => 'utf-8')),
);
for (const type of [textFile, binaryFile])
  type.attributes.set(
    'closed',
    new PyWrapper(
      types.property,
      new PyNative('closed', (_vm, [self]) =>
        self instanceof PyHosted ? (self.host as OpenFile).fd < 0 : true,
      ),
    ),
  );
