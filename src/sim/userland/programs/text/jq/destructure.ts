// `as` patterns: variables, arrays, objects, and alternatives with `?//`, where an error in one goes on to the next.

import type { Routine } from '../../../../core/wait.ts';
import { compile, type Compilation, type Scope } from './compile.ts';
import { bindValue, type Binding, type Env, type Filter } from './machine.ts';
import { index } from './paths.ts';
import type { Pattern } from './syntax.ts';
import { JqError, type Json } from './values.ts';

type Bind = (env: Env, value: Json, then: (env: Env) => Routine<void>) => Routine<void>;

/** A pattern that binds at run time, and the scope in which its names are known. */
export function bindPatterns(
  patterns: readonly Pattern[],
  scope: Scope | undefined,
  all: Compilation,
): { pattern: Bind; inner: Scope | undefined } {
  const names = new Map<string, Binding>();
  for (const pattern of patterns) namesOf(pattern, names);
  let inner = scope;
  for (const [name, binding] of names) inner = { name, binding, params: -1, parent: inner };
  const binds = patterns.map((pattern) => compilePattern(pattern, names, inner, all));
  const [only] = binds;
  if (only && binds.length === 1) return { pattern: only, inner };
  return { pattern: (env, value, then) => firstThatFits(binds, names, env, value, then), inner };
}

function* firstThatFits(
  binds: readonly Bind[],
  names: ReadonlyMap<string, Binding>,
  env: Env,
  value: Json,
  then: (env: Env) => Routine<void>,
): Routine<void> {
  let start = env;
  for (const binding of names.values()) start = bindValue(start, binding, null);
  for (const [i, bind] of binds.entries()) {
    try {
      yield* bind(start, value, then);
      return;
    } catch (error) {
      if (!(error instanceof JqError) || i === binds.length - 1) throw error;
    }
  }
}

function namesOf(pattern: Pattern, names: Map<string, Binding>): void {
  const add = (name: string): void => {
    if (!names.has(name)) names.set(name, { name });
  };
  if (pattern.kind === 'variable') add(pattern.name);
  else if (pattern.kind === 'array') for (const item of pattern.items) namesOf(item, names);
  else {
    for (const { variable, value } of pattern.fields) {
      if (variable !== undefined) add(variable);
      if (value) namesOf(value, names);
    }
  }
}

function compilePattern(
  pattern: Pattern,
  names: ReadonlyMap<string, Binding>,
  scope: Scope | undefined,
  all: Compilation,
): Bind {
  const named = (name: string, env: Env, value: Json): Env => {
    const binding = names.get(name);
    return binding ? bindValue(env, binding, value) : env;
  };
  if (pattern.kind === 'variable')
    return (env, value, then) => then(named(pattern.name, env, value));
  const parts: { key: Filter; bind: Bind }[] =
    pattern.kind === 'array'
      ? pattern.items.map((item, i) => ({
          key: compile({ kind: 'literal', value: i }, scope, all),
          bind: compilePattern(item, names, scope, all),
        }))
      : pattern.fields.map(({ key, variable, value }) => {
          const inner: Bind = value
            ? compilePattern(value, names, scope, all)
            : (env, _, then) => then(env);
          const bind: Bind = (env, part, then) =>
            inner(variable === undefined ? env : named(variable, env, part), part, then);
          return { key: compile(key, scope, all), bind };
        });
  return (env, value, then) => {
    const from = (i: number, bound: Env): Routine<void> => {
      const part = parts[i];
      if (!part) return then(bound);
      return part.key(bound, value, undefined, (key) =>
        part.bind(bound, index(value, key), (next) => from(i + 1, next)),
      );
    };
    return from(0, env);
  };
}
