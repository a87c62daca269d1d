// jq 1.6, the command: options, inputs as they come, results as they are found, and what went wrong. Left out: modules
// (import, include, -L), --seq, --stream.

import { decode } from '../../../../core/text.ts';
import { epochMilliseconds } from '../../../../core/time.ts';
import type { Routine } from '../../../../core/wait.ts';
import type { ProgramRun } from '../../../../kernel/program.ts';
import { type Main, notSimulated, program } from '../../../libc/stdio.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import { readFile } from '../../../libc/whole-file.ts';
import { compileProgram } from './compile.ts';
import { Inputs } from './inputs.ts';
import { type Filter, Halt, type Host, Meter, NO_BINDINGS, Break } from './machine.ts';
import { HELP, type JqOptions, parseCommandLine } from './options.ts';
import { parseProgram } from './parser.ts';
import { type Layout, printJson } from './print.ts';
import { SyntaxProblem } from './syntax.ts';
import { isTrue, type Json, JqError } from './values.ts';

export const jq = program('jq', main);

function* main(given: Main): ProgramRun {
  const options = yield* parseCommandLine(given);
  if ('exit' in options) return options.exit;
  if ('missing' in options) return yield* notSimulated(given, `jq ${options.missing}`);
  let { text, paths } = { text: options.program, paths: options.paths };
  if (text === undefined && !options.programFile) {
    if (given.process.isTerminal(0) || given.process.isTerminal(1)) {
      given.err.put(HELP.slice(0, HELP.indexOf('Some of the options')));
      return 2;
    }
    text = '.';
  }
  if (options.programFile) {
    const [file, rest] = [text ?? '', paths];
    const bytes = yield* readFile(given.process, file);
    if (isErrno(bytes)) {
      yield* given.fail(`error: Could not open ${file}: ${bytes.message}`);
      return 2;
    }
    text = decode(bytes);
    paths = rest;
  }
  const inputs = new Inputs(given, paths, options);
  const filter = compileText(text ?? '.', options, hostOf(given, inputs));
  if (typeof filter === 'string') {
    if (filter === 'modules') return yield* notSimulated(given, 'jq import');
    given.err.put(filter);
    return 3;
  }
  return yield* run(given, options, inputs, filter);
}

function hostOf(given: Main, inputs: Inputs): Host {
  const { process } = given;
  return {
    now: () => epochMilliseconds(process.now),
    environment: new Map(process.environment),
    input: () => inputs.next(),
    inputName: () => inputs.name,
    inputLine: () => inputs.line,
    *message(text) {
      given.err.put(text);
      yield* given.err.flush();
    },
  };
}

/** The compiled program, or what jq prints of its errors. */
function compileText(source: string, options: JqOptions, host: Host): Filter | string {
  try {
    const globals = options.globals;
    return compileProgram(parseProgram(source), {
      host,
      meter: new Meter(),
      globals,
      source,
      library: new Map(),
    });
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    if (error.at < 0) return error.message;
    const problems = [error, ...error.notes].map(({ message, at }) => located(source, message, at));
    return `${problems.join('')}jq: ${problems.length} compile error${problems.length > 1 ? 's' : ''}\n`;
  }
}

/** One error with the line that it is in, then as many blanks as stand before it there. */
function located(source: string, message: string, at: number): string {
  const start = at > 0 ? source.lastIndexOf('\n', at - 1) + 1 : 0;
  const end = source.indexOf('\n', start);
  const line = source.slice(0, at).split('\n').length;
  const quoting = message.startsWith('syntax error') ? ' (Unix shell quoting issues?)' : '';
  const text = source.slice(start, end < 0 ? source.length : end) + ' '.repeat(at - start);
  return `jq: error: ${message}${quoting} at <top-level>, line ${line}:\n${text}\n`;
}

function* run(given: Main, options: JqOptions, inputs: Inputs, filter: Filter): ProgramRun {
  const layout: Layout = {
    ...(options.indent === undefined ? {} : { indent: options.indent }),
    sort: options.sort,
    ascii: options.ascii,
  };
  let status = 0;
  let last: Json | undefined;
  try {
    for (let first = true; ; first = false) {
      const input = options.nothing ? (first ? null : undefined) : yield* inputs.next();
      if (input === undefined) break;
      status = 0;
      const failure = yield* one(filter, input, function* (value) {
        last = value;
        const text = options.raw && typeof value === 'string' ? value : printJson(value, layout);
        yield* given.out.print(text + (options.join ? '' : '\n'));
        if (options.unbuffered) yield* given.out.flush();
      });
      if (failure) {
        status = 5;
        yield* given.out.flush();
        yield* report(given, inputs, options, failure);
      }
    }
  } catch (error) {
    if (error instanceof Halt) return yield* halted(given, error);
    if (error instanceof RangeError) {
      yield* given.out.flush();
      return yield* notSimulated(given, 'jq recursion of this depth');
    }
    throw error;
  }
  if (inputs.failure !== undefined) {
    yield* given.out.flush();
    given.err.put(`parse error: ${inputs.failure}\n`);
    return 2;
  }
  if (inputs.unreadable) return 2;
  if (status !== 0) return status;
  if (!options.status) return 0;
  return last === undefined ? 4 : isTrue(last) ? 0 : 1;
}

/** Runs the program on one input; what was raised and not caught. */
function* one(
  filter: Filter,
  input: Json,
  print: (value: Json) => Routine<void>,
): Routine<JqError | undefined> {
  try {
    yield* filter(NO_BINDINGS, input, undefined, (value) => print(value));
  } catch (error) {
    if (error instanceof JqError) return error;
    if (error instanceof Break) return new JqError('break');
    throw error;
  }
  return undefined;
}

function* report(
  given: Main,
  inputs: Inputs,
  options: JqOptions,
  { value }: JqError,
): Routine<void> {
  if (value === null) return;
  const where = options.nothing && !inputs.started ? '<unknown>' : `${inputs.shown}:${inputs.line}`;
  const text = typeof value === 'string' ? `: ${value}` : ` (not a string): ${printJson(value)}`;
  given.err.put(`jq: error (at ${where})${text}\n`);
  yield* given.err.flush();
}

function* halted(given: Main, { status, output }: Halt): ProgramRun {
  if (output !== undefined) {
    yield* given.out.flush();
    given.err.put(typeof output === 'string' ? output : `${printJson(output)}\n`);
  }
  return status;
}
