// Points in time as --since and --until take them (timetypes.GetTimestamp of the client).

import { START_OF_TIME } from '../../core/time.ts';
import { parseDuration } from '../units.ts';
import type { Call } from './command.ts';

/** A point in time as --since and --until take it: seconds since 1970, or what is wrong. */
export function timestamp(call: Call, text: string): string | undefined {
  if (text === '') return '';
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  const ago = parseDuration(text);
  const now = START_OF_TIME + call.main.process.now / 1_000_000;
  if (ago !== undefined) return ((now - ago / 1_000_000) / 1000).toFixed(9);
  const parsed = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(parsed) ? undefined : String(parsed / 1000);
}
