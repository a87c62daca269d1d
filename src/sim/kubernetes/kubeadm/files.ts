// What `kubeadm init` and `kubeadm join` leave on machines: certificates, kubeconfigs, manifests, the kubelet's configuration.

import { kubeletConfiguration } from './kubelet-config.ts';
import { componentUsers, kubeconfigText } from './kubeconfig.ts';
import { controlPlaneManifests } from './manifests.ts';
import { certificatePem, clusterPki, type ClusterPki } from './pki.ts';

const PORT = 6443;

/** A cluster as it is planned. */
export interface ClusterPlan {
  readonly seed: string;
  readonly controlPlane: string;
  readonly address: string;
  readonly podNetwork: string;
  readonly pki: ClusterPki;
}

/** Makes the certificates of a cluster. */
export function planCluster(seed: string, controlPlane: string, address: string): ClusterPlan {
  const pki = clusterPki({ seed, nodeName: controlPlane, address, authorityName: 'kubernetes' });
  return { seed, controlPlane, address, podNetwork: '10.244.0.0/16', pki };
}

function clusterOf({ address }: ClusterPlan): { server: string; name: string } {
  return { server: `https://${address}:${PORT}`, name: 'kubernetes' };
}

function kubeletFiles(plan: ClusterPlan, nodeName: string): Map<string, string> {
  const user = componentUsers(nodeName)['kubelet.conf'] ?? { name: '', organizations: [] };
  return new Map([
    ['/etc/kubernetes/kubelet.conf', kubeconfigText(plan.pki, plan.seed, clusterOf(plan), user)],
    ['/etc/kubernetes/pki/ca.crt', certificatePem(plan.pki.authority)],
    ['/var/lib/kubelet/config.yaml', kubeletConfiguration()],
    ['/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS=""\n'],
    [
      '/var/lib/kubelet/instance-config.yaml',
      'apiVersion: kubelet.config.k8s.io/v1beta1\ncontainerRuntimeEndpoint: unix:///run/containerd/containerd.sock\nkind: KubeletConfiguration\n',
    ],
  ]);
}

/** Files of the machine that init was run on. */
export function initFiles(plan: ClusterPlan): ReadonlyMap<string, string> {
  const files = new Map([...plan.pki.files, ...kubeletFiles(plan, plan.controlPlane)]);
  for (const [file, user] of Object.entries(componentUsers(plan.controlPlane))) {
    files.set(
      `/etc/kubernetes/${file}`,
      kubeconfigText(plan.pki, plan.seed, clusterOf(plan), user),
    );
  }
  const manifests = controlPlaneManifests({
    nodeName: plan.controlPlane,
    address: plan.address,
    securePort: PORT,
    clusterName: 'kubernetes',
    controllers: '*,bootstrapsigner,tokencleaner',
    podNetwork: plan.podNetwork,
  });
  for (const [name, text] of manifests) files.set(`/etc/kubernetes/manifests/${name}`, text);
  files.set('/root/.kube/config', files.get('/etc/kubernetes/admin.conf') ?? '');
  return files;
}

/** Files of a machine that has joined. */
export function joinFiles(plan: ClusterPlan, nodeName: string): ReadonlyMap<string, string> {
  return kubeletFiles(plan, nodeName);
}
