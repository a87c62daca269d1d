// Durations as Go prints them: `1.2s`, `350ms`, `1m30s`.

import { MILLISECOND, SECOND } from '../../core/time.ts';

/** Nanoseconds as time.Duration.String() rounds them to milliseconds. */
export function durationText(nanoseconds: number): string {
  const millis = Math.round(nanoseconds / MILLISECOND);
  if (millis < 1000) return `${millis}ms`;
  const minutes = Math.floor(nanoseconds / (60 * SECOND));
  const seconds = (millis - minutes * 60_000) / 1000;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
