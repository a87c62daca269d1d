// --sort-by: objects and table rows by a path's value; numbers and quantities by value, other text by its letters.

import { parseQuantity, QuantityError } from '../../api/fields/quantity.ts';
import { failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';
import { JsonPathError, parseJsonPath, relaxedPath } from './jsonpath.ts';
import type { TableRow } from './table.ts';

function pathFor(field: string): (object: unknown) => unknown {
  const path = relaxedPath(field);
  if (path === undefined) {
    throw failure(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    );
  }
  try {
    const parsed = parseJsonPath(path, true);
    return (object) => parsed.find(object).flat()[0];
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw failure(error.message);
  }
}

/** Sorts objects; those without the field come first. */
export function sortItems(items: readonly KubeObject[], field: string): KubeObject[] {
  const value = pathFor(field);
  if (items.length > 0 && items.every((item) => value(item) === undefined)) {
    throw failure(
      `couldn't find any field with path "${relaxedPath(field) ?? field}" in the list of objects`,
    );
  }
  return sorted(items, value);
}

/** Sorts a table's rows; no rows at all where none has the field. */
export function sortRows(rows: readonly TableRow[], field: string): TableRow[] {
  const value = pathFor(field);
  if (rows.every((row) => value(row.object) === undefined)) return [];
  return sorted(rows, (row) => value(row.object));
}

/** An item without a value is less than any before it, so those without come first, the last of them foremost. */
function sorted<T>(items: readonly T[], value: (item: T) => unknown): T[] {
  const without: T[] = [];
  const keyed: { readonly item: T; readonly key: Key }[] = [];
  for (const item of items) {
    const found = value(item);
    if (found === undefined || found === null) without.unshift(item);
    else keyed.push({ item, key: keyOf(found) });
  }
  keyed.sort((a, b) => compare(a.key, b.key));
  return [...without, ...keyed.map(({ item }) => item)];
}

/** A value, and what it is as a quantity (`100m`, `2Gi`) where it reads as one. */
interface Key {
  readonly value: unknown;
  readonly nano: bigint | undefined;
}

function keyOf(value: unknown): Key {
  if (typeof value !== 'string') return { value, nano: undefined };
  const quantity = parseQuantity(value);
  return { value, nano: quantity instanceof QuantityError ? undefined : quantity.nano };
}

function compare(a: Key, b: Key): number {
  if (typeof a.value === 'number' && typeof b.value === 'number') return a.value - b.value;
  const byAmount = a.nano !== undefined && b.nano !== undefined;
  const [x, y] = byAmount ? [a.nano, b.nano] : [String(a.value), String(b.value)];
  if (x === undefined || y === undefined || x === y) return 0;
  return x < y ? -1 : 1;
}
