// wc: lines, words, characters, bytes and the widest line.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import { displayWidth } from './list-format.ts';
import { quoteName, quoteValue } from '../../libc/quote.ts';
import { type Command, gnu, openOperand } from './gnu.ts';

interface Counts {
  lines: number;
  words: number;
  chars: number;
  bytes: number;
  widest: number;
}

const none = (): Counts => ({ lines: 0, words: 0, chars: 0, bytes: 0, widest: 0 });

export const wc = gnu(
  {
    name: 'wc',
    usage: ['[OPTION]... [FILE]...', '[OPTION]... --files0-from=F'],
    options: [
      { key: 'bytes', short: 'c', long: 'bytes' },
      { key: 'chars', short: 'm', long: 'chars' },
      { key: 'lines', short: 'l', long: 'lines' },
      { key: 'files0', long: 'files0-from', argument: 'required' },
      { key: 'widest', short: 'L', long: 'max-line-length' },
      { key: 'words', short: 'w', long: 'words' },
    ],
  },
  function* (command) {
    const { process, options } = command;
    const named = yield* namedFiles(command);
    if (typeof named === 'number') return named;
    const { operands } = named;
    const columns = ['lines', 'words', 'chars', 'bytes', 'widest'] as const;
    const chosen = columns.filter((key) => options.has(key));
    const wanted = chosen.length > 0 ? chosen : (['lines', 'words', 'bytes'] as const);
    const paths = operands.length || options.has('files0') ? operands : [undefined];
    const width = named.piped ? 1 : numberWidth(process, operands, wanted.length);
    const total = none();
    let status = 0;
    const row = (counts: Counts, name: string | undefined): string =>
      `${wanted.map((key) => String(counts[key]).padStart(width)).join(' ')}${name === undefined ? '' : ` ${name}`}\n`;
    for (const [at, path] of paths.entries()) {
      const refusal = named.from !== undefined && refusedName(named.from, path ?? '', at + 1);
      if (refusal) {
        yield* command.fail(refusal);
        status = 1;
        continue;
      }
      const fd = path === undefined || path === '-' ? 0 : process.open(path);
      if (isErrno(fd)) {
        yield* command.fileError(path ?? '', fd);
        status = 1;
        continue;
      }
      const counts = none();
      const failure = yield* countFile(command, fd, counts, wanted);
      if (failure) {
        yield* command.fail(`${path ?? 'standard input'}: ${failure}`);
        status = 1;
      }
      if (fd !== 0) process.close(fd);
      yield* command.out.print(row(counts, path));
      for (const key of ['lines', 'words', 'chars', 'bytes'] as const) total[key] += counts[key];
      total.widest = Math.max(total.widest, counts.widest);
    }
    if (operands.length > 1) yield* command.out.print(row(total, 'total'));
    return status;
  },
);

interface Named {
  readonly operands: readonly string[];
  /** The file that names them. */
  readonly from?: string;
  /** The names were read one by one, so that the sizes were not known before. */
  readonly piped: boolean;
}

/** The files to count: the operands, or the names of --files0-from, each closed by a NUL. */
function* namedFiles(command: Command): Routine<Named | number> {
  const { options, operands, process } = command;
  const from = options.value('files0');
  if (from === undefined) return { operands, piped: false };
  const [extra] = operands;
  if (extra !== undefined) {
    const refusal = 'file operands cannot be combined with --files0-from';
    return yield* command.usage(`extra operand ${quoteValue(extra)}\n${refusal}`);
  }
  const list = openOperand(command, from);
  if (isErrno(list)) {
    yield* command.fail(`cannot open ${quoteValue(from)} for reading: ${list.message}`);
    return 1;
  }
  const stat = from === '-' ? process.fstat(0) : process.stat(from);
  const piped = isErrno(stat) || (stat.mode & S_IFMT) !== S_IFREG;
  const names = decode(yield* list.rest()).split('\0');
  if (list.failure) {
    yield* command.fail(`${quoteName(from)}: read error: ${list.failure.message}`);
    return 1;
  }
  if (names.at(-1) === '') names.pop();
  return { operands: names, from, piped };
}

/** Why a name of --files0-from is not taken. */
function refusedName(from: string, name: string, number: number): string | undefined {
  if (name === '') return `${quoteName(from)}:${number}: invalid zero-length file name`;
  return name === '-' && from === '-'
    ? "when reading file names from stdin, no file name of '-' allowed"
    : undefined;
}

/** Columns are as wide as the sum of the sizes needs; 7 where a size is not known, 1 for a single number. */
function numberWidth(process: Process, operands: readonly string[], columns: number): number {
  if (operands.length <= 1 && columns === 1) return 1;
  let sum = 0;
  let least = 1;
  for (const path of operands.length ? operands : ['-']) {
    const stat = path === '-' ? process.fstat(0) : process.stat(path);
    if (isErrno(stat)) continue;
    if ((stat.mode & S_IFMT) === S_IFREG) sum += stat.size;
    else least = 7;
  }
  return Math.max(least, String(sum).length);
}

function* countFile(
  command: Command,
  fd: number,
  counts: Counts,
  wanted: readonly string[],
): Routine<string | undefined> {
  const { process } = command;
  const detailed = wanted.includes('chars') || wanted.includes('widest');
  const onlyBytes = wanted.every((key) => key === 'bytes');
  let inWord = false;
  let column = 0;
  for (;;) {
    const bytes = yield* process.read(fd, 131_072);
    if (isErrno(bytes)) return bytes.message;
    if (bytes.length === 0) break;
    yield* process.work(bytes.length / (onlyBytes ? 50 : 2));
    counts.bytes += bytes.length;
    if (onlyBytes) continue;
    if (!wanted.includes('words') && !detailed) {
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) counts.lines++;
      continue;
    }
    for (const byte of bytes) {
      if (byte === 10) counts.lines++;
      const space = byte === 32 || (byte >= 9 && byte <= 13);
      if (space) inWord = false;
      else if (!inWord && byte !== 0) {
        inWord = true;
        counts.words++;
      }
      if (detailed && (byte & 0xc0) !== 0x80) counts.chars++;
    }
    if (wanted.includes('widest')) column = widestLine(decode(bytes), counts, column);
  }
  return undefined;
}

function widestLine(text: string, counts: Counts, start: number): number {
  let column = start;
  for (const char of text) {
    if (char === '\n' || char === '\r' || char === '\f') column = 0;
    else if (char === '\t') column += 8 - (column % 8);
    else if (char >= ' ') column += displayWidth(char);
    counts.widest = Math.max(counts.widest, column);
  }
  return column;
}
