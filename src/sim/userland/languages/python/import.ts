// Imports: the modules that are loaded already, those of the interpreter, those of the library, and files along
// sys.path: `name.py` or `name/__init__.py`.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../libc/whole-file.ts';
import { Missing } from '../interpreter.ts';
import { findAttribute } from './attributes.ts';
import { PyException, PyRaise, exceptionClass, raise } from './errors.ts';
import { execute } from './execute.ts';
import { LIBRARY } from './library/index.ts';
import { listOf } from './operators.ts';
import { NATIVE_MODULES } from './modules/index.ts';
import { parseModule } from './parse.ts';
import { STANDARD_MODULES } from './real-names.ts';
import type { StatementOf } from './syntax.ts';
import { PyList, PyModule, type Value } from './values.ts';
import { type Frame, moduleScope, NOWHERE, type Vm } from './vm.ts';

/** `import name`: the module itself with `deepest`, otherwise the first of its packages. */
export function* importModule(vm: Vm, name: string, deepest: boolean): Routine<PyModule> {
  const parts = name.split('.');
  let module: PyModule | undefined;
  let first: PyModule | undefined;
  for (const [i, part] of parts.entries()) {
    const full = parts.slice(0, i + 1).join('.');
    const next = yield* load(vm, full, module);
    module?.attributes.set(part, next);
    module = next;
    first ??= next;
  }
  if (!module || !first) throw raise('ValueError', 'Empty module name');
  return deepest ? module : first;
}

/** One module, whose package is loaded. */
function* load(vm: Vm, name: string, parent: PyModule | undefined): Routine<PyModule> {
  const known = vm.modules.get(name);
  if (known) return known;
  const native = NATIVE_MODULES[name];
  if (native && Object.hasOwn(NATIVE_MODULES, name)) {
    const module = new PyModule(name, true, native(vm));
    vm.modules.set(name, module);
    return module;
  }
  const source = Object.hasOwn(LIBRARY, name) ? LIBRARY[name] : undefined;
  if (source !== undefined) {
    const file = `${vm.path.find((one) => /python\d/.test(one)) ?? '/usr/lib'}/${name.replaceAll('.', '/')}.py`;
    return yield* run(vm, name, source, file, true);
  }
  const sys = vm.modules.get('sys')?.attributes.get('path');
  if (sys instanceof PyList && sys.items.length > 0) vm.follow(sys);
  const paths = parent ? yield* packagePath(vm, parent) : vm.path;
  const last = name.slice(name.lastIndexOf('.') + 1);
  for (const directory of paths) {
    for (const [file, isPackage] of [
      [`${directory || '.'}/${last}/__init__.py`, true],
      [`${directory || '.'}/${last}.py`, false],
    ] as const) {
      const bytes = yield* readFile(vm.process, file);
      if (isErrno(bytes)) continue;
      return yield* run(vm, name, decode(bytes), file, false, isPackage);
    }
  }
  if (STANDARD_MODULES.has(name.split('.')[0] ?? '')) throw new Missing(`python3: module ${name}`);
  const text =
    parent && !parent.attributes.has('__path__')
      ? `No module named '${name}'; '${parent.name}' is not a package`
      : `No module named '${name}'`;
  throw notFound(text, name);
}

function notFound(text: string, name: string): PyRaise {
  const exception = new PyException(exceptionClass('ModuleNotFoundError'), [text]);
  exception.attributes.set('name', name);
  return new PyRaise(exception);
}

function* packagePath(vm: Vm, parent: PyModule): Routine<string[]> {
  const path = parent.attributes.get('__path__');
  return path === undefined ? [] : (yield* listOf(vm, path)).map(String);
}

/** Runs a module's source; it is known while it runs, so that circles end. */
function* run(
  vm: Vm,
  name: string,
  source: string,
  file: string,
  library: boolean,
  isPackage = false,
): Routine<PyModule> {
  const attributes = new Map<string, Value>([
    ['__name__', name],
    ['__file__', file],
    ['__package__', isPackage ? name : name.slice(0, Math.max(0, name.lastIndexOf('.')))],
    ['__doc__', null],
  ]);
  if (isPackage) attributes.set('__path__', new PyList([file.slice(0, file.lastIndexOf('/'))]));
  const module = new PyModule(name, library, attributes);
  vm.modules.set(name, module);
  if (!library) vm.sources.set(file, source);
  try {
    yield* runSource(vm, source, file, attributes);
  } catch (error) {
    vm.modules.delete(name);
    throw error;
  }
  return module;
}

/** Runs a source with these names as its module's. */
export function* runSource(
  vm: Vm,
  source: string,
  file: string,
  globals: Map<string, Value>,
): Routine<void> {
  const frame: Frame = {
    name: '<module>',
    file,
    scope: moduleScope(globals),
    at: NOWHERE,
    anchor: undefined,
    owner: undefined,
    self: undefined,
  };
  const body = parseModule(source);
  yield* vm.inFrame(frame, () => execute(vm, body, frame));
}

/** The names that `from module import …` binds. */
export function* importFrom(
  vm: Vm,
  { module, level, names }: StatementOf<'ImportFrom'>,
  frame: Frame,
): Routine<[string, Value][]> {
  if (module === '__future__') return [];
  const full = level === 0 ? module : relativeName(frame, module, level);
  const found = yield* importModule(vm, full, true);
  const out: [string, Value][] = [];
  for (const { name, as } of names) {
    if (name === '*') {
      const listed = found.attributes.get('__all__');
      const all =
        listed === undefined
          ? [...found.attributes.keys()].filter((one) => !one.startsWith('_'))
          : (yield* listOf(vm, listed)).map(String);
      for (const one of all) out.push([one, found.attributes.get(one) ?? null]);
      continue;
    }
    const value = (yield* findAttribute(vm, found, name)) ?? (yield* submodule(vm, found, name));
    if (value === undefined) {
      if (found.library) throw new Missing(`python3: ${full}.${name}`);
      const file = found.attributes.get('__file__');
      throw raise('ImportError', `cannot import name '${name}' from '${full}' (${String(file)})`);
    }
    out.push([as ?? name, value]);
  }
  return out;
}

function relativeName(frame: Frame, module: string, level: number): string {
  const own = frame.scope.globals.get('__package__');
  const parts = typeof own === 'string' && own !== '' ? own.split('.') : [];
  if (parts.length === 0)
    throw raise('ImportError', 'attempted relative import with no known parent package');
  const base = parts.slice(0, parts.length - level + 1).join('.');
  return module === '' ? base : `${base}.${module}`;
}

function* submodule(vm: Vm, parent: PyModule, name: string): Routine<Value | undefined> {
  const full = `${parent.name}.${name}`;
  if (!parent.attributes.has('__path__') && !NATIVE_MODULES[full] && LIBRARY[full] === undefined)
    return undefined;
  try {
    return yield* importModule(vm, full, true);
  } catch (error) {
    if (error instanceof PyRaise && error.exception.attributes.get('name') === full)
      return undefined;
    throw error;
  }
}
