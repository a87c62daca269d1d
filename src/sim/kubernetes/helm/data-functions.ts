// Sprig's functions on lists, dicts and numbers, defaults and kinds, and helm's own on YAML and JSON.

import type { Body } from '../../userland/template/functions.ts';
import { goType } from '../../userland/template/functions.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import {
  copyOf,
  isEmpty,
  isMap,
  listOf,
  plain,
  toFloat,
  toInt,
  toText,
  type Values,
} from './convert.ts';

function total(start: bigint, step: (a: bigint, b: bigint) => bigint): Body {
  return (values) => values.map(toInt).reduce(step, start);
}

function pair(work: (a: bigint, b: bigint) => bigint): Body {
  return ([a, b]) => {
    const divisor = toInt(b);
    return divisor === 0n && work(1n, 1n) !== 2n
      ? { failure: 'runtime error: integer divide by zero' }
      : work(toInt(a), divisor);
  };
}

function floats(work: (a: number, b: number) => number): Body {
  return (values) => values.map(toFloat).reduce(work);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

/** dict.merge: what is there already stays; `over`: what comes later wins. */
function merge(target: Values, sources: readonly unknown[], over: boolean): Values {
  for (const source of sources) {
    if (!isMap(source)) continue;
    for (const [key, value] of Object.entries(source)) {
      const old = target[key];
      if (isMap(old) && isMap(value)) merge(old, [value], over);
      else if (over ? !isEmpty(value) : isEmpty(old)) target[key] = value;
    }
  }
  return target;
}

function json(value: unknown, indent?: number): string {
  const text = JSON.stringify(plain(value), null, indent);
  return text.replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
}

function dict(values: readonly unknown[]): Values {
  const out: Values = {};
  for (let i = 0; i < values.length; i += 2) out[toText(values[i])] = values[i + 1] ?? '';
  return out;
}

function step(from: bigint, to: bigint, by: bigint): bigint[] {
  const out: bigint[] = [];
  for (let i = from; by > 0n ? i < to : i > to; i += by) out.push(i);
  return out;
}

function rounded(value: unknown, places: unknown): number {
  const scale = 10 ** Number(toInt(places));
  return Math.round(toFloat(value) * scale) / scale;
}

const pick = (object: unknown, keys: readonly unknown[], keep: boolean): Values =>
  Object.fromEntries(
    Object.entries(isMap(object) ? object : {}).filter(
      ([key]) => keys.map(toText).includes(key) === keep,
    ),
  );

const NUMBERS: Readonly<Record<string, Body>> = {
  add: total(0n, (a, b) => a + b),
  add1: ([value]) => toInt(value) + 1n,
  mul: total(1n, (a, b) => a * b),
  sub: ([a, b]) => toInt(a) - toInt(b),
  div: pair((a, b) => a / b),
  mod: pair((a, b) => a % b),
  max: (values) => values.map(toInt).reduce((a, b) => (a > b ? a : b)),
  min: (values) => values.map(toInt).reduce((a, b) => (a < b ? a : b)),
  addf: floats((a, b) => a + b),
  subf: floats((a, b) => a - b),
  mulf: floats((a, b) => a * b),
  divf: floats((a, b) => a / b),
  floor: ([value]) => Math.floor(toFloat(value)),
  ceil: ([value]) => Math.ceil(toFloat(value)),
  round: ([value, places]) => rounded(value, places),
  int: ([value]) => toInt(value),
  int64: ([value]) => toInt(value),
  float64: ([value]) => toFloat(value),
  atoi: ([value]) => toInt(value),
  toDecimal: ([value]) => BigInt(Number.parseInt(toText(value), 8) || 0),
  until: ([count]) => step(0n, toInt(count), toInt(count) < 0n ? -1n : 1n),
  untilStep: ([from, to, by]) => step(toInt(from), toInt(to), toInt(by)),
  seq: (values) => {
    const [a = 1n, b = 1n, c] =
      values.length === 1 ? [1n, ...values.map(toInt)] : values.map(toInt);
    const [from, by, to] = c === undefined ? [a, a > b ? -1n : 1n, b] : [a, b, c];
    return step(from, to + (by > 0n ? 1n : -1n), by).join(' ');
  },
};

const LISTS: Readonly<Record<string, Body>> = {
  list: (values) => [...values],
  tuple: (values) => [...values],
  first: ([list]) => listOf(list)[0],
  last: ([list]) => listOf(list).at(-1),
  rest: ([list]) => listOf(list).slice(1),
  initial: ([list]) => listOf(list).slice(0, -1),
  append: ([list, item]) => [...listOf(list), item],
  prepend: ([list, item]) => [item, ...listOf(list)],
  concat: (lists) => lists.flatMap(listOf),
  reverse: ([list]) => [...listOf(list)].reverse(),
  uniq: ([list]) =>
    listOf(list).filter((item, i, all) => all.findIndex((one) => same(one, item)) === i),
  without: ([list, ...items]) =>
    listOf(list).filter((one) => !items.some((item) => same(item, one))),
  has: ([item, list]) => listOf(list).some((one) => same(one, item)),
  compact: ([list]) => listOf(list).filter((item) => !isEmpty(item)),
  slice: ([list, from, to]) =>
    (typeof list === 'string' ? list : listOf(list)).slice(
      Number(toInt(from)),
      to === undefined ? undefined : Number(toInt(to)),
    ),
  chunk: ([size, list]) => {
    const n = Math.max(1, Number(toInt(size)));
    const all = listOf(list);
    return all.flatMap((_, i) => (i % n === 0 ? [all.slice(i, i + n)] : []));
  },
};

const DICTS: Readonly<Record<string, Body>> = {
  dict: (values) => dict(values),
  get: ([object, key]) => (isMap(object) ? (object[toText(key)] ?? '') : ''),
  set: ([object, key, value]) => {
    if (isMap(object)) object[toText(key)] = value;
    return object;
  },
  unset: ([object, key]) => {
    if (isMap(object)) delete object[toText(key)];
    return object;
  },
  hasKey: ([object, key]) => isMap(object) && Object.hasOwn(object, toText(key)),
  keys: (objects) => objects.flatMap((object) => (isMap(object) ? Object.keys(object).sort() : [])),
  values: ([object]) =>
    isMap(object)
      ? Object.entries(object)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([, v]) => v)
      : [],
  pick: ([object, ...keys]) => pick(object, keys, true),
  omit: ([object, ...keys]) => pick(object, keys, false),
  pluck: ([key, ...objects]) =>
    objects.flatMap((object) =>
      isMap(object) && Object.hasOwn(object, toText(key)) ? [object[toText(key)]] : [],
    ),
  dig: (values) => {
    const object = values.at(-1);
    let at: unknown = object;
    for (const key of values.slice(0, -2)) {
      if (!isMap(at) || !Object.hasOwn(at, toText(key))) return values.at(-2);
      at = at[toText(key)];
    }
    return at;
  },
  merge: ([target, ...sources]) => merge(isMap(target) ? target : {}, sources, false),
  mergeOverwrite: ([target, ...sources]) => merge(isMap(target) ? target : {}, sources, true),
  mustMerge: ([target, ...sources]) => merge(isMap(target) ? target : {}, sources, false),
  mustMergeOverwrite: ([target, ...sources]) => merge(isMap(target) ? target : {}, sources, true),
  deepCopy: ([value]) => copyOf(value),
  mustDeepCopy: ([value]) => copyOf(value),
  deepEqual: ([a, b]) => same(a, b),
};

const KINDS: Readonly<Record<string, Body>> = {
  default: ([usual, value]) => (isEmpty(value) ? usual : value),
  coalesce: (values) => values.find((value) => !isEmpty(value)),
  empty: ([value]) => isEmpty(value),
  all: (values) => !values.some(isEmpty),
  any: (values) => values.some((value) => !isEmpty(value)),
  ternary: ([yes, no, test]) => (test === true ? yes : no),
  kindOf: ([value]) =>
    goType(value)
      .replace(/^\[\].*$/, 'slice')
      .replace(/^map.*$/, 'map'),
  kindIs: ([kind, value]) => KINDS.kindOf?.([value], []) === kind,
  typeOf: ([value]) => goType(value),
  typeIs: ([type, value]) => goType(value) === type,
};

const FORMATS: Readonly<Record<string, Body>> = {
  toYaml: ([value]) => toYaml(plain(value)).replace(/\n$/, ''),
  mustToYaml: ([value]) => toYaml(plain(value)).replace(/\n$/, ''),
  toYamlPretty: ([value]) => toYaml(plain(value)).replace(/\n$/, ''),
  fromYaml: ([text]) => fromYaml(toText(text)),
  fromYamlArray: ([text]) => fromYaml(toText(text)),
  toJson: ([value]) => json(value),
  mustToJson: ([value]) => json(value),
  toRawJson: ([value]) => JSON.stringify(plain(value)),
  toPrettyJson: ([value]) => json(value, 2),
  mustToPrettyJson: ([value]) => json(value, 2),
  fromJson: ([text]) => reading(() => JSON.parse(toText(text))),
  fromJsonArray: ([text]) => reading(() => JSON.parse(toText(text))),
};

function fromYaml(text: string): unknown {
  const value = text.trim() === '' ? {} : parseYaml(text);
  return value instanceof YamlProblem
    ? { Error: `error converting YAML to JSON: ${value.message}` }
    : (value ?? {});
}

/** A text that cannot be read becomes a map with the reason. */
function reading(read: () => unknown): unknown {
  try {
    return read() ?? {};
  } catch (problem) {
    return { Error: problem instanceof Error ? problem.message : String(problem) };
  }
}

export const DATA_FUNCTIONS: Readonly<Record<string, Body>> = {
  ...NUMBERS,
  ...LISTS,
  ...DICTS,
  ...KINDS,
  ...FORMATS,
};
