// From the tree of a program to filters that run. Names are resolved here, so that what is not defined is an error
// before anything runs.

import type { Routine } from '../../../../core/wait.ts';
import { assign } from './assign.ts';
import { type Builtin, builtin } from './builtins.ts';
import { bindPatterns } from './destructure.ts';
import { formatText } from './formats.ts';
import {
  bindFunction,
  bindValue,
  type Binding,
  Break,
  type Filter,
  type Host,
  lookUp,
  type Meter,
  NO_BINDINGS,
  type Param,
  untilBreak,
} from './machine.ts';
import { alternative, attempt, each, enter, fold, step } from './steps.ts';
import { type Definition, SyntaxProblem, type Term } from './syntax.ts';
import { described, isTrue, type Json, JqError, operate } from './values.ts';

/** Names in force while compiling, the innermost first. */
export interface Scope {
  readonly name: string;
  readonly binding: Binding;
  readonly params: number;
  readonly parent: Scope | undefined;
}

/** What all parts of one compilation share. */
export interface Compilation {
  readonly host: Host;
  readonly meter: Meter;
  /** Values of `$name` that the command line gave. */
  readonly globals: ReadonlyMap<string, Json>;
  /** The program's text, for `$__loc__`. */
  readonly source: string;
  /** Definitions of builtins that were needed so far. */
  readonly library: Map<string, Builtin>;
}

/** Compiles a program; raises a `SyntaxProblem` for what is not defined. */
export function compileProgram(program: Term, compilation: Compilation): Filter {
  const filter = compile(program, undefined, compilation);
  return (_, value, path, emit) => filter(NO_BINDINGS, value, path, emit);
}

type Kinds = {
  readonly [K in Term['kind']]: (
    term: Extract<Term, { kind: K }>,
    scope: Scope | undefined,
    all: Compilation,
  ) => Filter;
};

/** Compiles one term within a scope. */
export function compile(term: Term, scope: Scope | undefined, all: Compilation): Filter {
  const kind = KINDS[term.kind] as (
    term: Term,
    scope: Scope | undefined,
    all: Compilation,
  ) => Filter;
  return kind(term, scope, all);
}

const IDENTITY: Filter = (_, value, path, emit) => emit(value, path);

const KINDS: Kinds = {
  identity: () => IDENTITY,
  recurse: (_, scope, all) =>
    compile({ kind: 'call', name: 'recurse', args: [], at: 0 }, scope, all),
  literal:
    ({ value }) =>
    (_, _input, path, emit) =>
      emit(value, path),
  string: (term, scope, all) => interpolate(term, scope, all),
  format:
    ({ name }) =>
    (_, value, path, emit) =>
      emit(formatText(name, value), path),
  index: (term, scope, all) => {
    const of = compile(term.of, scope, all);
    if (term.key.kind === 'literal') {
      const key = term.key.value;
      return (env, value, path, emit) =>
        of(env, value, path, (from, at) => step(from, key, at, term.quiet, emit));
    }
    const keyOf = compile(term.key, scope, all);
    return (env, value, path, emit) =>
      keyOf(env, value, undefined, (key) =>
        of(env, value, path, (from, at) => step(from, key, at, term.quiet, emit)),
      );
  },
  slice: (term, scope, all) => {
    const of = compile(term.of, scope, all);
    const bound = (part: Term | undefined): Filter =>
      compile(part ?? { kind: 'literal', value: null }, scope, all);
    const from = bound(term.from);
    const to = bound(term.to);
    return (env, value, path, emit) =>
      from(env, value, undefined, (start) =>
        to(env, value, undefined, (end) =>
          of(env, value, path, (source, at) =>
            step(
              source,
              new Map([
                ['start', start],
                ['end', end],
              ]),
              at,
              term.quiet,
              emit,
            ),
          ),
        ),
      );
  },
  each: (term, scope, all) => {
    const of = compile(term.of, scope, all);
    return (env, value, path, emit) =>
      of(env, value, path, (from, at) => each(from, at, term.quiet, emit));
  },
  pipe: (term, scope, all) => {
    const left = compile(term.left, scope, all);
    const right = compile(term.right, scope, all);
    return (env, value, path, emit) =>
      left(env, value, path, (middle, at) => right(env, middle, at, emit));
  },
  comma: (term, scope, all) => {
    const left = compile(term.left, scope, all);
    const right = compile(term.right, scope, all);
    return function* (env, value, path, emit) {
      yield* left(env, value, path, emit);
      yield* right(env, value, path, emit);
    };
  },
  negate: (term, scope, all) => {
    const body = compile(term.body, scope, all);
    return (env, value, path, emit) =>
      body(env, value, undefined, (operand) => {
        if (typeof operand !== 'number')
          throw new JqError(`${described(operand)} cannot be negated`);
        return emit(-operand, path);
      });
  },
  binary: (term, scope, all) => {
    const left = compile(term.left, scope, all);
    const right = compile(term.right, scope, all);
    return (env, value, path, emit) =>
      right(env, value, undefined, (b) =>
        left(env, value, undefined, (a) => emit(operate(term.operator, a, b), path)),
      );
  },
  and: (term, scope, all) => logical(term.left, term.right, false, scope, all),
  or: (term, scope, all) => logical(term.left, term.right, true, scope, all),
  alternative: (term, scope, all) =>
    alternative(compile(term.left, scope, all), compile(term.right, scope, all)),
  assign: (term, scope, all) =>
    assign(term.operator, compile(term.left, scope, all), compile(term.right, scope, all)),
  array: (term, scope, all) => {
    const body = term.body && compile(term.body, scope, all);
    return function* (env, value, path, emit) {
      const items: Json[] = [];
      if (body) {
        yield* body(env, value, undefined, function* (item) {
          items.push(item);
        });
      }
      yield* emit(items, path);
    };
  },
  object: (term, scope, all) => construct(term, scope, all),
  if: (term, scope, all) => {
    const [test, yes, no] = [term.test, term.yes, term.no].map((part) =>
      compile(part, scope, all),
    ) as [Filter, Filter, Filter];
    return (env, value, path, emit) =>
      test(env, value, undefined, (result) => (isTrue(result) ? yes : no)(env, value, path, emit));
  },
  try: (term, scope, all) =>
    attempt(compile(term.body, scope, all), term.handler && compile(term.handler, scope, all)),
  reduce: (term, scope, all) => {
    const { pattern, inner } = bindPatterns(term.patterns, scope, all);
    const source = compile(term.source, scope, all);
    return fold(
      source,
      pattern,
      compile(term.start, scope, all),
      compile(term.update, inner, all),
      undefined,
    );
  },
  foreach: (term, scope, all) => {
    const { pattern, inner } = bindPatterns(term.patterns, scope, all);
    const source = compile(term.source, scope, all);
    const extract = term.extract ? compile(term.extract, inner, all) : IDENTITY;
    return fold(
      source,
      pattern,
      compile(term.start, scope, all),
      compile(term.update, inner, all),
      extract,
    );
  },
  bind: (term, scope, all) => {
    const { pattern, inner } = bindPatterns(term.patterns, scope, all);
    const source = compile(term.source, scope, all);
    const body = compile(term.body, inner, all);
    return (env, value, path, emit) =>
      source(env, value, undefined, (bound) =>
        pattern(env, bound, (within) => body(within, value, path, emit)),
      );
  },
  define: (term, scope, all) => {
    const { binding, filter, params, inner } = compileDefinition(term.definition, scope, all);
    const body = compile(term.body, inner, all);
    return (env, value, path, emit) =>
      body(bindFunction(env, binding, filter, params), value, path, emit);
  },
  label: (term, scope, all) => {
    const binding = { name: `*label-${term.name}` };
    const body = compile(
      term.body,
      { name: binding.name, binding, params: -1, parent: scope },
      all,
    );
    return (env, value, path, emit) => {
      const inner = bindValue(env, binding, null);
      return untilBreak(inner, () => body(inner, value, path, emit));
    };
  },
  break: (term, scope) => {
    const binding = variableBinding(`*label-${term.name}`, scope);
    if (!binding) throw new SyntaxProblem(`$*label-${term.name} is not defined`, term.at);
    return (env) => {
      throw new Break(lookUp(env, binding));
    };
  },
  variable: (term, scope, all) => variable(term, scope, all),
  call: (term, scope, all) => call(term, scope, all),
};

function interpolate(
  term: Extract<Term, { kind: 'string' }>,
  scope: Scope | undefined,
  all: Compilation,
): Filter {
  const parts = term.parts.map((part) =>
    typeof part === 'string' ? part : compile(part, scope, all),
  );
  const format = term.format ?? 'text';
  return (env, value, path, emit) => {
    const from = (i: number, tail: string): Routine<void> => {
      const part = parts[i];
      if (part === undefined) return emit(tail, path);
      if (typeof part === 'string') return from(i - 1, part + tail);
      return part(env, value, undefined, (result) =>
        from(i - 1, formatText(format, result) + tail),
      );
    };
    return from(parts.length - 1, '');
  };
}

function logical(
  left: Term,
  right: Term,
  decided: boolean,
  scope: Scope | undefined,
  all: Compilation,
): Filter {
  const a = compile(left, scope, all);
  const b = compile(right, scope, all);
  return (env, value, path, emit) =>
    a(env, value, undefined, (first) =>
      isTrue(first) === decided
        ? emit(decided, path)
        : b(env, value, undefined, (second) => emit(isTrue(second), path)),
    );
}

function construct(
  term: Extract<Term, { kind: 'object' }>,
  scope: Scope | undefined,
  all: Compilation,
): Filter {
  const fields = term.fields.map(({ key, value }) => ({
    key: compile(key, scope, all),
    value: compile(value, scope, all),
  }));
  return (env, value, path, emit) => {
    const from = (i: number, object: ReadonlyMap<string, Json>): Routine<void> => {
      const field = fields[i];
      if (!field) return emit(object, path);
      return field.key(env, value, undefined, (key) =>
        field.value(env, value, undefined, (part) => {
          if (typeof key !== 'string')
            throw new JqError(`Cannot use ${described(key)} as object key`);
          return from(i + 1, new Map(object).set(key, part));
        }),
      );
    };
    return from(0, new Map());
  };
}

function compileDefinition(
  definition: Definition,
  scope: Scope | undefined,
  all: Compilation,
): {
  binding: Binding;
  filter: Filter;
  params: readonly Param[];
  inner: Scope;
} {
  const binding = { name: definition.name };
  const inner: Scope = {
    name: definition.name,
    binding,
    params: definition.params.length,
    parent: scope,
  };
  let body = inner;
  const params = definition.params.map((param): Param => {
    const name = param.replace('$', '');
    const called = { name };
    body = { name, binding: called, params: 0, parent: body };
    if (name === param) return { call: called, variable: undefined };
    const held = { name };
    body = { name, binding: held, params: -1, parent: body };
    return { call: called, variable: held };
  });
  return { binding, filter: compile(definition.body, body, all), params, inner };
}

/** A definition of the library, as a filter of its arguments. */
export function compileLibrary(
  definition: Definition,
  all: Compilation,
): (args: readonly Filter[]) => Filter {
  const { binding, filter, params } = compileDefinition(definition, undefined, all);
  const inner = bindFunction(NO_BINDINGS, binding, filter, params);
  return (args) => (env, value, path, emit) =>
    enter(inner, params, args, env, value, path, emit, filter);
}

function variableBinding(name: string, scope: Scope | undefined): Binding | undefined {
  for (let at = scope; at; at = at.parent)
    if (at.params === -1 && at.name === name) return at.binding;
  return undefined;
}

function variable(
  term: Extract<Term, { kind: 'variable' }>,
  scope: Scope | undefined,
  all: Compilation,
): Filter {
  if (term.name === '__loc__') {
    const line = all.source.slice(0, term.at).split('\n').length;
    const here: Json = new Map<string, Json>([
      ['file', '<top-level>'],
      ['line', line],
    ]);
    return (_, _input, path, emit) => emit(here, path);
  }
  const binding = variableBinding(term.name, scope);
  if (binding) return (env, _, path, emit) => emit(lookUp(env, binding).value, path);
  const given =
    all.globals.get(term.name) ?? (term.name === 'ENV' ? all.host.environment : undefined);
  if (given === undefined) throw new SyntaxProblem(`$${term.name} is not defined`, term.at);
  return (_, _input, path, emit) => emit(given, path);
}

function call(
  term: Extract<Term, { kind: 'call' }>,
  scope: Scope | undefined,
  all: Compilation,
): Filter {
  const args = term.args.map((arg) => compile(arg, scope, all));
  for (let at = scope; at; at = at.parent) {
    if (at.params !== args.length || at.name !== term.name) continue;
    const { binding } = at;
    return (env, value, path, emit) => {
      const { closure } = lookUp(env, binding);
      if (!closure) throw new Error(`jq: ${binding.name} is no function`);
      return enter(closure.env, closure.params, args, env, value, path, emit, closure.filter);
    };
  }
  const found: Builtin | undefined = builtin(`${term.name}/${args.length}`, all);
  if (!found) throw new SyntaxProblem(`${term.name}/${args.length} is not defined`, term.at);
  return found(args);
}
