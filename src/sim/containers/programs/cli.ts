// Command lines as urfave/cli reads them (runc with version 1, ctr and crictl with version 2): a tree of commands with
// flags in Go's manner, help texts from the same tables, and the library's words for mistakes.

import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { appHelp, commandHelp, HELP_FLAG, VERSION_FLAG } from './cli-help.ts';

export type FlagKind = 'bool' | 'string' | 'list' | 'int' | 'float' | 'duration';

export interface CliFlag {
  /** Long name first: `quiet`, `q`. */
  readonly names: readonly string[];
  readonly kind: FlagKind;
  readonly usage: string;
  /** As help shows it; strings are quoted there. */
  readonly default?: string;
  /** The word after the names in help, where it is not `value`. */
  readonly placeholder?: string;
  /** Taken, but not in help. */
  readonly hidden?: boolean;
  /** The environment variable that stands for it. */
  readonly variable?: string;
}

export interface CliCommand {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly usage: string;
  /** After `[command options]` in help. */
  readonly argsUsage?: string;
  /** Replaces the whole usage line. */
  readonly usageText?: string;
  readonly description?: string;
  readonly flags?: readonly CliFlag[];
  readonly commands?: readonly CliCommand[];
  readonly run?: (call: CliCall) => Routine<number>;
}

/** What a program that is such a tree looks like. */
export interface CliApp {
  readonly name: string;
  readonly usage: string;
  readonly version: string;
  readonly description?: string;
  readonly flags: readonly CliFlag[];
  readonly commands: readonly CliCommand[];
  /** The library's major version, which shapes help. */
  readonly style: 1 | 2;
  /** Bundled one-letter flags (`-aq`). */
  readonly bundles?: boolean;
  /** Prints a mistake and gives the exit status. */
  readonly fail: (main: Main, text: string) => Routine<number>;
  /** What is wrong with the global flags. */
  readonly refuse?: (global: FlagValues) => string | undefined;
  /** The text of --version. */
  readonly versionText: string;
}

/** One run of a command: its flags and words, and those of the commands above. */
export interface CliCall {
  readonly main: Main;
  readonly app: CliApp;
  readonly command: CliCommand;
  /** `ctr images list`. */
  readonly path: string;
  readonly args: readonly string[];
  readonly global: FlagValues;
  /** Flags of the command above, where that is not the program itself. */
  readonly group: FlagValues | undefined;
  readonly flags: FlagValues;
  /** Prints this command's help. */
  help(): Routine<void>;
}

/** Flags that were given. */
export class FlagValues {
  private readonly values: ReadonlyMap<CliFlag, readonly string[]>;
  private readonly known: readonly CliFlag[];

  constructor(known: readonly CliFlag[], values: ReadonlyMap<CliFlag, readonly string[]>) {
    this.known = known;
    this.values = values;
  }
  private find(name: string): CliFlag | undefined {
    return this.known.find((flag) => flag.names.includes(name));
  }
  /** True where the flag was given at all. */
  given(name: string): boolean {
    const flag = this.find(name);
    return flag !== undefined && this.values.has(flag);
  }
  on(name: string): boolean {
    return this.text(name) === 'true';
  }
  /** The last value, or the default. */
  text(name: string): string {
    const flag = this.find(name);
    if (!flag) return '';
    return this.values.get(flag)?.at(-1) ?? flag.default ?? '';
  }
  list(name: string): readonly string[] {
    const flag = this.find(name);
    return (flag && this.values.get(flag)) ?? [];
  }
  number(name: string): number {
    return Number(this.text(name) || '0');
  }
}

interface Parsed {
  readonly values: Map<CliFlag, string[]>;
  readonly rest: readonly string[];
}

function isTrue(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text) ? false : undefined;
}

/** Nanoseconds of Go's duration (`1h30m`, `500ms`); undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = {
    ns: 1,
    us: 1e3,
    µs: 1e3,
    ms: 1e6,
    s: 1e9,
    m: 60e9,
    h: 3600e9,
  };
  if (text === '0') return 0;
  const whole = /^([+-]?)((?:\d+\.?\d*(?:ns|us|µs|ms|s|m|h))+)$/.exec(text);
  if (!whole) return undefined;
  let sum = 0;
  for (const [, amount, unit] of (whole[2] ?? '').matchAll(/(\d+\.?\d*)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Number(amount) * (units[unit ?? ''] ?? 0);
  }
  return whole[1] === '-' ? -sum : sum;
}

function valueProblem(flag: CliFlag, name: string, value: string): string | undefined {
  if (flag.kind === 'int' && !/^[+-]?\d+$/.test(value)) {
    return `invalid value "${value}" for flag -${name}: strconv.ParseInt: parsing "${value}": invalid syntax`;
  }
  if (flag.kind === 'float' && Number.isNaN(Number(value))) {
    return `invalid value "${value}" for flag -${name}: strconv.ParseFloat: parsing "${value}": invalid syntax`;
  }
  if (flag.kind === 'duration' && parseDuration(value) === undefined) {
    return `invalid value "${value}" for flag -${name}: time: invalid duration "${value}"`;
  }
  return undefined;
}

/** Parses in the manner of Go's flag package: up to the first word that is no flag, or `--`. */
function parse(
  args: readonly string[],
  flags: readonly CliFlag[],
  bundles: boolean,
): Parsed | string {
  const values = new Map<CliFlag, string[]>();
  const add = (flag: CliFlag, value: string): void => {
    const list = values.get(flag);
    if (list) list.push(value);
    else values.set(flag, [value]);
  };
  let i = 0;
  for (; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--') {
      i++;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    const bare = word.replace(/^--?/, '');
    const equals = bare.indexOf('=');
    const name = equals < 0 ? bare : bare.slice(0, equals);
    if (name === '' || name.startsWith('-')) return `bad flag syntax: ${word}`;
    const flag = flags.find((known) => known.names.includes(name));
    if (!flag) {
      const letters = [...name].map((letter) => flags.find((f) => f.names.includes(letter)));
      const together =
        bundles && !word.startsWith('--') && letters.every((f) => f?.kind === 'bool');
      if (!together) return `flag provided but not defined: -${name}`;
      for (const letter of letters) if (letter) add(letter, 'true');
      continue;
    }
    if (flag.kind === 'bool') {
      const value = equals < 0 ? true : isTrue(bare.slice(equals + 1));
      if (value === undefined) {
        return `invalid boolean value "${bare.slice(equals + 1)}" for -${name}: parse error`;
      }
      add(flag, String(value));
      continue;
    }
    const next = args[i + 1];
    const value = equals < 0 ? next : bare.slice(equals + 1);
    if (value === undefined) return `flag needs an argument: -${name}`;
    if (equals < 0) i++;
    const problem = valueProblem(flag, name, value);
    if (problem !== undefined) return problem;
    add(flag, value);
  }
  return { values, rest: args.slice(i) };
}

/** Runs a program's command line. */
export function* runCli(app: CliApp, main: Main): Routine<number> {
  const globalFlags = [...app.flags, HELP_FLAG, VERSION_FLAG];
  const parsed = parse(main.args, globalFlags, app.bundles ?? false);
  if (typeof parsed === 'string') {
    main.out.put(`Incorrect Usage: ${parsed}\n\n${appHelp(app)}`);
    yield* main.out.flush();
    return yield* app.fail(main, parsed);
  }
  for (const flag of globalFlags) {
    const held = flag.variable && main.process.environment.get(flag.variable);
    if (held && !parsed.values.has(flag)) parsed.values.set(flag, [held]);
  }
  const global = new FlagValues(globalFlags, parsed.values);
  const refusal = app.refuse?.(global);
  if (refusal !== undefined) return yield* app.fail(main, refusal);
  if (global.on('version')) return yield* say(main, app.versionText);
  const [name, ...rest] = parsed.rest;
  if (name === undefined || global.on('help')) return yield* say(main, appHelp(app));
  const root: CliCommand = { name: app.name, usage: app.usage, commands: app.commands };
  if (name === 'help' || name === 'h')
    return yield* helpFor(app, main, root, app.name, rest, global);
  return yield* descend({ app, main, global, parent: root, path: app.name }, [name, ...rest]);
}

interface Descent {
  readonly app: CliApp;
  readonly main: Main;
  readonly global: FlagValues;
  readonly parent: CliCommand;
  readonly path: string;
  readonly group?: FlagValues;
}

function findCommand(parent: CliCommand, name: string): CliCommand | undefined {
  return parent.commands?.find((c) => c.name === name || c.aliases?.includes(name));
}

function* descend(at: Descent, words: readonly string[]): Routine<number> {
  const { app, main, global, parent } = at;
  const [name = '', ...rest] = words;
  const command = findCommand(parent, name);
  if (!command) return yield* noTopic(app, main, name);
  const path = `${at.path} ${command.name}`;
  const known = [...(command.flags ?? []), HELP_FLAG];
  const parsed = parse(rest, known, app.bundles ?? false);
  const help = function* (): Routine<void> {
    main.out.put(commandHelp(app, path, command));
    yield* main.out.flush();
  };
  if (typeof parsed === 'string') {
    main.out.put(`Incorrect Usage: ${parsed}\n\n`);
    yield* help();
    return yield* app.fail(main, parsed);
  }
  const flags = new FlagValues(known, parsed.values);
  if (flags.on('help')) return yield* say(main, commandHelp(app, path, command));
  const [next] = parsed.rest;
  if (command.commands) {
    if (next === 'help' || next === 'h') {
      return yield* helpFor(app, main, command, path, parsed.rest.slice(1), global);
    }
    const isCommand = next !== undefined && findCommand(command, next) !== undefined;
    if (isCommand || (next !== undefined && !command.run)) {
      return yield* descend(
        { app, main, global, parent: command, path, group: flags },
        parsed.rest,
      );
    }
  }
  if (!command.run) return yield* say(main, commandHelp(app, path, command));
  return yield* command.run({
    main,
    app,
    command,
    path,
    args: parsed.rest,
    global,
    group: at.group,
    flags,
    help,
  });
}

function* helpFor(
  app: CliApp,
  main: Main,
  parent: CliCommand,
  path: string,
  words: readonly string[],
  _global: FlagValues,
): Routine<number> {
  const [name] = words;
  if (name === undefined) {
    return yield* say(main, path === app.name ? appHelp(app) : commandHelp(app, path, parent));
  }
  const command = findCommand(parent, name);
  if (!command) return yield* noTopic(app, main, name);
  return yield* say(main, commandHelp(app, `${path} ${command.name}`, command));
}

function* noTopic(app: CliApp, main: Main, name: string): Routine<number> {
  const text = `No help topic for '${name}'`;
  if (app.style === 1) {
    yield* app.fail(main, `${text}\n`);
    return 3;
  }
  main.err.put(`${text}\n`);
  yield* main.err.flush();
  return 3;
}

/** Prints a text and succeeds. */
export function* say(main: Main, text: string): Routine<number> {
  main.out.put(text);
  yield* main.out.flush();
  return 0;
}

/** A table as Go's text/tabwriter lays it out: columns as wide as their widest cell, with padding after. */
export function tabTable(
  rows: readonly (readonly string[])[],
  options: {
    readonly minimum?: number;
    readonly padding?: number;
    readonly tabWidth?: number;
    readonly padLast?: boolean;
  } = {},
): string {
  const { minimum = 0, padding = 1 } = options;
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) {
      widths[i] = Math.max(widths[i] ?? 0, minimum, cell.length + padding);
    }
  }
  return rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        i === row.length - 1 && !options.padLast ? cell : cell.padEnd(widths[i] ?? 0),
      );
      return `${cells.join('')}\n`;
    })
    .join('');
}
