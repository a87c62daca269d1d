// What `minikube start` gives kubeadm on a fresh node, and the files beside it.

import { argumentLines, type ExtraOptions } from './extra-config.ts';
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

/** What of a cluster its flags say. */
export interface ClusterOptions {
  readonly extra: ExtraOptions;
  /** Names and addresses in the API server's certificate, beyond the usual. */
  readonly names: readonly string[];
  /** The runtime's endpoint. */
  readonly socket: string;
}

/** A component's part of the configuration. */
function component(
  key: string,
  options: ExtraOptions,
  name: 'apiserver' | 'controller-manager' | 'scheduler',
  more = '',
): string {
  const lines = argumentLines(options, name, 4);
  const extra = lines === '' ? '' : `  extraArgs:\n${lines}`;
  return more + extra === '' ? '' : `${key}:\n${more}${extra}`;
}

/** /var/tmp/minikube/kubeadm.yaml. */
export function kubeadmConfig(
  name: string,
  node: ProfileNode,
  { extra, names, socket }: ClusterOptions,
): string {
  const sans = ['127.0.0.1', 'localhost', node.IP, ...names].map((one) => `"${one}"`).join(', ');
  const etcd = argumentLines(extra, 'etcd', 6);
  return `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: ${node.IP}
  bindPort: ${node.Port}
nodeRegistration:
  criSocket: ${socket}
  name: "${name}"
  kubeletExtraArgs:
    - name: "node-ip"
      value: "${node.IP}"
  taints: []
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
${component('apiServer', extra, 'apiserver', `  certSANs: [${sans}]\n`)}clusterName: mk
controlPlaneEndpoint: control-plane.minikube.internal:${node.Port}
${component('controllerManager', extra, 'controller-manager')}${
  etcd === '' ? '' : `etcd:\n  local:\n    dataDir: /var/lib/etcd\n    extraArgs:\n${etcd}`
}kubernetesVersion: ${node.KubernetesVersion}
networking:
  dnsDomain: cluster.local
  podSubnet: "${extra.kubeadm?.['pod-network-cidr'] ?? POD_NETWORK}"
  serviceSubnet: ${SERVICE_CIDR}
${component('scheduler', extra, 'scheduler')}`;
}
