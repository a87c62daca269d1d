// What `kubeadm init` and `kubeadm join` leave on machines, all at once: what a lab is switched on with when it is to have a
// cluster already. The program (program.ts) makes the same of the same parts, step by step.

import { DEFAULT_CLUSTER, type ClusterConfiguration, KUBERNETES_VERSION } from './configuration.ts';
import { instanceConfiguration, kubeletConfiguration } from './kubelet-config.ts';
import { clientCredentials, componentUsers, kubeconfigOf } from './kubeconfig.ts';
import { controlPlaneManifests } from './manifests.ts';
import { serviceAddress } from './networks.ts';
import { certificatePem, clusterPki, type ClusterPki } from './pki.ts';

const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';
/** The containerd of the labs' nodes. */
const SOCKET = 'unix:///run/containerd/containerd.sock';

/** A cluster as it is planned. */
export interface ClusterPlan {
  readonly seed: string;
  readonly controlPlane: string;
  readonly address: string;
  readonly port: number;
  readonly cluster: ClusterConfiguration;
  readonly pki: ClusterPki;
}

/** What differs from a cluster where nothing is said. */
export interface PlanOptions {
  readonly port?: number;
  readonly clusterName?: string;
  readonly authorityName?: string;
  readonly extraNames?: readonly string[];
}

/** Plans a cluster and makes its certificates. */
export function planCluster(
  seed: string,
  controlPlane: string,
  address: string,
  options: PlanOptions = {},
): ClusterPlan {
  const { networking } = DEFAULT_CLUSTER;
  const cluster: ClusterConfiguration = {
    ...DEFAULT_CLUSTER,
    clusterName: options.clusterName ?? 'kubernetes',
    kubernetesVersion: KUBERNETES_VERSION,
    networking: { ...networking, podSubnet: '10.244.0.0/16' },
  };
  const names = {
    nodeName: controlPlane,
    address,
    dnsDomain: networking.dnsDomain,
    serviceAddress: serviceAddress(networking.serviceSubnet, 1),
    extraNames: options.extraNames ?? [],
  };
  const pki = clusterPki(seed, names, options.authorityName);
  return { seed, controlPlane, address, port: options.port ?? 6443, cluster, pki };
}

/** Where the API server of a planned cluster is. */
export function serverOf({ address, port }: ClusterPlan): string {
  return `https://${address}:${port}`;
}

function kubeletFiles(plan: ClusterPlan, nodeName: string): Map<string, string> {
  const user = componentUsers(nodeName)['kubelet.conf'] ?? { name: '', organizations: [] };
  const { authority } = plan.pki;
  const { certificate, key } = clientCredentials(plan.seed, authority.certificate, user);
  const cluster = { server: serverOf(plan), name: plan.cluster.clusterName };
  const paths = { certificatePath: CURRENT, keyPath: CURRENT };
  return new Map([
    [
      '/etc/kubernetes/kubelet.conf',
      kubeconfigOf(certificatePem(authority), cluster, user.name, paths),
    ],
    [CURRENT, certificate + key],
    ['/etc/kubernetes/pki/ca.crt', certificatePem(authority)],
    ['/var/lib/kubelet/config.yaml', kubeletConfiguration(plan.cluster, SOCKET)],
    ['/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS=""\n'],
    ['/var/lib/kubelet/instance-config.yaml', instanceConfiguration(SOCKET)],
  ]);
}

/** Files of the machine that init was run on. */
export function initFiles(plan: ClusterPlan): Map<string, string> {
  const files = new Map(plan.pki.files);
  const cluster = { server: serverOf(plan), name: plan.cluster.clusterName };
  const { authority } = plan.pki;
  for (const [file, user] of Object.entries(componentUsers(plan.controlPlane))) {
    const credentials = clientCredentials(plan.seed, authority.certificate, user);
    files.set(
      `/etc/kubernetes/${file}`,
      kubeconfigOf(certificatePem(authority), cluster, user.name, credentials),
    );
  }
  for (const [path, text] of kubeletFiles(plan, plan.controlPlane)) files.set(path, text);
  const manifests = controlPlaneManifests({
    cluster: plan.cluster,
    nodeName: plan.controlPlane,
    address: plan.address,
    securePort: plan.port,
  });
  for (const [name, text] of manifests) files.set(`/etc/kubernetes/manifests/${name}`, text);
  files.set('/root/.kube/config', files.get('/etc/kubernetes/admin.conf') ?? '');
  return files;
}

/** Files of a machine that has joined. */
export function joinFiles(plan: ClusterPlan, nodeName: string): Map<string, string> {
  return kubeletFiles(plan, nodeName);
}

/** True for files that only their owner may read. */
export function isSecret(path: string): boolean {
  return /\.(key|conf|pem)$|\/sa\.pub$|\/\.kube\/config$|\/manifests\//.test(path);
}
