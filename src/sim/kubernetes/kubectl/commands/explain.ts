// kubectl explain: the fields of a kind out of the server's OpenAPI v3 documents.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { groupVersion, needResource } from '../discovery.ts';
import { Failure, failure } from '../failure.ts';

interface Schema {
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

type Schemas = Readonly<Record<string, Schema>>;

export const explain: Command = {
  name: 'explain',
  run: runExplain,
};

function* runExplain(call: Call): Routine<void> {
  const [word, ...more] = call.args;
  if (word === undefined)
    throw new Failure(
      'error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  if (more.length > 0)
    throw failure(
      "We accept only this format: explain RESOURCE\nSee 'kubectl explain -h' for help and examples",
    );
  const [type = '', ...path] = word.split('.');
  const discovery = yield* call.discovery();
  let resource = needResource(discovery, type);
  const wanted = call.values.text('api-version');
  if (wanted !== '') {
    const other = discovery.resources.find(
      (one) => groupVersion(one) === wanted && one.plural === resource.plural,
    );
    if (!other) throw failure(`couldn't find resource for "${wanted}, Kind=${resource.kind}"`);
    resource = other;
  }
  const client = yield* call.client();
  const document = yield* client.call(
    'GET',
    `/openapi/v3/${resource.group === '' ? `api/${resource.version}` : `apis/${groupVersion(resource)}`}`,
  );
  const schemas = ((document.components as { schemas?: Schemas } | undefined)?.schemas ??
    {}) as Schemas;
  const root = Object.values(schemas).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      (one) =>
        one.group === resource.group &&
        one.version === resource.version &&
        one.kind === resource.kind,
    ),
  );
  if (!root)
    throw failure(
      `GVR (${groupVersion(resource)}, Resource=${resource.plural}) not found in OpenAPI schema`,
    );
  let out = resource.group === '' ? '' : `GROUP:      ${resource.group}\n`;
  out += `KIND:       ${resource.kind}\nVERSION:    ${resource.version}\n\n`;
  let field: Schema = root;
  for (const [i, name] of path.entries()) {
    const found = target(field, schemas).properties?.[name];
    if (!found) throw failure(`field "${name}" does not exist`);
    field = found;
    if (i === path.length - 1) out += `FIELD: ${name} <${typeName(field, schemas)}>\n\n`;
  }
  out += enumLines(field, schemas, '');
  out += `\nDESCRIPTION:\n${descriptions(field, schemas)}`;
  const { properties = {}, required = [] } = target(field, schemas);
  if (Object.keys(properties).length > 0)
    out += `FIELDS:\n${fieldLines(properties, required, schemas, 1, call.values.is('recursive'), [])}`;
  yield* call.out(`${out}\n`);
}

/** A schema behind references, lists and maps. */
function target(schema: Schema, schemas: Schemas): Schema {
  const own = resolve(schema, schemas);
  if (own.items) return target(own.items, schemas);
  if (typeof own.additionalProperties === 'object' && !own.properties)
    return target(own.additionalProperties, schemas);
  return own;
}

function resolve(schema: Schema, schemas: Schemas): Schema {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (ref === undefined) return schema;
  return schemas[ref.slice(ref.lastIndexOf('/') + 1)] ?? schema;
}

function typeName(schema: Schema, schemas: Schemas): string {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  const own = resolve(schema, schemas);
  if (own.type === 'array' && own.items) return `[]${typeName(own.items, schemas)}`;
  if (typeof own.additionalProperties === 'object')
    return `map[string]${typeName(own.additionalProperties, schemas)}`;
  if (ref !== undefined) return ref.slice(ref.lastIndexOf('.') + 1).replace(/^.*\//, '');
  if (own.type === 'object' || own.properties) return 'Object';
  return own.type ?? 'Object';
}

function descriptions(field: Schema, schemas: Schemas): string {
  const texts = [
    field.description,
    resolve(field, schemas).description,
    field.items ? resolve(field.items, schemas).description : undefined,
  ].filter((one): one is string => one !== undefined && one !== '');
  const unique = [...new Set(texts)];
  if (unique.length === 0) return '    <empty>\n';
  return (
    unique.map((one) => `${wrap(one, '    ')}\n`).join('') + (unique.length > 0 ? '    \n' : '')
  );
}

/** Words filled to 80 columns with an indentation. */
function wrap(text: string, lead: string): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ').filter((one) => one !== '')) {
      if (line !== '' && lead.length + line.length + 1 + word.length > 79) {
        lines.push(lead + line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(lead + line);
  }
  return lines.join('\n');
}

function enumLines(field: Schema, schemas: Schemas, lead: string): string {
  const values = field.enum ?? resolve(field, schemas).enum;
  return values?.length
    ? `${lead}${lead === '' ? 'ENUM:\n' : 'enum: '}${lead === '' ? values.map((one) => `    ${String(one)}\n`).join('') : `${shortList(values)}\n`}`
    : '';
}

function shortList(values: readonly unknown[]): string {
  const shown = values.slice(0, 4).map(String).join(', ');
  return values.length > 4 ? `${shown}, ....` : shown;
}

function fieldLines(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[],
  schemas: Schemas,
  level: number,
  recursive: boolean,
  above: readonly Schema[],
): string {
  const lead = '  '.repeat(level);
  let out = '';
  for (const name of Object.keys(properties).sort()) {
    const field = properties[name] as Schema;
    out += `${lead}${name}\t<${typeName(field, schemas)}>${required.includes(name) ? ' -required-' : ''}\n`;
    out += enumLines(field, schemas, lead);
    if (recursive) {
      const inner = target(field, schemas);
      if (inner.properties && !above.includes(inner)) {
        out += fieldLines(inner.properties, inner.required ?? [], schemas, level + 1, true, [
          ...above,
          inner,
        ]);
      }
      continue;
    }
    const text = field.description ?? resolve(field, schemas).description;
    out += text ? `${wrap(text, '    ')}\n\n` : '    <no description>\n\n';
  }
  return out;
}
