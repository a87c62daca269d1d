// Values of expressions. NULL spreads as SQL says; comparisons of text ignore case in MySQL, as its usual collations do.

import { epochMilliseconds } from '../../core/time.ts';
import { callFunction } from './functions.ts';
import { type Expression, Refused, type Select, type Value } from './syntax.ts';
import type { Dialect } from './tokens.ts';

/** One table's part of the row at hand. */
export interface Part {
  readonly alias: string;
  readonly columns: readonly string[];
  /** Which of them are numbers, where that is known. */
  readonly numeric?: readonly boolean[];
  readonly row: readonly Value[];
}

/** Where an expression is evaluated. */
export interface Scope {
  readonly parts: readonly Part[];
  readonly outer: Scope | undefined;
  readonly world: World;
  /** Rows of the group, where aggregates may stand. */
  readonly group?: readonly Scope[];
}

/** What expressions can ask of the server and the session. */
export interface World {
  readonly dialect: Dialect;
  readonly now: number;
  readonly version: string;
  readonly user: string;
  readonly host: string;
  readonly database: string | undefined;
  readonly connection: number;
  lastInsert: number;
  readonly variables: ReadonlyMap<string, string>;
  /** Rows of a query inside an expression. */
  query(select: Select, outer: Scope): Value[][];
}

/** `2026-03-02 09:00:00` */
export function timeText(world: World): string {
  return new Date(epochMilliseconds(world.now)).toISOString().slice(0, 19).replace('T', ' ');
}

export function truth(value: Value): boolean | null {
  if (value === null) return null;
  if (typeof value === 'string')
    return Number.parseFloat(value) ? true : value === 't' || value === 'true';
  return Boolean(value);
}

/** Less, equal or more; null where one is NULL. */
export function compare(a: Value, b: Value, dialect: Dialect): number | null {
  if (a === null || b === null) return null;
  const numbers =
    typeof a === 'number' ||
    typeof b === 'number' ||
    typeof a === 'boolean' ||
    typeof b === 'boolean';
  if (numbers) {
    const [x, y] = [numberOf(a), numberOf(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  const [x, y] = dialect === 'mysql' ? [a.toLowerCase(), b.toLowerCase()] : [a, b];
  return x < y ? -1 : x > y ? 1 : 0;
}

export function numberOf(value: Value): number {
  if (value === 't' || value === 'true') return 1;
  const number = typeof value === 'string' ? Number.parseFloat(value) : Number(value);
  return Number.isNaN(number) ? 0 : number;
}

export function textOf(value: Value): string {
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return String(value);
}

function findColumn(scope: Scope, table: string | undefined, name: string): Value {
  const fold = (text: string): string => text.toLowerCase();
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    let found: Value | undefined;
    for (const part of at.parts) {
      if (table !== undefined && fold(part.alias) !== fold(table)) continue;
      const index = part.columns.findIndex((column) => fold(column) === fold(name));
      if (index < 0) continue;
      if (found !== undefined) throw new Refused('ambiguous', [name]);
      found = part.row[index] ?? null;
    }
    if (found !== undefined) return found;
  }
  throw new Refused('no column', [table === undefined ? name : `${table}.${name}`]);
}

function arithmetic(op: string, a: Value, b: Value, dialect: Dialect): Value {
  if (a === null || b === null) return null;
  if (op === '||') return textOf(a) + textOf(b);
  const [x, y] = [numberOf(a), numberOf(b)];
  const whole = dialect === 'postgres' && Number.isInteger(x) && Number.isInteger(y);
  switch (op) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
    case 'div':
      if (y === 0 && dialect === 'postgres') throw new Refused('division by zero');
      if (y === 0) return null;
      if (whole || op === 'div') return Math.trunc(x / y);
      return dialect === 'mysql' && Number.isInteger(x) && Number.isInteger(y)
        ? (x / y).toFixed(4)
        : x / y;
    default:
      if (y === 0 && dialect === 'postgres') throw new Refused('division by zero');
      return y === 0 ? null : x % y;
  }
}

function compared(op: string, a: Value, b: Value, dialect: Dialect): Value {
  if (op === '<=>') return a === b || compare(a, b, dialect) === 0;
  if (op === '~' || op === '~*' || op === '!~') {
    if (a === null || b === null) return null;
    return new RegExp(textOf(b), op === '~*' ? 'i' : '').test(textOf(a)) !== (op === '!~');
  }
  const order = compare(a, b, dialect);
  if (order === null) return null;
  if (op === '=') return order === 0;
  if (op === '<>' || op === '!=') return order !== 0;
  if (op === '<') return order < 0;
  if (op === '>') return order > 0;
  return op === '<=' ? order <= 0 : order >= 0;
}

/** A LIKE pattern as a regular expression. */
export function likePattern(pattern: string, anyCase: boolean): RegExp {
  const source = pattern.replace(/\\?[\s\S]/g, (c) => {
    if (c === '%') return '[\\s\\S]*';
    if (c === '_') return '[\\s\\S]';
    const plain = c.length === 2 ? c.charAt(1) : c;
    return plain.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, anyCase ? 'iu' : 'u');
}

function within(expression: Expression & { k: 'in' }, scope: Scope): Value {
  const { dialect } = scope.world;
  const value = evaluate(expression.of, scope);
  const list =
    'k' in expression.list
      ? scope.world.query(expression.list, scope).map((row) => row[0] ?? null)
      : expression.list.map((item) => evaluate(item, scope));
  if (value === null) return null;
  if (list.some((item) => compare(value, item, dialect) === 0)) return !expression.not;
  return list.includes(null) ? null : expression.not;
}

/** The value of an expression in a scope; a Refused is thrown where it has none. */
export function evaluate(expression: Expression, scope: Scope): Value {
  const { dialect } = scope.world;
  const of = (part: Expression): Value => evaluate(part, scope);
  switch (expression.k) {
    case 'value':
      return expression.value;
    case 'column':
      return findColumn(scope, expression.table, expression.name);
    case 'variable': {
      const value = scope.world.variables.get(expression.name);
      if (value === undefined) throw new Refused('no variable', [expression.name]);
      return value;
    }
    case 'unary': {
      const value = of(expression.of);
      if (expression.op === '-') return value === null ? null : -numberOf(value);
      const is = truth(value);
      return is === null ? null : !is;
    }
    case 'binary':
      return binary(expression, scope);
    case 'in':
      return within(expression, scope);
    case 'between': {
      const value = of(expression.of);
      const low = compare(value, of(expression.low), dialect);
      const high = compare(value, of(expression.high), dialect);
      if (low === null || high === null) return null;
      return (low >= 0 && high <= 0) !== expression.not;
    }
    case 'like': {
      const [value, pattern] = [of(expression.of), of(expression.pattern)];
      if (value === null || pattern === null) return null;
      return (
        likePattern(textOf(pattern), expression.anyCase).test(textOf(value)) !== expression.not
      );
    }
    case 'is null':
      return (of(expression.of) === null) !== expression.not;
    case 'case':
      return chosen(expression, scope);
    case 'cast':
      return cast(of(expression.of), expression.type);
    case 'exists':
      return scope.world.query(expression.query, scope).length > 0;
    case 'subquery':
      return scope.world.query(expression.query, scope)[0]?.[0] ?? null;
    case 'call':
      return callFunction(expression, scope);
  }
}

function binary(expression: Expression & { k: 'binary' }, scope: Scope): Value {
  const { op, left, right } = expression;
  const { dialect } = scope.world;
  const a = evaluate(left, scope);
  if (op === 'and' || op === 'or') {
    const x = truth(a);
    if (op === 'and' && x === false) return false;
    if (op === 'or' && x === true) return true;
    const y = truth(evaluate(right, scope));
    if (op === 'and') return y === false ? false : x === null || y === null ? null : true;
    return y === true ? true : x === null || y === null ? null : false;
  }
  const b = evaluate(right, scope);
  return ['+', '-', '*', '/', '%', '||', 'div', 'mod'].includes(op)
    ? arithmetic(op, a, b, dialect)
    : compared(op, a, b, dialect);
}

function chosen(expression: Expression & { k: 'case' }, scope: Scope): Value {
  const { dialect } = scope.world;
  const subject = expression.of && evaluate(expression.of, scope);
  for (const [when, then] of expression.whens) {
    const value = evaluate(when, scope);
    const hit =
      subject === undefined ? truth(value) === true : compare(subject, value, dialect) === 0;
    if (hit) return evaluate(then, scope);
  }
  return expression.otherwise ? evaluate(expression.otherwise, scope) : null;
}

function cast(value: Value, type: string): Value {
  if (value === null) return null;
  if (/^(int|bigint|smallint|signed|unsigned)/.test(type)) {
    const number = Number(value);
    if (Number.isNaN(number)) throw new Refused('bad value', ['integer', textOf(value), '', '1']);
    return Math.round(number);
  }
  if (/^(numeric|decimal|double|float|real)/.test(type)) return numberOf(value);
  if (/^bool/.test(type)) return truth(value);
  if (type === 'date') return textOf(value).slice(0, 10);
  return textOf(value);
}
