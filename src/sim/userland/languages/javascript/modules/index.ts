// Node's own modules, by name: those of the interpreter and those that are written in JavaScript.

import type { Routine } from '../../../../core/wait.ts';
import { Missing } from '../../interpreter.ts';
import { runStatements } from '../functions.ts';
import { parseSource } from '../loading.ts';
import { Scope } from '../scope.ts';
import type { Value } from '../values.ts';
import type { Vm } from '../vm.ts';
import { childProcessModule } from './child-process.ts';
import { cryptoModule } from './crypto.ts';
import { fsModule, fsPromisesModule } from './fs.ts';
import { httpBinding } from './http-binding.ts';
import { osModule } from './os.ts';
import { SOURCES } from './sources.ts';
import { HTTP_SOURCE } from './http-source.ts';
import { utilBinding } from './util-binding.ts';

const NATIVE: Readonly<Record<string, (vm: Vm) => Value>> = {
  fs: fsModule,
  'fs/promises': fsPromisesModule,
  os: osModule,
  child_process: childProcessModule,
  crypto: cryptoModule,
  process: (vm) => vm.global.own('process')?.value,
  buffer: (vm) => vm.object([['Buffer', vm.global.own('Buffer')?.value]]),
  'internal/http': httpBinding,
  'internal/util': utilBinding,
};

const WRITTEN: Readonly<Record<string, string>> = { ...SOURCES, http: HTTP_SOURCE };

/** Modules that real Node has and that are not here. */
const OTHERS = new Set(
  'async_hooks cluster console constants dgram diagnostics_channel dns dns/promises domain http2 https inspector module net perf_hooks punycode readline readline/promises repl stream stream/promises string_decoder sys test timers/promises tls trace_events tty v8 vm wasi worker_threads zlib'.split(
    ' ',
  ),
);

const plain = (name: string): string => name.replace(/^node:/, '');

/** True of names of Node's own modules. */
export function isBuiltin(name: string): boolean {
  const own = plain(name);
  return Object.hasOwn(NATIVE, own) || Object.hasOwn(WRITTEN, own) || OTHERS.has(own);
}

/** One of Node's modules, loaded once. */
export function* builtinModule(vm: Vm, name: string): Routine<Value> {
  const own = plain(name);
  const known = vm.library.get(own);
  if (known !== undefined) return known;
  const native = NATIVE[own];
  if (native && Object.hasOwn(NATIVE, own)) {
    const made = native(vm);
    vm.library.set(own, made);
    return made;
  }
  const source = WRITTEN[own];
  if (source === undefined) throw new Missing(`node: module ${own}`);
  const file = `node:${own}`;
  const module = vm.object([['exports', vm.object()]]);
  const scope = new Scope(vm.globalScope);
  scope.declare('module', module);
  scope.declare('exports', module.own('exports')?.value);
  scope.declare(
    'require',
    vm.fn('require', (_vm, [wanted]) => builtinModule(vm, String(wanted))),
  );
  const { body } = parseSource(source, file, false);
  const frame = { name: '', file, line: 1, column: 1 };
  yield* vm.inFrame(frame, () => runStatements(vm, body, scope, file, true));
  const exported = module.own('exports')?.value;
  vm.library.set(own, exported);
  return exported;
}
