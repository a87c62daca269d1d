// Security contexts of pods and containers.

import type { PodSpec } from '../types/pod.ts';
import { validateLocalPath } from './local-path.ts';
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
  const at = `${path}.localhostProfile`;
  const { type, localhostProfile } = profile;
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return [];
    const shown = { Type: type, LocalhostProfile: localhostProfile };
    const why = 'can only be set when seccomp type is Localhost';
    return [fieldErrors.invalid(at, shown, why)];
  }
  if (localhostProfile !== undefined) return validateLocalPath(localhostProfile, at);
  return [fieldErrors.required(at, 'must be set when seccomp type is Localhost')];
}

const APPARMOR = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function validateAppArmor(
  profile: { readonly type: string; readonly localhostProfile?: string } | undefined,
  path: string,
): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  if (!type) {
    return [fieldErrors.required(`${path}.type`, 'type is required when appArmorProfile is set')];
  }
  if (!APPARMOR.includes(type)) return [fieldErrors.notSupported(`${path}.type`, type, APPARMOR)];
  const at = `${path}.localhostProfile`;
  if (type !== 'Localhost') {
    const why = 'can only be set when AppArmor type is Localhost';
    return localhostProfile === undefined ? [] : [fieldErrors.invalid(at, localhostProfile, why)];
  }
  if (localhostProfile?.trim()) {
    if (localhostProfile === localhostProfile.trim()) return [];
    return [fieldErrors.invalid(at, localhostProfile, 'must not be padded with whitespace')];
  }
  return [fieldErrors.required(at, 'must be set when AppArmor type is Localhost')];
}

const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_NAME = new RegExp(`^${SYSCTL}$`);
const LONGEST_SYSCTL = 253;
/** Which of the host's namespaces a parameter would be set in. */
const HOST_SYSCTLS = [
  ['hostNetwork', /^net[./]/],
  ['hostIPC', /^(kernel[./](shm|msg|sem)|fs[./]mqueue[./])/],
] as const;

function validateSysctls(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, { name = '' }] of (spec.securityContext?.sysctls ?? []).entries()) {
    const at = `${path}[${i}].name`;
    if (name === '') errors.push(fieldErrors.required(at));
    else if (name.length > LONGEST_SYSCTL || !SYSCTL_NAME.test(name)) {
      const why = `must have at most ${LONGEST_SYSCTL} characters and match regex ^${SYSCTL}$`;
      errors.push(fieldErrors.invalid(at, name, why));
    } else if (names.has(name)) errors.push(fieldErrors.duplicate(at, name));
    const host = HOST_SYSCTLS.find(([field, pattern]) => spec[field] && pattern.test(name));
    if (host) {
      errors.push(fieldErrors.invalid(at, name, `may not be specified when '${host[0]}' is true`));
    }
    names.add(name);
  }
  return errors;
}

const CHANGE_POLICIES = ['Always', 'OnRootMismatch'];
const GROUP_POLICIES = ['Merge', 'Strict'];

/** Checks the security context of a pod. */
export function validateSecurityContext(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const context = spec.securityContext ?? (spec.shareProcessNamespace ? {} : undefined);
  if (context) {
    const at = `${path}.securityContext`;
    errors.push(...validateId(context.fsGroup, `${at}.fsGroup`));
    errors.push(...validateId(context.runAsUser, `${at}.runAsUser`));
    errors.push(...validateId(context.runAsGroup, `${at}.runAsGroup`));
    for (const [i, group] of (context.supplementalGroups ?? []).entries()) {
      errors.push(...validateId(group, `${at}.supplementalGroups[${i}]`));
    }
    if (spec.shareProcessNamespace && spec.hostPID) {
      const why = 'ShareProcessNamespace and HostPID cannot both be enabled';
      errors.push(fieldErrors.invalid(`${at}.shareProcessNamespace`, true, why));
    }
    errors.push(...validateSysctls(spec, `${at}.sysctls`));
    const { fsGroupChangePolicy: change, supplementalGroupsPolicy: groups } = context;
    if (change !== undefined && !CHANGE_POLICIES.includes(change)) {
      const field = `${at}.fsGroupChangePolicy`;
      errors.push(fieldErrors.notSupported(field, change, CHANGE_POLICIES));
    }
    errors.push(...validateSeccomp(context.seccompProfile, `${at}.seccompProfile`));
    errors.push(...validateAppArmor(context.appArmorProfile, `${at}.appArmorProfile`));
    if (groups !== undefined && !GROUP_POLICIES.includes(groups)) {
      const field = `${at}.supplementalGroupsPolicy`;
      errors.push(fieldErrors.notSupported(field, groups, GROUP_POLICIES));
    }
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
  const { capabilities } = own;
  const valueOf = (name: string): unknown =>
    name === 'Capabilities' && capabilities
      ? { Add: capabilities.add ?? null, Drop: capabilities.drop ?? null }
      : plainValueOf(name);
  const plainValueOf = (name: string): unknown =>
    values[
      name === 'SELinuxOptions'
        ? 'seLinuxOptions'
        : `${name.charAt(0).toLowerCase()}${name.slice(1)}`
    ] ?? null;
  return Object.fromEntries(INTERNAL.map((name) => [name, valueOf(name)]));
}

const PROC_MOUNTS = ['Default', 'Unmasked'];

function validateProcMount(own: ContainerSecurity, spec: PodSpec, at: string): FieldError[] {
  const { procMount } = own;
  if (procMount === undefined) return [];
  const path = `${at}.procMount`;
  if (!PROC_MOUNTS.includes(procMount)) {
    return [fieldErrors.notSupported(path, procMount, PROC_MOUNTS)];
  }
  if (procMount !== 'Unmasked' || spec.hostUsers === false) return [];
  return [fieldErrors.invalid(path, procMount, '`hostUsers` must be false to use `Unmasked`')];
}

/** Checks the security context of a container. */
export function validateContainerSecurity(
  own: ContainerSecurity,
  at: string,
  spec: PodSpec,
): FieldError[] {
  const errors = [
    ...validateId(own.runAsUser, `${at}.runAsUser`),
    ...validateId(own.runAsGroup, `${at}.runAsGroup`),
    ...validateProcMount(own, spec, at),
    ...validateSeccomp(own.seccompProfile, `${at}.seccompProfile`),
  ];
  if (own.allowPrivilegeEscalation === false && own.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    const why =
      'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
    errors.push(fieldErrors.invalid(at, internalForm(own), why));
  }
  if (own.allowPrivilegeEscalation === false && own.privileged === true) {
    const why = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
    errors.push(fieldErrors.invalid(at, internalForm(own), why));
  }
  errors.push(...validateAppArmor(own.appArmorProfile, `${at}.appArmorProfile`));
  return errors;
}
