// Where a pod may run: tolerations, affinities, spread over topologies, and the gates before its scheduling and readiness.

import type { LabelSelector } from '../types/meta.ts';
import type {
  Affinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  PodReadinessGate,
  PodSchedulingGate,
  Toleration,
  TopologySpreadConstraint,
} from '../types/pod.ts';
import { invalidEach } from './containers.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from './names.ts';
import { validateSelector } from './selectors.ts';

/** Conditions that others set before a pod counts as ready. */
export function validateReadinessGates(
  gates: readonly PodReadinessGate[] | undefined,
  path: string,
): FieldError[] {
  return (gates ?? []).flatMap(({ conditionType }, i) =>
    invalidEach(`${path}[${i}].conditionType`, conditionType, qualifiedName(conditionType)),
  );
}

/** What has to be taken away before a pod is scheduled: names, each once. */
export function validateSchedulingGates(
  gates: readonly PodSchedulingGate[] | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { name = '' }] of (gates ?? []).entries()) {
    errors.push(...invalidEach(`${path}[${i}]`, name, qualifiedName(name)));
    if (seen.has(name)) errors.push(fieldErrors.duplicate(`${path}[${i}]`, name));
    seen.add(name);
  }
  return errors;
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Checks a pod's tolerations. */
export function validateTolerations(
  tolerations: readonly Toleration[],
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, toleration] of tolerations.entries()) {
    const at = `${path}[${i}]`;
    const { key = '', operator = 'Equal', value = '', effect = '' } = toleration;
    if (key !== '') errors.push(...invalidEach(`${at}.key`, key, qualifiedName(key)));
    else if (operator !== 'Exists') {
      errors.push(
        fieldErrors.invalid(
          `${at}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(
        fieldErrors.invalid(
          `${at}.effect`,
          effect,
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      );
    }
    if (operator === 'Equal' || operator === '') {
      errors.push(...invalidEach(`${at}.operator`, value, labelValue(value)));
    } else if (operator === 'Exists') {
      if (value !== '') {
        errors.push(
          fieldErrors.invalid(
            `${at}.operator`,
            value,
            "value must be empty when `operator` is 'Exists'",
          ),
        );
      }
    } else {
      errors.push(
        fieldErrors.notSupported(`${at}.operator`, operator, ['Equal', 'Exists', 'Lt', 'Gt']),
      );
    }
    if (effect !== '' && !EFFECTS.includes(effect)) {
      errors.push(fieldErrors.notSupported(`${at}.effect`, effect, EFFECTS));
    }
  }
  return errors;
}

const WHEN = ['DoNotSchedule', 'ScheduleAnyway'];

/** Checks constraints of spread over topologies. */
export function validateSpread(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, constraint] of (constraints ?? []).entries()) {
    const at = `${path}[${i}]`;
    if (constraint.maxSkew <= 0) {
      errors.push(
        fieldErrors.invalid(`${at}.maxSkew`, constraint.maxSkew, 'must be greater than zero'),
      );
    }
    if ((constraint.topologyKey ?? '') === '') {
      errors.push(fieldErrors.required(`${at}.topologyKey`, 'can not be empty'));
    }
    if (!WHEN.includes(constraint.whenUnsatisfiable)) {
      errors.push(
        fieldErrors.notSupported(`${at}.whenUnsatisfiable`, constraint.whenUnsatisfiable, WHEN),
      );
    }
    errors.push(...validateSpreadExtras(constraint, (constraints ?? []).slice(i + 1), at));
  }
  return errors;
}

const POLICIES = ['Honor', 'Ignore'];

function validateSpreadExtras(
  constraint: TopologySpreadConstraint,
  later: readonly TopologySpreadConstraint[],
  at: string,
): FieldError[] {
  const { topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
  const errors: FieldError[] = [];
  const twice = later.some(
    (one) => one.topologyKey === topologyKey && one.whenUnsatisfiable === whenUnsatisfiable,
  );
  if (twice) {
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    errors.push(fieldErrors.duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
  }
  if (minDomains !== undefined) {
    const field = `${at}.minDomains`;
    if (minDomains <= 0) {
      errors.push(fieldErrors.invalid(field, minDomains, 'must be greater than zero'));
    }
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(fieldErrors.invalid(field, minDomains, why));
    }
  }
  for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[name];
    if (policy !== undefined && !POLICIES.includes(policy)) {
      errors.push(fieldErrors.notSupported(`${at}.${name}`, policy, POLICIES));
    }
  }
  errors.push(
    ...validateLabelKeys(constraint.matchLabelKeys, labelSelector, `${at}.matchLabelKeys`),
  );
  if (labelSelector) errors.push(...validateSelector(labelSelector, `${at}.labelSelector`));
  return errors;
}

/** Keys whose values come from the pod's own labels: they need a selector to go with. */
function validateLabelKeys(
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  path: string,
): FieldError[] {
  if (!keys || keys.length === 0) return [];
  if (!selector) {
    return [fieldErrors.forbidden(path, 'must not be specified when labelSelector is not set')];
  }
  return keys.flatMap((key, i) => invalidEach(`${path}[${i}]`, key, qualifiedName(key)));
}

const NO_OPERATOR = 'not a valid selector operator';

/** Checks affinities to nodes and to other pods. */
export function validateAffinity(affinity: Affinity, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { nodeAffinity } = affinity;
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required) {
    const at = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
    const { nodeSelectorTerms: terms = [] } = required;
    if (terms.length === 0) {
      errors.push(fieldErrors.required(at, 'must have at least one node selector term'));
    }
    errors.push(...terms.flatMap((term, i) => validateNodeTerm(term, `${at}[${i}]`)));
  }
  const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const [i, { weight, preference }] of preferred.entries()) {
    const at = `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(...validateWeight(weight, at));
    errors.push(...validateNodeTerm(preference ?? {}, `${at}.preference`));
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const {
      requiredDuringSchedulingIgnoredDuringExecution: terms = [],
      preferredDuringSchedulingIgnoredDuringExecution: weighted = [],
    } = affinity[kind] ?? {};
    for (const [i, term] of terms.entries()) {
      const at = `${path}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`;
      errors.push(...validatePodTerm(term, at));
    }
    for (const [i, { weight, podAffinityTerm }] of weighted.entries()) {
      const at = `${path}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      errors.push(...validateWeight(weight, at));
      errors.push(...validatePodTerm(podAffinityTerm, `${at}.podAffinityTerm`));
    }
  }
  return errors;
}

function validateWeight(weight: number, path: string): FieldError[] {
  if (weight > 0 && weight <= 100) return [];
  return [fieldErrors.invalid(`${path}.weight`, weight, 'must be in the range 1-100')];
}

function validatePodTerm(term: PodAffinityTerm, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = '' } = term;
  const errors: FieldError[] = [];
  if (labelSelector) errors.push(...validateSelector(labelSelector, `${path}.labelSelector`));
  if (namespaceSelector) {
    errors.push(...validateSelector(namespaceSelector, `${path}.namespaceSelector`));
  }
  for (const name of namespaces) {
    errors.push(...invalidEach(`${path}.namespace`, name, dnsLabel(name)));
  }
  for (const field of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    errors.push(...validateLabelKeys(term[field], labelSelector, `${path}.${field}`));
  }
  if (topologyKey === '') {
    errors.push(fieldErrors.required(`${path}.topologyKey`, 'can not be empty'));
  }
  errors.push(...invalidEach(`${path}.topologyKey`, topologyKey, qualifiedName(topologyKey)));
  return errors;
}

function validateNodeTerm(term: NodeSelectorTerm, path: string): FieldError[] {
  const { matchExpressions = [], matchFields = [] } = term;
  return [
    ...matchExpressions.flatMap((one, i) =>
      validateNodeExpression(one, `${path}.matchExpressions[${i}]`),
    ),
    ...matchFields.flatMap((one, i) => validateNodeField(one, `${path}.matchFields[${i}]`)),
  ];
}

function validateNodeField(requirement: NodeSelectorRequirement, path: string): FieldError[] {
  const { key, operator, values = [] } = requirement;
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(fieldErrors.invalid(`${path}.operator`, operator, NO_OPERATOR));
  } else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(fieldErrors.required(`${path}.values`, why));
  }
  if (key !== 'metadata.name') {
    errors.push(fieldErrors.invalid(`${path}.key`, key, 'not a valid field selector key'));
  } else {
    for (const [i, value] of values.entries()) {
      errors.push(...invalidEach(`${path}.values[${i}]`, value, dnsSubdomain(value)));
    }
  }
  return errors;
}

function validateNodeExpression(expression: NodeSelectorRequirement, path: string): FieldError[] {
  const { key, operator, values = [] } = expression;
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(
        fieldErrors.required(
          `${path}.values`,
          "must be specified when `operator` is 'In' or 'NotIn'",
        ),
      );
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(
        fieldErrors.forbidden(
          `${path}.values`,
          "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        ),
      );
    }
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) {
      errors.push(
        fieldErrors.required(
          `${path}.values`,
          "must be specified single value when `operator` is 'Lt' or 'Gt'",
        ),
      );
    }
  } else {
    errors.push(fieldErrors.invalid(`${path}.operator`, operator, NO_OPERATOR));
  }
  errors.push(...invalidEach(`${path}.key`, key, qualifiedName(key)));
  return errors;
}
