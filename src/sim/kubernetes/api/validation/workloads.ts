// What workloads have in common: a selector that matches the template, counts that are not negative, rolling
// updates that can go on.

import { isObject } from '../fields/decode.ts';
import { sameJson } from '../object.ts';
import { selects } from '../selectors.ts';
import type { LabelSelector } from '../types/meta.ts';
import type { PodTemplateSpec } from '../types/pod.ts';
import { internalValueOf } from './diff.ts';
import { type FieldError, fieldErrors, sortedMap } from './errors.ts';
import { validateAnnotations, validateLabels } from './metadata.ts';
import { percent } from './names.ts';
import { validatePodSpec } from './pod-spec.ts';
import { isEmptySelector, validateSelector } from './selectors.ts';

/** A number that may not be negative. */
export function nonNegative(value: number | undefined, path: string): FieldError[] {
  if (value === undefined || value >= 0) return [];
  return [fieldErrors.invalid(path, value, 'must be greater than or equal to 0')];
}

/** A selector that must be there and select something. */
export function validateWorkloadSelector(
  selector: LabelSelector | null | undefined,
  path: string,
  kind: string,
): FieldError[] {
  if (!selector) return [fieldErrors.required(path)];
  const errors = validateSelector(selector, path);
  if (isEmptySelector(selector)) {
    errors.push(fieldErrors.invalid(path, {}, `empty selector is invalid for ${kind}`));
  }
  return errors;
}

/** A template whose labels the selector must select, and its pods. */
export function validateTemplate(
  template: PodTemplateSpec | null | undefined,
  selector: LabelSelector | null | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const labels = template?.metadata?.labels;
  if (!selector || !isEmptySelector(selector)) {
    if (!selects(selector, labels ?? {})) {
      errors.push(
        fieldErrors.invalid(
          `${path}.metadata.labels`,
          labels ? sortedMap(labels) : null,
          '`selector` does not match template `labels`',
        ),
      );
    }
  }
  return [...errors, ...validateTemplateSpec(template, path)];
}

/** The pods that a template makes. */
export function validateTemplateSpec(
  template: PodTemplateSpec | null | undefined,
  path: string,
): FieldError[] {
  const meta = template?.metadata;
  return [
    ...validateLabels(meta?.labels, `${path}.metadata.labels`),
    ...validateAnnotations(meta?.annotations, `${path}.metadata.annotations`),
    ...validatePodSpec(template?.spec ?? { containers: [] }, `${path}.spec`, true),
  ];
}

/** Pods of workloads that run for ever. */
export function onlyAlways(template: PodTemplateSpec | undefined, path: string): FieldError[] {
  const policy = template?.spec.restartPolicy;
  if (policy === undefined || policy === 'Always') return [];
  return [fieldErrors.notSupported(`${path}.spec.restartPolicy`, policy, ['Always'])];
}

/** A number, or a percentage of one. */
export function validateIntOrPercent(
  value: number | string | undefined,
  path: string,
): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === 'number') return nonNegative(value, path);
  return percent(value).map((message) => fieldErrors.invalid(path, value, message));
}

/** A percentage that is more than the whole. */
export function notMoreThanAll(value: number | string | undefined, path: string): FieldError[] {
  const share = /^([0-9]+)%$/.exec(String(value))?.[1];
  if (typeof value !== 'string' || share === undefined || Number(share) <= 100) return [];
  return [fieldErrors.invalid(path, value, 'must not be greater than 100%')];
}

/** Zero, or zero percent. */
export function isZero(value: number | string | undefined): boolean {
  return value === undefined || value === 0 || /^0+%$/.test(String(value));
}

/** A field that stays as it is; a structure is shown in its internal form, where its type is told. */
export function immutable(
  value: unknown,
  old: unknown,
  path: string,
  typeName?: string,
): FieldError[] {
  if (sameJson(value ?? null, old ?? null)) return [];
  const shown = typeName && isObject(value) ? internalValueOf(value, typeName) : (value ?? null);
  return [fieldErrors.invalid(path, shown, 'field is immutable')];
}
