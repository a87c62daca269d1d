// What kubectl explain prints of a schema out of an OpenAPI v3 document: its text, its fields, their types and values.
// Left out: documents elsewhere (externalDocs).

/** A schema, as far as explain reads it. */
export interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** The schemas of a document by name. */
export type Schemas = Readonly<Record<string, Schema>>;

const WIDTH = 76;
/** The kinds of value that explain counts as few. */
const FEW_VALUES = 4;

/** The text of a schema at the end of a path; undefined where there is no such field. */
export function rendered(
  schema: Schema,
  schemas: Schemas,
  path: readonly string[],
  recursive: boolean,
  seen: readonly string[] = [],
): string | undefined {
  const { $ref = '' } = schema;
  const own = resolved(schema, schemas);
  const [name, ...rest] = path;
  if (name === undefined) {
    const text = description(own, schemas) || '<empty>';
    const fields = fieldList(own, schemas, 1, recursive, []);
    return `DESCRIPTION:\n${indent(wrapWords(text, WIDTH), 4)}\n${fields === '' ? '' : `FIELDS:\n${fields}`}`;
  }
  if ($ref !== '' && seen.includes($ref)) return undefined;
  const field = own.properties?.[name];
  if (field) {
    const below = rendered(field, schemas, rest, recursive);
    if (below === undefined || rest.length > 0) return below;
    const values = (field.enum ?? []).map((value) => `\n    ${shown(value)}`).join('');
    const listed = field.enum ? `ENUM:${values}` : '';
    return `FIELD: ${name} <${typeGuess(field, schemas)}>\n${listed}\n\n${below}`;
  }
  const inner = own.items ?? additional(own);
  const next = [...seen, $ref];
  if (inner) return rendered(inner, schemas, path, recursive, next);
  for (const one of own.allOf ?? []) {
    const found = rendered(one, schemas, path, recursive, next);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The schema that a reference means, or the schema itself. */
function resolved(schema: Schema, schemas: Schemas): Schema {
  const { $ref } = schema;
  return ($ref === undefined ? undefined : schemas[lastOf($ref, '/')]) ?? schema;
}

function additional({ additionalProperties }: Schema): Schema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function lastOf(text: string, separator: string): string {
  return text.slice(text.lastIndexOf(separator) + 1);
}

function shown(value: unknown): string {
  return value === '' ? '""' : String(value);
}

/** The texts of a schema and of what it is made of, each ended with a newline. */
function description(schema: Schema, schemas: Schemas): string {
  const own = resolved(schema, schemas);
  const inner = additional(own);
  return [
    own.description ? `${own.description}\n` : '',
    ...(own.allOf ?? []).map((one) => description(one, schemas)),
    own.items ? description(own.items, schemas) : '',
    inner ? description(inner, schemas) : '',
  ].join('');
}

function fieldList(
  schema: Schema,
  schemas: Schemas,
  level: number,
  recursive: boolean,
  seen: readonly string[],
): string {
  const { $ref = '' } = schema;
  if ($ref !== '' && seen.includes($ref)) return '';
  const own = resolved(schema, schemas);
  const next = $ref === '' ? seen : [...seen, $ref];
  let out = '';
  for (const name of Object.keys(own.properties ?? {}).sort()) {
    const field = own.properties?.[name] ?? {};
    out += fieldDetail(name, field, own, schemas, level, recursive);
    if (recursive) out += fieldList(field, schemas, level + 1, recursive, next);
  }
  for (const one of own.allOf ?? []) out += fieldList(one, schemas, level, recursive, next);
  if (own.items) out += fieldList(own.items, schemas, level, recursive, next);
  const inner = additional(own);
  if (inner) out += fieldList(inner, schemas, level, recursive, next);
  return out;
}

function fieldDetail(
  name: string,
  field: Schema,
  parent: Schema,
  schemas: Schemas,
  level: number,
  short: boolean,
): string {
  const width = level * 2;
  const lead = ' '.repeat(width);
  const required = parent.required?.includes(name) ? ' -required-' : '';
  let out = `${lead}${name}\t<${typeGuess(field, schemas)}>${required}`;
  if (field.enum) {
    const values = field.enum.slice(0, FEW_VALUES).map(shown).join(', ');
    out += `\n${lead}enum: ${values}${field.enum.length > FEW_VALUES ? ', ....' : ''}`;
  }
  if (short) return `${out}\n`;
  const text = field.description || '<no description>';
  return `${out}\n${indent(wrapWords(text, WIDTH + 2 - width), width + 2)}\n\n`;
}

/** `string`, `[]Container`, `map[string]string`, `Object`. */
function typeGuess(schema: Schema, schemas: Schemas): string {
  if (schema.items) return `[]${typeGuess(schema.items, schemas)}`;
  const inner = additional(schema);
  if (inner) return `map[string]${typeGuess(inner, schemas)}`;
  const [only, ...others] = schema.allOf ?? [];
  if (only && others.length === 0 && !schema.properties) return typeGuess(only, schemas);
  if (schema.$ref !== undefined) {
    const { type = 'object' } = resolved(schema, schemas);
    return type === 'object' ? lastOf(lastOf(schema.$ref, '/'), '.') : type;
  }
  return schema.type === undefined || schema.type === 'object' ? 'Object' : schema.type;
}

function indent(text: string, width: number): string {
  const lead = ' '.repeat(width);
  return lead + text.replaceAll('\n', `\n${lead}`);
}

/** Words filled to a width; line breaks and runs of spaces stay (go-wordwrap). */
export function wrapWords(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => {
      let out = '';
      let column = 0;
      for (const [, spaces = '', word = ''] of line.matchAll(/([^\S\u00a0]*)([\S\u00a0]*)/g)) {
        // A word breaks the line when a beginning of it, shorter than a line, no longer fits.
        const head = Math.min(word.length, width - 1);
        const breaks = head > 0 && column + spaces.length + head > width;
        if (breaks) {
          out += `\n${word}`;
          column = word.length;
        } else if (word !== '' || column + spaces.length <= width) {
          out += spaces + word;
          column += spaces.length + word.length;
        }
      }
      return out;
    })
    .join('\n');
}
