// Running one of helm's commands: its flags, how many words it takes, what a mistake reads like, its log lines (log/slog).

import { type Flag, type FlagValues, goQuoted, parseFlags } from '../../etcd/cobra/flags.ts';
import type { Routine } from '../../core/wait.ts';
import { type Main, notSimulated } from '../../userland/libc/stdio.ts';
import { HelmError } from './chart.ts';
import {
  findCommand,
  flagsOf,
  hasCommands,
  helpText,
  newerName,
  unknownCommand,
  usageLine,
} from './declared.ts';

/** A running command. */
export interface Call {
  readonly main: Main;
  readonly flags: FlagValues;
  readonly args: readonly string[];
}

/** How many words a command takes. */
export type Arity =
  | { readonly exactly: number }
  | { readonly least: number }
  | { readonly most: number };

/** One of helm's commands; its flags stand in its help text. */
export interface Command {
  /** `get values`. */
  readonly path: string;
  readonly takes: Arity;
  /** Flags whose effect is left out. */
  readonly idle?: readonly string[];
  run(call: Call): Routine<number | void>;
}

/** Flags of every command whose effect is left out. */
const SHARED_IDLE = [
  ...['debug', 'kube-as-group', 'kube-ca-file', 'kube-tls-server-name', 'registry-config'],
  ...['burst-limit', 'qps', 'content-cache'],
];

function wrongCount(path: string, takes: Arity, count: number): string | undefined {
  const plural = (n: number): string => `${n} argument${n === 1 ? '' : 's'}`;
  const said = (what: string): string => `"helm ${path}" ${what}\n\nUsage:  ${usageLine(path)}`;
  if ('exactly' in takes) {
    if (count === takes.exactly) return undefined;
    return said(takes.exactly === 0 ? 'accepts no arguments' : `requires ${plural(takes.exactly)}`);
  }
  if ('least' in takes)
    return count >= takes.least ? undefined : said(`requires at least ${plural(takes.least)}`);
  return count <= takes.most ? undefined : said(`accepts at most ${plural(takes.most)}`);
}

/** Gives old names' values to the flags that they stand for, and says that they are old. */
function* renamed(
  main: Main,
  path: string,
  flags: readonly Flag[],
  values: FlagValues,
): Routine<void> {
  for (const { name, deprecated } of flags) {
    if (!deprecated || !values.changed(name)) continue;
    main.err.put(`Flag --${name} has been deprecated, ${deprecated}\n`);
    yield* main.err.flush();
    const newer = newerName(path, name);
    if (newer) values.set(newer, values.text(name));
  }
}

/** Runs a command line; its value is the exit status. */
export function* runHelm(main: Main, commands: readonly Command[]): Routine<number> {
  const { path, rest } = findCommand(main.args);
  const flags = flagsOf(path);
  const parsed = parseFlags(flags, rest);
  if ('mistake' in parsed) {
    if (parsed.mistake !== 'help') throw new HelmError(parsed.mistake);
    main.out.put(helpText(path));
    return 0;
  }
  const { values, args } = parsed;
  if (path === '' || hasCommands(path)) return group(main, path, args);
  yield* renamed(main, path, flags, values);
  const command = commands.find((one) => one.path === path);
  if (!command) return yield* notSimulated(main, `helm ${path}`);
  const problem = wrongCount(path, command.takes, args.length);
  if (problem !== undefined) throw new HelmError(problem);
  const off = (name: string): boolean =>
    flags.find((one) => one.name === name)?.kind === 'bool' && !values.is(name);
  const idle = [...SHARED_IDLE, ...(command.idle ?? [])].find(
    (name) => values.changed(name) && !off(name),
  );
  if (idle) return yield* notSimulated(main, `helm ${path} --${idle}`);
  return (yield* command.run({ main, flags: values, args })) ?? 0;
}

/** A command that only groups others: its help, whatever word follows; helm itself knows unknown ones. */
function group(main: Main, path: string, args: readonly string[]): number {
  const [word] = args;
  if (path === '' && word === 'help') {
    main.out.put(helpText(findCommand(args.slice(1)).path));
    return 0;
  }
  if (path === '' && word !== undefined) {
    main.err.put(unknownCommand(word));
    return 1;
  }
  main.out.put(helpText(path));
  return 0;
}

/** A value as slog's text handler writes it. */
function logged(value: string): string {
  return value !== '' && !/[\s="\x00-\x1f\x7f]/.test(value) ? value : goQuoted(value);
}

/** A line of helm's log on standard error. */
export function* log(
  main: Main,
  level: 'ERROR' | 'WARN' | 'INFO',
  message: string,
  fields: Readonly<Record<string, string>> = {},
): Routine<void> {
  const pairs = Object.entries({ msg: message, ...fields });
  yield* main.out.flush();
  main.err.put(
    `level=${level} ${pairs.map(([key, value]) => `${key}=${logged(value)}`).join(' ')}\n`,
  );
  yield* main.err.flush();
}
