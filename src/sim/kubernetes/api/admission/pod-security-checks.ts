// The checks of the Pod Security Standards, in the order in which the server lists them.

import type { Container } from '../types/container.ts';
import type { PodSpec } from '../types/pod.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

/** What a check found: the reason alone, and with its details. */
export interface Violation {
  readonly reason: string;
  readonly text: string;
}

type Check = (spec: PodSpec, containers: readonly Container[]) => Violation | undefined;

function found(reason: string, detail: string): Violation {
  return { reason, text: `${reason} (${detail})` };
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

function containerWords(names: readonly string[]): string {
  return `${names.length === 1 ? 'container' : 'containers'} ${quoted(names)}`;
}

function volumeWords(names: readonly string[]): string {
  return `${names.length === 1 ? 'volume' : 'volumes'} ${quoted(names)}`;
}

const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]);

const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const BASELINE: readonly Check[] = [
  (spec) => {
    const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
    if (shared.length === 0) return undefined;
    return found('host namespaces', shared.map((name) => `${name}=true`).join(', '));
  },
  (spec) => {
    const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
    return names.length === 0 ? undefined : found('hostPath volumes', volumeWords(names));
  },
  (spec, containers) => {
    if (spec.hostNetwork) return undefined;
    const using = containers.filter(({ ports }) => ports?.some(({ hostPort }) => hostPort));
    if (using.length === 0) return undefined;
    const ports = [
      ...new Set(using.flatMap((one) => (one.ports ?? []).map((port) => port.hostPort ?? 0))),
    ]
      .filter((port) => port !== 0)
      .sort((a, b) => a - b);
    const verb = using.length === 1 ? 'uses' : 'use';
    const words = ports.length === 1 ? 'hostPort' : 'hostPorts';
    return found(
      'hostPort',
      `${containerWords(using.map(({ name }) => name))} ${verb} ${words} ${ports.join(', ')}`,
    );
  },
  (_, containers) => {
    const names = containers
      .filter(({ securityContext }) => securityContext?.privileged)
      .map(({ name }) => name);
    if (names.length === 0) return undefined;
    return found(
      'privileged',
      `${containerWords(names)} must not set securityContext.privileged=true`,
    );
  },
  (_, containers) => {
    const adding = containers.filter(({ securityContext }) =>
      securityContext?.capabilities?.add?.some((name) => !DEFAULT_CAPABILITIES.has(name)),
    );
    if (adding.length === 0) return undefined;
    const names = new Set(
      adding.flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []),
    );
    const bad = [...names].filter((name) => !DEFAULT_CAPABILITIES.has(name)).sort();
    return found(
      'non-default capabilities',
      `${containerWords(adding.map(({ name }) => name))} must not include ${quoted(bad)} in securityContext.capabilities.add`,
    );
  },
  (_, containers) => {
    const names = containers
      .filter(({ securityContext }) => {
        const mount = securityContext?.procMount;
        return mount !== undefined && mount !== 'Default';
      })
      .map(({ name }) => name);
    if (names.length === 0) return undefined;
    return found(
      'procMount',
      `${containerWords(names)} must not set securityContext.procMount to "Unmasked"`,
    );
  },
  (spec, containers) => {
    const own = spec.securityContext?.seccompProfile?.type === 'Unconfined';
    const names = containers
      .filter(({ securityContext }) => securityContext?.seccompProfile?.type === 'Unconfined')
      .map(({ name }) => name);
    if (!own && names.length === 0) return undefined;
    const who = [...(own ? ['pod'] : []), ...(names.length > 0 ? [containerWords(names)] : [])];
    return found(
      'seccompProfile',
      `${who.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"`,
    );
  },
  (spec) => {
    const bad = (spec.securityContext?.sysctls ?? [])
      .map(({ name }) => name)
      .filter((name) => !SAFE_SYSCTLS.has(name));
    return bad.length === 0 ? undefined : found('forbidden sysctls', bad.join(', '));
  },
];

const SAFE_VOLUMES: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const RESTRICTED: readonly Check[] = [
  (_, containers) => {
    const names = containers
      .filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
      .map(({ name }) => name);
    if (names.length === 0) return undefined;
    return found(
      'allowPrivilegeEscalation != false',
      `${containerWords(names)} must set securityContext.allowPrivilegeEscalation=false`,
    );
  },
  (_, containers) => {
    const keeping = containers
      .filter(({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
      .map(({ name }) => name);
    const adding = containers
      .filter(({ securityContext }) =>
        securityContext?.capabilities?.add?.some((name) => name !== 'NET_BIND_SERVICE'),
      )
      .map(({ name }) => name);
    const details = [
      ...(keeping.length > 0
        ? [`${containerWords(keeping)} must set securityContext.capabilities.drop=["ALL"]`]
        : []),
      ...(adding.length > 0
        ? [
            `${containerWords(adding)} must not include other than "NET_BIND_SERVICE" in securityContext.capabilities.add`,
          ]
        : []),
    ];
    return details.length === 0
      ? undefined
      : found('unrestricted capabilities', details.join('; '));
  },
  (spec) => {
    const bad = (spec.volumes ?? []).flatMap((volume) => {
      const type = Object.keys(volume).find((name) => name !== 'name') ?? '';
      return SAFE_VOLUMES.has(type) ? [] : [{ name: volume.name, type }];
    });
    if (bad.length === 0) return undefined;
    const types = [...new Set(bad.map(({ type }) => type))].sort();
    const one = bad.length === 1;
    const words = types.length === 1 ? 'volume type' : 'volume types';
    return found(
      'restricted volume types',
      `${volumeWords(bad.map(({ name }) => name))} ${one ? 'uses' : 'use'} restricted ${words} ${quoted(types)}`,
    );
  },
  (spec, containers) => {
    const pod = spec.securityContext?.runAsNonRoot;
    const bad = containers
      .filter(({ securityContext }) => securityContext?.runAsNonRoot === false)
      .map(({ name }) => name);
    if (bad.length > 0) {
      return found(
        'runAsNonRoot != true',
        `${containerWords(bad)} must not set securityContext.runAsNonRoot=false`,
      );
    }
    const silent = containers
      .filter(({ securityContext }) => securityContext?.runAsNonRoot === undefined && pod !== true)
      .map(({ name }) => name);
    if (silent.length === 0) return undefined;
    return found(
      'runAsNonRoot != true',
      `pod or ${containerWords(silent)} must set securityContext.runAsNonRoot=true`,
    );
  },
  (spec, containers) => {
    const pod = spec.securityContext?.runAsUser === 0;
    const names = containers
      .filter(({ securityContext }) => securityContext?.runAsUser === 0)
      .map(({ name }) => name);
    if (!pod && names.length === 0) return undefined;
    const who = [...(pod ? ['pod'] : []), ...(names.length > 0 ? [containerWords(names)] : [])];
    return found('runAsUser=0', `${who.join(' and ')} must not set runAsUser=0`);
  },
  (spec, containers) => {
    const good = (type: string | undefined): boolean =>
      type === 'RuntimeDefault' || type === 'Localhost';
    const pod = good(spec.securityContext?.seccompProfile?.type);
    const names = containers
      .filter(({ securityContext }) => {
        const own = securityContext?.seccompProfile?.type;
        return own === undefined ? !pod : !good(own);
      })
      .map(({ name }) => name);
    if (names.length === 0) return undefined;
    return found(
      'seccompProfile',
      `pod or ${containerWords(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    );
  },
];

/** What a pod does that a level does not allow. */
export function podViolations(spec: PodSpec, level: Level): readonly Violation[] {
  if (level === 'privileged') return [];
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec;
  const all = [...initContainers, ...containers, ...ephemeralContainers] as readonly Container[];
  const baseline = BASELINE.flatMap((check) => check(spec, all) ?? []);
  if (level === 'baseline') return baseline;
  const restricted = RESTRICTED.flatMap((check) => check(spec, all) ?? []);
  const stricter = new Set(restricted.map(({ reason }) => reason));
  const kept = baseline.filter(({ reason }) => !stricter.has(reason) && !REPLACED.has(reason));
  return [...kept, ...restricted];
}

/** Baseline checks that a restricted one says more strictly. */
const REPLACED: ReadonlySet<string> = new Set(['hostPath volumes', 'non-default capabilities']);
