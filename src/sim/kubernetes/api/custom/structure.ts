// Structural schemas (apiextensions.k8s.io): what a definition's OpenAPI schema must be like, so that objects can be
// pruned and defaulted by it. Costs of CEL rules are not estimated.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { sameJson } from '../object.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';

const { invalid, required, forbidden } = fieldErrors;

type Level = 'root' | 'item' | 'field';

const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  root: 'at the root',
  item: 'for specified array items',
  field: 'for specified object fields',
};

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

/** Checks that a schema is structural. */
export function validateStructural(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  checkLevel(schema, 'root', path, errors);
  return errors;
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function entriesOf(value: unknown): readonly (readonly [string, JsonObject])[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => (isObject(inner) ? [[name, inner]] : []));
}

function checkLevel(s: JsonObject, level: Level, path: string, errors: FieldError[]): void {
  if (s.type === 'array' && s.items === undefined) {
    errors.push(required(`${path}.items`, 'must be specified'));
  }
  if (isObject(s.items)) checkLevel(s.items, 'item', `${path}.items`, errors);
  for (const [name, inner] of entriesOf(s.properties)) {
    checkLevel(inner, 'field', `${path}.properties[${name}]`, errors);
  }
  if (s.additionalProperties !== undefined && s.additionalProperties !== false) {
    const at = `${path}.additionalProperties`;
    if (level === 'root') errors.push(forbidden(at, 'must not be used at the root'));
    if (isObject(s.additionalProperties)) checkLevel(s.additionalProperties, 'field', at, errors);
  }
  checkExtensions(s, path, errors);
  checkValues(s, path, errors);
  checkType(s, level, path, errors);
  checkMetadata(s, level, path, errors);
}

function checkExtensions(s: JsonObject, path: string, errors: FieldError[]): void {
  if (s['x-kubernetes-int-or-string'] !== true) return;
  for (const name of [
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-embedded-resource',
  ] as const) {
    if (s[name] !== true) continue;
    const why = 'must be false if x-kubernetes-int-or-string is true';
    errors.push(invalid(`${path}.${name}`, true, why));
  }
}

/** Value validations: what lies within anyOf, allOf, oneOf and not may restrict, but not describe. */
function checkValues(s: JsonObject, path: string, errors: FieldError[]): void {
  const skipped = sameJson(s.anyOf, INT_OR_STRING);
  if (!skipped) {
    for (const [i, one] of listOf(s.anyOf).entries())
      checkNested(one, `${path}.anyOf[${i}]`, errors);
  }
  for (const [i, one] of listOf(s.allOf).entries()) {
    const first = i === 0 && sameJson(one.anyOf, INT_OR_STRING);
    checkNested(first ? { ...one, anyOf: undefined } : one, `${path}.allOf[${i}]`, errors);
  }
  for (const [i, one] of listOf(s.oneOf).entries()) checkNested(one, `${path}.oneOf[${i}]`, errors);
  if (isObject(s.not)) checkNested(s.not, `${path}.not`, errors);
  const problem = typeof s.pattern === 'string' ? patternProblem(s.pattern) : undefined;
  if (problem !== undefined) {
    const why = `must be a valid regular expression, but isn't: ${problem}`;
    errors.push(invalid(`${path}.pattern`, s.pattern, why));
  }
}

/** What Go's regexp says of a pattern; undefined where it compiles. */
function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch {
    const open = pattern.replace(/\\./g, '').match(/\(/g)?.length ?? 0;
    const closed = pattern.replace(/\\./g, '').match(/\)/g)?.length ?? 0;
    if (open > closed) return `error parsing regexp: missing closing ): \`${pattern}\``;
    if (closed > open) return `error parsing regexp: unexpected ): \`${pattern}\``;
    if (/\[[^\]]*$/.test(pattern)) {
      const at = pattern.slice(pattern.lastIndexOf('['));
      return `error parsing regexp: missing closing ]: \`${at}\``;
    }
    const repeated = /^[*+?]/.exec(pattern)?.[0];
    if (repeated !== undefined) {
      return `error parsing regexp: missing argument to repetition operator: \`${repeated}\``;
    }
    return undefined;
  }
}

/** Fields that a nested value validation may not have, with what they would have to be. */
const NESTED_FORBIDDEN: Readonly<Record<string, string>> = {
  type: 'must be empty',
  additionalProperties: 'must be undefined',
  default: 'must be undefined',
  title: 'must be empty',
  description: 'must be empty',
  nullable: 'must be false',
  'x-kubernetes-preserve-unknown-fields': 'must be false',
  'x-kubernetes-embedded-resource': 'must be false',
  'x-kubernetes-int-or-string': 'must be false',
  'x-kubernetes-list-map-keys': 'must be empty',
  'x-kubernetes-list-type': 'must be undefined',
  'x-kubernetes-map-type': 'must be undefined',
};

function checkNested(s: JsonObject, path: string, errors: FieldError[]): void {
  checkValues(s, path, errors);
  if (isObject(s.items)) checkNested(s.items, `${path}.items`, errors);
  for (const [name, inner] of entriesOf(s.properties)) {
    checkNested(inner, `${path}.properties[${name}]`, errors);
  }
  for (const [name, words] of Object.entries(NESTED_FORBIDDEN)) {
    const value = s[name];
    if (value === undefined || value === false || value === '') continue;
    errors.push(forbidden(`${path}.${name}`, `${words} to be structural`));
  }
  if (isObject(s.properties) && s.properties.metadata !== undefined) {
    const why = 'must not be specified in a nested context';
    errors.push(forbidden(`${path}.properties[metadata]`, why));
  }
}

function checkType(s: JsonObject, level: Level, path: string, errors: FieldError[]): void {
  const at = `${path}.type`;
  const type = typeof s.type === 'string' ? s.type : '';
  const embedded = s['x-kubernetes-embedded-resource'] === true;
  const keeps = s['x-kubernetes-preserve-unknown-fields'] === true;
  if (embedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(at, why) : invalid(at, type, why));
  } else if (type === '' && s['x-kubernetes-int-or-string'] !== true && !keeps) {
    errors.push(required(at, `must not be empty ${LEVEL_WORDS[level]}`));
  }
  if (embedded && s.additionalProperties !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbidden(`${path}.additionalProperties`, why));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalid(at, type, 'must be object at the root'));
  }
}

/** Metadata is typed by the server: a schema may restrict an object's name, and no more. */
function checkMetadata(s: JsonObject, level: Level, path: string, errors: FieldError[]): void {
  const embedded = s['x-kubernetes-embedded-resource'] === true;
  const properties = isObject(s.properties) ? s.properties : {};
  const whole = level === 'root' || embedded;
  for (const name of ['kind', 'apiVersion']) {
    const inner = properties[name];
    if (!whole || !isObject(inner) || inner.type === 'string') continue;
    errors.push(invalid(`${path}.properties[${name}].type`, inner.type ?? '', 'must be string'));
  }
  const { metadata } = properties;
  if (isObject(metadata)) {
    const at = `${path}.properties[metadata]`;
    if (whole && metadata.type !== 'object') {
      errors.push(invalid(`${at}.type`, metadata.type ?? '', 'must be object'));
    }
    const { type: _, properties: inner, ...rest } = metadata;
    const names = Object.keys(isObject(inner) ? inner : {});
    const plain = names.every((name) => name === 'name' || name === 'generateName');
    if (level === 'root' && (!plain || Object.keys(rest).length > 0)) {
      const why =
        'must not specify anything other than name and generateName, but metadata is implicitly specified';
      errors.push(forbidden(at, why));
    }
  }
  const keeps = s['x-kubernetes-preserve-unknown-fields'] === true;
  if (embedded && !keeps && Object.keys(properties).length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${path}.properties`, why));
  }
}
