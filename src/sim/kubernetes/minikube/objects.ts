// What minikube adds to a fresh cluster: kubeadm's addons with one CoreDNS, storage, labels of the node.

import { addonObjects } from '../kubeadm/addons.ts';
import type { Installation } from '../kubeadm/install.ts';
import { storageObjects } from './storage.ts';

/** The last phases of `minikube start`. */
export function minikubeObjects(address: string, authority: string): Installation {
  const objects = addonObjects({
    nodeName: 'minikube',
    address,
    securePort: 8443,
    clusterName: 'mk',
    podNetwork: '10.244.0.0/16',
    coreDnsReplicas: 1,
    authority,
  });
  return {
    nodeName: 'minikube',
    objects: [...objects, ...storageObjects()],
    labels: {
      'minikube.k8s.io/name': 'minikube',
      'minikube.k8s.io/primary': 'true',
      'minikube.k8s.io/version': 'v1.37.0',
      'node-role.kubernetes.io/control-plane': '',
      'node.kubernetes.io/exclude-from-external-load-balancers': '',
    },
    taints: [],
  };
}
