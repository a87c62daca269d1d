// PodSecurity: the baseline and restricted standards, by labels of the namespace: enforce, warn.

import type { Routine } from '../../../core/wait.ts';
import { resourceKey } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { type ApiError, apiErrors } from '../status.ts';
import type { PodSpec } from '../types/pod.ts';
import { fieldErrors } from '../validation/errors.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';
import { type Level, podViolations } from './pod-security-checks.ts';

const PREFIX = 'pod-security.kubernetes.io/';
const LEVELS: readonly string[] = ['privileged', 'baseline', 'restricted'];

function levelOf(labels: Readonly<Record<string, string>> | undefined, mode: string): Level {
  const level = labels?.[`${PREFIX}${mode}`] ?? 'privileged';
  return LEVELS.includes(level) ? (level as Level) : 'restricted';
}

function versionOf(labels: Readonly<Record<string, string>> | undefined, mode: string): string {
  return labels?.[`${PREFIX}${mode}-version`] ?? 'latest';
}

/** Where kinds that make pods keep the pod's spec. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec'],
  replicationcontrollers: ['spec', 'template', 'spec'],
  podtemplates: ['template', 'spec'],
  'replicasets.apps': ['spec', 'template', 'spec'],
  'deployments.apps': ['spec', 'template', 'spec'],
  'statefulsets.apps': ['spec', 'template', 'spec'],
  'daemonsets.apps': ['spec', 'template', 'spec'],
  'jobs.batch': ['spec', 'template', 'spec'],
  'cronjobs.batch': ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

function podSpecIn(object: KubeObject, path: readonly string[]): PodSpec | undefined {
  let at: unknown = object;
  for (const name of path) at = (at as Readonly<Record<string, unknown>> | undefined)?.[name];
  return at as PodSpec | undefined;
}

function* validate(attributes: Attributes): Routine<ApiError | undefined> {
  const { descriptor, object, old, operation, subresource, namespace, name, server, warnings } =
    attributes;
  if (!object || (operation !== 'CREATE' && operation !== 'UPDATE')) return undefined;
  const key = resourceKey(descriptor);
  if (key === 'namespaces') return checkNamespace(attributes, object);
  if (subresource !== '' && subresource !== 'ephemeralcontainers') return undefined;
  const spec = podSpecIn(object, TEMPLATES[key] ?? []);
  if (!spec || (old && podSpecIn(old, TEMPLATES[key] ?? []) === spec)) return undefined;
  const labels = server.storage.cache('namespaces').get('', namespace)?.metadata.labels;
  if (key === 'pods') {
    const level = levelOf(labels, 'enforce');
    const found = podViolations(spec, level);
    if (found.length > 0) {
      const why = `violates PodSecurity "${level}:${versionOf(labels, 'enforce')}": ${found.map(({ text }) => text).join(', ')}`;
      return apiErrors.forbidden({ group: '', resource: 'pods' }, name, why);
    }
  }
  const explicit = labels?.[`${PREFIX}warn`] !== undefined;
  const mode = explicit || key === 'pods' ? 'warn' : 'enforce';
  const level = levelOf(labels, mode);
  const found = podViolations(spec, level);
  if (found.length > 0) {
    warnings.push(
      `would violate PodSecurity "${level}:${versionOf(labels, mode)}": ${found.map(({ text }) => text).join(', ')}`,
    );
  }
  return undefined;
}

/** A namespace's labels must be levels; pods that are there already are warned of. */
function checkNamespace(attributes: Attributes, object: KubeObject): ApiError | undefined {
  const { old, name, server, warnings } = attributes;
  const { labels } = object.metadata;
  const errors = ['enforce', 'audit', 'warn'].flatMap((mode) => {
    const value = labels?.[`${PREFIX}${mode}`];
    if (value === undefined || LEVELS.includes(value)) return [];
    return [
      fieldErrors.invalid(
        `metadata.labels[${PREFIX}${mode}]`,
        value,
        `must be one of ${LEVELS.join(', ')}`,
      ),
    ];
  });
  if (errors.length > 0) return apiErrors.invalid('Namespace', '', name, errors);
  const level = levelOf(labels, 'enforce');
  if (!old || level === levelOf(old.metadata.labels, 'enforce') || level === 'privileged') {
    return undefined;
  }
  const groups = new Map<string, string[]>();
  for (const pod of server.storage.cache('pods').list(name)) {
    const found = podViolations(pod.spec as PodSpec, level);
    if (found.length === 0) continue;
    const reasons = found.map(({ reason }) => reason).join(', ');
    groups.set(reasons, [...(groups.get(reasons) ?? []), pod.metadata.name ?? '']);
  }
  if (groups.size === 0) return undefined;
  warnings.push(
    `existing pods in namespace "${name}" violate the new PodSecurity enforce level "${level}:${versionOf(labels, 'enforce')}"`,
  );
  for (const [reasons, pods] of groups) {
    const [first = '', ...others] = pods;
    const more =
      others.length === 0
        ? ''
        : ` (and ${others.length} other ${others.length === 1 ? 'pod' : 'pods'})`;
    warnings.push(`${first}${more}: ${reasons}`);
  }
  return undefined;
}

export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  resources: new Set([...Object.keys(TEMPLATES), 'namespaces']),
  validate,
};
