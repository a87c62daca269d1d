// Calendar times in UTC as text: strftime(3) with the GNU flags of date(1) (`-`, `_`, `0`, `^`, `#`, `:`).

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
/** `Mon` and `Jan`. */
export const SHORT_DAYS: readonly string[] = DAYS.map((day) => day.slice(0, 3));
export const SHORT_MONTHS: readonly string[] = MONTHS.map((month) => month.slice(0, 3));

/** A moment: seconds since 1970 and nanoseconds of the second. */
export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** A clock beside UTC's: seconds ahead of it, and what its time is called. */
export interface Clock {
  readonly offset: number;
  readonly abbreviation: string;
}

const UTC: Clock = { offset: 0, abbreviation: 'UTC' };

/** The moment of a time in milliseconds since 1970 (fractions count). */
export function momentOf(milliseconds: number): Moment {
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanoseconds: Math.round((milliseconds - seconds * 1000) * 1e6) };
}

const two = (n: number): string => String(n).padStart(2, '0');

/** Composite conversions, by what they stand for. */
const COMPOSITES: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  h: '%b',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

/** Formats a moment. What is no conversion stays as it is. */
export function strftime(format: string, moment: Moment, clock: Clock = UTC): string {
  const date = new Date((moment.seconds + clock.offset) * 1000);
  return format.replace(
    /%([-_0^#]*)(\d*)(:{0,3})([a-zA-Z%+])/g,
    (whole, flags: string, width: string, colons: string, letter: string) => {
      const composite = COMPOSITES[letter];
      const text = composite
        ? strftime(composite, moment, clock)
        : convert(letter, date, moment, colons.length, width, clock);
      return text === undefined ? whole : adorn(text, letter, flags, width);
    },
  );
}

/** `+0100`, or with colons between its parts; three colons: as short as it can be. */
function offsetText(offset: number, colons: number): string {
  const size = Math.abs(offset);
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].map(two);
  const sign = offset < 0 ? '-' : '+';
  const [hours = '00', minutes = '00', rest = '00'] = parts;
  if (colons === 0) return `${sign}${hours}${minutes}`;
  if (colons === 1) return `${sign}${hours}:${minutes}`;
  if (colons === 2) return `${sign}${hours}:${minutes}:${rest}`;
  if (rest !== '00') return `${sign}${hours}:${minutes}:${rest}`;
  return minutes === '00' ? `${sign}${hours}` : `${sign}${hours}:${minutes}`;
}

function adorn(text: string, letter: string, flags: string, width: string): string {
  let out = text;
  const numeric = /^[CdegGHIjklmMNsSuUVwWyY]$/.test(letter);
  if (numeric && flags.includes('-')) out = out.replace(/^[0 ]+(?=\d)/, '');
  else if (numeric && flags.includes('_')) {
    out = out.replace(/^0+(?=\d)/, (zeroes) => ' '.repeat(zeroes.length));
  } else if (numeric && flags.includes('0')) out = out.replace(/^ +/, (s) => '0'.repeat(s.length));
  if (flags.includes('^')) out = out.toUpperCase();
  if (flags.includes('#'))
    out = letter === 'p' || letter === 'Z' ? out.toLowerCase() : out.toUpperCase();
  if (width !== '' && letter !== 'N') {
    out = out.padStart(Number(width), numeric && !flags.includes('_') ? '0' : ' ');
  }
  return out;
}

function convert(
  letter: string,
  date: Date,
  moment: Moment,
  colons: number,
  width: string,
  clock: Clock,
): string | undefined {
  const hour = date.getUTCHours();
  switch (letter) {
    case '%':
      return '%';
    case 'a':
      return SHORT_DAYS[date.getUTCDay()];
    case 'A':
      return DAYS[date.getUTCDay()];
    case 'b':
      return SHORT_MONTHS[date.getUTCMonth()];
    case 'B':
      return MONTHS[date.getUTCMonth()];
    case 'C':
      return two(Math.floor(date.getUTCFullYear() / 100));
    case 'd':
      return two(date.getUTCDate());
    case 'e':
      return String(date.getUTCDate()).padStart(2);
    case 'g':
      return two(isoWeek(date).year % 100);
    case 'G':
      return String(isoWeek(date).year);
    case 'H':
      return two(hour);
    case 'I':
      return two(hour % 12 || 12);
    case 'j':
      return String(dayOfYear(date)).padStart(3, '0');
    case 'k':
      return String(hour).padStart(2);
    case 'l':
      return String(hour % 12 || 12).padStart(2);
    case 'm':
      return two(date.getUTCMonth() + 1);
    case 'M':
      return two(date.getUTCMinutes());
    case 'n':
      return '\n';
    case 'N':
      return String(moment.nanoseconds)
        .padStart(9, '0')
        .slice(0, Number(width || 9));
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 'q':
      return String(Math.floor(date.getUTCMonth() / 3) + 1);
    case 's':
      return String(moment.seconds);
    case 'S':
      return two(date.getUTCSeconds());
    case 't':
      return '\t';
    case 'u':
      return String(date.getUTCDay() || 7);
    case 'U':
      return two(Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7));
    case 'V':
      return two(isoWeek(date).week);
    case 'w':
      return String(date.getUTCDay());
    case 'W':
      return two(Math.floor((dayOfYear(date) + 6 - ((date.getUTCDay() + 6) % 7)) / 7));
    case 'y':
      return two(date.getUTCFullYear() % 100);
    case 'Y':
      return String(date.getUTCFullYear());
    case 'z':
      return offsetText(clock.offset, colons);
    case 'Z':
      return clock.abbreviation;
    default:
      return undefined;
  }
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / 86_400_000) + 1;
}

function isoWeek(date: Date): { year: number; week: number } {
  const day = (date.getUTCDay() + 6) % 7;
  const thursday = new Date(date.getTime() + (3 - day) * 86_400_000);
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) };
}
