// Everything that the last phases of `kubeadm init` put into a cluster, at once: what a lab's cluster is filled with.

import { rfc3339, DAY } from '../../core/time.ts';
import type { KubeObject } from '../api/object.ts';
import { coreDnsObjects, kubeProxyObjects } from './addons.ts';
import { DEFAULT_TOKEN } from './configuration.ts';
import { type ClusterPlan, serverOf } from './files.ts';
import type { Installation } from './install.ts';
import {
  adminObjects,
  bootstrapRoles,
  clusterInfoObjects,
  kubeadmConfigObjects,
  kubeletConfigObjects,
  tokenSecret,
} from './objects.ts';
import { certificatePem } from './pki.ts';

/** The first token of the recordings. */
const TOKEN = 'abcdef.0123456789abcdef';

export const CONTROL_PLANE_LABELS: Readonly<Record<string, string>> = {
  'node-role.kubernetes.io/control-plane': '',
  'node.kubernetes.io/exclude-from-external-load-balancers': '',
};
export const CONTROL_PLANE_TAINT = {
  key: 'node-role.kubernetes.io/control-plane',
  effect: 'NoSchedule',
} as const;

/** The objects of a cluster in the order in which the phases make them. */
export function clusterObjects(plan: ClusterPlan, coreDnsReplicas: number): KubeObject[] {
  const { cluster } = plan;
  const options = { cluster, server: serverOf(plan), coreDnsReplicas, isTuned: true };
  const token = { ...DEFAULT_TOKEN, token: TOKEN };
  return [
    ...adminObjects(),
    ...kubeadmConfigObjects(cluster),
    ...kubeletConfigObjects(cluster),
    tokenSecret(token, rfc3339(DAY)),
    ...bootstrapRoles().flatMap(([, objects]) => objects),
    ...clusterInfoObjects(serverOf(plan), certificatePem(plan.pki.authority)),
    ...coreDnsObjects(options),
    ...kubeProxyObjects(options),
  ];
}

/** The last phases of `kubeadm init`. */
export function initInstallation(plan: ClusterPlan): Installation {
  return {
    nodeName: plan.controlPlane,
    objects: clusterObjects(plan, 2),
    labels: CONTROL_PLANE_LABELS,
    taints: [CONTROL_PLANE_TAINT],
  };
}
