// tr: characters translated, squeezed or deleted, by bytes as GNU tr does.

import { binaryString, encode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { quoteValue } from '../../libc/quote.ts';
import { readEscape } from './escapes.ts';
import { type Command, gnu } from './gnu.ts';

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Character classes, in the order of their bytes. */
const CLASSES: Readonly<Record<string, readonly number[]>> = {
  alnum: [...range(48, 57), ...range(65, 90), ...range(97, 122)],
  alpha: [...range(65, 90), ...range(97, 122)],
  blank: [9, 32],
  cntrl: [...range(0, 31), 127],
  digit: range(48, 57),
  graph: range(33, 126),
  lower: range(97, 122),
  print: range(32, 126),
  punct: [...range(33, 47), ...range(58, 64), ...range(91, 96), ...range(123, 126)],
  space: [...range(9, 13), 32],
  upper: range(65, 90),
  xdigit: [...range(48, 57), ...range(65, 70), ...range(97, 102)],
};

/** A piece of a set: bytes, with the class they came from; `fill`: `[x*]`, as often as needed. */
interface Piece {
  readonly bytes: readonly number[];
  readonly className?: string;
  readonly fill?: boolean;
}

/** Reads a set; a string is what is wrong with it. */
function parseSet(word: string): Piece[] | string {
  const text = binaryString(encode(word));
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const named = /^\[:([a-z]*):\]/.exec(rest);
    if (named) {
      const bytes = CLASSES[named[1] ?? ''];
      if (!bytes) return `invalid character class ${quoteValue(named[1] ?? '')}`;
      pieces.push({ bytes, className: named[1] ?? '' });
      at += named[0].length;
      continue;
    }
    const equivalent = /^\[=(.)=\]/s.exec(rest);
    if (equivalent) {
      pieces.push({ bytes: [(equivalent[1] ?? '').charCodeAt(0)] });
      at += equivalent[0].length;
      continue;
    }
    const repeated = /^\[(\\?.)\*(\d*)\]/s.exec(rest);
    if (repeated) {
      const byte = one(repeated[1] ?? '', 0).byte;
      const digits = repeated[2] ?? '';
      const count = Number.parseInt(digits, digits.startsWith('0') ? 8 : 10) || 0;
      pieces.push(
        count ? { bytes: new Array<number>(count).fill(byte) } : { bytes: [byte], fill: true },
      );
      at += repeated[0].length;
      continue;
    }
    const first = one(text, at);
    at += first.length;
    if (text.charAt(at) === '-' && at + 1 < text.length) {
      const last = one(text, at + 1);
      if (last.byte < first.byte) {
        const shown = `${show(first.byte)}-${show(last.byte)}`;
        return `range-endpoints of '${shown}' are in reverse collating sequence order`;
      }
      pieces.push({ bytes: range(first.byte, last.byte) });
      at += 1 + last.length;
    } else pieces.push({ bytes: [first.byte] });
  }
  return pieces;
}

const show = (byte: number): string =>
  byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;

function one(text: string, at: number): { byte: number; length: number } {
  if (text.charAt(at) !== '\\' || at + 1 >= text.length)
    return { byte: text.charCodeAt(at), length: 1 };
  const letter = text.charAt(at + 1);
  if (!/[abfnrtv\\0-7]/.test(letter)) return { byte: text.charCodeAt(at + 1), length: 2 };
  const escape = readEscape(text, at, false);
  return { byte: escape.bytes[0] ?? 0, length: escape.length };
}

export const tr = gnu(
  {
    name: 'tr',
    usage: ['[OPTION]... STRING1 [STRING2]'],
    posixly: true,
    options: [
      { key: 'complement', short: 'cC', long: 'complement' },
      { key: 'delete', short: 'd', long: 'delete' },
      { key: 'squeeze', short: 's', long: 'squeeze-repeats' },
      { key: 'truncate', short: 't', long: 'truncate-set1' },
    ],
  },
  function* (command) {
    const { process, out } = command;
    const wrong = wrongCount(command);
    if (wrong) {
      yield* command.fail(wrong.text);
      command.err.put(wrong.more ?? '');
      return yield* command.usage();
    }
    const plan = makePlan(command);
    if (typeof plan === 'string') {
      yield* command.fail(plan);
      return 1;
    }
    let last = -1;
    for (;;) {
      const bytes = yield* process.read(0, 65_536);
      if (isErrno(bytes)) {
        yield* command.fail(`read error: ${bytes.message}`);
        return 1;
      }
      if (bytes.length === 0) break;
      yield* process.work(bytes.length);
      const result = new Uint8Array(bytes.length);
      let length = 0;
      for (const byte of bytes) {
        if (plan.deleted[byte]) continue;
        const mapped = plan.map[byte] ?? byte;
        if (plan.squeezed[mapped] && mapped === last) continue;
        last = mapped;
        result[length++] = mapped;
      }
      yield* out.print(result.subarray(0, length));
      if (out.failure) break;
    }
    return 0;
  },
);

interface Plan {
  readonly map: readonly number[];
  readonly deleted: readonly boolean[];
  readonly squeezed: readonly boolean[];
}

/** What to say of a wrong number of operands: after the first line, before where help is. */
interface WrongCount {
  readonly text: string;
  readonly more?: string;
}

function wrongCount({ options, operands }: Command): WrongCount | undefined {
  const [first, second, third] = operands;
  const [deletes, squeezes] = [options.has('delete'), options.has('squeeze')];
  if (first === undefined) return { text: 'missing operand' };
  if (second === undefined && deletes === squeezes) {
    const when = deletes ? 'both deleting and squeezing repeats' : 'translating';
    return {
      text: `missing operand after ${quoteValue(first)}`,
      more: `Two strings must be given when ${when}.\n`,
    };
  }
  if (second !== undefined && deletes && !squeezes) {
    const more = 'Only one string may be given when deleting without squeezing repeats.\n';
    return { text: `extra operand ${quoteValue(second)}`, more };
  }
  return third === undefined ? undefined : { text: `extra operand ${quoteValue(third)}` };
}

function makePlan({ options, operands }: Command): Plan | string {
  const [word1 = '', word2] = operands;
  const [deletes, squeezes] = [options.has('delete'), options.has('squeeze')];
  const pieces1 = parseSet(word1);
  const pieces2 = parseSet(word2 ?? '');
  if (typeof pieces1 === 'string') return pieces1;
  if (typeof pieces2 === 'string') return pieces2;
  let set1 = pieces1.flatMap((piece) => [...piece.bytes]);
  if (options.has('complement')) {
    const given = new Set(set1);
    set1 = range(0, 255).filter((byte) => !given.has(byte));
  }
  const translating = !deletes && word2 !== undefined;
  const set2 = expandSecond(pieces2, set1.length);
  if (translating) {
    if (set2.length === 0 && set1.length > 0)
      return 'when not truncating set1, string2 must be non-empty';
    const bad = badClass(pieces1, pieces2, options.has('complement'));
    if (bad) return bad;
  }
  const map = range(0, 255);
  if (translating) {
    const last = set2.at(-1) ?? 0;
    set1.forEach((byte, i) => {
      const target = set2[i];
      if (target !== undefined) map[byte] = target;
      else if (!options.has('truncate')) map[byte] = last;
    });
  }
  const flags = (bytes: readonly number[]): boolean[] => {
    const table = new Array<boolean>(256).fill(false);
    for (const byte of bytes) table[byte] = true;
    return table;
  };
  return {
    map,
    deleted: flags(deletes ? set1 : []),
    squeezed: flags(squeezes ? (word2 !== undefined ? set2 : set1) : []),
  };
}

function expandSecond(pieces: readonly Piece[], wanted: number): number[] {
  const fixed = pieces.reduce((sum, piece) => sum + (piece.fill ? 0 : piece.bytes.length), 0);
  return pieces.flatMap((piece) =>
    piece.fill
      ? new Array<number>(Math.max(0, wanted - fixed)).fill(piece.bytes[0] ?? 0)
      : [...piece.bytes],
  );
}

function badClass(
  first: readonly Piece[],
  second: readonly Piece[],
  complement: boolean,
): string | undefined {
  const odd = second.find((piece) => piece.className && !/^(upper|lower)$/.test(piece.className));
  if (odd) {
    return "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'";
  }
  const cased = second.find((piece) => piece.className);
  const match = first.some((piece) => /^(upper|lower)$/.test(piece.className ?? ''));
  if (cased && !match && !complement) return 'misaligned [:upper:] and/or [:lower:] construct';
  return undefined;
}
