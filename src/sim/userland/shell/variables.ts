// Shell variables with their attributes, and the dynamic scopes of functions: `local` saves what
// was there and the function's end puts it back, so that looking a name up is one step.

import { toBytes } from './bytes.ts';

export interface Variable {
  /** The value of a plain variable; undefined: declared only. */
  value: string | undefined;
  /** Elements of an indexed array by number, or of an associative array by key. */
  array: Map<number, string> | undefined;
  table: Map<string, string> | undefined;
  exported: boolean;
  readonly: boolean;
  integer: boolean;
  /** declare -l and -u. */
  fold: 'lower' | 'upper' | undefined;
  /** declare -n: the value names another variable. */
  reference: boolean;
  /** Computed at every look (RANDOM, SECONDS, LINENO …). */
  compute: (() => string) | undefined;
  /** What an assignment to a computed variable does. */
  assign: ((value: string) => void) | undefined;
}

/** A variable that is declared and unset. */
export function newVariable(value?: string): Variable {
  return {
    value,
    array: undefined,
    table: undefined,
    exported: false,
    readonly: false,
    integer: false,
    fold: undefined,
    reference: false,
    compute: undefined,
    assign: undefined,
  };
}

const REFERENCE_DEPTH = 16;

export class Variables {
  private names: Map<string, Variable>;
  /** What `local` hid, innermost function last. */
  private readonly frames: Map<string, Variable | undefined>[] = [];
  /**
   * Bumped at every change of an exported variable, so that the environment is rebuilt only then.
   */
  private environment: Map<string, string> | undefined;

  constructor(names = new Map<string, Variable>()) {
    this.names = names;
  }

  /** A copy for a subshell. */
  copy(): Variables {
    const names = new Map<string, Variable>();
    for (const [name, variable] of this.names) {
      const copy = { ...variable };
      if (copy.array) copy.array = new Map(copy.array);
      if (copy.table) copy.table = new Map(copy.table);
      names.set(name, copy);
    }
    const copied = new Variables(names);
    for (const frame of this.frames) copied.frames.push(new Map(frame));
    copied.environment = this.environment;
    return copied;
  }

  /** The variable a name stands for, through name references. */
  find(name: string): Variable | undefined {
    const found = this.names.get(name);
    return found?.reference ? this.names.get(this.target(name)) : found;
  }
  /** The variable of exactly this name. */
  findExact(name: string): Variable | undefined {
    return this.names.get(name);
  }
  /** The name that a name reference stands for at the end. */
  target(name: string): string {
    let at = name;
    for (let depth = 0; depth < REFERENCE_DEPTH; depth++) {
      const found = this.names.get(at);
      if (!found?.reference || !found.value) return at;
      at = found.value;
    }
    return name;
  }

  /** The variable of a name, made if it is not there. */
  make(name: string): Variable {
    const target = this.target(name);
    let found = this.names.get(target);
    if (!found) {
      found = newVariable();
      this.names.set(target, found);
    }
    return found;
  }
  /** The same of exactly this name, be it a name reference. */
  makeExact(name: string): Variable {
    const found = this.names.get(name) ?? newVariable();
    this.names.set(name, found);
    return found;
  }
  put(name: string, variable: Variable): void {
    this.names.set(name, variable);
    this.environment = undefined;
  }
  /** Forgets a name; the outer variable of a local one stays hidden until the function ends. */
  remove(name: string): void {
    this.names.delete(name);
    this.environment = undefined;
  }
  /** To be called after a change of anything exported. */
  changed(): void {
    this.environment = undefined;
  }

  /** Names in alphabetical order. */
  list(): string[] {
    return [...this.names.keys()].sort();
  }

  /** The exported variables that have a value. */
  exports(): Map<string, string> {
    if (this.environment) return this.environment;
    const environment = new Map<string, string>();
    for (const [name, variable] of this.names) {
      if (variable.exported && variable.value !== undefined) environment.set(name, variable.value);
    }
    this.environment = environment;
    return environment;
  }

  enterFunction(): void {
    this.frames.push(new Map());
  }
  leaveFunction(): void {
    const frame = this.frames.pop();
    if (!frame || frame.size === 0) return;
    for (const [name, before] of frame) {
      if (before) this.names.set(name, before);
      else this.names.delete(name);
    }
    this.environment = undefined;
  }
  get inFunction(): boolean {
    return this.frames.length > 0;
  }
  /** True where the name is local to the running function. */
  isLocal(name: string): boolean {
    return this.frames.at(-1)?.has(name) === true;
  }
  localNames(): string[] {
    return [...(this.frames.at(-1)?.keys() ?? [])].sort();
  }
  /** Makes a name local to the running function. */
  makeLocal(name: string): Variable {
    const frame = this.frames.at(-1);
    const before = this.names.get(name);
    if (!frame || frame.has(name)) return before ?? this.make(name);
    frame.set(name, before);
    const fresh = newVariable();
    if (before) {
      fresh.exported = before.exported;
      if (before.exported) this.environment = undefined;
    }
    this.names.set(name, fresh);
    return fresh;
  }
}

/** The value of a variable as `$name` gives it: of an array its element 0. */
export function scalar(variable: Variable | undefined): string | undefined {
  if (!variable) return undefined;
  if (variable.compute) return variable.compute();
  if (variable.array) return variable.array.get(0);
  if (variable.table) return variable.table.get('0');
  return variable.value;
}

/** The indexes of an array in order. */
export function indexes(array: ReadonlyMap<number, string>): number[] {
  return [...array.keys()].sort((a, b) => a - b);
}

/** The elements of an array in order of index. */
export function elements(array: ReadonlyMap<number, string>): string[] {
  return indexes(array).map((index) => array.get(index) ?? '');
}

/** Sets one of the two lasting attributes, with a value. */
export function setAttribute(
  variable: Variable,
  attribute: 'exported' | 'readonly',
  value?: string,
): void {
  variable[attribute] = true;
  if (value !== undefined) variable.value = value;
}

/** Buckets of bash's associative arrays, and the constants of its hash (FNV-1, 32 bits). */
const BUCKETS = 1024;
const HASH_OFFSET = 2166136261;
const HASH_PRIME = 16777619;

function bucketOf(key: string): number {
  let hash = HASH_OFFSET;
  for (const byte of toBytes(key)) hash = Math.imul(hash, HASH_PRIME) ^ byte;
  return (hash >>> 0) & (BUCKETS - 1);
}

/**
 * Keys and values of an associative array in bash's order: by bucket, the newest of a bucket first.
 */
export function tableEntries(table: ReadonlyMap<string, string>): (readonly [string, string])[] {
  const entries = [...table].map(([key, value], i) => ({ key, value, i, bucket: bucketOf(key) }));
  entries.sort((a, b) => a.bucket - b.bucket || b.i - a.i);
  return entries.map(({ key, value }) => [key, value] as const);
}
