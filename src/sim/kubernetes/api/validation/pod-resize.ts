// ValidatePodResize: what may change in the resources of a pod that runs.

import { sameJson } from '../object.ts';
import { qosClass } from '../resources/qos.ts';
import type { Container } from '../types/container.ts';
import type { Pod } from '../types/pod.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validatePodSpec } from './pod-spec.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const RESIZABLE: readonly string[] = ['cpu', 'memory'];

/** A container's resources without those that may change. */
function fixed({ resources = {} }: Container): object {
  const others = (list: Readonly<Record<string, string>> = {}): object =>
    Object.fromEntries(Object.entries(list).filter(([name]) => !RESIZABLE.includes(name)));
  return { limits: others(resources.limits), requests: others(resources.requests) };
}

function removed(container: Container, old: Container, path: string): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((kind) => {
    const now = container.resources?.[kind] ?? {};
    const gone = Object.keys(old.resources?.[kind] ?? {}).some((name) => !(name in now));
    if (!gone) return [];
    return [fieldErrors.forbidden(`${path}.${kind}`, `resource ${kind} cannot be removed`)];
  });
}

/** Checks a write of the subresource resize. */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR] !== undefined) {
    return [fieldErrors.forbidden('', 'static pods cannot be resized')];
  }
  const errors = validatePodSpec(pod.spec, 'spec');
  const before = old.status?.qosClass ?? qosClass(old.spec);
  if (before !== qosClass(pod.spec)) {
    const why = 'Pod QOS Class may not change as a result of resizing';
    errors.push(fieldErrors.invalid('spec', before, why));
  }
  if (pod.spec.containers.length !== old.spec.containers.length) {
    const why = 'containers may not be added or removed on resize';
    return [...errors, fieldErrors.forbidden('spec.containers', why)];
  }
  for (const [i, { name }] of pod.spec.containers.entries()) {
    if (name === old.spec.containers[i]?.name) continue;
    const why = 'containers may not be renamed or reordered on resize';
    return [...errors, fieldErrors.forbidden(`spec.containers[${i}].name`, why)];
  }
  const pairs = pod.spec.containers.map((container, i) => [container, old.spec.containers[i]]);
  for (const [i, [container, was]] of pairs.entries()) {
    if (container && was) {
      errors.push(...removed(container, was, `spec.containers[${i}].resources`));
    }
  }
  for (const [container, was] of pairs) {
    if (!container || !was || sameJson(fixed(container), fixed(was))) continue;
    errors.push(fieldErrors.forbidden('spec', 'only cpu and memory resources are mutable'));
  }
  return errors;
}
