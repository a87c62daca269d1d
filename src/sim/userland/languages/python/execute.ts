// Executing statements.

import type { Routine } from '../../../core/wait.ts';
import { deleteAttribute, getAttribute, setAttribute } from './attributes.ts';
import { callValue } from './call.ts';
import { raise } from './errors.ts';
import { defaultValues, evaluate, evaluateArguments, lookUp, mark } from './evaluate.ts';
import { raiseStatement, tryStatement, withStatement } from './handling.ts';
import { importFrom, importModule } from './import.ts';
import { deleteItem, getItem, iteration, setItem } from './iterate.ts';
import { binary, listOf, truth } from './operators.ts';
import type { Expression, Statement, StatementOf } from './syntax.ts';
import {
  classValue,
  objectClass,
  PyClass,
  PyDict,
  PyFunction,
  PyList,
  PyObject,
  PyType,
  PyWrapper,
  typeOf,
  type Value,
} from './values.ts';
import type { Frame, Scope, Vm } from './vm.ts';

/** A `return`, on its way out of the function. */
export class Returned {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** How a block ended: at its end, or by one of these. */
export type Completion = undefined | 'break' | 'continue' | Returned;

/** Runs a block. */
export function* execute(vm: Vm, body: readonly Statement[], frame: Frame): Routine<Completion> {
  for (const statement of body) {
    if (vm.pending.length > 0) yield* runHandlers(vm);
    const completion = yield* executeOne(vm, statement, frame);
    if (completion !== undefined) return completion;
  }
  return undefined;
}

/** Runs the handlers of signals that have come. */
export function* runHandlers(vm: Vm): Routine<void> {
  for (let signal = vm.pending.shift(); signal !== undefined; signal = vm.pending.shift()) {
    const handler = vm.handlers.get(signal);
    if (handler !== undefined && handler !== null)
      yield* callValue(vm, handler, [BigInt(signal), null]);
    else if (signal === 2) throw raise('KeyboardInterrupt');
  }
}

function* executeOne(vm: Vm, node: Statement, frame: Frame): Routine<Completion> {
  mark(frame, node.at);
  switch (node.kind) {
    case 'Expr':
      yield* evaluate(vm, node.value, frame);
      return undefined;
    case 'Assign': {
      const value = yield* evaluate(vm, node.value, frame);
      for (const target of node.targets) yield* assign(vm, target, value, frame);
      return undefined;
    }
    case 'If': {
      const test = yield* truth(vm, yield* evaluate(vm, node.test, frame));
      return yield* execute(vm, test ? node.body : node.otherwise, frame);
    }
    case 'Return':
      return new Returned(node.value ? yield* evaluate(vm, node.value, frame) : null);
    case 'While':
      return yield* whileLoop(vm, node, frame);
    case 'For':
      return yield* forLoop(vm, node, frame);
    case 'Try':
      return yield* tryStatement(vm, node, frame);
    case 'With':
      return yield* withStatement(vm, node, 0, frame);
    case 'Break':
      return 'break';
    case 'Continue':
      return 'continue';
    default:
      yield* executeRest(vm, node, frame);
      return undefined;
  }
}

function* executeRest(vm: Vm, node: Statement, frame: Frame): Routine<void> {
  switch (node.kind) {
    case 'AugAssign':
      return yield* augmented(vm, node, frame);
    case 'AnnAssign':
      if (node.value) yield* assign(vm, node.target, yield* evaluate(vm, node.value, frame), frame);
      if (frame.scope.isClass && node.target.kind === 'Name') annotate(frame, node.target.name);
      return;
    case 'FunctionDef': {
      const defaults = yield* defaultValues(vm, node.definition.parameters, frame);
      const made = new PyFunction(node.definition, frame.scope, defaults);
      const value = yield* decorate(vm, node.decorators, made, frame);
      return yield* assign(vm, nameAt(node.definition.name, node), value, frame);
    }
    case 'ClassDef':
      return yield* classDefinition(vm, node, frame);
    case 'Import':
      for (const { name, as } of node.names) {
        const module = yield* importModule(vm, name, as !== undefined);
        yield* assign(vm, nameAt(as ?? name.split('.')[0] ?? name, node), module, frame);
      }
      return;
    case 'ImportFrom':
      return yield* importNames(vm, node, frame);
    case 'Delete':
      for (const target of node.targets) yield* remove(vm, target, frame);
      return;
    case 'Raise':
      return yield* raiseStatement(vm, node, frame);
    case 'Assert':
      if (!(yield* truth(vm, yield* evaluate(vm, node.test, frame)))) {
        const args = node.message ? [yield* evaluate(vm, node.message, frame)] : [];
        mark(frame, node.test.at);
        throw raise('AssertionError', ...args);
      }
      return;
    default:
      return;
  }
}

function nameAt(name: string, { at }: Statement): Expression {
  return { kind: 'Name', name, at };
}

/** The names of a class's annotations, in their order: what dataclass reads. */
function annotate(frame: Frame, name: string): void {
  const known = frame.scope.names.get('__annotations__');
  const names = known instanceof PyDict ? known : new PyDict();
  names.put(name, null);
  frame.scope.names.set('__annotations__', names);
}

/** Binds a target. */
export function* assign(vm: Vm, target: Expression, value: Value, frame: Frame): Routine<void> {
  switch (target.kind) {
    case 'Name':
      setName(frame.scope, target.name, value);
      return;
    case 'Attribute':
      yield* setAttribute(vm, yield* evaluate(vm, target.value, frame), target.name, value);
      return;
    case 'Subscript': {
      const container = yield* evaluate(vm, target.value, frame);
      const index = yield* evaluate(vm, target.index, frame);
      mark(frame, target.at);
      yield* setItem(vm, container, index, value);
      return;
    }
    case 'Tuple':
    case 'List':
      yield* unpack(vm, target.items, value, frame);
      return;
    default:
  }
}

function setName(scope: Scope, name: string, value: Value): void {
  if (scope.declaredGlobal.has(name)) scope.globals.set(name, value);
  else if (scope.locals && !scope.locals.has(name)) {
    for (let outer = scope.parent; outer; outer = outer.parent)
      if (outer.names.has(name) && !outer.isClass) {
        outer.names.set(name, value);
        return;
      }
    scope.names.set(name, value);
  } else scope.names.set(name, value);
}

function* unpack(
  vm: Vm,
  targets: readonly Expression[],
  value: Value,
  frame: Frame,
): Routine<void> {
  if (!(value instanceof PyObject) && typeof value !== 'string')
    throw raise('TypeError', `cannot unpack non-iterable ${typeOf(value).name} object`);
  const items = yield* listOf(vm, value);
  const star = targets.findIndex((target) => target.kind === 'Starred');
  if (star < 0) {
    if (items.length < targets.length)
      throw raise(
        'ValueError',
        `not enough values to unpack (expected ${targets.length}, got ${items.length})`,
      );
    if (items.length > targets.length)
      throw raise('ValueError', `too many values to unpack (expected ${targets.length})`);
    for (const [i, target] of targets.entries()) yield* assign(vm, target, items[i] ?? null, frame);
    return;
  }
  const after = targets.length - star - 1;
  if (items.length < star + after)
    throw raise(
      'ValueError',
      `not enough values to unpack (expected at least ${star + after}, got ${items.length})`,
    );
  for (const [i, target] of targets.entries()) {
    if (target.kind === 'Starred')
      yield* assign(vm, target.value, new PyList(items.slice(star, items.length - after)), frame);
    else
      yield* assign(
        vm,
        target,
        items[i < star ? i : items.length - targets.length + i] ?? null,
        frame,
      );
  }
}

function* augmented(vm: Vm, node: StatementOf<'AugAssign'>, frame: Frame): Routine<void> {
  const { target, op } = node;
  if (target.kind === 'Attribute') {
    const object = yield* evaluate(vm, target.value, frame);
    const before = yield* getAttribute(vm, object, target.name);
    const after = yield* binary(vm, op, before, yield* evaluate(vm, node.value, frame), true);
    return yield* setAttribute(vm, object, target.name, after);
  }
  if (target.kind === 'Subscript') {
    const container = yield* evaluate(vm, target.value, frame);
    const index = yield* evaluate(vm, target.index, frame);
    const before = yield* getItem(vm, container, index);
    const after = yield* binary(vm, op, before, yield* evaluate(vm, node.value, frame), true);
    return yield* setItem(vm, container, index, after);
  }
  if (target.kind !== 'Name') return;
  const before = lookUp(vm, frame.scope, target.name);
  const value = yield* evaluate(vm, node.value, frame);
  mark(frame, node.at);
  setName(frame.scope, target.name, yield* binary(vm, op, before, value, true));
}

function* remove(vm: Vm, target: Expression, frame: Frame): Routine<void> {
  if (target.kind === 'Name') {
    const { scope } = frame;
    const names = scope.declaredGlobal.has(target.name) ? scope.globals : scope.names;
    if (!names.delete(target.name))
      throw raise('NameError', `name '${target.name}' is not defined`);
  } else if (target.kind === 'Attribute')
    deleteAttribute(yield* evaluate(vm, target.value, frame), target.name);
  else if (target.kind === 'Subscript') {
    const container = yield* evaluate(vm, target.value, frame);
    yield* deleteItem(vm, container, yield* evaluate(vm, target.index, frame));
  }
}

function* whileLoop(vm: Vm, node: StatementOf<'If' | 'While'>, frame: Frame): Routine<Completion> {
  while (yield* truth(vm, yield* evaluate(vm, node.test, frame))) {
    if (vm.meter.tick()) yield* vm.meter.settle();
    if (vm.pending.length > 0) yield* runHandlers(vm);
    const completion = yield* execute(vm, node.body, frame);
    if (completion === 'break') return undefined;
    if (completion instanceof Returned) return completion;
  }
  return yield* execute(vm, node.otherwise, frame);
}

function* forLoop(vm: Vm, node: StatementOf<'For'>, frame: Frame): Routine<Completion> {
  const value = yield* evaluate(vm, node.iterable, frame);
  mark(frame, node.iterable.at);
  const { iterate } = yield* iteration(vm, value);
  for (let item = yield* iterate(); typeof item !== 'symbol'; item = yield* iterate()) {
    if (vm.meter.tick()) yield* vm.meter.settle();
    yield* assign(vm, node.target, item, frame);
    const completion = yield* execute(vm, node.body, frame);
    if (completion === 'break') return undefined;
    if (completion instanceof Returned) return completion;
  }
  return yield* execute(vm, node.otherwise, frame);
}

function* decorate(
  vm: Vm,
  decorators: readonly Expression[],
  made: Value,
  frame: Frame,
): Routine<Value> {
  const list: Value[] = [];
  for (const decorator of decorators) list.push(yield* evaluate(vm, decorator, frame));
  let value = made;
  for (const decorator of list.reverse()) value = yield* callValue(vm, decorator, [value]);
  return value;
}

function* classDefinition(vm: Vm, node: StatementOf<'ClassDef'>, frame: Frame): Routine<void> {
  const [given] = yield* evaluateArguments(vm, node.bases, frame);
  const bases = given.filter((base) => base instanceof PyType).map((base) => base.of);
  const attributes = new Map<string, Value>();
  const scope: Scope = {
    ...frame.scope,
    names: attributes,
    parent: frame.scope,
    locals: undefined,
    declaredGlobal: new Set(),
    isClass: true,
  };
  const inner: Frame = { ...frame, name: node.name, scope };
  yield* vm.inFrame(inner, () => execute(vm, node.body, inner));
  const module = frame.scope.globals.get('__name__');
  const made = new PyClass(node.name, bases.length > 0 ? bases : [objectClass], {
    attributes,
    module: typeof module === 'string' ? module : '__main__',
  });
  for (const value of attributes.values()) own(value, made);
  const value = yield* decorate(vm, node.decorators, classValue(made), frame);
  yield* assign(vm, nameAt(node.name, node), value, frame);
}

/** Functions know the class they were defined in. */
function own(value: Value, type: PyClass): void {
  if (value instanceof PyFunction) value.owner ??= type;
  else if (value instanceof PyWrapper) {
    own(value.inner, type);
    if (value.setter !== undefined) own(value.setter, type);
  }
}

function* importNames(vm: Vm, node: StatementOf<'ImportFrom'>, frame: Frame): Routine<void> {
  const found = yield* importFrom(vm, node, frame);
  for (const [name, value] of found) yield* assign(vm, nameAt(name, node), value, frame);
}
