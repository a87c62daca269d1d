// JSON Patch (RFC 6902): add, remove, replace, move, copy, test. Nothing is changed in place.

import { sameJson } from '../object.ts';

export interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** A patch that does not fit the document. */
export class PatchError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Applies the operations in order; the first that does not fit ends it. */
export function applyJsonPatch(
  document: unknown,
  operations: readonly PatchOperation[],
): unknown | PatchError {
  let current = document;
  for (const operation of operations) {
    current = applyOne(current, operation);
    if (current instanceof PatchError) return current;
  }
  return current;
}

function applyOne(document: unknown, operation: PatchOperation): unknown | PatchError {
  const path = segmentsOf(operation.path);
  switch (operation.op) {
    case 'add':
      return change(document, path, () => operation.value, 'add');
    case 'replace':
      return change(document, path, () => operation.value, 'replace');
    case 'remove': {
      const removed = change(document, path, () => undefined, 'remove');
      const key = path[path.length - 1] ?? '';
      return removed instanceof PatchError
        ? new PatchError(
            `error in remove for path: '${operation.path}': Unable to remove nonexistent key: ${key}: missing value`,
          )
        : removed;
    }
    case 'test': {
      const found = valueAt(document, path);
      return !(found instanceof PatchError) && sameJson(found ?? null, operation.value ?? null)
        ? document
        : new PatchError(`testing value ${operation.path} failed: test failed`);
    }
    case 'copy':
    case 'move': {
      const from = segmentsOf(operation.from ?? '');
      const value = valueAt(document, from);
      if (value instanceof PatchError) return value;
      const rest =
        operation.op === 'move' ? change(document, from, () => undefined, 'remove') : document;
      return rest instanceof PatchError ? rest : change(rest, path, () => value, 'add');
    }
    default:
      return new PatchError(`Unexpected kind: ${operation.op}`);
  }
}

function valueAt(document: unknown, path: readonly string[]): unknown | PatchError {
  let at = document;
  for (const segment of path) {
    if (Array.isArray(at)) {
      const index = Number(segment);
      if (!(index in at)) return missing(path);
      at = at[index];
    } else if (typeof at === 'object' && at !== null) {
      const object = at as Readonly<Record<string, unknown>>;
      if (!(segment in object)) return missing(path);
      at = object[segment];
    } else {
      return missing(path);
    }
  }
  return at;
}

function missing(path: readonly string[]): PatchError {
  return new PatchError(`doc is missing path: /${path.join('/')}`);
}

type Mode = 'add' | 'replace' | 'remove';

function change(
  document: unknown,
  path: readonly string[],
  make: () => unknown,
  mode: Mode,
): unknown | PatchError {
  const [segment, ...rest] = path;
  if (segment === undefined) return mode === 'remove' ? null : make();
  if (Array.isArray(document)) return changeList(document, segment, rest, make, mode);
  if (typeof document !== 'object' || document === null) return missing(path);
  const object = document as Readonly<Record<string, unknown>>;
  if (rest.length > 0) {
    if (!(segment in object)) return missing(path);
    const inner = change(object[segment], rest, make, mode);
    return inner instanceof PatchError ? inner : { ...object, [segment]: inner };
  }
  if (mode !== 'add' && !(segment in object)) return missing(path);
  if (mode !== 'remove') return { ...object, [segment]: make() };
  const { [segment]: _, ...others } = object;
  return others;
}

function changeList(
  list: readonly unknown[],
  segment: string,
  rest: readonly string[],
  make: () => unknown,
  mode: Mode,
): unknown | PatchError {
  const end = segment === '-' && mode === 'add' && rest.length === 0;
  const index = end ? list.length : /^(0|[1-9]\d*)$/.test(segment) ? Number(segment) : -1;
  const most = mode === 'add' && rest.length === 0 ? list.length : list.length - 1;
  if (index < 0 || index > most) return missing([segment, ...rest]);
  if (rest.length > 0) {
    const inner = change(list[index], rest, make, mode);
    return inner instanceof PatchError ? inner : list.with(index, inner);
  }
  if (mode === 'replace') return list.with(index, make());
  return mode === 'add'
    ? [...list.slice(0, index), make(), ...list.slice(index)]
    : [...list.slice(0, index), ...list.slice(index + 1)];
}
