// Assignment: `=`, `|=` and the arithmetic updates. As in jq 1.6, `|=` takes the first result of its right side and
// deletes the path where there is none, while later paths stay those of the value before.

import type { Routine } from '../../../../core/wait.ts';
import { collect, type Emit, type Env, type Filter, untilBreak, Break } from './machine.ts';
import { deletePaths, getPath, mustBeAtPath, setPath } from './paths.ts';
import type { AssignOperator } from './syntax.ts';
import { isTrue, type BinaryOperator, type Json, operate } from './values.ts';

/** The paths that a filter goes to in a value. */
export function* pathsOf(filter: Filter, env: Env, value: Json): Routine<(readonly Json[])[]> {
  const paths: (readonly Json[])[] = [];
  yield* filter(env, value, { keys: [], value }, function* (result, path) {
    mustBeAtPath(result, path, (text) => `with result ${text}`);
    paths.push(path?.keys ?? []);
  });
  return paths;
}

/** A filter that assigns. */
export function assign(operator: AssignOperator, left: Filter, right: Filter): Filter {
  if (operator === '|=')
    return (env, value, path, emit) => modify(left, right, env, value, (out) => emit(out, path));
  return (env, value, path, emit) =>
    right(env, value, undefined, function* (part) {
      let out = value;
      for (const at of yield* pathsOf(left, env, value)) {
        out = setPath(out, at, operator === '=' ? part : updated(operator, getPath(out, at), part));
      }
      yield* emit(out, path);
    });
}

function updated(operator: Exclude<AssignOperator, '=' | '|='>, old: Json, part: Json): Json {
  if (operator === '//=') return isTrue(old) ? old : part;
  return operate(operator.slice(0, -1) as BinaryOperator, old, part);
}

function* modify(
  left: Filter,
  right: Filter,
  env: Env,
  value: Json,
  emit: (out: Json) => Routine<void>,
): Routine<void> {
  let out = value;
  for (const at of yield* pathsOf(left, env, value)) {
    const first = yield* firstOf(right, env, getPath(out, at));
    out = first.length > 0 ? setPath(out, at, first[0] ?? null) : deletePaths(out, [at]);
  }
  yield* emit(out);
}

/** The first result, in an array; an empty array where there is none. */
export function* firstOf(filter: Filter, env: Env, value: Json): Routine<Json[]> {
  const label = {};
  const found: Json[] = [];
  const keep: Emit = (result) => {
    found.push(result);
    throw new Break(label);
  };
  yield* untilBreak(label, () => filter(env, value, undefined, keep));
  return found;
}

/** All results sorted out by a key filter: each item with the key that the filter gives it. */
export function* keyed(
  filter: Filter,
  env: Env,
  items: readonly Json[],
): Routine<{ key: Json; item: Json }[]> {
  const out: { key: Json; item: Json }[] = [];
  for (const item of items) out.push({ key: yield* collect(filter, env, item), item });
  return out;
}
