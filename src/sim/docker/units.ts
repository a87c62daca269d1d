// Sizes, durations and ages as docker's go-units reads and prints them.

import { MINUTE, SECOND } from '../core/time.ts';
import { HOUR, MICROSECOND, MILLISECOND } from '../core/time.ts';

const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** %.Ng: at most that many significant digits, no trailing zeros. */
function significant(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}

function scaled(bytes: number, base: number, units: readonly string[]): [number, string] {
  let value = bytes;
  let i = 0;
  while (value >= base && i < units.length - 1) {
    value /= base;
    i++;
  }
  return [value, units[i] ?? ''];
}

/** HumanSize: `4.18MB`. */
export function humanSize(bytes: number, digits = 4): string {
  const [value, unit] = scaled(bytes, 1000, DECIMAL);
  return significant(value, digits) + unit;
}

/** HumanSizeWithPrecision of three digits, as images and history show it. */
export function humanSize3(bytes: number): string {
  return humanSize(bytes, 3);
}

/** BytesSize: `64MiB`. */
export function bytesSize(bytes: number): string {
  const [value, unit] = scaled(bytes, 1024, BINARY);
  return significant(value, 4) + unit;
}

/** parseSize of go-units: a number with a suffix; a text says what is wrong with it. */
export function parseSize(text: string, base: 1000 | 1024): number | string {
  const digits = /^[^]*[\d. ]/.exec(text)?.[0];
  if (digits === undefined) return `invalid size: '${text}'`;
  const suffix = text.slice(digits.length);
  const number = digits.endsWith(' ') ? digits.slice(0, -1) : digits;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number))
    return `strconv.ParseFloat: parsing ${JSON.stringify(number)}: invalid syntax`;
  const value = Number(number);
  if (value < 0) return `invalid size: '${text}'`;
  if (suffix.length > 3) return `invalid suffix: '${suffix}'`;
  const lower = suffix.toLowerCase();
  if (lower === '' || lower === 'b') return Math.trunc(value);
  const power = 'kmgtp'.indexOf(lower.charAt(0)) + 1;
  return power > 0 && /^.(|b|ib)$/.test(lower)
    ? Math.trunc(value * base ** power)
    : `invalid suffix: '${lower}'`;
}

/** RAMInBytes: `64m`, `1.5GiB`; undefined where it is no size. */
export function memoryBytes(text: string): number | undefined {
  const size = parseSize(text, 1024);
  return typeof size === 'string' ? undefined : size;
}

/** big.Rat's SetString: a decimal, one with an exponent, or a fraction; undefined where it is none. */
export function rational(text: string): number | undefined {
  const [, above = '', below] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)(?:\/(\d+))?$/.exec(text) ?? [];
  const value = Number(above) / Number(below ?? 1);
  return above === '' || !Number.isFinite(value) ? undefined : value;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: MICROSECOND,
  µs: MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
};

/** time.ParseDuration, in nanoseconds; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text);
  if (!match) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  return match[1] === '-' ? -sum : sum;
}

/** time.Duration's String: `1m30s`, `100ms`. */
export function durationText(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 0) return `-${durationText(-nanoseconds)}`;
  if (nanoseconds < MICROSECOND) return `${nanoseconds}ns`;
  if (nanoseconds < MILLISECOND) return `${nanoseconds / MICROSECOND}µs`;
  if (nanoseconds < SECOND) return `${nanoseconds / MILLISECOND}ms`;
  const hours = Math.floor(nanoseconds / HOUR);
  const minutes = Math.floor((nanoseconds % HOUR) / MINUTE);
  const seconds = (nanoseconds % MINUTE) / SECOND;
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
