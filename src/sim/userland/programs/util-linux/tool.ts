// What the programs of util-linux share: an option table, errors as err(3) writes them, `Try 'x --help' for more
// information.`, --help (usage and options) and --version.

import type { Routine } from '../../../core/wait.ts';
import { type Errno, ENOENT } from '../../../kernel/errno.ts';
import type { ProgramFile, ProgramRun } from '../../../kernel/program.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { execvp } from '../../libc/spawn.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';

/** What a program says of itself. */
export interface ToolSpec {
  readonly name: string;
  /** What follows the name in the usage, one string a form. */
  readonly usage: readonly string[];
  readonly options: readonly OptionSpec[];
  /** Real options that are not simulated. */
  readonly missing?: readonly OptionSpec[];
  /** Stop at the first operand: programs that run another program. */
  readonly posixly?: boolean;
  /** Exit status of wrong usage; 1 unless said otherwise. */
  readonly usageStatus?: number;
  /** What --version prints after the name; util-linux 2.38.1 unless said otherwise. */
  readonly version?: string;
  /** Lines after the usage in --help. */
  readonly about?: string;
  /** What --help says of the options, line by line as the program has it. */
  readonly optionsHelp?: string;
  /** The manual page that --help names, where it is another's. */
  readonly manual?: string;
  /** Print the whole usage, not where help is, after a wrong option (procps). */
  readonly usageOnError?: boolean;
}

/** A running tool with its words sorted. */
export interface Tool extends Main {
  readonly options: ParsedOptions;
  readonly operands: readonly string[];
  /** `name: text`, then where help is. */
  badUsage(text?: string): ProgramRun;
  /** `name: text` and a status. */
  stop(text: string, status?: number): ProgramRun;
}

const STANDARD: readonly OptionSpec[] = [
  { key: 'help', short: 'h', long: 'help' },
  { key: 'version', short: 'V', long: 'version' },
];

/** The usage as --help prints it. */
export function usageOf(spec: ToolSpec): string {
  const forms = spec.usage.map((form) => ` ${spec.name} ${form}\n`).join('');
  const listed = [...spec.options, ...STANDARD]
    .map(({ short, long, argument }) => {
      const letter = short ? `-${short.charAt(0)}` : '   ';
      const name = long ? `--${long.split(' ')[0]}` : '';
      const value = argument === 'required' ? ' <arg>' : argument === 'optional' ? '[=<arg>]' : '';
      return ` ${letter}${short && name ? ', ' : '  '}${name}${value}\n`;
    })
    .join('');
  const about = spec.about ? `${spec.about}\n\n` : '';
  const options = spec.optionsHelp ?? listed;
  const page = spec.manual ?? spec.name;
  return `\nUsage:\n${forms}\n${about}Options:\n${options}\nFor more details see ${page}(1).\n`;
}

/** Makes a program of a specification and a main function. */
export function tool(spec: ToolSpec, main: (tool: Tool) => ProgramRun): ProgramFile {
  const own = new Set(spec.options.flatMap(({ short = '' }) => [...short]));
  const standard = STANDARD.map((option) =>
    option.short && own.has(option.short)
      ? { key: `--${option.key}`, ...(option.long ? { long: option.long } : {}) }
      : { ...option, key: `--${option.key}` },
  );
  const missing = (spec.missing ?? []).map((option) => ({ ...option, key: `!${option.key}` }));
  const table = [...spec.options, ...missing, ...standard];
  return program(spec.name, function* (base) {
    const parsed = parseOptions(base.args, table, { posixly: spec.posixly ?? false });
    const badUsage = function* (text?: string): ProgramRun {
      if (text !== undefined) base.err.put(`${base.name}: ${text}\n`);
      base.err.put(
        spec.usageOnError ? usageOf(spec) : `Try '${base.name} --help' for more information.\n`,
      );
      yield* base.err.flush();
      return spec.usageStatus ?? 1;
    };
    if (isOptionError(parsed)) return yield* badUsage(parsed.error);
    if (parsed.has('--help')) {
      yield* base.out.print(usageOf(spec));
      return 0;
    }
    if (parsed.has('--version')) {
      yield* base.out.print(`${spec.name} from ${spec.version ?? 'util-linux 2.38.1'}\n`);
      return 0;
    }
    const absent = parsed.list.find(([key]) => key.startsWith('!'));
    if (absent) return yield* notSimulated(base, `${spec.name} --${absent[0].slice(1)}`);
    const stop = function* (text: string, status = 1): ProgramRun {
      yield* base.out.flush();
      yield* base.fail(text);
      return status;
    };
    return yield* main({ ...base, options: parsed, operands: parsed.operands, badUsage, stop });
  });
}

/** execvp of a command, or a shell; the message and status where it could not be run. */
export function* runCommand(
  main: Main,
  argv: readonly string[],
  environment?: ReadonlyMap<string, string>,
): ProgramRun {
  const words = argv.length > 0 ? argv : [main.process.environment.get('SHELL') ?? '/bin/sh'];
  yield* main.out.flush();
  const error = execvp(main.process, words, environment ?? main.process.environment);
  yield* main.fail(`failed to execute ${words[0] ?? ''}: ${error.message}`);
  return error === ENOENT ? 127 : 126;
}

/** `text: reason`. */
export function reason(text: string, error: Errno): string {
  return `${text}: ${error.message}`;
}

/** Prints lines. */
export function* printLines(main: Main, lines: readonly string[]): Routine<void> {
  for (const line of lines) yield* main.out.print(`${line}\n`);
}
