// Command-line flags as Go's pflag reads them: `--name=value`, `--name value`, `-n value`, `-nvalue`, flags among
// arguments, `--` before the rest.

/** What a flag's value is, which decides what is a mistake. */
export type FlagKind =
  | 'bool'
  | 'string'
  | 'strings'
  | 'array'
  | 'map'
  | 'int'
  | 'int64'
  | 'uint'
  | 'duration';

export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly kind: FlagKind;
  /** The default as it would be typed. */
  readonly value: string;
  readonly usage: string;
  readonly required?: boolean;
  /** Left out of help texts. */
  readonly hidden?: boolean;
  /** Said where it is used: what to do instead. */
  readonly deprecated?: string;
  /** The value where the flag stands without one (pflag's NoOptDefVal): a value then follows `=` only. */
  readonly bare?: string;
}

/** Values of flags after parsing. */
export class FlagValues {
  private readonly flags: readonly Flag[];
  private readonly given = new Map<string, string>();
  private readonly every = new Map<string, string[]>();
  private readonly order: (readonly [name: string, value: string])[] = [];

  constructor(flags: readonly Flag[]) {
    this.flags = flags;
  }

  set(name: string, value: string): void {
    this.order.push([name, value]);
    const all = this.every.get(name);
    if (all) all.push(value);
    else this.every.set(name, [value]);
    const flag = this.flags.find((one) => one.name === name);
    const before = this.given.get(name);
    const joins = flag?.kind === 'strings' && before !== undefined;
    this.given.set(name, joins ? `${before},${value}` : value);
  }

  /** True where the flag was given. */
  changed(name: string): boolean {
    return this.given.has(name);
  }

  /** Every flag that was given, with its value, in the order of the command line. */
  typed(): readonly (readonly [name: string, value: string])[] {
    return this.order;
  }

  /** Every value that was given, in order, as it was typed. */
  all(name: string): readonly string[] {
    return this.every.get(name) ?? [];
  }

  text(name: string): string {
    const given = this.given.get(name);
    if (given !== undefined) return given;
    const flag = this.flags.find((one) => one.name === name);
    if (flag === undefined) throw new Error(`no flag ${name}`);
    return flag.value;
  }

  is(name: string): boolean {
    return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(this.text(name));
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  /** The values of a repeated flag; commas within one separate too, unless it is an array. */
  list(name: string): string[] {
    if (this.flags.find((one) => one.name === name)?.kind === 'array') return [...this.all(name)];
    const text = this.text(name);
    return text === '' ? [] : text.split(',');
  }

  /** A duration in nanoseconds. */
  duration(name: string): number {
    return parseDuration(this.text(name)) ?? 0;
  }
}

/** What was wrong with a command line, in pflag's words; 'help' where help was asked for. */
export interface FlagMistake {
  readonly mistake: string;
}

export interface ParsedFlags {
  readonly values: FlagValues;
  readonly args: readonly string[];
  /** How many of the arguments stood before `--`; undefined where there was none. */
  readonly dash: number | undefined;
}

/** Reads words as flags and arguments. */
export function parseFlags(
  flags: readonly Flag[],
  words: readonly string[],
): ParsedFlags | FlagMistake {
  const values = new FlagValues(flags);
  const args: string[] = [];
  let rest = words;
  let dash: number | undefined;
  while (rest.length > 0) {
    const [word = '', ...after] = rest;
    if (word === '--') {
      dash = args.length;
      args.push(...after);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      args.push(word);
      rest = after;
      continue;
    }
    const left = word.startsWith('--')
      ? readLong(flags, values, word, after)
      : readShort(flags, values, word, after);
    if (!Array.isArray(left)) return left as FlagMistake;
    rest = left;
  }
  return { values, args, dash };
}

function readLong(
  flags: readonly Flag[],
  values: FlagValues,
  word: string,
  after: readonly string[],
): readonly string[] | FlagMistake {
  const name = word.slice(2);
  if (name.startsWith('-') || name.startsWith('=')) return { mistake: `bad flag syntax: ${word}` };
  const equals = name.indexOf('=');
  const bare = equals < 0 ? name : name.slice(0, equals);
  const flag = flags.find((one) => one.name === bare);
  if (flag === undefined) {
    return { mistake: bare === 'help' ? 'help' : `unknown flag: --${bare}` };
  }
  if (equals >= 0) return take(values, flag, name.slice(equals + 1)) ?? after;
  const alone = flag.bare ?? (flag.kind === 'bool' ? 'true' : undefined);
  if (alone !== undefined) return take(values, flag, alone) ?? after;
  const [value, ...left] = after;
  if (value === undefined) return { mistake: `flag needs an argument: --${bare}` };
  return take(values, flag, value) ?? left;
}

function readShort(
  flags: readonly Flag[],
  values: FlagValues,
  word: string,
  after: readonly string[],
): readonly string[] | FlagMistake {
  let letters = word.slice(1);
  while (letters !== '') {
    const letter = letters.charAt(0);
    const flag = flags.find((one) => one.short === letter);
    if (flag === undefined) {
      const known = letter === 'h' ? 'help' : `unknown shorthand flag: '${letter}' in -${letters}`;
      return { mistake: known };
    }
    const more = letters.slice(1);
    const alone = flag.bare ?? (flag.kind === 'bool' ? 'true' : undefined);
    if (alone !== undefined && !more.startsWith('=')) {
      const failure = take(values, flag, alone);
      if (failure) return failure;
      letters = more;
      continue;
    }
    if (more !== '') return take(values, flag, more.replace(/^=/, '')) ?? after;
    const [value, ...left] = after;
    if (value === undefined) {
      return { mistake: `flag needs an argument: '${letter}' in -${letters}` };
    }
    return take(values, flag, value) ?? left;
  }
  return after;
}

function take(values: FlagValues, flag: Flag, value: string): FlagMistake | undefined {
  const wrong = whyInvalid(flag.kind, value);
  if (wrong !== undefined) {
    const name = flag.short ? `-${flag.short}, --${flag.name}` : `--${flag.name}`;
    return { mistake: `invalid argument ${goQuoted(value)} for "${name}" flag: ${wrong}` };
  }
  values.set(flag.name, value);
  return undefined;
}

/** Why Go would not read a value; undefined where it would. */
export function whyInvalid(kind: FlagKind, value: string): string | undefined {
  const quoted = goQuoted(value);
  switch (kind) {
    case 'bool':
      return /^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value)
        ? undefined
        : `strconv.ParseBool: parsing ${quoted}: invalid syntax`;
    case 'int':
    case 'int64':
      return whyNoInteger('strconv.ParseInt', value, /^[-+]?(\d+|0x[0-9a-fA-F]+)$/);
    case 'uint':
      return whyNoInteger('strconv.ParseUint', value, /^(\d+|0x[0-9a-fA-F]+)$/);
    case 'duration':
      return parseDuration(value) === undefined ? `time: ${durationMistake(value)}` : undefined;
    default:
      return undefined;
  }
}

function whyNoInteger(parser: string, value: string, form: RegExp): string | undefined {
  const quoted = goQuoted(value);
  if (!form.test(value)) return `${parser}: parsing ${quoted}: invalid syntax`;
  const number = BigInt(value.replace(/^\+/, '').replace(/^-/, ''));
  const limit = parser.endsWith('Uint') ? 0xffffffffffffffffn : 0x7fffffffffffffffn;
  return number > limit ? `${parser}: parsing ${quoted}: value out of range` : undefined;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** A Go duration ("1h2m3.5s") in nanoseconds; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[-+]/, '');
  if (body === '0') return 0;
  if (!/^(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/.test(body)) return undefined;
  let total = 0;
  let at = 0;
  for (const part of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    if (part.index !== at) return undefined;
    total += Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0);
    at += part[0].length;
  }
  return at === body.length ? sign * total : undefined;
}

function durationMistake(text: string): string {
  const body = text.replace(/^[-+]/, '');
  const missing = /^[\d.]*\d[\d.]*$/.exec(body);
  if (missing) return `missing unit in duration ${goQuoted(text)}`;
  const unit = /^(?:\d+\.?\d*[a-zµμ]+)*?\d+\.?\d*([^\d.]+)/.exec(body);
  if (unit?.[1] && !(unit[1] in UNITS)) {
    return `unknown unit ${goQuoted(unit[1])} in duration ${goQuoted(text)}`;
  }
  return `invalid duration ${goQuoted(text)}`;
}

/** A string as Go's %q writes it. */
export function goQuoted(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const escape = ESCAPES[char];
    if (escape !== undefined) out += escape;
    else if (code >= 0xdc80 && code <= 0xdcff) out += `\\x${(code & 0xff).toString(16)}`;
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code >= 0x80 && code < 0xa0) out += `\\u${code.toString(16).padStart(4, '0')}`;
    else out += char;
  }
  return `${out}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** Nanoseconds as Go prints a duration: "2.5s", "1m30s", "97.307454ms". */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  const size = Math.abs(nanoseconds);
  const sign = nanoseconds < 0 ? '-' : '';
  const trimmed = (value: number, digits: number): string =>
    value.toFixed(digits).replace(/\.?0+$/, '');
  if (size < 1e3) return `${sign}${size}ns`;
  if (size < 1e6) return `${sign}${trimmed(size / 1e3, 3)}µs`;
  if (size < 1e9) return `${sign}${trimmed(size / 1e6, 6)}ms`;
  const hours = Math.floor(size / 3600e9);
  const minutes = Math.floor((size % 3600e9) / 60e9);
  const seconds = `${trimmed((size % 60e9) / 1e9, 9) || '0'}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return `${sign}${minutes > 0 ? `${minutes}m` : ''}${seconds}`;
}
