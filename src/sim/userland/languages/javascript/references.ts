// Names, members and calls as places that are read and written (ECMA-262, 13.3 and 13.15).

import type {
  AnyNode,
  Expression,
  MemberExpression,
  Pattern,
  PrivateIdentifier,
  Super,
} from 'acorn';
import type { Routine } from '../../../core/wait.ts';
import { binary } from './arithmetic.ts';
import { callSuper } from './classes.ts';
import { evaluate, evaluateArguments } from './evaluate.ts';
import { mark } from './execute.ts';
import { call, get, keyOf, lookUp, numberOf, primitive, set, truth } from './operations.ts';
import { bindName, bindPattern } from './patterns.ts';
import type { Scope } from './scope.ts';
import { JsObject, type Key, type Value } from './values.ts';
import type { Vm } from './vm.ts';

/** The value of a name. Throws ReferenceError. */
export function readName(
  vm: Vm,
  node: Extract<Expression, { type: 'Identifier' }>,
  scope: Scope,
): Value {
  const { name } = node;
  const binding = scope.find(name);
  if (binding) {
    if (binding.ready) return binding.value;
    mark(vm, node);
    throw vm.error('ReferenceError', `Cannot access '${name}' before initialization`);
  }
  if (name === 'undefined') return undefined;
  const property = lookUp(vm.global, name);
  if (!property) {
    mark(vm, node);
    throw vm.error('ReferenceError', `${name} is not defined`);
  }
  return property.value;
}

/** How a callee or object is written, for texts of errors. */
export function sourceOf(node: AnyNode): string {
  switch (node.type) {
    case 'Identifier':
      return node.name;
    case 'ThisExpression':
      return 'this';
    case 'Super':
      return '(intermediate value)';
    case 'MemberExpression': {
      const object = sourceOf(node.object);
      if (node.property.type === 'PrivateIdentifier') return `${object}.#${node.property.name}`;
      return node.computed ? `${object}[...]` : `${object}.${sourceOf(node.property)}`;
    }
    case 'CallExpression':
      return `${sourceOf(node.callee)}(...)`;
    default:
      return '(intermediate value)';
  }
}

/** A value with the object that it was read from: `this` of a call. `over`: an optional chain has ended before it. */
interface Reference {
  readonly self: Value;
  readonly value: Value;
  readonly over: boolean;
}

const found = (value: Value, self?: Value): Reference => ({ self, value, over: false });
const NOTHING: Reference = { self: undefined, value: undefined, over: true };

/** Follows members and calls. */
export function* reference(
  vm: Vm,
  node: Expression | Super,
  scope: Scope,
  file: string,
): Routine<Reference> {
  if (node.type === 'ChainExpression') {
    const result = yield* reference(vm, node.expression, scope, file);
    return result.over ? found(undefined) : result;
  }
  if (node.type === 'MemberExpression') return yield* member(vm, node, scope, file);
  if (node.type === 'CallExpression') {
    if (node.callee.type === 'Super')
      return found(
        yield* callSuper(vm, yield* evaluateArguments(vm, node.arguments, scope, file), scope),
      );
    const { self, value, over } = yield* reference(vm, node.callee, scope, file);
    if (over || (node.optional && (value === undefined || value === null))) return NOTHING;
    const args = yield* evaluateArguments(vm, node.arguments, scope, file);
    mark(vm, node.callee.type === 'MemberExpression' ? node.callee.property : node);
    return found(yield* call(vm, value, self, args, sourceOf(node.callee)));
  }
  if (node.type === 'Super') return found(scope.call?.self);
  return found(yield* evaluate(vm, node, scope, file));
}

function* member(vm: Vm, node: MemberExpression, scope: Scope, file: string): Routine<Reference> {
  if (node.object.type === 'Super') {
    const key = yield* memberKey(vm, node, scope, file);
    const { home, self } = scope.call ?? {};
    const above = home instanceof JsObject ? home.prototype : null;
    const property = lookUp(above, key);
    if (property?.getter !== undefined)
      return found(yield* call(vm, property.getter, self, []), self);
    return found(property?.value, self);
  }
  const { value: object, over } = yield* reference(vm, node.object, scope, file);
  if (over || (node.optional && (object === undefined || object === null))) return NOTHING;
  const key = yield* memberKey(vm, node, scope, file);
  if (object === undefined || object === null) mark(vm, node.property);
  return found(yield* get(vm, object, key, `${sourceOf(node.object)}.`), object);
}

/** The key of a member. */
export function* memberKey(
  vm: Vm,
  node: MemberExpression,
  scope: Scope,
  file: string,
): Routine<Key> {
  return yield* propertyKey(vm, node.property, node.computed, scope, file);
}

/** The key of a property, private names with their sign. */
export function* propertyKey(
  vm: Vm,
  node: Expression | PrivateIdentifier,
  computed: boolean,
  scope: Scope,
  file: string,
): Routine<Key> {
  if (node.type === 'PrivateIdentifier') return `#${node.name}`;
  if (!computed && node.type === 'Identifier') return node.name;
  if (!computed && node.type === 'Literal') return String(node.value);
  return yield* keyOf(vm, yield* evaluate(vm, node, scope, file));
}

/** `left = right` and its compound forms. */
export function* assignment(
  vm: Vm,
  node: Extract<Expression, { type: 'AssignmentExpression' }>,
  scope: Scope,
  file: string,
): Routine<Value> {
  const { left, operator } = node;
  const name = left.type === 'Identifier' ? left.name : '';
  if (operator === '=') {
    if (left.type !== 'MemberExpression') {
      const value = yield* evaluate(vm, node.right, scope, file, name);
      mark(vm, node);
      yield* bindPattern(vm, left, value, scope, 'assign', file);
      return value;
    }
    const object = yield* objectOf(vm, left, scope, file);
    const key = yield* memberKey(vm, left, scope, file);
    const value = yield* evaluate(vm, node.right, scope, file, String(key));
    mark(vm, left.property);
    yield* set(vm, object, key, value);
    return value;
  }
  const place = yield* placeOf(vm, left, scope, file);
  const before = yield* place.read();
  const op = operator.slice(0, -1);
  if (op === '&&' || op === '||' || op === '??') {
    const stops =
      op === '&&'
        ? !truth(before)
        : op === '||'
          ? truth(before)
          : before !== undefined && before !== null;
    if (stops) return before;
    const value = yield* evaluate(vm, node.right, scope, file, name);
    yield* place.write(value);
    return value;
  }
  const right = yield* evaluate(vm, node.right, scope, file);
  const value = yield* binary(vm, op, before, right);
  yield* place.write(value);
  return value;
}

/** The object of a member. */
export function* objectOf(
  vm: Vm,
  node: MemberExpression,
  scope: Scope,
  file: string,
): Routine<Value> {
  return node.object.type === 'Super'
    ? scope.call?.self
    : yield* evaluate(vm, node.object, scope, file);
}

/** Where a compound assignment reads and writes; its object and key are evaluated once. */
interface Place {
  read(): Routine<Value>;
  write(value: Value): Routine<void>;
}

function* placeOf(vm: Vm, node: Pattern | Expression, scope: Scope, file: string): Routine<Place> {
  if (node.type === 'MemberExpression') {
    const object = yield* objectOf(vm, node, scope, file);
    const key = yield* memberKey(vm, node, scope, file);
    mark(vm, node.property);
    return { read: () => get(vm, object, key), write: (value) => set(vm, object, key, value) };
  }
  if (node.type !== 'Identifier')
    throw vm.error('SyntaxError', 'Invalid left-hand side in assignment');
  return {
    *read() {
      return readName(vm, node, scope);
    },
    *write(value) {
      mark(vm, node);
      bindName(vm, node.name, value, scope, 'assign');
    },
  };
}

/** `++` and `--`. */
export function* update(
  vm: Vm,
  node: Extract<Expression, { type: 'UpdateExpression' }>,
  scope: Scope,
  file: string,
): Routine<Value> {
  const place = yield* placeOf(vm, node.argument, scope, file);
  const plain = yield* primitive(vm, yield* place.read(), 'number');
  const before = typeof plain === 'bigint' ? plain : yield* numberOf(vm, plain);
  const step = node.operator === '++' ? 1 : -1;
  const after = typeof before === 'bigint' ? before + BigInt(step) : before + step;
  yield* place.write(after);
  return node.prefix ? after : before;
}
