// Values between templates and functions, as Sprig converts them (spf13/cast): integers are bigints, floats are numbers.

import { floatText, goPrint } from '../../userland/template/values.ts';

/** A map of values. */
export type Values = Record<string, unknown>;

export function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** cast.ToInt64: 0 where a value is no number. */
export function toInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return BigInt(Math.trunc(value));
  if (typeof value === 'boolean') return value ? 1n : 0n;
  const match = /^\s*([-+]?\d+)(\.\d*)?\s*$/.exec(String(value ?? ''));
  return match ? BigInt((match[1] ?? '0').replace('+', '')) : 0n;
}

export function toFloat(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const number = Number(value);
  return Number.isNaN(number) ? 0 : number;
}

/** strval: the text of anything; floats in Go's shortest form. */
export function toText(value: unknown): string {
  if (typeof value === 'number') return floatText(value);
  if (value === null || value === undefined) return '';
  return goPrint(value, undefined, 1);
}

/** Sprig's empty: false, 0, "", nil and empty collections. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return true;
  if (typeof value === 'number') return value === 0;
  if (typeof value === 'bigint') return value === 0n;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** A value as JSON has it: bigints become numbers, methods are left out. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isMap(value)) return value ?? null;
  const entries = Object.entries(value).filter(([, item]) => typeof item !== 'function');
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, plain(item)]),
  );
}

/** A copy that may be changed. */
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)]));
}
