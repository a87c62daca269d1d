// Modules: require() with node_modules and package.json, import and export of ES modules, JSON files (Node.js, Modules).

import type { AnyNode, Program } from 'acorn';
import { parse } from 'acorn';
import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../libc/whole-file.ts';
import { evaluate } from './evaluate.ts';
import { parseJson } from './globals/json.ts';
import { makeClass } from './classes.ts';
import { makeFunction, runStatements } from './functions.ts';
import { builtinModule, isBuiltin } from './modules/index.ts';
import { get } from './operations.ts';
import { asyncBody, promiseFor } from './promises.ts';
import { boundNames, Scope } from './scope.ts';
import { JsError, JsObject, JsThrow, type Value } from './values.ts';
import type { Vm } from './vm.ts';

/** A text that is no JavaScript. */
export class Malformed extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  constructor(message: string, file: string, line: number, column: number) {
    super(message);
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

/** Reads a source. Throws Malformed. */
export function parseSource(text: string, file: string, module: boolean): Program {
  try {
    return parse(text, {
      ecmaVersion: 2024,
      sourceType: module ? 'module' : 'script',
      locations: true,
      allowHashBang: true,
      allowReturnOutsideFunction: !module,
      allowAwaitOutsideFunction: module,
    });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { loc } = error as SyntaxError & { loc?: { line: number; column: number } };
    const message = wording(error.message.replace(/ \(\d+:\d+\)$/, ''), text, loc);
    throw new Malformed(message, file, loc?.line ?? 1, loc?.column ?? 0);
  }
}

/** What V8 says where the parser says only that a token is wrong. */
function wording(
  message: string,
  text: string,
  loc: { line: number; column: number } | undefined,
): string {
  if (message !== 'Unexpected token') return message;
  const line = text.split('\n')[(loc?.line ?? 1) - 1] ?? '';
  const rest = line.slice(loc?.column ?? 0);
  if (rest === '') return 'Unexpected end of input';
  const [word = rest[0] ?? ''] =
    /^(?:[\w$]+|=>|[=!<>+\-*&|]{1,3}|"[^"]*"|'[^']*')/.exec(rest) ?? [];
  if (/^["']/.test(word)) return 'Unexpected string';
  if (/^\d/.test(word)) return 'Unexpected number';
  if (/^[a-z$_]/i.test(word)) return `Unexpected identifier '${word}'`;
  return `Unexpected token '${word}'`;
}

function directoryOf(file: string): string {
  return file.slice(0, Math.max(1, file.lastIndexOf('/')));
}

function isFile(vm: Vm, path: string): boolean {
  const stat = vm.process.stat(path);
  return !isErrno(stat) && (stat.mode & 0o170000) === 0o100000;
}

/** `a/./b/..` made plain. */
function normal(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '.' && part !== '') out.push(part);
  }
  return `/${out.join('/')}`;
}

function* packageOf(vm: Vm, directory: string): Routine<Value> {
  const bytes = yield* readFile(vm.process, `${directory}/package.json`);
  return isErrno(bytes) ? undefined : parseJson(vm, decode(bytes));
}

const ENDINGS = ['', '.js', '.json', '.mjs', '.cjs'];

/** The file that a path means: itself, with an ending, or a directory's main file. */
function* fileAt(vm: Vm, path: string): Routine<string | undefined> {
  for (const ending of ENDINGS) if (isFile(vm, path + ending)) return path + ending;
  const about = yield* packageOf(vm, path);
  const main = about instanceof JsObject ? yield* get(vm, about, 'main') : undefined;
  if (typeof main === 'string') {
    const inner = normal(`${path}/${main}`);
    for (const ending of [...ENDINGS, '/index.js'])
      if (isFile(vm, inner + ending)) return inner + ending;
  }
  for (const name of ['index.js', 'index.json'])
    if (isFile(vm, `${path}/${name}`)) return `${path}/${name}`;
  return undefined;
}

/** The file that a name means from a directory. */
export function* resolve(vm: Vm, name: string, from: string): Routine<string | undefined> {
  if (/^\.{0,2}\//.test(name) || name === '.' || name === '..')
    return yield* fileAt(vm, normal(name.startsWith('/') ? name : `${from}/${name}`));
  for (let directory = from; ; directory = directoryOf(directory)) {
    const found = yield* fileAt(vm, normal(`${directory}/node_modules/${name}`));
    if (found !== undefined) return found;
    if (directory === '/' || directory === '') return undefined;
  }
}

/** require(): the exports of a module. */
export function* requireModule(vm: Vm, name: string, from: string): Routine<Value> {
  if (isBuiltin(name)) return yield* builtinModule(vm, name);
  const file = yield* resolve(vm, name, directoryOf(from));
  if (file === undefined) throw notFound(vm, name, from);
  return yield* get(vm, yield* loadFile(vm, file), 'exports');
}

function notFound(vm: Vm, name: string, from: string): JsThrow {
  const stack = vm.array([from]);
  const error = vm.error('Error', `Cannot find module '${name}'\nRequire stack:\n- ${from}`, {
    code: 'MODULE_NOT_FOUND',
    requireStack: stack,
  });
  if (error.value instanceof JsError) {
    const stack = String(error.value.own('stack')?.value);
    error.value.hide('stack', stack.replace(/\n {4}at /, `\n${RESOLVING}\n    at `));
    error.value.origin = undefined;
  }
  return error;
}

/** Lines of Node's own above the place that asked for a module. */
const RESOLVING = `    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)
    at Module._load (node:internal/modules/cjs/loader:1038:27)
    at Module.require (node:internal/modules/cjs/loader:1289:19)
    at require (node:internal/modules/helpers:182:18)`;

/** True of files that are ES modules: by their ending, or by the package they are in. */
function* isModuleFile(vm: Vm, file: string): Routine<boolean> {
  if (file.endsWith('.mjs')) return true;
  if (!file.endsWith('.js')) return false;
  for (let directory = directoryOf(file); ; directory = directoryOf(directory)) {
    const about = yield* packageOf(vm, directory);
    if (about instanceof JsObject) return (yield* get(vm, about, 'type')) === 'module';
    if (directory === '/') return false;
  }
}

/** The module object of a file, which is run once. */
export function* loadFile(vm: Vm, file: string, main = false): Routine<JsObject> {
  const known = vm.modules.get(file);
  if (known) return known;
  const bytes = yield* readFile(vm.process, file);
  if (isErrno(bytes)) throw vm.error('Error', `${bytes.name}: ${bytes.message}, open '${file}'`);
  const text = decode(bytes);
  const module = vm.object([
    ['id', main ? '.' : file],
    ['exports', vm.object()],
    ['filename', file],
    ['loaded', false],
  ]);
  vm.modules.set(file, module);
  if (main) vm.library.set('main module', module);
  try {
    if (file.endsWith('.json')) module.put('exports', parseJson(vm, text));
    else if (yield* isModuleFile(vm, file)) yield* runModule(vm, module, text, file);
    else yield* runCommon(vm, module, text, file);
  } catch (error) {
    vm.modules.delete(file);
    throw error;
  }
  module.put('loaded', true);
  return module;
}

/** A CommonJS module: its text is a function's body with require, module and exports. */
function* runCommon(vm: Vm, module: JsObject, text: string, file: string): Routine<void> {
  vm.sources.set(file, text);
  const program = parseSource(text, file, false);
  const exported = module.own('exports')?.value;
  const scope = new Scope(vm.globalScope, {
    self: exported,
    ready: true,
    target: undefined,
    home: undefined,
    parentClass: undefined,
    fields: undefined,
  });
  const needed = vm.fn('require', (_vm, [name]) => requireModule(vm, String(name), file));
  needed.hide(
    'resolve',
    vm.fn('resolve', function* (_vm, [name]) {
      const found = yield* resolve(vm, String(name), directoryOf(file));
      if (found === undefined) throw notFound(vm, String(name), file);
      return found;
    }),
  );
  needed.hide('main', vm.library.get('main module'));
  needed.hide('cache', vm.object());
  scope.declare('exports', exported);
  scope.declare('require', needed);
  scope.declare('module', module);
  scope.declare('__filename', file);
  scope.declare('__dirname', directoryOf(file));
  const frame = { name: 'Object.<anonymous>', file, line: 1, column: 1 };
  yield* vm.inFrame(frame, () => runStatements(vm, program.body, new Scope(scope), file, true));
}

/** An ES module: its imports first, then its body; a wait at its top is waited for. */
function* runModule(vm: Vm, module: JsObject, text: string, file: string): Routine<void> {
  vm.sources.set(file, text);
  const program = parseSource(text, file, true);
  const exported = module.own('exports')?.value;
  if (!(exported instanceof JsObject)) return;
  exported.hide('__esModule', true);
  const scope = new Scope(vm.globalScope, undefined);
  for (const node of program.body)
    if (node.type === 'ImportDeclaration') yield* bindImports(vm, node, scope, file);
  const frame = { name: '', file, line: 1, column: 1 };
  yield* asyncBody(vm, () =>
    vm.inFrame(frame, function* () {
      const body = program.body.filter((node) => node.type !== 'ImportDeclaration');
      yield* runExports(vm, body, scope, file, exported);
    }),
  );
}

/** Runs the body of an ES module, and notes what it exports as it comes. */
function* runExports(
  vm: Vm,
  body: readonly AnyNode[],
  scope: Scope,
  file: string,
  exported: JsObject,
): Routine<void> {
  const plain = body.map((node) =>
    node.type === 'ExportNamedDeclaration' && node.declaration ? node.declaration : node,
  );
  const inner = plain.filter((node) => !node.type.startsWith('Export'));
  const bind = (name: string, local: string): void => {
    exported.properties.set(name, {
      value: undefined,
      getter: vm.fn(name, () => scope.find(local)?.value),
      enumerable: true,
      writable: true,
    });
  };
  for (const node of body) {
    if (node.type !== 'ExportNamedDeclaration') continue;
    for (const { local, exported: as } of node.specifiers) {
      const [from, to] = [local, as].map((one) => ('name' in one ? one.name : String(one.value)));
      if (!node.source) bind(to ?? '', from ?? '');
    }
    const { declaration } = node;
    if (declaration?.type === 'VariableDeclaration')
      for (const { id } of declaration.declarations)
        for (const name of boundNames(id)) bind(name, name);
    else if (declaration?.id) bind(declaration.id.name, declaration.id.name);
  }
  for (const node of body) {
    if (node.type === 'ExportDefaultDeclaration') {
      const { declaration } = node;
      if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') {
        const name = declaration.id?.name ?? 'default';
        const value =
          declaration.type === 'ClassDeclaration'
            ? yield* makeClass(vm, declaration, scope, file, name)
            : makeFunction(vm, declaration, scope, { name, file });
        if (declaration.id) scope.declare(declaration.id.name, value);
        exported.put('default', value);
      }
    } else if (
      node.type === 'ExportAllDeclaration' ||
      (node.type === 'ExportNamedDeclaration' && node.source)
    ) {
      const source = node.source ? String(node.source.value) : '';
      const other = yield* importNamespace(vm, source, file);
      if (node.type === 'ExportAllDeclaration') {
        for (const key of other.keys())
          if (key !== 'default') exported.put(key, yield* get(vm, other, key));
      } else
        for (const { local, exported: as } of node.specifiers) {
          const [from = '', to = ''] = [local, as].map((one) =>
            'name' in one ? one.name : String(one.value),
          );
          exported.put(to, yield* get(vm, other, from));
        }
    }
  }
  yield* runStatements(vm, inner, scope, file, true);
  for (const node of body)
    if (node.type === 'ExportDefaultDeclaration') {
      const { declaration } = node;
      if (declaration.type !== 'FunctionDeclaration' && declaration.type !== 'ClassDeclaration')
        exported.put('default', yield* evaluate(vm, declaration, scope, file, 'default'));
    }
}

/** What `import * as` gives: an ES module's exports, or a CommonJS module's as default and by name. */
function* importNamespace(vm: Vm, name: string, file: string): Routine<JsObject> {
  let value: Value;
  try {
    value = yield* requireModule(vm, name, file);
  } catch (error) {
    if (error instanceof JsThrow && error.value instanceof JsError) {
      const code = error.value.own('code')?.value;
      if (code === 'MODULE_NOT_FOUND')
        throw vm.error(
          'Error',
          name.startsWith('.')
            ? `Cannot find module '${normal(`${directoryOf(file)}/${name}`)}' imported from ${file}`
            : `Cannot find package '${name}' imported from ${file}`,
          { code: 'ERR_MODULE_NOT_FOUND' },
        );
    }
    throw error;
  }
  if (value instanceof JsObject && value.own('__esModule')) return value;
  const made = vm.object();
  if (value instanceof JsObject)
    for (const key of value.keys()) made.put(key, yield* get(vm, value, key));
  made.put('default', value);
  return made;
}

function* bindImports(
  vm: Vm,
  node: Extract<AnyNode, { type: 'ImportDeclaration' }>,
  scope: Scope,
  file: string,
): Routine<void> {
  const name = String(node.source.value);
  const module = yield* importNamespace(vm, name, file);
  for (const one of node.specifiers) {
    if (one.type === 'ImportNamespaceSpecifier') scope.declare(one.local.name, module, true);
    else {
      const wanted =
        one.type === 'ImportDefaultSpecifier'
          ? 'default'
          : 'name' in one.imported
            ? one.imported.name
            : String(one.imported.value);
      if (!module.own(wanted))
        throw vm.error(
          'SyntaxError',
          `The requested module '${name}' does not provide an export named '${wanted}'`,
        );
      scope.declare(one.local.name, yield* get(vm, module, wanted), true);
    }
  }
}

/** import(): a promise of a module's namespace. */
export function* importPromise(vm: Vm, name: string, file: string): Routine<Value> {
  return yield* promiseFor(vm, () => importNamespace(vm, name.replace(/^file:\/\//, ''), file));
}
