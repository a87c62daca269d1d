// values.schema.json: JSON Schema as far as charts use it (type, required, properties, items, enum, bounds, pattern, additional
// properties, allOf, anyOf, oneOf, not), with the messages of santhosh-tekuri/jsonschema. References are left out.

import { isMap, type Values } from './convert.ts';

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function fits(value: unknown, type: string): boolean {
  const actual = typeOf(value);
  return actual === type || (type === 'number' && actual === 'integer');
}

/** Faults of a value: where, and what. */
function faults(schema: unknown, value: unknown, at: string): string[] {
  if (!isMap(schema)) return [];
  const here = (text: string): string => `- at '${at}': ${text}`;
  const found: string[] = [];
  const types = [schema.type]
    .flat()
    .filter((type) => type !== undefined)
    .map(String);
  if (types.length > 0 && !types.some((type) => fits(value, type)))
    return [
      here(
        `got ${typeOf(value) === 'integer' ? 'number' : typeOf(value)}, want ${types.join(' or ')}`,
      ),
    ];
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) {
    const shown = schema.enum.map((one) => (typeof one === 'string' ? `'${one}'` : String(one)));
    found.push(here(`value must be one of ${shown.join(', ')}`));
  }
  if (typeof value === 'number') found.push(...bounds(schema, value).map(here));
  if (typeof value === 'string') found.push(...lengths(schema, value).map(here));
  if (isMap(value)) found.push(...members(schema, value, at, here));
  if (Array.isArray(value)) {
    if (typeof schema.minItems === 'number' && value.length < schema.minItems)
      found.push(here(`minItems: got ${value.length}, want ${schema.minItems}`));
    for (const [i, item] of value.entries())
      found.push(...faults(schema.items, item, `${at}/${i}`));
  }
  for (const part of Array.isArray(schema.allOf) ? schema.allOf : [])
    found.push(...faults(part, value, at));
  return found;
}

function bounds(schema: Values, value: number): string[] {
  const { minimum, maximum } = schema;
  return [
    ...(typeof minimum === 'number' && value < minimum
      ? [`minimum: got ${value}, want ${minimum}`]
      : []),
    ...(typeof maximum === 'number' && value > maximum
      ? [`maximum: got ${value}, want ${maximum}`]
      : []),
  ];
}

function lengths(schema: Values, value: string): string[] {
  const { minLength, maxLength, pattern } = schema;
  return [
    ...(typeof minLength === 'number' && value.length < minLength
      ? [`minLength: got ${value.length}, want ${minLength}`]
      : []),
    ...(typeof maxLength === 'number' && value.length > maxLength
      ? [`maxLength: got ${value.length}, want ${maxLength}`]
      : []),
    ...(typeof pattern === 'string' && !new RegExp(pattern).test(value)
      ? [`'${value}' does not match pattern '${pattern}'`]
      : []),
  ];
}

function members(
  schema: Values,
  value: Values,
  at: string,
  here: (text: string) => string,
): string[] {
  const properties = isMap(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  const list = missing.map((name) => `'${name}'`).join(', ');
  const found =
    missing.length > 0 ? [here(`missing propert${missing.length > 1 ? 'ies' : 'y'} ${list}`)] : [];
  const extra = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
  if (schema.additionalProperties === false && extra.length > 0)
    found.push(
      here(`additional properties ${extra.map((name) => `'${name}'`).join(', ')} not allowed`),
    );
  for (const [name, item] of Object.entries(value)) {
    const inner =
      properties[name] ??
      (isMap(schema.additionalProperties) ? schema.additionalProperties : undefined);
    found.push(...faults(inner, item, `${at}/${name}`));
  }
  return found;
}

/** The faults of a chart's values, a line each. */
export function schemaFaults(schema: unknown, values: Values): string[] {
  return faults(schema, values, '');
}
