// Pod: what is checked at creation, and what may still change afterwards.

import { sameJson } from '../object.ts';
import type { Container } from '../types/container.ts';
import type { Pod, PodSpec, Toleration } from '../types/pod.ts';
import { internalDiff } from './diff.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validatePodSpec } from './pod-spec.ts';

/** Checks a new pod. */
export function validatePod(pod: Pod): FieldError[] {
  const { spec } = pod;
  const errors = validatePodSpec(spec, 'spec');
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0) {
    const why = 'cannot be set until all schedulingGates have been cleared';
    errors.push(fieldErrors.forbidden('spec.nodeName', why));
  }
  return errors;
}

/** Gates may only be taken away. */
function newGates(spec: PodSpec, old: PodSpec): FieldError[] {
  const known = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return (spec.schedulingGates ?? []).flatMap(({ name }, i) => {
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return known.has(name) ? [] : [fieldErrors.forbidden(`spec.schedulingGates[${i}].name`, why)];
  });
}

/** Tells updates of a pod apart that are refused. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = pod.spec === old.spec ? [] : validatePodSpec(pod.spec, 'spec');
  for (const field of ['containers', 'initContainers'] as const) {
    const count = (pod.spec[field] ?? []).length;
    if (count !== (old.spec[field] ?? []).length || !sameNames(pod.spec[field], old.spec[field])) {
      errors.push(
        fieldErrors.forbidden(`spec.${field}`, 'pod updates may not add or remove containers'),
      );
      return errors;
    }
  }
  const deadline = deadlineError(pod.spec, old.spec);
  if (deadline) return [...errors, deadline];
  const kept = withMutableFieldsOf(pod.spec, old.spec);
  errors.push(...newGates(pod.spec, old.spec));
  if (!onlyAdded(pod.spec.tolerations, old.spec.tolerations)) {
    errors.push(
      fieldErrors.forbidden(
        'spec.tolerations',
        'existing toleration can not be modified except its tolerationSeconds',
      ),
    );
  }
  if (!sameJson(kept, old.spec)) {
    const diff = internalDiff(old.spec, kept, 'core/v1.PodSpec');
    errors.push(
      fieldErrors.forbidden(
        'spec',
        `pod updates may not change fields other than ${UPDATABLE.join(',')}\n${diff}`,
      ),
    );
  }
  return errors;
}

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

type Containers = readonly Container[] | undefined;

function sameNames(containers: Containers, before: Containers): boolean {
  return (containers ?? []).length === (before ?? []).length;
}

function deadlineError(spec: PodSpec, old: PodSpec): FieldError | undefined {
  const now = spec.activeDeadlineSeconds;
  const before = old.activeDeadlineSeconds;
  if (now === undefined) {
    if (before === undefined) return undefined;
    return fieldErrors.invalid(
      'spec.activeDeadlineSeconds',
      null,
      'must not update from a positive integer to nil value',
    );
  }
  if (before === undefined || before >= now) return undefined;
  return fieldErrors.invalid(
    'spec.activeDeadlineSeconds',
    now,
    'must be less than or equal to previous value',
  );
}

type Tolerations = readonly Toleration[] | undefined;

function onlyAdded(tolerations: Tolerations, before: Tolerations): boolean {
  return (before ?? []).every((old) =>
    (tolerations ?? []).some((one) =>
      sameJson({ ...one, tolerationSeconds: 0 }, { ...old, tolerationSeconds: 0 }),
    ),
  );
}

/** The new spec with everything that may change set back, so that only the rest can differ. */
function withMutableFieldsOf(spec: PodSpec, old: PodSpec): PodSpec {
  const images = (now: Containers, before: Containers): Containers =>
    now?.map((container, i) => {
      const image = before?.[i]?.image;
      return container.image === image ? container : { ...container, ...(image ? { image } : {}) };
    });
  const kept: Record<string, unknown> = {
    ...spec,
    containers: images(spec.containers, old.containers),
    initContainers: images(spec.initContainers, old.initContainers),
  };
  for (const field of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates'] as const) {
    kept[field] = old[field];
  }
  for (const field of Object.keys(kept)) if (kept[field] === undefined) delete kept[field];
  return kept as unknown as PodSpec;
}
