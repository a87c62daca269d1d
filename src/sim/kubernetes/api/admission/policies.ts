// ValidatingAdmissionPolicy: rules in CEL that bindings put to work. Audit annotations are evaluated by nobody, since
// there is no audit log; types of expressions are not checked against the resources that they are for.

import type { Routine } from '../../../core/wait.ts';
import type { Result } from '../cel/evaluate.ts';
import { compile, type Variables } from '../cel/program.ts';
import { CelError, type Value, valueOfJson } from '../cel/values.ts';
import { isObject, type JsonObject } from '../fields/decode.ts';
import type { KubeObject } from '../object.ts';
import { selects } from '../selectors.ts';
import { ApiError, apiErrors } from '../status.ts';
import type { LabelSelector } from '../types/meta.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';
import { conditionsHold, isExempt, matchesResources } from './matching.ts';
import { ADMISSION_VARIABLES, admissionValues, lazily } from './request.ts';

const POLICIES = 'validatingadmissionpolicies';
const BINDINGS = 'validatingadmissionpolicybindings';

interface Denial {
  readonly reason: string;
  readonly message: string;
}

function specOf(object: KubeObject): JsonObject {
  return isObject(object.spec) ? object.spec : {};
}

function* validate(attributes: Attributes): Routine<ApiError | undefined> {
  const { server, warnings } = attributes;
  const policies = server.storage.cache(POLICIES);
  if (policies.size === 0 || isExempt(attributes)) return undefined;
  const values = admissionValues(attributes);
  let refusal: ApiError | undefined;
  for (const policy of policies.list('')) {
    const spec = specOf(policy);
    if (!matchesResources(spec.matchConstraints, attributes)) continue;
    for (const binding of server.storage.cache(BINDINGS).list('')) {
      const bound = specOf(binding);
      if (bound.policyName !== policy.metadata.name) continue;
      if (!matchesResources(bound.matchResources, attributes)) continue;
      const actions = Array.isArray(bound.validationActions) ? bound.validationActions : [];
      for (const { reason, message } of denials(attributes, spec, bound, values)) {
        const of = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
        if (actions.includes('Warn')) {
          warnings.push(`Validation failed for ${of}: ${message}`);
        }
        if (!actions.includes('Deny')) continue;
        refusal ??= refusalOf(attributes, reason, `${of} denied request: ${message}`);
      }
    }
  }
  return refusal;
}

const CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

function refusalOf({ descriptor, name }: Attributes, reason: string, message: string): ApiError {
  const of = { group: descriptor.group, resource: descriptor.plural };
  const { status } = apiErrors.forbidden(of, name, message);
  const details = { ...status.details, causes: [{ message }] };
  return new ApiError(CODES[reason] ?? 422, reason, status.message ?? '', details);
}

/** What a policy has against a request, by one of its bindings. */
function denials(
  attributes: Attributes,
  spec: JsonObject,
  binding: JsonObject,
  values: Record<string, Result>,
): Denial[] {
  const ignore = spec.failurePolicy === 'Ignore';
  const failed = (message: string): Denial[] => (ignore ? [] : [{ reason: 'Invalid', message }]);
  const params = paramsOf(attributes, spec.paramKind, binding.paramRef);
  if (typeof params === 'string') return failed(params);
  return params.flatMap((param) => {
    const names = withVariables(spec, { ...spread(values), params: valueOfJson(param ?? null) });
    const known: Variables = { ...ADMISSION_VARIABLES, params: {}, variables: {} };
    const holds = conditionsHold(spec.matchConditions, known, names);
    if (holds instanceof CelError) return failed(holds.message);
    if (!holds) return [];
    const validations = Array.isArray(spec.validations) ? spec.validations.filter(isObject) : [];
    return validations.flatMap((one) => judge(one, known, names, failed));
  });
}

/** Copies lazy fields as they are, without working them out. */
function spread(values: Record<string, Result>): Record<string, Result> {
  return Object.create(null, Object.getOwnPropertyDescriptors(values)) as Record<string, Result>;
}

function withVariables(spec: JsonObject, names: Record<string, Result>): Record<string, Result> {
  const given = Array.isArray(spec.variables) ? spec.variables.filter(isObject) : [];
  if (given.length === 0) return names;
  const known: Variables = { ...ADMISSION_VARIABLES, params: {}, variables: {} };
  return lazily({
    ...Object.fromEntries(Object.keys(names).map((name) => [name, () => names[name] ?? null])),
    // Each is worked out in order, and sees those before it.
    variables: () => {
      const made = new Map<Value, Value>();
      for (const { name, expression } of given) {
        const program = compile(String(expression), known);
        if (typeof program === 'string') continue;
        const value = program.run({ ...names, variables: new Map(made) });
        if (!(value instanceof CelError)) made.set(String(name), value);
      }
      return made;
    },
  });
}

function judge(
  validation: JsonObject,
  known: Variables,
  names: Record<string, Result>,
  failed: (message: string) => Denial[],
): Denial[] {
  const expression = String(validation.expression ?? '');
  const program = compile(expression, known);
  if (typeof program === 'string')
    return failed(`compilation error: compilation failed: ${program}`);
  const result = program.run(names);
  if (result instanceof CelError) {
    return failed(`expression '${expression}' resulted in error: ${result.message}`);
  }
  if (result === true) return [];
  const given = typeof validation.reason === 'string' ? validation.reason : 'Invalid';
  return [{ reason: given, message: messageOf(validation, expression, known, names) }];
}

function messageOf(
  { message, messageExpression }: JsonObject,
  expression: string,
  known: Variables,
  names: Record<string, Result>,
): string {
  if (typeof messageExpression === 'string' && messageExpression !== '') {
    const program = compile(messageExpression, known);
    const text = typeof program === 'string' ? undefined : program.run(names);
    if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) return text.trim();
  }
  if (typeof message === 'string' && message.trim() !== '') return message.trim();
  return `failed expression: ${expression.trim()}`;
}

/** The parameters that a binding names; what is wrong with them as text. [undefined] where there are none. */
function paramsOf(
  { server, namespace }: Attributes,
  kind: unknown,
  reference: unknown,
): readonly (KubeObject | undefined)[] | string {
  if (!isObject(kind)) return [undefined];
  if (!isObject(reference)) return [undefined];
  const descriptor = server.kinds.ofObject(String(kind.apiVersion), String(kind.kind));
  if (!descriptor) {
    return `failed to configure binding: failed to find resource referenced by paramKind: '${kind.apiVersion}, Kind=${kind.kind}'`;
  }
  const where = descriptor.namespaced ? String(reference.namespace ?? namespace) : '';
  const cache = server.storage.cache(descriptor.storage);
  const found =
    reference.name === undefined
      ? cache
          .list(where)
          .filter((one) => selects(reference.selector as LabelSelector, one.metadata.labels ?? {}))
      : [cache.get(where, String(reference.name))].filter((one) => one !== undefined);
  if (found.length > 0) return found;
  if (reference.parameterNotFoundAction === 'Allow') return [];
  return 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction';
}

export const validatingPolicies: AdmissionPlugin = { name: 'ValidatingAdmissionPolicy', validate };
