// Structural schemas: types, required fields, bounds, patterns, enumerations. CEL rules are not evaluated.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { type KubeObject, sameJson } from '../object.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';

/** Checks an object against the schema of its version. */
export function validateSchema(object: KubeObject, schema: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  check(object, schema, '', errors);
  if (errors.length > 0) {
    errors.push({
      type: 'invalid',
      field: '<nil>',
      body: 'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      reason: 'FieldValueInvalid',
    });
  }
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
    errors.push(
      fieldErrors.typeInvalid(
        path,
        typeOf(value),
        `${path} in body must be of type ${schema.type}: ${JSON.stringify(typeOf(value))}`,
      ),
    );
    return;
  }
  if (value === null) return;
  checkEnum(value, schema, path, errors);
  if (typeof value === 'number') checkNumber(value, schema, path, errors);
  if (typeof value === 'string') checkString(value, schema, path, errors);
  if (Array.isArray(value)) checkList(value, schema, path, errors);
  else if (isObject(value)) checkObject(value, schema, path, errors);
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
  const { minLength, maxLength, pattern } = schema;
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
