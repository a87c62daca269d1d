// When a cron job is due: the next time that a schedule matches, in the job's time zone, and the latest that has passed.

import { zoneNamed, zoneTime } from '../../../core/zones.ts';
import type { CronJob } from '../../api/types/batch.ts';
import type { CronField, Schedule } from '../../api/validation/cron.ts';
import { milliseconds } from '../pods.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A schedule that matches nothing for so long matches nothing. */
const HORIZON = 5 * 366 * DAY;

/** Milliseconds that the zone is ahead of UTC at a moment; undefined where there is no such zone. */
export function zoneOffset(zone: string | undefined, at: number): number | undefined {
  const found = zone === undefined ? undefined : zoneNamed(zone);
  if (!found) return zone === undefined ? 0 : undefined;
  return zoneTime(found, at).offset * 1000;
}

function matchesDay(day: CronField, weekday: CronField, local: Date): boolean {
  const byDay = day.values.has(local.getUTCDate());
  const byWeekday = weekday.values.has(local.getUTCDay());
  return day.open || weekday.open ? byDay && byWeekday : byDay || byWeekday;
}

/** The first moment after `after` (milliseconds since 1970) at which the schedule matches; undefined: never. */
export function nextTime(
  schedule: Schedule,
  after: number,
  zone: string | undefined,
): number | undefined {
  if ('everySeconds' in schedule) {
    return Math.floor(after / 1000) * 1000 + schedule.everySeconds * 1000;
  }
  const [minute, hour, day, month, weekday] = schedule.fields;
  if (!minute || !hour || !day || !month || !weekday) return undefined;
  const offset = zoneOffset(zone, after) ?? 0;
  let local = (Math.floor((after + offset) / MINUTE) + 1) * MINUTE;
  const end = local + HORIZON;
  while (local < end) {
    const date = new Date(local);
    if (!month.values.has(date.getUTCMonth() + 1)) {
      local = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    } else if (!matchesDay(day, weekday, date)) local = (Math.floor(local / DAY) + 1) * DAY;
    else if (!hour.values.has(date.getUTCHours())) local = (Math.floor(local / HOUR) + 1) * HOUR;
    else if (!minute.values.has(date.getUTCMinutes())) local += MINUTE;
    else {
      const moment = local - (zoneOffset(zone, local - offset) ?? 0);
      if (moment > after) return moment;
      local += MINUTE;
    }
  }
  return undefined;
}

/** What is due. */
export interface Due {
  /** The latest time that has passed since the last run; undefined: none has. */
  readonly at: number | undefined;
  /** Times that have passed. */
  readonly missed: number;
}

/** mostRecentScheduleTime; a text where the schedule never comes. */
export function latestDue(job: CronJob, schedule: Schedule, now: number): Due | string {
  const { lastScheduleTime } = job.status ?? {};
  const { startingDeadlineSeconds, timeZone } = job.spec;
  let earliest = milliseconds(lastScheduleTime ?? job.metadata.creationTimestamp);
  if (startingDeadlineSeconds !== undefined) {
    earliest = Math.max(earliest, now - startingDeadlineSeconds * 1000);
  }
  const first = nextTime(schedule, earliest, timeZone);
  if (first === undefined) return 'time difference between two schedules is less than 1 second';
  if (now < first) return { at: undefined, missed: 0 };
  const second = nextTime(schedule, first, timeZone) ?? Number.POSITIVE_INFINITY;
  if (now < second) return { at: first, missed: 0 };
  const between = second - first;
  const missed = Math.floor((now - first) / between) + 1;
  let at = nextTime(schedule, first + Math.max(0, missed - 2) * between, timeZone) ?? first;
  if (at > now) at = first;
  for (;;) {
    const next = nextTime(schedule, at, timeZone);
    if (next === undefined || next > now) return { at, missed };
    at = next;
  }
}
