// What minikube adds to a fresh cluster: kubeadm's addons with one CoreDNS, the storage class, labels of the node.

import type { KubeObject } from '../api/object.ts';
import { addonObjects } from '../kubeadm/addons.ts';
import type { Installation } from '../kubeadm/install.ts';

const STANDARD: KubeObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'standard',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    labels: { 'addonmanager.kubernetes.io/mode': 'EnsureExists' },
  },
  provisioner: 'k8s.io/minikube-hostpath',
};

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
    objects: [...objects, STANDARD],
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
