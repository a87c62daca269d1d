// Times: seconds since 1970 and "broken down" arrays [year, month, day, hours, minutes, seconds, weekday, day of year].

import { SHORT_DAYS, SHORT_MONTHS, strftime } from '../../../libc/strftime.ts';
import { isArray, type Json, JqError } from './values.ts';

/** The array of a time in seconds; the sixth keeps the fraction. */
export function brokenDown(value: Json, name: string): Json {
  if (typeof value !== 'number') throw new JqError(`${name}() requires numeric inputs`);
  const whole = Math.floor(value);
  return fields(whole, value - whole);
}

function fields(seconds: number, fraction: number): number[] {
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  const day = Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000);
  return [
    year,
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds() + fraction,
    date.getUTCDay(),
    day,
  ];
}

/** The seconds of a broken down time. */
export function secondsOf(value: Json): number {
  if (value === null || !isArray(value)) throw new JqError('mktime requires array inputs');
  return toSeconds(value, 'mktime requires parsed datetime inputs');
}

function toSeconds(value: readonly Json[], problem: string): number {
  if (value.length < 6 || value.some((part) => typeof part !== 'number'))
    throw new JqError(problem);
  const [year = 0, month = 0, day = 1, hours = 0, minutes = 0, seconds = 0] =
    value as readonly number[];
  return Math.floor(Date.UTC(year, month, day, hours, minutes, Math.floor(seconds)) / 1000);
}

/** strftime and strflocaltime: the clock of the labs is UTC. */
export function formatTime(value: Json, format: Json, name: string): string {
  const problem = `${name} requires parsed datetime inputs`;
  const array = typeof value === 'number' ? brokenDown(value, name.replace('/1', '')) : value;
  if (array === null || !isArray(array)) throw new JqError(problem);
  if (typeof format !== 'string') throw new JqError(`${name} requires a string format`);
  return strftime(format, { seconds: toSeconds(array, problem), nanoseconds: 0 });
}

/** What each conversion of strptime reads, and which field of the array it sets. */
const PARSERS: Readonly<
  Record<string, { readonly pattern: string; set(text: string, at: number[]): void }>
> = {
  Y: { pattern: '\\d{1,4}', set: (text, at) => void (at[0] = Number(text)) },
  m: { pattern: '\\d{1,2}', set: (text, at) => void (at[1] = Number(text) - 1) },
  d: { pattern: '\\d{1,2}', set: (text, at) => void (at[2] = Number(text)) },
  e: { pattern: ' ?\\d{1,2}', set: (text, at) => void (at[2] = Number(text)) },
  H: { pattern: '\\d{1,2}', set: (text, at) => void (at[3] = Number(text)) },
  M: { pattern: '\\d{1,2}', set: (text, at) => void (at[4] = Number(text)) },
  S: { pattern: '\\d{1,2}', set: (text, at) => void (at[5] = Number(text)) },
  j: { pattern: '\\d{1,3}', set: (text, at) => void (at[7] = Number(text) - 1) },
  Z: { pattern: '[A-Za-z]+', set: () => undefined },
  z: { pattern: 'Z|[+-]\\d\\d:?\\d\\d', set: () => undefined },
  a: {
    pattern: '[A-Za-z]{3,9}',
    set: (text, at) => void (at[6] = SHORT_DAYS.indexOf(text.slice(0, 3))),
  },
  b: {
    pattern: '[A-Za-z]{3,9}',
    set: (text, at) => void (at[1] = SHORT_MONTHS.indexOf(text.slice(0, 3))),
  },
  s: { pattern: '\\d+', set: (text, at) => void at.splice(0, 8, ...fields(Number(text), 0)) },
};
const SAME: Readonly<Record<string, string>> = { A: 'a', B: 'b', h: 'b' };
const COMPOSITES: Readonly<Record<string, string>> = {
  T: '%H:%M:%S',
  F: '%Y-%m-%d',
  D: '%m/%d/%y',
  R: '%H:%M',
  c: '%a %b %e %H:%M:%S %Y',
};

/** strptime: the broken down time of a text. */
export function parseTime(value: Json, format: Json): Json {
  if (typeof value !== 'string' || typeof format !== 'string') {
    throw new JqError('strptime/1 requires string inputs and arguments');
  }
  const plain = format.replace(/%([TFDRc])/g, (_, letter: string) => COMPOSITES[letter] ?? '');
  const setters: ((text: string, at: number[]) => void)[] = [];
  const pattern = plain.replace(
    /%([a-zA-Z])|([^a-zA-Z0-9\s])|\s+/g,
    (whole, letter?: string, sign?: string) => {
      if (sign !== undefined) return `\\${sign}`;
      if (letter === undefined) return '\\s*';
      const parser = PARSERS[SAME[letter] ?? letter];
      if (!parser) throw new JqError(`date "${value}" does not match format "${format}"`);
      setters.push(parser.set);
      return whole === '' ? '' : `(${parser.pattern})`;
    },
  );
  const match = new RegExp(`^${pattern}$`).exec(value);
  if (!match) throw new JqError(`date "${value}" does not match format "${format}"`);
  const at = [1900, 0, 0, 0, 0, 0, 0, 0];
  for (const [i, set] of setters.entries()) set(match[i + 1] ?? '', at);
  if (!/%[Yms]/.test(plain)) return [...at.slice(0, 6), 8, 367];
  const [, , , , , , weekday = 0, day = 0] = fields(toSeconds(at, ''), 0);
  return [...at.slice(0, 6), weekday, day];
}
