// The metrics of a HorizontalPodAutoscaler (autoscaling/v2): a source of the kind that is named, and a target.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { type FieldError, fieldErrors } from './errors.ts';

const { invalid, required, forbidden, notSupported } = fieldErrors;

/** Where each type keeps its source. */
const SOURCES: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};
const TARGET_TYPES = ['AverageValue', 'Utilization', 'Value'];

/** Checks the metrics at `spec.metrics`. */
export function validateMetrics(metrics: readonly JsonObject[], minReplicas: number): FieldError[] {
  const errors = metrics.flatMap((metric, i) => validateMetric(metric, `spec.metrics[${i}]`));
  const scalesToZero = metrics.some(({ type }) => type === 'Object' || type === 'External');
  if (minReplicas === 0 && !scalesToZero) {
    const why =
      'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.push(forbidden('spec.metrics', why));
  }
  return errors;
}

function validateMetric(metric: JsonObject, at: string): FieldError[] {
  const type = String(metric.type ?? '');
  if (type === '') return [required(`${at}.type`, 'must specify a metric source type')];
  const field = SOURCES[type];
  if (field === undefined) return [notSupported(`${at}.type`, type, Object.keys(SOURCES))];
  const errors: FieldError[] = [];
  const source = metric[field];
  if (!isObject(source)) {
    errors.push(
      required(`${at}.${field}`, 'must populate information for the given metric source'),
    );
  } else {
    if (type === 'Resource' || type === 'ContainerResource') {
      if (!source.name)
        errors.push(required(`${at}.${field}.name`, 'must specify a resource name'));
    }
    if (isObject(source.target)) {
      errors.push(...validateTarget(source.target, `${at}.${field}.target`));
    }
  }
  for (const other of Object.values(SOURCES)) {
    if (other === field || metric[other] === undefined) continue;
    errors.push(forbidden(`${at}.${other}`, 'must populate the given metric source only'));
  }
  return errors;
}

function validateTarget(target: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { type, averageUtilization: share } = target;
  if (!type) errors.push(required(`${at}.type`, 'must specify a metric target type'));
  else if (!TARGET_TYPES.includes(String(type))) {
    const why = 'must be either Utilization, Value, or AverageValue';
    errors.push(invalid(`${at}.type`, type, why));
  }
  if (typeof share === 'number' && share < 1) {
    errors.push(invalid(`${at}.averageUtilization`, share, 'must be greater than 0'));
  }
  return errors;
}
