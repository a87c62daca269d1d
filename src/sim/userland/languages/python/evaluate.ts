// Evaluating expressions.

import type { Routine } from '../../../core/wait.ts';
import { Handed } from '../interpreter.ts';
import { getAttribute } from './attributes.ts';
import { callValue, inboxes } from './call.ts';
import { raise } from './errors.ts';
import { assign } from './execute.ts';
import { formatValue } from './format.ts';
import { getItem, type Iteration, iteration, PyGenerator } from './iterate.ts';
import { compare } from './compare.ts';
import { binary, keyOf, listOf, textOf, truth } from './operators.ts';
import { reprOf } from './repr.ts';
import type { Argument, Expression, ExpressionOf, FormatPiece } from './syntax.ts';
import type { Span } from './tokens.ts';
import {
  ELLIPSIS,
  PyDict,
  PyFunction,
  PyList,
  PyObject,
  PySet,
  PySlice,
  PySuper,
  PyTuple,
  PyType,
  typeOf,
  types,
  type Value,
} from './values.ts';
import type { Frame, Scope, Vm } from './vm.ts';

/** The value of a name as this scope sees it. */
export function lookUp(vm: Vm, scope: Scope, name: string): Value {
  const own = scope.declaredGlobal.has(name) ? undefined : scope.names.get(name);
  if (own !== undefined) return own;
  if (scope.locals?.has(name))
    throw raise(
      'UnboundLocalError',
      vm.since(11)
        ? `cannot access local variable '${name}' where it is not associated with a value`
        : `local variable '${name}' referenced before assignment`,
    );
  for (let outer = scope.parent; outer; outer = outer.parent) {
    if (outer.isClass || scope.declaredGlobal.has(name)) continue;
    const found = outer.names.get(name);
    if (found !== undefined) return found;
  }
  const found = scope.globals.get(name) ?? vm.builtins.get(name);
  if (found === undefined) throw raise('NameError', `name '${name}' is not defined`);
  return found;
}

/** The value of an expression. */
export function* evaluate(vm: Vm, node: Expression, frame: Frame): Routine<Value> {
  switch (node.kind) {
    case 'Constant':
    case 'Bytes':
      return node.value;
    case 'Ellipsis':
      return ELLIPSIS;
    case 'Name':
      frame.at = node.at;
      frame.anchor = undefined;
      return lookUp(vm, frame.scope, node.name);
    case 'Attribute': {
      const value = yield* evaluate(vm, node.value, frame);
      mark(frame, node.at);
      return yield* getAttribute(vm, value, node.name);
    }
    case 'Call':
      return yield* evaluateCall(vm, node, frame);
    case 'BinOp': {
      const left = yield* evaluate(vm, node.left, frame);
      const right = yield* evaluate(vm, node.right, frame);
      mark(frame, node.at, operatorAt(node));
      return yield* binary(vm, node.op, left, right);
    }
    case 'Compare':
      return yield* evaluateCompare(vm, node, frame);
    case 'Subscript': {
      const value = yield* evaluate(vm, node.value, frame);
      const index = yield* evaluate(vm, node.index, frame);
      mark(frame, node.at, [node.value.at.endColumn, node.at.endColumn]);
      return yield* getItem(vm, value, index);
    }
    case 'JoinedStr':
      return yield* joined(vm, node.pieces, frame);
    case 'BoolOp': {
      let value: Value = null;
      for (const one of node.values) {
        value = yield* evaluate(vm, one, frame);
        if ((yield* truth(vm, value)) === (node.op === 'or')) break;
      }
      return value;
    }
    case 'UnaryOp':
      return yield* evaluateUnary(vm, node, frame);
    case 'IfExp': {
      const test = yield* truth(vm, yield* evaluate(vm, node.test, frame));
      return yield* evaluate(vm, test ? node.body : node.otherwise, frame);
    }
    default:
      return yield* evaluateRest(vm, node, frame);
  }
}

/** Notes where a frame is, for the case that it fails there. */
export function mark(frame: Frame, at: Span, anchor?: readonly [number, number]): void {
  frame.at = at;
  frame.anchor = anchor;
}

/** The columns of an operator between its operands. */
function operatorAt({ left, right, op }: ExpressionOf<'BinOp'>): readonly [number, number] {
  const from = Math.min(left.at.endColumn + 1, right.at.column - op.length);
  return [from, from + op.length];
}

function* evaluateRest(
  vm: Vm,
  node: Exclude<
    Expression,
    ExpressionOf<'Constant' | 'Bytes' | 'Ellipsis' | 'Name' | 'Attribute' | 'Call' | 'BinOp'>
  >,
  frame: Frame,
): Routine<Value> {
  switch (node.kind) {
    case 'Tuple':
      return new PyTuple(yield* evaluateItems(vm, node.items, frame));
    case 'List':
      return new PyList(yield* evaluateItems(vm, node.items, frame));
    case 'Set': {
      const set = new PySet();
      for (const item of yield* evaluateItems(vm, node.items, frame))
        set.entries.set(keyOf(vm, item), item);
      return set;
    }
    case 'Dict':
      return yield* evaluateDict(vm, node, frame);
    case 'Slice': {
      const parts: Value[] = [];
      for (const part of [node.from, node.to, node.step])
        parts.push(part ? yield* evaluate(vm, part, frame) : null);
      const [from = null, to = null, step = null] = parts;
      return new PySlice(from, to, step);
    }
    case 'Lambda': {
      const defaults = yield* defaultValues(vm, node.parameters, frame);
      return new PyFunction(lambdaDefinition(node), frame.scope, defaults);
    }
    case 'NamedExpr': {
      const value = yield* evaluate(vm, node.value, frame);
      yield* assign(vm, { kind: 'Name', name: node.name, at: node.at }, value, frame);
      return value;
    }
    case 'Yield':
      return yield* evaluateYield(vm, node, frame);
    case 'Comp':
      return yield* comprehension(vm, node, frame);
    case 'Starred':
      throw raise('SyntaxError', "can't use starred expression here");
    default:
      return null;
  }
}

const lambdas = new WeakMap<object, PyFunction['definition']>();

function lambdaDefinition(node: ExpressionOf<'Lambda'>): PyFunction['definition'] {
  let made = lambdas.get(node);
  if (!made) {
    const { parameters, body, at } = node;
    const names = [...parameters.positional, ...parameters.keywordOnly].map(({ name }) => name);
    const more = [parameters.rest, parameters.keywordRest].filter((one) => one !== undefined);
    made = {
      name: '<lambda>',
      parameters,
      body: [{ kind: 'Return', value: body, at }],
      isGenerator: false,
      globals: new Set(),
      nonlocals: new Set(),
      locals: new Set([...names, ...more]),
    };
    lambdas.set(node, made);
  }
  return made;
}

/** The values of parameters' defaults, taken when a function is defined. */
export function* defaultValues(
  vm: Vm,
  { positional, keywordOnly }: PyFunction['definition']['parameters'],
  frame: Frame,
): Routine<Map<string, Value>> {
  const defaults = new Map<string, Value>();
  for (const parameter of [...positional, ...keywordOnly])
    if (parameter.default)
      defaults.set(parameter.name, yield* evaluate(vm, parameter.default, frame));
  return defaults;
}

function* evaluateItems(vm: Vm, items: readonly Expression[], frame: Frame): Routine<Value[]> {
  const out: Value[] = [];
  for (const item of items) {
    if (item.kind === 'Starred')
      out.push(...(yield* listOf(vm, yield* evaluate(vm, item.value, frame))));
    else out.push(yield* evaluate(vm, item, frame));
  }
  return out;
}

function* evaluateDict(vm: Vm, node: ExpressionOf<'Dict'>, frame: Frame): Routine<Value> {
  const dict = new PyDict();
  for (const [key, item] of node.items) {
    if (!key) {
      const other = yield* evaluate(vm, item, frame);
      if (!(other instanceof PyDict))
        throw raise('TypeError', `'${typeOf(other).name}' object is not a mapping`);
      for (const [k, entry] of other.entries) dict.entries.set(k, [entry[0], entry[1]]);
      continue;
    }
    const name = yield* evaluate(vm, key, frame);
    dict.entries.set(keyOf(vm, name), [name, yield* evaluate(vm, item, frame)]);
  }
  return dict;
}

function* evaluateUnary(vm: Vm, node: ExpressionOf<'UnaryOp'>, frame: Frame): Routine<Value> {
  const value = yield* evaluate(vm, node.operand, frame);
  if (node.op === 'not') return !(yield* truth(vm, value));
  const number = typeof value === 'boolean' ? (value ? 1n : 0n) : value;
  if (typeof number === 'bigint')
    return node.op === '-' ? -number : node.op === '~' ? ~number : number;
  if (typeof number === 'number' && node.op !== '~') return node.op === '-' ? -number : number;
  const name = node.op === '-' ? '__neg__' : node.op === '+' ? '__pos__' : '__invert__';
  const own = value instanceof PyObject ? value.type.lookup(name) : undefined;
  if (own !== undefined) return yield* callValue(vm, own, [value]);
  throw raise('TypeError', `bad operand type for unary ${node.op}: '${typeOf(value).name}'`);
}

function* evaluateCompare(vm: Vm, node: ExpressionOf<'Compare'>, frame: Frame): Routine<Value> {
  let left = yield* evaluate(vm, node.left, frame);
  for (const [op, operand] of node.rest) {
    const right = yield* evaluate(vm, operand, frame);
    mark(frame, node.at);
    if (!(yield* compare(vm, op, left, right))) return false;
    left = right;
  }
  return true;
}

function* joined(vm: Vm, pieces: readonly FormatPiece[], frame: Frame): Routine<string> {
  let out = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      out += piece;
      continue;
    }
    let value = yield* evaluate(vm, piece.value, frame);
    if (piece.conversion === 'r' || piece.conversion === 'a') value = yield* reprOf(vm, value);
    else if (piece.conversion === 's') value = yield* textOf(vm, value);
    const format = piece.format ? yield* joined(vm, piece.format, frame) : '';
    out += yield* formatValue(vm, value, format);
  }
  return out;
}

function* evaluateCall(vm: Vm, node: ExpressionOf<'Call'>, frame: Frame): Routine<Value> {
  const callee = yield* evaluate(vm, node.callee, frame);
  const [args, keywords] = yield* evaluateArguments(vm, node.args, frame);
  mark(frame, node.at);
  if (callee instanceof PyType && callee.of === types.super && args.length === 0) {
    if (!frame.owner || frame.self === undefined)
      throw raise('RuntimeError', 'super(): no arguments');
    return new PySuper(frame.owner, frame.self);
  }
  return yield* callValue(vm, callee, args, keywords);
}

/** Evaluates the arguments of a call or of a class's bases. */
export function* evaluateArguments(
  vm: Vm,
  list: readonly Argument[],
  frame: Frame,
): Routine<[Value[], Map<string, Value>]> {
  const args: Value[] = [];
  const keywords = new Map<string, Value>();
  for (const { star, name, value } of list) {
    const item = yield* evaluate(vm, value, frame);
    if (star === '*') args.push(...(yield* listOf(vm, item)));
    else if (star === '**') {
      if (!(item instanceof PyDict))
        throw raise('TypeError', `argument after ** must be a mapping, not ${typeOf(item).name}`);
      for (const [key, one] of item.entries.values()) keywords.set(String(key), one);
    } else if (name !== undefined) keywords.set(name, item);
    else args.push(item);
  }
  return [args, keywords];
}

function* evaluateYield(vm: Vm, node: ExpressionOf<'Yield'>, frame: Frame): Routine<Value> {
  const value = node.value ? yield* evaluate(vm, node.value, frame) : null;
  const inbox = inboxes.get(frame);
  const hand = function* (item: Value): Routine<Value> {
    const outer = vm.frame;
    const depth = vm.depth;
    yield new Handed(item);
    vm.frame = outer;
    vm.depth = depth;
    return inbox?.value ?? null;
  };
  if (!node.from) return yield* hand(value);
  const { iterate } = yield* iteration(vm, value);
  for (let item = yield* iterate(); typeof item !== 'symbol'; item = yield* iterate())
    yield* hand(item);
  return value instanceof PyGenerator ? value.result : null;
}

function* comprehension(vm: Vm, node: ExpressionOf<'Comp'>, frame: Frame): Routine<Value> {
  const [first] = node.clauses;
  const source = first ? yield* evaluate(vm, first.iterable, frame) : null;
  const scope: Scope = {
    ...frame.scope,
    names: new Map(),
    parent: frame.scope,
    locals: undefined,
    declaredGlobal: new Set(),
    isClass: false,
  };
  const inner: Frame = { ...frame, scope };
  if (node.of === 'generator') {
    const items = clause(vm, node, 0, source, inner, function* () {
      yield new Handed(yield* evaluate(vm, node.element, inner));
    });
    const body = (function* (): Routine<Value> {
      yield* items;
      return null;
    })();
    return new PyGenerator(body, { value: null });
  }
  const made = node.of === 'list' ? new PyList([]) : node.of === 'set' ? new PySet() : new PyDict();
  yield* clause(vm, node, 0, source, inner, function* () {
    const item = yield* evaluate(vm, node.element, inner);
    if (made instanceof PyList) made.items.push(item);
    else if (made instanceof PySet) made.entries.set(keyOf(vm, item), item);
    else if (node.value)
      made.entries.set(keyOf(vm, item), [item, yield* evaluate(vm, node.value, inner)]);
  });
  return made;
}

/** Runs the loops of a comprehension from the clause `at` on. */
function* clause(
  vm: Vm,
  node: ExpressionOf<'Comp'>,
  at: number,
  source: Value,
  frame: Frame,
  each: () => Routine<void>,
): Routine<void> {
  const here = node.clauses[at];
  if (!here) return yield* each();
  const { iterate }: Iteration = yield* iteration(vm, source);
  for (let item = yield* iterate(); typeof item !== 'symbol'; item = yield* iterate()) {
    if (vm.meter.tick()) yield* vm.meter.settle();
    yield* assign(vm, here.target, item, frame);
    let wanted = true;
    for (const condition of here.conditions)
      if (wanted) wanted = yield* truth(vm, yield* evaluate(vm, condition, frame));
    if (!wanted) continue;
    const next = node.clauses[at + 1];
    const inner = next ? yield* evaluate(vm, next.iterable, frame) : null;
    yield* clause(vm, node, at + 1, inner, frame, each);
  }
}
