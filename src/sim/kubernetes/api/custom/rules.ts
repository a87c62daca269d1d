// x-kubernetes-validations: rules in CEL beside a schema, checked where the definition is written and run on objects.
// Costs are not counted, and an old object's errors are not passed over.

import { compile, type Program, type Variables } from '../cel/program.ts';
import { CelError, valueOfJson } from '../cel/values.ts';
import { isObject, type JsonObject } from '../fields/decode.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';

const { invalid, required, forbidden, notSupported, duplicate } = fieldErrors;

interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly messageExpression: string;
  readonly reason: string | undefined;
  readonly fieldPath: string;
  readonly optionalOldSelf: boolean | undefined;
}

function rulesOf(schema: JsonObject): readonly Rule[] {
  const given = schema['x-kubernetes-validations'];
  if (!Array.isArray(given)) return [];
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return given.filter(isObject).map((one) => ({
    rule: text(one.rule),
    message: text(one.message),
    messageExpression: text(one.messageExpression),
    reason: typeof one.reason === 'string' ? one.reason : undefined,
    fieldPath: text(one.fieldPath),
    optionalOldSelf: typeof one.optionalOldSelf === 'boolean' ? one.optionalOldSelf : undefined,
  }));
}

/** A rule as the server's internal structure prints it. */
function internalRule(rule: Rule): object {
  return {
    Rule: rule.rule,
    Message: rule.message,
    MessageExpression: rule.messageExpression,
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath,
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

const REASONS = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
];

/** The variables of a rule; the root of an object has its type and name beside what the schema says. */
function variablesOf(schema: JsonObject, root: boolean): Variables {
  const typed = root ? withMetadata(schema) : schema;
  return { self: typed, oldSelf: typed };
}

function withMetadata(schema: JsonObject): JsonObject {
  const name = { type: 'string' };
  return {
    ...schema,
    properties: {
      ...(isObject(schema.properties) ? schema.properties : {}),
      apiVersion: name,
      kind: name,
      metadata: { type: 'object', properties: { name, generateName: name } },
    },
  };
}

/** Checks the rules of a schema; compilers' errors go to `compiled`, which is absent where none are compiled. */
export function checkRules(
  schema: JsonObject,
  path: string,
  errors: FieldError[],
  compiled: FieldError[] | undefined,
  root: boolean,
): void {
  for (const [i, rule] of rulesOf(schema).entries()) {
    const at = `${path}.x-kubernetes-validations[${i}]`;
    checkWords(rule, at, errors);
    if (!compiled || rule.rule.trim() === '') continue;
    const program = compile(rule.rule, variablesOf(schema, root));
    if (typeof program === 'string') {
      compiled.push(invalid(`${at}.rule`, internalRule(rule), `compilation failed: ${program}`));
      continue;
    }
    if (rule.optionalOldSelf !== undefined && !program.mentions('oldSelf')) {
      const why = 'may not be set if oldSelf is not used in rule';
      compiled.push(invalid(`${at}.optionalOldSelf`, rule.optionalOldSelf, why));
    }
    if (rule.messageExpression.trim() === '') continue;
    const message = compile(rule.messageExpression, variablesOf(schema, root));
    if (typeof message !== 'string') continue;
    const why = `messageExpression compilation failed: ${message}`;
    compiled.push(invalid(`${at}.messageExpression`, internalRule(rule), why));
  }
}

function checkWords(rule: Rule, at: string, errors: FieldError[]): void {
  const message = rule.message.trim();
  if (rule.rule.trim() === '') {
    errors.push(required(`${at}.rule`, 'rule is not specified'));
  } else if (rule.message !== '' && message === '') {
    errors.push(invalid(`${at}.message`, rule.message, 'must be non-empty if specified'));
  } else if (message.includes('\n')) {
    errors.push(invalid(`${at}.message`, rule.message, 'must not contain line breaks'));
  } else if (rule.rule.trim().includes('\n') && message === '') {
    const why = 'message must be specified if rule contains line breaks';
    errors.push(required(`${at}.message`, why));
  }
  if (rule.messageExpression !== '' && rule.messageExpression.trim() === '') {
    const why = 'messageExpression must be non-empty if specified';
    errors.push(required(`${at}.messageExpression`, why));
  }
  if (rule.reason !== undefined && !REASONS.includes(rule.reason)) {
    errors.push(notSupported(`${at}.reason`, rule.reason, REASONS));
  }
  if (rule.fieldPath !== '' && !/^(?:\.[A-Za-z_][\w-]*|\[.*\])+$/.test(rule.fieldPath)) {
    errors.push(invalid(`${at}.fieldPath`, rule.fieldPath, 'must be a valid path'));
  }
}

const known = new WeakMap<JsonObject, boolean>();

/** True where a schema, or one within it, has rules. */
export function hasRules(schema: JsonObject): boolean {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const found =
    rulesOf(schema).length > 0 ||
    [
      schema.items,
      schema.additionalProperties,
      ...Object.values(isObject(schema.properties) ? schema.properties : {}),
    ].some((inner) => isObject(inner) && hasRules(inner));
  known.set(schema, found);
  return found;
}

/** Runs the rules of a schema on an object; `old` is what it was, if it was. */
export function runRules(
  value: unknown,
  old: unknown,
  schema: JsonObject,
  path = '',
  root = true,
): FieldError[] {
  if (value === null || value === undefined || !hasRules(schema)) return [];
  const errors = ownRules(value, old, schema, path, root);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!isObject(items)) return errors;
    for (const [i, item] of value.entries()) {
      const before = correlated(item, old, schema);
      errors.push(...runRules(item, before, items, `${path}[${i}]`, false));
    }
  } else if (isObject(value)) {
    const properties = isObject(schema.properties) ? schema.properties : {};
    const before = isObject(old) ? old : {};
    for (const [name, inner] of Object.entries(value)) {
      const own = properties[name];
      const at = path === '' ? name : `${path}.${name}`;
      if (isObject(own)) errors.push(...runRules(inner, before[name], own, at, false));
      else if (isObject(schema.additionalProperties)) {
        const others = schema.additionalProperties;
        errors.push(...runRules(inner, before[name], others, `${path}[${name}]`, false));
      }
    }
  }
  return errors;
}

/** The item of the old list that has the same keys, in lists that are maps. */
function correlated(item: unknown, old: unknown, schema: JsonObject): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (!Array.isArray(old) || !Array.isArray(keys) || !isObject(item)) return undefined;
  return old.find(
    (one) => isObject(one) && keys.every((key) => one[String(key)] === item[String(key)]),
  );
}

function ownRules(
  value: unknown,
  old: unknown,
  schema: JsonObject,
  path: string,
  root: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const field = path === '' ? '<nil>' : path;
  for (const rule of rulesOf(schema)) {
    const program = compile(rule.rule, variablesOf(schema, root));
    if (typeof program === 'string') continue;
    const before = oldSelfOf(rule, old, schema);
    if (before === undefined && program.mentions('oldSelf')) continue;
    const names = { self: valueOfJson(value, schema), oldSelf: before ?? null };
    const result = program.run(names);
    if (result === true) continue;
    if (result instanceof CelError) {
      errors.push(invalid(field, schema.type, failureText(result, rule)));
      continue;
    }
    const at = rule.fieldPath === '' ? field : `${field === '<nil>' ? '' : field}${rule.fieldPath}`;
    errors.push(errorOf(rule, at.replace(/^\./, ''), value, messageOf(rule, schema, root, names)));
  }
  return errors;
}

function oldSelfOf(
  rule: Rule,
  old: unknown,
  schema: JsonObject,
): ReturnType<typeof valueOfJson> | undefined {
  if (rule.optionalOldSelf !== true) {
    return old === undefined || old === null ? undefined : valueOfJson(old, schema);
  }
  const value = old === undefined ? undefined : valueOfJson(old, schema);
  return { kind: 'optional', value };
}

/** What the rule says in its own words, or itself. */
function wordsOf({ message, rule }: Rule): string {
  return (message === '' ? rule : message).trim();
}

function failureText({ message }: CelError, rule: Rule): string {
  if (!message.startsWith('no such overload'))
    return `${message} evaluating rule: ${wordsOf(rule)}`;
  return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${wordsOf(rule)}`;
}

function messageOf(
  rule: Rule,
  schema: JsonObject,
  root: boolean,
  names: Parameters<Program['run']>[0],
): string {
  if (rule.messageExpression !== '') {
    const program = compile(rule.messageExpression, variablesOf(schema, root));
    const found = typeof program === 'string' ? undefined : program.run(names);
    if (typeof found === 'string' && found.trim() !== '' && !found.includes('\n')) {
      return found.trim();
    }
  }
  return rule.message === '' ? `failed rule: ${wordsOf(rule)}` : wordsOf(rule);
}

function errorOf(rule: Rule, field: string, value: unknown, message: string): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, message);
    case 'FieldValueRequired':
      return required(field, message);
    case 'FieldValueDuplicate':
      return duplicate(field, value);
  }
  const error = invalid(field, value, message);
  // Objects and lists are not shown.
  const whole = typeof value === 'object' && value !== null;
  return whole ? { ...error, body: `Invalid value: ${message}` } : error;
}

/** True for an error that keeps rules from being run. */
export function blocksRules({ type }: FieldError): boolean {
  return ['notSupported', 'required', 'tooLong', 'tooMany', 'typeInvalid'].includes(type);
}

/** The line that says that rules were not run. */
export const RULES_NOT_CHECKED: FieldError = {
  ...invalid(
    '<nil>',
    null,
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ),
};
