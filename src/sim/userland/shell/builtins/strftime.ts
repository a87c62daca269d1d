// strftime(3) in UTC, for printf's %(…)T and HISTTIMEFORMAT.

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

/** Formats a time given in seconds since 1970. */
export function strftime(format: string, seconds: number): string {
  const date = new Date(seconds * 1000);
  return format.replace(
    /%([a-zA-Z%])/g,
    (whole, letter: string) => part(date, seconds, letter) ?? whole,
  );
}

function part(date: Date, seconds: number, letter: string): string | undefined {
  const two = (value: number, pad = '0'): string => String(value).padStart(2, pad);
  const day = DAYS[date.getUTCDay()] ?? '';
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const hours = date.getUTCHours();
  const clock = `${two(hours)}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const year = date.getUTCFullYear();
  const table: Readonly<Record<string, string>> = {
    Y: String(year),
    y: two(year % 100),
    C: two(Math.floor(year / 100)),
    m: two(date.getUTCMonth() + 1),
    d: two(date.getUTCDate()),
    e: two(date.getUTCDate(), ' '),
    H: two(hours),
    I: two(hours % 12 || 12),
    M: two(date.getUTCMinutes()),
    S: two(date.getUTCSeconds()),
    p: hours < 12 ? 'AM' : 'PM',
    A: day,
    a: day.slice(0, 3),
    B: month,
    b: month.slice(0, 3),
    h: month.slice(0, 3),
    s: String(seconds),
    Z: 'UTC',
    z: '+0000',
    T: clock,
    X: clock,
    R: clock.slice(0, 5),
    n: '\n',
    t: '\t',
    '%': '%',
    u: String(date.getUTCDay() || 7),
    w: String(date.getUTCDay()),
    F: date.toISOString().slice(0, 10),
    D: `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${two(year % 100)}`,
    x: `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${two(year % 100)}`,
    c: `${day.slice(0, 3)} ${month.slice(0, 3)} ${two(date.getUTCDate(), ' ')} ${clock} ${year}`,
    j: String(Math.floor((seconds - Date.UTC(year, 0, 1) / 1000) / 86_400) + 1).padStart(3, '0'),
  };
  return table[letter];
}
