// What `minikube start` gives kubeadm on a fresh node, and the files beside it.

import type { ProfileNode } from './profile.ts';

/** The ranges of pods and services. */
export const POD_NETWORK = '10.244.0.0/16';
export const SERVICE_CIDR = '10.96.0.0/12';

export const BRIDGE_CNI = `{
  "cniVersion": "0.4.0",
  "name": "bridge",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "bridge",
      "addIf": "true",
      "isDefaultGateway": true,
      "forceAddress": false,
      "ipMasq": true,
      "hairpinMode": true,
      "ipam": {
          "type": "host-local",
          "subnet": "${POD_NETWORK}"
      }
    },
    {
      "type": "portmap",
      "capabilities": {
          "portMappings": true
      }
    }
  ]
}
`;

/** /var/tmp/minikube/kubeadm.yaml. */
export function kubeadmConfig(name: string, node: ProfileNode): string {
  return `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: ${node.IP}
  bindPort: ${node.Port}
nodeRegistration:
  criSocket: unix:///run/containerd/containerd.sock
  name: "${name}"
  kubeletExtraArgs:
    - name: "node-ip"
      value: "${node.IP}"
  taints: []
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  certSANs: ["127.0.0.1", "localhost", "${node.IP}"]
clusterName: mk
controlPlaneEndpoint: control-plane.minikube.internal:${node.Port}
kubernetesVersion: ${node.KubernetesVersion}
networking:
  dnsDomain: cluster.local
  podSubnet: "${POD_NETWORK}"
  serviceSubnet: ${SERVICE_CIDR}
`;
}
