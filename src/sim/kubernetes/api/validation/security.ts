// Security contexts of pods and containers.

import type { PodSpec } from '../types/pod.ts';
import { type FieldError, fieldErrors } from './errors.ts';

const MAX_ID = 2147483647;

function validateId(value: number | undefined, path: string): FieldError[] {
  if (value === undefined || (value >= 0 && value <= MAX_ID)) return [];
  return [fieldErrors.invalid(path, value, `must be between 0 and ${MAX_ID}, inclusive`)];
}

const SECCOMP = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function validateSeccomp(
  profile: { readonly type: string; readonly localhostProfile?: string } | undefined,
  path: string,
): FieldError[] {
  if (!profile) return [];
  if (!SECCOMP.includes(profile.type)) {
    return [fieldErrors.notSupported(`${path}.type`, profile.type, SECCOMP)];
  }
  if (profile.type === 'Localhost' && !profile.localhostProfile) {
    return [
      fieldErrors.required(
        `${path}.localhostProfile`,
        'must be set when seccomp type is Localhost',
      ),
    ];
  }
  return [];
}

/** Checks the security contexts in a pod's spec. */
export function validateSecurityContext(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const context = spec.securityContext;
  if (context) {
    const at = `${path}.securityContext`;
    errors.push(...validateId(context.fsGroup, `${at}.fsGroup`));
    errors.push(...validateId(context.runAsUser, `${at}.runAsUser`));
    errors.push(...validateId(context.runAsGroup, `${at}.runAsGroup`));
    errors.push(...validateSeccomp(context.seccompProfile, `${at}.seccompProfile`));
  }
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      const own = container.securityContext;
      if (!own) continue;
      const at = `${path}.${list}[${i}].securityContext`;
      errors.push(...validateId(own.runAsUser, `${at}.runAsUser`));
      errors.push(...validateId(own.runAsGroup, `${at}.runAsGroup`));
      errors.push(...validateSeccomp(own.seccompProfile, `${at}.seccompProfile`));
      if (own.allowPrivilegeEscalation === false && own.privileged === true) {
        errors.push(
          fieldErrors.invalid(
            at,
            own,
            'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
          ),
        );
      }
    }
  }
  return errors;
}
