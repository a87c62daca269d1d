// Evaluates CEL: names, fields, operators and macros. An error is a value that logic may absorb, as in `true || error`.

import { callFunction } from './functions.ts';
import { add, arithmetic } from './operators.ts';
import type { Expression } from './parse.ts';
import {
  CelError,
  compare,
  equal,
  isList,
  isMap,
  kindOf,
  NONE,
  type Optional,
  type Value,
} from './values.ts';

export type Result = Value | CelError;

/** What names stand for. */
export interface Scope {
  get(name: string): Result | undefined;
}

/** The value of an expression in a scope. */
export function evaluate(expression: Expression, scope: Scope): Result {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'name':
      return nameIn(scope, expression.name);
    case 'select': {
      const of = evaluate(expression.of, scope);
      return of instanceof CelError ? of : select(of, expression.field, expression.optional);
    }
    case 'index': {
      const of = evaluate(expression.of, scope);
      const index = evaluate(expression.index, scope);
      if (of instanceof CelError) return of;
      return index instanceof CelError ? index : at(of, index, expression.optional);
    }
    case 'list': {
      const items = all(expression.items, scope);
      return items instanceof CelError ? items : items;
    }
    case 'map':
      return mapOf(expression.entries, scope);
    case 'call':
      return call(expression, scope);
  }
}

const TYPE_NAMES = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
]);

function nameIn(scope: Scope, name: string): Result {
  const found = scope.get(name);
  if (found !== undefined) return found;
  if (TYPE_NAMES.has(name)) return { kind: 'opaque', type: 'type', text: name, methods: {} };
  return new CelError(`no such attribute(s): ${name}`);
}

function all(expressions: readonly Expression[], scope: Scope): Value[] | CelError {
  const values: Value[] = [];
  for (const one of expressions) {
    const value = evaluate(one, scope);
    if (value instanceof CelError) return value;
    values.push(value);
  }
  return values;
}

function mapOf(entries: readonly (readonly [Expression, Expression])[], scope: Scope): Result {
  const map = new Map<Value, Value>();
  for (const [key, inner] of entries) {
    const pair = all([key, inner], scope);
    if (pair instanceof CelError) return pair;
    map.set(pair[0] ?? null, pair[1] ?? null);
  }
  return map;
}

function isOptional(value: Value): value is Optional {
  return kindOf(value) === 'optional';
}

function select(of: Value, field: string, optional: boolean): Result {
  if (isOptional(of)) {
    if (of.value === undefined) return NONE;
    const found = isMap(of.value) ? of.value.get(unescaped(field)) : undefined;
    return found === undefined ? NONE : { kind: 'optional', value: found };
  }
  const found = isMap(of) ? of.get(unescaped(field)) : undefined;
  if (optional) return found === undefined ? NONE : { kind: 'optional', value: found };
  if (found !== undefined) return found;
  return new CelError(isMap(of) ? `no such key: ${field}` : 'no such overload');
}

const ESCAPED: Readonly<Record<string, string>> = {
  __underscores__: '__',
  __dot__: '.',
  __dash__: '-',
  __slash__: '/',
};

/** Field names that are no identifiers are written with words for what is not allowed in them. */
function unescaped(field: string): string {
  const keyword = /^__(\w+?)__$/.exec(field)?.[1];
  if (keyword !== undefined && KEYWORDS.has(keyword)) return keyword;
  return field.replace(/__(?:underscores|dot|dash|slash)__/g, (word) => ESCAPED[word] ?? word);
}

const KEYWORDS = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function at(of: Value, index: Value, optional: boolean): Result {
  if (isOptional(of)) {
    if (of.value === undefined) return NONE;
    const found = at(of.value, index, true);
    return found;
  }
  let found: Value | undefined;
  if (isMap(of)) {
    for (const [key, value] of of) if (equal(key, index)) found = value;
  } else if (isList(of)) {
    if (typeof index !== 'bigint' && typeof index !== 'number')
      return new CelError('no such overload');
    found = of[Number(index)];
    if (found === undefined && !optional) return new CelError(`index out of bounds: ${index}`);
  } else return new CelError('no such overload');
  if (optional) return found === undefined ? NONE : { kind: 'optional', value: found };
  return found ?? (isMap(of) ? new CelError(`no such key: ${String(index)}`) : null);
}

type Call = Extract<Expression, { kind: 'call' }>;

function call(expression: Call, scope: Scope): Result {
  const { name, args, target } = expression;
  if (name === '_||_' || name === '_&&_') return logic(name === '_||_', args, scope);
  if (name === '_?_:_') return choose(args, scope);
  if (name === 'has' && !target) return has(args[0], scope);
  const macro = target ? macroOf(expression, scope) : undefined;
  if (macro !== undefined) return macro;
  const own = target === undefined ? undefined : evaluate(namespaced(target), scope);
  const space = target?.kind === 'name' && own instanceof CelError ? target.name : undefined;
  if (own instanceof CelError && space === undefined) return own;
  const values = all(args, scope);
  if (values instanceof CelError) return values;
  if (own !== undefined && !(own instanceof CelError))
    return callFunction(name, [own, ...values], true);
  const operator = operate(name, values);
  if (operator !== undefined) return operator;
  return callFunction(space === undefined ? name : `${space}.${name}`, values, false);
}

function namespaced(target: Expression): Expression {
  return target;
}

function logic(wanted: boolean, args: readonly Expression[], scope: Scope): Result {
  let error: CelError | undefined;
  for (const one of args) {
    const value = evaluate(one, scope);
    if (value === wanted) return wanted;
    if (value instanceof CelError) error ??= value;
    else if (typeof value !== 'boolean') error ??= new CelError('no such overload');
  }
  return error ?? !wanted;
}

function choose([condition, yes, no]: readonly Expression[], scope: Scope): Result {
  if (!condition || !yes || !no) return new CelError('no such overload');
  const value = evaluate(condition, scope);
  if (value instanceof CelError) return value;
  if (typeof value !== 'boolean') return new CelError('no such overload');
  return evaluate(value ? yes : no, scope);
}

function has(expression: Expression | undefined, scope: Scope): Result {
  if (expression?.kind !== 'select') return new CelError('invalid argument to has() macro');
  const of = evaluate(expression.of, scope);
  if (of instanceof CelError) return of;
  const found = select(of, expression.field, true);
  return !(found instanceof CelError) && isOptional(found) && found.value !== undefined;
}

function operate(name: string, [a = null, b = null]: readonly Value[]): Result | undefined {
  switch (name) {
    case '!_':
      return typeof a === 'boolean' ? !a : new CelError('no such overload');
    case '-_':
      return typeof a === 'bigint' || typeof a === 'number' ? -a : new CelError('no such overload');
    case '_==_':
      return equal(a, b);
    case '_!=_':
      return !equal(a, b);
    case '_in_':
      if (isList(b)) return b.some((item) => equal(item, a));
      return isMap(b)
        ? [...b.keys()].some((key) => equal(key, a))
        : new CelError('no such overload');
    case '_+_':
      return add(a, b);
    case '_-_':
    case '_*_':
    case '_/_':
    case '_%_':
      return arithmetic(name.charAt(1), a, b);
  }
  const order = /^_(<|<=|>=|>)_$/.exec(name)?.[1];
  if (order === undefined) return undefined;
  const found = compare(a, b);
  if (found === undefined) return new CelError('no such overload');
  if (order === '<') return found < 0;
  if (order === '<=') return found <= 0;
  return order === '>' ? found > 0 : found >= 0;
}

/** Elements as a macro goes over them: of a list its items, of a map its keys; with two names index and item. */
function elementsOf(value: Value, two: boolean): [Value, Value][] | undefined {
  if (isList(value)) return value.map((item, i) => [two ? BigInt(i) : item, item]);
  if (isMap(value)) return [...value];
  return undefined;
}

const MACROS = new Set([
  'all',
  'exists',
  'exists_one',
  'existsOne',
  'map',
  'filter',
  'optMap',
  'optFlatMap',
  'bind',
]);

function macroOf({ name, target, args }: Call, scope: Scope): Result | undefined {
  const [variable, second, third] = args;
  if (!MACROS.has(name) || variable?.kind !== 'name' || !target || !second) return undefined;
  if (name === 'bind') {
    if (target.kind !== 'name' || target.name !== 'cel' || !third) return undefined;
    const value = evaluate(second, scope);
    return evaluate(third, within(scope, { [variable.name]: value }));
  }
  const of = evaluate(target, scope);
  if (of instanceof CelError) return of;
  if (name.startsWith('opt')) return optionalMap(of, variable.name, second, scope, name);
  const two = name !== 'map' && name !== 'filter' && third !== undefined && second.kind === 'name';
  const elements = elementsOf(of, two);
  if (!elements) return new CelError('no such overload');
  const inner = ([key, item]: [Value, Value]): Scope =>
    two && second.kind === 'name'
      ? within(scope, { [variable.name]: key, [second.name]: item })
      : within(scope, { [variable.name]: isMap(of) ? key : item });
  const body = two && third ? third : second;
  if (name === 'map')
    return mapped(elements.map(inner), third ? second : undefined, third ?? second);
  if (name === 'filter') {
    const kept = filtered(
      elements.map(([key, item]) => [inner([key, item]), isMap(of) ? key : item]),
      second,
    );
    return kept;
  }
  return quantified(
    name,
    elements.map((one) => evaluate(body, inner(one))),
  );
}

function within(scope: Scope, names: Readonly<Record<string, Result>>): Scope {
  return { get: (name) => (Object.hasOwn(names, name) ? names[name] : scope.get(name)) };
}

function mapped(scopes: readonly Scope[], when: Expression | undefined, body: Expression): Result {
  const out: Value[] = [];
  for (const scope of scopes) {
    const wanted = when ? evaluate(when, scope) : true;
    if (wanted instanceof CelError) return wanted;
    if (wanted !== true) continue;
    const value = evaluate(body, scope);
    if (value instanceof CelError) return value;
    out.push(value);
  }
  return out;
}

function filtered(pairs: readonly (readonly [Scope, Value])[], when: Expression): Result {
  const out: Value[] = [];
  for (const [scope, item] of pairs) {
    const wanted = evaluate(when, scope);
    if (wanted instanceof CelError) return wanted;
    if (wanted === true) out.push(item);
  }
  return out;
}

function quantified(name: string, results: readonly Result[]): Result {
  const error = results.find((one) => one instanceof CelError);
  if (name === 'all') return results.includes(false) ? false : (error ?? true);
  if (name === 'exists') return results.includes(true) ? true : (error ?? false);
  return error ?? results.filter((one) => one === true).length === 1;
}

function optionalMap(
  of: Value,
  variable: string,
  body: Expression,
  scope: Scope,
  name: string,
): Result {
  if (!isOptional(of)) return new CelError('no such overload');
  if (of.value === undefined) return NONE;
  const value = evaluate(body, within(scope, { [variable]: of.value }));
  if (value instanceof CelError || name === 'optFlatMap') return value;
  return { kind: 'optional', value };
}
