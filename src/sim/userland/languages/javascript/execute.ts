// Executing statements (ECMA-262, 14).

import type { AnyNode, Pattern, Statement, VariableDeclaration } from 'acorn';
import type { Routine } from '../../../core/wait.ts';
import { Missing } from '../interpreter.ts';
import { evaluate } from './evaluate.ts';
import { makeClass } from './classes.ts';
import { Leaving, runStatements } from './functions.ts';
import { call, get, iterator, lookUp, truth } from './operations.ts';
import { bindName, bindPattern, type How } from './patterns.ts';
import { awaitValue } from './promises.ts';
import { boundNames, Scope } from './scope.ts';
import { JsFunction, JsObject, JsThrow, type Value } from './values.ts';
import type { Vm } from './vm.ts';

/** A statement that ended otherwise than at its end. */
export type Completion =
  | { readonly kind: 'break' | 'continue'; readonly label: string | undefined }
  | { readonly kind: 'return'; readonly value: Value };

type Run = Routine<Completion | undefined>;

/** Runs statements whose names are declared. */
export function* execute(vm: Vm, body: readonly Statement[], scope: Scope, file: string): Run {
  for (const node of body) {
    const completion = yield* executeOne(vm, node, scope, file);
    if (completion) return completion;
  }
  return undefined;
}

/** Notes where the innermost frame is. */
export function mark(vm: Vm, node: AnyNode): void {
  const frame = vm.frames.at(-1);
  const start = node.loc?.start;
  if (!frame || !start) return;
  frame.line = start.line;
  frame.column = start.column + 1;
}

function* executeOne(vm: Vm, node: Statement, scope: Scope, file: string, label?: string): Run {
  switch (node.type) {
    case 'ExpressionStatement':
      yield* evaluate(vm, node.expression, scope, file);
      return undefined;
    case 'VariableDeclaration':
      yield* declare(vm, node, scope, file);
      return undefined;
    case 'FunctionDeclaration':
    case 'EmptyStatement':
    case 'DebuggerStatement':
      return undefined;
    case 'ReturnStatement':
      return {
        kind: 'return',
        value: node.argument ? yield* evaluate(vm, node.argument, scope, file) : undefined,
      };
    case 'IfStatement':
      if (truth(yield* evaluate(vm, node.test, scope, file)))
        return yield* executeOne(vm, node.consequent, scope, file);
      return node.alternate ? yield* executeOne(vm, node.alternate, scope, file) : undefined;
    case 'BlockStatement':
      return yield* runStatements(vm, node.body, new Scope(scope), file, false);
    case 'ClassDeclaration': {
      const type = yield* makeClass(vm, node, scope, file, node.id.name);
      scope.declare(node.id.name, type);
      return undefined;
    }
    case 'ThrowStatement': {
      const value = yield* evaluate(vm, node.argument, scope, file);
      mark(vm, node);
      const thrown = new JsThrow(value);
      const frame = vm.frames.at(-1);
      if (frame) thrown.origin = { file, line: frame.line, column: frame.column };
      throw thrown;
    }
    case 'BreakStatement':
      return { kind: 'break', label: node.label?.name };
    case 'ContinueStatement':
      return { kind: 'continue', label: node.label?.name };
    case 'LabeledStatement': {
      const completion = yield* executeOne(vm, node.body, scope, file, node.label.name);
      const own = completion?.kind === 'break' && completion.label === node.label.name;
      return own ? undefined : completion;
    }
    default:
      return yield* executeRest(vm, node, scope, file, label);
  }
}

function* executeRest(
  vm: Vm,
  node: Statement,
  scope: Scope,
  file: string,
  label: string | undefined,
): Run {
  switch (node.type) {
    case 'ForStatement':
      return yield* forLoop(vm, node, scope, file, label);
    case 'ForOfStatement':
      return yield* forOf(vm, node, scope, file, label);
    case 'ForInStatement':
      return yield* forIn(vm, node, scope, file, label);
    case 'WhileStatement':
      while (truth(yield* evaluate(vm, node.test, scope, file))) {
        const ended = yield* turn(vm, node.body, scope, file, label);
        if (ended) return ended === 'over' ? undefined : ended;
      }
      return undefined;
    case 'DoWhileStatement':
      do {
        const ended = yield* turn(vm, node.body, scope, file, label);
        if (ended) return ended === 'over' ? undefined : ended;
      } while (truth(yield* evaluate(vm, node.test, scope, file)));
      return undefined;
    case 'TryStatement':
      return yield* tryStatement(vm, node, scope, file);
    case 'SwitchStatement':
      return yield* switchStatement(vm, node, scope, file);
    default:
      throw new Missing(`node: ${node.type}`);
  }
}

/** Declares and sets the variables of `let`, `const` or `var`. */
export function* declare(
  vm: Vm,
  node: VariableDeclaration,
  scope: Scope,
  file: string,
): Routine<void> {
  const how: How = node.kind === 'var' ? 'var' : node.kind === 'let' ? 'let' : 'const';
  for (const { id, init } of node.declarations) {
    if (!init && how === 'var') continue;
    const name = id.type === 'Identifier' ? id.name : '';
    const value = init ? yield* evaluate(vm, init, scope, file, name) : undefined;
    yield* bindPattern(vm, id, value, scope, how, file);
  }
}

/** One turn of a loop: 'over' where it ends the loop, a completion where that goes further out. */
function* turn(
  vm: Vm,
  body: Statement,
  scope: Scope,
  file: string,
  label: string | undefined,
): Routine<'over' | Completion | undefined> {
  if (vm.meter.tick()) yield* vm.meter.settle();
  const completion = yield* executeOne(vm, body, scope, file);
  if (!completion) return undefined;
  if (completion.kind === 'return') return completion;
  if (completion.label !== undefined && completion.label !== label) return completion;
  return completion.kind === 'break' ? 'over' : undefined;
}

function* forLoop(
  vm: Vm,
  node: Extract<Statement, { type: 'ForStatement' }>,
  outer: Scope,
  file: string,
  label: string | undefined,
): Run {
  let scope = new Scope(outer);
  const { init } = node;
  if (init?.type === 'VariableDeclaration') yield* declare(vm, init, scope, file);
  else if (init) yield* evaluate(vm, init, scope, file);
  while (!node.test || truth(yield* evaluate(vm, node.test, scope, file))) {
    const ended = yield* turn(vm, node.body, scope, file, label);
    if (ended) return ended === 'over' ? undefined : ended;
    // Each turn has variables of its own, which closures keep.
    const next = new Scope(outer);
    for (const [name, { value, constant }] of scope.names) next.declare(name, value, constant);
    scope = next;
    if (node.update) yield* evaluate(vm, node.update, scope, file);
  }
  return undefined;
}

function* bindLoop(
  vm: Vm,
  left: VariableDeclaration | Pattern,
  value: Value,
  outer: Scope,
  file: string,
): Routine<Scope> {
  const scope = new Scope(outer);
  if (left.type === 'VariableDeclaration') {
    const [declaration] = left.declarations;
    const how: How = left.kind === 'var' ? 'var' : left.kind === 'let' ? 'let' : 'const';
    if (declaration) yield* bindPattern(vm, declaration.id, value, scope, how, file);
  } else yield* bindPattern(vm, left, value, scope, 'assign', file);
  return scope;
}

function* forOf(
  vm: Vm,
  node: Extract<Statement, { type: 'ForOfStatement' }>,
  scope: Scope,
  file: string,
  label: string | undefined,
): Run {
  const { await: waits } = node;
  let source = yield* evaluate(vm, node.right, scope, file);
  if (waits && source instanceof JsObject) {
    const method = yield* get(vm, source, Symbol.asyncIterator);
    if (method instanceof JsFunction) source = yield* call(vm, method, source, []);
  }
  const next =
    waits && source instanceof JsObject && lookUp(source, 'next')
      ? asyncSteps(vm, source)
      : yield* iterator(vm, source, node.right.type === 'Identifier' ? node.right.name : undefined);
  for (let step = yield* next(); !step.done; step = yield* next()) {
    const value = waits ? yield* awaitValue(vm, step.value) : step.value;
    const inner = yield* bindLoop(vm, node.left, value, scope, file);
    const ended = yield* turn(vm, node.body, inner, file, label);
    if (ended) return ended === 'over' ? undefined : ended;
  }
  return undefined;
}

function asyncSteps(
  vm: Vm,
  source: Value,
): () => Routine<{ readonly done: boolean; readonly value: Value }> {
  return function* () {
    const method = yield* get(vm, source, 'next');
    const step = yield* awaitValue(vm, yield* call(vm, method, source, []));
    return { done: truth(yield* get(vm, step, 'done')), value: yield* get(vm, step, 'value') };
  };
}

function* forIn(
  vm: Vm,
  node: Extract<Statement, { type: 'ForInStatement' }>,
  scope: Scope,
  file: string,
  label: string | undefined,
): Run {
  const source = yield* evaluate(vm, node.right, scope, file);
  const seen = new Set<string>();
  for (let object = source instanceof JsObject ? source : null; object; object = object.prototype) {
    for (const key of object.keys()) {
      if (typeof key !== 'string' || seen.has(key) || !object.own(key)?.enumerable) continue;
      seen.add(key);
      const inner = yield* bindLoop(vm, node.left, key, scope, file);
      const ended = yield* turn(vm, node.body, inner, file, label);
      if (ended) return ended === 'over' ? undefined : ended;
    }
  }
  return undefined;
}

function* tryStatement(
  vm: Vm,
  node: Extract<Statement, { type: 'TryStatement' }>,
  scope: Scope,
  file: string,
): Run {
  const { length } = vm.frames;
  let completion: Completion | undefined;
  let failure: JsThrow | Leaving | undefined;
  try {
    completion = yield* runStatements(vm, node.block.body, new Scope(scope), file, false);
  } catch (error) {
    if (!(error instanceof JsThrow || error instanceof Leaving)) throw error;
    failure = error;
  }
  if (failure instanceof JsThrow && node.handler) {
    vm.frames.length = Math.min(vm.frames.length, length);
    const inner = new Scope(scope);
    const { param, body } = node.handler;
    const { value } = failure;
    failure = undefined;
    try {
      if (param) yield* bindPattern(vm, param, value, inner, 'let', file);
      completion = yield* runStatements(vm, body.body, new Scope(inner), file, false);
    } catch (error) {
      if (!(error instanceof JsThrow || error instanceof Leaving)) throw error;
      failure = error;
    }
  }
  if (node.finalizer) {
    const last = yield* runStatements(vm, node.finalizer.body, new Scope(scope), file, false);
    if (last) return last;
  }
  if (failure) throw failure;
  return completion;
}

function* switchStatement(
  vm: Vm,
  node: Extract<Statement, { type: 'SwitchStatement' }>,
  outer: Scope,
  file: string,
): Run {
  const value = yield* evaluate(vm, node.discriminant, outer, file);
  const scope = new Scope(outer);
  for (const { consequent } of node.cases)
    for (const one of consequent)
      if (one.type === 'VariableDeclaration' && one.kind !== 'var')
        for (const { id } of one.declarations)
          for (const name of boundNames(id)) bindName(vm, name, undefined, scope, 'let');
  let matched = -1;
  for (const [i, { test }] of node.cases.entries())
    if (matched < 0 && test && (yield* evaluate(vm, test, scope, file)) === value) matched = i;
  if (matched < 0) matched = node.cases.findIndex(({ test }) => !test);
  if (matched < 0) return undefined;
  for (const { consequent } of node.cases.slice(matched)) {
    const completion = yield* execute(vm, consequent, scope, file);
    if (completion?.kind === 'break' && completion.label === undefined) return undefined;
    if (completion) return completion;
  }
  return undefined;
}
