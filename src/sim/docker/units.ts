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

/** RAMInBytes: `64m`, `1.5GiB`; undefined where it is no size. */
export function memoryBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kKmMgGtTpP]?)(?:[iI]?[bB])?$/.exec(text);
  if (!match) return undefined;
  const power = 'kmgtp'.indexOf((match[2] ?? '').toLowerCase()) + (match[2] ? 1 : 0);
  return Math.floor(Number(match[1]) * 1024 ** power);
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

/** HumanDuration: `Less than a second`, `5 minutes`, `About an hour`. */
export function humanDuration(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / SECOND);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(seconds / 3600);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(seconds / 3600 / 24 / 365)} years`;
}
