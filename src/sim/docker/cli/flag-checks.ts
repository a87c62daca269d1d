// What is wrong with a flag's value, in the words of the packages that read it.

/** strconv's words for what is no number. */
export function checkNumber(value: string, type: string): string | undefined {
  const whole = /^[+-]?(0x[0-9a-fA-F]+|\d+)$/.test(value);
  const unsigned = type.startsWith('uint');
  if (!whole || (unsigned && /^[+-]/.test(value))) {
    return `strconv.Parse${unsigned ? 'Uint' : 'Int'}: parsing ${JSON.stringify(value)}: invalid syntax`;
  }
  return undefined;
}

const ULIMITS = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

/** ParseUlimit of go-units: what is wrong with `TYPE=SOFT[:HARD]`. */
export function checkUlimit(value: string): string | undefined {
  const equals = value.indexOf('=');
  if (equals < 0) return `invalid ulimit argument: ${value}`;
  const kind = value.slice(0, equals);
  if (!ULIMITS.includes(kind)) return `invalid ulimit type: ${kind}`;
  const limits = value.slice(equals + 1).split(':');
  if (limits.length > 2)
    return `too many limit value arguments - ${limits[1]}, can only have up to two, \`soft[:hard]\``;
  const wrong = [...limits].reverse().map((limit) => checkNumber(limit, 'int64'));
  const first = wrong.find((text) => text !== undefined);
  if (first !== undefined) return first;
  const [soft = 0, hard = soft] = limits.map(Number);
  if (hard === -1) return undefined;
  if (soft === -1)
    return `ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: ${hard}`;
  return soft > hard
    ? `ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`
    : undefined;
}

/** ValidateLabel: what is wrong with `KEY[=VALUE]`. */
export function checkLabel(value: string): string | undefined {
  const key = (value.split('=', 1)[0] ?? '').replace(/^[ \t]+/, '');
  if (key === '') return `invalid label '${value}': empty name`;
  return /[ \t]/.test(key) ? `label '${key}' contains whitespaces` : undefined;
}
