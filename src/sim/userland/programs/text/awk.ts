// awk (mawk 1.3.4): the program itself: its arguments, and what it says of errors. What runs is in awk-run.ts.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Main, program } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';
import { assign, binary } from './awk-input.ts';
import { AwkSyntaxError, UndefinedFunctions } from './awk-lex.ts';
import { parseAwk } from './awk-parse.ts';
import { Awk, ExitInFunction } from './awk-run.ts';
import { AwkError } from './awk-state.ts';
import { TooFewArguments } from './awk-values.ts';

const VERSION =
  'mawk 1.3.4 20200120\nCopyright 2008-2019,2020, Thomas E. Dickey\nCopyright 1991-1996,2014, Michael D. Brennan\n\n';

function makeAwk(name: string) {
  return program(name, function* (main) {
    const settings = yield* readArguments(main);
    if (typeof settings === 'number') return settings;
    const { text, separator, assignments, operands } = settings;
    let awk: Awk | undefined;
    try {
      awk = new Awk(main, parseAwk(binary(text)), operands);
      if (separator !== undefined) assign(awk.state, 'FS', separator === 't' ? '\\t' : separator);
      for (const [key, value] of assignments) assign(awk.state, key, value);
      return yield* awk.run();
    } catch (error) {
      if (error instanceof ExitInFunction && awk) {
        yield* awk.state.streams.closeAll();
        return awk.exitStatus;
      }
      if (error instanceof UndefinedFunctions) {
        for (const line of error.lines) yield* main.fail(line);
        return 2;
      }
      const shown = errorText(error, awk);
      if (shown === undefined) throw error;
      yield* main.out.flush();
      yield* main.fail(shown);
      return 2;
    }
  });
}

/** What mawk prints of an error, after its name; undefined for a mistake of ours. */
function errorText(error: unknown, awk: Awk | undefined): string | undefined {
  if (error instanceof AwkSyntaxError) return error.message;
  const why =
    error instanceof TooFewArguments
      ? `not enough arguments passed to printf("${error.message}")`
      : undefined;
  if (!why && !(error instanceof AwkError)) return undefined;
  const where = ['FILENAME', 'FNR', 'NR'].map((name) => {
    const text = awk?.state.variable(name) || (name === 'FILENAME' ? '' : '0');
    return name === 'FILENAME' ? `${name}="${text}"` : `${name}=${text}`;
  });
  return `run time error: ${why ?? (error as AwkError).message}\n\t${where.join(' ')}`;
}

interface Arguments {
  readonly text: string;
  readonly separator: string | undefined;
  readonly assignments: readonly (readonly [string, string])[];
  readonly operands: readonly string[];
}

function* readArguments(main: Main): Routine<Arguments | number> {
  const { args, process } = main;
  const assignments: [string, string][] = [];
  const files: string[] = [];
  let separator: string | undefined;
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    if (word === '-' || !word.startsWith('-')) break;
    if (/^-W\s*v/.test(word) || (word === '-W' && args[at + 1]?.startsWith('v'))) {
      yield* main.out.print(VERSION);
      yield* main.out.flush();
      main.err.put(LIMITS);
      return 0;
    }
    const letter = word.charAt(1);
    if (!'Fvf'.includes(letter)) {
      if (letter === 'W') continue;
      yield* main.fail(`not an option: ${word}`);
      return 2;
    }
    const value = word.length > 2 ? word.slice(2) : args[++at];
    if (value === undefined) {
      yield* main.fail(`option lacks argument: -${letter}`);
      return 2;
    }
    if (letter === 'F') separator = value;
    else if (letter === 'f') files.push(value);
    else {
      const equals = value.indexOf('=');
      if (equals < 1) {
        yield* main.fail(`improper assignment: -v ${value}`);
        return 2;
      }
      assignments.push([value.slice(0, equals), binary(value.slice(equals + 1))]);
    }
  }
  const operands = args.slice(at);
  if (files.length === 0) {
    const [text, ...rest] = operands;
    if (text !== undefined) return { text, separator, assignments, operands: rest };
    main.err.put(USAGE);
    return 0;
  }
  let text = '';
  for (const path of files) {
    const bytes = path === '-' ? yield* main.input.rest() : yield* readFile(process, path);
    if (isErrno(bytes)) {
      yield* main.fail(`cannot open ${path} (${bytes.message})`);
      return 2;
    }
    text += `${decode(bytes)}\n`;
  }
  return { text, separator, assignments, operands };
}

/** What mawk prints where it is given nothing. */
const USAGE = `Usage: mawk [Options] [Program] [file ...]

Program:
    The -f option value is the name of a file containing program text.
    If no -f option is given, a "--" ends option processing; the following
    parameters are the program text.

Options:
    -f program-file  Program  text is read from file instead of from the
                     command-line.  Multiple -f options are accepted.
    -F value         sets the field separator, FS, to value.
    -v var=value     assigns value to program variable var.
    --               unambiguous end of options.

    Implementation-specific options are prefixed with "-W".  They can be
    abbreviated:

    -W version       show version information and exit.
    -W dump          show assembler-like listing of program and exit.
    -W help          show this message and exit.
    -W interactive   set unbuffered output, line-buffered input.
    -W exec file     use file as program as well as last option.
    -W random=number set initial random seed.
    -W sprintf=number adjust size of sprintf buffer.
    -W posix_space   do not consider "\\n" a space.
    -W usage         show this message and exit.
`;

/** What -W version says on standard error: how Debian's was built. */
const LIMITS = `random-funcs:       srandom/random
regex-funcs:        internal
compiled limits:
sprintf buffer      8192
maximum-integer     2147483647
`;

export const awk = makeAwk('awk');
export const mawk = makeAwk('mawk');
