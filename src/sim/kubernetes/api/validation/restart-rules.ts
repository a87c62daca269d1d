// restartPolicy and restartPolicyRules of single containers.

import type { Container } from '../types/container.ts';
import { type FieldError, fieldErrors } from './errors.ts';

const POLICIES = ['Always', 'Never', 'OnFailure'];
const ACTIONS = ['Restart'];
const OPERATORS = ['In', 'NotIn'];
const MOST_RULES = 20;
const MOST_CODES = 255;

/** Checks a container's own restart policy and the rules that go before it. */
export function validateRestartRules(container: Container, path: string): FieldError[] {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  const errors: FieldError[] = [];
  const at = `${path}.restartPolicy`;
  if (restartPolicy === undefined) {
    if (rules.length === 0) return [];
    const why = 'must specify restartPolicy when restart rules are used';
    errors.push(fieldErrors.required(at, why));
  } else if (!POLICIES.includes(restartPolicy)) {
    errors.push(fieldErrors.notSupported(at, restartPolicy, POLICIES));
  }
  const list = `${path}.restartPolicyRules`;
  if (rules.length > MOST_RULES) errors.push(fieldErrors.tooMany(list, rules.length, MOST_RULES));
  for (const [i, { action = '', exitCodes }] of rules.entries()) {
    if (!ACTIONS.includes(action)) {
      errors.push(fieldErrors.notSupported(`${list}[${i}].action`, action, ACTIONS));
    }
    const codes = `${list}[${i}].exitCodes`;
    if (!exitCodes) {
      errors.push(fieldErrors.required(codes, 'must be specified'));
      continue;
    }
    const { operator = '', values = [] } = exitCodes;
    if (!OPERATORS.includes(operator)) {
      errors.push(fieldErrors.notSupported(`${codes}.operator`, operator, OPERATORS));
    }
    if (values.length > MOST_CODES) {
      errors.push(fieldErrors.tooMany(`${codes}.values`, values.length, MOST_CODES));
    }
  }
  return errors;
}
