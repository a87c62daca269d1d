// From the canonical tree to a project's structs: texts that become words, bytes, durations, booleans and maps.

import { memoryBytes } from '../../units.ts';
import { type Fields, type Kind, type Scalar, STRUCTS } from './fields.ts';
import { booleanOf } from './interpolate.ts';
import { shellWords } from './shell-words.ts';
import { ComposeProblem, goType, isMapping, type Mapping, type Value } from './tree.ts';

export interface Decoding {
  readonly warn: (text: string) => void;
  /** Where the value stands, as complaints name it: `services[web].healthcheck`. */
  readonly at: string;
}

/** A struct's fields; unknown ones are left out, extensions stay. */
export function decodeStruct(name: string, value: Value, settings: Decoding): Mapping {
  const fields: Fields = STRUCTS[name] ?? [];
  const source = isMapping(value) ? value : {};
  const out: Mapping = {};
  for (const [field, kind] of fields) {
    const item = source[field];
    if (item === undefined || (item === null && !keepsNull(kind))) continue;
    const made = decode(kind, item, { ...settings, at: `${settings.at}.${field}` });
    if (made !== undefined) out[field] = made;
  }
  for (const [key, item] of Object.entries(source)) if (key.startsWith('x-')) out[key] = item;
  return out;
}

function keepsNull(kind: Kind): boolean {
  return typeof kind === 'object' && 'map' in kind;
}

function decode(kind: Kind, value: Value, settings: Decoding): Value | undefined {
  if (typeof kind === 'string') return located(kind, value, settings);
  if ('struct' in kind) return decodeStruct(kind.struct, value, settings);
  const within = (key: string | number): Decoding => ({
    ...settings,
    at: `${settings.at}[${key}]`,
  });
  if ('list' in kind)
    return Array.isArray(value)
      ? value.map((item, i) => decodeStruct(kind.list, item, within(i)))
      : undefined;
  if (!isMapping(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      item === null ? null : decodeStruct(kind.map, item, within(key)),
    ]),
  );
}

/** Decodes a value; what is wrong with it is said with its place. */
function located(kind: Scalar, value: Value, settings: Decoding): Value | undefined {
  try {
    return decodeScalar(kind, value, settings);
  } catch (thrown) {
    if (!(thrown instanceof ComposeProblem)) throw thrown;
    throw new ComposeProblem(
      `decoding failed due to the following error(s):\n\n'${settings.at}' ${thrown.message}`,
    );
  }
}

const text = (value: Value): string => (value === null ? '' : String(value));

function decodeScalar(kind: Scalar, value: Value, settings: Decoding): Value | undefined {
  switch (kind) {
    case 'string':
      return text(value);
    case 'bool':
    case 'bool?':
    case 'bool!':
      return typeof value === 'string' ? truth(value, settings) : value === true;
    case 'int':
    case 'int?':
    case 'float':
      return typeof value === 'string' ? numberOf(value, kind) : value;
    case 'count':
      return typeof value === 'string' && value.toLowerCase() === 'all' ? -1 : Number(value);
    case 'mode':
      return typeof value === 'string' ? Number.parseInt(value, 8) : value;
    case 'bytes':
      return bytesOf(value);
    case 'duration':
    case 'duration?':
      return durationOf(text(value));
    case 'command':
      return typeof value === 'string'
        ? shellWords(value)
        : Array.isArray(value)
          ? value
          : undefined;
    case 'test':
      return typeof value === 'string' ? ['CMD-SHELL', value] : value;
    case 'strings':
      return Array.isArray(value) ? value.map(text) : [text(value)];
    default:
      return decodeMap(kind, value);
  }
}

function decodeMap(kind: Scalar, value: Value): Value | undefined {
  switch (kind) {
    case 'environment':
      return environmentOf(value);
    case 'mapping':
      return mappingOf(value);
    case 'hosts':
      return hostsOf(value);
    case 'multi':
      return isMapping(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, item]) => [
              key,
              Array.isArray(item) ? item.map(text) : [text(item)],
            ]),
          )
        : undefined;
    default:
      return value;
  }
}

function truth(word: string, { warn }: Decoding): boolean {
  const value = booleanOf(word, warn);
  if (value === undefined) throw new ComposeProblem(`invalid boolean: ${word}`);
  return value;
}

function numberOf(word: string, kind: Scalar): number {
  const fits = kind === 'float' ? /^[+-]?(\d+\.?\d*|\.\d+)$/ : /^[+-]?\d+$/;
  if (!fits.test(word))
    throw new ComposeProblem(
      `strconv.${kind === 'float' ? 'ParseFloat' : 'ParseInt'}: parsing ${JSON.stringify(word)}: invalid syntax`,
    );
  return Number(word);
}

function bytesOf(value: Value): Value {
  if (typeof value !== 'string') return value;
  if (value === '-1') return -1;
  const bytes = memoryBytes(value);
  if (bytes === undefined) throw new ComposeProblem(`invalid size: '${value}'`);
  return bytes;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86400e9,
  w: 604800e9,
};

/** Durations with days and weeks beside Go's units, in nanoseconds. */
export function durationOf(word: string): number {
  if (word === '0') return 0;
  const pattern = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w))+$/;
  if (!pattern.test(word)) {
    const [, unit] = /^[+-]?(?:\d+\.?\d*|\.\d+)([^\d.]*)/.exec(word) ?? [];
    const why =
      unit === undefined
        ? 'invalid duration'
        : unit === ''
          ? 'missing unit in duration'
          : `unknown unit ${JSON.stringify(unit)} in duration`;
    throw new ComposeProblem(`time: ${why} ${JSON.stringify(word)}`);
  }
  let sum = 0;
  for (const [, amount, unit = ''] of word.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|[smhdw])/g))
    sum += Number(amount) * (UNITS[unit] ?? 0);
  return word.startsWith('-') ? -sum : Math.round(sum);
}

/** `KEY=value` lines or a mapping; a key alone has no value yet. */
export function environmentOf(value: Value): Mapping {
  if (isMapping(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, item === null ? null : String(item)]),
    );
  const out: Mapping = {};
  for (const item of Array.isArray(value) ? value : []) {
    const line = String(item);
    const equals = line.indexOf('=');
    const key = equals < 0 ? line : line.slice(0, equals);
    if (/\s$/.test(key))
      throw new ComposeProblem(`environment variable ${key} is declared with a trailing space`);
    out[key] = equals < 0 ? null : line.slice(equals + 1);
  }
  return out;
}

function mappingOf(value: Value): Mapping {
  const pairs = environmentOf(value);
  return Object.fromEntries(Object.entries(pairs).map(([key, item]) => [key, item ?? '']));
}

function hostsOf(value: Value): Mapping {
  const out: Record<string, string[]> = {};
  const add = (host: string, addresses: readonly string[]): void => {
    if (host === '' || /[:=]/.test(host)) throw new ComposeProblem(`bad host name '${host}'`);
    out[host] = [
      ...(out[host] ?? []),
      ...addresses.map((address) => address.replace(/^\[(.+)\]$/, '$1')),
    ];
  };
  if (isMapping(value))
    for (const [host, item] of Object.entries(value))
      add(host, Array.isArray(item) ? item.map(text) : [text(item)]);
  else if (Array.isArray(value))
    for (const item of value) {
      const line = String(item);
      const match = /^([^=]*)=(.*)$/.exec(line) ?? /^([^:]*):(.*)$/.exec(line);
      if (!match) throw new ComposeProblem(`invalid additional host, missing IP: ${line}`);
      add(match[1] ?? '', (match[2] ?? '').split(','));
    }
  else throw new ComposeProblem(`unexpected value type ${goType(value)} for extra_hosts`);
  return out;
}
