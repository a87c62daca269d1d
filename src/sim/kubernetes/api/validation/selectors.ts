// LabelSelector in specs.

import type { LabelSelector } from '../types/meta.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validateLabels } from './metadata.ts';
import { labelValue, qualifiedName } from './names.ts';

/** Checks labels and expressions of a selector. */
export function validateSelector(selector: LabelSelector, path: string): FieldError[] {
  const errors = validateLabels(selector.matchLabels, `${path}.matchLabels`);
  for (const [i, expression] of (selector.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${i}]`;
    const { key, operator, values = [] } = expression;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        errors.push(
          fieldErrors.required(
            `${at}.values`,
            "must be specified when `operator` is 'In' or 'NotIn'",
          ),
        );
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        errors.push(
          fieldErrors.forbidden(
            `${at}.values`,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
      }
    } else {
      errors.push(fieldErrors.invalid(`${at}.operator`, operator, 'not a valid selector operator'));
    }
    for (const message of qualifiedName(key)) {
      errors.push(fieldErrors.invalid(`${at}.key`, key, message));
    }
    for (const [j, value] of values.entries()) {
      for (const message of labelValue(value)) {
        errors.push(fieldErrors.invalid(`${at}.values[${j}]`, value, message));
      }
    }
  }
  return errors;
}

/** Whether a selector selects nothing in particular. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 &&
    (selector.matchExpressions ?? []).length === 0
  );
}
