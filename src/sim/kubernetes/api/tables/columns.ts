// Short ways to write tables: columns by name, cells read out of loosely typed objects.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { objectAge } from '../handlers/table.ts';
import type { Cell, Column, TableForm } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';

/** `'Ready'`, `'*IP'` for -o wide, `'Desired:integer'` with a type. Name comes first by itself. */
export function columns(...names: readonly string[]): readonly Column[] {
  const rest = names.map((text): Column => {
    const wide = text.startsWith('*');
    const [name = '', type = 'string'] = (wide ? text.slice(1) : text).split(':');
    return { name, type: type as Column['type'] & string, ...(wide ? { priority: 1 } : {}) };
  });
  return [{ name: 'Name', format: 'name' }, ...rest];
}

/** A table whose cells after the name are made by `cells`; `age()` is the object's. */
export function table(
  names: readonly string[],
  cells: (object: Loose, age: () => string) => readonly Cell[],
): TableForm {
  return {
    columns: columns(...names),
    cells: (object, now) => [
      object.metadata.name ?? '',
      ...cells(loose(object), () => objectAge(object, now)),
    ],
  };
}

/** An object whose fields are read by path: `field('spec.source.name')`. */
export interface Loose {
  readonly object: KubeObject;
  field(path: string): unknown;
  text(path: string, otherwise?: string): string;
  number(path: string): number;
  list(path: string): readonly JsonObject[];
}

/** Reads an object by paths. */
export function loose(object: KubeObject): Loose {
  const field = (path: string): unknown => fieldAt(object, path);
  return {
    object,
    field,
    text: (path, otherwise = '') => {
      const value = field(path);
      return value === undefined || value === null ? otherwise : String(value);
    },
    number: (path) => Number(field(path) ?? 0),
    list: (path) => {
      const value = field(path);
      return Array.isArray(value) ? value.filter(isObject) : [];
    },
  };
}

/** The value at a path of names; undefined where there is none. */
export function fieldAt(object: object, path: string): unknown {
  let at: unknown = object;
  for (const name of path.split('.')) at = isObject(at) ? at[name] : undefined;
  return at;
}

/** At most `most` items, and how many more there are. */
export function listCell(items: readonly string[], most: number, separator = ','): string {
  const shown = items.slice(0, most).join(separator);
  return items.length > most ? `${shown} + ${items.length - most} more...` : shown;
}
