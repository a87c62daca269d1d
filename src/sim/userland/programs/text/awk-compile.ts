// An awk program's tree made into closures. What can wait (getline, system, close, user functions) becomes a routine;
// everything else is a plain function, so that ordinary expressions cost little.

import type { Routine } from '../../../core/wait.ts';
import type { Expression } from './awk-syntax.ts';
import { arithmetic, BUILTINS, matchIn, replaceIn } from './awk-builtins.ts';
import { AwkError, type AwkArray, type AwkState, type Cell, splitText } from './awk-state.ts';
import { compare, Input, toBoolean, toNumber, type Value } from './awk-values.ts';

/** A compiled expression. `waits` tells which of the two to call. */
export type Compiled =
  | { readonly waits: false; readonly get: () => Value }
  | { readonly waits: true; readonly run: () => Routine<Value> };

/** Evaluates either kind. */
export function* evaluate(expression: Compiled): Routine<Value> {
  return expression.waits ? yield* expression.run() : expression.get();
}

/** Where names lead while a program is being compiled, and what the waiting functions do. */
export interface Scope {
  readonly state: AwkState;
  /** The cell of a name: a local of the running function, or a global. */
  cell(name: string): () => Cell;
  call(name: string, args: readonly Expression[], line: number): Compiled;
  waiting(name: string, args: readonly Compiled[]): Compiled;
  getline(
    from: 'main' | 'file' | 'command',
    source: Compiled | undefined,
    store: Store | undefined,
  ): Compiled;
}

/** Puts a value somewhere: a variable, an element, a field. The value is what an assignment yields. */
export type Store = (value: Value) => Value;

const plain = (get: () => Value): Compiled => ({ waits: false, get });

/** Combines parts: plain where all of them are. */
function combine(parts: readonly Compiled[], join: (values: readonly Value[]) => Value): Compiled {
  const gets: (() => Value)[] = [];
  for (const part of parts) {
    if (part.waits) {
      return {
        waits: true,
        *run() {
          const values: Value[] = [];
          for (const each of parts) values.push(yield* evaluate(each));
          return join(values);
        },
      };
    }
    gets.push(part.get);
  }
  const [a, b] = gets;
  if (a && gets.length === 1) return plain(() => join([a()]));
  if (a && b && gets.length === 2) return plain(() => join([a(), b()]));
  return plain(() => join(gets.map((get) => get())));
}

/** Compiles an expression. */
export function compileExpression(node: Expression, scope: Scope): Compiled {
  const { state } = scope;
  const compiled = (expression: Expression): Compiled => compileExpression(expression, scope);
  switch (node.kind) {
    case 'number': {
      const { value } = node;
      return plain(() => value);
    }
    case 'string': {
      const { value } = node;
      return plain(() => value);
    }
    case 'regex': {
      const { source } = node;
      return plain(() => (state.regex(source).test(state.text(state.field(0))) ? 1 : 0));
    }
    case 'variable':
      return compileVariable(node.name, scope);
    case 'group': {
      const [only] = node.items;
      if (node.items.length === 1 && only) return compiled(only);
      throw new AwkError('syntax error at or near ,');
    }
    case 'element': {
      const array = arrayOf(node.array, scope);
      return combine([subscript(node.index, scope)], ([key]) => {
        const elements = array();
        const name = String(key);
        if (!elements.has(name)) elements.set(name, undefined);
        return elements.get(name);
      });
    }
    case 'field':
      return combine([compiled(node.index)], ([index]) => state.field(Math.trunc(toNumber(index))));
    case 'in': {
      const array = arrayOf(node.array, scope);
      return combine([subscript(node.index, scope)], ([key]) => (array().has(String(key)) ? 1 : 0));
    }
    case 'unary': {
      const { operator } = node;
      return combine([compiled(node.value)], ([value]) =>
        operator === '!'
          ? toBoolean(value)
            ? 0
            : 1
          : operator === '-'
            ? -toNumber(value)
            : toNumber(value),
      );
    }
    case 'binary':
      return compileBinary(node, scope);
    case 'match': {
      const { negated } = node;
      return combine([compiled(node.left), pattern(node.right, scope)], ([text, source]) =>
        state.regex(String(source)).test(state.text(text)) !== negated ? 1 : 0,
      );
    }
    case 'choice':
      return compileChoice(compiled(node.test), compiled(node.yes), compiled(node.no));
    case 'assign':
      return compileAssignment(node, scope);
    case 'step':
      return compileStep(node, scope);
    case 'builtin':
      return compileBuiltin(node, scope);
    case 'call':
      return scope.call(node.name, node.args, node.line);
    case 'getline': {
      const source = node.source && compiled(node.source);
      return scope.getline(node.from, source, node.target && storeTo(node.target, scope));
    }
  }
}

function compileVariable(name: string, scope: Scope): Compiled {
  const { state } = scope;
  if (name === 'NF') return plain(() => state.fieldCount);
  const cell = scope.cell(name);
  return plain(() => {
    const found = cell();
    if (found.array) throw new AwkError(`type error: array ${name} used as a scalar`);
    return found.value;
  });
}

function arrayOf(name: string, scope: Scope): () => AwkArray {
  const cell = scope.cell(name);
  return () => {
    const found = cell();
    found.array ??= new Map();
    return found.array;
  };
}

/** Several subscripts are joined by SUBSEP. */
function subscript(index: readonly Expression[], scope: Scope): Compiled {
  const { state } = scope;
  return combine(
    index.map((part) => compileExpression(part, scope)),
    (values) =>
      values.length === 1
        ? state.text(values[0])
        : values.map((value) => state.text(value)).join(state.variable('SUBSEP')),
  );
}

/** The source of a regular expression: a literal as it is, anything else by its text. */
function pattern(node: Expression, scope: Scope): Compiled {
  if (node.kind === 'regex') {
    const { source } = node;
    return plain(() => source);
  }
  if (node.kind === 'group' && node.items.length === 1 && node.items[0])
    return pattern(node.items[0], scope);
  return combine([compileExpression(node, scope)], ([value]) => scope.state.text(value));
}

function compileBinary(node: Extract<Expression, { kind: 'binary' }>, scope: Scope): Compiled {
  const { operator } = node;
  const { state } = scope;
  const left = compileExpression(node.left, scope);
  const right = compileExpression(node.right, scope);
  if (operator === '&&' || operator === '||') return compileLogic(operator, left, right);
  const parts = [left, right];
  switch (operator) {
    case ' ':
      return combine(parts, ([a, b]) => state.text(a) + state.text(b));
    case '+':
      return combine(parts, ([a, b]) => toNumber(a) + toNumber(b));
    case '<':
      return combine(parts, ([a, b]) => (compare(a, b, state.convfmt) < 0 ? 1 : 0));
    case '<=':
      return combine(parts, ([a, b]) => (compare(a, b, state.convfmt) <= 0 ? 1 : 0));
    case '==':
      return combine(parts, ([a, b]) => (compare(a, b, state.convfmt) === 0 ? 1 : 0));
    case '!=':
      return combine(parts, ([a, b]) => (compare(a, b, state.convfmt) !== 0 ? 1 : 0));
    case '>':
      return combine(parts, ([a, b]) => (compare(a, b, state.convfmt) > 0 ? 1 : 0));
    case '>=':
      return combine(parts, ([a, b]) => (compare(a, b, state.convfmt) >= 0 ? 1 : 0));
    default:
      return combine(parts, ([a, b]) => arithmetic(operator, toNumber(a), toNumber(b)));
  }
}

function compileLogic(operator: '&&' | '||', left: Compiled, right: Compiled): Compiled {
  const stops = operator === '||';
  if (!left.waits && !right.waits) {
    const [a, b] = [left.get, right.get];
    return plain(() => (toBoolean(a()) === stops ? Number(stops) : toBoolean(b()) ? 1 : 0));
  }
  return {
    waits: true,
    *run() {
      if (toBoolean(yield* evaluate(left)) === stops) return Number(stops);
      return toBoolean(yield* evaluate(right)) ? 1 : 0;
    },
  };
}

function compileChoice(test: Compiled, yes: Compiled, no: Compiled): Compiled {
  if (!test.waits && !yes.waits && !no.waits) {
    const [t, y, n] = [test.get, yes.get, no.get];
    return plain(() => (toBoolean(t()) ? y() : n()));
  }
  return {
    waits: true,
    *run() {
      return yield* evaluate(toBoolean(yield* evaluate(test)) ? yes : no);
    },
  };
}

/** A place with its parts (subscript, field number) still to be evaluated: kept once for reading and writing. */
interface Place {
  readonly key: Compiled;
  read(key: Value): Value;
  write(key: Value, value: Value): void;
}

function placeOf(node: Expression, scope: Scope): Place {
  const { state } = scope;
  const nothing = plain(() => undefined);
  if (node.kind === 'group' && node.items[0]) return placeOf(node.items[0], scope);
  if (node.kind === 'field') {
    return {
      key: compileExpression(node.index, scope),
      read: (key) => state.field(Math.trunc(toNumber(key))),
      write: (key, value) => state.setField(Math.trunc(toNumber(key)), value),
    };
  }
  if (node.kind === 'element') {
    const array = arrayOf(node.array, scope);
    return {
      key: subscript(node.index, scope),
      read: (key) => array().get(String(key)),
      write: (key, value) => {
        array().set(String(key), value);
      },
    };
  }
  if (node.kind !== 'variable')
    throw new AwkError('syntax error: assignment to what is no variable');
  if (node.name === 'NF') {
    return {
      key: nothing,
      read: () => state.fieldCount,
      write: (_, value) => state.setFieldCount(toNumber(value)),
    };
  }
  const cell = scope.cell(node.name);
  return {
    key: nothing,
    read: () => cell().value,
    write: (_, value) => {
      cell().value = value;
    },
  };
}

/** A store for getline, sub and for-in; parts of the place are evaluated plainly. */
export function storeTo(node: Expression, scope: Scope): Store {
  const place = placeOf(node, scope);
  return (value) => {
    place.write(place.key.waits ? undefined : place.key.get(), value);
    return value;
  };
}

function compileAssignment(node: Extract<Expression, { kind: 'assign' }>, scope: Scope): Compiled {
  const { operator } = node;
  const place = placeOf(node.target, scope);
  const value = compileExpression(node.value, scope);
  return combine([place.key, value], ([key, given]) => {
    const result =
      operator === '' ? given : arithmetic(operator, toNumber(place.read(key)), toNumber(given));
    place.write(key, result);
    return result;
  });
}

function compileStep(node: Extract<Expression, { kind: 'step' }>, scope: Scope): Compiled {
  const place = placeOf(node.target, scope);
  const { amount, before } = node;
  return combine([place.key], ([key]) => {
    const old = toNumber(place.read(key));
    place.write(key, old + amount);
    return before ? old + amount : old;
  });
}

function compileBuiltin(node: Extract<Expression, { kind: 'builtin' }>, scope: Scope): Compiled {
  const { name, args } = node;
  const { state } = scope;
  const [first, second, third] = args;
  if (name === 'length' && first?.kind === 'variable') {
    const cell = scope.cell(first.name);
    const scalar = compileVariable(first.name, scope);
    return plain(
      () => cell().array?.size ?? state.text(scalar.waits ? undefined : scalar.get()).length,
    );
  }
  if (name === 'split' && first && second?.kind === 'variable') {
    const array = arrayOf(second.name, scope);
    const separator = third ? pattern(third, scope) : plain(() => state.variable('FS'));
    return combine([compileExpression(first, scope), separator], ([text, by]) => {
      const pieces = splitText(state, state.text(text), state.text(by));
      const target = array();
      target.clear();
      pieces.forEach((piece, i) => target.set(String(i + 1), new Input(piece)));
      return pieces.length;
    });
  }
  if (name === 'match' && first && second) {
    return combine([compileExpression(first, scope), pattern(second, scope)], ([text, source]) =>
      matchIn(state, state.text(text), String(source)),
    );
  }
  if ((name === 'sub' || name === 'gsub') && first && second) {
    const place = third
      ? placeOf(third, scope)
      : placeOf({ kind: 'field', index: { kind: 'number', value: 0 } }, scope);
    return combine(
      [pattern(first, scope), compileExpression(second, scope), place.key],
      ([source, by, key]) => {
        const [text, count] = replaceIn(
          state,
          String(source),
          state.text(by),
          state.text(place.read(key)),
          name === 'gsub',
        );
        if (count > 0) place.write(key, text);
        return count;
      },
    );
  }
  const parts = args.map((arg) => compileExpression(arg, scope));
  if (name === 'system' || name === 'close' || name === 'fflush') return scope.waiting(name, parts);
  const builtin = BUILTINS[name];
  if (!builtin) throw new AwkError(`wrong number of arguments in call to ${name}`);
  return combine(parts, (values) => builtin(state, values));
}
