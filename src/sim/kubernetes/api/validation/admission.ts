// Validation of webhook configurations, admission policies and their bindings.

import { ADMISSION_VARIABLES } from '../admission/request.ts';
import { compile } from '../cel/program.ts';
import { isObject, type JsonObject } from '../fields/decode.ts';
import type { KubeObject } from '../object.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { dnsLabel1035, dnsSubdomain } from './names.ts';

const { invalid, required, forbidden, notSupported, duplicate } = fieldErrors;

const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const FAILURE_POLICIES = ['Fail', 'Ignore'];
const MATCH_POLICIES = ['Equivalent', 'Exact'];
const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function oneOf(value: unknown, allowed: readonly string[], at: string): FieldError[] {
  if (value === undefined || allowed.includes(String(value))) return [];
  return [notSupported(at, value, allowed)];
}

function validateRule(rule: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const operations = texts(rule.operations);
  if (operations.length === 0) errors.push(required(`${at}.operations`));
  if (operations.length > 1 && operations.includes('*')) {
    const why = "if '*' is present, must not specify other operations";
    errors.push(invalid(`${at}.operations`, operations, why));
  }
  for (const [i, operation] of operations.entries()) {
    errors.push(...oneOf(operation, OPERATIONS, `${at}.operations[${i}]`));
  }
  const groups = texts(rule.apiGroups);
  if (groups.length === 0) errors.push(required(`${at}.apiGroups`));
  if (groups.length > 1 && groups.includes('*')) {
    const why = "if '*' is present, must not specify other API groups";
    errors.push(invalid(`${at}.apiGroups`, groups, why));
  }
  const versions = texts(rule.apiVersions);
  if (versions.length === 0) errors.push(required(`${at}.apiVersions`));
  if (versions.length > 1 && versions.includes('*')) {
    const why = "if '*' is present, must not specify other API versions";
    errors.push(invalid(`${at}.apiVersions`, versions, why));
  }
  for (const [i, version] of versions.entries()) {
    if (version === '') errors.push(required(`${at}.apiVersions[${i}]`));
  }
  errors.push(...validateResources(texts(rule.resources), `${at}.resources`));
  errors.push(...oneOf(rule.scope, SCOPES, `${at}.scope`));
  return errors;
}

function validateResources(resources: readonly string[], at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (resources.length === 0) errors.push(required(at));
  const wholes = new Set<string>();
  for (const [i, one] of resources.entries()) {
    if (one === '') errors.push(required(`${at}[${i}]`));
    const [resource = '', part] = one.split('/');
    if (part === undefined) continue;
    for (const pattern of [`${resource}/*`, `*/${part}`]) {
      if (!wholes.has(pattern)) continue;
      const why = `if '${pattern}' is present, must not specify ${one}`;
      errors.push(invalid(`${at}[${i}]`, one, why));
    }
    if (part === '*' || resource === '*') wholes.add(one);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalid(at, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && resources.some((one) => one !== '*' && !one.includes('/'))) {
    const why = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(at, resources, why));
  }
  return errors;
}

function validateService(service: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!service.name) errors.push(required(`${at}.name`, 'service name is required'));
  if (!service.namespace) errors.push(required(`${at}.namespace`, 'service namespace is required'));
  const { path, port } = service;
  if (typeof port === 'number' && (port < 1 || port > 65535)) {
    const why = 'port is not valid: must be between 1 and 65535, inclusive';
    errors.push(invalid(`${at}.port`, port, why));
  }
  if (typeof path !== 'string' || path === '/') return errors;
  if (!path.startsWith('/')) errors.push(invalid(`${at}.path`, path, "must start with a '/'"));
  const steps = path.replace(/\/$/, '').slice(1).split('/');
  for (const [i, step] of steps.entries()) {
    const wrong = step === '' ? [] : dnsSubdomain(step);
    if (step === '') errors.push(invalid(`${at}.path`, path, `segment[${i}] may not be empty`));
    for (const text of wrong) errors.push(invalid(`${at}.path`, path, `segment[${i}]: ${text}`));
  }
  return errors;
}

function validateUrl(url: string, at: string): FieldError[] {
  const form = 'desired format: https://host[/path]';
  if (!url.startsWith('https://')) {
    const [scheme = ''] = url.split(':');
    return [invalid(at, scheme, `'https' is the only allowed URL scheme; ${form}`)];
  }
  if (!/^https:\/\/[^/]/.test(url)) return [invalid(at, '', `host must be specified; ${form}`)];
  return [];
}

function validateConditions(conditions: unknown, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<unknown>();
  for (const [i, { name, expression }] of objects(conditions).entries()) {
    if (!expression) errors.push(required(`${at}[${i}].expression`));
    else errors.push(...validateExpression(String(expression), `${at}[${i}].expression`, false));
    if (!name) errors.push(required(`${at}[${i}].name`));
    else if (names.has(name)) errors.push(duplicate(`${at}[${i}].name`, name));
    names.add(name);
  }
  return errors;
}

function validateExpression(expression: string, at: string, parameters: boolean): FieldError[] {
  const known = { ...ADMISSION_VARIABLES, variables: {}, ...(parameters ? { params: {} } : {}) };
  const program = compile(expression, known);
  if (typeof program !== 'string') return [];
  return [invalid(at, expression, `compilation failed: ${program}`)];
}

/** Checks the webhooks of a configuration. */
export function validateWebhooks(object: KubeObject): FieldError[] {
  const names = new Set<string>();
  return objects(object.webhooks).flatMap((webhook, i) => {
    const at = `webhooks[${i}]`;
    const name = String(webhook.name ?? '');
    const errors = validateWebhook(webhook, at);
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    return errors;
  });
}

function validateName(name: string, at: string): FieldError[] {
  if (name === '') return [required(at)];
  const wrong = dnsSubdomain(name);
  if (wrong.length > 0) return wrong.map((text) => invalid(at, name, text));
  if (name.split('.').length >= 3) return [];
  return [invalid(at, name, 'should be a domain with at least three segments separated by dots')];
}

function validateWebhook(webhook: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  errors.push(...validateName(String(webhook.name ?? ''), `${at}.name`));
  for (const [i, rule] of objects(webhook.rules).entries()) {
    errors.push(...validateRule(rule, `${at}.rules[${i}]`));
  }
  errors.push(...oneOf(webhook.failurePolicy, FAILURE_POLICIES, `${at}.failurePolicy`));
  errors.push(...oneOf(webhook.matchPolicy, MATCH_POLICIES, `${at}.matchPolicy`));
  if (webhook.sideEffects === undefined) {
    errors.push(required(`${at}.sideEffects`, 'must specify one of None, NoneOnDryRun'));
  }
  errors.push(...oneOf(webhook.sideEffects, SIDE_EFFECTS, `${at}.sideEffects`));
  const timeout = Number(webhook.timeoutSeconds);
  if (timeout < 1 || timeout > 30) {
    const why = 'the timeout value must be between 1 and 30 seconds';
    errors.push(invalid(`${at}.timeoutSeconds`, timeout, why));
  }
  errors.push(
    ...oneOf(webhook.reinvocationPolicy, REINVOCATION_POLICIES, `${at}.reinvocationPolicy`),
  );
  const config = isObject(webhook.clientConfig) ? webhook.clientConfig : {};
  const { url, service } = config;
  if ((url === undefined) === (service === undefined)) {
    errors.push(required(`${at}.clientConfig`, 'exactly one of url or service is required'));
  } else if (isObject(service)) {
    errors.push(...validateService(service, `${at}.clientConfig.service`));
  } else errors.push(...validateUrl(String(url), `${at}.clientConfig.url`));
  errors.push(...validateConditions(webhook.matchConditions, `${at}.matchConditions`));
  const reviews = texts(webhook.admissionReviewVersions);
  if (reviews.length === 0) {
    const why = 'must specify one of v1, v1beta1';
    errors.push(required(`${at}.admissionReviewVersions`, why));
  } else if (!reviews.some((one) => one === 'v1' || one === 'v1beta1')) {
    const why = 'must include at least one of v1, v1beta1';
    errors.push(invalid(`${at}.admissionReviewVersions`, reviews, why));
  }
  return errors;
}

function validateMatch(match: JsonObject, at: string): FieldError[] {
  const errors = oneOf(match.matchPolicy, MATCH_POLICIES, `${at}.matchPolicy`);
  for (const field of ['resourceRules', 'excludeResourceRules']) {
    for (const [i, rule] of objects(match[field]).entries()) {
      errors.push(...validateRule(rule, `${at}.${field}[${i}]`));
    }
  }
  return errors;
}

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

/** Checks a ValidatingAdmissionPolicy. */
export function validatePolicy(object: KubeObject): FieldError[] {
  const spec = isObject(object.spec) ? object.spec : {};
  const errors = oneOf(spec.failurePolicy, FAILURE_POLICIES, 'spec.failurePolicy');
  const parameters = isObject(spec.paramKind);
  if (isObject(spec.paramKind)) {
    const { apiVersion, kind } = spec.paramKind;
    if (!apiVersion) errors.push(required('spec.paramKind.apiVersion'));
    if (!kind) errors.push(required('spec.paramKind.kind'));
    else {
      const wrong = dnsLabel1035(String(kind).toLowerCase());
      if (wrong.length > 0) {
        const why = `may have mixed case, but should otherwise match: ${wrong.join(',')}`;
        errors.push(invalid('spec.paramKind.kind', kind, why));
      }
    }
  }
  if (!isObject(spec.matchConstraints)) errors.push(required('spec.matchConstraints'));
  else {
    errors.push(...validateMatch(spec.matchConstraints, 'spec.matchConstraints'));
    if (objects(spec.matchConstraints.resourceRules).length === 0) {
      errors.push(required('spec.matchConstraints.resourceRules'));
    }
  }
  errors.push(...validateConditions(spec.matchConditions, 'spec.matchConditions'));
  for (const [i, { name, expression }] of objects(spec.variables).entries()) {
    const at = `spec.variables[${i}]`;
    if (!name) errors.push(required(`${at}.name`, 'name is not specified'));
    else if (!/^[A-Za-z_]\w*$/.test(String(name))) {
      errors.push(invalid(`${at}.name`, name, 'must be a valid CEL identifier'));
    }
    if (!expression) errors.push(required(`${at}.expression`, 'expression is not specified'));
    else errors.push(...validateExpression(String(expression), `${at}.expression`, parameters));
  }
  const validations = objects(spec.validations);
  if (validations.length === 0 && objects(spec.auditAnnotations).length === 0) {
    const why = 'validations or auditAnnotations must contain at least one item';
    errors.push(required('spec.validations', why), required('spec.auditAnnotations', why));
  }
  for (const [i, validation] of validations.entries()) {
    errors.push(...validateValidation(validation, `spec.validations[${i}]`, parameters));
  }
  return errors;
}

function validateValidation(validation: JsonObject, at: string, parameters: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const text = (name: string): string => String(validation[name] ?? '');
  const expression = text('expression');
  if (expression.trim() === '') {
    errors.push(required(`${at}.expression`, 'expression is not specified'));
  } else errors.push(...validateExpression(expression, `${at}.expression`, parameters));
  const message = text('message');
  if (message !== '' && message.trim() === '') {
    errors.push(invalid(`${at}.message`, message, 'must be non-empty if specified'));
  } else if (message.trim().includes('\n')) {
    errors.push(invalid(`${at}.message`, message, 'must not contain line breaks'));
  }
  const dynamic = text('messageExpression');
  if (dynamic.trim() !== '') {
    errors.push(...validateExpression(dynamic, `${at}.messageExpression`, parameters));
  }
  errors.push(...oneOf(validation.reason, REASONS, `${at}.reason`));
  return errors;
}

const ACTIONS = ['Audit', 'Deny', 'Warn'];

/** Checks a ValidatingAdmissionPolicyBinding. */
export function validatePolicyBinding(object: KubeObject): FieldError[] {
  const spec = isObject(object.spec) ? object.spec : {};
  const errors: FieldError[] = [];
  const name = String(spec.policyName ?? '');
  if (name === '') errors.push(required('spec.policyName'));
  else errors.push(...dnsSubdomain(name).map((text) => invalid('spec.policyName', name, text)));
  if (isObject(spec.paramRef)) errors.push(...validateParamRef(spec.paramRef, 'spec.paramRef'));
  if (isObject(spec.matchResources)) {
    errors.push(...validateMatch(spec.matchResources, 'spec.matchResources'));
  }
  const at = 'spec.validationActions';
  const actions = texts(spec.validationActions);
  for (const [i, action] of actions.entries()) {
    errors.push(...oneOf(action, ACTIONS, `${at}[${i}]`));
    if (actions.indexOf(action) < i) errors.push(duplicate(`${at}[${i}]`, action));
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalid(at, actions, why));
  }
  if (actions.length === 0) {
    errors.push(required(at, 'at least one validation action is required'));
  }
  return errors;
}

function validateParamRef(reference: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { name, selector, parameterNotFoundAction: action } = reference;
  if (name && selector !== undefined) {
    errors.push(forbidden(`${at}.name`, 'name and selector are mutually exclusive'));
    errors.push(forbidden(`${at}.selector`, 'name and selector are mutually exclusive'));
  }
  if (!name && selector === undefined) {
    errors.push(required(at, 'one of name or selector must be specified'));
  }
  if (!action) errors.push(required(`${at}.parameterNotFoundAction`));
  else errors.push(...oneOf(action, ['Deny', 'Allow'], `${at}.parameterNotFoundAction`));
  return errors;
}
