// What the nodes of a document stand for, as go-yaml decodes them into a Go program's `interface{}`: plain scalars by
// their looks, merge keys, aliases.

import { fromBase64 } from '../../core/base64.ts';
import { type Dialect, YamlFault } from './fault.ts';
import type { MappingNode, ScalarNode, YamlNode } from './nodes.ts';

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUTHS: Readonly<Record<Dialect, readonly [RegExp, RegExp]>> = {
  v2: [
    /^(y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/,
    /^(n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/,
  ],
  v3: [/^(true|True|TRUE)$/, /^(false|False|FALSE)$/],
};
const INFINITY = /^([-+]?)\.(inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(nan|NaN|NAN)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]+|0|[1-9][0-9]*)$/;

/** What a plain scalar is: a number, a truth value, null, or its text. */
function plainValue(text: string, dialect: Dialect): unknown {
  if (NULLS.has(text)) return null;
  const [yes, no] = TRUTHS[dialect];
  if (yes.test(text)) return true;
  if (no.test(text)) return false;
  const infinite = INFINITY.exec(text);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  if (NOT_A_NUMBER.test(text)) return Number.NaN;
  if (/^[-+0-9]/.test(text)) return numberOf(text.replaceAll('_', '')) ?? text;
  return text.startsWith('.') && FLOAT.test(text) ? Number(text) : text;
}

/** Integers of base 10, 16, 8 (`0o17` and `017`) and 2, else floating point; nothing where it is none. */
function numberOf(text: string): number | undefined {
  const [, sign, digits = ''] = INTEGER.exec(text) ?? [];
  if (digits !== '') {
    const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
    return sign === '-' && value !== 0 ? -value : value;
  }
  const value = FLOAT.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** How a document's nodes are turned to values. */
interface Decoding {
  readonly dialect: Dialect;
  decoded: number;
  aliased: number;
  aliasDepth: number;
}

/** The value of a document. Throws YamlFault where go-yaml refuses it. */
export function valueOf(node: YamlNode, dialect: Dialect): unknown {
  return decode(node, { dialect, decoded: 0, aliased: 0, aliasDepth: 0 });
}

/** Of so many nodes, what part may come from aliases: bombs of aliases are refused, as go-yaml does. */
function allowedAliases(decoded: number): number {
  const [few, many] = [400_000, 4_000_000];
  if (decoded <= few) return 0.99;
  return decoded >= many ? 0.1 : 0.99 - (0.89 * (decoded - few)) / (many - few);
}

function decode(node: YamlNode, decoding: Decoding): unknown {
  decoding.decoded++;
  if (decoding.aliasDepth > 0) decoding.aliased++;
  const { aliased, decoded } = decoding;
  if (aliased > 100 && decoded > 1000 && aliased / decoded > allowedAliases(decoded))
    throw new YamlFault('yaml: document contains excessive aliasing');
  switch (node.kind) {
    case 'alias': {
      decoding.aliasDepth++;
      if (decoding.aliasDepth > 1000)
        throw new YamlFault('yaml: document contains excessive aliasing');
      const value = decode(node.target, decoding);
      decoding.aliasDepth--;
      return value;
    }
    case 'sequence':
      return node.items.map((item) => decode(item, decoding));
    case 'mapping':
      return Object.fromEntries(
        [...mappingEntries(node, decoding.dialect)].map(([key, value]) => [
          key,
          decode(value, decoding),
        ]),
      );
    case 'scalar':
      return scalarValue(node, decoding.dialect);
  }
}

/** The value of a scalar by its tag, or by its looks where it is plain. */
function scalarValue({ tag, value, style }: ScalarNode, dialect: Dialect): unknown {
  if (tag === '' || tag === '!')
    return style === 'plain' && tag === '' ? plainValue(value, dialect) : value;
  if (tag === '!!str' || !tag.startsWith('!!')) return value;
  if (tag === '!!binary') {
    return String.fromCharCode(...fromBase64(value.replace(/\s/g, '')));
  }
  const read = plainValue(value, dialect);
  const fits: Readonly<Record<string, boolean>> = {
    '!!int': typeof read === 'number' && Number.isInteger(read),
    '!!float': typeof read === 'number',
    '!!bool': typeof read === 'boolean',
    '!!null': read === null,
    '!!timestamp': true,
  };
  if (fits[tag] === false)
    throw new YamlFault(`yaml: cannot decode ${tagOf(read)} \`${value}\` as a ${tag}`);
  return fits[tag] ? read : value;
}

function tagOf(value: unknown): string {
  if (value === null) return '!!null';
  if (typeof value === 'boolean') return '!!bool';
  if (typeof value === 'number') return Number.isInteger(value) ? '!!int' : '!!float';
  return '!!str';
}

const isMergeKey = (key: YamlNode): boolean =>
  key.kind === 'scalar' && key.value === '<<' && (key.style === 'plain' || key.tag === '!!merge');

/**
 * A mapping's keys, each with the node of its value. What is merged goes over what stands before in yaml.v2, and under
 * all in yaml.v3. Throws YamlFault where a key is none.
 */
export function mappingEntries(node: MappingNode, dialect: Dialect): Map<string, YamlNode> {
  const entries = new Map<string, YamlNode>();
  const merged: [string, YamlNode][] = [];
  for (const [keyNode, value] of node.pairs) {
    if (isMergeKey(keyNode)) {
      const more = mergedEntries(value, dialect);
      if (dialect === 'v3') merged.push(...more);
      else for (const [key, item] of more) entries.set(key, item);
    } else entries.set(keyOf(valueOf(keyNode, dialect), value, dialect), value);
  }
  for (const [key, value] of merged) if (!entries.has(key)) entries.set(key, value);
  return entries;
}

/** Of several merged mappings the first one that has a key gives it. */
function mergedEntries(node: YamlNode, dialect: Dialect): Map<string, YamlNode> {
  const parts = node.kind === 'sequence' ? node.items : [node];
  const entries = new Map<string, YamlNode>();
  for (const part of parts.toReversed()) {
    const mapping = part.kind === 'alias' ? part.target : part;
    if (mapping.kind !== 'mapping')
      throw new YamlFault('yaml: map merge requires map or sequence of maps as the value');
    for (const [key, value] of mappingEntries(mapping, dialect)) entries.set(key, value);
  }
  return entries;
}

/** A key as JSON has it; only a list or a mapping cannot be one for go-yaml, only null for what makes JSON of it. */
function keyOf(key: unknown, value: YamlNode, dialect: Dialect): string {
  if (key !== null && typeof key === 'object')
    throw new YamlFault(`yaml: invalid map key: ${goSyntax(key, dialect)}`);
  if (key === null && dialect === 'v2')
    throw new YamlFault(
      `unsupported map key of type: %!s(<nil>), key: <nil>, value: ${goSyntax(valueOf(value, dialect), dialect)}`,
    );
  return String(key);
}

/** A value as Go's `%#v` prints it. */
function goSyntax(value: unknown, dialect: Dialect): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value))
    return `[]interface {}{${value.map((item) => goSyntax(item, dialect)).join(', ')}}`;
  if (typeof value !== 'object') return String(value);
  const type = dialect === 'v2' ? 'map[interface {}]interface {}' : 'map[string]interface {}';
  const pairs = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${goSyntax(item, dialect)}`);
  return `${type}{${pairs.join(', ')}}`;
}
