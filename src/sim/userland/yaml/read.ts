// YAML as go-yaml reads it: documents of YAML 1.1 or JSON, turned to JSON; go-yaml's words for what it cannot read.

import {
  boolYaml11Tag,
  CORE_SCHEMA,
  floatYaml11Tag,
  intYaml11Tag,
  load,
  mergeTag,
  nullYaml11Tag,
  YAMLException,
} from 'js-yaml';

/** What is wrong with a document: `yaml: line 4: …`. */
export class YamlProblem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** YAML 1.1 without its dates: those stay text. */
const SCHEMA = CORE_SCHEMA.withTags(
  boolYaml11Tag,
  intYaml11Tag,
  floatYaml11Tag,
  nullYaml11Tag,
  mergeTag,
);

/** js-yaml's reasons in go-yaml's words, with how many lines later go-yaml notices. */
const REASONS: readonly (readonly [RegExp, string, number])[] = [
  [
    /tab characters must not be used|cannot start any token/,
    'found character that cannot start any token',
    0,
  ],
  [
    /unexpected end of the stream within a (single|double) quoted/,
    'found unexpected end of stream',
    1,
  ],
  [
    /unexpected end of the stream within a flow|missed comma between flow|expected the node content, but found ','/,
    "did not find expected ',' or '}'",
    0,
  ],
  [/bad indentation of a sequence entry/, 'did not find expected key', -1],
  [/bad indentation of a mapping entry/, 'mapping values are not allowed in this context', 0],
  [
    /can not read a block mapping entry|can not read an implicit mapping pair|multiline key/,
    "could not find expected ':'",
    0,
  ],
  [
    /end of the stream or a document separator is expected/,
    'did not find expected <document start>',
    0,
  ],
];

/** The documents of a file. Duplicate keys take the last value, as go-yaml's non-strict reading does. */
export function splitDocuments(text: string): string[] {
  return text
    .split(/^---(?=\s|$)[^\n]*\n?/m)
    .filter((part) => part.replace(/^\s*#.*$/gm, '').trim() !== '');
}

/** One document as a JSON value. */
export function parseYaml(text: string): unknown {
  try {
    return jsonOf(load(text, { schema: SCHEMA, json: true }));
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return problemOf(error, text);
  }
}

/** go-yaml's words for what js-yaml could not read. */
export function problemOf(error: YAMLException, text: string): YamlProblem {
  const reason = error.reason ?? '';
  const anchor = /unidentified alias "?([^"]+)"?/.exec(reason);
  if (anchor) return new YamlProblem(`yaml: unknown anchor '${anchor[1]}' referenced`);
  const line = (error.mark?.line ?? 0) + 1;
  const source = text.split('\n')[line - 1] ?? '';
  if (/^\s*\t/.test(source))
    return new YamlProblem(`yaml: line ${line}: found character that cannot start any token`);
  const opened = unmatchedIndent(text.split('\n'), line - 1);
  if (opened !== undefined)
    return new YamlProblem(`yaml: line ${opened || line - 1}: did not find expected key`);
  if (/deficient indentation/.test(reason)) {
    const before = text
      .split('\n')
      .slice(0, line - 1)
      .join('\n');
    const quoted =
      (before.match(/"/g) ?? []).length % 2 === 1 || (before.match(/'/g) ?? []).length % 2 === 1;
    return new YamlProblem(
      quoted
        ? `yaml: line ${line}: found unexpected end of stream`
        : `yaml: line ${line - 1}: did not find expected ',' or '}'`,
    );
  }
  if (/does not support complex keys/.test(reason))
    return new YamlProblem('yaml: invalid map key: map[interface {}]interface {}{}');
  if (/bad indentation of a mapping entry/.test(reason) && /^\s*- /.test(source)) {
    return new YamlProblem(`yaml: line ${Math.max(1, line - 1)}: did not find expected key`);
  }
  for (const [pattern, words, later] of REASONS) {
    if (pattern.test(reason)) return new YamlProblem(`yaml: line ${line + later}: ${words}`);
  }
  return new YamlProblem(`yaml: line ${line}: could not find expected ':'`);
}

/** Where a line falls back to an indentation that nothing has: the index of the line where the mapping around it began. */
function unmatchedIndent(lines: readonly string[], at: number): number | undefined {
  const indentOf = (line: string): number => line.length - line.trimStart().length;
  const open: { indent: number; line: number }[] = [];
  for (let i = 0; i < at; i++) {
    const source = lines[i] ?? '';
    if (source.trim() === '' || source.trimStart().startsWith('#')) continue;
    const indent = indentOf(source);
    while ((open.at(-1)?.indent ?? -1) > indent) open.pop();
    if ((open.at(-1)?.indent ?? -1) < indent) open.push({ indent, line: i });
  }
  const wanted = indentOf(lines[at] ?? '');
  if (!/^\s*[^\s:]+:(\s|$)/.test(lines[at] ?? '')) return undefined;
  const deeper = open.some(({ indent }) => indent > wanted);
  if (!deeper || open.some(({ indent }) => indent === wanted)) return undefined;
  return open.findLast(({ indent }) => indent < wanted)?.line;
}

function jsonOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return String.fromCharCode(...value);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item)]));
}
