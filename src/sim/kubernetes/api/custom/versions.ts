// The smaller parts of a definition's versions: subresources, printer columns, conversion.

import type { CustomResourceDefinition } from '../types/extensions.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';

const { invalid, required, forbidden, notSupported } = fieldErrors;

type Spec = CustomResourceDefinition['spec'];
type Version = Spec['versions'][number];

/** Checks status and scale. */
export function validateSubresources(
  subresources: Version['subresources'],
  path: string,
): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const errors: FieldError[] = [];
  const check = (field: string, value: string, under: readonly string[]): void => {
    const at = `${path}.scale.${field}`;
    const wrong = simplePathErrors(value, at);
    if (wrong.length > 0) errors.push(...wrong);
    else if (!under.some((part) => value.startsWith(`${part}.`))) {
      const where = under.length > 1 ? `either ${under.join(' or ')}` : (under[0] ?? '');
      errors.push(invalid(at, value, `should be a json path under ${where}`));
    }
  };
  if (!scale.specReplicasPath) errors.push(required(`${path}.scale.specReplicasPath`));
  else check('specReplicasPath', scale.specReplicasPath, ['.spec']);
  if (!scale.statusReplicasPath) errors.push(required(`${path}.scale.statusReplicasPath`));
  else check('statusReplicasPath', scale.statusReplicasPath, ['.status']);
  if (scale.labelSelectorPath) {
    check('labelSelectorPath', scale.labelSelectorPath, ['.spec', '.status']);
  }
  return errors;
}

function simplePathErrors(value: string, at: string): FieldError[] {
  if (!value.startsWith('.'))
    return [invalid(at, value, 'must be a simple json path starting with .')];
  if (!/^[\w.\-[\]"'\\/@?()=*:, ]*$/.test(value)) {
    return [invalid(at, value, 'must be a json path in the dot notation')];
  }
  return [];
}

const TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

/** Checks printer columns; `path` leads to what holds them. */
export function validateColumns(
  columns: Version['additionalPrinterColumns'],
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, column] of (columns ?? []).entries()) {
    const at = `${path}.additionalPrinterColumns[${i}]`;
    if (!column.name) errors.push(required(`${at}.name`));
    const types = `must be one of ${TYPES.join(',')}`;
    if (!column.type) errors.push(required(`${at}.type`, types));
    else if (!TYPES.includes(column.type)) errors.push(invalid(`${at}.type`, column.type, types));
    if (column.format && !FORMATS.includes(column.format)) {
      errors.push(invalid(`${at}.format`, column.format, `must be one of ${FORMATS.join(',')}`));
    }
    if (!column.jsonPath) errors.push(required(`${at}.JSONPath`));
    else errors.push(...simplePathErrors(column.jsonPath, `${at}.JSONPath`));
  }
  return errors;
}

const STRATEGIES = ['None', 'Webhook'];

/** Checks the conversion between versions. */
export function validateConversion(conversion: Spec['conversion']): FieldError[] {
  if (!conversion) return [];
  const path = 'spec.conversion';
  const errors: FieldError[] = [];
  const { strategy, webhook } = conversion;
  if (!strategy) errors.push(required(`${path}.strategy`));
  else if (!STRATEGIES.includes(strategy)) {
    errors.push(notSupported(`${path}.strategy`, strategy, STRATEGIES));
  }
  const config = webhook?.clientConfig;
  const reviews = webhook?.conversionReviewVersions ?? [];
  const at = `${path}.webhookClientConfig`;
  if (strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook';
    if (config) errors.push(forbidden(at, why));
    if (reviews.length > 0) errors.push(forbidden(`${path}.conversionReviewVersions`, why));
    return errors;
  }
  if (!config) errors.push(required(at, 'required when strategy is set to Webhook'));
  else if ((config.url === undefined) === (config.service === undefined)) {
    errors.push(required(at, 'exactly one of url or service is required'));
  }
  const versions = `${path}.conversionReviewVersions`;
  if (reviews.length === 0) errors.push(required(versions));
  else if (!reviews.some((one) => one === 'v1' || one === 'v1beta1')) {
    const why = 'must include at least one of v1, v1beta1';
    errors.push(invalid(versions, reviews, why));
  }
  return errors;
}
