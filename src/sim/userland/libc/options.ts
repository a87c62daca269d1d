// Options declared as data, parsed as getopt_long(3) does: bundled short ones, `--name=value`, unambiguous prefixes,
// `--`, operands before options unless `posixly`. Errors read as glibc writes them.

/** One option. `argument`: whether it takes a value. */
export interface OptionSpec {
  /** What the program asks for it by. */
  readonly key: string;
  /** One or more letters. */
  readonly short?: string;
  /** One or more long names, separated by spaces. */
  readonly long?: string;
  readonly argument?: 'required' | 'optional';
}

export interface ParsedOptions {
  /** Options in order: [key, value] (value is '' where it takes none or none was given). */
  readonly list: readonly (readonly [string, string])[];
  readonly operands: readonly string[];
  has(key: string): boolean;
  /** The last value given for a key. */
  value(key: string): string | undefined;
  values(key: string): string[];
  /** The last given of several keys: for options that override each other. */
  last(...keys: string[]): string | undefined;
}

/** What getopt would print after `name: `. */
export interface OptionError {
  readonly error: string;
}

export interface ParseRules {
  /** Stop at the first operand (POSIXLY_CORRECT, or a `+` in the option string). */
  readonly posixly?: boolean;
}

/** Parses a program's words by its table of options. */
export function parseOptions(
  args: readonly string[],
  specs: readonly OptionSpec[],
  rules: ParseRules = {},
): ParsedOptions | OptionError {
  const list: [string, string][] = [];
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--') {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      if (rules.posixly) {
        operands.push(...args.slice(i));
        break;
      }
      operands.push(word);
      continue;
    }
    const next = args[i + 1];
    const used = word.startsWith('--')
      ? longOption(word, next, specs, list)
      : shortOptions(word, next, specs, list);
    if (typeof used !== 'number') return used;
    i += used;
  }
  return result(list, operands);
}

/** True where parsing failed. */
export function isOptionError(value: ParsedOptions | OptionError): value is OptionError {
  return 'error' in value;
}

function result(list: [string, string][], operands: string[]): ParsedOptions {
  const values = (key: string): string[] => list.filter(([k]) => k === key).map(([, v]) => v);
  return {
    list,
    operands,
    has: (key) => list.some(([k]) => k === key),
    values,
    value: (key) => values(key).at(-1),
    last: (...keys) => list.findLast(([k]) => keys.includes(k))?.[0],
  };
}

function shortOptions(
  word: string,
  next: string | undefined,
  specs: readonly OptionSpec[],
  list: [string, string][],
): number | OptionError {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    const spec = specs.find((s) => s.short?.includes(letter));
    if (!spec) return { error: `invalid option -- '${letter}'` };
    const rest = word.slice(at + 1);
    if (spec.argument === undefined) {
      list.push([spec.key, '']);
      continue;
    }
    if (rest !== '' || spec.argument === 'optional') {
      list.push([spec.key, rest]);
      return 0;
    }
    if (next === undefined) return { error: `option requires an argument -- '${letter}'` };
    list.push([spec.key, next]);
    return 1;
  }
  return 0;
}

function longOption(
  word: string,
  next: string | undefined,
  specs: readonly OptionSpec[],
  list: [string, string][],
): number | OptionError {
  const equals = word.indexOf('=');
  const given = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  const found = findLong(given, word.slice(2), specs);
  if ('error' in found) return found;
  const { spec, name } = found;
  if (spec.argument === undefined) {
    if (value !== undefined) return { error: `option '--${name}' doesn't allow an argument` };
    list.push([spec.key, '']);
    return 0;
  }
  if (value !== undefined || spec.argument === 'optional') {
    list.push([spec.key, value ?? '']);
    return 0;
  }
  if (next === undefined) return { error: `option '--${name}' requires an argument` };
  list.push([spec.key, next]);
  return 1;
}

function findLong(
  given: string,
  whole: string,
  specs: readonly OptionSpec[],
): { spec: OptionSpec; name: string } | OptionError {
  const matches: { spec: OptionSpec; name: string }[] = [];
  for (const spec of specs) {
    for (const name of spec.long?.split(' ') ?? []) {
      if (name === given) return { spec, name };
      if (name.startsWith(given)) matches.push({ spec, name });
    }
  }
  const [first] = matches;
  if (!first) return { error: `unrecognized option '--${whole}'` };
  if (matches.some((match) => match.spec !== first.spec)) {
    const names = matches.map((match) => `'--${match.name}'`).join(' ');
    return { error: `option '--${given}' is ambiguous; possibilities: ${names}` };
  }
  return first;
}
