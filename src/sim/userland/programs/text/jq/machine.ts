// What a running jq program is made of. A filter is a routine that hands each of its results to `emit`, so that
// backtracking is returning; an error or `break` is thrown. As in jq 1.6, an error raised by what comes after a `try`
// is seen by that `try` too.

import type { Routine } from '../../../../core/wait.ts';
import type { Json } from './values.ts';

/** Where a value was found, while paths are followed: the keys, and the value that is there. */
export interface Path {
  readonly keys: readonly Json[];
  readonly value: Json;
}

export type Emit = (value: Json, path: Path | undefined) => Routine<void>;

/** A compiled filter. `path` is given while the caller wants to know paths. */
export type Filter = (env: Env, value: Json, path: Path | undefined, emit: Emit) => Routine<void>;

/** A filter with the bindings of where it was written. */
export interface Closure {
  readonly filter: Filter;
  readonly params: readonly Param[];
  readonly env: Env;
}

/** A function's parameter: bound as a function, and as a variable too where it was written with `$`. */
export interface Param {
  readonly call: Binding;
  readonly variable: Binding | undefined;
}

/** What a name stands for; compared by identity, so that names need not be looked up while running. */
export interface Binding {
  readonly name: string;
}

/** Bindings in force, the innermost first. */
export interface Env {
  readonly binding: Binding;
  readonly value: Json;
  readonly closure: Closure | undefined;
  readonly parent: Env | undefined;
}

/** The outermost bindings. */
export const NO_BINDINGS: Env = {
  binding: { name: '' },
  value: null,
  closure: undefined,
  parent: undefined,
};

/** Adds a variable. */
export function bindValue(env: Env, binding: Binding, value: Json): Env {
  return { binding, value, closure: undefined, parent: env };
}

/** Adds a function, which sees itself. */
export function bindFunction(
  env: Env,
  binding: Binding,
  filter: Filter,
  params: readonly Param[],
): Env {
  const inner: { -readonly [K in keyof Env]: Env[K] } = {
    binding,
    value: null,
    closure: undefined,
    parent: env,
  };
  inner.closure = { filter, params, env: inner };
  return inner;
}

/** Adds a parameter that was called with `closure`. */
export function bindClosure(env: Env, binding: Binding, closure: Closure): Env {
  return { binding, value: null, closure, parent: env };
}

/** The innermost entry for a binding. */
export function lookUp(env: Env, binding: Binding): Env {
  for (let at: Env | undefined = env; at; at = at.parent) if (at.binding === binding) return at;
  throw new Error(`jq: ${binding.name} is not bound`);
}

/** Thrown by `break $label`; the label's own object says whose it is. */
export class Break extends Error {
  readonly label: object;
  constructor(label: object) {
    super('break');
    this.label = label;
  }
}

/** Thrown by `halt` and `halt_error`. */
export class Halt extends Error {
  readonly status: number;
  readonly output: Json | undefined;
  constructor(status: number, output?: Json) {
    super('halt');
    this.status = status;
    this.output = output;
  }
}

/** What a program can ask of the process that runs it. */
export interface Host {
  /** Milliseconds since 1970. */
  now(): number;
  readonly environment: Json;
  /** The next input; undefined after the last one. */
  input(): Routine<Json | undefined>;
  inputName(): Json;
  inputLine(): number;
  /** Writes a line of text to stderr at once. */
  message(text: string): Routine<void>;
}

/** Runs `body`; a `break` to `label` ends it. */
export function* untilBreak(label: object, body: () => Routine<void>): Routine<void> {
  try {
    yield* body();
  } catch (error) {
    if (!(error instanceof Break) || error.label !== label) throw error;
  }
}

/** A filter's results for a value, all of them. */
export function* collect(filter: Filter, env: Env, value: Json): Routine<Json[]> {
  const out: Json[] = [];
  yield* filter(env, value, undefined, function* (result) {
    out.push(result);
  });
  return out;
}

const STEPS_PER_CHARGE = 4096;

/** Counts steps of loops and now and then charges processor time, so that an endless program can be interrupted. */
export class Meter {
  private steps = 0;

  *step(): Routine<void> {
    if (++this.steps % STEPS_PER_CHARGE === 0) yield { on: [], cpu: STEPS_PER_CHARGE * 200 };
  }
}
