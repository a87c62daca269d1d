// The keys of sort(1): what of a line is compared, and how. Text is compared by bytes (locale C.UTF-8), so lines are
// binary strings here.

import { compareVersions } from './version-order.ts';

/** Ordering options of one key, or of the whole line. */
export interface Ordering {
  blanks: boolean;
  dictionary: boolean;
  fold: boolean;
  general: boolean;
  human: boolean;
  ignoreUnprintable: boolean;
  month: boolean;
  numeric: boolean;
  random: boolean;
  reverse: boolean;
  version: boolean;
}

/** The letter of each ordering option, on the command line and in -k. */
export const ORDERING_LETTERS: Readonly<Record<string, keyof Ordering>> = {
  b: 'blanks',
  d: 'dictionary',
  f: 'fold',
  g: 'general',
  h: 'human',
  i: 'ignoreUnprintable',
  M: 'month',
  n: 'numeric',
  R: 'random',
  r: 'reverse',
  V: 'version',
};

export function noOrdering(): Ordering {
  return {
    blanks: false,
    dictionary: false,
    fold: false,
    general: false,
    human: false,
    ignoreUnprintable: false,
    month: false,
    numeric: false,
    random: false,
    reverse: false,
    version: false,
  };
}

export interface Key {
  readonly field: number;
  readonly char: number;
  /** 0: to the end of the line. */
  readonly endField: number;
  readonly endChar: number;
  readonly skipBlanks: boolean;
  readonly skipEndBlanks: boolean;
  readonly ordering: Ordering;
}

/** Reads `F[.C][OPTS][,F[.C][OPTS]]`; a string is what is wrong with it. */
export function parseKey(text: string, global: Ordering): Key | string {
  const match = /^(\d*)(?:\.(\d*))?([a-zA-Z]*)(?:,(\d*)(?:\.(\d*))?([a-zA-Z]*))?(.*)$/.exec(text);
  const [, f = '', c, options = '', ef, ec, endOptions = '', rest = ''] = match ?? [];
  const bad = (why: string): string => `${why}: invalid field specification ‘${text}’`;
  if (f === '') return `invalid number at field start: invalid count at start of ‘${text}’`;
  if (Number(f) === 0) return bad('field number is zero');
  if (c !== undefined && c === '') return `invalid number after ‘.’: invalid count at start of ‘’`;
  if (c !== undefined && Number(c) === 0) return bad('character offset is zero');
  if (ef !== undefined && ef === '')
    return `invalid number after ‘,’: invalid count at start of ‘${rest}’`;
  if (ef !== undefined && Number(ef) === 0) return bad('field number is zero');
  if (rest !== '') return bad('stray character in field spec');
  const own = noOrdering();
  for (const letter of options + endOptions) {
    const name = ORDERING_LETTERS[letter];
    if (!name) return bad('stray character in field spec');
    if (letter !== 'b') own[name] = true;
  }
  const plain = options + endOptions === '';
  return {
    field: Number(f),
    char: Number(c ?? 1),
    endField: Number(ef ?? 0),
    endChar: Number(ec ?? 0),
    skipBlanks: plain ? global.blanks : options.includes('b'),
    skipEndBlanks: plain ? global.blanks : endOptions.includes('b'),
    ordering: plain ? global : own,
  };
}

/** The part of a line that a key speaks of. */
export function keyText(line: string, key: Key, separator: string | undefined): string {
  const start = fieldStart(line, key.field - 1, separator);
  let from = start;
  if (key.skipBlanks) while (isBlank(line.charCodeAt(from))) from++;
  from = Math.min(line.length, from + key.char - 1);
  if (key.endField === 0) return line.slice(from);
  let to: number;
  if (key.endChar === 0) to = fieldEnd(line, key.endField - 1, separator);
  else {
    to = fieldStart(line, key.endField - 1, separator);
    if (key.skipEndBlanks) while (isBlank(line.charCodeAt(to))) to++;
    to = Math.min(line.length, to + key.endChar);
  }
  return line.slice(from, Math.max(from, to));
}

const isBlank = (code: number): boolean => code === 32 || code === 9;

function fieldStart(line: string, fields: number, separator: string | undefined): number {
  let at = 0;
  for (let n = 0; n < fields; n++) {
    if (separator !== undefined) {
      const found = line.indexOf(separator, at);
      if (found < 0) return line.length;
      at = found + 1;
    } else at = blankFieldEnd(line, at);
  }
  return at;
}

function fieldEnd(line: string, field: number, separator: string | undefined): number {
  const start = fieldStart(line, field, separator);
  if (separator === undefined) return blankFieldEnd(line, start);
  const found = line.indexOf(separator, start);
  return found < 0 ? line.length : found;
}

function blankFieldEnd(line: string, start: number): number {
  let at = start;
  while (at < line.length && isBlank(line.charCodeAt(at))) at++;
  while (at < line.length && !isBlank(line.charCodeAt(at))) at++;
  return at;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** What is compared for an ordering: a number, or a text. */
export type SortValue = number | string;

/** A key's text, made ready to be compared by `compareValues`. */
export function sortValue(text: string, ordering: Ordering): SortValue {
  if (ordering.numeric) return Number(/^[ \t]*(-?\d*\.?\d*)/.exec(text)?.[1] || 0) || 0;
  if (ordering.general) {
    const number = Number.parseFloat(text);
    return Number.isNaN(number) ? Number.NEGATIVE_INFINITY : number;
  }
  if (ordering.human) return humanValue(text);
  if (ordering.month) return MONTHS.indexOf(text.trimStart().slice(0, 3).toUpperCase()) + 1;
  let value = text;
  if (ordering.dictionary) value = value.replace(/[^A-Za-z0-9 \t]/g, '');
  if (ordering.ignoreUnprintable) value = value.replace(/[^\x20-\x7e]/g, '');
  if (ordering.fold) value = value.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
  return value;
}

function humanValue(text: string): number {
  const match = /^[ \t]*(-?)(\d*\.?\d*)([kKMGTPEZY]?)/.exec(text);
  const number = Number(match?.[2] || 0);
  const power = match?.[3] ? 'KMGTPEZY'.indexOf(match[3].toUpperCase()) + 1 : 0;
  if (number === 0) return 0;
  return (match?.[1] ? -1 : 1) * (power * 1e9 + number);
}

/** Compares two values of one ordering, `reverse` left out. */
export function compareValues(a: SortValue, b: SortValue, ordering: Ordering): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a === b) return 0;
  if (ordering.version) return compareVersions(String(a), String(b));
  return a < b ? -1 : 1;
}
