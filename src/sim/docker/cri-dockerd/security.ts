// What a security context of the CRI asks of docker (core/security_context.go). SELinux and AppArmor are left out.

import type { LinuxContainerSecurityContext, SecurityProfile } from '../../containers/cri/types.ts';
import type { HostConfig } from '../daemon/types.ts';

export const isHost = (mode: string): boolean => mode === 'host';

/** The user, and the fields of HostConfig. */
export function securityOf(context: LinuxContainerSecurityContext | undefined): {
  readonly user: string;
  readonly host: Partial<HostConfig>;
} {
  if (!context) return { user: '', host: {} };
  const { runAsUser, runAsGroup, runAsUsername, capabilities, privileged = false } = context;
  const own = runAsUsername || (runAsUser ? String(runAsUser.value) : '');
  const masks = {
    ...(context.maskedPaths ? { MaskedPaths: context.maskedPaths } : {}),
    ...(context.readonlyPaths ? { ReadonlyPaths: context.readonlyPaths } : {}),
  };
  return {
    user: own !== '' && runAsGroup ? `${own}:${runAsGroup.value}` : own,
    host: {
      GroupAdd: (context.supplementalGroups ?? []).map(String),
      Privileged: privileged,
      ReadonlyRootfs: context.readonlyRootfs ?? false,
      ...(capabilities
        ? {
            CapAdd: capabilities.addCapabilities ?? [],
            CapDrop: capabilities.dropCapabilities ?? [],
          }
        : {}),
      SecurityOpt: context.noNewPrivs ? ['no-new-privileges'] : [],
      ...(privileged ? {} : masks),
    },
  };
}

/** The option by which docker is told a seccomp profile: none for its own. */
export function seccompOptions(profile: SecurityProfile | undefined): readonly string[] {
  if (profile?.profileType === 'RuntimeDefault') return [];
  if (profile?.profileType === 'Localhost') return [`seccomp=${profile.localhostRef ?? ''}`];
  return ['seccomp=unconfined'];
}
