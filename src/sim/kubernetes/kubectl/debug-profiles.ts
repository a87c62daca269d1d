// The profiles of kubectl debug: what a debugging container may do, and what a copy of a pod keeps.

import type { KubeObject } from './rest.ts';

/** A container as it is put together here. */
export interface DebugContainer {
  name: string;
  securityContext?: {
    capabilities?: { add?: string[]; drop?: string[] };
    [field: string]: unknown;
  };
  volumeMounts?: object[];
  [field: string]: unknown;
}

/** A pod as it is put together here. */
export interface DebugPod extends KubeObject {
  spec: {
    containers: DebugContainer[];
    initContainers?: DebugContainer[];
    ephemeralContainers?: DebugContainer[];
    volumes?: object[];
    shareProcessNamespace?: boolean;
    [field: string]: unknown;
  };
}

/** What is debugged: a pod itself, a copy of it, or a node. */
export type DebugStyle = 'ephemeral' | 'copy' | 'node';

/** What a copy keeps of its original. */
export interface Kept {
  readonly labels: boolean;
  readonly annotations: boolean;
  readonly liveness: boolean;
  readonly readiness: boolean;
  readonly startup: boolean;
  readonly initContainers: boolean;
}

type Profile = (pod: DebugPod, container: DebugContainer, style: DebugStyle, kept: Kept) => void;

function addCapabilities(container: DebugContainer, ...names: string[]): void {
  container.securityContext ??= {};
  container.securityContext.capabilities ??= {};
  const { capabilities } = container.securityContext;
  capabilities.add = [...(capabilities.add ?? []), ...names];
}

function mountRoot(pod: DebugPod, container: DebugContainer): void {
  pod.spec.volumes = [...(pod.spec.volumes ?? []), { name: 'host-root', hostPath: { path: '/' } }];
  container.volumeMounts = [
    ...(container.volumeMounts ?? []),
    { mountPath: '/host', name: 'host-root' },
  ];
}

function useHostNamespaces({ spec }: DebugPod): void {
  spec.hostNetwork = true;
  spec.hostPID = true;
  spec.hostIPC = true;
}

/** A copy loses what would make controllers, services or the kubelet take it for the original. */
function plainCopy(pod: DebugPod, style: DebugStyle, kept: Kept): void {
  if (style !== 'copy') return;
  const { metadata, spec } = pod;
  if (!kept.labels) delete metadata?.labels;
  if (!kept.annotations) delete metadata?.annotations;
  for (const container of spec.containers) {
    if (!kept.liveness) delete container.livenessProbe;
    if (!kept.readiness) delete container.readinessProbe;
    if (!kept.startup) delete container.startupProbe;
  }
  if (!kept.initContainers) delete spec.initContainers;
  spec.shareProcessNamespace ??= true;
}

/** The profiles by name (--profile). */
export const PROFILES: Readonly<Record<string, Profile>> = {
  legacy(pod, container, style) {
    if (style === 'node') {
      mountRoot(pod, container);
      useHostNamespaces(pod);
    } else if (style === 'copy') delete pod.metadata?.labels;
  },
  general(pod, container, style, kept) {
    if (style === 'node') {
      mountRoot(pod, container);
      delete container.securityContext;
      useHostNamespaces(pod);
      return;
    }
    plainCopy(pod, style, kept);
    addCapabilities(container, 'SYS_PTRACE');
  },
  baseline(pod, container, style, kept) {
    delete container.securityContext;
    plainCopy(pod, style, kept);
  },
  restricted(pod, container, style, kept) {
    container.securityContext = {
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
      allowPrivilegeEscalation: false,
      seccompProfile: { type: 'RuntimeDefault' },
    };
    plainCopy(pod, style, kept);
  },
  netadmin(pod, container, style, kept) {
    addCapabilities(container, 'NET_ADMIN', 'NET_RAW');
    if (style === 'node') useHostNamespaces(pod);
    plainCopy(pod, style, kept);
  },
  sysadmin(pod, container, style, kept) {
    container.securityContext = { ...container.securityContext, privileged: true };
    if (style === 'node') {
      useHostNamespaces(pod);
      mountRoot(pod, container);
    }
    plainCopy(pod, style, kept);
  },
};
