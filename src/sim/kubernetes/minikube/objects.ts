// What minikube adds to a fresh cluster: kubeadm's addons with one CoreDNS, storage, labels of the node.

import { CONTROL_PLANE_LABELS, clusterObjects } from '../kubeadm/cluster-objects.ts';
import type { ClusterPlan } from '../kubeadm/files.ts';
import type { Installation } from '../kubeadm/install.ts';
import { storageObjects } from './storage.ts';
import { MINIKUBE_VERSION } from './versions.ts';

/** The last phases of `minikube start`. */
export function minikubeObjects(plan: ClusterPlan): Installation {
  return {
    nodeName: 'minikube',
    objects: [...clusterObjects(plan, 1), ...storageObjects()],
    labels: {
      'minikube.k8s.io/name': 'minikube',
      'minikube.k8s.io/primary': 'true',
      'minikube.k8s.io/version': MINIKUBE_VERSION,
      ...CONTROL_PLANE_LABELS,
    },
    taints: [],
  };
}
