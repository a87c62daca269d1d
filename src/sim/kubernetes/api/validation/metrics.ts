// The metrics of a HorizontalPodAutoscaler (autoscaling/v2): a source of the kind that is named, and a target.
// Left out: the names of extended resources of containers.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { compareQuantities } from '../fields/quantity.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { dnsLabel, pathSegment } from './names.ts';

const { invalid, required, forbidden, notSupported } = fieldErrors;

type Checker = (source: JsonObject, at: string) => FieldError[];

/** Each type with the field that keeps its source, in the order in which the server looks at them. */
const SOURCES: readonly { type: string; field: string; check: Checker }[] = [
  { type: 'Object', field: 'object', check: objectSource },
  { type: 'External', field: 'external', check: externalSource },
  { type: 'Pods', field: 'pods', check: podsSource },
  { type: 'Resource', field: 'resource', check: resourceSource },
  { type: 'ContainerResource', field: 'containerResource', check: containerSource },
];
const TYPE_NAMES = SOURCES.map(({ type }) => type).sort();
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

/** What a scaler or a metric of an object points to. */
export function validateReference(
  ref: { readonly kind?: string; readonly name?: string; readonly apiVersion?: string },
  at: string,
  needsGroup: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['kind', 'name'] as const) {
    const value = ref[field] ?? '';
    if (value === '') errors.push(required(`${at}.${field}`));
    else errors.push(...pathSegment(value).map((why) => invalid(`${at}.${field}`, value, why)));
  }
  const { apiVersion = '' } = ref;
  const slashes = apiVersion.split('/').length - 1;
  if (slashes > 1) {
    const why = `unexpected GroupVersion string: ${apiVersion}`;
    errors.push(invalid(`${at}.apiVersion`, apiVersion, why));
  } else if (needsGroup && (slashes === 0 || apiVersion.startsWith('/'))) {
    errors.push(invalid(`${at}.apiVersion`, apiVersion, 'apiVersion must specify API group'));
  }
  return errors;
}

function validateMetric(metric: JsonObject, at: string): FieldError[] {
  const type = String(metric.type ?? '');
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(`${at}.type`, 'must specify a metric source type'));
  const named = SOURCES.find((one) => one.type === type);
  if (!named) errors.push(notSupported(`${at}.type`, type, TYPE_NAMES));
  const present = SOURCES.filter(({ field }) => isObject(metric[field]));
  const [first] = present;
  if (first) errors.push(...first.check(metric[first.field] as JsonObject, `${at}.${first.field}`));
  if (named && !isObject(metric[named.field])) {
    const why = 'must populate information for the given metric source';
    errors.push(required(`${at}.${named.field}`, why));
  }
  if (present.length === 1) return errors;
  for (const { field } of present) {
    if (field === named?.field) continue;
    errors.push(forbidden(`${at}.${field}`, 'must populate the given metric source only'));
  }
  return errors;
}

const part = (source: JsonObject, field: string): JsonObject =>
  isObject(source[field]) ? source[field] : {};

function objectSource(source: JsonObject, at: string): FieldError[] {
  const target = part(source, 'target');
  const errors = [
    ...validateReference(part(source, 'describedObject'), `${at}.describedObject`, false),
    ...identifier(part(source, 'metric'), `${at}.metric`),
    ...validateTarget(target, `${at}.target`),
  ];
  if (target.value === undefined && target.averageValue === undefined) {
    const why = 'must set either a target value or averageValue';
    errors.push(required(`${at}.target.averageValue`, why));
  }
  return errors;
}

function externalSource(source: JsonObject, at: string): FieldError[] {
  const target = part(source, 'target');
  const errors = [
    ...identifier(part(source, 'metric'), `${at}.metric`),
    ...validateTarget(target, `${at}.target`),
  ];
  const [value, average] = [target.value !== undefined, target.averageValue !== undefined];
  if (!value && !average) {
    const why = 'must set either a target value for metric or a per-pod target';
    errors.push(required(`${at}.target.averageValue`, why));
  }
  if (value && average) {
    const why = 'may not set both a target value for metric and a per-pod target';
    errors.push(forbidden(`${at}.target.value`, why));
  }
  return errors;
}

function podsSource(source: JsonObject, at: string): FieldError[] {
  const target = part(source, 'target');
  const errors = [
    ...identifier(part(source, 'metric'), `${at}.metric`),
    ...validateTarget(target, `${at}.target`),
  ];
  if (target.averageValue === undefined) {
    const why = 'must specify a positive target averageValue';
    errors.push(required(`${at}.target.averageValue`, why));
  }
  return errors;
}

function resourceSource(source: JsonObject, at: string): FieldError[] {
  const named = source.name ? [] : [required(`${at}.name`, 'must specify a resource name')];
  return [...named, ...resourceTarget(part(source, 'target'), `${at}.target`)];
}

function containerSource(source: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!source.name) errors.push(required(`${at}.name`, 'must specify a resource name'));
  const container = String(source.container ?? '');
  if (container === '') errors.push(required(`${at}.container`, 'must specify a container'));
  else errors.push(...dnsLabel(container).map((why) => invalid(`${at}.container`, container, why)));
  return [...errors, ...resourceTarget(part(source, 'target'), `${at}.target`)];
}

/** The target of a resource is a share or an amount. */
function resourceTarget(target: JsonObject, at: string): FieldError[] {
  const errors = validateTarget(target, at);
  const [share, amount] = [
    target.averageUtilization !== undefined,
    target.averageValue !== undefined,
  ];
  if (!share && !amount) {
    const why = 'must set either a target raw value or a target utilization';
    errors.push(required(`${at}.averageUtilization`, why));
  }
  if (share && amount) {
    const why = 'may not set both a target raw value and a target utilization';
    errors.push(forbidden(`${at}.averageValue`, why));
  }
  return errors;
}

function validateTarget(target: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = String(target.type ?? '');
  if (type === '') errors.push(required(`${at}.type`, 'must specify a metric target type'));
  if (!TARGET_TYPES.includes(type)) {
    const why = 'must be either Utilization, Value, or AverageValue';
    errors.push(invalid(`${at}.type`, type, why));
  }
  for (const field of ['value', 'averageValue']) {
    const amount = target[field];
    if (typeof amount === 'string' && compareQuantities(amount, '0') <= 0)
      errors.push(invalid(`${at}.${field}`, amount, 'must be positive'));
  }
  const share = target.averageUtilization;
  if (typeof share === 'number' && share < 1)
    errors.push(invalid(`${at}.averageUtilization`, share, 'must be greater than 0'));
  return errors;
}

function identifier({ name = '' }: JsonObject, at: string): FieldError[] {
  if (name === '') return [required(`${at}.name`, 'must specify a metric name')];
  return pathSegment(String(name)).map((why) => invalid(`${at}.name`, name, why));
}
