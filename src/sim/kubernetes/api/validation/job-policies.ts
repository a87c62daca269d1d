// The policies of jobs: which failures count, which successes suffice, when pods are replaced.

import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '../types/batch.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { qualifiedName } from './names.ts';
import { nonNegative } from './workloads.ts';

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];
const REPLACEMENTS = ['Failed', 'TerminatingOrFailed'];

const quoted = (values: readonly string[]): string =>
  `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;

function oneOf(value: string | undefined, allowed: readonly string[], path: string): FieldError[] {
  if (!value) return [fieldErrors.required(path, `valid values: ${quoted(allowed)}`)];
  return allowed.includes(value) ? [] : [fieldErrors.notSupported(path, value, allowed)];
}

function validateExitCodes(
  rule: PodFailurePolicyOnExitCodesRequirement,
  containers: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const errors = oneOf(rule.operator, OPERATORS, `${path}.operator`);
  const { containerName, values = [] } = rule;
  if (containerName !== undefined && !containers.has(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    errors.push(fieldErrors.invalid(`${path}.containerName`, containerName, why));
  }
  if (values.length === 0)
    errors.push(fieldErrors.invalid(`${path}.values`, values, 'at least one value is required'));
  const seen = new Set<number>();
  for (const [i, value] of values.entries()) {
    const at = `${path}.values[${i}]`;
    if (rule.operator === 'In' && value === 0)
      errors.push(fieldErrors.invalid(at, value, 'must not be 0 for the In operator'));
    if (seen.has(value)) errors.push(fieldErrors.duplicate(at, value));
    seen.add(value);
  }
  if (values.some((value, i) => i > 0 && (values[i - 1] ?? 0) > value))
    errors.push(fieldErrors.invalid(`${path}.values`, values, 'must be ordered'));
  return errors;
}

function validateFailureRule(
  spec: JobSpec,
  rule: PodFailurePolicyRule,
  containers: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const errors = oneOf(rule.action, ACTIONS, `${path}.action`);
  if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    const why = 'requires the backoffLimitPerIndex to be set';
    errors.push(fieldErrors.invalid(`${path}.action`, rule.action, why));
  }
  const { onExitCodes, onPodConditions = [] } = rule;
  if (onExitCodes)
    errors.push(...validateExitCodes(onExitCodes, containers, `${path}.onExitCodes`));
  for (const [i, { type, status }] of onPodConditions.entries()) {
    const at = `${path}.onPodConditions[${i}]`;
    errors.push(...qualifiedName(type).map((why) => fieldErrors.invalid(`${at}.type`, type, why)));
    errors.push(...oneOf(status, STATUSES, `${at}.status`));
  }
  const both = onExitCodes !== undefined && onPodConditions.length > 0;
  const neither = onExitCodes === undefined && onPodConditions.length === 0;
  if (both || neither) {
    const why = both
      ? 'specifying both OnExitCodes and OnPodConditions is not supported'
      : 'specifying one of OnExitCodes and OnPodConditions is required';
    errors.push(fieldErrors.invalid(path, undefined, why));
  }
  return errors;
}

function validateSuccessRule(spec: JobSpec, rule: SuccessPolicyRule, path: string): FieldError[] {
  const { succeededCount, succeededIndexes } = rule;
  const { completions = 0 } = spec;
  if (succeededCount === undefined && succeededIndexes === undefined) {
    const why = 'at least one of succeededCount or succeededIndexes must be specified';
    return [fieldErrors.required(path, why)];
  }
  const errors = nonNegative(succeededCount, `${path}.succeededCount`);
  if (succeededCount !== undefined && succeededCount > completions) {
    const why = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.push(fieldErrors.invalid(`${path}.succeededCount`, succeededCount, why));
  }
  return errors;
}

/** Checks podFailurePolicy, successPolicy and podReplacementPolicy. */
export function validateJobPolicies(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {};
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  for (const [i, rule] of (spec.podFailurePolicy?.rules ?? []).entries())
    errors.push(...validateFailureRule(spec, rule, names, `${path}.podFailurePolicy.rules[${i}]`));
  if (spec.successPolicy) {
    const at = `${path}.successPolicy`;
    const { rules = [] } = spec.successPolicy;
    if (spec.completionMode !== 'Indexed') {
      const why = 'requires indexed completion mode';
      errors.push(fieldErrors.invalid(at, spec.successPolicy, why));
    } else if (rules.length === 0) {
      const why = 'at least one rules must be specified when the successPolicy is specified';
      errors.push(fieldErrors.required(`${at}.rules`, why));
    } else {
      for (const [i, rule] of rules.entries())
        errors.push(...validateSuccessRule(spec, rule, `${at}.rules[${i}]`));
    }
  }
  const { podReplacementPolicy: replacement } = spec;
  const allowed = spec.podFailurePolicy ? ['Failed'] : REPLACEMENTS;
  if (replacement !== undefined && !allowed.includes(replacement))
    errors.push(fieldErrors.notSupported(`${path}.podReplacementPolicy`, replacement, allowed));
  return errors;
}
