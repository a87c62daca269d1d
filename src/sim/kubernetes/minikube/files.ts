// What `minikube start` leaves on its node and on the workstation: certificates, kubeconfigs, manifests, the kubelet's
// configuration, the bridge network.

import { type ClusterPlan, initFiles, planCluster, serverOf } from '../kubeadm/files.ts';
import { kubeconfigText } from '../kubeadm/kubeconfig.ts';

export const WORKSTATION_KUBECONFIG = '/root/.kube/config';

const PORT = 8443;
const POD_NETWORK = '10.244.0.0/16';

/** The drop-in by which minikube has its kubelet started. */
function kubeletDropIn(address: string): string {
  const flags = [
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--config=/var/lib/kubelet/config.yaml',
    '--hostname-override=minikube',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    `--node-ip=${address}`,
  ];
  return `[Unit]\nWants=containerd.service\n\n[Service]\nExecStart=\nExecStart=/usr/bin/kubelet ${flags.join(' ')}\n\n[Install]\n`;
}

const CNI = `{
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

/** The cluster as minikube plans it. */
export function planMinikube(seed: string, address: string): ClusterPlan {
  return planCluster(seed, 'minikube', address, {
    port: PORT,
    clusterName: 'mk',
    authorityName: 'minikubeCA',
    extraNames: ['control-plane.minikube.internal', 'localhost', '127.0.0.1', '10.0.0.1'],
  });
}

/** Files of the node by path. */
export function nodeFiles(plan: ClusterPlan): Map<string, string> {
  const files = initFiles(plan);
  files.delete('/root/.kube/config');
  files.set('/etc/cni/net.d/1-k8s.conflist', CNI);
  files.set('/etc/systemd/system/kubelet.service.d/10-kubeadm.conf', kubeletDropIn(plan.address));
  return files;
}

/** The kubeconfig of the workstation. */
export function workstationKubeconfig(plan: ClusterPlan): string {
  const admin = { name: 'minikube', organizations: ['system:masters'] };
  const cluster = { server: serverOf(plan), name: 'minikube' };
  return kubeconfigText(plan.pki, plan.seed, cluster, admin, 'minikube');
}
