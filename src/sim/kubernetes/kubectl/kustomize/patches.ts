// kustomize's patches: strategic merges by an object's own name, and JSON or merge patches of the objects of a target.

import { hasStructType, type StructType, structType } from '../../api/fields/tables.ts';
import { applyJsonPatch, PatchError, type PatchOperation } from '../../api/patch/json-patch.ts';
import { applyStrategicPatch } from '../../api/patch/strategic.ts';
import { matches, parseLabelSelector, SelectorError } from '../../api/selectors.ts';
import { failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';
import { objectsIn } from './files.ts';
import { type Fields, groupOf, type Item, idText, rename } from './item.ts';

/** Whom a patch is for; texts are regular expressions that must fit the whole. */
export interface PatchTarget {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly annotationSelector?: string;
}

export interface Patch {
  readonly text: string;
  readonly path?: string | undefined;
  readonly target?: PatchTarget | undefined;
  readonly options?: { readonly allowNameChange?: boolean; readonly allowKindChange?: boolean };
}

function fits(pattern: string | undefined, value: string): boolean {
  return pattern === undefined || pattern === '' || new RegExp(`^(?:${pattern})$`).test(value);
}

function selected(text: string | undefined, pairs: Readonly<Record<string, string>> = {}): boolean {
  if (!text) return true;
  const parsed = parseLabelSelector(text);
  return !(parsed instanceof SelectorError) && matches(parsed, pairs);
}

function isTarget({ object, names, firstNamespace }: Item, target: PatchTarget): boolean {
  const { group, version } = groupOf(object);
  const { namespace = '', labels, annotations } = object.metadata ?? {};
  return (
    fits(target.group, group) &&
    fits(target.version, version) &&
    fits(target.kind, object.kind ?? '') &&
    names.some((name) => fits(target.name, name)) &&
    (fits(target.namespace, namespace) || fits(target.namespace, firstNamespace)) &&
    selected(target.labelSelector, labels) &&
    selected(target.annotationSelector, annotations)
  );
}

/** Applies one patch; objects that it deletes leave the list. */
export function applyPatch(items: Item[], patch: Patch): void {
  const documents = objectsIn(patch.text, patch.path ?? '');
  const [first] = documents;
  if (Array.isArray(first)) {
    if (!patch.target)
      throw failure(
        `must specify a target for JSON patch ${patch.path ?? JSON.stringify(patch.text)}`,
      );
    for (const item of items.filter((one) => isTarget(one, patch.target ?? {})))
      jsonPatch(item, first as PatchOperation[]);
    return;
  }
  for (const object of documents as KubeObject[]) {
    if (patch.target) {
      for (const item of items.filter((one) => isTarget(one, patch.target ?? {})))
        mergePatch(items, item, object, patch.options);
    } else mergePatch(items, named(items, object), object, patch.options);
  }
}

function named(items: readonly Item[], patch: KubeObject): Item {
  const { group, version } = groupOf(patch);
  const { name = '', namespace = '' } = patch.metadata ?? {};
  const found = items.find((one) => {
    const own = groupOf(one.object);
    const spaces = [one.firstNamespace, one.object.metadata?.namespace ?? ''];
    return (
      own.group === group &&
      own.version === version &&
      one.object.kind === patch.kind &&
      one.names.includes(name) &&
      spaces.map((space) => space || 'default').includes(namespace || 'default')
    );
  });
  if (found) return found;
  const id = idText(patch);
  throw failure(
    `no resource matches strategic merge patch "${id}": no matches for Id ${id}; failed to find unique target for patch ${id}`,
  );
}

function jsonPatch(item: Item, operations: readonly PatchOperation[]): void {
  const result = applyJsonPatch(item.object, operations);
  if (result instanceof PatchError) {
    const at = operations.find((one) => one.op !== 'add') ?? operations[0];
    throw failure(
      `${at?.op ?? ''} operation does not apply: doc is missing path: "${at?.path ?? ''}": missing value`,
    );
  }
  const object = result as KubeObject;
  const name = object.metadata?.name ?? '';
  item.object = object;
  if (!item.names.includes(name)) item.names.push(name);
}

function typeOf(object: KubeObject): StructType | undefined {
  const { group, version } = groupOf(object);
  const name = `${group === '' ? 'core' : group.split('.')[0]}/${version}.${object.kind ?? ''}`;
  return hasStructType(name) ? structType(name) : undefined;
}

/** Lists that were merged item by item: those of the patch come first, in its order. */
function inPatchOrder(merged: unknown, patch: unknown, type: StructType | undefined): unknown {
  if (!isMap(merged) || !isMap(patch)) return merged;
  const out: Record<string, unknown> = { ...merged };
  for (const [name, wanted] of Object.entries(patch)) {
    const field = type?.byName.get(name);
    const inside = out[name];
    if (field?.type.kind === 'struct') out[name] = inPatchOrder(inside, wanted, field.type.struct);
    if (!field?.patchMerge || field.patchKey === '') continue;
    if (!Array.isArray(inside) || !Array.isArray(wanted)) continue;
    const key = field.patchKey;
    const element =
      field.type.kind === 'list' && field.type.of.kind === 'struct'
        ? field.type.of.struct
        : undefined;
    const at = (one: Fields): number =>
      (wanted as Fields[]).findIndex((other) => other[key] === one[key]);
    const rank = (one: Fields): number => (at(one) < 0 ? wanted.length : at(one));
    out[name] = (inside as Fields[])
      .map((one) => inPatchOrder(one, wanted[at(one)], element) as Fields)
      .sort((a, b) => rank(a) - rank(b));
  }
  return out;
}

function isMap(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function mergePatch(items: Item[], item: Item, patch: KubeObject, options: Patch['options']): void {
  if (patch.$patch === 'delete') {
    items.splice(items.indexOf(item), 1);
    return;
  }
  const { kind, apiVersion } = item.object;
  const { name = '' } = item.object.metadata ?? {};
  const merged = applyStrategicPatch(item.object as Fields, patch as Fields, typeOf(item.object));
  if (merged instanceof PatchError) throw failure(merged.message);
  const object = inPatchOrder(merged, patch, typeOf(item.object)) as KubeObject;
  const wanted = object.metadata?.name ?? name;
  item.object = {
    ...object,
    ...(options?.allowKindChange ? {} : { kind, apiVersion }),
    metadata: { ...object.metadata, name },
  } as KubeObject;
  if (options?.allowNameChange) rename(item, wanted);
}
