// What `minikube start` leaves on its node and on the workstation: certificates, kubeconfigs, manifests, the kubelet's
// configuration, the bridge network.

import { clusterPki, type ClusterPki } from '../kubeadm/pki.ts';
import { componentUsers, kubeconfigText } from '../kubeadm/kubeconfig.ts';
import { kubeletConfiguration } from '../kubeadm/kubelet-config.ts';
import { controlPlaneManifests } from '../kubeadm/manifests.ts';

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

/** Files of the node by path, and the kubeconfig of the workstation. */
export function minikubeFiles(
  seed: string,
  address: string,
): { node: ReadonlyMap<string, string>; kubeconfig: string; pki: ClusterPki } {
  const pki = clusterPki({
    seed,
    nodeName: 'minikube',
    address,
    authorityName: 'minikubeCA',
    extraNames: ['control-plane.minikube.internal', 'localhost', '127.0.0.1', '10.0.0.1'],
  });
  const node = new Map(pki.files);
  const cluster = { server: `https://${address}:${PORT}`, name: 'mk' };
  for (const [file, user] of Object.entries(componentUsers('minikube'))) {
    node.set(`/etc/kubernetes/${file}`, kubeconfigText(pki, seed, cluster, user));
  }
  const manifests = controlPlaneManifests({
    nodeName: 'minikube',
    address,
    securePort: PORT,
    clusterName: 'mk',
    controllers: '*,bootstrapsigner,tokencleaner',
    podNetwork: POD_NETWORK,
  });
  for (const [name, text] of manifests) node.set(`/etc/kubernetes/manifests/${name}`, text);
  node.set('/var/lib/kubelet/config.yaml', kubeletConfiguration());
  node.set('/etc/cni/net.d/1-k8s.conflist', CNI);
  node.set('/etc/systemd/system/kubelet.service.d/10-kubeadm.conf', kubeletDropIn(address));
  const admin = { name: 'minikube', organizations: ['system:masters'] };
  const kubeconfig = kubeconfigText(pki, seed, { ...cluster, name: 'minikube' }, admin, 'minikube');
  return { node, kubeconfig, pki };
}
