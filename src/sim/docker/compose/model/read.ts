// One Compose file's YAML as a tree: YAML 1.2 with merge keys, and the tags !reset and !override, which tell what an
// earlier file said to be forgotten.

import {
  CORE_SCHEMA,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  seqTag,
  strTag,
  YAMLException,
} from 'js-yaml';
import { problemOf } from '../../../userland/yaml/read.ts';
import { ComposeProblem, isMapping, type Mapping, matches, type Value } from './tree.ts';

/** A value that was tagged. */
class Tagged {
  readonly reset: boolean;
  readonly value: unknown;
  constructor(tag: string, value: unknown) {
    this.reset = tag === '!reset';
    this.value = value;
  }
}

const TAGS = ['!reset', '!override'].flatMap((tag) => [
  defineScalarTag<unknown>(tag, {
    resolve: (source) => new Tagged(tag, scalarOf(source)),
    identify: () => false,
  }),
  defineSequenceTag<unknown[], unknown>(tag, {
    create: seqTag.create,
    addItem: seqTag.addItem,
    finalize: (list) => new Tagged(tag, list),
    identify: () => false,
  }),
  defineMappingTag<Record<string, unknown>, unknown>(tag, {
    create: mapTag.create,
    addPair: mapTag.addPair,
    has: mapTag.has,
    keys: (result) => Object.keys((result as Tagged).value as object),
    get: (result, key) => ((result as Tagged).value as Record<string, unknown>)[String(key)],
    finalize: (map) => new Tagged(tag, map),
    identify: () => false,
  }),
]);

/** Integers as yaml.v3 reads them: 0x, 0o, 0b, a leading 0 for octal, underscores; no base 60. */
const goInteger = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'-+0123456789'],
  resolve: (source) => {
    const plain = source.replaceAll('_', '');
    const [, sign = '', digits = ''] = /^([-+]?)(\d[\da-zA-Z]*)$/.exec(plain) ?? [];
    const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
    const whole = /^(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]+|0|[1-9]\d*)$/.test(digits);
    if (!whole) return NOT_RESOLVED;
    return sign === '-' ? -value : value;
  },
  identify: () => false,
});

const SCHEMA = CORE_SCHEMA.withTags(goInteger, mergeTag, ...TAGS);

function scalarOf(source: string): unknown {
  return source === '' ? null : strTag.resolve(source, false, '');
}

/** One document of a file: its tree, and the paths that an earlier document loses. */
export interface ComposeDocument {
  readonly tree: Value;
  readonly resets: readonly string[];
}

/** The documents of a file, or go-yaml's words for what cannot be read. A key may stand twice where `duplicates`. */
export function readDocuments(
  text: string,
  options: { duplicates?: boolean } = {},
): ComposeDocument[] {
  let documents: unknown[];
  try {
    documents = loadAll(text, { schema: SCHEMA, json: options.duplicates ?? false });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new ComposeProblem(duplicate(error, text) ?? problemOf(error, text).message);
  }
  return documents.map((document) => {
    const resets: string[] = [];
    return { tree: plain(document, [], resets) ?? null, resets };
  });
}

function plain(value: unknown, path: readonly string[], resets: string[]): Value | undefined {
  if (value instanceof Tagged) {
    resets.push(path.join('.'));
    return value.reset ? undefined : plain(value.value, path, []);
  }
  if (Array.isArray(value))
    return value
      .map((item, i) => plain(item, [...path, String(i)], resets))
      .filter((item) => item !== undefined);
  if (value === null || typeof value !== 'object') return value as Value;
  const out: Mapping = {};
  for (const [key, item] of Object.entries(value)) {
    const made = plain(item, [...path, key], resets);
    if (made !== undefined) out[key] = made;
  }
  return out;
}

/** `line 5: mapping key "image" already defined at line 4` */
function duplicate(error: YAMLException, text: string): string | undefined {
  if (error.reason !== 'duplicated mapping key') return undefined;
  const lines = text.split('\n');
  const at = error.mark?.line ?? 0;
  const [, indent = '', name = ''] = /^(\s*(?:- )?)["']?([^"':]+)/.exec(lines[at] ?? '') ?? [];
  const own = new RegExp(`^.{${indent.length}}["']?${escaped(name)}["']?\\s*:`);
  let first = at - 1;
  while (first > 0 && !own.test(lines[first] ?? '')) first--;
  return `line ${at + 1}: mapping key ${JSON.stringify(name)} already defined at line ${first + 1}`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Takes away from a tree what a later document resets. */
export function applyResets(
  tree: Value,
  resets: readonly string[],
  path: readonly string[] = [],
): void {
  if (resets.length === 0 || typeof tree !== 'object' || tree === null) return;
  if (Array.isArray(tree)) {
    tree.forEach((item, i) => applyResets(item, resets, [...path, `[${i}]`]));
    return;
  }
  if (!isMapping(tree)) return;
  for (const key of Object.keys(tree)) {
    const next = [...path, key];
    if (resets.some((pattern) => matches(next, pattern))) delete tree[key];
    else applyResets(tree[key] ?? null, resets, next);
  }
}
