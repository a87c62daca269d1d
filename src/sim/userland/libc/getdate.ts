// Dates as people write them (gnulib parse_datetime, for date -d and touch -d): ISO dates and times, @seconds, months
// by name, `yesterday`, `2 days ago`, `next monday`. All in UTC, or with a numeric zone.

import { SHORT_DAYS, SHORT_MONTHS } from './strftime.ts';

const DAY = 86_400_000;
const UNITS: Readonly<Record<string, number>> = {
  sec: 1000,
  second: 1000,
  min: 60_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY,
  week: 7 * DAY,
  fortnight: 14 * DAY,
};
const ORDINALS: Readonly<Record<string, number>> = { last: -1, this: 0, next: 1, a: 1 };
const ZONES: Readonly<Record<string, number>> = {
  utc: 0,
  gmt: 0,
  z: 0,
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  cet: 60,
  cest: 120,
  bst: 60,
  wet: 0,
  west: 60,
  eet: 120,
  eest: 180,
};

/** What has been understood so far. */
interface Reading {
  year: number;
  month: number;
  day: number;
  /** Milliseconds since midnight; undefined until a time was given. */
  time: number | undefined;
  zone: number;
  plus: number;
  months: number;
  weekday: { day: number; ordinal: number } | undefined;
  dated: boolean;
}

/** One form: its pattern at the start of the text, and what it says. False: not a date after all. */
type Form = readonly [RegExp, (match: RegExpExecArray, reading: Reading) => boolean];

const num = (text: string | undefined): number => Number(text ?? 0);
const monthOf = (word: string): number =>
  SHORT_MONTHS.findIndex((month) => word.toLowerCase().startsWith(month.toLowerCase()));

function setDate(reading: Reading, year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return false;
  Object.assign(reading, { year, month, day, dated: true });
  return true;
}

function setTime(match: readonly (string | undefined)[], reading: Reading): boolean {
  const [, h, m, s, fraction, half] = match;
  let hour = num(h);
  if (half) {
    if (hour < 1 || hour > 12) return false;
    hour = (hour % 12) + (/^p/i.test(half) ? 12 : 0);
  }
  if (hour > 23 || num(m) > 59 || num(s) > 60) return false;
  reading.time = ((hour * 60 + num(m)) * 60 + num(s)) * 1000 + num(`0.${fraction ?? 0}`) * 1000;
  return true;
}

function relative(count: number, unit: string, reading: Reading): boolean {
  const word = unit.toLowerCase().replace(/s$/, '');
  if (word === 'month') reading.months += count;
  else if (word === 'year') reading.months += count * 12;
  else reading.plus += count * (UNITS[word] ?? 0);
  return true;
}

const UNIT = '(sec|second|min|minute|hour|day|week|fortnight|month|year)s?';
const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
const WEEKDAY = '(sun|mon|tue|wed|thu|fri|sat)(?:day|sday|nesday|rsday|urday|s|rs)?';

const FORMS: readonly Form[] = [
  [
    /^(\d{4,})-(\d{1,2})-(\d{1,2})(?=$|[T\s])T?/i,
    (m, r) => setDate(r, num(m[1]), num(m[2]), num(m[3])),
  ],
  [
    /^(\d{1,2})\/(\d{1,2})\/(\d{2,4})\b/,
    (m, r) => setDate(r, century(m[3] ?? ''), num(m[1]), num(m[2])),
  ],
  [/^(\d{1,2})\/(\d{1,2})\b/, (m, r) => setDate(r, r.year, num(m[1]), num(m[2]))],
  [/^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([ap]\.?m\.?)?/i, setTime],
  [/^(\d{1,2})()()()\s*([ap]\.?m\.?)\b/i, setTime],
  [
    new RegExp(`^([-+]?\\s*\\d+)\\s*${UNIT}\\s+ago\\b`, 'i'),
    (m, r) => relative(-num(m[1]?.replace(/\s/g, '')), m[2] ?? '', r),
  ],
  [
    new RegExp(`^([-+]?\\s*\\d+)\\s*${UNIT}\\b`, 'i'),
    (m, r) => relative(num(m[1]?.replace(/\s/g, '')), m[2] ?? '', r),
  ],
  [
    new RegExp(`^(last|this|next|a)\\s+${UNIT}\\b(\\s+ago\\b)?`, 'i'),
    (m, r) =>
      relative((ORDINALS[(m[1] ?? '').toLowerCase()] ?? 0) * (m[3] ? -1 : 1), m[2] ?? '', r),
  ],
  [
    new RegExp(`^(?:(last|this|next)\\s+)?${WEEKDAY}\\b[.,]?`, 'i'),
    (m, r) => {
      const name = (m[2] ?? '').toLowerCase();
      const day = SHORT_DAYS.findIndex((d) => d.toLowerCase() === name);
      r.weekday = { day, ordinal: ORDINALS[(m[1] ?? 'this').toLowerCase()] ?? 0 };
      return true;
    },
  ],
  [
    new RegExp(`^(\\d{1,2})[-\\s]*${MONTH}[-\\s.,]*(\\d{4})?(?!:|\\d)`, 'i'),
    (m, r) => setDate(r, m[3] ? num(m[3]) : r.year, monthOf(m[2] ?? '') + 1, num(m[1])),
  ],
  [
    new RegExp(`^${MONTH}\\.?\\s+(\\d{1,2})(?![\\d:])(?:(?:,\\s*|\\s+)(\\d{4})(?!:|\\d))?`, 'i'),
    (m, r) => setDate(r, m[3] ? num(m[3]) : r.year, monthOf(m[1] ?? '') + 1, num(m[2])),
  ],
  [/^yesterday\b/i, (_, r) => relative(-1, 'day', r)],
  [/^tomorrow\b/i, (_, r) => relative(1, 'day', r)],
  [/^(today|now)\b/i, () => true],
  [/^midnight\b/i, (_, r) => setTime(['', '0'], r)],
  [/^noon\b/i, (_, r) => setTime(['', '12'], r)],
  [
    /^([-+])(\d{2}):?(\d{2})?\b/,
    (m, r) => {
      r.zone = (num(m[2]) * 60 + num(m[3])) * (m[1] === '-' ? -1 : 1);
      return r.time !== undefined;
    },
  ],
  [
    /^([a-z]{1,4})\b/i,
    (m, r) => {
      const zone = ZONES[(m[1] ?? '').toLowerCase()];
      if (zone !== undefined) r.zone = zone;
      return zone !== undefined;
    },
  ],
  [/^(\d{4})(\d{2})(\d{2})\b/, (m, r) => setDate(r, num(m[1]), num(m[2]), num(m[3]))],
  [
    /^(\d{4})\b/,
    (m, r) => {
      if (!r.dated) return setTime(['', m[1]?.slice(0, 2), m[1]?.slice(2)], r);
      r.year = num(m[1]);
      return true;
    },
  ],
];

function century(text: string): number {
  const year = Number(text);
  return text.length > 2 ? year : year + (year < 69 ? 2000 : 1900);
}

/** Milliseconds since 1970 that `text` means at `now`; undefined where it is no date. */
export function parseDate(text: string, now: number): number | undefined {
  const seconds = /^\s*@(-?\d+(?:\.\d+)?)\s*$/.exec(text);
  if (seconds) return Number(seconds[1]) * 1000;
  const today = new Date(now);
  const reading: Reading = {
    year: today.getUTCFullYear(),
    month: today.getUTCMonth() + 1,
    day: today.getUTCDate(),
    time: undefined,
    zone: 0,
    plus: 0,
    months: 0,
    weekday: undefined,
    dated: false,
  };
  let rest = text.trim();
  const empty = rest === '';
  while (rest !== '') {
    const used = readOne(rest, reading);
    if (used === undefined) return undefined;
    rest = rest.slice(used).replace(/^[\s,]+/, '');
  }
  return moment(reading, now, empty);
}

function readOne(text: string, reading: Reading): number | undefined {
  for (const [pattern, apply] of FORMS) {
    const match = pattern.exec(text);
    if (match && match[0] !== '') return apply(match, reading) ? match[0].length : undefined;
  }
  return undefined;
}

function moment(reading: Reading, now: number, empty: boolean): number {
  const { dated, weekday } = reading;
  const fixedDay = dated || weekday !== undefined || empty;
  const time = reading.time ?? (fixedDay ? 0 : ((now % DAY) + DAY) % DAY);
  let start = Date.UTC(reading.year, reading.month - 1 + reading.months, reading.day);
  if (weekday) {
    const today = new Date(start).getUTCDay();
    let days = (weekday.day - today + 7) % 7;
    if (weekday.ordinal < 0) days -= 7;
    else if (weekday.ordinal > 0 && days === 0) days += 7;
    start += days * DAY;
  }
  return start + time - reading.zone * 60_000 + reading.plus;
}
