// Reading the arguments of the interpreter's own functions.

import { raise } from './errors.ts';
import { type Keywords, PyNative, typeOf, type NativeCall, type Value } from './values.ts';

/** A number of elements, index or size; the host's. */
export function integer(value: Value | undefined, otherwise?: number): number {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if ((value === undefined || value === null) && otherwise !== undefined) return otherwise;
  throw raise(
    'TypeError',
    `'${typeOf(value ?? null).name}' object cannot be interpreted as an integer`,
  );
}

/** A float or int as the host's number. */
export function real(value: Value | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  throw raise('TypeError', `must be real number, not ${typeOf(value ?? null).name}`);
}

/** A str. */
export function text(value: Value | undefined, what = 'argument'): string {
  if (typeof value === 'string') return value;
  throw raise('TypeError', `${what} must be str, not ${typeOf(value ?? null).name}`);
}

/** A bytes-like object. */
export function bytesOf(value: Value | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw raise('TypeError', `a bytes-like object is required, not '${typeOf(value ?? null).name}'`);
}

/** The argument at a place or by its name. */
export function argument(
  args: readonly Value[],
  keywords: Keywords,
  at: number,
  name: string,
): Value | undefined {
  return args[at] ?? keywords.get(name);
}

/** Names of a module made of functions. */
export function natives(table: Readonly<Record<string, NativeCall>>): [string, Value][] {
  return Object.entries(table).map(([name, call]) => [name, new PyNative(name, call)]);
}
