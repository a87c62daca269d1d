// PodSpec: everything that pods and templates must satisfy, in the order in which the server checks it.

import type { Container } from '../types/container.ts';
import type { Affinity, PodSpec, Toleration, TopologySpreadConstraint } from '../types/pod.ts';
import { invalidEach, validateContainer, validateHandler, validateProbe } from './containers.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validateLabels } from './metadata.ts';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from './names.ts';
import { validateSecurityContext } from './security.ts';
import { validateSelector } from './selectors.ts';
import { validateVolumes } from './volumes.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const INT32_MAX = 2147483647;

/** Checks a pod's spec. */
export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  const { volumes, errors } = validateVolumes(spec.volumes ?? [], `${path}.volumes`);
  errors.push(...validateContainers(spec, `${path}.containers`, volumes));
  errors.push(...validateInitContainers(spec, `${path}.initContainers`, volumes));
  if (!RESTART_POLICIES.includes(spec.restartPolicy ?? '')) {
    errors.push(
      fieldErrors.notSupported(`${path}.restartPolicy`, spec.restartPolicy ?? '', RESTART_POLICIES),
    );
  }
  if (!DNS_POLICIES.includes(spec.dnsPolicy ?? '')) {
    errors.push(fieldErrors.notSupported(`${path}.dnsPolicy`, spec.dnsPolicy ?? '', DNS_POLICIES));
  }
  errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`));
  errors.push(...validateSecurityContext(spec, path));
  if (spec.affinity) errors.push(...validateAffinity(spec.affinity, `${path}.affinity`));
  errors.push(...validateDns(spec, path));
  errors.push(
    ...validateSpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
  );
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > INT32_MAX)) {
    errors.push(
      fieldErrors.invalid(
        `${path}.activeDeadlineSeconds`,
        deadline,
        `must be between 1 and ${INT32_MAX}, inclusive`,
      ),
    );
  }
  errors.push(...validateNames(spec, path));
  if (spec.tolerations) {
    errors.push(...validateTolerations(spec.tolerations, `${path}.tolerations`));
  }
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [i, { image = '' }] of (spec[list] ?? []).entries()) {
      if (image === image.trim()) continue;
      const why = 'must not have leading or trailing whitespace';
      errors.push(fieldErrors.invalid(`${path}.${list}[${i}].image`, image, why));
    }
  }
  return errors;
}

function validateContainers(
  spec: PodSpec,
  path: string,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const containers = spec.containers ?? [];
  if (containers.length === 0) return [fieldErrors.required(path)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, container] of containers.entries()) {
    const at = `${path}[${i}]`;
    errors.push(...validateContainer(container, at, volumes));
    if (names.has(container.name)) {
      errors.push(fieldErrors.duplicate(`${at}.name`, container.name));
    }
    names.add(container.name);
    errors.push(...validateLife(container, at, spec.terminationGracePeriodSeconds));
  }
  return errors;
}

function validateLife(container: Container, at: string, grace: number | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const hook of ['postStart', 'preStop'] as const) {
    const handler = container.lifecycle?.[hook];
    if (handler) errors.push(...validateHandler(handler, `${at}.lifecycle.${hook}`, grace));
  }
  if (container.livenessProbe) {
    errors.push(...validateProbe(container.livenessProbe, `${at}.livenessProbe`, true));
  }
  if (container.readinessProbe) {
    errors.push(...validateProbe(container.readinessProbe, `${at}.readinessProbe`, false));
  }
  if (container.startupProbe) {
    errors.push(...validateProbe(container.startupProbe, `${at}.startupProbe`, true));
  }
  return errors;
}

const LIFE_FIELDS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function validateInitContainers(
  spec: PodSpec,
  path: string,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set((spec.containers ?? []).map(({ name }) => name));
  for (const [i, container] of (spec.initContainers ?? []).entries()) {
    const at = `${path}[${i}]`;
    errors.push(...validateContainer(container, at, volumes));
    if (names.has(container.name)) {
      errors.push(fieldErrors.duplicate(`${at}.name`, container.name));
    }
    names.add(container.name);
    if (container.restartPolicy === 'Always') {
      errors.push(...validateLife(container, at, spec.terminationGracePeriodSeconds));
      continue;
    }
    for (const field of LIFE_FIELDS) {
      if (container[field] === undefined) continue;
      errors.push(
        fieldErrors.forbidden(
          `${at}.${field}`,
          'may not be set for init containers without restartPolicy=Always',
        ),
      );
    }
  }
  return errors;
}

function validateDns(spec: PodSpec, path: string): FieldError[] {
  const servers = spec.dnsConfig?.nameservers ?? [];
  if (spec.dnsPolicy !== 'None') return [];
  if (!spec.dnsConfig) {
    return [
      fieldErrors.required(
        `${path}.dnsConfig`,
        'must provide `dnsConfig` when `dnsPolicy` is None',
      ),
    ];
  }
  if (servers.length > 0) return [];
  return [
    fieldErrors.required(
      `${path}.dnsConfig.nameservers`,
      'must provide at least one DNS nameserver when `dnsPolicy` is None',
    ),
  ];
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const rules = [
    ['serviceAccountName', dnsSubdomain],
    ['nodeName', dnsSubdomain],
    ['hostname', dnsLabel],
    ['subdomain', dnsLabel],
    ['priorityClassName', dnsSubdomain],
    ['runtimeClassName', dnsSubdomain],
  ] as const;
  for (const [field, rule] of rules) {
    const value = spec[field];
    if (value) errors.push(...invalidEach(`${path}.${field}`, value, rule(value)));
  }
  return errors;
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function validateTolerations(tolerations: readonly Toleration[], path: string): FieldError[] {
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
      errors.push(fieldErrors.notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    }
    if (effect !== '' && !EFFECTS.includes(effect)) {
      errors.push(fieldErrors.notSupported(`${at}.effect`, effect, EFFECTS));
    }
  }
  return errors;
}

const WHEN = ['DoNotSchedule', 'ScheduleAnyway'];

function validateSpread(
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
  }
  return errors;
}

const NODE_OPERATORS = ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'];

function validateAffinity(affinity: Affinity, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const required = affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required) {
    const at = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
    if ((required.nodeSelectorTerms ?? []).length === 0) {
      errors.push(fieldErrors.required(at, 'must have at least one node selector term'));
    }
    for (const [i, term] of (required.nodeSelectorTerms ?? []).entries()) {
      for (const [j, expression] of (term.matchExpressions ?? []).entries()) {
        errors.push(...validateNodeExpression(expression, `${at}[${i}].matchExpressions[${j}]`));
      }
    }
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const terms = affinity[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    for (const [i, term] of terms.entries()) {
      const at = `${path}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`;
      if (term.labelSelector) {
        errors.push(...validateSelector(term.labelSelector, `${at}.labelSelector`));
      }
      const { topologyKey = '' } = term;
      if (topologyKey === '') {
        errors.push(fieldErrors.required(`${at}.topologyKey`, 'can not be empty'));
      }
      errors.push(...invalidEach(`${at}.topologyKey`, topologyKey, qualifiedName(topologyKey)));
    }
  }
  return errors;
}

interface NodeExpression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

function validateNodeExpression(expression: NodeExpression, path: string): FieldError[] {
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
    errors.push(fieldErrors.notSupported(`${path}.operator`, operator, NODE_OPERATORS));
  }
  errors.push(...invalidEach(`${path}.key`, key, qualifiedName(key)));
  return errors;
}
