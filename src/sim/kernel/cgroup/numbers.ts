// Values as cgroup files take and show them.

import { EINVAL, ERANGE, type Errno } from '../errno.ts';

/** `max`, or the number. */
export function showLimit(value: number): string {
  return Number.isFinite(value) ? `${value}\n` : 'max\n';
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/** A size in bytes, cut to whole pages, or `max`: an empty line is 0, anything after the unit EINVAL. */
export function parseBytes(text: string): number | Errno {
  const word = text.trim();
  if (word === 'max') return Number.POSITIVE_INFINITY;
  const match = /^(0[xX][0-9a-fA-F]+|\d*)([kmgtKMGT]?)$/.exec(word);
  if (!match) return EINVAL;
  const bytes = Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? 1);
  return Math.floor(bytes / 4096) * 4096;
}

/** A whole number between bounds: ERANGE outside of them, EINVAL for what is no number. */
export function parseWhole(text: string, lowest: number, highest: number): number | Errno {
  const word = text.trim();
  if (!/^[+-]?\d+$/.test(word)) return EINVAL;
  const value = Number(word);
  return value < lowest || value > highest ? ERANGE : value;
}

/** `max` or a whole number that is not negative. */
export function parseCount(text: string, negative: Errno): number | Errno {
  const word = text.trim();
  if (word === 'max') return Number.POSITIVE_INFINITY;
  if (!/^[+-]?\d+$/.test(word)) return EINVAL;
  return Number(word) < 0 ? negative : Number(word);
}
