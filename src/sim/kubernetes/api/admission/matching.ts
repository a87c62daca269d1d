// What webhooks and admission policies are asked about: rules, selectors of namespaces and objects, conditions in CEL.
// Every request is matched in the version in which it came (matchPolicy Exact and Equivalent are alike here).

import type { Program } from '../cel/program.ts';
import { compile, type Variables } from '../cel/program.ts';
import { CelError } from '../cel/values.ts';
import { isObject, type JsonObject } from '../fields/decode.ts';
import { selects } from '../selectors.ts';
import type { LabelSelector } from '../types/meta.ts';
import type { Attributes } from './admission.ts';

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function listed(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

const holds = (list: readonly string[], one: string): boolean =>
  list.includes('*') || list.includes(one);

/** Whether a rule (of operations, groups, versions, resources, scope, names) covers the request. */
export function ruleCovers(rule: JsonObject, attributes: Attributes): boolean {
  const { descriptor, operation, subresource, name } = attributes;
  const { group, version, plural, namespaced } = descriptor;
  if (!holds(texts(rule.operations), operation)) return false;
  if (!holds(texts(rule.apiGroups), group) || !holds(texts(rule.apiVersions), version))
    return false;
  const scope = rule.scope ?? '*';
  if (scope !== '*' && (scope === 'Namespaced') !== namespaced) return false;
  const names = texts(rule.resourceNames);
  if (names.length > 0 && !names.includes(name)) return false;
  return texts(rule.resources).some((pattern) => {
    const [resource = '', part = ''] = pattern.split('/');
    if (resource !== '*' && resource !== plural) return false;
    return part === '*' ? pattern !== '*' : part === subresource;
  });
}

/** Whether labels of the namespace (or of the namespace object itself) and of the object fit. */
export function selectorsFit(
  namespaceSelector: unknown,
  objectSelector: unknown,
  attributes: Attributes,
): boolean {
  const { server, descriptor, namespace, object, old } = attributes;
  const ownNamespace = descriptor.group === '' && descriptor.plural === 'namespaces';
  if (isObject(namespaceSelector) && (ownNamespace || descriptor.namespaced)) {
    const labels = ownNamespace
      ? (object ?? old)?.metadata.labels
      : server.storage.cache('namespaces').get('', namespace)?.metadata.labels;
    if (!selects(namespaceSelector as LabelSelector, labels ?? {})) return false;
  }
  if (!isObject(objectSelector)) return true;
  return [object, old].some(
    (one) =>
      one !== undefined && selects(objectSelector as LabelSelector, one.metadata.labels ?? {}),
  );
}

/** Whether the resources that a policy or a binding names cover the request. */
export function matchesResources(match: unknown, attributes: Attributes): boolean {
  if (!isObject(match)) return true;
  if (!selectorsFit(match.namespaceSelector, match.objectSelector, attributes)) return false;
  const within = (rules: unknown): boolean =>
    listed(rules).some((rule) => ruleCovers(rule, attributes));
  if (within(match.excludeResourceRules)) return false;
  return listed(match.resourceRules).length === 0 || within(match.resourceRules);
}

/** Conditions: all true, one false, or the error of one that cannot be told. */
export function conditionsHold(
  conditions: unknown,
  variables: Variables,
  names: Parameters<Program['run']>[0],
): boolean | CelError {
  let error: CelError | undefined;
  for (const condition of listed(conditions)) {
    const program = compile(String(condition.expression ?? ''), variables);
    const result = typeof program === 'string' ? new CelError(program) : program.run(names);
    if (result === false) return false;
    if (result instanceof CelError) {
      error ??= new CelError(
        `expression '${String(condition.expression)}' resulted in error: ${result.message}`,
      );
    }
  }
  return error ?? true;
}

/** Configurations of admission itself are never handed to what they configure. */
export function isExempt({ descriptor }: Attributes): boolean {
  return descriptor.group === 'admissionregistration.k8s.io' || descriptor.virtual === true;
}
