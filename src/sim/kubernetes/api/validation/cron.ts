// Cron schedules as robfig/cron reads them: five fields, or one of the @ words.

interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS: readonly Bounds[] = [
  { minimum: 0, maximum: 59 },
  { minimum: 0, maximum: 23 },
  { minimum: 1, maximum: 31 },
  { minimum: 1, maximum: 12, names: MONTHS },
  { minimum: 0, maximum: 6, names: DAYS },
];

const WORDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** One field: the values that match, and whether it was left open (`*`). */
export interface CronField {
  readonly values: ReadonlySet<number>;
  readonly open: boolean;
}

/** Minute, hour, day of month, month, day of week; or a fixed interval. */
export type Schedule =
  | { readonly fields: readonly CronField[] }
  | { readonly everySeconds: number };

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

/** Reads a schedule; a text: what is wrong with it. */
export function parseSchedule(text: string): Schedule | string {
  if (text.startsWith('@every ')) {
    const parts = [...text.slice('@every '.length).matchAll(/(\d+(?:\.\d+)?)([hms])/g)];
    const seconds = parts.reduce(
      (sum, [, n, unit]) => sum + Number(n) * (UNITS[unit ?? ''] ?? 0),
      0,
    );
    if (parts.length > 0) return { everySeconds: Math.max(1, Math.floor(seconds)) };
    return `failed to parse duration ${text}`;
  }
  const schedule = text.startsWith('@') ? WORDS[text] : text;
  if (schedule === undefined) return `unrecognized descriptor: ${text}`;
  const words = schedule.split(/\s+/).filter((field) => field !== '');
  if (words.length !== 5) {
    return `expected exactly 5 fields, found ${words.length}: [${words.join(' ')}]`;
  }
  const fields: CronField[] = [];
  for (const [i, word] of words.entries()) {
    const field = parseField(word, FIELDS[i] as Bounds);
    if (typeof field === 'string') return field;
    fields.push(field);
  }
  return { fields };
}

/** What is wrong with a schedule; undefined for a good one. */
export function scheduleError(schedule: string): string | undefined {
  // The parser itself takes a zone before the fields.
  const parsed = parseSchedule(schedule.replace(/^(CRON_)?TZ=\S+ +/, ''));
  return typeof parsed === 'string' ? parsed : undefined;
}

function parseField(word: string, bounds: Bounds): CronField | string {
  const values = new Set<number>();
  let open = false;
  for (const part of word.split(',')) {
    const range = parsePart(part, bounds);
    if (typeof range === 'string') return range;
    for (let n = range.first; n <= range.last; n += range.step) values.add(n);
    open ||= range.open && range.step === 1;
  }
  return { values, open };
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly open: boolean;
}

function parsePart(part: string, bounds: Bounds): Range | string {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0) return `too many slashes: ${part}`;
  const ends = range.split('-');
  if (ends.length > 2) return `too many hyphens: ${part}`;
  const open = range === '*' || range === '?';
  const first = open ? bounds.minimum : numberOf(ends[0] ?? '', bounds);
  if (typeof first === 'string') return first;
  const given = ends[1] === undefined ? undefined : numberOf(ends[1], bounds);
  if (typeof given === 'string') return given;
  const last =
    open || (step !== undefined && given === undefined) ? bounds.maximum : (given ?? first);
  if (step !== undefined) {
    if (!/^\d+$/.test(step)) {
      return `failed to parse int from ${step}: strconv.Atoi: parsing ${JSON.stringify(step)}: invalid syntax`;
    }
    if (Number(step) === 0) return `step of range should be a positive number: ${part}`;
  }
  if (first < bounds.minimum) {
    return `beginning of range (${first}) below minimum (${bounds.minimum}): ${part}`;
  }
  if (last > bounds.maximum) {
    return `end of range (${last}) above maximum (${bounds.maximum}): ${part}`;
  }
  if (first > last) return `beginning of range (${first}) beyond end of range (${last}): ${part}`;
  return { first, last, step: Number(step ?? 1), open };
}

function numberOf(text: string, bounds: Bounds): number | string {
  const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + bounds.minimum;
  if (/^\d+$/.test(text)) return Number(text);
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
