// Times as systemd's tools print them (format_timestamp, format_timespan), in UTC.

import { epochMilliseconds } from '../../../core/time.ts';
import { momentOf, SHORT_MONTHS, strftime } from '../../libc/strftime.ts';

/** `Mon 2026-03-02 09:00:01 UTC`. */
export function timestamp(milliseconds: number): string {
  return strftime('%a %Y-%m-%d %H:%M:%S UTC', momentOf(milliseconds));
}

/** The journal's short form: `Mar 02 09:00:01`. */
export function shortTime(milliseconds: number): string {
  const { month, day, ...rest } = dateParts(milliseconds);
  return `${SHORT_MONTHS[month] ?? ''} ${day} ${rest.time}`;
}

function dateParts(milliseconds: number): { month: number; day: string; time: string } {
  const text = new Date(milliseconds).toISOString();
  return { month: Number(text.slice(5, 7)) - 1, day: text.slice(8, 10), time: text.slice(11, 19) };
}

const STEPS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

/** A span in its two largest units: `1min 20s`, `3h 5min`, `12s`. */
export function timespan(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  for (const [i, [unit, size]] of STEPS.entries()) {
    if (seconds < size) continue;
    const [smaller, step] = STEPS[i + 1] ?? ['s', 1];
    const rest = Math.floor((seconds % size) / step);
    return `${Math.floor(seconds / size)}${unit}${rest > 0 ? ` ${rest}${smaller}` : ''}`;
  }
  return seconds > 0 ? `${seconds}s` : `${Math.floor(milliseconds)}ms`;
}

/** `5s ago`. */
export function ago(milliseconds: number, now: number): string {
  return `${timespan(epochMilliseconds(now) - milliseconds)} ago`;
}
