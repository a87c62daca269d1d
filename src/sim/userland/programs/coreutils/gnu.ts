// What all GNU core utilities share: an option table, `Try 'x --help' for more information.`, --help and --version,
// and errors that are written after the output so far. A help text lists the usage and the options only.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { Errno } from '../../../kernel/errno.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Coverage, ProgramFile, ProgramRun } from '../../../kernel/program.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { quoteName, quoteValue } from '../../libc/quote.ts';
import { type Main, notSimulated, program, Reader } from '../../libc/stdio.ts';

/** What a program says of itself. */
export interface CommandSpec {
  readonly name: string;
  /** What follows the name in the usage, one string a form: `[OPTION]... [FILE]...`. */
  readonly usage: readonly string[];
  readonly options?: readonly OptionSpec[];
  /** Real options that are not simulated, in the same form. */
  readonly missing?: readonly OptionSpec[];
  /** Exit status of wrong usage (1 unless said otherwise). */
  readonly usageStatus?: number;
  /** A line between what is wrong and where help is (grep, diff, find have one or another). */
  readonly usageLine?: string;
  /** Where help is, is said behind the program's name (diffutils): `diff: Try 'diff --help' …`. */
  readonly named?: boolean;
  /** What wrong usage and --help print (to standard output) in place of where help is. */
  readonly usageText?: string;
  /** Stop at the first operand: programs that run another program. */
  readonly posixly?: boolean;
  /** First line of --version after the name; GNU coreutils unless said otherwise. */
  readonly version?: string;
  /** Rewrites words before they are parsed (`head -5`, `tail +3`). */
  readonly rewrite?: (args: readonly string[]) => readonly string[];
}

/** How a program words its errors: GNU's own, or busybox's. */
export interface Dialect {
  /** The text after `name: ` for a GNU text. */
  error(text: string): string;
  /** What is printed, whole, for wrong usage; and the exit status. */
  usage(name: string, text: string | undefined): { readonly text: string; readonly status: number };
  /** What --help prints. */
  help(name: string): string;
}

/** A running command with its words sorted. */
export interface Command extends Main {
  readonly options: ParsedOptions;
  readonly operands: readonly string[];
  readonly dialect: Dialect | undefined;
  /** Wrong usage: the text, then where help is; the value is the exit status. */
  usage(text?: string): ProgramRun;
  /** `name: what: reason` with the file quoted where that is needed. */
  fileError(path: string, error: Errno): Routine<void>;
}

/** A program that can also run under busybox's wording. */
export interface GnuProgram extends ProgramFile {
  readonly spec: CommandSpec;
  readonly main: (command: Command) => ProgramRun;
  runAs(process: Process, dialect: Dialect): ProgramRun;
}

const COMMON: readonly OptionSpec[] = [
  { key: '--help', long: 'help' },
  { key: '--version', long: 'version' },
];

/** Makes a program of a specification and a main function. */
export function gnu(spec: CommandSpec, main: (command: Command) => ProgramRun): GnuProgram {
  const start =
    (dialect: Dialect | undefined) =>
    (given: Main): ProgramRun =>
      run(
        spec,
        dialect || spec.version?.includes('util-linux') ? given : byFullName(given),
        dialect,
        main,
      );
  return {
    ...program(spec.name, start(undefined)),
    spec,
    main,
    coverage: () => [coverageOf(spec)],
    runAs: (process, dialect) => program(spec.name, start(dialect)).run(process),
  };
}

function coverageOf({ options = [], missing = [] }: CommandSpec): Coverage {
  const count = options.length + missing.length;
  return { command: '', simulated: true, options: count, missing: missing.map(flagName) };
}

function* run(
  spec: CommandSpec,
  given: Main,
  dialect: Dialect | undefined,
  main: (command: Command) => ProgramRun,
): ProgramRun {
  const table = [...(spec.options ?? []), ...(spec.missing ?? []), ...COMMON];
  const args = spec.rewrite ? spec.rewrite(given.args) : given.args;
  const parsed = parseOptions(args, table, { posixly: spec.posixly ?? false });
  const wrong = wrongUsage(spec, given, dialect);
  if (isOptionError(parsed)) return yield* wrong(parsed.error);
  if (parsed.has('--help') && spec.usageText !== undefined && !dialect) return yield* wrong();
  if (parsed.has('--help')) {
    given.out.put(dialect ? dialect.help(given.name) : helpText(spec, given.name));
    return 0;
  }
  if (parsed.has('--version')) {
    given.out.put(`${spec.name} ${spec.version ?? '(GNU coreutils) 9.1'}\n`);
    return 0;
  }
  const absent = spec.missing?.find((option) => parsed.has(option.key));
  if (absent) return yield* notSimulated(given, `${given.name} ${flagName(absent)}`);
  const fail = failing(given, dialect);
  return yield* main({
    ...given,
    fail,
    options: parsed,
    operands: parsed.operands,
    dialect,
    usage: wrong,
    fileError: (path, error) => fail(`${quoteName(path)}: ${error.message}`),
  });
}

/** GNU programs name themselves in messages just as they were called: `/bin/cat: …`. */
function byFullName(given: Main): Main {
  const name = given.process.argv[0] ?? given.name;
  return {
    ...given,
    name,
    *fail(text) {
      given.err.put(`${name}: ${text}\n`);
      yield* given.err.flush();
    },
  };
}

function failing(given: Main, dialect: Dialect | undefined): (text: string) => Routine<void> {
  return function* (text) {
    yield* given.out.flush();
    yield* given.fail(dialect ? dialect.error(text) : text);
  };
}

function wrongUsage(spec: CommandSpec, given: Main, dialect: Dialect | undefined) {
  return function* (text?: string): ProgramRun {
    yield* given.out.flush();
    if (dialect) {
      const answer = dialect.usage(given.name, text);
      given.err.put(answer.text);
      yield* given.err.flush();
      return answer.status;
    }
    if (text !== undefined) given.err.put(`${given.name}: ${text}\n`);
    if (spec.usageLine) given.err.put(`${spec.usageLine}\n`);
    if (spec.named) given.err.put(`${given.name}: `);
    if (spec.usageText !== undefined) {
      yield* given.err.flush();
      yield* given.out.print(spec.usageText);
      return spec.usageStatus ?? 1;
    }
    given.err.put(`Try '${given.name} --help' for more information.\n`);
    yield* given.err.flush();
    return spec.usageStatus ?? 1;
  };
}

function flagName(option: OptionSpec): string {
  const long = option.long?.split(' ')[0];
  return long ? `--${long}` : `-${option.short?.charAt(0) ?? ''}`;
}

function helpText(spec: CommandSpec, name: string): string {
  const usage = spec.usage.map((form, i) =>
    `${i ? '  or:  ' : 'Usage: '}${name} ${form}`.trimEnd(),
  );
  const options = [...(spec.options ?? []), ...COMMON].map(optionLine);
  return `${[...usage, '', ...options].join('\n')}\n`;
}

function optionLine(option: OptionSpec): string {
  const [long] = option.long?.split(' ') ?? [];
  const value = option.argument === 'required' ? '=VALUE' : option.argument ? '[=VALUE]' : '';
  const short = option.short ? `-${option.short.charAt(0)}` : '  ';
  if (!long) return `  ${short}${option.argument ? ' VALUE' : ''}`;
  return `  ${short}${option.short ? ', ' : '  '}--${long}${value}`;
}

/** A reader for a file operand: `-` is standard input. */
export function openOperand(command: Command, path: string): Reader | Errno {
  if (path === '-') return command.input;
  const fd = command.process.open(path);
  return isErrno(fd) ? fd : new Reader(command.process, fd);
}

/** Operands, or `-` where there are none. */
export function filesOf(command: Command): readonly string[] {
  return command.operands.length ? command.operands : ['-'];
}

/** Every byte of the operand files, joined; those that cannot be read are reported and make the status 1. */
export function* readOperands(
  command: Command,
  paths: readonly string[] = filesOf(command),
): Routine<{ readonly parts: readonly Uint8Array[]; readonly status: number }> {
  const parts: Uint8Array[] = [];
  let status = 0;
  for (const path of paths) {
    const reader = openOperand(command, path);
    if (isErrno(reader)) {
      yield* command.fileError(path, reader);
      status = 1;
      continue;
    }
    parts.push(yield* reader.rest());
    if (reader.failure) {
      yield* command.fileError(path, reader.failure);
      status = 1;
    }
  }
  return { parts, status };
}

/** `extra operand ‘x’`, as most programs word it. */
export function extraOperand(command: Command, word: string): ProgramRun {
  return command.usage(`extra operand ${quoteValue(word)}`);
}

/** A number with an optional multiplier (512, 1k, 2KiB, 3MB …); undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)(?:([bcw])|([kKMGTPEZY])(iB|B)?)?$/.exec(text);
  if (!match) return undefined;
  const [, digits, small, unit, suffix] = match;
  const count = Number(digits);
  if (small) return count * (small === 'b' ? 512 : small === 'w' ? 2 : 1);
  if (!unit) return count;
  return count * (suffix === 'B' ? 1000 : 1024) ** ('KMGTPEZY'.indexOf(unit.toUpperCase()) + 1);
}
