// CEL's arithmetic: integers of 64 bits that do not wrap around, doubles, text, lists, times.

import { CelError, type Duration, isList, kindOf, type Timestamp, type Value } from './values.ts';

const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

function bounded(value: bigint): bigint | CelError {
  return value < LEAST || value > GREATEST ? new CelError('integer overflow') : value;
}

/** `+`: sums, joined text and lists, times moved on. */
export function add(a: Value, b: Value): Value | CelError {
  if (typeof a === 'bigint' && typeof b === 'bigint') return bounded(a + b);
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (isList(a) && isList(b)) return [...a, ...b];
  const kinds = `${kindOf(a)} ${kindOf(b)}`;
  const sum = (): bigint => (a as Duration).nanoseconds + (b as Duration).nanoseconds;
  if (kinds === 'duration duration') return { kind: 'duration', nanoseconds: sum() };
  if (kinds === 'timestamp duration' || kinds === 'duration timestamp') {
    return { kind: 'timestamp', nanoseconds: sum() };
  }
  return new CelError('no such overload');
}

/** `-`, `*`, `/` and `%`. */
export function arithmetic(operator: string, a: Value, b: Value): Value | CelError {
  if (typeof a === 'bigint' && typeof b === 'bigint') return integers(operator, a, b);
  if (typeof a === 'number' && typeof b === 'number') {
    if (operator === '-') return a - b;
    if (operator === '*') return a * b;
    return operator === '/' ? a / b : new CelError('no such overload');
  }
  if (operator !== '-') return new CelError('no such overload');
  const kinds = `${kindOf(a)} ${kindOf(b)}`;
  const difference = (): bigint => (a as Timestamp).nanoseconds - (b as Timestamp).nanoseconds;
  if (kinds === 'timestamp duration') return { kind: 'timestamp', nanoseconds: difference() };
  if (kinds === 'timestamp timestamp' || kinds === 'duration duration') {
    return { kind: 'duration', nanoseconds: difference() };
  }
  return new CelError('no such overload');
}

function integers(operator: string, a: bigint, b: bigint): bigint | CelError {
  if (operator === '-') return bounded(a - b);
  if (operator === '*') return bounded(a * b);
  if (b === 0n) return new CelError(operator === '/' ? 'division by zero' : 'modulus by zero');
  return operator === '/' ? bounded(a / b) : a % b;
}
