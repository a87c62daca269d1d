// wc: lines, words, characters, bytes and the widest line.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import { displayWidth } from './list-format.ts';
import { type Command, gnu } from './gnu.ts';

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
      { key: 'widest', short: 'L', long: 'max-line-length' },
      { key: 'words', short: 'w', long: 'words' },
    ],
    missing: [{ key: 'files0', long: 'files0-from', argument: 'required' }],
  },
  function* (command) {
    const { process, options, operands } = command;
    const wanted = (['lines', 'words', 'chars', 'bytes', 'widest'] as const).filter((key) =>
      options.list.length
        ? options.has(key)
        : key === 'lines' || key === 'words' || key === 'bytes',
    );
    const paths = operands.length ? operands : [undefined];
    const width = numberWidth(command, wanted.length);
    const total = none();
    let status = 0;
    const row = (counts: Counts, name: string | undefined): string =>
      `${wanted.map((key) => String(counts[key]).padStart(width)).join(' ')}${name === undefined ? '' : ` ${name}`}\n`;
    for (const path of paths) {
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

/** Columns are as wide as the sum of the sizes needs; 7 where a size is not known, 1 for a single number. */
function numberWidth({ process, operands }: Command, columns: number): number {
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
