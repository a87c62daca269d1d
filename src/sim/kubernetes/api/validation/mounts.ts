// Where a container mounts its volumes, and how.

import type { Container, VolumeMount } from '../types/container.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validateLocalPath } from './local-path.ts';

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE = ['Disabled', 'Enabled', 'IfPossible'];

/** Propagation, and read-only mounts all the way down. The real server leaves the mount's index out here. */
function validateMountModes(mount: VolumeMount, container: Container, path: string): FieldError[] {
  const { mountPropagation: propagation, recursiveReadOnly, readOnly } = mount;
  const errors: FieldError[] = [];
  const spread = `${path}.mountPropagation`;
  if (propagation !== undefined && !PROPAGATIONS.includes(propagation)) {
    errors.push(fieldErrors.notSupported(spread, propagation, PROPAGATIONS));
  }
  if (propagation === 'Bidirectional' && !container.securityContext?.privileged) {
    const why = 'Bidirectional mount propagation is available only to privileged containers';
    errors.push(fieldErrors.forbidden(spread, why));
  }
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return errors;
  const recursive = `${path}.recursiveReadOnly`;
  if (!RECURSIVE.includes(recursiveReadOnly)) {
    errors.push(fieldErrors.notSupported(recursive, recursiveReadOnly, RECURSIVE));
    return errors;
  }
  if (!readOnly) {
    errors.push(fieldErrors.forbidden(recursive, 'may only be specified when readOnly is true'));
  }
  if (propagation !== undefined && propagation !== 'None') {
    const why = 'may only be specified when mountPropagation is None or not specified';
    errors.push(fieldErrors.forbidden(recursive, why));
  }
  return errors;
}

/** Checks where volumes are mounted in a container. */
export function validateMounts(
  container: Container,
  path: string,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  const paths = new Set<string>();
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const at = `${path}[${i}]`;
    if ((mount.name ?? '') === '') errors.push(fieldErrors.required(`${at}.name`));
    if (mount.name && !volumes.has(mount.name)) {
      errors.push(fieldErrors.notFound(`${at}.name`, mount.name));
    }
    if ((mount.mountPath ?? '') === '') errors.push(fieldErrors.required(`${at}.mountPath`));
    if (paths.has(mount.mountPath)) {
      errors.push(fieldErrors.invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    }
    paths.add(mount.mountPath);
    if (mount.subPath && mount.subPathExpr) {
      errors.push(
        fieldErrors.invalid(
          `${at}.subPathExpr`,
          mount.subPathExpr,
          'subPathExpr and subPath are mutually exclusive',
        ),
      );
    }
    for (const field of ['subPath', 'subPathExpr'] as const) {
      const value = mount[field];
      // The real server leaves the mount's index out here.
      if (value) errors.push(...validateLocalPath(value, `${path}.${field}`));
    }
    errors.push(...validateMountModes(mount, container, path));
  }
  return errors;
}
