// A project's structs as compose writes them: YAML with zero values left out, or JSON.

import { sortedKeys } from '../../../userland/yaml/write.ts';
import { durationText } from '../../units.ts';
import { type Kind, type Scalar, STRUCTS } from './fields.ts';
import { isMapping, type Mapping, type Value } from './tree.ts';

export type Format = 'yaml' | 'json';

/** A struct, its fields in order. */
export function encodeStruct(name: string, value: Mapping, format: Format): Mapping {
  const out: Mapping = {};
  for (const [field, kind] of STRUCTS[name] ?? []) {
    const item = encode(kind, value[field], format);
    if (item !== undefined) out[field] = item;
  }
  if (format === 'yaml')
    for (const key of sortedKeys(value))
      if (key.startsWith('x-')) out[key] = keysSorted(value[key] ?? null);
  return out;
}

/** A value of no struct, the keys of its maps sorted. */
export function keysSorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(keysSorted);
  if (!isMapping(value)) return value;
  return Object.fromEntries(sortedKeys(value).map((key) => [key, keysSorted(value[key] ?? null)]));
}

/** A map of structs by name, sorted. */
export function encodeMap(name: string, map: Mapping, format: Format): Mapping {
  const keys = format === 'yaml' ? sortedKeys(map) : Object.keys(map).sort();
  return Object.fromEntries(
    keys.map((key) => {
      const item = map[key];
      return [key, isMapping(item) ? encodeStruct(name, item, format) : null];
    }),
  );
}

function encode(kind: Kind, value: Value | undefined, format: Format): Value | undefined {
  if (typeof kind === 'string') return encodeScalar(kind, value, format);
  if ('struct' in kind) {
    if (!isMapping(value)) return kind.whole && format === 'json' ? {} : undefined;
    const made = encodeStruct(kind.struct, value, format);
    const empty = Object.keys(made).length === 0;
    return kind.whole && empty && format === 'yaml' ? undefined : made;
  }
  if ('list' in kind) {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    return value.map((item) => encodeStruct(kind.list, item as Mapping, format));
  }
  if (!isMapping(value) || Object.keys(value).length === 0) return undefined;
  return encodeMap(kind.map, value, format);
}

function encodeScalar(kind: Scalar, value: Value | undefined, format: Format): Value | undefined {
  if (kind === 'command') return value ?? (format === 'json' ? null : undefined);
  if (kind === 'bool!') return value ?? false;
  if (value === undefined || value === null) return undefined;
  switch (kind) {
    case 'bool?':
    case 'int?':
      return value;
    case 'duration?':
      return durationText(Number(value));
    case 'duration':
      return Number(value) === 0 ? undefined : durationText(Number(value));
    case 'bytes':
      return Number(value) === 0 ? undefined : String(value);
    case 'mode':
      return `0${Number(value).toString(8)}`;
    default:
      return isZero(value) ? undefined : encodeCompound(kind, value, format);
  }
}

function isZero(value: Value): boolean {
  if (value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMapping(value) && Object.keys(value).length === 0;
}

function encodeCompound(kind: Scalar, value: Value, format: Format): Value {
  if (kind === 'hosts' && isMapping(value))
    return Object.entries(value)
      .flatMap(([host, addresses]) =>
        (addresses as string[]).map((address) => `${host}=${address}`),
      )
      .sort();
  if (kind === 'envFiles' && Array.isArray(value))
    return value.map((item) =>
      isMapping(item) && item.required === true ? (item.path ?? '') : item,
    );
  if (kind === 'ulimits' && isMapping(value))
    return mapSorted(value, format, (item) => {
      if (!isMapping(item)) return item;
      const { soft = 0, hard = 0 } = item;
      return format === 'yaml' ? { soft, hard } : { soft, hard };
    });
  if (kind === 'ssh' && isMapping(value))
    return Object.entries(value).map(([id, path]) =>
      path === null ? id : `${id}: ${String(path)}`,
    );
  return isMapping(value) ? mapSorted(value, format, (item) => item) : value;
}

function mapSorted(map: Mapping, format: Format, each: (item: Value) => Value): Mapping {
  const keys = format === 'yaml' ? sortedKeys(map) : Object.keys(map).sort();
  return Object.fromEntries(keys.map((key) => [key, each(map[key] ?? null)]));
}
