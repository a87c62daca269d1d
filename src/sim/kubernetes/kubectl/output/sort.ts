// --sort-by: objects and table rows by a path's value; numbers by value, names as people count.

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
  return [...items].sort((a, b) => compare(value(a), value(b)));
}

/** Sorts a table's rows; no rows at all where none has the field. */
export function sortRows(rows: readonly TableRow[], field: string): TableRow[] {
  const value = pathFor(field);
  if (rows.every((row) => value(row.object) === undefined)) return [];
  return [...rows].sort((a, b) => compare(value(a.object), value(b.object)));
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : -1;
  if (b === undefined || b === null) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return natural(String(a), String(b));
}

/** Runs of digits compare by value. */
function natural(a: string, b: string): number {
  const parts = (text: string): string[] => text.match(/\d+|\D+/g) ?? [];
  const [x, y] = [parts(a), parts(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i] as string, y[i] as string];
    if (p === q) continue;
    if (/^\d/.test(p) && /^\d/.test(q) && Number(p) !== Number(q)) return Number(p) - Number(q);
    return p < q ? -1 : 1;
  }
  return x.length - y.length;
}
