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

/** Checks the security context of a pod. */
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
  return errors;
}

type ContainerSecurity = NonNullable<PodSpec['containers'][number]['securityContext']>;

/** The fields of a container's security context as the server's internal structure prints them. */
const INTERNAL = [
  'Capabilities',
  'Privileged',
  'SELinuxOptions',
  'WindowsOptions',
  'RunAsUser',
  'RunAsGroup',
  'RunAsNonRoot',
  'ReadOnlyRootFilesystem',
  'AllowPrivilegeEscalation',
  'ProcMount',
  'SeccompProfile',
  'AppArmorProfile',
];

function internalForm(own: ContainerSecurity): object {
  const values = own as unknown as Readonly<Record<string, unknown>>;
  const valueOf = (name: string): unknown =>
    values[
      name === 'SELinuxOptions'
        ? 'seLinuxOptions'
        : `${name.charAt(0).toLowerCase()}${name.slice(1)}`
    ] ?? null;
  return Object.fromEntries(INTERNAL.map((name) => [name, valueOf(name)]));
}

/** Checks the security context of a container. */
export function validateContainerSecurity(own: ContainerSecurity, at: string): FieldError[] {
  const errors = [
    ...validateId(own.runAsUser, `${at}.runAsUser`),
    ...validateId(own.runAsGroup, `${at}.runAsGroup`),
    ...validateSeccomp(own.seccompProfile, `${at}.seccompProfile`),
  ];
  if (own.allowPrivilegeEscalation === false && own.privileged === true) {
    const why = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
    errors.push(fieldErrors.invalid(at, internalForm(own), why));
  }
  return errors;
}
