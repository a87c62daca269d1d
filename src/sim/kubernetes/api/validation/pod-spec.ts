// PodSpec: everything that pods and templates must satisfy, in the order in which the server checks it.

import type { Container } from '../types/container.ts';
import type { PodSpec } from '../types/pod.ts';
import { validateContainer, validateHandler, validateProbe } from './containers.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validateLabels } from './metadata.ts';
import {
  validateDns,
  validateHostAliases,
  validateHostNetworkPorts,
  validateHostnameOverride,
  validateHostPorts,
  validateHostUsers,
  validateNames,
  validateOs,
  validatePodResources,
  validatePreemption,
} from './pod-fields.ts';
import { validateRestartRules } from './restart-rules.ts';
import {
  validateAffinity,
  validateReadinessGates,
  validateSchedulingGates,
  validateSpread,
  validateTolerations,
} from './scheduling.ts';
import { validateSecurityContext } from './security.ts';
import { validateVolumes } from './volumes.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const INT32_MAX = 2147483647;

/** Checks the spec of a pod or, where `isTemplate`, of what pods are made from. */
export function validatePodSpec(spec: PodSpec, path: string, isTemplate = false): FieldError[] {
  const { volumes, errors } = validateVolumes(spec.volumes ?? [], `${path}.volumes`);
  errors.push(...validateContainers(spec, `${path}.containers`, volumes));
  errors.push(...validateInitContainers(spec, `${path}.initContainers`, volumes));
  if (spec.resources) errors.push(...validatePodResources(spec, `${path}.resources`));
  errors.push(...validateHostNetworkPorts(spec, `${path}.containers`, isTemplate));
  if (!RESTART_POLICIES.includes(spec.restartPolicy ?? '')) {
    errors.push(
      fieldErrors.notSupported(`${path}.restartPolicy`, spec.restartPolicy ?? '', RESTART_POLICIES),
    );
  }
  if (!DNS_POLICIES.includes(spec.dnsPolicy ?? '')) {
    errors.push(fieldErrors.notSupported(`${path}.dnsPolicy`, spec.dnsPolicy ?? '', DNS_POLICIES));
  }
  errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`));
  errors.push(...validateSecurityContext(spec, path));
  if (spec.affinity) errors.push(...validateAffinity(spec.affinity, `${path}.affinity`));
  errors.push(...validateDns(spec, path));
  errors.push(...validateReadinessGates(spec.readinessGates, `${path}.readinessGates`));
  errors.push(...validateSchedulingGates(spec.schedulingGates, `${path}.schedulingGates`));
  errors.push(
    ...validateSpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
  );
  errors.push(...validateHostUsers(spec, path));
  errors.push(...validateHostnameOverride(spec, path));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > INT32_MAX)) {
    errors.push(
      fieldErrors.invalid(
        `${path}.activeDeadlineSeconds`,
        deadline,
        `must be between 1 and ${INT32_MAX}, inclusive`,
      ),
    );
  }
  errors.push(...validateNames(spec, path));
  if (spec.tolerations) {
    errors.push(...validateTolerations(spec.tolerations, `${path}.tolerations`));
  }
  errors.push(...validateHostAliases(spec.hostAliases, `${path}.hostAliases`));
  errors.push(...validatePreemption(spec, path));
  errors.push(...validateOs(spec, path));
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [i, { image = '' }] of (spec[list] ?? []).entries()) {
      if (image === image.trim()) continue;
      const why = 'must not have leading or trailing whitespace';
      errors.push(fieldErrors.invalid(`${path}.${list}[${i}].image`, image, why));
    }
  }
  return errors;
}

function validateContainers(
  spec: PodSpec,
  path: string,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const containers = spec.containers ?? [];
  if (containers.length === 0) return [fieldErrors.required(path)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, container] of containers.entries()) {
    const at = `${path}[${i}]`;
    errors.push(...validateContainer(container, at, volumes, spec));
    if (names.has(container.name)) {
      errors.push(fieldErrors.duplicate(`${at}.name`, container.name));
    }
    names.add(container.name);
    errors.push(...validateLife(container, at, spec.terminationGracePeriodSeconds));
    errors.push(...validateRestartRules(container, at));
  }
  errors.push(...validateHostPorts(containers, path));
  return errors;
}

function validateLife(container: Container, at: string, grace: number | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const hook of ['postStart', 'preStop'] as const) {
    const handler = container.lifecycle?.[hook];
    if (handler) errors.push(...validateHandler(handler, `${at}.lifecycle.${hook}`, grace));
  }
  if (container.livenessProbe) {
    errors.push(...validateProbe(container.livenessProbe, `${at}.livenessProbe`, true));
  }
  if (container.readinessProbe) {
    errors.push(...validateProbe(container.readinessProbe, `${at}.readinessProbe`, false));
    const { terminationGracePeriodSeconds: grace } = container.readinessProbe;
    if (grace !== undefined) {
      const field = `${at}.readinessProbe.terminationGracePeriodSeconds`;
      errors.push(fieldErrors.invalid(field, grace, 'must not be set for readinessProbes'));
    }
  }
  if (container.startupProbe) {
    errors.push(...validateProbe(container.startupProbe, `${at}.startupProbe`, true));
  }
  return errors;
}

const LIFE_FIELDS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function validateInitContainers(
  spec: PodSpec,
  path: string,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set((spec.containers ?? []).map(({ name }) => name));
  for (const [i, container] of (spec.initContainers ?? []).entries()) {
    const at = `${path}[${i}]`;
    errors.push(...validateContainer(container, at, volumes, spec));
    errors.push(...validateRestartRules(container, at));
    if (names.has(container.name)) {
      errors.push(fieldErrors.duplicate(`${at}.name`, container.name));
    }
    names.add(container.name);
    errors.push(...validateHostPorts([container], path));
    if (container.restartPolicy === 'Always') {
      errors.push(...validateLife(container, at, spec.terminationGracePeriodSeconds));
      continue;
    }
    for (const field of LIFE_FIELDS) {
      if (container[field] === undefined) continue;
      errors.push(
        fieldErrors.forbidden(
          `${at}.${field}`,
          'may not be set for init containers without restartPolicy=Always',
        ),
      );
    }
  }
  return errors;
}
