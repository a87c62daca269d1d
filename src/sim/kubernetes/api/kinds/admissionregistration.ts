// admissionregistration.k8s.io: webhook configurations and admission policies.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { fillIn, type KubeObject, mapShared, replaceField } from '../object.ts';
import { type Loose, table } from '../tables/columns.ts';
import type { FieldError } from '../validation/errors.ts';
import {
  validatePolicy,
  validatePolicyBinding,
  validateWebhooks,
} from '../validation/admission.ts';
import type { KindDescriptor } from './descriptor.ts';

const COMMON = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  namespaced: false,
  categories: ['api-extensions'],
  generation: true,
} as const;

const webhooksOf = (object: KubeObject): readonly JsonObject[] =>
  Array.isArray(object.webhooks) ? object.webhooks.filter(isObject) : [];

function webhookDefaults(webhook: JsonObject, mutating: boolean): JsonObject {
  const filled = fillIn<Record<string, unknown>>(webhook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...(mutating ? { reinvocationPolicy: 'Never' } : {}),
  });
  const rules = Array.isArray(filled.rules) ? filled.rules.filter(isObject) : undefined;
  const config = isObject(filled.clientConfig) ? filled.clientConfig : undefined;
  const service = config && isObject(config.service) ? config.service : undefined;
  return {
    ...filled,
    ...(rules ? { rules: mapShared(rules, (rule) => fillIn(rule, { scope: '*' })) } : {}),
    ...(service ? { clientConfig: { ...config, service: fillIn(service, { port: 443 }) } } : {}),
  };
}

function configuration(kind: string, mutating: boolean): KindDescriptor {
  const singular = kind.toLowerCase();
  return {
    ...COMMON,
    kind,
    plural: `${singular}s`,
    singular,
    type: `admissionregistration/v1.${kind}`,
    storage: `${singular}s`,
    defaults: (object) => {
      const webhooks = webhooksOf(object);
      if (webhooks.length === 0) return object;
      const filled = webhooks.map((webhook) => webhookDefaults(webhook, mutating));
      return replaceField(object, 'webhooks', filled);
    },
    validate: validateWebhooks,
    validateUpdate: validateWebhooks,
    table: table(['Webhooks:integer', 'Age'], ({ object }, age) => [
      webhooksOf(object).length,
      age(),
    ]),
  };
}

export const mutatingWebhookConfiguration = configuration('MutatingWebhookConfiguration', true);
export const validatingWebhookConfiguration = configuration(
  'ValidatingWebhookConfiguration',
  false,
);

function paramKind(one: Loose): string {
  if (!one.field('spec.paramKind')) return '<unset>';
  return `${one.text('spec.paramKind.apiVersion')}/${one.text('spec.paramKind.kind')}`;
}

function policyDefaults(object: KubeObject): KubeObject {
  const spec = fillIn((object.spec ?? {}) as Record<string, unknown>, { failurePolicy: 'Fail' });
  const constraints = isObject(spec.matchConstraints) ? spec.matchConstraints : undefined;
  if (!constraints) return replaceField(object, 'spec', spec);
  const filled = fillIn<Record<string, unknown>>(constraints, {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
  });
  const rules = Array.isArray(filled.resourceRules)
    ? filled.resourceRules.filter(isObject)
    : undefined;
  const matchConstraints = rules
    ? { ...filled, resourceRules: mapShared(rules, (rule) => fillIn(rule, { scope: '*' })) }
    : filled;
  return replaceField(object, 'spec', { ...spec, matchConstraints });
}

function policy(
  kind: string,
  countName: string,
  count: string,
  hasStatus: boolean,
  validate?: (object: KubeObject) => FieldError[],
): KindDescriptor {
  const singular = kind.toLowerCase();
  return {
    ...COMMON,
    kind,
    plural: `${singular.slice(0, -1)}ies`,
    singular,
    type: `admissionregistration/v1.${kind}`,
    storage: `${singular.slice(0, -1)}ies`,
    hasStatus,
    defaults: policyDefaults,
    ...(validate ? { validate, validateUpdate: validate } : {}),
    table: table([`${countName}:integer`, 'ParamKind', 'Age'], (one, age) => [
      one.list(count).length,
      paramKind(one),
      age(),
    ]),
  };
}

export const validatingAdmissionPolicy = policy(
  'ValidatingAdmissionPolicy',
  'Validations',
  'spec.validations',
  true,
  validatePolicy,
);
export const mutatingAdmissionPolicy = policy(
  'MutatingAdmissionPolicy',
  'Mutations',
  'spec.mutations',
  false,
);

function paramRef(one: Loose): string {
  const name = one.text('spec.paramRef.name');
  if (name === '') return '<unset>';
  return `${one.text('spec.paramRef.namespace', '*')}/${name}`;
}

/** A binding restricts its policy's resources: what it leaves open is filled in likewise. */
function bindingDefaults(object: KubeObject): KubeObject {
  const spec = isObject(object.spec) ? object.spec : undefined;
  const match = spec && isObject(spec.matchResources) ? spec.matchResources : undefined;
  if (!spec || !match) return object;
  const filled = fillIn<Record<string, unknown>>(match, {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
  });
  const rules = Array.isArray(filled.resourceRules)
    ? filled.resourceRules.filter(isObject)
    : undefined;
  const matchResources = rules
    ? { ...filled, resourceRules: mapShared(rules, (rule) => fillIn(rule, { scope: '*' })) }
    : filled;
  return replaceField(object, 'spec', { ...spec, matchResources });
}

function policyBinding(
  kind: string,
  validate?: (object: KubeObject) => FieldError[],
): KindDescriptor {
  const singular = kind.toLowerCase();
  return {
    ...COMMON,
    kind,
    plural: `${singular}s`,
    singular,
    type: `admissionregistration/v1.${kind}`,
    storage: `${singular}s`,
    defaults: bindingDefaults,
    ...(validate ? { validate, validateUpdate: validate } : {}),
    table: table(['PolicyName', 'ParamRef', 'Age'], (one, age) => [
      one.text('spec.policyName'),
      paramRef(one),
      age(),
    ]),
  };
}

export const validatingAdmissionPolicyBinding = policyBinding(
  'ValidatingAdmissionPolicyBinding',
  validatePolicyBinding,
);
export const mutatingAdmissionPolicyBinding = policyBinding('MutatingAdmissionPolicyBinding');
