// What `minikube start` leaves on its node and on the workstation: certificates, kubeconfigs, manifests, the kubelet's
// configuration, the bridge network.

import { type ClusterPlan, initFiles, planCluster, serverOf } from '../kubeadm/files.ts';
import { kubeconfigText } from '../kubeadm/kubeconfig.ts';
import { DEFAULT_ADDONS } from './addons/catalog.ts';
import { BRIDGE_CNI, SERVICE_CIDR } from './kubeadm-config.ts';
import { type Profile, profileText } from './profile.ts';
import { KUBERNETES_VERSION } from './versions.ts';

export const WORKSTATION_KUBECONFIG = '/root/.kube/config';

const PORT = 8443;

export const KUBELET_DROP_IN = '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf';

/** The drop-in by which minikube has its kubelet started, with options of the kubelet in the order of their names. */
export function kubeletDropIn(
  name: string,
  address: string,
  options: Readonly<Record<string, string>> = {},
  runtime = 'containerd',
): string {
  const flags = {
    'bootstrap-kubeconfig': '/etc/kubernetes/bootstrap-kubelet.conf',
    config: '/var/lib/kubelet/config.yaml',
    'hostname-override': name,
    kubeconfig: '/etc/kubernetes/kubelet.conf',
    'node-ip': address,
    ...options,
  };
  const words = Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([flag, value]) => `--${flag}=${value}`);
  return `[Unit]\nWants=${runtime}.service\n\n[Service]\nExecStart=\nExecStart=/usr/bin/kubelet ${words.join(' ')}\n\n[Install]\n`;
}

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
  files.set('/etc/cni/net.d/1-k8s.conflist', BRIDGE_CNI);
  files.set(KUBELET_DROP_IN, kubeletDropIn('minikube', plan.address));
  return files;
}

/** The kubeconfig of the workstation. */
function workstationKubeconfig(plan: ClusterPlan): string {
  const admin = { name: 'minikube', organizations: ['system:masters'] };
  const cluster = { server: serverOf(plan), name: 'minikube' };
  return kubeconfigText(plan.pki, plan.seed, cluster, admin, {
    name: 'minikube',
    namespace: 'default',
  });
}

/** The first node's part of a profile. */
export function primaryNode(address: string, runtime = 'containerd'): Profile['Nodes'][number] {
  return {
    Name: '',
    IP: address,
    Port: PORT,
    KubernetesVersion: KUBERNETES_VERSION,
    ContainerRuntime: runtime,
    ControlPlane: true,
    Worker: true,
  };
}

/** What minikube remembers of a cluster that was started over SSH. */
export function newProfile(name: string, address: string, runtime = 'containerd'): Profile {
  return {
    Name: name,
    Memory: 3072,
    CPUs: 2,
    DiskSize: 20000,
    Driver: 'ssh',
    SSHIPAddress: address,
    KubernetesConfig: {
      KubernetesVersion: KUBERNETES_VERSION,
      ClusterName: name,
      Namespace: 'default',
      ContainerRuntime: runtime,
      ServiceCIDR: SERVICE_CIDR,
      CNI: '',
    },
    Nodes: [primaryNode(address, runtime)],
    Addons: Object.fromEntries(DEFAULT_ADDONS.map((one) => [one, true])),
  };
}

/** Files of the workstation by path. */
export function workstationFiles(plan: ClusterPlan): Map<string, string> {
  const profile = newProfile('minikube', plan.address);
  return new Map([
    [WORKSTATION_KUBECONFIG, workstationKubeconfig(plan)],
    ['/root/.minikube/profiles/minikube/config.json', profileText(profile)],
  ]);
}
