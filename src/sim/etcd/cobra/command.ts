// Command trees as Go's cobra walks them: which command a line means, prefixes of names, suggestions, help.

import type { Main } from '../../userland/libc/stdio.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { type Flag, type FlagValues, goQuoted, parseFlags } from './flags.ts';

/** What a command is run with. */
export interface Invocation {
  readonly main: Main;
  readonly command: Command;
  readonly values: FlagValues;
  readonly args: readonly string[];
}

export interface Command {
  readonly name: string;
  /** What follows the name in its usage line. */
  readonly operands?: string;
  readonly short: string;
  readonly long?: string;
  readonly example?: string;
  readonly flags?: readonly Flag[];
  /** Flags of this command and of those below it. */
  readonly sharedFlags?: readonly Flag[];
  readonly commands?: readonly Command[];
  /** How many arguments it takes, where cobra itself checks that. */
  readonly arguments?: number;
  /** The only words that it takes, where cobra itself checks that. */
  readonly validArguments?: readonly string[];
  /** Its usage line goes without `[flags]`. */
  readonly plainUsage?: boolean;
  run?(invocation: Invocation): ProgramRun;
}

/** What differs between programs that are made with cobra. */
export interface CobraProgram {
  readonly root: Command;
  /** Beginnings of names will do. */
  readonly prefixes: boolean;
  /** The message is printed once more at the end. */
  readonly repeatsErrors: boolean;
  /** The usage text goes to standard output also after a mistake, by a usage function of the program's own. */
  readonly usageOnOutput?: boolean;
  usage(path: readonly Command[]): string;
}

/** Runs a program's command line. */
export function* runCobra(program: CobraProgram, main: Main): ProgramRun {
  const found = findCommand(program, main.args);
  const path = found.path;
  const command = path[path.length - 1] as Command;
  if (found.rest[0] === 'help' && path.length === 1)
    return yield* help(program, main, found.rest.slice(1));
  const unknown = path.length === 1 ? firstArgument(flagsOf(path), found.rest) : undefined;
  if (unknown !== undefined && command.run === undefined) {
    const text = `unknown command ${goQuoted(unknown)} for "${program.root.name}"`;
    const hint = `Run '${program.root.name} --help' for usage.\n`;
    return yield* refuse(program, main, text + suggestions(program.root, unknown), hint, text);
  }
  const parsed = parseFlags(flagsOf(path), found.rest);
  if ('mistake' in parsed) {
    if (parsed.mistake === 'help') return yield* show(main, program.usage(path));
    return yield* refuseWithUsage(program, main, parsed.mistake, path);
  }
  if (parsed.values.is('help') || command.run === undefined) {
    return yield* show(main, program.usage(path));
  }
  const wrong = wrongArguments(path, parsed.args) ?? missingFlags(path, parsed.values);
  if (wrong !== undefined) return yield* refuseWithUsage(program, main, wrong, path);
  return yield* command.run({ main, command, values: parsed.values, args: parsed.args });
}

/** The flags that a command takes: its own, what those above it share, and --help. */
export function flagsOf(path: readonly Command[]): Flag[] {
  return [...ownFlags(path), ...inheritedFlags(path)];
}

/** The flags that are a command's own, sorted by name. */
export function ownFlags(path: readonly Command[]): Flag[] {
  const command = path[path.length - 1] as Command;
  const help: Flag = {
    name: 'help',
    short: 'h',
    kind: 'bool',
    value: 'false',
    usage: `help for ${command.name}`,
  };
  const own = [...(command.flags ?? []), ...(command.sharedFlags ?? []), help];
  return own.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The flags that commands above share with it, sorted by name. */
export function inheritedFlags(path: readonly Command[]): Flag[] {
  const shared = path.slice(0, -1).flatMap((command) => command.sharedFlags ?? []);
  return shared.sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Found {
  readonly path: readonly Command[];
  /** The words without the commands' names. */
  readonly rest: readonly string[];
}

function findCommand(program: CobraProgram, words: readonly string[]): Found {
  let path: Command[] = [program.root];
  let rest = [...words];
  for (;;) {
    const at = firstArgumentAt(flagsOf(path), rest);
    const name = rest[at];
    const command = path[path.length - 1] as Command;
    if (name === undefined || command.commands === undefined) return { path, rest };
    const next = lookUp(command, name, program.prefixes);
    if (next === undefined) return { path, rest };
    path = [...path, next];
    rest = [...rest.slice(0, at), ...rest.slice(at + 1)];
  }
}

function lookUp(command: Command, name: string, prefixes: boolean): Command | undefined {
  const all = command.commands ?? [];
  const exact = all.find((one) => one.name === name);
  if (exact || !prefixes) return exact;
  const matches = all.filter((one) => one.name.startsWith(name));
  return matches.length === 1 ? matches[0] : undefined;
}

/** The first word that is no flag and no flag's value; -1 where there is none. */
function firstArgumentAt(flags: readonly Flag[], words: readonly string[]): number {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--') return -1;
    if (!word.startsWith('-') || word === '-') return i;
    if (word.includes('=')) continue;
    const flag = word.startsWith('--')
      ? flags.find((one) => one.name === word.slice(2))
      : flags.find((one) => one.short === word.slice(1));
    const known = word.startsWith('--') || word.length === 2;
    if (known && flag?.kind !== 'bool') i++;
  }
  return -1;
}

function firstArgument(flags: readonly Flag[], words: readonly string[]): string | undefined {
  const at = firstArgumentAt(flags, words);
  return at < 0 ? undefined : words[at];
}

function missingFlags(path: readonly Command[], values: FlagValues): string | undefined {
  const missing = flagsOf(path).filter((flag) => flag.required && !values.changed(flag.name));
  if (missing.length === 0) return undefined;
  return `required flag(s) ${missing.map((flag) => `"${flag.name}"`).join(', ')} not set`;
}

function wrongArguments(path: readonly Command[], args: readonly string[]): string | undefined {
  const { arguments: count, validArguments } = path[path.length - 1] as Command;
  if (count !== undefined && count !== args.length) {
    return `accepts ${count} arg(s), received ${args.length}`;
  }
  const unknown = args.find((word) => validArguments?.includes(word) === false);
  if (unknown === undefined) return undefined;
  return `invalid argument ${goQuoted(unknown)} for "${path.map(({ name }) => name).join(' ')}"`;
}

function* show(main: Main, text: string): ProgramRun {
  yield* main.out.print(text);
  return 0;
}

function* refuse(
  program: CobraProgram,
  main: Main,
  text: string,
  after: string,
  again = text,
): ProgramRun {
  main.err.put(`Error: ${text}\n${after}`);
  if (program.repeatsErrors) main.err.put(`Error: ${again}\n`);
  yield* main.err.flush();
  return 1;
}

/** Refuses a command line and shows how the command is used; cobra ends the usage text with an empty line. */
function* refuseWithUsage(
  program: CobraProgram,
  main: Main,
  text: string,
  path: readonly Command[],
): ProgramRun {
  if (program.usageOnOutput !== true) {
    return yield* refuse(program, main, text, `${program.usage(path)}\n`);
  }
  main.err.put(`Error: ${text}\n`);
  yield* main.err.flush();
  yield* show(main, program.usage(path));
  yield* main.out.flush();
  main.err.put('\n');
  yield* main.err.flush();
  return 1;
}

function* help(program: CobraProgram, main: Main, words: readonly string[]): ProgramRun {
  const topic = words.filter((word) => !word.startsWith('-'));
  const { path, rest } = findCommand(program, topic);
  if (rest.length > 0) {
    const list = topic.map((word) => `\`${word}\``).join(' ');
    main.err.put(`Unknown help topic [${list}]\n`);
    yield* main.err.flush();
    return yield* show(main, program.usage([program.root]));
  }
  return yield* show(main, program.usage(path));
}

/** The lines that offer names like the one that was typed; '' where none is near. */
function suggestions(root: Command, typed: string): string {
  const near = (root.commands ?? []).filter(
    ({ name }) => distance(typed.toLowerCase(), name) <= 2 || name.startsWith(typed.toLowerCase()),
  );
  if (near.length === 0) return '';
  return `\n\nDid you mean this?\n${near.map(({ name }) => `\t${name}\n`).join('')}`;
}

/** Letters to insert, delete or replace to make one word of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
