// head and tail: the first or last lines or bytes; tail -f follows what is appended.

import { concatBytes, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { quoteAlways, quoteValue } from '../../libc/quote.ts';
import { parseInterval } from './echo.ts';
import { type Command, filesOf, gnu, parseSize } from './gnu.ts';

const BLOCK = 65_536;

/** How much: a count with its sign, in lines or bytes. */
interface Amount {
  readonly unit: 'lines' | 'bytes';
  readonly sign: '' | '+' | '-';
  readonly count: number;
}

const HEADERS = [
  { key: 'bytes', short: 'c', long: 'bytes', argument: 'required' },
  { key: 'lines', short: 'n', long: 'lines', argument: 'required' },
  { key: 'quiet', short: 'q', long: 'quiet silent' },
  { key: 'verbose', short: 'v', long: 'verbose' },
  { key: 'zero', short: 'z', long: 'zero-terminated' },
] as const;

function* amountOf(command: Command): Routine<Amount | undefined> {
  const { options } = command;
  const unit = options.last('bytes', 'lines') === 'bytes' ? 'bytes' : 'lines';
  const text = options.value(unit) ?? '10';
  const match = /^([-+]?)(.+)$/.exec(text);
  const count = parseSize(match?.[2] ?? '');
  if (count === undefined) {
    yield* command.fail(`invalid number of ${unit}: ${quoteValue(text)}`);
    return undefined;
  }
  return { unit, sign: (match?.[1] ?? '') as Amount['sign'], count };
}

/** Prints `==> name <==` before each file but the first's empty line. */
function* header(command: Command, path: string, first: boolean): Routine<void> {
  const { options } = command;
  const wanted = options.last('quiet', 'verbose');
  if (wanted === 'quiet' || (!wanted && command.operands.length < 2)) return;
  const name = path === '-' ? 'standard input' : path;
  yield* command.out.print(`${first ? '' : '\n'}==> ${name} <==\n`);
}

/** `-5` and `-5c` as the first word. */
function obsoleteHead(args: readonly string[]): readonly string[] {
  const match = /^-(\d+)([bkmclqvz]*)$/.exec(args[0] ?? '');
  if (!match) return args;
  const [, count = '', letters = ''] = match;
  const bytes = /[cbkm]/.exec(letters);
  const unit = bytes && bytes[0] !== 'c' ? (bytes[0] === 'm' ? 'M' : bytes[0]) : '';
  const flags = letters.replace(/[^qvz]/g, '');
  return [bytes ? '-c' : '-n', count + unit, ...(flags ? [`-${flags}`] : []), ...args.slice(1)];
}

export const head = gnu(
  { name: 'head', usage: ['[OPTION]... [FILE]...'], options: HEADERS, rewrite: obsoleteHead },
  function* (command) {
    const { process } = command;
    const amount = yield* amountOf(command);
    if (!amount) return 1;
    let status = 0;
    let first = true;
    for (const path of filesOf(command)) {
      const fd = path === '-' ? 0 : process.open(path);
      if (isErrno(fd)) {
        yield* command.fail(`cannot open ${quoteAlways(path)} for reading: ${fd.message}`);
        status = 1;
        continue;
      }
      yield* header(command, path, first);
      first = false;
      const failure =
        amount.sign === '-'
          ? yield* allBut(command, fd, amount)
          : yield* firstPart(command, fd, amount);
      if (failure) {
        yield* command.fail(`error reading ${quoteAlways(path)}: ${failure}`);
        status = 1;
      }
      if (fd !== 0) process.close(fd);
      if (command.out.failure) break;
    }
    return status;
  },
);

function* firstPart(command: Command, fd: number, amount: Amount): Routine<string | undefined> {
  const { process, out } = command;
  const end = command.options.has('zero') ? 0 : 10;
  let left = amount.count;
  while (left > 0 && !out.failure) {
    const want = amount.unit === 'bytes' ? Math.min(left, BLOCK) : 1024;
    const bytes = yield* process.read(fd, want);
    if (isErrno(bytes)) return bytes.message;
    if (bytes.length === 0) break;
    yield* process.work(bytes.length / 10);
    if (amount.unit === 'bytes') {
      left -= bytes.length;
      yield* out.print(bytes);
      continue;
    }
    const cut = endOfLines(bytes, left, end);
    left -= cut.lines;
    if (left === 0 && cut.at < bytes.length) process.lseek(fd, cut.at - bytes.length, 1);
    yield* out.print(bytes.subarray(0, cut.at));
  }
  return undefined;
}

function endOfLines(bytes: Uint8Array, most: number, end: number): { at: number; lines: number } {
  let lines = 0;
  let at = 0;
  while (lines < most) {
    const found = bytes.indexOf(end, at);
    if (found < 0) return { at: bytes.length, lines };
    at = found + 1;
    lines++;
  }
  return { at, lines };
}

function* allBut(command: Command, fd: number, amount: Amount): Routine<string | undefined> {
  const bytes = yield* command.process.readAll(fd);
  if (isErrno(bytes)) return bytes.message;
  const end = command.options.has('zero') ? 0 : 10;
  yield* command.out.print(bytes.subarray(0, startOfLast(bytes, amount, end)));
  return undefined;
}

/** Where the last `count` lines or bytes begin. */
function startOfLast(bytes: Uint8Array, amount: Amount, end: number): number {
  if (amount.unit === 'bytes') return Math.max(0, bytes.length - amount.count);
  if (amount.count === 0) return bytes.length;
  let at = bytes.length;
  if (bytes[at - 1] === end) at--;
  for (let lines = amount.count; lines > 0; lines--) {
    if (at <= 0) return 0;
    at = bytes.lastIndexOf(end, at - 1);
    if (at < 0) return 0;
  }
  return at + 1;
}

function startFrom(bytes: Uint8Array, amount: Amount, end: number): number {
  const skip = Math.max(0, amount.count - 1);
  if (amount.unit === 'bytes') return Math.min(bytes.length, skip);
  return endOfLines(bytes, skip, end).at;
}

function obsoleteTail(args: readonly string[]): readonly string[] {
  const match = /^([-+])(\d+)([bcl]?)(f?)$/.exec(args[0] ?? '');
  if (!match || args.length > 2) return args;
  const [, sign, count = '', unit, follow] = match;
  const amount = (sign === '+' ? '+' : '') + count;
  return [unit === 'c' ? '-c' : '-n', amount, ...(follow ? ['-f'] : []), ...args.slice(1)];
}

export const tail = gnu(
  {
    name: 'tail',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      ...HEADERS,
      { key: 'follow', short: 'f' },
      { key: 'followby', long: 'follow', argument: 'optional' },
      { key: 'F', short: 'F' },
      { key: 'pid', long: 'pid', argument: 'required' },
      { key: 'retry', long: 'retry' },
      { key: 'interval', short: 's', long: 'sleep-interval', argument: 'required' },
      { key: 'unchanged', long: 'max-unchanged-stats', argument: 'required' },
    ],
    rewrite: obsoleteTail,
  },
  function* (command) {
    const { process, options } = command;
    const amount = yield* amountOf(command);
    if (!amount) return 1;
    const watched: Watched[] = [];
    let status = 0;
    let first = true;
    for (const path of filesOf(command)) {
      const fd = path === '-' ? 0 : process.open(path);
      if (isErrno(fd)) {
        yield* command.fail(`cannot open ${quoteAlways(path)} for reading: ${fd.message}`);
        status = 1;
        watched.push({ path, fd: -1, offset: 0, inode: 0 });
        continue;
      }
      yield* header(command, path, first);
      first = false;
      const failure = yield* lastPart(command, fd, amount);
      if (failure) {
        yield* command.fail(`error reading ${quoteAlways(path)}: ${failure}`);
        status = 1;
        continue;
      }
      const stat = process.fstat(fd);
      watched.push({
        path,
        fd,
        offset: isErrno(stat) ? 0 : stat.size,
        inode: isErrno(stat) ? 0 : stat.inode,
      });
    }
    if (!options.has('follow') && !options.has('followby') && !options.has('F')) return status;
    return yield* follow(command, watched, status);
  },
);

function* lastPart(command: Command, fd: number, amount: Amount): Routine<string | undefined> {
  const { process } = command;
  const end = command.options.has('zero') ? 0 : 10;
  const parts: Uint8Array[] = [];
  let held = 0;
  for (;;) {
    const bytes = yield* process.read(fd, 2 * BLOCK);
    if (isErrno(bytes)) return bytes.message;
    if (bytes.length === 0) break;
    const refused = yield* process.allocate(bytes.length);
    if (refused) {
      yield* command.fail('memory exhausted');
      return process.exit(1);
    }
    yield* process.work(bytes.length / 1.5);
    if (held >= 0 && held < KEPT) parts.push(bytes);
    held += bytes.length;
    if (held >= KEPT) keepEnd(parts, bytes, amount, end);
  }
  const all = concatBytes(parts);
  const from = amount.sign === '+' ? startFrom(all, amount, end) : startOfLast(all, amount, end);
  yield* command.out.print(all.subarray(from));
  yield* command.out.flush();
  return undefined;
}

/** Above this much the host keeps one block only: /dev/zero never ends, and its process is killed before. */
const KEPT = 64 * 1024 * 1024;

function keepEnd(parts: Uint8Array[], bytes: Uint8Array, amount: Amount, end: number): void {
  if (amount.sign === '+') parts.push(bytes);
  else if (bytes.includes(end) || amount.unit === 'bytes') {
    const all = concatBytes([...parts, bytes]);
    parts.splice(0, parts.length, all.slice(startOfLast(all, amount, end)));
  }
}

interface Watched {
  readonly path: string;
  fd: number;
  offset: number;
  inode: number;
}

function* follow(command: Command, watched: Watched[], status: number): Routine<number> {
  const { process, options } = command;
  const byName = options.has('F') || options.value('followby') === 'name';
  const interval = (parseInterval(options.value('interval') ?? '1') ?? 1) * 1e9;
  const pid = Number(options.value('pid') ?? 0);
  const live = byName ? watched : watched.filter((file) => file.fd >= 0);
  if (live.length === 0) {
    yield* command.fail('no files remaining');
    return 1;
  }
  if (live.every((file) => file.fd === 0 && file.inode === 0)) return status;
  let shown = live.at(-1);
  for (;;) {
    yield* command.out.flush();
    if (command.out.failure) return 1;
    const poll = Math.min(interval, 100_000_000);
    yield* process.sleep(poll);
    for (const file of live) {
      if (byName) yield* reopen(command, file);
      const text = yield* news(command, file);
      if (text.length === 0) continue;
      if (shown !== file) yield* header(command, file.path, false);
      shown = file;
      yield* command.out.print(text);
    }
    if (pid > 0 && process.kill(pid, 0)) return status;
  }
}

function* reopen(command: Command, file: Watched): Routine<void> {
  const { process } = command;
  const stat = process.stat(file.path);
  const name = quoteAlways(file.path);
  if (isErrno(stat)) {
    if (file.fd >= 0) {
      yield* command.fail(`${name} has become inaccessible: ${stat.message}`);
      process.close(file.fd);
      file.fd = -1;
    }
    return;
  }
  if (file.fd >= 0 && stat.inode === file.inode) return;
  const verb = file.fd >= 0 ? 'has been replaced' : 'has appeared';
  yield* command.fail(`${name} ${verb};  following new file`);
  if (file.fd >= 0) process.close(file.fd);
  const fd = process.open(file.path);
  if (isErrno(fd)) return;
  Object.assign(file, { fd, offset: 0, inode: stat.inode });
}

function* news(command: Command, file: Watched): Routine<Uint8Array> {
  const { process } = command;
  if (file.fd < 0) return encode('');
  const stat = process.fstat(file.fd);
  if (isErrno(stat)) return encode('');
  if (stat.size < file.offset) {
    yield* command.fail(`${file.path}: file truncated`);
    process.lseek(file.fd, 0, 0);
    file.offset = 0;
  }
  const bytes = yield* process.readAll(file.fd);
  if (isErrno(bytes)) return encode('');
  file.offset += bytes.length;
  return bytes;
}
