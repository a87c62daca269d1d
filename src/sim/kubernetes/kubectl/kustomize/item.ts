// What kustomize works on: an object with the names it has had, and the field paths that reach into it.

import type { KubeObject } from '../rest.ts';

export type Fields = Record<string, unknown>;

/** One object of a build. */
export interface Item {
  object: KubeObject;
  /** Every name it has had, the first as it was written. */
  readonly names: string[];
  /** The namespace as it was written. */
  readonly firstNamespace: string;
  /** Its name ends with a hash of its content. */
  readonly hashed: boolean;
}

export function itemOf(object: KubeObject, hashed = false): Item {
  return {
    object,
    names: [object.metadata?.name ?? ''],
    firstNamespace: object.metadata?.namespace ?? '',
    hashed,
  };
}

/** Group and version of an object. */
export function groupOf({ apiVersion = '' }: KubeObject): { group: string; version: string } {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}

/** `Deployment.v1.apps/web.[noNs]`, as errors name objects. */
export function idText(object: KubeObject): string {
  const { group, version } = groupOf(object);
  const { name = '', namespace } = object.metadata ?? {};
  const kind = `${object.kind || '[noKind]'}.${version || '[noVer]'}.${group || '[noGrp]'}`;
  return `${kind}/${name || '[noName]'}.${namespace || '[noNs]'}`;
}

/** Gives an object another name; the old one is remembered for those that refer to it. */
export function rename(item: Item, name: string): void {
  if (name === item.object.metadata?.name) return;
  item.object = { ...item.object, metadata: { ...item.object.metadata, name } };
  item.names.push(name);
}

function isMap(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The value with what stands at `path` changed; lists on the way are entered. Missing maps are made with `create`. */
export function changeAt(
  value: unknown,
  path: readonly string[],
  change: (at: unknown) => unknown,
  create = false,
): unknown {
  if (Array.isArray(value)) return value.map((item) => changeAt(item, path, change, create));
  const [field, ...rest] = path;
  if (field === undefined) return change(value);
  if (!isMap(value)) return value;
  const inside = value[field];
  if (inside === undefined && !create) return value;
  if (rest.length === 0) return { ...value, [field]: change(inside) };
  return { ...value, [field]: changeAt(inside ?? {}, rest, change, create) };
}

/** A field of objects of some kinds. */
export interface FieldSpec {
  readonly path: string;
  readonly kinds?: readonly string[];
  readonly create?: boolean;
}

/** Changes every field of a list of specs that an object has (or that is to be made). */
export function changeFields(
  object: KubeObject,
  specs: readonly FieldSpec[],
  change: (at: unknown) => unknown,
): KubeObject {
  let out: unknown = object;
  for (const { path, kinds, create = false } of specs) {
    if (kinds && !kinds.includes(object.kind ?? '')) continue;
    out = changeAt(out, path.split('/'), change, create);
  }
  return out as KubeObject;
}
