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

const WORDS: ReadonlySet<string> = new Set([
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
]);

/** What is wrong with a schedule; undefined for a good one. */
export function scheduleError(schedule: string): string | undefined {
  if (schedule.startsWith('@')) {
    if (WORDS.has(schedule) || /^@every \S+$/.test(schedule)) return undefined;
    return `unrecognized descriptor: ${schedule}`;
  }
  const fields = schedule.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 5) {
    return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [i, field] of fields.entries()) {
    const bounds = FIELDS[i] as Bounds;
    for (const part of field.split(',')) {
      const wrong = partError(part, bounds);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

function partError(part: string, bounds: Bounds): string | undefined {
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
  return undefined;
}

function numberOf(text: string, bounds: Bounds): number | string {
  const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + bounds.minimum;
  if (/^\d+$/.test(text)) return Number(text);
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
