// The static pods of a control plane (kubeadm's phases `control-plane` and `etcd`): /etc/kubernetes/manifests.

import type { Container, Probe } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import {
  type Argument,
  type ClusterConfiguration,
  type Component,
  DEFAULT_CLUSTER,
  KUBERNETES_VERSION,
} from './configuration.ts';

/** What manifests are made of. */
export interface ControlPlaneOptions {
  readonly cluster: ClusterConfiguration;
  readonly nodeName: string;
  readonly address: string;
  readonly securePort: number;
}

/** Names of the manifests in the order in which kubeadm says that it makes them. */
export const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

const ETCD_TAG = '3.6.8-0';
const COREDNS_TAG = 'v1.14.2';
const PAUSE_TAG = '3.10.2';

/** Directories of authorities that every component sees. */
const TRUST: Readonly<Record<string, string>> = {
  'ca-certs': '/etc/ssl/certs',
  'etc-ca-certificates': '/etc/ca-certificates',
  'usr-local-share-ca-certificates': '/usr/local/share/ca-certificates',
  'usr-share-ca-certificates': '/usr/share/ca-certificates',
};

interface Part {
  readonly name: string;
  readonly image: string;
  readonly flags: readonly (readonly [string, string])[];
  /** What the configuration says of it. */
  readonly component?: Component | undefined;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly scheme: 'HTTP' | 'HTTPS';
  readonly host: string;
  /** Paths of the probes: liveness, readiness (where there is one), startup. */
  readonly probes: readonly [string, string | undefined, string];
  readonly requests: Readonly<Record<string, string>>;
  /** Host paths by volume: the path, its type, writable or not. */
  readonly volumes: Readonly<
    Record<string, readonly [path: string, type: string, writable: boolean]>
  >;
}

function trustVolumes(): Record<string, readonly [string, string, boolean]> {
  const entries = Object.entries(TRUST).map(([name, path]) => [
    name,
    [path, 'DirectoryOrCreate', false] as const,
  ]);
  return Object.fromEntries(entries) as Record<string, readonly [string, string, boolean]>;
}

function probe(part: Part, path: string, times: Omit<Probe, 'httpGet'>): Probe {
  const { host, scheme } = part;
  return { ...times, httpGet: { host, path, port: 'probe-port', scheme } };
}

/** Arguments sorted by name; those of the configuration take the place of the usual ones. */
function withExtra(
  flags: readonly (readonly [string, string])[],
  extra: readonly Argument[] = [],
): string[] {
  const kept = flags.filter(([name]) => !extra.some((one) => one.name === name));
  const all = [...kept, ...extra.map(({ name, value }) => [name, value] as const)];
  return all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([n, v]) => `--${n}=${v}`);
}

/** Host paths of a component's own, and the configuration's extraVolumes. */
function volumesOf(part: Part): Part['volumes'] {
  const extra = (part.component?.extraVolumes ?? []).map(
    ({ name, mountPath, pathType, readOnly }) =>
      [name, [mountPath, pathType ?? '', readOnly !== true]] as const,
  );
  return { ...part.volumes, ...Object.fromEntries(extra) };
}

function staticPod(given: Part): Pod {
  const part = { ...given, volumes: volumesOf(given) };
  const [live, ready, started] = part.probes;
  const slow = { initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 15 };
  const names = Object.keys(part.volumes);
  const container: Container = {
    command: [part.name, ...withExtra(part.flags, part.component?.extraArgs)],
    image: part.image,
    imagePullPolicy: 'IfNotPresent',
    livenessProbe: probe(part, live, { failureThreshold: 8, ...slow }),
    name: part.name,
    ports: [{ containerPort: part.port, name: 'probe-port', protocol: 'TCP' }],
    ...(ready
      ? {
          readinessProbe: probe(part, ready, {
            failureThreshold: 3,
            periodSeconds: 1,
            timeoutSeconds: 15,
          }),
        }
      : {}),
    resources: { requests: part.requests },
    startupProbe: probe(part, started, { failureThreshold: 24, ...slow }),
    volumeMounts: names.map((name) => {
      const [path, , writable] = part.volumes[name] ?? ['', '', false];
      return { mountPath: path, name, ...(writable ? {} : { readOnly: true }) };
    }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(part.annotations ? { annotations: part.annotations } : {}),
      labels: { component: part.name, tier: 'control-plane' },
      name: part.name,
      namespace: 'kube-system',
    },
    spec: {
      containers: [container],
      hostNetwork: true,
      priority: 2000001000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: [...names].sort().map((name) => {
        const [path, type] = part.volumes[name] ?? ['', ''];
        return { hostPath: { path, type }, name };
      }),
    },
    status: {},
  };
}

function etcdPart({ cluster, nodeName, address }: ControlPlaneOptions): Part {
  const pki = cluster.certificatesDir;
  const dataDir = cluster.etcd.local?.dataDir ?? '/var/lib/etcd';
  return {
    name: 'etcd',
    image: etcdImage(cluster),
    component: cluster.etcd.local,
    annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${address}:2379` },
    flags: [
      ['advertise-client-urls', `https://${address}:2379`],
      ['cert-file', `${pki}/etcd/server.crt`],
      ['client-cert-auth', 'true'],
      ['data-dir', dataDir],
      ['feature-gates', 'InitialCorruptCheck=true'],
      ['initial-advertise-peer-urls', `https://${address}:2380`],
      ['initial-cluster', `${nodeName}=https://${address}:2380`],
      ['key-file', `${pki}/etcd/server.key`],
      ['listen-client-urls', `https://127.0.0.1:2379,https://${address}:2379`],
      ['listen-metrics-urls', 'http://127.0.0.1:2381'],
      ['listen-peer-urls', `https://${address}:2380`],
      ['name', nodeName],
      ['peer-cert-file', `${pki}/etcd/peer.crt`],
      ['peer-client-cert-auth', 'true'],
      ['peer-key-file', `${pki}/etcd/peer.key`],
      ['peer-trusted-ca-file', `${pki}/etcd/ca.crt`],
      ['snapshot-count', '10000'],
      ['trusted-ca-file', `${pki}/etcd/ca.crt`],
      ['watch-progress-notify-interval', '5s'],
    ],
    port: 2381,
    scheme: 'HTTP',
    host: '127.0.0.1',
    probes: ['/livez', '/readyz', '/readyz'],
    requests: { cpu: '100m', memory: '100Mi' },
    volumes: {
      'etcd-data': [dataDir, 'DirectoryOrCreate', true],
      'etcd-certs': [`${pki}/etcd`, 'DirectoryOrCreate', true],
    },
  };
}

function apiserverPart({ cluster, address, securePort }: ControlPlaneOptions): Part {
  const pki = cluster.certificatesDir;
  return {
    name: 'kube-apiserver',
    image: componentImage(cluster, 'kube-apiserver'),
    component: cluster.apiServer,
    annotations: {
      'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${address}:${securePort}`,
    },
    flags: [
      ['advertise-address', address],
      ['allow-privileged', 'true'],
      ['authorization-mode', 'Node,RBAC'],
      ['client-ca-file', `${pki}/ca.crt`],
      ['enable-admission-plugins', 'NodeRestriction'],
      ['enable-bootstrap-token-auth', 'true'],
      ['etcd-cafile', `${pki}/etcd/ca.crt`],
      ['etcd-certfile', `${pki}/apiserver-etcd-client.crt`],
      ['etcd-keyfile', `${pki}/apiserver-etcd-client.key`],
      ['etcd-servers', 'https://127.0.0.1:2379'],
      ['kubelet-client-certificate', `${pki}/apiserver-kubelet-client.crt`],
      ['kubelet-client-key', `${pki}/apiserver-kubelet-client.key`],
      ['kubelet-preferred-address-types', 'InternalIP,ExternalIP,Hostname'],
      ['proxy-client-cert-file', `${pki}/front-proxy-client.crt`],
      ['proxy-client-key-file', `${pki}/front-proxy-client.key`],
      ['requestheader-allowed-names', 'front-proxy-client'],
      ['requestheader-client-ca-file', `${pki}/front-proxy-ca.crt`],
      ['requestheader-extra-headers-prefix', 'X-Remote-Extra-'],
      ['requestheader-group-headers', 'X-Remote-Group'],
      ['requestheader-username-headers', 'X-Remote-User'],
      ['secure-port', String(securePort)],
      ['service-account-issuer', `https://kubernetes.default.svc.${cluster.networking.dnsDomain}`],
      ['service-account-key-file', `${pki}/sa.pub`],
      ['service-account-signing-key-file', `${pki}/sa.key`],
      ['service-cluster-ip-range', cluster.networking.serviceSubnet],
      ['tls-cert-file', `${pki}/apiserver.crt`],
      ['tls-private-key-file', `${pki}/apiserver.key`],
    ],
    port: securePort,
    scheme: 'HTTPS',
    host: address,
    probes: ['/livez', '/readyz', '/livez'],
    requests: { cpu: '250m' },
    volumes: { ...trustVolumes(), 'k8s-certs': [pki, 'DirectoryOrCreate', false] },
  };
}

function controllerManagerPart({ cluster }: ControlPlaneOptions): Part {
  const pki = cluster.certificatesDir;
  const { podSubnet, serviceSubnet } = cluster.networking;
  const pods: Part['flags'] =
    podSubnet === undefined
      ? []
      : [
          ['allocate-node-cidrs', 'true'],
          ['cluster-cidr', podSubnet],
        ];
  const kubeconfig = '/etc/kubernetes/controller-manager.conf';
  return {
    name: 'kube-controller-manager',
    image: componentImage(cluster, 'kube-controller-manager'),
    component: cluster.controllerManager,
    flags: [
      ...pods,
      ['authentication-kubeconfig', kubeconfig],
      ['authorization-kubeconfig', kubeconfig],
      ['bind-address', '127.0.0.1'],
      ['client-ca-file', `${pki}/ca.crt`],
      ['cluster-name', cluster.clusterName],
      ['cluster-signing-cert-file', `${pki}/ca.crt`],
      ['cluster-signing-key-file', `${pki}/ca.key`],
      ['controllers', '*,bootstrapsigner,tokencleaner'],
      ['kubeconfig', kubeconfig],
      ['leader-elect', 'true'],
      ['requestheader-client-ca-file', `${pki}/front-proxy-ca.crt`],
      ['root-ca-file', `${pki}/ca.crt`],
      ['service-account-private-key-file', `${pki}/sa.key`],
      ['service-cluster-ip-range', serviceSubnet],
      ['use-service-account-credentials', 'true'],
    ],
    port: 10257,
    scheme: 'HTTPS',
    host: '127.0.0.1',
    probes: ['/healthz', undefined, '/healthz'],
    requests: { cpu: '200m' },
    volumes: {
      ...trustVolumes(),
      'k8s-certs': [pki, 'DirectoryOrCreate', false],
      kubeconfig: [kubeconfig, 'FileOrCreate', false],
    },
  };
}

function schedulerPart({ cluster }: ControlPlaneOptions): Part {
  const kubeconfig = '/etc/kubernetes/scheduler.conf';
  return {
    name: 'kube-scheduler',
    image: componentImage(cluster, 'kube-scheduler'),
    component: cluster.scheduler,
    flags: [
      ['authentication-kubeconfig', kubeconfig],
      ['authorization-kubeconfig', kubeconfig],
      ['bind-address', '127.0.0.1'],
      ['kubeconfig', kubeconfig],
      ['leader-elect', 'true'],
    ],
    port: 10259,
    scheme: 'HTTPS',
    host: '127.0.0.1',
    probes: ['/livez', '/readyz', '/livez'],
    requests: { cpu: '100m' },
    volumes: { kubeconfig: [kubeconfig, 'FileOrCreate', false] },
  };
}

/** The manifests by file name. */
export function controlPlaneManifests(options: ControlPlaneOptions): ReadonlyMap<string, string> {
  const parts = [
    etcdPart(options),
    apiserverPart(options),
    controllerManagerPart(options),
    schedulerPart(options),
  ];
  return new Map(parts.map((part) => [`${part.name}.yaml`, toYaml(staticPod(part))]));
}

/** The image of one of Kubernetes' own programs. */
export function componentImage(cluster: ClusterConfiguration, name: string): string {
  return `${cluster.imageRepository}/${name}:${cluster.kubernetesVersion}`;
}

function etcdImage(cluster: ClusterConfiguration): string {
  const { imageRepository = cluster.imageRepository, imageTag = ETCD_TAG } =
    cluster.etcd.local ?? {};
  return `${imageRepository}/etcd:${imageTag}`;
}

/** CoreDNS' image; on the projects' own registry it has a folder of its own. */
export function dnsImage(cluster: ClusterConfiguration): string {
  const { imageRepository, imageTag = COREDNS_TAG } = cluster.dns;
  const usual = cluster.imageRepository === DEFAULT_CLUSTER.imageRepository;
  const folder = imageRepository ?? `${cluster.imageRepository}${usual ? '/coredns' : ''}`;
  return `${folder}/coredns:${imageTag}`;
}

/** The images that a cluster needs, in kubeadm's order. */
export function imagesOf(cluster: ClusterConfiguration): string[] {
  return [
    ...[...COMPONENTS, 'kube-proxy'].map((name) => componentImage(cluster, name)),
    dnsImage(cluster),
    `${cluster.imageRepository}/pause:${PAUSE_TAG}`,
    ...(cluster.etcd.external ? [] : [etcdImage(cluster)]),
  ];
}

/** The images that a control plane needs where nothing is configured. */
export const CONTROL_PLANE_IMAGES: readonly string[] = imagesOf({
  ...DEFAULT_CLUSTER,
  kubernetesVersion: KUBERNETES_VERSION,
});
