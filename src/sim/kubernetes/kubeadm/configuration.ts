// kubeadm's configuration (kubeadm.k8s.io/v1beta4): the kinds that init and join take, their defaults, and reading them from
// flags or from --config.

import { KUBERNETES_VERSION } from '../api/discovery/version.ts';
import type { Flags } from './settings.ts';

export { KUBERNETES_VERSION };

export const API_VERSION = 'kubeadm.k8s.io/v1beta4';
export const CRI_SOCKET = 'unix:///var/run/containerd/containerd.sock';
export const NODE_GROUP = 'system:bootstrappers:kubeadm:default-node-token';

/** An argument of a component: extraArgs is a list in v1beta4. */
export interface Argument {
  readonly name: string;
  readonly value: string;
}

export interface Component {
  readonly extraArgs?: readonly Argument[];
  readonly certSANs?: readonly string[];
  readonly extraVolumes?: readonly {
    readonly name: string;
    readonly hostPath: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
    readonly pathType?: string;
  }[];
}

export interface ClusterConfiguration {
  readonly apiServer: Component;
  readonly caCertificateValidityPeriod: string;
  readonly certificateValidityPeriod: string;
  readonly certificatesDir: string;
  readonly clusterName: string;
  readonly controlPlaneEndpoint?: string;
  readonly controllerManager: Component;
  readonly dns: { readonly imageRepository?: string; readonly imageTag?: string };
  readonly encryptionAlgorithm: string;
  readonly etcd: {
    readonly local?: Component & {
      readonly dataDir: string;
      readonly serverCertSANs?: readonly string[];
      readonly peerCertSANs?: readonly string[];
      readonly imageRepository?: string;
      readonly imageTag?: string;
    };
    readonly external?: object;
  };
  readonly featureGates?: Readonly<Record<string, boolean>>;
  readonly imageRepository: string;
  readonly kubernetesVersion: string;
  readonly networking: {
    readonly dnsDomain: string;
    readonly podSubnet?: string;
    readonly serviceSubnet: string;
  };
  readonly proxy: { readonly disabled?: boolean };
  readonly scheduler: Component;
}

export interface BootstrapToken {
  readonly token: string;
  readonly description?: string;
  readonly ttl?: string;
  readonly usages?: readonly string[];
  readonly groups?: readonly string[];
}

export interface NodeRegistration {
  readonly name: string;
  readonly criSocket: string;
  readonly imagePullPolicy: string;
  readonly taints?:
    | readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
    | null;
  readonly kubeletExtraArgs?: readonly Argument[];
  readonly ignorePreflightErrors?: readonly string[];
}

export interface InitConfiguration {
  readonly bootstrapTokens: readonly BootstrapToken[];
  readonly localAPIEndpoint: { readonly advertiseAddress: string; readonly bindPort: number };
  readonly nodeRegistration: NodeRegistration;
  readonly certificateKey?: string;
  readonly timeouts?: object;
  readonly skipPhases?: readonly string[];
}

/** What a cluster is like where nothing is said. */
export const DEFAULT_CLUSTER: ClusterConfiguration = {
  apiServer: {},
  caCertificateValidityPeriod: '87600h0m0s',
  certificateValidityPeriod: '8760h0m0s',
  certificatesDir: '/etc/kubernetes/pki',
  clusterName: 'kubernetes',
  controllerManager: {},
  dns: {},
  encryptionAlgorithm: 'RSA-2048',
  etcd: { local: { dataDir: '/var/lib/etcd' } },
  imageRepository: 'registry.k8s.io',
  kubernetesVersion: 'stable-1',
  networking: { dnsDomain: 'cluster.local', serviceSubnet: '10.96.0.0/12' },
  proxy: {},
  scheduler: {},
};

const OPTIONAL = ['controlPlaneEndpoint', 'featureGates'];

export const DEFAULT_TOKEN: Omit<BootstrapToken, 'token'> = {
  groups: [NODE_GROUP],
  ttl: '24h0m0s',
  usages: ['signing', 'authentication'],
};

export const TIMEOUTS = {
  controlPlaneComponentHealthCheck: '4m0s',
  discovery: '5m0s',
  etcdAPICall: '2m0s',
  kubeletHealthCheck: '4m0s',
  kubernetesAPICall: '1m0s',
  tlsBootstrap: '5m0s',
  upgradeManifests: '5m0s',
} as const;

/** A cluster with what flags say of it. */
export function clusterFromFlags(flags: Flags): ClusterConfiguration {
  const base = DEFAULT_CLUSTER;
  const sans = flags.list('apiserver-cert-extra-sans');
  const pods = flags.text('pod-network-cidr');
  const endpoint = flags.text('control-plane-endpoint');
  const gates = flags.text('feature-gates');
  return {
    ...base,
    apiServer: sans.length > 0 ? { certSANs: sans } : {},
    certificatesDir: flags.text('cert-dir') || base.certificatesDir,
    ...(endpoint ? { controlPlaneEndpoint: endpoint } : {}),
    ...(gates ? { featureGates: gatesOf(gates) } : {}),
    imageRepository: flags.text('image-repository') || base.imageRepository,
    kubernetesVersion: flags.text('kubernetes-version') || base.kubernetesVersion,
    networking: {
      dnsDomain: flags.text('service-dns-domain') || base.networking.dnsDomain,
      ...(pods ? { podSubnet: pods } : {}),
      serviceSubnet: flags.text('service-cidr') || base.networking.serviceSubnet,
    },
  };
}

function gatesOf(text: string): Record<string, boolean> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [name, value === 'true'];
    }),
  );
}

/** A cluster with what a ClusterConfiguration says of it. */
export function clusterFromDocument(document: Partial<ClusterConfiguration>): ClusterConfiguration {
  const { networking, etcd, ...rest } = document;
  const local = etcd?.local ?? (etcd?.external ? undefined : DEFAULT_CLUSTER.etcd.local);
  const known = Object.fromEntries(
    Object.entries(rest).filter(([name]) => name in DEFAULT_CLUSTER || OPTIONAL.includes(name)),
  );
  return {
    ...DEFAULT_CLUSTER,
    ...known,
    etcd: etcd?.external ? etcd : { local: { dataDir: '/var/lib/etcd', ...local } },
    networking: { ...DEFAULT_CLUSTER.networking, ...networking },
  };
}
