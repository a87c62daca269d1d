// Python's interactive mode: prompts, statements as they are typed, and the value of each expression.

import type { Routine } from '../../../core/wait.ts';
import type { Main } from '../../libc/stdio.ts';
import { evaluate } from './evaluate.ts';
import { execute } from './execute.ts';
import { getAttribute } from './attributes.ts';
import { callValue } from './call.ts';
import { versionText } from './modules/sys.ts';
import { parseModule } from './parse.ts';
import { reprOf } from './repr.ts';
import { PythonSyntaxError } from './tokens.ts';
import { syntaxErrorText } from './traceback.ts';
import type { Value } from './values.ts';
import { type Frame, moduleScope, NOWHERE, type Vm } from './vm.ts';

/** What ends a line's work: a status, where the program ends with it. */
type Guard = (body: () => Routine<void>) => Routine<number | undefined>;

/** Runs the loop to the end of input; `guarded` prints what is raised. */
export function* interact(
  vm: Vm,
  main: Main,
  globals: Map<string, Value>,
  guarded: Guard,
): Routine<number> {
  const frame: Frame = {
    name: '<module>',
    file: '<stdin>',
    scope: moduleScope(globals),
    at: NOWHERE,
    anchor: undefined,
    owner: undefined,
    self: undefined,
  };
  const [first = '', second = ''] = versionText(vm.version).split(' [');
  main.err.put(
    `Python ${first}] on linux\n`.replace(`${first}]`, `${first} [${second}`) +
      'Type "help", "copyright", "credits" or "license" for more information.\n',
  );
  yield* main.err.flush();
  for (;;) {
    const source = yield* readStatement(main);
    if (source === undefined) {
      main.out.put('\n');
      yield* main.out.flush();
      return 0;
    }
    const status = yield* guarded(() => runLine(vm, main, source, frame));
    if (status !== undefined) return status;
  }
}

/** One statement: a line, or a block up to an empty line. */
function* readStatement(main: Main): Routine<string | undefined> {
  main.out.put('>>> ');
  yield* main.out.flush();
  let source = yield* main.input.line();
  if (source === undefined) return undefined;
  while (isOpen(source)) {
    main.out.put('... ');
    yield* main.out.flush();
    const more = yield* main.input.line();
    if (more === undefined) break;
    source += more;
    if (more.trim() === '') break;
  }
  return source;
}

/** True where more must follow: a block's head, a decorator, or an open bracket. */
function isOpen(source: string): boolean {
  if (/:\s*(#.*)?\n$/.test(source.split('\n').slice(0, 1).join('\n').concat('\n'))) return true;
  if (source.startsWith('@')) return true;
  try {
    parseModule(source);
    return false;
  } catch (error) {
    return (
      error instanceof PythonSyntaxError && /was never closed|triple-quoted/.test(error.message)
    );
  }
}

function* runLine(vm: Vm, main: Main, source: string, frame: Frame): Routine<void> {
  let body: ReturnType<typeof parseModule>;
  try {
    body = parseModule(source);
  } catch (error) {
    if (!(error instanceof PythonSyntaxError)) throw error;
    main.err.put(syntaxErrorText(error, source, '<stdin>'));
    yield* main.err.flush();
    return;
  }
  const [only] = body;
  yield* vm.inFrame(frame, function* () {
    if (body.length !== 1 || only?.kind !== 'Expr') {
      yield* execute(vm, body, frame);
      return;
    }
    const value = yield* evaluate(vm, only.value, frame);
    if (value === null) return;
    frame.scope.names.set('_', value);
    const out = vm.modules.get('sys')?.attributes.get('stdout') ?? null;
    const text = `${yield* reprOf(vm, value)}\n`;
    yield* callValue(vm, yield* getAttribute(vm, out, 'write'), [text]);
  });
  const out = vm.modules.get('sys')?.attributes.get('stdout') ?? null;
  yield* callValue(vm, yield* getAttribute(vm, out, 'flush'), []);
}
