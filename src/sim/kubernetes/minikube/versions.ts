// What this minikube can start: versions of Kubernetes, drivers. The newest version is the one that is modelled.

import { KUBERNETES_VERSION } from '../api/discovery/version.ts';

/** The default and the newest version; older ones down to the oldest are known, and not modelled. */
export { KUBERNETES_VERSION };
/** minikube's own. */
export const MINIKUBE_VERSION = 'v1.37.0';
export const OLDEST_VERSION = 'v1.28.0';

/** Drivers that minikube has on Linux. */
export const SUPPORTED_DRIVERS: readonly string[] = [
  'virtualbox',
  'kvm2',
  'qemu2',
  'qemu',
  'vmware',
  'none',
  'docker',
  'podman',
  'ssh',
];

type Triple = readonly [number, number, number];

/** `v1.30.0` in numbers; undefined where it is no version. */
export function parseVersion(text: string): Triple | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)(?:-[\w.]+)?$/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** Below zero where `a` is older. */
export function compareVersions(a: Triple, b: Triple): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
