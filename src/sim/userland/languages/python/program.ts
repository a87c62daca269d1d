// python3: the interpreter's command line: -c, -m, -u, -V, a script, standard input, or typed lines. What of the
// language and its library is left out says parse.ts and library/index.ts, and at run time the agreed line.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramFile } from '../../../kernel/program.ts';
import { SIGINT, SIGPIPE } from '../../../kernel/signals.ts';
import { execvp } from '../../libc/spawn.ts';
import { type Main, NOT_SIMULATED, notSimulated, program } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';
import { Missing } from '../interpreter.ts';
import { fillBuiltins } from './builtins.ts';
import { exceptionClass, PyRaise } from './errors.ts';
import { flushAll } from './files.ts';
import { importModule, runSource } from './import.ts';
import { interact } from './interactive.ts';
import { LIBRARY } from './library/index.ts';
import { textOf } from './operators.ts';
import { runTool } from './tools.ts';
import { PythonSyntaxError } from './tokens.ts';
import { syntaxErrorText, tracebackText } from './traceback.ts';
import { PyFunction, PyList, PyModule, type Value } from './values.ts';
import { Vm } from './vm.ts';

interface CommandLine {
  command: string | undefined;
  module: string | undefined;
  unbuffered: boolean;
  interactive: boolean;
  version: number;
  rest: readonly string[];
  unknown: string | undefined;
  /** An option that lacks its argument. */
  lacking: string | undefined;
}

/** Switches that change nothing that could be seen here: no byte code is written, no site is loaded. */
const QUIET = 'BEIsSqx';

function commandLine(args: readonly string[]): CommandLine {
  const line: CommandLine = {
    command: undefined,
    module: undefined,
    unbuffered: false,
    interactive: false,
    version: 0,
    rest: [],
    unknown: undefined,
    lacking: undefined,
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--version') line.version++;
    else if (!word.startsWith('-') || word === '-') return { ...line, rest: args.slice(i) };
    else if (word.startsWith('--')) return { ...line, unknown: word };
    else
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] ?? '';
        if (letter === 'c' || letter === 'm') {
          const value = at + 1 < word.length ? word.slice(at + 1) : args[++i];
          if (value === undefined) return { ...line, lacking: letter };
          const key = letter === 'c' ? 'command' : 'module';
          return { ...line, [key]: value, rest: args.slice(i + 1) };
        }
        if (letter === 'u') line.unbuffered = true;
        else if (letter === 'i') line.interactive = true;
        else if (letter === 'V') line.version++;
        else if (!QUIET.includes(letter)) return { ...line, unknown: `-${letter}` };
      }
  }
  return line;
}

/** The interpreter of one version, with the directory of its library. */
export function python(name: string, version: string, prefix: string): ProgramFile {
  return program(name, function* (main) {
    const line = commandLine(main.args);
    if (line.version > 0) {
      main.out.put(`Python ${version}\n`);
      return 0;
    }
    if (line.lacking !== undefined) {
      main.err.put(
        `Argument expected for the -${line.lacking} option\nusage: ${main.process.argv[0]} [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry \`python -h' for more information.\n`,
      );
      return 2;
    }
    if (line.unknown !== undefined) return yield* notSimulated(main, `python3 ${line.unknown}`);
    const vm = new Vm(main, version);
    vm.unbuffered =
      line.unbuffered || (main.process.environment.get('PYTHONUNBUFFERED') ?? '') !== '';
    yield* prepare(vm, prefix);
    return yield* runAll(vm, main, line);
  });
}

/** Signals, built-in names, sys and the search path. */
function* prepare(vm: Vm, prefix: string): Routine<void> {
  const { process } = vm;
  process.sigaction(SIGINT, () => {
    vm.pending.push(SIGINT);
  });
  process.sigaction(SIGPIPE, 'ignore');
  fillBuiltins(vm);
  const library = `${prefix}/lib/python${vm.series}`;
  const packages =
    prefix === '/usr' ? '/usr/lib/python3/dist-packages' : `${library}/site-packages`;
  const more = (process.environment.get('PYTHONPATH') ?? '').split(':').filter((one) => one !== '');
  vm.path = ['', ...more, library, `${library}/lib-dynload`, packages];
  if (prefix === '/usr') vm.path.splice(-1, 0, `/usr/local/lib/python${vm.series}/dist-packages`);
  yield* importModule(vm, 'sys', true);
}

function setArguments(vm: Vm, argv: readonly string[], directory: string): void {
  vm.path[0] = directory;
  const sys = vm.modules.get('sys');
  sys?.attributes.set('argv', new PyList([...argv]));
  const path = new PyList([...vm.path]);
  sys?.attributes.set('path', path);
}

function* runAll(vm: Vm, main: Main, line: CommandLine): Routine<number> {
  const globals = new Map<string, Value>([
    ['__name__', '__main__'],
    ['__doc__', null],
    ['__package__', null],
  ]);
  vm.modules.set('__main__', new PyModule('__main__', false, globals));
  const status = yield* guard(vm, main, () => start(vm, main, line, globals));
  yield* atEnd(vm, main);
  return status ?? 0;
}

/** What is still to be done when the program is over: output that is held. */
function* atEnd(vm: Vm, main: Main): Routine<void> {
  try {
    yield* flushAll(vm);
  } catch (error) {
    if (!(error instanceof PyRaise)) throw error;
    main.err.put(
      "Exception ignored in: <_io.TextIOWrapper name='<stdout>' mode='w' encoding='utf-8'>\nBrokenPipeError: [Errno 32] Broken pipe\n",
    );
  }
}

/** Runs; what is raised and not handled is printed. The status, where the program ends with one. */
function* guard(
  vm: Vm,
  main: Main,
  body: () => Routine<number | undefined>,
): Routine<number | undefined> {
  try {
    return yield* body();
  } catch (error) {
    if (error instanceof Missing) {
      yield* atEnd(vm, main);
      yield* notSimulated(main, error.feature);
      return NOT_SIMULATED;
    }
    if (!(error instanceof PyRaise)) throw error;
    const { exception } = error;
    if (exception.type.isSubclassOf(exceptionClass('SystemExit'))) {
      const [code = null] = exception.args;
      if (code === null) return 0;
      if (typeof code === 'bigint' || typeof code === 'boolean') return Number(BigInt(code) & 255n);
      yield* atEnd(vm, main);
      main.err.put(`${yield* textOf(vm, code)}\n`);
      return 1;
    }
    yield* atEnd(vm, main);
    main.err.put(yield* tracebackText(vm, exception));
    yield* main.err.flush();
    return exception.type.isSubclassOf(exceptionClass('KeyboardInterrupt')) ? 130 : 1;
  }
}

function* start(
  vm: Vm,
  main: Main,
  line: CommandLine,
  globals: Map<string, Value>,
): Routine<number | undefined> {
  if (line.module !== undefined) return yield* runModule(vm, main, line.module, line.rest, globals);
  if (line.command !== undefined) {
    setArguments(vm, ['-c', ...line.rest], '');
    if (vm.since(13)) vm.sources.set('<string>', line.command);
    return yield* source(vm, main, line.command, '<string>', globals);
  }
  const [script = '-', ...rest] = line.rest;
  const terminal = main.process.isTerminal(0);
  if (script === '-') {
    setArguments(vm, [line.rest.length > 0 ? '-' : '', ...rest], '');
    if (terminal || line.interactive)
      return yield* interact(vm, main, globals, (body) => guardLine(vm, main, body));
    const text = decode(yield* main.input.rest());
    return yield* source(vm, main, text, '<stdin>', globals);
  }
  return yield* runScript(vm, main, script, rest, globals);
}

/** A typed line: what it raises is printed, and the next one is asked for. */
function* guardLine(vm: Vm, main: Main, body: () => Routine<void>): Routine<number | undefined> {
  let over = false;
  const status = yield* guard(vm, main, function* () {
    try {
      yield* body();
    } catch (error) {
      over =
        error instanceof PyRaise && error.exception.type.isSubclassOf(exceptionClass('SystemExit'));
      throw error;
    }
    return undefined;
  });
  return over ? (status ?? 0) : undefined;
}

function* runScript(
  vm: Vm,
  main: Main,
  script: string,
  rest: readonly string[],
  globals: Map<string, Value>,
): Routine<number | undefined> {
  const stat = main.process.stat(script);
  const isDirectory = !isErrno(stat) && (stat.mode & 0o170000) === 0o040000;
  const file = isDirectory ? `${script}/__main__.py` : script;
  const bytes = yield* readFile(main.process, file);
  if (isErrno(bytes)) {
    const name = main.process.argv[0] ?? 'python3';
    const shown = isDirectory ? script : absolute(main, script);
    main.err.put(
      isDirectory
        ? `${name}: can't find '__main__' module in '${shown}'\n`
        : `${name}: can't open file '${shown}': [Errno ${bytes.number}] ${bytes.message}\n`,
    );
    return isDirectory ? 1 : 2;
  }
  const full = absolute(main, file);
  setArguments(vm, [script, ...rest], full.slice(0, full.lastIndexOf('/')) || '/');
  globals.set('__file__', full);
  return yield* source(vm, main, decode(bytes), full, globals);
}

function absolute(main: Main, path: string): string {
  if (path.startsWith('/')) return path;
  const here = main.process.getcwd();
  return `${isErrno(here) || here === '/' ? '' : here}/${path.replace(/^(\.\/)+/, '')}`;
}

/** Runs a text as the main module. */
function* source(
  vm: Vm,
  main: Main,
  text: string,
  file: string,
  globals: Map<string, Value>,
): Routine<number | undefined> {
  if (file !== '<string>' && file !== '<stdin>') vm.sources.set(file, text);
  try {
    yield* runSource(vm, text, file, globals);
  } catch (error) {
    if (!(error instanceof PythonSyntaxError)) throw error;
    main.err.put(syntaxErrorText(error, text, file));
    return 1;
  }
  return undefined;
}

/** `-m module`. */
function* runModule(
  vm: Vm,
  main: Main,
  name: string,
  rest: readonly string[],
  globals: Map<string, Value>,
): Routine<number | undefined> {
  const here = main.process.getcwd();
  setArguments(vm, [name, ...rest], isErrno(here) ? '' : here);
  if (name === 'pip') {
    const failed = execvp(main.process, ['pip', ...rest]);
    main.err.put(`${main.process.argv[0]}: No module named pip\n`);
    return failed ? 1 : 0;
  }
  const tool = yield* runTool(vm, main, name, rest);
  if (tool !== undefined) return tool;
  for (const directory of vm.path) {
    const base = `${directory || '.'}/${name.replaceAll('.', '/')}`;
    for (const file of [`${base}/__main__.py`, `${base}.py`]) {
      const bytes = yield* readFile(main.process, file);
      if (isErrno(bytes)) continue;
      setArguments(vm, [file, ...rest], isErrno(here) ? '' : here);
      globals.set('__file__', file);
      if (file.endsWith('/__main__.py')) {
        yield* importModule(vm, name, true);
        globals.set('__package__', name);
      }
      return yield* source(vm, main, decode(bytes), file, globals);
    }
  }
  const known = LIBRARY[name] === undefined ? undefined : yield* importModule(vm, name, true);
  const entry = known?.attributes.get('_main');
  if (entry instanceof PyFunction) throw new Missing(`python3 -m ${name}`);
  main.err.put(`${main.process.argv[0]}: No module named ${name}\n`);
  return 1;
}
