// HorizontalPodAutoscaler: autoscaling/v2 as it is stored, and v1 as a view of it.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { fillIn, type KubeObject, replaceField } from '../object.ts';
import { type Loose, table } from '../tables/columns.ts';
import type { HorizontalPodAutoscaler } from '../types/policy.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { validateMetrics, validateReference } from '../validation/metrics.ts';
import { behaviourDefaults, validateBehaviour } from '../validation/scaling.ts';
import type { KindDescriptor } from './descriptor.ts';

const specOf = (object: KubeObject): HorizontalPodAutoscaler['spec'] =>
  (object as unknown as HorizontalPodAutoscaler).spec;

const DEFAULT_METRICS = [
  {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
  },
];

function defaults(object: KubeObject): KubeObject {
  const given = specOf(object);
  const metrics = given.metrics && given.metrics.length > 0 ? given.metrics : DEFAULT_METRICS;
  const behavior = given.behavior ? { behavior: behaviourDefaults(given.behavior) } : {};
  return replaceField(object, 'spec', {
    ...fillIn(given, { minReplicas: 1 }),
    metrics,
    ...behavior,
  });
}

function validate(object: KubeObject): FieldError[] {
  const {
    minReplicas = 1,
    maxReplicas = 0,
    scaleTargetRef,
    metrics = [],
    behavior,
  } = specOf(object);
  const errors: FieldError[] = [];
  if (minReplicas < 1) {
    errors.push(
      fieldErrors.invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'),
    );
  }
  const at = 'spec.maxReplicas';
  if (maxReplicas === 0) errors.push(fieldErrors.required(at, 'must be set and greater than 0'));
  if (maxReplicas < 0)
    errors.push(fieldErrors.invalid(at, maxReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < minReplicas) {
    const why = 'must be greater than or equal to `minReplicas`';
    errors.push(fieldErrors.invalid(at, maxReplicas, why));
  }
  const needsGroup = scaleTargetRef.kind !== 'ReplicationController';
  errors.push(...validateReference(scaleTargetRef, 'spec.scaleTargetRef', needsGroup));
  errors.push(...validateMetrics(metrics as unknown as readonly JsonObject[], minReplicas));
  errors.push(...validateBehaviour(behavior));
  return errors;
}

const UNKNOWN = '<unknown>';
const SOURCES: Readonly<Record<string, string>> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
};

function metricText(spec: JsonObject, status: JsonObject | undefined): string {
  const source = SOURCES[String(spec.type)] ?? '';
  const asked = isObject(spec[source]) ? spec[source] : {};
  const target = isObject(asked.target) ? asked.target : {};
  const measured = status && isObject(status[source]) ? status[source] : {};
  const current = isObject(measured.current) ? measured.current : {};
  const named = asked.name === undefined ? '' : `${asked.name}: `;
  if (target.averageValue !== undefined) {
    const value = `${current.averageValue ?? UNKNOWN}/${target.averageValue}`;
    return source === 'pods' || named !== '' ? `${named}${value}` : `${value} (avg)`;
  }
  if (named !== '') {
    const percent = (value: unknown, otherwise: string): string =>
      value === undefined ? otherwise : `${value}%`;
    const now = percent(current.averageUtilization, UNKNOWN);
    return `${named}${now}/${percent(target.averageUtilization, '<auto>')}`;
  }
  return `${current.value ?? UNKNOWN}/${target.value ?? ''}`;
}

function targetsCell(one: Loose): string {
  const specs = one.list('spec.metrics');
  const statuses = one.list('status.currentMetrics');
  if (specs.length === 0) return '<none>';
  const texts = specs.map((spec, i) => metricText(spec, statuses[i]));
  const shown = texts.slice(0, 2).join(', ');
  return texts.length > 2 ? `${shown} + ${texts.length - 2} more...` : shown;
}

export const horizontalPodAutoscaler: KindDescriptor = {
  kind: 'HorizontalPodAutoscaler',
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  namespaced: true,
  shortNames: ['hpa'],
  categories: ['all'],
  type: 'autoscaling/v2.HorizontalPodAutoscaler',
  storage: 'horizontalpodautoscalers',
  hasStatus: true,
  generation: true,
  defaults,
  prepareForCreate: (object) => ({
    ...object,
    status: { desiredReplicas: 0, currentMetrics: null },
  }),
  validate,
  validateUpdate: validate,
  table: table(['Reference', 'Targets', 'MinPods', 'MaxPods', 'Replicas', 'Age'], (one, age) => [
    `${one.text('spec.scaleTargetRef.kind')}/${one.text('spec.scaleTargetRef.name')}`,
    targetsCell(one),
    one.text('spec.minReplicas', '<unset>'),
    one.number('spec.maxReplicas'),
    one.number('status.currentReplicas'),
    age(),
  ]),
};

/** v1 knows one metric: the share of the requested CPU. */
function cpuMetric(metrics: readonly JsonObject[]): JsonObject | undefined {
  return metrics.find(
    ({ type, resource }) => type === 'Resource' && isObject(resource) && resource.name === 'cpu',
  );
}

function toV1(object: KubeObject): KubeObject {
  const spec = (object.spec ?? {}) as JsonObject;
  const status = (object.status ?? {}) as JsonObject;
  const { metrics, behavior: _, ...rest } = spec;
  const list = Array.isArray(metrics) ? metrics.filter(isObject) : [];
  const cpu = cpuMetric(list);
  const resource = cpu && isObject(cpu.resource) ? cpu.resource : {};
  const target = isObject(resource.target) ? resource.target : {};
  const share = target.averageUtilization;
  const { currentMetrics, conditions: __, ...plain } = status;
  const measured = cpuMetric(Array.isArray(currentMetrics) ? currentMetrics.filter(isObject) : []);
  const current = measured && isObject(measured.resource) ? measured.resource.current : undefined;
  const used = isObject(current) ? current.averageUtilization : undefined;
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    spec: { ...rest, ...(share === undefined ? {} : { targetCPUUtilizationPercentage: share }) },
    status: {
      ...{ currentReplicas: 0, desiredReplicas: 0 },
      ...plain,
      ...(used === undefined ? {} : { currentCPUUtilizationPercentage: used }),
    },
  };
}

function toV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: share, ...rest } = (object.spec ?? {}) as JsonObject;
  const target = { type: 'Utilization', averageUtilization: share ?? 80 };
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  const { currentCPUUtilizationPercentage: _, ...status } = (object.status ?? {}) as JsonObject;
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    spec: { minReplicas: 1, ...rest, metrics },
    status: { desiredReplicas: 0, currentMetrics: null, ...status },
  };
}

export const horizontalPodAutoscalerV1: KindDescriptor = {
  ...horizontalPodAutoscaler,
  version: 'v1',
  type: 'autoscaling/v1.HorizontalPodAutoscaler',
  validate: (object) => validate(toV2(object)),
  validateUpdate: (object) => validate(toV2(object)),
  defaults: (object) =>
    replaceField(
      object,
      'spec',
      fillIn((object.spec ?? {}) as Record<string, unknown>, { minReplicas: 1 }),
    ),
  prepareForCreate: (object) => ({
    ...object,
    status: { currentReplicas: 0, desiredReplicas: 0 },
  }),
  table: {
    columns: horizontalPodAutoscaler.table?.columns ?? [],
    cells: (object, now) => horizontalPodAutoscaler.table?.cells(toV2(object), now) ?? [],
  },
  view: { of: 'horizontalpodautoscalers.autoscaling', fromStored: toV1, toStored: toV2 },
};
