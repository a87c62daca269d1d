// printf(1): formats its arguments, again and again while there are any.

import { concatBytes, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { CONVERSION, type Conversion, formatNumber, pad } from '../../libc/format.ts';
import { quoteValue } from '../../libc/quote.ts';
import { type Main, program } from '../../libc/stdio.ts';
import { readEscape, unescapeEcho } from './escapes.ts';

/** A run: the arguments left, what has been made, and what went wrong. */
interface Printing {
  readonly main: Main;
  readonly args: readonly string[];
  at: number;
  readonly parts: Uint8Array[];
  status: number;
}

export const printf = program('printf', function* (main) {
  const args = main.args[0] === '--' ? main.args.slice(1) : main.args;
  const [format, ...rest] = args;
  if (format === '--help' || format === '--version') {
    const help = 'Usage: printf FORMAT [ARGUMENT]...\n  or:  printf OPTION\n';
    yield* main.out.print(format === '--help' ? help : 'printf (GNU coreutils) 9.1\n');
    return 0;
  }
  if (format === undefined) {
    yield* main.fail('missing operand');
    main.err.put("Try 'printf --help' for more information.\n");
    yield* main.err.flush();
    return 1;
  }
  const run: Printing = { main, args: rest, at: 0, parts: [], status: 0 };
  for (;;) {
    const before = run.at;
    const goOn = yield* printOnce(run, format);
    if (!goOn || run.at >= rest.length) break;
    if (run.at === before) {
      yield* main.fail(
        `warning: ignoring excess arguments, starting with ${quoteValue(rest[before] ?? '')}`,
      );
      break;
    }
  }
  main.out.put(concatBytes(run.parts));
  return run.status;
});

/** One pass over the format; false after \c or an error. */
function* printOnce(run: Printing, format: string): Routine<boolean> {
  for (let i = 0; i < format.length; ) {
    const char = format.charAt(i);
    if (char === '\\') {
      const escape = readEscape(format, i, false);
      run.parts.push(escape.bytes);
      if (escape.stop) return false;
      i += escape.length;
    } else if (char === '%') {
      const used = yield* convert(run, format.slice(i));
      if (used === undefined) return false;
      i += used;
    } else {
      let end = i + 1;
      while (end < format.length && format.charAt(end) !== '\\' && format.charAt(end) !== '%')
        end++;
      run.parts.push(encode(format.slice(i, end)));
      i = end;
    }
  }
  return true;
}

/** One conversion at the start of `text`: how many characters it took; undefined where output ends. */
function* convert(run: Printing, text: string): Routine<number | undefined> {
  if (text.startsWith('%%')) {
    run.parts.push(encode('%'));
    return 2;
  }
  const match = CONVERSION.exec(text);
  const letter = match?.[4] ?? '';
  if (!match || match.index !== 0 || !'diouxXeEfFgGaAcsbq'.includes(letter)) {
    const shown = /^%[-+ #0']*\d*(?:\.\d*)?.?/.exec(text)?.[0] ?? text;
    yield* run.main.out.print(concatBytes(run.parts.splice(0)));
    yield* run.main.out.flush();
    yield* run.main.fail(`${shown}: invalid conversion specification`);
    run.status = 1;
    return undefined;
  }
  const conversion = yield* readConversion(run, match, letter);
  const given = run.args[run.at++];
  const argument = given ?? '';
  if (letter === 's' || letter === 'q') {
    const quoted = letter === 'q' ? `'${argument.replaceAll("'", "'\\''")}'` : argument;
    run.parts.push(padBytes(encode(quoted), conversion));
  } else if (letter === 'c') run.parts.push(padBytes(encode(argument).subarray(0, 1), conversion));
  else if (letter === 'b') {
    const { bytes, stopped } = unescapeEcho(argument);
    run.parts.push(padBytes(bytes, conversion));
    if (stopped) return undefined;
  } else {
    const value = given === undefined ? 0 : yield* numberOf(run, argument, letter);
    run.parts.push(encode(formatNumber(value, conversion)));
  }
  return match[0].length;
}

function padBytes(bytes: Uint8Array, conversion: Conversion): Uint8Array {
  const { precision } = conversion;
  const cut = precision === undefined ? bytes : bytes.subarray(0, precision);
  return concatBytes(around(pad('\0', conversion, cut.length), cut));
}

function around(field: string, bytes: Uint8Array): Uint8Array[] {
  const [before = '', after = ''] = field.split('\0');
  return [encode(before), bytes, encode(after)];
}

function* readConversion(
  run: Printing,
  match: RegExpExecArray,
  letter: string,
): Routine<Conversion> {
  let flags = match[1] ?? '';
  const star = function* (text: string | undefined): Routine<number | undefined> {
    if (text === undefined) return undefined;
    if (text !== '*') return Number(text || 0);
    return Number(yield* numberOf(run, run.args[run.at++] ?? '0', 'd'));
  };
  let width = (yield* star(match[2])) ?? 0;
  if (width < 0) {
    flags += '-';
    width = -width;
  }
  const precision = yield* star(match[3]);
  return {
    flags,
    width,
    precision: precision !== undefined && precision < 0 ? undefined : precision,
    letter,
  };
}

function* numberOf(run: Printing, text: string, letter: string): Routine<number | bigint> {
  const quoted = /^["'](.)/su.exec(text);
  if (quoted) return quoted[1]?.codePointAt(0) ?? 0;
  const floating = 'eEfFgGaA'.includes(letter);
  const pattern = floating
    ? /^\s*[-+]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)/i
    : /^\s*[-+]?(?:0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*)/;
  const match = pattern.exec(text);
  const read = match?.[0] ?? '';
  if (read.length < text.length || text === '') {
    const why = read === '' ? 'expected a numeric value' : 'value not completely converted';
    yield* run.main.out.print(concatBytes(run.parts.splice(0)));
    yield* run.main.out.flush();
    yield* run.main.fail(`${quoteValue(text)}: ${why}`);
    run.status = 1;
  }
  if (read === '') return 0;
  return floating ? floatOf(read.trim()) : wholeOf(read.trim());
}

function floatOf(text: string): number {
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /nan/i.test(text) ? Number.NaN : Number(text);
}

function wholeOf(text: string): bigint {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  const octal = /^0[0-7]+$/.test(digits);
  const magnitude = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return negative ? -magnitude : magnitude;
}
