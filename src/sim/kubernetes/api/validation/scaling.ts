// The behaviour of a HorizontalPodAutoscaler: rules for scaling up and down, what is filled in and what is refused.

import { compareQuantities } from '../fields/quantity.ts';
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from '../types/policy.ts';
import { type FieldError, fieldErrors } from './errors.ts';

const { invalid, required, notSupported } = fieldErrors;
const LONGEST_PERIOD = 1800;
const LONGEST_WINDOW = 3600;

const UP: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const DOWN: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

/** A behaviour that says anything is filled in on both sides. */
export function behaviourDefaults(
  behaviour: HorizontalPodAutoscalerBehavior,
): HorizontalPodAutoscalerBehavior {
  return {
    scaleUp: { ...UP, ...behaviour.scaleUp },
    scaleDown: { ...DOWN, ...behaviour.scaleDown },
  };
}

/** Checks the behaviour at `spec.behavior`. */
export function validateBehaviour(
  behaviour: HorizontalPodAutoscalerBehavior | undefined,
): FieldError[] {
  const { scaleUp, scaleDown } = behaviour ?? {};
  return [
    ...(scaleUp ? validateRules(scaleUp, 'spec.behavior.scaleUp') : []),
    ...(scaleDown ? validateRules(scaleDown, 'spec.behavior.scaleDown') : []),
  ];
}

function validateRules(rules: HPAScalingRules, at: string): FieldError[] {
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const errors: FieldError[] = [];
  if (window !== undefined) {
    const field = `${at}.stabilizationWindowSeconds`;
    if (window < 0) errors.push(invalid(field, window, 'must be greater than or equal to zero'));
    if (window > LONGEST_WINDOW)
      errors.push(invalid(field, window, `must be less than or equal to ${LONGEST_WINDOW}`));
  }
  const choices = ['Disabled', 'Max', 'Min'];
  if (selectPolicy !== undefined && !choices.includes(selectPolicy))
    errors.push(notSupported(`${at}.selectPolicy`, selectPolicy, choices));
  if (policies.length === 0)
    errors.push(required(`${at}.policies`, 'must specify at least one Policy'));
  policies.forEach(({ type = '', value = 0, periodSeconds = 0 }, i) => {
    const one = `${at}.policies[${i}]`;
    if (type !== 'Pods' && type !== 'Percent')
      errors.push(notSupported(`${one}.type`, type, ['Percent', 'Pods']));
    if (value <= 0) errors.push(invalid(`${one}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0)
      errors.push(invalid(`${one}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    if (periodSeconds > LONGEST_PERIOD) {
      const why = `must be less than or equal to ${LONGEST_PERIOD}`;
      errors.push(invalid(`${one}.periodSeconds`, periodSeconds, why));
    }
  });
  if (tolerance !== undefined && compareQuantities(tolerance, '0') < 0)
    errors.push(invalid(`${at}.tolerance`, tolerance, 'must be greater than or equal to 0'));
  return errors;
}
