// One Compose file's YAML as a tree: YAML 1.2 with merge keys, and the tags !reset and !override, which tell what an
// earlier file said to be forgotten.

import { YamlFault } from '../../../userland/yaml/fault.ts';
import { parseDocuments, type YamlNode } from '../../../userland/yaml/nodes.ts';
import { mappingEntries, valueOf } from '../../../userland/yaml/values.ts';
import { ComposeProblem, isMapping, type Mapping, matches, type Value } from './tree.ts';

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
  try {
    return parseDocuments(text, 'v3').map((node) => {
      if (!options.duplicates) refuseDuplicates(node);
      // decoded whole first, as the Go program does: that is where keys and aliases are refused
      valueOf(node, 'v3');
      const resets: string[] = [];
      return { tree: treeOf(node, [], resets) ?? null, resets };
    });
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    throw new ComposeProblem(error.message);
  }
}

function treeOf(node: YamlNode, path: readonly string[], resets: string[]): Value | undefined {
  if (node.tag === '!reset' || node.tag === '!override') {
    resets.push(path.join('.'));
    return node.tag === '!reset' ? undefined : treeOf({ ...node, tag: '' }, path, []);
  }
  switch (node.kind) {
    case 'alias':
      return treeOf(node.target, path, resets);
    case 'sequence':
      return node.items
        .map((item, i) => treeOf(item, [...path, String(i)], resets))
        .filter((item) => item !== undefined);
    case 'scalar':
      return valueOf(node, 'v3') as Value;
    case 'mapping': {
      const out: Mapping = {};
      for (const [key, value] of mappingEntries(node, 'v3')) {
        const made = treeOf(value, [...path, key], resets);
        if (made !== undefined) out[key] = made;
      }
      return out;
    }
  }
}

/** `line 5: mapping key "image" already defined at line 4` */
function refuseDuplicates(node: YamlNode): void {
  if (node.kind === 'sequence') node.items.forEach(refuseDuplicates);
  if (node.kind !== 'mapping') return;
  const seen = new Map<string, number>();
  for (const [key, value] of node.pairs) {
    if (key.kind === 'scalar') {
      const before = seen.get(key.value);
      if (before !== undefined)
        throw new ComposeProblem(
          `line ${key.line}: mapping key ${JSON.stringify(key.value)} already defined at line ${before}`,
        );
      seen.set(key.value, key.line);
    }
    refuseDuplicates(value);
  }
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
