// Filters made of filters, whose names are resolved already: steps into values, alternatives, try, reduce, foreach and calls.

import type { Routine } from '../../../../core/wait.ts';
import {
  bindClosure,
  bindValue,
  type Emit,
  type Env,
  type Filter,
  type Param,
  type Path,
} from './machine.ts';
import { entries, index, mustBeAtPath } from './paths.ts';
import { described, isTrue, type Json, JqError } from './values.ts';

function* nothing(): Routine<void> {}

/** One step into a value: `.key`, `.[0]`; `quiet` where `?` follows. */
export function step(
  value: Json,
  key: Json,
  path: Path | undefined,
  quiet: boolean,
  emit: Emit,
): Routine<void> {
  mustBeAtPath(value, path, (text) => `near attempt to access element ${keyText(key)} of ${text}`);
  let found: Json;
  try {
    found = index(value, key);
  } catch (error) {
    if (quiet && error instanceof JqError) return nothing();
    throw error;
  }
  return emit(found, path && { keys: [...path.keys, key], value: found });
}

function keyText(key: Json): string {
  return described(key).replace(/^\w+ \((.*)\)$/s, '$1');
}

/** All results of iterating a value: `.[]`. */
export function* each(
  value: Json,
  path: Path | undefined,
  quiet: boolean,
  emit: Emit,
): Routine<void> {
  mustBeAtPath(value, path, (text) => `near attempt to iterate through ${text}`);
  let all: readonly (readonly [Json, Json])[];
  try {
    all = entries(value);
  } catch (error) {
    if (quiet && error instanceof JqError) return;
    throw error;
  }
  for (const [key, item] of all)
    yield* emit(item, path && { keys: [...path.keys, key], value: item });
}

/** `left // right`: the true results of left; right where there is none. */
export function alternative(left: Filter, right: Filter): Filter {
  return function* (env, value, path, emit) {
    let found = false;
    yield* left(env, value, path, (result, at) => {
      if (!isTrue(result)) return nothing();
      found = true;
      return emit(result, at);
    });
    if (!found) yield* right(env, value, path, emit);
  };
}

/** `try body catch handler`: what was raised goes to the handler, or nowhere. */
export function attempt(body: Filter, handler: Filter | undefined): Filter {
  return function* (env, value, path, emit) {
    let raised: Json;
    try {
      yield* body(env, value, path, emit);
      return;
    } catch (error) {
      if (!(error instanceof JqError)) throw error;
      raised = error.value;
    }
    if (handler) yield* handler(env, raised, path, emit);
  };
}

type Bind = (env: Env, value: Json, then: (env: Env) => Routine<void>) => Routine<void>;

/** reduce (`extract` undefined: one result at the end) and foreach. An update without results leaves null. */
export function fold(
  source: Filter,
  pattern: Bind,
  start: Filter,
  update: Filter,
  extract: Filter | undefined,
): Filter {
  return (env, value, path, emit) =>
    start(env, value, path, function* (initial, initialPath) {
      let state = initial;
      let at = initialPath;
      yield* source(env, value, undefined, (item) =>
        pattern(env, item, (within) => {
          const [before, beforeAt] = [state, at];
          state = null;
          return update(within, before, beforeAt, function* (after, afterAt) {
            state = after;
            at = afterAt;
            if (extract) yield* extract(within, after, afterAt, emit);
          });
        }),
      );
      if (!extract) yield* emit(state, at);
    });
}

/** Calls a function: its parameters are bound, those with `$` to each result of their argument in turn. */
export function enter(
  inner: Env,
  params: readonly Param[],
  args: readonly Filter[],
  env: Env,
  value: Json,
  path: Path | undefined,
  emit: Emit,
  body: Filter,
): Routine<void> {
  const from = (i: number, bound: Env): Routine<void> => {
    const param = params[i];
    const arg = args[i];
    if (!param || !arg) return body(bound, value, path, emit);
    const { call: called, variable: held } = param;
    if (!held) return from(i + 1, bindClosure(bound, called, { filter: arg, params: [], env }));
    return arg(env, value, undefined, (result) => {
      const constant: Filter = (_, _input, at, give) => give(result, at);
      const both = bindClosure(bound, called, { filter: constant, params: [], env });
      return from(i + 1, bindValue(both, held, result));
    });
  };
  return from(0, inner);
}
