// Sets of fields in the form FieldsV1: `f:` names, `k:` keys of list items, `v:` values of sets, `.` the thing itself.
// Sets are frozen and shared; equal sets of many objects are one object.

import { isObject, type JsonObject, zeroStruct } from '../fields/decode.ts';
import { sameJson } from '../object.ts';
import { type Field, type FieldType, zeroOfType } from './types.ts';

/** A set of fields; an empty one is a leaf. */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export const LEAF: FieldSet = Object.freeze({});

/** Keys of list items that configurations may leave out, with what they then are. */
const KEY_DEFAULTS: Readonly<Record<string, unknown>> = { protocol: 'TCP' };

/** The element of a list item: `k:{"name":"web"}`. */
export function itemElement(item: unknown, keys: readonly string[]): string {
  const given = isObject(item) ? item : {};
  const pairs = [...keys].sort().map((key) => [key, given[key] ?? KEY_DEFAULTS[key] ?? null]);
  return `k:${JSON.stringify(Object.fromEntries(pairs))}`;
}

/** The parts of a value by element; undefined for what is owned as a whole. */
export function partsOf(
  value: unknown,
  type: FieldType,
  field: Field | undefined,
): readonly (readonly [string, unknown, FieldType, Field | undefined])[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (field?.topology === 'atomic') return undefined;
  if (type.kind === 'struct' && isObject(value)) {
    if (type.struct.atomic) return undefined;
    const { byName } = type.struct;
    const parts: (readonly [string, unknown, FieldType, Field | undefined])[] = [];
    for (const name of Object.keys(value).sort()) {
      const inner = byName.get(name);
      if (inner) parts.push([inner.element, value[name], inner.type, inner]);
    }
    return parts;
  }
  if (type.kind === 'map' && isObject(value)) {
    return Object.keys(value)
      .sort()
      .map((name) => [`f:${name}`, value[name], type.of, undefined] as const);
  }
  if (type.kind === 'list' && Array.isArray(value)) {
    if (field?.topology === 'map') {
      return value.map(
        (item) => [itemElement(item, field.keys), item, type.of, undefined] as const,
      );
    }
    if (field?.topology === 'set') {
      return value.map((item) => [`v:${JSON.stringify(item)}`, item, type.of, undefined] as const);
    }
  }
  return undefined;
}

/** Everything in a value that is new: its parts, and itself. */
export function everything(value: unknown, type: FieldType, field: Field | undefined): FieldSet {
  const parts = partsOf(value, type, field);
  if (!parts || parts.length === 0) return LEAF;
  const made: Record<string, FieldSet> = { '.': LEAF };
  for (const [element, inner, innerType, innerField] of parts) {
    made[element] = everything(inner, innerType, innerField);
  }
  return made;
}

/** What a configuration says: its leaves, and the items of its lists. */
export function configured(
  value: unknown,
  type: FieldType,
  field: Field | undefined,
  item = false,
): FieldSet {
  const parts = partsOf(value, type, field);
  if (!parts || parts.length === 0) return LEAF;
  const made: Record<string, FieldSet> = item ? { '.': LEAF } : {};
  for (const [element, inner, innerType, innerField] of parts) {
    made[element] = configured(inner, innerType, innerField, element.startsWith('k:'));
  }
  return made;
}

/** What differs between two values: changed or added, and removed. */
export interface Comparison {
  readonly changed: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

const SAME: Comparison = { changed: undefined, removed: undefined };

/** Compares two values of a type. */
export function compare(
  before: unknown,
  after: unknown,
  type: FieldType,
  field: Field | undefined,
): Comparison {
  if (before === after) return SAME;
  const fresh = type.kind === 'struct' && before === zeroStruct(type.struct) && isObject(after);
  if (!fresh) return compareParts(before, after, type, field);
  const known = fromNothing.get(after);
  if (known) return known;
  const made = compareParts(before, after, type, field);
  fromNothing.set(after, made);
  return made;
}

/** Comparisons of new structures with nothing: those of one template are made once. */
const fromNothing = new WeakMap<object, Comparison>();

/** The names in order under which an object has something else than another one. */
function differing(
  before: JsonObject,
  after: JsonObject,
  skip: ReadonlySet<string> | undefined,
): string[] {
  const names: string[] = [];
  for (const name in after) {
    const inner = after[name];
    if (inner !== before[name] && inner !== undefined && !skip?.has(name)) names.push(name);
  }
  return names.length > 1 ? names.sort() : names;
}

/** What differs between two objects whose fields are named: parts that are shared cost nothing. */
function compareNamed(
  before: JsonObject,
  after: JsonObject,
  type: FieldType,
  skip: ReadonlySet<string> | undefined,
): Comparison {
  const changed: Record<string, FieldSet> = {};
  const removed: Record<string, FieldSet> = {};
  for (const name of differing(before, after, skip)) {
    const inner = after[name];
    const old = before[name];
    const field = type.kind === 'struct' ? type.struct.byName.get(name) : undefined;
    const innerType = type.kind === 'map' ? type.of : field?.type;
    if (!innerType) continue;
    const found = compareOne(old, inner, innerType, field);
    const element = field?.element ?? `f:${name}`;
    if (found.changed) changed[element] = found.changed;
    if (found.removed) removed[element] = found.removed;
  }
  for (const name in before) {
    if (after[name] !== undefined || before[name] === undefined || skip?.has(name)) continue;
    const field = type.kind === 'struct' ? type.struct.byName.get(name) : undefined;
    const innerType = type.kind === 'map' ? type.of : field?.type;
    if (!innerType) continue;
    removed[field?.element ?? `f:${name}`] = everything(before[name], innerType, field);
  }
  return { changed: unlessEmpty(changed), removed: unlessEmpty(removed) };
}

function compareOne(
  old: unknown,
  now: unknown,
  type: FieldType,
  field: Field | undefined,
): Comparison {
  if (old !== undefined) return compare(old, now, type, field);
  const zero = field?.always ? zeroOfType(field) : undefined;
  if (zero !== undefined) return compare(zero, now, type, field);
  return { changed: everything(now, type, field), removed: undefined };
}

/** Compares two structures, some of whose fields do not count. */
export function compareExcept(
  before: JsonObject,
  after: JsonObject,
  type: FieldType,
  skip: ReadonlySet<string>,
): Comparison {
  return compareNamed(before, after, type, skip);
}

function compareParts(
  before: unknown,
  after: unknown,
  type: FieldType,
  field: Field | undefined,
): Comparison {
  const named = type.kind === 'map' || (type.kind === 'struct' && !type.struct.atomic);
  if (named && field?.topology !== 'atomic' && isObject(before) && isObject(after)) {
    return compareNamed(before, after, type, undefined);
  }
  const old = partsOf(before, type, field);
  const now = partsOf(after, type, field);
  if (!now && !old) return sameJson(before, after) ? SAME : { changed: LEAF, removed: undefined };
  const oldParts = new Map((old ?? []).map((part) => [part[0], part]));
  const changed: Record<string, FieldSet> = {};
  const removed: Record<string, FieldSet> = {};
  for (const [element, inner, innerType, innerField] of now ?? []) {
    const known = oldParts.get(element);
    oldParts.delete(element);
    if (!known) {
      const zero = innerField?.always ? zeroOfType(innerField) : undefined;
      if (zero === undefined || innerType.kind === 'scalar') {
        changed[element] = everything(inner, innerType, innerField);
        continue;
      }
    }
    const start = known ? known[1] : innerField ? zeroOfType(innerField) : null;
    const found = compare(start, inner, innerType, innerField);
    if (found.changed) changed[element] = found.changed;
    if (found.removed) removed[element] = found.removed;
  }
  for (const [element, [, inner, innerType, innerField]] of oldParts) {
    removed[element] = everything(inner, innerType, innerField);
  }
  return { changed: unlessEmpty(changed), removed: unlessEmpty(removed) };
}

function unlessEmpty(set: Record<string, FieldSet>): FieldSet | undefined {
  for (const _ in set) return set;
  return undefined;
}

/** Whether a set has the thing itself, and not only parts of it. */
function hasSelf(set: FieldSet): boolean {
  return '.' in set || isLeaf(set);
}

/** A set of parts with or without the thing itself; undefined where nothing is left. */
function assemble(parts: Record<string, FieldSet>, self: boolean): FieldSet | undefined {
  const names = Object.keys(parts).sort();
  if (names.length === 0) return self ? LEAF : undefined;
  const made: Record<string, FieldSet> = self ? { '.': LEAF } : {};
  for (const name of names) made[name] = parts[name] as FieldSet;
  return made;
}

/** Both sets together. */
export function union(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || a === b) return b ?? a;
  if (b === undefined) return a;
  let changed = hasSelf(b) && !hasSelf(a);
  const parts: Record<string, FieldSet> = { ...a };
  delete parts['.'];
  for (const element in b) {
    if (element === '.') continue;
    const before = a[element];
    const after = union(before, b[element]) as FieldSet;
    if (before === after) continue;
    changed = true;
    parts[element] = after;
  }
  if (!changed && !(isLeaf(a) && Object.keys(parts).length > 0)) return a;
  return assemble(parts, hasSelf(a) || hasSelf(b));
}

/** The first set without the members of the second. */
export function difference(a: FieldSet, b: FieldSet | undefined): FieldSet | undefined {
  if (b === undefined) return a;
  const self = hasSelf(a) && !hasSelf(b);
  let changed = self !== hasSelf(a);
  const parts: Record<string, FieldSet> = {};
  for (const element in a) {
    if (element === '.') continue;
    const before = a[element] as FieldSet;
    const other = b[element];
    const after = other === undefined ? before : difference(before, other);
    if (after !== before) changed = true;
    if (after !== undefined) parts[element] = after;
  }
  return changed ? assemble(parts, self) : a;
}

/** The first set without what the second has or holds parts of: an owner of a part keeps the whole around it. */
export function unheld(a: FieldSet, held: FieldSet | undefined): FieldSet | undefined {
  if (held === undefined) return a;
  const parts: Record<string, FieldSet> = {};
  for (const element in a) {
    if (element === '.') continue;
    const left = unheld(a[element] as FieldSet, held[element]);
    if (left !== undefined) parts[element] = left;
  }
  return assemble(parts, false);
}

/** What both sets have. */
export function intersection(a: FieldSet, b: FieldSet | undefined): FieldSet | undefined {
  if (b === undefined) return undefined;
  const parts: Record<string, FieldSet> = {};
  for (const element in a) {
    if (element === '.') continue;
    const inner = intersection(a[element] as FieldSet, b[element]);
    if (inner) parts[element] = inner;
  }
  return assemble(parts, hasSelf(a) && hasSelf(b));
}

export function isLeaf(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

const known = new Map<string, FieldSet>();
/** The sets that `shared` has given. */
const given = new WeakSet<FieldSet>();
const KNOWN_LIMIT = 8192;

/** The one object for all sets that are equal to this one. */
export function shared(set: FieldSet): FieldSet {
  if (given.has(set)) return set;
  const key = JSON.stringify(set);
  const same = known.get(key);
  if (same) return same;
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(key, set);
  given.add(set);
  return set;
}

/** The leaves of a set as paths: `.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const elements = Object.keys(set);
  if (elements.length === 0) return [prefix];
  return elements.flatMap((element) =>
    element === '.' ? [prefix] : pathsOf(set[element] as FieldSet, prefix + elementText(element)),
  );
}

function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  const keys = JSON.parse(rest) as Readonly<Record<string, unknown>>;
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}]`;
}
