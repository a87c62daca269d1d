// Virtual time: nanoseconds since the lab was switched on, on top of a fixed start date.

export const MICROSECOND = 1_000;
export const MILLISECOND = 1_000_000;
export const SECOND = 1_000_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The date on which every lab is switched on, as milliseconds since 1970 (2026-03-02T09:00:00Z). */
export const START_OF_TIME = Date.UTC(2026, 2, 2, 9, 0, 0);

/** The calendar time of a moment, in milliseconds since 1970 (fractions are kept). */
export function epochMilliseconds(now: number): number {
  return START_OF_TIME + now / MILLISECOND;
}

/** The calendar time of a moment, in whole seconds since 1970. */
export function epochSeconds(now: number): number {
  return Math.floor(epochMilliseconds(now) / 1000);
}

/** RFC 3339 to the second in UTC, as Kubernetes writes metav1.Time: `2026-03-02T09:00:01Z`. */
export function rfc3339(now: number): string {
  const second = epochSeconds(now);
  if (second !== written.second) {
    const day = Math.floor(second / 86_400);
    if (day !== written.day) {
      written.day = day;
      written.date = new Date(day * 86_400_000).toISOString().slice(0, 10);
    }
    const inDay = second - day * 86_400;
    const clock = `${two(Math.floor(inDay / 3600))}:${two(Math.floor(inDay / 60) % 60)}:${two(inDay % 60)}`;
    written.second = second;
    written.text = `${written.date}T${clock}Z`;
  }
  return written.text;
}

/** The second and the day that were written last: most ask for the present ones, again and again. */
const written = { second: Number.NaN, text: '', day: Number.NaN, date: '' };

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** RFC 3339 with `digits` of the fraction of a second (1 to 9), as Go and containerd write times. */
export function rfc3339Fraction(now: number, digits: number): string {
  const nanoseconds = String(Math.floor(now % SECOND)).padStart(9, '0');
  return `${rfc3339(now - (now % SECOND)).slice(0, 19)}.${nanoseconds.slice(0, digits)}Z`;
}
