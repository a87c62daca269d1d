// metav1.Time and metav1.MicroTime: RFC 3339 in UTC, to the second or to the microsecond.

/** A time in the server's spelling, or what Go's time.Parse says of it. */
export interface TimeText {
  readonly text: string;
  readonly error?: string;
}

const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/** Reads an RFC 3339 time and writes it in UTC. */
export function canonicalTime(value: unknown, micro: boolean): TimeText {
  if (typeof value === 'string' && (micro ? MICROSECONDS : SECONDS).test(value)) {
    return { text: value };
  }
  if (typeof value !== 'string') {
    const type = Array.isArray(value)
      ? 'array'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
    return { text: '', error: `json: cannot unmarshal ${type} into Go value of type string` };
  }
  const match = RFC3339.exec(value);
  const moment = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN;
  if (Number.isNaN(moment)) {
    const layout = micro ? MICRO_LAYOUT : LAYOUT;
    return {
      text: '',
      error: `parsing time ${JSON.stringify(value)} as "${layout}": ${why(value)}`,
    };
  }
  const whole = new Date(moment).toISOString().slice(0, 19);
  const fraction = `${(match?.[2] ?? '.').slice(1)}000000`.slice(0, 6);
  return { text: micro ? `${whole}.${fraction}Z` : `${whole}Z` };
}

const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}/, '2006'],
  [/^-/, '-'],
  [/^\d\d/, '01'],
  [/^-/, '-'],
  [/^\d\d/, '02'],
  [/^T/, 'T'],
  [/^\d\d/, '15'],
  [/^:/, ':'],
  [/^\d\d/, '04'],
  [/^:/, ':'],
  [/^\d\d/, '05'],
];

function why(value: string): string {
  let rest = value;
  for (const [shape, name] of PARTS) {
    const found = shape.exec(rest)?.[0];
    if (found === undefined) return `cannot parse ${JSON.stringify(rest)} as "${name}"`;
    rest = rest.slice(found.length);
  }
  return `cannot parse ${JSON.stringify(rest)} as "Z07:00"`;
}
