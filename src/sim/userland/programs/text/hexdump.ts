// hexdump (util-linux 2.38), also called hd: bytes in rows. Left out: formats of one's own (-e, -f) and colours (-L).

import { isErrno } from '../../../kernel/errno.ts';
import { concatBytes } from '../../../core/text.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { readFile } from '../../libc/whole-file.ts';
import { type Command, gnu } from '../coreutils/gnu.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'b', short: 'b', long: 'one-byte-octal' },
  { key: 'X', short: 'X', long: 'one-byte-hex' },
  { key: 'c', short: 'c', long: 'one-byte-char' },
  { key: 'C', short: 'C', long: 'canonical' },
  { key: 'd', short: 'd', long: 'two-bytes-decimal' },
  { key: 'o', short: 'o', long: 'two-bytes-octal' },
  { key: 'x', short: 'x', long: 'two-bytes-hex' },
  { key: 'length', short: 'n', long: 'length', argument: 'required' },
  { key: 'skip', short: 's', long: 'skip', argument: 'required' },
  { key: 'all', short: 'v', long: 'no-squeezing' },
];

/** A row's cells: bytes of one, width with the space before it, how it is written. */
interface Row {
  readonly size: 1 | 2;
  readonly width: number;
  readonly show: (value: number) => string;
}

const CHARACTERS: Readonly<Record<number, string>> = {
  0: '\\0',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
};
const character = (byte: number): string =>
  CHARACTERS[byte] ??
  (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, '0'));

const ROWS: Readonly<Record<string, Row>> = {
  b: { size: 1, width: 4, show: (byte) => byte.toString(8).padStart(3, '0') },
  X: { size: 1, width: 4, show: (byte) => byte.toString(16).padStart(2, '0') },
  c: { size: 1, width: 4, show: character },
  d: { size: 2, width: 8, show: (value) => String(value).padStart(5, '0') },
  o: { size: 2, width: 8, show: (value) => value.toString(8).padStart(6, '0') },
  x: { size: 2, width: 8, show: (value) => value.toString(16).padStart(4, '0') },
  plain: { size: 2, width: 5, show: (value) => value.toString(16).padStart(4, '0') },
};

function hexdumpAs(name: string, canonical: boolean) {
  return gnu(
    {
      name,
      usage: ['[options] <file>...'],
      options: OPTIONS,
      version: 'from util-linux 2.38.1',
      missing: [
        { key: 'e', short: 'e', long: 'format', argument: 'required' },
        { key: 'f', short: 'f', long: 'format-file', argument: 'required' },
        { key: 'L', short: 'L', long: 'color', argument: 'optional' },
      ],
    },
    (command) => run(command, canonical),
  );
}

export const hexdump = hexdumpAs('hexdump', false);
export const hd = hexdumpAs('hd', true);

function* run(command: Command, canonical: boolean) {
  const parts: Uint8Array[] = [];
  let status = 0;
  if (command.operands.length === 0) parts.push(yield* command.input.rest());
  for (const path of command.operands) {
    const bytes = yield* readFile(command.process, path);
    if (isErrno(bytes)) {
      yield* command.fail(`${path}: ${bytes.message}`);
      status = 1;
    } else parts.push(bytes);
  }
  if (status !== 0 && parts.length === 0) {
    yield* command.fail('all input file arguments failed');
    return 1;
  }
  const skip = Number(command.options.value('skip') ?? 0);
  const length = Number(command.options.value('length') ?? Number.POSITIVE_INFINITY);
  const all = concatBytes(parts);
  const bytes = all.subarray(skip, Math.min(all.length, skip + length));
  const style =
    command.options.last('b', 'X', 'c', 'C', 'd', 'o', 'x') ?? (canonical ? 'C' : 'plain');
  yield* command.out.print(rows(bytes, skip, style, command.options.has('all')));
  return status;
}

function rows(bytes: Uint8Array, start: number, style: string, all: boolean): string {
  const width = style === 'C' ? 8 : 7;
  const address = (at: number): string => at.toString(16).padStart(width, '0');
  let out = '';
  let before = '';
  let squeezed = false;
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.subarray(at, at + 16);
    const key = line.join();
    if (!all && key === before && line.length === 16) {
      if (!squeezed) out += '*\n';
      squeezed = true;
      continue;
    }
    before = key;
    squeezed = false;
    out += `${address(start + at)}${style === 'C' ? canonicalRow(line) : plainRow(line, ROWS[style])}\n`;
  }
  return bytes.length > 0 ? `${out}${address(start + bytes.length)}\n` : out;
}

function canonicalRow(line: Uint8Array): string {
  let hex = '';
  for (let i = 0; i < 16; i++) {
    const byte = line[i];
    hex += `${i % 8 === 0 ? ' ' : ''} ${byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')}`;
  }
  const shown = [...line]
    .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
    .join('');
  return `${hex}  |${shown}|`;
}

function plainRow(line: Uint8Array, row: Row | undefined): string {
  if (!row) return '';
  let out = '';
  for (let i = 0; i < 16; i += row.size) {
    const low = line[i];
    const value =
      low === undefined ? '' : row.show(row.size === 1 ? low : low | ((line[i + 1] ?? 0) << 8));
    out += value.padStart(row.width);
  }
  return out;
}
