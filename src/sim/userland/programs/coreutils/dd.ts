// dd: blocks from one file to another.

import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { S_IFMT } from '../../../kernel/files/inode.ts';
import {
  O_APPEND,
  O_DIRECT,
  O_CREAT,
  O_EXCL,
  O_TRUNC,
  O_WRONLY,
} from '../../../kernel/files/open-file.ts';
import { fixed } from '../../libc/format.ts';
import { quoteAlways, quoteValue } from '../../libc/quote.ts';
import { writeAll } from '../../libc/whole-file.ts';
import { type Command, gnu, parseSize } from './gnu.ts';

export const dd = gnu({ name: 'dd', usage: ['[OPERAND]...', 'OPTION'] }, function* (command) {
  const words = new Map<string, string>();
  for (const word of command.operands) {
    const at = word.indexOf('=');
    const key = word.slice(0, Math.max(0, at));
    if (!/^(if|of|bs|ibs|obs|count|skip|seek|iseek|oseek|conv|status|iflag|oflag|cbs)$/.test(key)) {
      return yield* command.usage(`unrecognized operand ${quoteValue(word)}`);
    }
    words.set(key, word.slice(at + 1));
  }
  const numbers: Record<string, number> = {};
  for (const key of ['bs', 'ibs', 'obs', 'count', 'skip', 'seek', 'iseek', 'oseek']) {
    const text = words.get(key);
    if (text === undefined) continue;
    const value = text
      .split('x')
      .map(parseSize)
      .reduce<number | undefined>(
        (a, b) => (a === undefined || b === undefined ? undefined : a * b),
        1,
      );
    if (value === undefined || (value === 0 && key.endsWith('bs'))) {
      yield* command.fail(`invalid number: ${quoteValue(text)}`);
      return 1;
    }
    numbers[key] = value;
  }
  return yield* copyBlocks(command, words, numbers);
});

function* copyBlocks(
  command: Command,
  words: ReadonlyMap<string, string>,
  numbers: Readonly<Record<string, number>>,
): Routine<number> {
  const { process } = command;
  const conversions = new Set((words.get('conv') ?? '').split(',').filter(Boolean));
  const [from, to] = [words.get('if'), words.get('of')];
  const size = numbers['bs'] ?? numbers['ibs'] ?? 512;
  const outSize = numbers['bs'] ?? numbers['obs'] ?? 512;
  const input = from === undefined ? 0 : process.open(from);
  if (isErrno(input)) {
    yield* command.fail(`failed to open ${quoteAlways(from ?? '')}: ${input.message}`);
    return 1;
  }
  const seek = numbers['seek'] ?? numbers['oseek'] ?? 0;
  const outputFlags = (words.get('oflag') ?? '').split(',');
  const append = outputFlags.includes('append') ? O_APPEND : 0;
  const direct = outputFlags.includes('direct') ? O_DIRECT : 0;
  const flags =
    O_WRONLY |
    append |
    direct |
    (conversions.has('nocreat') ? 0 : O_CREAT) |
    (conversions.has('excl') ? O_EXCL : 0) |
    (conversions.has('notrunc') || seek > 0 || append ? 0 : O_TRUNC);
  const output = to === undefined ? 1 : process.open(to, flags);
  if (isErrno(output)) {
    yield* command.fail(`failed to open ${quoteAlways(to ?? '')}: ${output.message}`);
    return 1;
  }
  if (seek > 0) {
    if (!conversions.has('notrunc')) process.ftruncate(output, seek * outSize);
    process.lseek(output, seek * outSize, 0);
  }
  const started = process.now;
  const skip = (numbers['skip'] ?? numbers['iseek'] ?? 0) * size;
  if (skip > 0 && isErrno(process.lseek(input, skip, 1))) {
    for (let left = skip; left > 0; ) {
      const bytes = yield* process.read(input, Math.min(left, 65_536));
      if (isErrno(bytes) || bytes.length === 0) break;
      left -= bytes.length;
    }
  }
  const counts = { full: 0, partial: 0, bytes: 0 };
  const written = { full: 0, partial: 0 };
  const most = (words.get('iflag') ?? '').includes('count_bytes')
    ? Math.ceil((numbers['count'] ?? 0) / size)
    : (numbers['count'] ?? Number.POSITIVE_INFINITY);
  let failure: string | undefined;
  while (counts.full + counts.partial < most && !failure) {
    const block = yield* readBlock(
      process,
      input,
      size,
      (words.get('iflag') ?? '').includes('fullblock'),
    );
    if (isErrno(block))
      failure = `error reading ${quoteAlways(from ?? 'standard input')}: ${block.message}`;
    else if (block.length === 0) break;
    else {
      if (block.length === size) counts.full++;
      else counts.partial++;
      yield* process.work(block.length / 4 + 500);
      const bytes = convertBlock(block, conversions, size);
      const error = yield* writeAll(process, output, bytes);
      if (error)
        failure = `error writing ${quoteAlways(to ?? 'standard output')}: ${error.message}`;
      else {
        counts.bytes += bytes.length;
        if (bytes.length === outSize) written.full++;
        else written.partial++;
      }
    }
  }
  if (failure) yield* command.fail(failure);
  if (words.get('status') !== 'none') {
    const records = `${counts.full}+${counts.partial}`;
    const out = failure ? `${written.full}+${written.partial}` : records;
    command.err.put(`${records} records in\n${out} records out\n`);
    // busybox says nothing more of what did not work.
    if (words.get('status') !== 'noxfer' && !(failure && command.dialect))
      command.err.put(rate(counts.bytes, process.now - started));
    yield* command.err.flush();
  }
  return failure ? 1 : 0;
}

function* readBlock(
  process: Command['process'],
  fd: number,
  size: number,
  whole: boolean,
): Routine<Uint8Array | Errno> {
  const first = yield* process.read(fd, size);
  if (isErrno(first) || first.length === 0 || first.length === size) return first;
  const out = new Uint8Array(size);
  out.set(first);
  let length = first.length;
  const stat = process.fstat(fd);
  const regular =
    !isErrno(stat) && ((stat.mode & S_IFMT) === 0o100000 || (stat.mode & S_IFMT) === 0o020000);
  while ((whole || regular) && length < size) {
    const more = yield* process.read(fd, size - length);
    if (isErrno(more)) return more;
    if (more.length === 0) break;
    out.set(more, length);
    length += more.length;
  }
  return out.subarray(0, length);
}

function convertBlock(
  block: Uint8Array,
  conversions: ReadonlySet<string>,
  size: number,
): Uint8Array {
  let bytes = block;
  if (conversions.has('ucase')) bytes = bytes.map((b) => (b >= 97 && b <= 122 ? b - 32 : b));
  if (conversions.has('lcase')) bytes = bytes.map((b) => (b >= 65 && b <= 90 ? b + 32 : b));
  if (conversions.has('swab')) bytes = bytes.map((_, i) => bytes[i ^ 1] ?? bytes[i] ?? 0);
  if (!conversions.has('sync') || bytes.length === size) return bytes;
  const full = new Uint8Array(size);
  full.set(bytes);
  return full;
}

function rate(bytes: number, nanoseconds: number): string {
  const seconds = Math.max(nanoseconds, 1000) / 1e9;
  const unit = (value: number, base: 1000 | 1024): string => {
    const letters =
      base === 1000 ? ['B', 'kB', 'MB', 'GB', 'TB'] : ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let power = 0;
    let left = value;
    while (left >= base && power < letters.length - 1) {
      left /= base;
      power++;
    }
    return `${left < 10 && power > 0 ? left.toFixed(1) : Math.round(left)} ${letters[power]}`;
  };
  const exact = bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const sizes = [
    ...(bytes >= 1000 ? [unit(bytes, 1000)] : []),
    ...(bytes >= 1024 ? [unit(bytes, 1024)] : []),
  ];
  const shown = sizes.length ? `${exact} (${sizes.join(', ')})` : exact;
  return `${shown} copied, ${fixed(seconds, 6).replace(/0+$/, '').replace(/\.$/, '')} s, ${unit(bytes / seconds, 1000)}/s\n`;
}
