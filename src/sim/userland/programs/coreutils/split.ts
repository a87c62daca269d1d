// split: a file in pieces, by lines, bytes or number of pieces. --filter, -e, -t and -u are left out.

import { concatBytes } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { quoteAlways, quoteValue } from '../../libc/quote.ts';
import { writeFile } from '../../libc/whole-file.ts';
import { type Command, extraOperand, gnu, openOperand, parseSize } from './gnu.ts';

export const split = gnu(
  {
    name: 'split',
    usage: ['[OPTION]... [FILE [PREFIX]]'],
    options: [
      { key: 'suffixLength', short: 'a', long: 'suffix-length', argument: 'required' },
      { key: 'additional', long: 'additional-suffix', argument: 'required' },
      { key: 'bytes', short: 'b', long: 'bytes', argument: 'required' },
      { key: 'lineBytes', short: 'C', long: 'line-bytes', argument: 'required' },
      { key: 'digits', short: 'd' },
      { key: 'digits', long: 'numeric-suffixes', argument: 'optional' },
      { key: 'hex', short: 'x' },
      { key: 'hex', long: 'hex-suffixes', argument: 'optional' },
      { key: 'lines', short: 'l', long: 'lines', argument: 'required' },
      { key: 'chunks', short: 'n', long: 'number', argument: 'required' },
      { key: 'verbose', long: 'verbose' },
    ],
    missing: [
      { key: 'elide', short: 'e', long: 'elide-empty-files' },
      { key: 'filter', long: 'filter', argument: 'required' },
      { key: 'separator', short: 't', long: 'separator', argument: 'required' },
      { key: 'unbuffered', short: 'u', long: 'unbuffered' },
    ],
    rewrite: (args) => args.map((word) => (/^-\d+$/.test(word) ? `-l${word.slice(1)}` : word)),
  },
  function* (command) {
    const { options, operands } = command;
    if (operands.length > 2) return yield* extraOperand(command, operands[2] ?? '');
    const ways = new Set(options.list.map(([key]) => key).filter((key) => WAYS.has(key)));
    if (ways.size > 1) return yield* command.usage('cannot split in more than one way');
    const way = [...ways][0] ?? 'lines';
    const text = options.value(way) ?? '1000';
    const cut = cutter(way, text);
    if (typeof cut === 'string') {
      yield* command.fail(cut);
      return 1;
    }
    const input = operands[0] ?? '-';
    const reader = openOperand(command, input);
    if (isErrno(reader)) {
      yield* command.fail(`cannot open ${quoteAlways(input)} for reading: ${reader.message}`);
      return 1;
    }
    const bytes = yield* reader.rest();
    if (reader.failure) {
      yield* command.fail(`${input === '-' ? '-' : input}: ${reader.failure.message}`);
      return 1;
    }
    const pieces = cut(bytes);
    const only = /^(?:[lr]\/)?(\d+)\/\d+$/.exec(way === 'chunks' ? text : '');
    if (only) {
      command.out.put(pieces[Number(only[1]) - 1] ?? new Uint8Array(0));
      return 0;
    }
    return yield* writePieces(command, pieces, operands[1] ?? 'x');
  },
);

/** The options that say how to split, with what their errors call the number. */
const WAYS: ReadonlyMap<string, string> = new Map([
  ['lines', 'lines'],
  ['bytes', 'bytes'],
  ['lineBytes', 'lines'],
  ['chunks', 'chunks'],
]);

type Cut = (bytes: Uint8Array) => Uint8Array[];

/** How to cut, or what is wrong with the number. */
function cutter(way: string, text: string): Cut | string {
  const wrong = (value: string, range: boolean): string =>
    `invalid number of ${WAYS.get(way) ?? ''}: ${quoteValue(value)}${range ? ': Numerical result out of range' : ''}`;
  const chunk = /^(?:([lr])\/)?(?:\d+\/)?(\d+)$/.exec(text);
  const size = way === 'chunks' ? Number(chunk?.[2] ?? Number.NaN) : parseSize(text);
  if (size === undefined || Number.isNaN(size)) return wrong(text, false);
  if (size === 0) return wrong(text, true);
  if (way === 'bytes') return (bytes) => slices(bytes, size);
  if (way === 'lines') return (bytes) => grouped(linesOf(bytes), (_, count) => count < size);
  if (way === 'lineBytes') return (bytes) => lineBytes(bytes, size);
  if (chunk?.[1] === 'r') return (bytes) => roundRobin(linesOf(bytes), size);
  return (bytes) => equalParts(bytes, size, chunk?.[1] === 'l');
}

function slices(bytes: Uint8Array, size: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(bytes.subarray(at, at + size));
  return out;
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    const next = end < 0 ? bytes.length : end + 1;
    out.push(bytes.subarray(at, next));
    at = next;
  }
  return out;
}

/** Joins lines as long as the next one still belongs to the piece, which holds so many bytes and lines. */
function grouped(
  lines: readonly Uint8Array[],
  joins: (size: number, count: number, line: Uint8Array) => boolean,
): Uint8Array[] {
  const groups: Uint8Array[][] = [];
  let size = 0;
  for (const line of lines) {
    const group = groups.at(-1);
    if (group && joins(size, group.length, line)) group.push(line);
    else {
      groups.push([line]);
      size = 0;
    }
    size += line.length;
  }
  return groups.map(concatBytes);
}

/** Whole lines up to a size; a line that is longer is cut. */
function lineBytes(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts = linesOf(bytes).flatMap((line) => slices(line, size));
  return grouped(parts, (sum, _, line) => sum + line.length <= size);
}

function roundRobin(lines: readonly Uint8Array[], count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    concatBytes(lines.filter((__, at) => at % count === i)),
  );
}

/** So many parts of equal size, the last with the rest; with `whole`, lines go to the part in which they begin. */
function equalParts(bytes: Uint8Array, count: number, whole: boolean): Uint8Array[] {
  const size = Math.floor(bytes.length / count);
  const bounds = Array.from({ length: count }, (_, i) =>
    i === count - 1 ? bytes.length : (i + 1) * size,
  );
  let at = 0;
  return bounds.map((bound) => {
    const newline =
      whole && bound > at && bound < bytes.length ? bytes.indexOf(10, bound - 1) : bound - 1;
    const end = Math.max(at, newline < 0 ? bytes.length : newline + 1);
    const piece = bytes.subarray(at, end);
    at = end;
    return piece;
  });
}

function* writePieces(command: Command, pieces: readonly Uint8Array[], prefix: string): ProgramRun {
  const { options, process, out } = command;
  const kind = options.last('digits', 'hex');
  const base = kind === 'digits' ? 10 : kind === 'hex' ? 16 : 26;
  const first = kind ? Number.parseInt(options.value(kind) || '0', base) : 0;
  const given = options.value('suffixLength');
  if (given !== undefined && !/^\d+$/.test(given)) {
    yield* command.fail(`invalid suffix length: ${quoteValue(given)}`);
    return 1;
  }
  const fixed = Number(given ?? 0);
  for (const [i, piece] of pieces.entries()) {
    const suffix = suffixOf(i + first, base, fixed);
    if (suffix === undefined) {
      yield* command.fail('output file suffixes exhausted');
      return 1;
    }
    const path = `${prefix}${suffix}${options.value('additional') ?? ''}`;
    if (options.has('verbose')) yield* out.print(`creating file ${quoteAlways(path)}\n`);
    const failure = yield* writeFile(process, path, piece);
    if (failure) {
      yield* command.fail(`${path}: ${failure.message}`);
      return 1;
    }
  }
  return 0;
}

/** `aa`, `ab` … `yz`, `zaaa`: two letters, and two more each time the last group is used up. */
function suffixOf(index: number, base: number, fixed: number): string | undefined {
  const digit = (value: number): string =>
    base === 26 ? String.fromCharCode(97 + value) : value.toString(base);
  const plain = (value: number, width: number): string => {
    let out = '';
    for (let i = 0, rest = value; i < width; i++, rest = Math.floor(rest / base))
      out = digit(rest % base) + out;
    return out;
  };
  if (fixed > 0) return index < base ** fixed ? plain(index, fixed) : undefined;
  let rest = index;
  for (let extra = 0; ; extra++) {
    const room = (base - 1) * base ** (extra + 1);
    if (rest < room) return digit(base - 1).repeat(extra) + plain(rest, extra + 2);
    rest -= room;
  }
}
