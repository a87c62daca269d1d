// Custom resources against their schema: types, required fields, bounds, patterns, enumerations, formats, junctors, and
// rules in CEL once the rest is right.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { type KubeObject, sameJson } from '../object.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { hasFormat } from './formats.ts';
import { blocksRules, hasRules, RULES_NOT_CHECKED, runRules } from './rules.ts';

/** Checks an object against the schema of its version; `old` is what it was. */
export function validateSchema(
  object: KubeObject,
  schema: JsonObject,
  old?: KubeObject,
): FieldError[] {
  const errors = checkAgainst(object, schema);
  if (!hasRules(schema)) return errors;
  if (errors.some(blocksRules)) return [...errors, RULES_NOT_CHECKED];
  return [...errors, ...runRules(object, old, schema)];
}

/** Checks what was written to /status: the part of the schema that is for it, seen from there. */
export function validateStatus(
  object: KubeObject,
  schema: JsonObject,
  old: KubeObject,
): FieldError[] {
  const part = isObject(schema.properties) ? schema.properties.status : undefined;
  if (!isObject(part) || object.status === undefined) return [];
  const errors = checkAgainst(object.status, part).map((error) => ({
    ...error,
    field: error.field.startsWith('<') ? error.field : `status.${error.field}`,
  }));
  if (!hasRules(schema)) return errors;
  if (errors.some(blocksRules)) return [...errors, RULES_NOT_CHECKED];
  return [...errors, ...runRules(object, old, schema)];
}

/** What a schema has against a value, rules left out. */
export function checkAgainst(value: unknown, schema: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, '', errors);
  return errors;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function hasType(value: unknown, schema: JsonObject): boolean {
  if (value === null) return schema.nullable === true;
  if (schema['x-kubernetes-int-or-string'] === true) {
    return typeof value === 'string' || Number.isInteger(value);
  }
  if (schema.type === undefined) return true;
  const found = typeOf(value);
  return found === schema.type || (schema.type === 'number' && found === 'integer');
}

function check(value: unknown, schema: JsonObject, path: string, errors: FieldError[]): void {
  if (!hasType(value, schema)) {
    const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : schema.type;
    const found = typeOf(value);
    const why = `${path} in body must be of type ${wanted}: ${JSON.stringify(found)}`;
    errors.push(fieldErrors.typeInvalid(path, found, why));
    if (schema.type === 'integer' && found === 'number') {
      const inexact = `Checked value must be of type integer (default format) in ${path}`;
      errors.push(fieldErrors.invalid('<nil>', '', inexact));
    }
    return;
  }
  if (value === null) return;
  checkJunctors(value, schema, path, errors);
  checkEnum(value, schema, path, errors);
  if (typeof value === 'number') checkNumber(value, schema, path, errors);
  if (typeof value === 'string') checkString(value, schema, path, errors);
  if (Array.isArray(value)) checkList(value, schema, path, errors);
  else if (isObject(value)) checkObject(value, schema, path, errors);
}

/** anyOf, oneOf, allOf and not; go-openapi shows no value with them. */
function checkJunctors(
  value: unknown,
  schema: JsonObject,
  path: string,
  errors: FieldError[],
): void {
  const failuresOf = (one: unknown): FieldError[] => {
    const found: FieldError[] = [];
    if (isObject(one)) check(value, one, path, found);
    return found;
  };
  const fits = (one: unknown): boolean => failuresOf(one).length === 0;
  const fail = (words: string, closest: readonly FieldError[] = []): number =>
    errors.push(fieldErrors.invalid('<nil>', '', `"${path}" ${words}`), ...closest);
  const { anyOf, oneOf, allOf, not } = schema;
  if (Array.isArray(anyOf) && anyOf.length > 0 && !anyOf.some(fits)) {
    fail('must validate at least one schema (anyOf)', failuresOf(anyOf[0]));
  }
  if (Array.isArray(oneOf) && oneOf.length > 0) {
    const valid = oneOf.filter(fits).length;
    const found = valid === 0 ? 'none valid' : `${valid} valid alternatives`;
    const closest = valid === 0 ? failuresOf(oneOf[0]) : [];
    if (valid !== 1) fail(`must validate one and only one schema (oneOf). Found ${found}`, closest);
  }
  if (Array.isArray(allOf) && !allOf.every(fits)) {
    const none = allOf.some(fits) ? '' : '. None validated';
    fail(`must validate all the schemas (allOf)${none}`);
  }
  if (isObject(not) && fits(not)) fail('must not validate the schema (not)');
}

function checkEnum(value: unknown, schema: JsonObject, path: string, errors: FieldError[]): void {
  if (!Array.isArray(schema.enum)) return;
  if (schema.enum.some((one) => sameJson(one, value))) return;
  errors.push(fieldErrors.notSupported(path, value, schema.enum.map(String)));
}

function checkNumber(value: number, schema: JsonObject, path: string, errors: FieldError[]): void {
  const { minimum, maximum, multipleOf } = schema;
  const fail = (words: string): number =>
    errors.push(fieldErrors.invalid(path, value, `${path} in body should be ${words}`));
  if (typeof minimum === 'number') {
    const open = schema.exclusiveMinimum === true;
    if (value < minimum || (open && value === minimum)) {
      fail(open ? `greater than ${minimum}` : `greater than or equal to ${minimum}`);
    }
  }
  if (typeof maximum === 'number') {
    const open = schema.exclusiveMaximum === true;
    if (value > maximum || (open && value === maximum)) {
      fail(open ? `less than ${maximum}` : `less than or equal to ${maximum}`);
    }
  }
  if (typeof multipleOf === 'number' && value % multipleOf !== 0)
    fail(`a multiple of ${multipleOf}`);
}

function checkString(value: string, schema: JsonObject, path: string, errors: FieldError[]): void {
  const { minLength, maxLength, pattern, format } = schema;
  if (typeof format === 'string' && !hasFormat(value, format)) {
    const why = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    errors.push(fieldErrors.typeInvalid(path, value, why));
  }
  if (typeof minLength === 'number' && value.length < minLength) {
    errors.push(
      fieldErrors.invalid(
        path,
        value,
        `${path} in body should be at least ${minLength} chars long`,
      ),
    );
  }
  if (typeof maxLength === 'number' && value.length > maxLength) {
    errors.push(fieldErrors.tooLong(path, maxLength));
  }
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) {
    errors.push(fieldErrors.invalid(path, value, `${path} in body should match '${pattern}'`));
  }
}

function checkList(
  value: readonly unknown[],
  schema: JsonObject,
  path: string,
  errors: FieldError[],
): void {
  const { minItems, maxItems, items } = schema;
  if (typeof minItems === 'number' && value.length < minItems) {
    errors.push(
      fieldErrors.invalid(
        path,
        value.length,
        `${path} in body should have at least ${minItems} items`,
      ),
    );
  }
  if (typeof maxItems === 'number' && value.length > maxItems) {
    errors.push(fieldErrors.tooMany(path, value.length, maxItems));
  }
  if (!isObject(items)) return;
  for (const [i, item] of value.entries()) check(item, items, `${path}[${i}]`, errors);
}

function checkObject(
  value: JsonObject,
  schema: JsonObject,
  path: string,
  errors: FieldError[],
): void {
  const within = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const count = Object.keys(value).length;
  const { minProperties, maxProperties } = schema;
  if (typeof minProperties === 'number' && count < minProperties) {
    const why = `${path} in body should have at least ${minProperties} properties`;
    errors.push(fieldErrors.invalid(path, count, why));
  }
  if (typeof maxProperties === 'number' && count > maxProperties) {
    errors.push(fieldErrors.tooMany(path, count, maxProperties));
  }
  for (const name of Array.isArray(schema.required) ? schema.required : []) {
    if (value[String(name)] === undefined) errors.push(fieldErrors.required(within(String(name))));
  }
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const [name, inner] of Object.entries(value)) {
    const known = properties[name];
    const others = schema.additionalProperties;
    if (isObject(known)) {
      if (path !== '' || name !== 'metadata') check(inner, known, within(name), errors);
    } else if (isObject(others)) check(inner, others, within(name), errors);
  }
}
