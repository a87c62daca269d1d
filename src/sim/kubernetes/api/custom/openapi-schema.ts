// The rest of what a definition's OpenAPI schema is checked for: types, unsupported words, list and map types, CEL
// rules, defaults that fit.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { checkAgainst } from './schema-validate.ts';
import { validateStructural } from './structure.ts';
import { checkRules } from './rules.ts';

const { invalid, required, forbidden, notSupported } = fieldErrors;

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Words of JSON schema that definitions may not use. */
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies'];

/** Checks the schema of a definition or of one of its versions; `path` leads to openAPIV3Schema. */
export function validateOpenApiSchema(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.nullable === true) {
    errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
  }
  const structural = validateStructural(schema, path);
  const defaults = structural.length === 0 ? validateDefaults(schema, path) : [];
  errors.push(...structural, ...defaults);
  const sound = structural.length === 0 && defaults.length === 0;
  const rules: FieldError[] = [];
  const before = errors.length;
  checkSchema(schema, path, errors, sound ? rules : undefined, true);
  return errors.length > before ? errors : [...errors, ...rules];
}

function validateDefaults(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.default !== undefined) {
    const at = `${path}.default`;
    for (const error of checkAgainst(schema.default, schema)) {
      errors.push({ ...error, field: error.field === '' ? at : `${at}.${error.field}` });
    }
  }
  for (const [at, inner] of innerSchemas(schema, path)) errors.push(...validateDefaults(inner, at));
  return errors;
}

/** The schemas right within a schema that describe values, with their paths. */
function innerSchemas(schema: JsonObject, path: string): [string, JsonObject][] {
  const { properties, additionalProperties, items } = schema;
  const found: [string, JsonObject][] = [];
  if (isObject(additionalProperties)) {
    found.push([`${path}.additionalProperties`, additionalProperties]);
  }
  for (const [name, inner] of Object.entries(isObject(properties) ? properties : {})) {
    if (isObject(inner)) found.push([`${path}.properties[${name}]`, inner]);
  }
  if (isObject(items)) found.push([`${path}.items`, items]);
  return found;
}

function junctors(schema: JsonObject, path: string): [string, JsonObject][] {
  const found: [string, JsonObject][] = isObject(schema.not) ? [[`${path}.not`, schema.not]] : [];
  for (const name of ['allOf', 'oneOf', 'anyOf']) {
    const list = schema[name];
    if (!Array.isArray(list)) continue;
    for (const [i, one] of list.entries()) {
      if (isObject(one)) found.push([`${path}.${name}[${i}]`, one]);
    }
  }
  return found;
}

function checkSchema(
  schema: JsonObject,
  path: string,
  errors: FieldError[],
  rules: FieldError[] | undefined,
  root = false,
): void {
  checkWords(schema, path, errors);
  if (schema.uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(`${path}.uniqueItems`, why));
  }
  const { properties, additionalProperties: others } = schema;
  if (others !== undefined && others !== true && isObject(properties)) {
    if (Object.keys(properties).length > 0) {
      const why = 'additionalProperties and properties are mutual exclusive';
      errors.push(forbidden(`${path}.additionalProperties`, why));
    }
  }
  for (const [at, inner] of innerSchemas(schema, path)) checkSchema(inner, at, errors, rules);
  for (const [at, inner] of junctors(schema, path)) checkSchema(inner, at, errors, undefined);
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const at = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(invalid(at, false, 'must be true or undefined'));
  }
  checkMapType(schema, path, errors);
  checkListType(schema, path, errors);
  checkRules(schema, path, errors, rules, root);
}

function checkWords(schema: JsonObject, path: string, errors: FieldError[]): void {
  const { type, items } = schema;
  if (type === 'null') {
    const why = 'type cannot be set to null, use nullable as an alternative';
    errors.push(forbidden(`${path}.type`, why));
  } else if (typeof type === 'string' && type !== '' && !TYPES.includes(type)) {
    errors.push(notSupported(`${path}.type`, type, TYPES));
  }
  for (const word of UNSUPPORTED) {
    if (schema[word] !== undefined)
      errors.push(forbidden(`${path}.${word}`, `${word} is not supported`));
  }
  if (schema.$ref !== undefined) errors.push(forbidden(`${path}.$ref`, '$ref is not supported'));
  if (Array.isArray(items)) {
    errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  }
}

function checkMapType(schema: JsonObject, path: string, errors: FieldError[]): void {
  const kind = schema['x-kubernetes-map-type'];
  if (kind === undefined) return;
  if (schema.type !== 'object') {
    const why = 'must be object if x-kubernetes-map-type is specified';
    const at = `${path}.type`;
    errors.push(schema.type === undefined ? required(at, why) : invalid(at, schema.type, why));
  }
  if (kind !== 'atomic' && kind !== 'granular') {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, kind, ['atomic', 'granular']));
  }
}

const LIST_TYPES = ['atomic', 'set', 'map'];

function checkListType(schema: JsonObject, path: string, errors: FieldError[]): void {
  const kind = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  const named = Array.isArray(keys) ? keys.map(String) : [];
  if (kind !== undefined && schema.type !== 'array') {
    const why = 'must be array if x-kubernetes-list-type is specified';
    const at = `${path}.type`;
    errors.push(schema.type === undefined ? required(at, why) : invalid(at, schema.type, why));
  }
  if (kind !== undefined && !LIST_TYPES.includes(String(kind))) {
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, kind, LIST_TYPES));
  }
  if (named.length > 0 && kind !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const at = `${path}.x-kubernetes-list-type`;
    errors.push(kind === undefined ? required(at, why) : invalid(at, kind, why));
  }
  if (kind === 'map') checkMapKeys(schema, named, path, errors);
}

function checkMapKeys(
  schema: JsonObject,
  keys: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  const at = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) {
    errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'));
  }
  const { items } = schema;
  if (!isObject(items)) {
    const why = 'must have a schema if x-kubernetes-list-type is map';
    errors.push(required(`${path}.items`, why));
    return;
  }
  if (items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(`${path}.items.type`, items.type ?? '', why));
    return;
  }
  const properties = isObject(items.properties) ? items.properties : {};
  const needed = Array.isArray(items.required) ? items.required.map(String) : [];
  for (const [i, key] of keys.entries()) {
    const one = properties[key];
    if (!isObject(one)) {
      errors.push(invalid(at, keys, 'entries must all be names of item properties'));
      continue;
    }
    if (keys.indexOf(key) < i) errors.push(invalid(at, keys, 'must not contain duplicate entries'));
    const inner = `${path}.items.properties[${key}]`;
    if (one.type === 'array' || one.type === 'object') {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(`${inner}.type`, items.type, why));
    }
    if (one.default === undefined && !needed.includes(key)) {
      const why =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(`${inner}.default`, why));
    }
    if (one.nullable === true) {
      const why = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbidden(`${inner}.nullable`, why));
    }
  }
}
