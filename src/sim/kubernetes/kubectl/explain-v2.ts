// The older form of kubectl explain (--output=plaintext-openapiv2), out of the same schemas.

import type { Schema, Schemas } from './explain-render.ts';

const WIDTH = 80;

/** What is printed under the kind and its version; undefined where there is no such field. */
export function renderedV2(
  root: Schema,
  schemas: Schemas,
  path: readonly string[],
  recursive: boolean,
): string | undefined {
  let field = root;
  for (const name of path) {
    const found = kindOf(field, schemas)?.properties?.[name];
    if (!found) return undefined;
    field = found;
  }
  const name = path[path.length - 1];
  const kind = kindOf(field, schemas);
  const texts = descriptions(field, schemas);
  const told =
    texts.length === 0
      ? ['     <empty>']
      : texts.flatMap((text, i) => [...(i === 0 ? [] : ['']), ...wrapLines(text, 5)]);
  const heading =
    name === undefined
      ? []
      : [`${kind ? 'RESOURCE: ' : 'FIELD:    '}${name} <${typeName(field, schemas)}>`, ''];
  const fields = kind ? ['', 'FIELDS:', ...fieldLines(kind, schemas, recursive, 3, [])] : [];
  return [...heading, 'DESCRIPTION:', ...told, ...fields, ''].join('\n');
}

function resolved(schema: Schema, schemas: Schemas): Schema {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (ref === undefined) return schema;
  return schemas[ref.slice(ref.lastIndexOf('/') + 1)] ?? schema;
}

/** The object behind references, lists and maps. */
function kindOf(schema: Schema, schemas: Schemas): Schema | undefined {
  const own = resolved(schema, schemas);
  if (own.properties) return own;
  const inner =
    own.items ??
    (typeof own.additionalProperties === 'object' ? own.additionalProperties : undefined);
  return inner ? kindOf(inner, schemas) : undefined;
}

/** Texts from the outside to the inside; of a list and a reference each its own. */
function descriptions(schema: Schema, schemas: Schemas): string[] {
  const own = resolved(schema, schemas);
  const inner =
    own.items ??
    (typeof own.additionalProperties === 'object' ? own.additionalProperties : undefined);
  return [
    ...(schema.description ? [schema.description] : []),
    ...(own !== schema && own.description ? [own.description] : []),
    ...(inner ? descriptions(inner, schemas) : []),
  ];
}

function typeName(schema: Schema, schemas: Schemas): string {
  const own = resolved(schema, schemas);
  if (own.items) return `[]${typeName(own.items, schemas)}`;
  if (typeof own.additionalProperties === 'object')
    return `map[string]${typeName(own.additionalProperties, schemas)}`;
  return own.type === undefined || own.type === 'object' ? 'Object' : own.type;
}

function fieldLines(
  kind: Schema,
  schemas: Schemas,
  recursive: boolean,
  width: number,
  seen: readonly Schema[],
): string[] {
  const lead = ' '.repeat(width);
  return Object.keys(kind.properties ?? {})
    .sort()
    .flatMap((name) => {
      const field = kind.properties?.[name] ?? {};
      const line = `${lead}${name}\t<${typeName(field, schemas)}>`;
      if (!recursive) {
        const required = kind.required?.includes(name) ? ' -required-' : '';
        return [line + required, ...wrapLines(field.description ?? '', width + 2), ''];
      }
      const inner = kindOf(field, schemas);
      const below =
        inner && !seen.includes(inner)
          ? fieldLines(inner, schemas, true, width + 3, [...seen, inner])
          : [];
      return [line, ...below];
    });
}

/** Paragraphs filled to the width; code, lists and empty lines stay as they are. */
function wrapLines(text: string, width: number): string[] {
  const limit = WIDTH - width;
  const out: string[] = [];
  let words: string[] = [];
  const flush = (): void => {
    if (words.length > 0) out.push(words.join(' '));
    words = [];
  };
  for (const line of text.split('\n')) {
    if (line.startsWith('    ')) {
      flush();
      out.push(line);
      continue;
    }
    if (out.length > 0 && line.trim() === '') {
      flush();
      out.push('');
      continue;
    }
    const last = words[words.length - 1] ?? '';
    if (last.endsWith(':') || line.trim() === '' || /^(\d+\.?|-|\*)\s/.test(line.trim())) flush();
    for (const word of line.split(/\s+/).filter((one) => one !== '')) {
      if (words.length > 0 && [...words, word].join(' ').length > limit) flush();
      words.push(word);
    }
  }
  flush();
  return out.map((line) => (line === '' ? '' : ' '.repeat(width) + line));
}
