// Commands of the docker CLI as data: path, operands, flags; what follows from the tables: counts of arguments, parsing
// as spf13/pflag does it, values with their types.

import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { memoryBytes, parseDuration, parseSize, rational } from '../units.ts';
import { gpuRequest } from './gpu-flag.ts';
import { type FlagError, isFlagError } from './flag-error.ts';
import { mountFlag } from './mount-flag.ts';
import { checkLabel, checkNumber, checkUlimit } from './flag-checks.ts';
import { networkFlag } from './network-flag.ts';
import { wrongDevice } from './device-flag.ts';

/** One command. Flags are lines of `short|long|type|text`; `@table`, `@json` and `@tableDefault` stand for the texts on --format. */
export interface CommandTable {
  readonly path: string;
  readonly operands: string;
  readonly short: string;
  readonly aliases?: string;
  readonly flags?: readonly string[];
  /** Flags that are taken and that help does not list. */
  readonly hidden?: readonly string[];
}

export interface Flag {
  readonly short: string;
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** What a command is run with. */
export interface Call {
  readonly main: Main;
  /** As it was called: `docker ps`. */
  readonly called: string;
  readonly flags: FlagValues;
  readonly args: readonly string[];
  /** The daemon's socket. */
  readonly host: string;
  /** The context that the socket is of; the default one where it is not said. */
  readonly context?: string;
}

export type Action = (call: Call) => Routine<number>;

const TABLE_FORMAT = [
  'Format output using a custom template:',
  "'table':            Print output in table format with column headers (default)",
  "'table TEMPLATE':   Print output in table format using the given Go template",
  "'json':             Print in JSON format",
  "'TEMPLATE':         Print output using the given Go template.",
  'Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates',
];
const FORMATS: Readonly<Record<string, string>> = {
  '@table': TABLE_FORMAT.join('\n'),
  '@json': [TABLE_FORMAT[0], ...TABLE_FORMAT.slice(3)].join('\n'),
  '@tableDefault': `${TABLE_FORMAT.join('\n')} (default "table")`,
};

/** The flags of a command. */
export function flagsOf(table: CommandTable): Flag[] {
  return (table.flags ?? []).map(flagOf);
}

/** Reads one line of a table. */
export function flagOf(line: string): Flag {
  const [short = '', name = '', type = '', ...text] = line.split('|');
  const joined = text.join('|');
  return { short, name, type, text: FORMATS[joined] ?? joined };
}

/** How many arguments a usage line allows. */
export function argumentRange(operands: string): { least: number; most: number } {
  const words =
    (operands.split('\n')[0] ?? '')
      .replace(/^\[OPTIONS\] ?/, '')
      .replace(/( \| \S+)+/, '')
      .match(/\[(?:[^[\]]|\[[^\]]*\])*\]|\S+/g) ?? [];
  let least = 0;
  let most = 0;
  for (const word of words) {
    const many =
      word.includes('...') ||
      word === '[ps OPTIONS]' ||
      (word.startsWith('[REPOSITORY[:TAG]]') && operands.startsWith('[OPTIONS] file'));
    if (!word.startsWith('[')) least++;
    most += many ? Number.POSITIVE_INFINITY : 1;
  }
  return { least, most };
}

/** Types of flags that may be given several times. */
const REPEATED = new Set([
  'list',
  'strings',
  'filter',
  'map',
  'mount',
  'network',
  'ulimit',
  'gpu-request',
  'ipNetSlice',
  'stringArray',
  'scale',
  'secret',
  'config',
]);

/** Flags that were given, by their long names. */
export class FlagValues {
  private readonly values = new Map<string, string[]>();
  private readonly known: readonly Flag[];

  constructor(known: readonly Flag[]) {
    this.known = known;
  }

  /** Takes a value; what pflag says where it is none. */
  set(flag: Flag, value: string): string | undefined {
    const wrong = checkValue(flag, value);
    if (wrong !== undefined) {
      const names = flag.short === '' ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
      return `invalid argument ${JSON.stringify(value)} for ${JSON.stringify(names)} flag: ${wrong}`;
    }
    const before = this.values.get(flag.name);
    if (before && REPEATED.has(flag.type)) before.push(value);
    else this.values.set(flag.name, [value]);
    return undefined;
  }

  /** The names of the flags that were given. */
  names(): readonly string[] {
    return [...this.values.keys()];
  }
  given(name: string): boolean {
    return this.values.has(name);
  }
  /** The last value; the flag's default where it was not given. */
  text(name: string): string {
    return this.values.get(name)?.at(-1) ?? this.fallback(name);
  }
  list(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }
  on(name: string): boolean {
    return /^(1|t|T|true|TRUE|True)$/.test(this.text(name));
  }
  number(name: string): number {
    return Number(this.text(name) || 0);
  }
  /** A number of processors: `1.5`, `1/2`. */
  rational(name: string): number {
    return rational(this.text(name)) ?? 0;
  }
  /** Nanoseconds. */
  duration(name: string): number {
    return parseDuration(this.text(name)) ?? 0;
  }
  /** Bytes; -1 stays. */
  bytes(name: string): number {
    const text = this.text(name);
    return text === '-1' ? -1 : (memoryBytes(text) ?? 0);
  }
  /** `KEY=VALUE` lines as an object. */
  pairs(name: string): Record<string, string> {
    return pairsOf(this.list(name));
  }

  private fallback(name: string): string {
    const flag = this.known.find((f) => f.name === name);
    const text = / \(default ("?)(.*?)\1\)$/.exec(flag?.text ?? '')?.[2];
    return text === undefined || text === '[]' || text === 'map[]' ? '' : text;
  }
}

/** `KEY=VALUE` texts as an object; a key alone has an empty value. */
export function pairsOf(list: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {};
  for (const pair of list) {
    const equals = pair.indexOf('=');
    out[equals < 0 ? pair : pair.slice(0, equals)] = equals < 0 ? '' : pair.slice(equals + 1);
  }
  return out;
}

function checkBytes({ name }: Flag, value: string): string | undefined {
  if (name === 'memory-swap' && value === '-1') return undefined;
  const size = parseSize(value, 1024);
  return typeof size === 'string' ? size : undefined;
}

/** Checks that pflag's own types and docker's opts make while parsing. */
function checkValue(flag: Flag, value: string): string | undefined {
  switch (flag.type) {
    case 'bool':
      return /^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value)
        ? undefined
        : `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
    case 'int':
    case 'int64':
    case 'uint':
    case 'uint16':
    case 'uint64':
      return checkNumber(value, flag.type);
    case 'float':
    case 'float64':
      return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(value)
        ? undefined
        : `strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`;
    case 'bytes':
      return checkBytes(flag, value);
    case 'decimal':
      if (rational(value) === undefined) return `failed to parse ${value} as a rational number`;
      return Number.isInteger(Number(((rational(value) ?? 0) * 1e9).toPrecision(15)))
        ? undefined
        : 'value is too precise';
    case 'duration':
      return parseDuration(value) === undefined
        ? `time: ${/^[\d.]+$/.test(value) ? 'missing unit in' : 'invalid'} duration ${JSON.stringify(value)}`
        : undefined;
    case 'filter':
      return value === '' || value.includes('=')
        ? undefined
        : 'bad format of filter (expected name=value)';
    default:
      return checkNamed(flag, value);
  }
}

const refusal = (parsed: object | FlagError): string | undefined =>
  isFlagError(parsed) ? parsed.wrong : undefined;

function checkNamed({ name, type }: Flag, value: string): string | undefined {
  if (name === 'ulimit') return checkUlimit(value);
  if (name === 'sysctl') {
    const allowed =
      /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)=|net\.|fs\.mqueue\.)/;
    return allowed.test(value) ? undefined : `sysctl '${value}' is not allowed`;
  }
  if (/^(blkio-weight-device|device-(read|write)-i?[ob]ps)$/.test(name))
    return wrongDevice(name, value);
  if (name === 'device-cgroup-rule')
    return /^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(value)
      ? undefined
      : `invalid device cgroup format '${value}'`;
  if (name === 'mount') return refusal(mountFlag(value, '/'));
  if (type === 'network') return refusal(networkFlag(value));
  if (name === 'gpus') return refusal(gpuRequest(value));
  if (name === 'dns' && !/^\d{1,3}(\.\d{1,3}){3}$|:/.test(value))
    return `IP address is not correctly formatted: ${value}`;
  if (name === 'attach' && type !== 'stringArray' && !/^(stdin|stdout|stderr)$/i.test(value))
    return 'valid streams are STDIN, STDOUT and STDERR';
  if (name === 'add-host' && !/[:=]/.test(value))
    return `bad format for add-host: ${JSON.stringify(value)}`;
  if (name === 'link' && value === '') return 'empty string specified for links';
  if (name === 'env' && (value === '' || value.startsWith('=')))
    return `invalid environment variable: ${value}`;
  return /^(container-)?label$/.test(name) ? checkLabel(value) : undefined;
}

/** What a command line holds: its values and arguments, or what pflag says is wrong. */
export type Parsed =
  | {
      readonly flags: FlagValues;
      readonly args: readonly string[];
      readonly help: boolean;
      /** What pflag says of deprecated flags that were given. */
      readonly notes: readonly string[];
    }
  | string;

/** Older names of flags. */
const RENAMED: Readonly<Record<string, string>> = {
  net: 'network',
  'net-alias': 'network-alias',
  time: 'timeout',
};

/** Parses words; with `interspersed` false everything from the first argument on is an argument. */
export function parseFlags(
  words: readonly string[],
  known: readonly Flag[],
  interspersed = true,
): Parsed {
  const flags = new FlagValues(known);
  const args: string[] = [];
  let help = false;
  const notes: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--') {
      args.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      if (!interspersed) {
        args.push(...words.slice(i));
        break;
      }
      args.push(word);
      continue;
    }
    if (word === '--help' || (word === '-h' && !known.some((f) => f.short === 'h'))) {
      help = true;
      continue;
    }
    const taken = word.startsWith('--')
      ? longFlag(word, words[i + 1], known, flags)
      : shortFlags(word, words[i + 1], known, flags);
    if (typeof taken === 'string') return taken;
    if (/^--time(=|$)/.test(word) && known.some((f) => f.name === 'timeout'))
      notes.push('Flag --time has been deprecated, use --timeout instead');
    i += taken;
  }
  return { flags, args, help, notes };
}

function longFlag(
  word: string,
  next: string | undefined,
  known: readonly Flag[],
  flags: FlagValues,
): number | string {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const flag = known.find((f) => f.name === name) ?? known.find((f) => f.name === RENAMED[name]);
  if (!flag) return `unknown flag: --${name}`;
  if (equals >= 0) return flags.set(flag, word.slice(equals + 1)) ?? 0;
  if (flag.type === 'bool') return flags.set(flag, 'true') ?? 0;
  if (next === undefined) return `flag needs an argument: --${name}`;
  return flags.set(flag, next) ?? 1;
}

function shortFlags(
  word: string,
  next: string | undefined,
  known: readonly Flag[],
  flags: FlagValues,
): number | string {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? '';
    const flag = known.find((f) => f.short === letter);
    if (!flag) return `unknown shorthand flag: '${letter}' in -${word.slice(at)}`;
    const rest = word.slice(at + 1);
    if (rest.startsWith('=')) return flags.set(flag, rest.slice(1)) ?? 0;
    if (flag.type === 'bool') {
      const wrong = flags.set(flag, 'true');
      if (wrong !== undefined) return wrong;
      continue;
    }
    if (rest !== '') return flags.set(flag, rest) ?? 0;
    if (next === undefined) return `flag needs an argument: '${letter}' in -${word.slice(at)}`;
    return flags.set(flag, next) ?? 1;
  }
  return 0;
}
