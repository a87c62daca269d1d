// The data argument of mount(2): options of one file system as `name` and `name=value`, with sizes and numbers.

import { EINVAL, type Errno } from '../errno.ts';

/** Options by name; the value is '' where none was given. */
export type MountData = ReadonlyMap<string, string>;

/** Splits `a,b=c`; a comma behind a backslash belongs to the value (overlay's paths). */
export function parseMountData(data: string): MountData {
  const map = new Map<string, string>();
  for (const word of data.split(/(?<!\\),/)) {
    if (word === '') continue;
    const equals = word.indexOf('=');
    if (equals < 0) map.set(word, '');
    else map.set(word.slice(0, equals), word.slice(equals + 1));
  }
  return map;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/** A size as memparse() reads it (`512k`, `1G`), or a percentage of `whole`. */
export function parseSize(text: string, whole: number): number | Errno {
  const percent = /^(\d+)%$/.exec(text);
  if (percent) return Math.floor((whole * Number(percent[1])) / 100);
  const match = /^(\d+)([kmgt]?)$/i.exec(text);
  if (!match) return EINVAL;
  return Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? 1);
}

/** A decimal number; EINVAL for anything else. */
export function parseId(text: string): number | Errno {
  return /^\d+$/.test(text) ? Number(text) : EINVAL;
}

/** An octal mode. */
export function parseMode(text: string): number | Errno {
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) & 0o7777 : EINVAL;
}
