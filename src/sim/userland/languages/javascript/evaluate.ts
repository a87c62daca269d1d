// Evaluating expressions (ECMA-262, 13).

import type { AnyNode, Expression } from 'acorn';
import type { Routine } from '../../../core/wait.ts';
import { Missing } from '../interpreter.ts';
import { binary } from './arithmetic.ts';
import { makeClass } from './classes.ts';
import { mark } from './execute.ts';
import {
  assignment,
  memberKey,
  objectOf,
  propertyKey,
  readName,
  reference,
  sourceOf,
  update,
} from './references.ts';
import { defineMember, makeFunction, yieldValue } from './functions.ts';
import { importPromise } from './loading.ts';
import {
  call,
  construct,
  get,
  isInstance,
  itemsOf,
  iterator,
  keyOf,
  looselyEqual,
  lookUp,
  numberOf,
  primitive,
  textOf,
  truth,
  typeName,
} from './operations.ts';
import { awaitValue } from './promises.ts';
import { makeRegExp } from './globals/regexp.ts';
import type { Scope } from './scope.ts';
import { JsArray, JsObject, type Value } from './values.ts';
import type { Vm } from './vm.ts';

/** The value of an expression. `name` is what a function or class without a name of its own is called. */
export function* evaluate(
  vm: Vm,
  node: Expression,
  scope: Scope,
  file: string,
  name = '',
): Routine<Value> {
  switch (node.type) {
    case 'Literal':
      if (node.regex) return makeRegExp(vm, node.regex.pattern, node.regex.flags);
      return node.value instanceof RegExp ? undefined : node.value;
    case 'Identifier':
      if (!scope.find(node.name)) {
        const getter = lookUp(vm.global, node.name)?.getter;
        if (getter !== undefined) return yield* call(vm, getter, vm.global, []);
      }
      return readName(vm, node, scope);
    case 'MemberExpression':
    case 'ChainExpression':
      return (yield* reference(vm, node, scope, file)).value;
    case 'CallExpression':
      return (yield* reference(vm, node, scope, file)).value;
    case 'BinaryExpression':
      return yield* evaluateBinary(vm, node, scope, file);
    case 'LogicalExpression': {
      const left = yield* evaluate(vm, node.left, scope, file);
      const stops =
        node.operator === '&&'
          ? !truth(left)
          : node.operator === '||'
            ? truth(left)
            : left !== undefined && left !== null;
      return stops ? left : yield* evaluate(vm, node.right, scope, file);
    }
    case 'AssignmentExpression':
      return yield* assignment(vm, node, scope, file);
    case 'ConditionalExpression': {
      const test = truth(yield* evaluate(vm, node.test, scope, file));
      return yield* evaluate(vm, test ? node.consequent : node.alternate, scope, file);
    }
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return makeFunction(vm, node, scope, { name: node.id?.name ?? name, file });
    case 'TemplateLiteral': {
      let out = node.quasis[0]?.value.cooked ?? '';
      for (const [i, part] of node.expressions.entries()) {
        out += yield* textOf(vm, yield* evaluate(vm, part, scope, file));
        out += node.quasis[i + 1]?.value.cooked ?? '';
      }
      return out;
    }
    case 'ObjectExpression':
      return yield* objectLiteral(vm, node, scope, file);
    case 'ArrayExpression': {
      const items: Value[] = [];
      for (const element of node.elements) {
        if (element?.type === 'SpreadElement')
          items.push(...(yield* itemsOf(vm, yield* evaluate(vm, element.argument, scope, file))));
        else items.push(element ? yield* evaluate(vm, element, scope, file) : undefined);
      }
      return vm.array(items);
    }
    default:
      return yield* evaluateRest(vm, node, scope, file, name);
  }
}

function* evaluateRest(
  vm: Vm,
  node: Expression,
  scope: Scope,
  file: string,
  name: string,
): Routine<Value> {
  switch (node.type) {
    case 'ThisExpression':
      if (scope.call?.ready === false)
        throw vm.error(
          'ReferenceError',
          "Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
        );
      return scope.call?.self;
    case 'NewExpression': {
      const callee = yield* evaluate(vm, node.callee, scope, file);
      const args = yield* evaluateArguments(vm, node.arguments, scope, file);
      mark(vm, node);
      return yield* construct(vm, callee, args, sourceOf(node.callee));
    }
    case 'UnaryExpression':
      return yield* unary(vm, node, scope, file);
    case 'UpdateExpression':
      return yield* update(vm, node, scope, file);
    case 'AwaitExpression': {
      const value = yield* evaluate(vm, node.argument, scope, file);
      mark(vm, node);
      return yield* awaitValue(vm, value);
    }
    case 'YieldExpression':
      return yield* evaluateYield(vm, node, scope, file);
    case 'SequenceExpression': {
      let value: Value;
      for (const one of node.expressions) value = yield* evaluate(vm, one, scope, file);
      return value;
    }
    case 'ClassExpression':
      return yield* makeClass(vm, node, scope, file, name);
    case 'TaggedTemplateExpression': {
      const { self, value } = yield* reference(vm, node.tag, scope, file);
      const { quasis, expressions } = node.quasi;
      const strings = vm.array(quasis.map((one) => one.value.cooked ?? undefined));
      strings.hide('raw', vm.array(quasis.map((one) => one.value.raw)));
      const args: Value[] = [strings];
      for (const one of expressions) args.push(yield* evaluate(vm, one, scope, file));
      return yield* call(vm, value, self, args, sourceOf(node.tag));
    }
    case 'ImportExpression': {
      const wanted = yield* textOf(vm, yield* evaluate(vm, node.source, scope, file));
      return yield* importPromise(vm, wanted, file);
    }
    case 'MetaProperty':
      if (node.meta.name === 'new') return scope.call?.target;
      return vm.object([
        ['url', `file://${file}`],
        ['filename', file],
        ['dirname', file.slice(0, file.lastIndexOf('/'))],
      ]);
    default:
      throw new Missing(`node: ${node.type}`);
  }
}

/** The arguments of a call. */
export function* evaluateArguments(
  vm: Vm,
  nodes: readonly (Expression | Extract<AnyNode, { type: 'SpreadElement' }>)[],
  scope: Scope,
  file: string,
): Routine<Value[]> {
  const args: Value[] = [];
  for (const node of nodes) {
    if (node.type === 'SpreadElement')
      args.push(...(yield* itemsOf(vm, yield* evaluate(vm, node.argument, scope, file))));
    else args.push(yield* evaluate(vm, node, scope, file));
  }
  return args;
}

function* evaluateBinary(
  vm: Vm,
  node: Extract<Expression, { type: 'BinaryExpression' }>,
  scope: Scope,
  file: string,
): Routine<Value> {
  if (node.left.type === 'PrivateIdentifier') {
    const object = yield* evaluate(vm, node.right, scope, file);
    return lookUp(object instanceof JsObject ? object : null, `#${node.left.name}`) !== undefined;
  }
  const left = yield* evaluate(vm, node.left, scope, file);
  const right = yield* evaluate(vm, node.right, scope, file);
  switch (node.operator) {
    case '===':
      return left === right;
    case '!==':
      return left !== right;
    case '==':
      return yield* looselyEqual(vm, left, right);
    case '!=':
      return !(yield* looselyEqual(vm, left, right));
    case 'instanceof':
      return yield* isInstance(vm, left, right);
    case 'in': {
      if (!(right instanceof JsObject)) {
        mark(vm, node);
        throw vm.error(
          'TypeError',
          `Cannot use 'in' operator to search for '${String(left)}' in ${String(right)}`,
        );
      }
      return lookUp(right, yield* keyOf(vm, left)) !== undefined;
    }
    default:
      return yield* binary(vm, node.operator, left, right);
  }
}

function* unary(
  vm: Vm,
  node: Extract<Expression, { type: 'UnaryExpression' }>,
  scope: Scope,
  file: string,
): Routine<Value> {
  const { argument, operator } = node;
  if (operator === 'typeof' && argument.type === 'Identifier') {
    const known = scope.find(argument.name) ?? lookUp(vm.global, argument.name);
    if (!known) return 'undefined';
  }
  if (operator === 'delete') {
    if (argument.type !== 'MemberExpression') return true;
    const object = yield* objectOf(vm, argument, scope, file);
    const key = yield* memberKey(vm, argument, scope, file);
    if (object instanceof JsArray && typeof key === 'string' && /^\d+$/.test(key))
      object.items[Number(key)] = undefined;
    if (!(object instanceof JsObject)) return true;
    if (object.sealed === 'frozen') return false;
    object.properties.delete(key);
    return true;
  }
  const value = yield* evaluate(vm, argument, scope, file);
  switch (operator) {
    case '!':
      return !truth(value);
    case 'typeof':
      return typeName(value);
    case 'void':
      return undefined;
    case '+':
      return yield* numberOf(vm, value);
    default: {
      const plain = yield* primitive(vm, value, 'number');
      if (typeof plain === 'bigint') return operator === '-' ? -plain : ~plain;
      const number = yield* numberOf(vm, plain);
      return operator === '-' ? -number : ~number;
    }
  }
}

function* evaluateYield(
  vm: Vm,
  node: Extract<Expression, { type: 'YieldExpression' }>,
  scope: Scope,
  file: string,
): Routine<Value> {
  const value = node.argument ? yield* evaluate(vm, node.argument, scope, file) : undefined;
  if (!node.delegate) return yield* yieldValue(value);
  const next = yield* iterator(vm, value);
  let step = yield* next();
  for (; !step.done; step = yield* next()) yield* yieldValue(step.value);
  return step.value;
}

function* objectLiteral(
  vm: Vm,
  node: Extract<Expression, { type: 'ObjectExpression' }>,
  scope: Scope,
  file: string,
): Routine<Value> {
  const made = vm.object();
  for (const property of node.properties) {
    if (property.type === 'SpreadElement') {
      const value = yield* evaluate(vm, property.argument, scope, file);
      if (value instanceof JsObject)
        for (const key of value.keys())
          if (value.own(key)?.enumerable) made.put(key, yield* get(vm, value, key));
      if (typeof value === 'string')
        for (const [i, char] of [...value].entries()) made.put(String(i), char);
      continue;
    }
    const key = yield* propertyKey(vm, property.key, property.computed, scope, file);
    const { value: written, kind } = property;
    if (property.method || kind !== 'init') {
      if (written.type !== 'FunctionExpression') continue;
      const method = makeFunction(vm, written, scope, {
        name: String(key),
        file,
        home: made,
        method: true,
      });
      defineMember(made, key, kind, method, true);
    } else if (key === '__proto__' && !property.computed && !property.shorthand) {
      const value = yield* evaluate(vm, written, scope, file);
      if (value instanceof JsObject || value === null) made.prototype = value;
    } else made.put(key, yield* evaluate(vm, written, scope, file, String(key)));
  }
  return made;
}
