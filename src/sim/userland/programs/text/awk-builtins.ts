// awk's functions on strings and numbers; those that wait (system, close, fflush, getline) are in awk-run.ts.

import { epochMilliseconds, epochSeconds } from '../../../core/time.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { AwkError, type AwkState } from './awk-state.ts';
import { sprintf, toNumber, type Value } from './awk-values.ts';

/** A plain function of values. */
type Builtin = (state: AwkState, values: readonly Value[]) => Value;

const number =
  (f: (x: number) => number): Builtin =>
  (_, values) =>
    f(toNumber(values[0]));

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  sin: number(Math.sin),
  cos: number(Math.cos),
  atan2: (_, values) => Math.atan2(toNumber(values[0]), toNumber(values[1])),
  exp: number(Math.exp),
  log: number(Math.log),
  sqrt: number(Math.sqrt),
  int: number(Math.trunc),
  length: (state, values) => state.text(values.length ? values[0] : state.field(0)).length,
  index: (state, values) => state.text(values[0]).indexOf(state.text(values[1])) + 1,
  tolower: (state, values) => state.text(values[0]).replace(/[A-Z]+/g, (s) => s.toLowerCase()),
  toupper: (state, values) => state.text(values[0]).replace(/[a-z]+/g, (s) => s.toUpperCase()),
  substr: (state, values) =>
    substring(
      state.text(values[0]),
      toNumber(values[1]),
      values.length > 2 ? toNumber(values[2]) : undefined,
    ),
  sprintf: (state, values) => sprintf(values, state.convfmt),
  systime: (state) => epochSeconds(state.streams.process.now),
  strftime: (state, values) => {
    const at =
      values.length > 1 ? toNumber(values[1]) * 1000 : epochMilliseconds(state.streams.process.now);
    return strftime(
      values.length ? state.text(values[0]) : '%a %b %e %H:%M:%S %Z %Y',
      momentOf(at),
    );
  },
  mktime: (state, values) => {
    const [year, month = 1, day = 1, hour = 0, minute = 0, second = 0] = state
      .text(values[0])
      .trim()
      .split(/\s+/)
      .map(Number);
    return year === undefined ? -1 : Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  },
  rand: (state) => {
    state.seed = (Math.imul(state.seed, 1_103_515_245) + 12_345) >>> 0;
    const high = state.seed >>> 8;
    return high / 2 ** 24;
  },
  srand: (state, values) => {
    const before = state.randomSeed;
    state.randomSeed = values.length
      ? toNumber(values[0])
      : epochSeconds(state.streams.process.now);
    state.seed = (Math.imul(state.randomSeed | 0, 2_654_435_761) ^ 0x5bd1e995) >>> 0;
    return before;
  },
};

/** substr() as mawk counts: ends are cut to whole numbers, and a start before the text lengthens it. */
function substring(text: string, from: number, length: number | undefined): string {
  const start = Math.trunc(from);
  if (length === undefined) return text.slice(Math.max(0, start - 1));
  const count = Math.trunc(length) + Math.max(0, -start);
  const first = Math.max(1, start);
  return count <= 0 ? '' : text.slice(first - 1, first - 1 + count);
}

/** match(): sets RSTART and RLENGTH; the place from 1, or 0. */
export function matchIn(state: AwkState, text: string, source: string): number {
  const found = state.regex(source).exec(text);
  state.cell('RSTART').value = found ? found.start + 1 : 0;
  state.cell('RLENGTH').value = found ? found.end - found.start : -1;
  return found ? found.start + 1 : 0;
}

/** sub() and gsub(): the new text and how many times. */
export function replaceIn(
  state: AwkState,
  source: string,
  by: string,
  text: string,
  all: boolean,
): readonly [string, number] {
  const regex = state.regex(source);
  const pieces = replacement(by);
  let out = '';
  let at = 0;
  let count = 0;
  let lastEnd = -1;
  while (at <= text.length) {
    const match = regex.exec(text, at);
    if (!match) break;
    const empty = match.end === match.start;
    if (empty && match.start === lastEnd) {
      out += text.slice(at, match.start + 1);
      at = match.start + 1;
      continue;
    }
    out += text.slice(at, match.start);
    for (const piece of pieces) out += piece ?? text.slice(match.start, match.end);
    count++;
    lastEnd = match.end;
    if (empty) out += text.charAt(match.end);
    at = empty ? match.end + 1 : match.end;
    if (!all) break;
  }
  return [out + text.slice(at), count];
}

/** `&` is the match (undefined here), `\\&` an ampersand. */
function replacement(by: string): (string | undefined)[] {
  const pieces: (string | undefined)[] = [];
  let text = '';
  for (let i = 0; i < by.length; i++) {
    const char = by.charAt(i);
    if (char === '\\' && (by.charAt(i + 1) === '&' || by.charAt(i + 1) === '\\'))
      text += by.charAt(++i);
    else if (char === '&') {
      pieces.push(text, undefined);
      text = '';
    } else text += char;
  }
  pieces.push(text);
  return pieces;
}

/** Division and remainder; mawk stops on neither, IEEE rules hold. */
export function arithmetic(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '^':
      return a ** b;
    default:
      throw new AwkError(`unknown operator ${operator}`);
  }
}
