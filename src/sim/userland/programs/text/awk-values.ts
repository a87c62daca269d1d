// Values of awk: numbers, strings, and input that is both where it looks like a number.

import {
  CONVERSION,
  type Conversion,
  formatNumber,
  formatString,
  general,
} from '../../libc/format.ts';

/** A piece of input (field, getline, -v, ARGV): compares as a number where it looks like one. */
export class Input {
  readonly text: string;
  private parsed: number | null | undefined;
  constructor(text: string) {
    this.text = text;
  }
  /** Its number, or null where it looks like none. */
  get number(): number | null {
    if (this.parsed === undefined)
      this.parsed = LOOKS_NUMERIC.test(this.text) ? toNumber(this.text) : null;
    return this.parsed;
  }
}

/** Undefined: never assigned; both "" and 0. */
export type Value = number | string | Input | undefined;

const LOOKS_NUMERIC =
  /^[ \t\n\r\f\v]*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)[ \t\n\r\f\v]*$/;
const PREFIX = /^[ \t\n\r\f\v]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/;

/** The number that a value stands for: a string's leading digits. */
export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (value === undefined) return 0;
  const text = typeof value === 'string' ? value : value.text;
  const match = PREFIX.exec(text);
  if (match) return Number(match[1]);
  const special = /^[ \t]*([-+])?(inf|nan)/i.exec(text);
  if (!special) return 0;
  const magnitude = special[2]?.toLowerCase() === 'inf' ? Number.POSITIVE_INFINITY : Number.NaN;
  return special[1] === '-' ? -magnitude : magnitude;
}

/** The text of a value; whole numbers without a point, others by `format` (CONVFMT or OFMT). */
export function toText(value: Value, format: string): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (typeof value !== 'number') return value.text;
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31)
    return value === 0 ? '0' : String(value);
  if (Number.isNaN(value)) return '-nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (format === '%.6g') return value < 0 ? `-${general(-value, 6)}` : general(value, 6);
  return sprintf([format, value], format);
}

/** True for a number that is not 0 and a string that is not empty. */
export function toBoolean(value: Value): boolean {
  if (typeof value === 'number') return value !== 0;
  if (value === undefined) return false;
  if (typeof value === 'string') return value !== '';
  const { number } = value;
  return number === null ? value.text !== '' : number !== 0;
}

function numeric(value: Value): number | null {
  if (typeof value === 'number') return value;
  if (value === undefined) return 0;
  return typeof value === 'string' ? null : value.number;
}

/** Below, equal or above 0: as numbers where both are, else as text. */
export function compare(a: Value, b: Value, format: string): number {
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== null && y !== null) return x - y;
  const [s, t] = [toText(a, format), toText(b, format)];
  return s < t ? -1 : s > t ? 1 : 0;
}

/** sprintf: the first value is the format. */
export function sprintf(values: readonly Value[], convfmt: string): string {
  const format = toText(values[0], convfmt);
  let next = 1;
  let out = '';
  for (let at = 0; at < format.length; ) {
    const percent = format.indexOf('%', at);
    if (percent < 0) return out + format.slice(at);
    out += format.slice(at, percent);
    const match = CONVERSION.exec(format.slice(percent));
    if (!match || match.index !== 0) {
      out += format.slice(percent);
      break;
    }
    at = percent + match[0].length;
    const letter = match[4] ?? '';
    if (letter === '%') {
      out += '%';
      continue;
    }
    let flags = match[1] ?? '';
    let width = match[2] === '*' ? toNumber(values[next++]) : Number(match[2] || 0);
    if (width < 0) {
      flags += '-';
      width = -width;
    }
    const given =
      match[3] === '*'
        ? toNumber(values[next++])
        : match[3] === undefined
          ? undefined
          : Number(match[3] || 0);
    const conversion: Conversion = { flags, width, precision: given, letter };
    if (next >= values.length && !/[%]/.test(letter)) throw new TooFewArguments(format);
    out += convert(values[next++], conversion, convfmt);
  }
  return out;
}

/** mawk stops where a format asks for more values than there are. */
export class TooFewArguments extends Error {}

function convert(value: Value, conversion: Conversion, convfmt: string): string {
  const { letter } = conversion;
  if (letter === 'c') {
    const number = typeof value === 'number' ? value : value instanceof Input ? value.number : null;
    const text =
      number !== null ? String.fromCharCode(number & 255) : toText(value, convfmt).slice(0, 1);
    return formatString(text, { ...conversion, precision: undefined });
  }
  if (letter === 's') return formatString(toText(value, convfmt), conversion);
  if ('diouxX'.includes(letter))
    return formatNumber(toNumber(value), { ...conversion, letter: letter === 'i' ? 'd' : letter });
  if ('eEfFgGaA'.includes(letter)) return formatNumber(toNumber(value), conversion);
  return `%${letter}`;
}
