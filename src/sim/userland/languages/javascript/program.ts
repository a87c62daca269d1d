// node: its command line (-v, -e, -p, a script, standard input) and the run of a program to the end of its event loop.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramFile } from '../../../kernel/program.ts';
import { SIGPIPE } from '../../../kernel/signals.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { Missing } from '../interpreter.ts';
import { installArrays } from './globals/arrays.ts';
import { installBuffer } from './globals/buffer.ts';
import { Exit, installHost } from './globals/host.ts';
import { installJson } from './globals/json.ts';
import { installObjects } from './globals/objects.ts';
import { installRegExpAndDate } from './globals/regexp.ts';
import { installTexts } from './globals/texts.ts';
import { runStatements } from './functions.ts';
import { inspect } from './inspect.ts';
import { loadFile, Malformed, parseSource, requireModule, resolve } from './loading.ts';
import { evaluate } from './evaluate.ts';
import { call, get } from './operations.ts';
import { installPromise, UnhandledRejection } from './promises.ts';
import { Scope } from './scope.ts';
import { JsError, JsObject, JsThrow, type Value } from './values.ts';
import { Vm } from './vm.ts';

/** The interpreter of one release. */
export function node(name: string, version: string): ProgramFile {
  return program(name, function* (main) {
    const [first = '', ...rest] = main.args;
    if (first === '-v' || first === '--version') {
      main.out.put(`v${version}\n`);
      return 0;
    }
    const vm = new Vm(main, version);
    main.process.sigaction(SIGPIPE, 'ignore');
    install(vm);
    if (['-e', '--eval', '-p', '--print', '-pe'].includes(first)) {
      const [text, ...args] = rest;
      if (text === undefined) {
        main.err.put(`${main.process.argv[0]}: ${first} requires an argument\n`);
        return 9;
      }
      setArguments(vm, [main.process.argv[0] ?? 'node', ...args]);
      return yield* guarded(vm, main, () => runText(vm, main, text, '[eval]', first.includes('p')));
    }
    if (first.startsWith('-') && first !== '-') return yield* notSimulated(main, `node ${first}`);
    if (first === '' || first === '-') {
      if (main.process.isTerminal(0)) return yield* notSimulated(main, "node's interactive mode");
      const text = decode(yield* main.input.rest());
      return yield* guarded(vm, main, () => runText(vm, main, text, '[stdin]', false));
    }
    return yield* guarded(vm, main, () => runScript(vm, main, first, rest));
  });
}

/** The objects of the language and of Node. */
function install(vm: Vm): void {
  vm.globalScope = new Scope(undefined);
  installObjects(vm);
  installArrays(vm);
  installTexts(vm);
  installRegExpAndDate(vm);
  installJson(vm);
  installPromise(vm);
  installBuffer(vm);
  installHost(vm);
}

function setArguments(vm: Vm, argv: readonly string[]): void {
  const process = vm.global.own('process')?.value;
  if (process instanceof JsObject) process.put('argv', vm.array([...argv]));
}

function* runScript(vm: Vm, main: Main, script: string, args: readonly string[]): Routine<void> {
  const here = main.process.getcwd();
  const base = isErrno(here) ? '/' : here;
  const path = script.startsWith('/') ? script : `${base === '/' ? '' : base}/${script}`;
  const file = yield* resolve(vm, path, base);
  if (file === undefined) {
    const shown = path.replace(/\/\.\//g, '/');
    const frames = INTERNAL.split('\n').slice(-1)[0] ?? '';
    main.err.put(
      `node:internal/modules/cjs/loader:1210\n  throw err;\n  ^\n\nError: Cannot find module '${shown}'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)\n    at Module._load (node:internal/modules/cjs/loader:1038:27)\n    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)\n${frames} {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}\n\nNode.js v${vm.version}\n`,
    );
    throw new Exit(1);
  }
  setArguments(vm, ['/usr/local/bin/node', file, ...args]);
  yield* loadFile(vm, file, true);
  yield* vm.loop();
}

function* runText(vm: Vm, main: Main, text: string, file: string, prints: boolean): Routine<void> {
  vm.sources.set(file, text);
  const { body } = parseSource(text, file, false);
  const here = main.process.getcwd();
  const scope = new Scope(vm.globalScope);
  const from = `${isErrno(here) ? '' : here}/${file}`;
  scope.declare(
    'require',
    vm.fn('require', (_vm, [name]) => requireModule(vm, String(name), from)),
  );
  // Node's modules are there by name in -e; only those that the text speaks of are loaded.
  for (const name of [
    'fs',
    'os',
    'path',
    'util',
    'url',
    'assert',
    'events',
    'child_process',
    'crypto',
    'http',
  ])
    if (new RegExp(`\\b${name}\\b`).test(text))
      scope.declare(name, yield* requireModule(vm, name, from));
  const frame = { name: '', file, line: 1, column: 1 };
  const last = body.at(-1);
  let value: Value;
  yield* vm.inFrame(frame, function* () {
    const inner = new Scope(scope);
    const rest = prints && last?.type === 'ExpressionStatement' ? body.slice(0, -1) : body;
    yield* runStatements(vm, rest, inner, file, true);
    if (prints && last?.type === 'ExpressionStatement')
      value = yield* evaluate(vm, last.expression, inner, file);
  });
  if (prints) main.out.put(`${typeof value === 'string' ? value : inspect(vm, value)}\n`);
  yield* main.out.flush();
  yield* vm.loop();
}

/** Lines of Node's own below a program's in the stack of a script. */
const INTERNAL = `    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)
    at Module.load (node:internal/modules/cjs/loader:1266:32)
    at Module._load (node:internal/modules/cjs/loader:1091:12)
    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)
    at node:internal/main/run_main_module:28:49`;

const COMPILING = `    at wrapSafe (node:internal/modules/cjs/loader:1464:18)
    at Module._compile (node:internal/modules/cjs/loader:1495:20)`;

/** Runs; what nobody catches is printed. The exit status. */
function* guarded(vm: Vm, main: Main, body: () => Routine<void>): Routine<number> {
  try {
    yield* body();
    const process = vm.global.own('process')?.value;
    const code = process instanceof JsObject ? yield* get(vm, process, 'exitCode') : undefined;
    yield* announceExit(vm, Number(code ?? 0));
    return Number(code ?? 0);
  } catch (error) {
    if (error instanceof Exit) {
      yield* announceExit(vm, error.status);
      return error.status & 0xff;
    }
    yield* main.out.flush();
    if (error instanceof Missing) return yield* notSimulated(main, error.feature);
    if (error instanceof Malformed) {
      const line = vm.sources.get(error.file)?.split('\n')[error.line - 1] ?? '';
      main.err.put(
        `${error.file}:${error.line}\n${line}\n${' '.repeat(error.column)}^\n\nSyntaxError: ${error.message}\n${COMPILING}\n${INTERNAL.split('\n').slice(1).join('\n')}\n\nNode.js v${vm.version}\n`,
      );
      return 1;
    }
    if (!(error instanceof JsThrow)) throw error;
    main.err.put(uncaught(vm, error));
    yield* main.err.flush();
    return 1;
  }
}

/** The event 'exit' of process: its listeners may still print. */
function* announceExit(vm: Vm, status: number): Routine<void> {
  const process = vm.global.own('process')?.value;
  if (!(process instanceof JsObject)) return;
  try {
    yield* call(vm, yield* get(vm, process, 'emit'), process, ['exit', status]);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
  }
}

/** What is printed of a value that nobody caught. */
function uncaught(vm: Vm, thrown: JsThrow): string {
  const { value } = thrown;
  const end = `\n\nNode.js v${vm.version}\n`;
  if (!(value instanceof JsError)) {
    if (thrown instanceof UnhandledRejection)
      return `node:internal/process/promises:394\n      triggerUncaughtException(err, true /* fromPromise */);\n      ^\n\n[UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "${typeof value === 'string' ? value : inspect(vm, value)}".] {\n  code: 'ERR_UNHANDLED_REJECTION'\n}${end}`;
    return `\n${sourceText(vm, thrown.origin)}${inspect(vm, value)}${end}`;
  }
  const origin = thrown.origin ?? value.origin;
  const script = origin && !origin.file.startsWith('[') && !origin.file.startsWith('node:');
  const missing = value.own('code')?.value === 'MODULE_NOT_FOUND';
  if (script || missing) {
    const stack = String(value.own('stack')?.value);
    const place = /(\n {4}at Object\.<anonymous> [^\n]*)/;
    value.hide('stack', shortened(stack.replace(place, `$1\n${INTERNAL}`)));
  }
  const head = missing
    ? 'node:internal/modules/cjs/loader:1210\n  throw err;\n  ^\n\n'
    : `${sourceText(vm, origin)}\n`;
  const shown = inspect(vm, value);
  return `${origin || missing ? head : ''}${shown}${end}`;
}

/** The line that failed, with a mark below. */
function sourceText(vm: Vm, origin: JsThrow['origin']): string {
  const source = origin && vm.sources.get(origin.file)?.split('\n')[origin.line - 1];
  if (!origin || source === undefined) return '';
  return `${origin.file}:${origin.line}\n${source}\n${' '.repeat(Math.max(0, origin.column - 1))}^\n`;
}

/** A stack shows ten places at most. */
function shortened(stack: string): string {
  let places = 0;
  return stack
    .split('\n')
    .filter((line) => !line.startsWith('    at ') || ++places <= 10)
    .join('\n');
}
