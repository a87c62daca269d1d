// The policies of jobs: which failures count, which successes suffice, when pods are replaced.

import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '../types/batch.ts';
import { internalValueOf } from './diff.ts';
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
    errors.push(fieldErrors.invalidWhole(path, why));
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
  const errors: FieldError[] = [];
  const total = totalIndexes(succeededIndexes ?? '', completions);
  if (typeof total === 'string') {
    const why = `error parsing succeededIndexes: ${total}`;
    errors.push(fieldErrors.invalid(`${path}.succeededIndexes`, succeededIndexes, why));
  }
  errors.push(...nonNegative(succeededCount, `${path}.succeededCount`));
  if (succeededCount !== undefined && succeededCount > completions) {
    const why = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.push(fieldErrors.invalid(`${path}.succeededCount`, succeededCount, why));
  }
  const indexes = typeof total === 'string' ? 0 : total;
  if (succeededCount !== undefined && succeededIndexes !== undefined && succeededCount > indexes) {
    const why = `must be less than or equal to ${indexes} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(fieldErrors.invalid(`${path}.succeededCount`, succeededCount, why));
  }
  return errors;
}

/** How many numbers `0,2-4` names; a text: what is wrong with it. */
function totalIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let last = -1;
  let total = 0;
  for (const interval of text.split(',')) {
    const ends = interval.split('-');
    if (ends.length > 2)
      return `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    for (const end of ends) {
      if (!/^[+-]?\d+$/.test(end))
        return `cannot convert string to integer for index: ${JSON.stringify(end)}`;
      if (Number(end) >= completions) return `too large index: ${JSON.stringify(end)}`;
    }
    const first = Number(ends[0]);
    const end = Number(ends[1] ?? ends[0]);
    if (ends.length > 1 && first >= end)
      return `non-increasing order, previous: ${first}, current: ${end}`;
    if (last >= first && total > 0)
      return `non-increasing order, previous: ${last}, current: ${first}`;
    total += end - first + 1;
    last = end;
  }
  return total;
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
      const shown = internalValueOf(spec.successPolicy, 'batch/v1.SuccessPolicy');
      errors.push(fieldErrors.invalid(at, shown, why));
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
