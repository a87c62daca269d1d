// Builtins: where a name leads. Functions of values stand in functions.ts, definitions in jq's language in library.ts;
// here are those that need their arguments as filters, or the process.

import type { Routine } from '../../../../core/wait.ts';
import { firstOf, keyed, pathsOf } from './assign.ts';
import { type Compilation, compileLibrary } from './compile.ts';
import { FUNCTIONS } from './functions.ts';
import { LIBRARY } from './library.ts';
import { Break, type Emit, type Env, type Filter, Halt, type Path, untilBreak } from './machine.ts';
import { getPath, index } from './paths.ts';
import { parseDefinition } from './parser.ts';
import { printJson } from './print.ts';
import { compare, described, isArray, type Json, JqError } from './values.ts';

/** A builtin, given its arguments. */
export type Builtin = (args: readonly Filter[]) => Filter;

/** The builtin of a `name/arguments`; undefined where there is none. */
export function builtin(signature: string, all: Compilation): Builtin | undefined {
  const control = CONTROLS.get(signature);
  if (control) return (args) => control(args, all);
  const plain = FUNCTIONS.get(signature);
  if (plain) return (args) => ofValues(plain, args);
  const text = LIBRARY.get(signature);
  if (text === undefined) return undefined;
  const found = all.library.get(signature);
  if (found) return found;
  let compiled: Builtin | undefined;
  const late: Builtin = (args) => {
    let filter: Filter | undefined;
    return (env, value, path, emit) => {
      compiled ??= compileLibrary(parseDefinition(text), all);
      filter ??= compiled(args);
      return filter(env, value, path, emit);
    };
  };
  all.library.set(signature, late);
  return late;
}

/** A function of the input and every combination of its arguments' results, the last argument varying slowest. */
function ofValues(plain: (input: Json, ...args: Json[]) => Json, args: readonly Filter[]): Filter {
  return (env, value, path, emit) => {
    const from = (i: number, values: readonly Json[]): Routine<void> => {
      const arg = args[i];
      if (!arg) return emit(plain(value, ...values), path);
      return arg(env, value, undefined, (result) => from(i - 1, [result, ...values]));
    };
    return from(args.length - 1, []);
  };
}

type Control = (args: readonly Filter[], all: Compilation) => Filter;

/** The argument at `i`, which the signature promises. */
function arg(args: readonly Filter[], i: number): Filter {
  const found = args[i];
  if (!found) throw new Error(`jq: builtin without argument ${i}`);
  return found;
}

function byKey(
  name: string,
  pick: (rows: readonly { key: Json; item: Json }[]) => Json,
): [string, Control] {
  const control: Control = (args) =>
    function* (env, value, path, emit) {
      if (value === null || !isArray(value)) throw notArray(name, value);
      yield* emit(pick(yield* keyed(arg(args, 0), env, value)), path);
    };
  return [`${name}/1`, control];
}

function notArray(name: string, value: Json): JqError {
  const keys = '[]';
  if (name !== 'sort_by' || typeof value !== 'object' || value === null) {
    return new JqError(`Cannot iterate over ${value === null ? 'null (null)' : described(value)}`);
  }
  return new JqError(
    `${described(value)} and array (${keys}) cannot be sorted, as they are not both arrays`,
  );
}

type Row = { readonly key: Json; readonly item: Json };

function sorted(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => compare(a.key, b.key));
}

function groups(rows: readonly Row[]): Json[][] {
  const out: Json[][] = [];
  let last: Row | undefined;
  for (const row of sorted(rows)) {
    if (last && compare(last.key, row.key) === 0) out.at(-1)?.push(row.item);
    else out.push([row.item]);
    last = row;
  }
  return out;
}

function extreme(rows: readonly Row[], better: (order: number) => boolean): Json {
  let best = rows[0];
  for (const row of rows) if (best && better(compare(row.key, best.key))) best = row;
  return best?.item ?? null;
}

function* range(
  from: Json,
  to: Json,
  by: Json,
  path: Path | undefined,
  all: Compilation,
  emit: Emit,
): Routine<void> {
  if (typeof from !== 'number' || typeof to !== 'number' || typeof by !== 'number') {
    throw new JqError('Range bounds must be numeric');
  }
  for (let at = from; by > 0 ? at < to : by < 0 ? at > to : from < to; at += by) {
    yield* all.meter.step();
    yield* emit(at, path);
  }
}

function* limited(
  filter: Filter,
  count: number,
  env: Env,
  value: Json,
  path: Path | undefined,
  emit: Emit,
): Routine<void> {
  if (count < 0) {
    yield* filter(env, value, path, emit);
    return;
  }
  const label = {};
  let left = Math.max(1, count);
  yield* untilBreak(label, () =>
    filter(env, value, path, function* (result, at) {
      left--;
      yield* emit(result, at);
      if (left <= 0) throw new Break(label);
    }),
  );
}

function* repeated(
  filter: Filter,
  all: Compilation,
  env: Env,
  value: Json,
  emit: Emit,
): Routine<void> {
  for (let at = value; ; ) {
    yield* all.meter.step();
    yield* emit(at, undefined);
    const next = yield* firstOf(filter, env, at);
    if (next.length === 0) return;
    at = next[0] ?? null;
  }
}

function message(all: Compilation, text: (value: Json) => string): Filter {
  return function* (_, value, path, emit) {
    yield* all.host.message(text(value));
    yield* emit(value, path);
  };
}

const CONTROLS: ReadonlyMap<string, Control> = new Map<string, Control>([
  ['empty/0', () => function* () {}],
  [
    'error/0',
    () => (_, value) => {
      throw new JqError(value);
    },
  ],
  ['not/0', () => (_, value, path, emit) => emit(value === null || value === false, path)],
  ['path/1', (args) => (env, value, path, emit) => paths(arg(args, 0), env, value, path, emit)],
  [
    'getpath/1',
    (args) => (env, value, path, emit) =>
      arg(args, 0)(env, value, undefined, (keys) => {
        if (keys === null || !isArray(keys))
          throw new JqError('Path must be specified as an array');
        const found = getPath(value, keys);
        return emit(found, path && { keys: [...path.keys, ...keys], value: found });
      }),
  ],
  [
    'range/2',
    (args, all) => (env, value, path, emit) =>
      arg(args, 0)(env, value, undefined, (from) =>
        arg(args, 1)(env, value, undefined, (to) => range(from, to, 1, path, all, emit)),
      ),
  ],
  [
    'range/3',
    (args, all) => (env, value, path, emit) =>
      arg(args, 0)(env, value, undefined, (from) =>
        arg(args, 1)(env, value, undefined, (to) =>
          arg(args, 2)(env, value, undefined, (by) => range(from, to, by, path, all, emit)),
        ),
      ),
  ],
  [
    'first/1',
    (args) => (env, value, path, emit) => limited(arg(args, 0), 1, env, value, path, emit),
  ],
  [
    'last/1',
    (args) =>
      function* (env, value, path, emit) {
        let last: { result: Json; at: Path | undefined } | undefined;
        yield* arg(args, 0)(env, value, path, function* (result, at) {
          last = { result, at };
        });
        const found = last as { result: Json; at: Path | undefined } | undefined;
        if (found) yield* emit(found.result, found.at);
      },
  ],
  [
    'limit/2',
    (args) => (env, value, path, emit) =>
      arg(args, 0)(env, value, undefined, (count) =>
        limited(
          arg(args, 1),
          typeof count === 'number' ? count : Number.POSITIVE_INFINITY,
          env,
          value,
          path,
          emit,
        ),
      ),
  ],
  [
    'repeat/1',
    (args, all) => (env, value, _, emit) => repeated(arg(args, 0), all, env, value, emit),
  ],
  byKey('sort_by', (rows) => sorted(rows).map((row) => row.item)),
  byKey('group_by', groups),
  byKey('unique_by', (rows) => groups(rows).map((group) => group[0] ?? null)),
  byKey('min_by', (rows) => extreme(rows, (order) => order < 0)),
  byKey('max_by', (rows) => extreme(rows, (order) => order >= 0)),
  [
    'input/0',
    (_, all) =>
      function* (_env, _value, path, emit) {
        const next = yield* all.host.input();
        if (next === undefined) throw new JqError('break');
        yield* emit(next, path);
      },
  ],
  ['input_filename/0', (_, all) => (_env, _value, path, emit) => emit(all.host.inputName(), path)],
  [
    'input_line_number/0',
    (_, all) => (_env, _value, path, emit) => emit(all.host.inputLine(), path),
  ],
  ['now/0', (_, all) => (_env, _value, path, emit) => emit(all.host.now() / 1000, path)],
  ['debug/0', (_, all) => message(all, (value) => `${printJson(['DEBUG:', value])}\n`)],
  ['stderr/0', (_, all) => message(all, (value) => printJson(value))],
  [
    'halt/0',
    () => () => {
      throw new Halt(0);
    },
  ],
  [
    'halt_error/1',
    (args) => (env, value) =>
      arg(args, 0)(env, value, undefined, (status) => {
        if (typeof status !== 'number') throw new JqError('halt_error/1: number required');
        throw new Halt(status, value);
      }),
  ],
  ['builtins/0', () => (_, _value, path, emit) => emit(names(), path)],
  [
    'get_search_list/0',
    () => (_, _value, path, emit) => emit(['~/.jq', '$ORIGIN/../lib/jq', '$ORIGIN/lib'], path),
  ],
  [
    '_indices/1',
    (args) => (env, value, path, emit) =>
      arg(args, 0)(env, value, undefined, (part) => emit(indicesOf(value, part), path)),
  ],
]);

function names(): Json {
  const all = [...CONTROLS.keys(), ...FUNCTIONS.keys(), ...LIBRARY.keys()];
  return all.filter((name) => !name.startsWith('_'));
}

function* paths(
  filter: Filter,
  env: Env,
  value: Json,
  path: Path | undefined,
  emit: Emit,
): Routine<void> {
  for (const keys of yield* pathsOf(filter, env, value)) yield* emit(keys, path);
}

function indicesOf(value: Json, part: Json): Json {
  if (value === null) return null;
  if (typeof value === 'string' && typeof part === 'string') {
    const found: number[] = [];
    if (part === '') return null;
    for (let at = value.indexOf(part); at >= 0; at = value.indexOf(part, at + 1)) {
      found.push(Array.from(value.slice(0, at)).length);
    }
    return found;
  }
  return index(value, isArray(value) && (part === null || !isArray(part)) ? [part] : part);
}
