// The static pods of a control plane (kubeadm's phases `control-plane` and `etcd`): /etc/kubernetes/manifests.

import { dump } from 'js-yaml';
import type { Container, Probe } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';

export interface ControlPlaneOptions {
  readonly nodeName: string;
  readonly address: string;
  readonly securePort: number;
  /** `kubernetes`; minikube says `mk`. */
  readonly clusterName: string;
  readonly controllers: string;
  readonly podNetwork: string;
}

const VERSION = 'v1.36.3';
const ETCD_IMAGE = 'registry.k8s.io/etcd:3.6.8-0';
const PKI = '/etc/kubernetes/pki';

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

function staticPod(part: Part): Pod {
  const [live, ready, started] = part.probes;
  const slow = { initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 15 };
  const names = Object.keys(part.volumes).sort();
  const container: Container = {
    command: [part.name, ...part.flags.map(([name, value]) => `--${name}=${value}`)],
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
      volumes: names.map((name) => {
        const [path, type] = part.volumes[name] ?? ['', ''];
        return { hostPath: { path, type }, name };
      }),
    },
    status: {},
  };
}

function etcdPart({ nodeName, address }: ControlPlaneOptions): Part {
  return {
    name: 'etcd',
    image: ETCD_IMAGE,
    annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${address}:2379` },
    flags: [
      ['advertise-client-urls', `https://${address}:2379`],
      ['cert-file', `${PKI}/etcd/server.crt`],
      ['client-cert-auth', 'true'],
      ['data-dir', '/var/lib/etcd'],
      ['feature-gates', 'InitialCorruptCheck=true'],
      ['initial-advertise-peer-urls', `https://${address}:2380`],
      ['initial-cluster', `${nodeName}=https://${address}:2380`],
      ['key-file', `${PKI}/etcd/server.key`],
      ['listen-client-urls', `https://127.0.0.1:2379,https://${address}:2379`],
      ['listen-metrics-urls', 'http://127.0.0.1:2381'],
      ['listen-peer-urls', `https://${address}:2380`],
      ['name', nodeName],
      ['peer-cert-file', `${PKI}/etcd/peer.crt`],
      ['peer-client-cert-auth', 'true'],
      ['peer-key-file', `${PKI}/etcd/peer.key`],
      ['peer-trusted-ca-file', `${PKI}/etcd/ca.crt`],
      ['snapshot-count', '10000'],
      ['trusted-ca-file', `${PKI}/etcd/ca.crt`],
      ['watch-progress-notify-interval', '5s'],
    ],
    port: 2381,
    scheme: 'HTTP',
    host: '127.0.0.1',
    probes: ['/livez', '/readyz', '/readyz'],
    requests: { cpu: '100m', memory: '100Mi' },
    volumes: {
      'etcd-certs': [`${PKI}/etcd`, 'DirectoryOrCreate', true],
      'etcd-data': ['/var/lib/etcd', 'DirectoryOrCreate', true],
    },
  };
}

function apiserverPart({ address, securePort }: ControlPlaneOptions): Part {
  return {
    name: 'kube-apiserver',
    image: `registry.k8s.io/kube-apiserver:${VERSION}`,
    annotations: {
      'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${address}:${securePort}`,
    },
    flags: [
      ['advertise-address', address],
      ['allow-privileged', 'true'],
      ['authorization-mode', 'Node,RBAC'],
      ['client-ca-file', `${PKI}/ca.crt`],
      ['enable-admission-plugins', 'NodeRestriction'],
      ['enable-bootstrap-token-auth', 'true'],
      ['etcd-cafile', `${PKI}/etcd/ca.crt`],
      ['etcd-certfile', `${PKI}/apiserver-etcd-client.crt`],
      ['etcd-keyfile', `${PKI}/apiserver-etcd-client.key`],
      ['etcd-servers', 'https://127.0.0.1:2379'],
      ['kubelet-client-certificate', `${PKI}/apiserver-kubelet-client.crt`],
      ['kubelet-client-key', `${PKI}/apiserver-kubelet-client.key`],
      ['kubelet-preferred-address-types', 'InternalIP,ExternalIP,Hostname'],
      ['proxy-client-cert-file', `${PKI}/front-proxy-client.crt`],
      ['proxy-client-key-file', `${PKI}/front-proxy-client.key`],
      ['requestheader-allowed-names', 'front-proxy-client'],
      ['requestheader-client-ca-file', `${PKI}/front-proxy-ca.crt`],
      ['requestheader-extra-headers-prefix', 'X-Remote-Extra-'],
      ['requestheader-group-headers', 'X-Remote-Group'],
      ['requestheader-username-headers', 'X-Remote-User'],
      ['secure-port', String(securePort)],
      ['service-account-issuer', 'https://kubernetes.default.svc.cluster.local'],
      ['service-account-key-file', `${PKI}/sa.pub`],
      ['service-account-signing-key-file', `${PKI}/sa.key`],
      ['service-cluster-ip-range', '10.96.0.0/12'],
      ['tls-cert-file', `${PKI}/apiserver.crt`],
      ['tls-private-key-file', `${PKI}/apiserver.key`],
    ],
    port: securePort,
    scheme: 'HTTPS',
    host: address,
    probes: ['/livez', '/readyz', '/livez'],
    requests: { cpu: '250m' },
    volumes: { ...trustVolumes(), 'k8s-certs': [PKI, 'DirectoryOrCreate', false] },
  };
}

function controllerManagerPart(options: ControlPlaneOptions): Part {
  const kubeconfig = '/etc/kubernetes/controller-manager.conf';
  return {
    name: 'kube-controller-manager',
    image: `registry.k8s.io/kube-controller-manager:${VERSION}`,
    flags: [
      ['allocate-node-cidrs', 'true'],
      ['authentication-kubeconfig', kubeconfig],
      ['authorization-kubeconfig', kubeconfig],
      ['bind-address', '127.0.0.1'],
      ['client-ca-file', `${PKI}/ca.crt`],
      ['cluster-cidr', options.podNetwork],
      ['cluster-name', options.clusterName],
      ['cluster-signing-cert-file', `${PKI}/ca.crt`],
      ['cluster-signing-key-file', `${PKI}/ca.key`],
      ['controllers', options.controllers],
      ['kubeconfig', kubeconfig],
      ['leader-elect', 'true'],
      ['requestheader-client-ca-file', `${PKI}/front-proxy-ca.crt`],
      ['root-ca-file', `${PKI}/ca.crt`],
      ['service-account-private-key-file', `${PKI}/sa.key`],
      ['service-cluster-ip-range', '10.96.0.0/12'],
      ['use-service-account-credentials', 'true'],
    ],
    port: 10257,
    scheme: 'HTTPS',
    host: '127.0.0.1',
    probes: ['/healthz', undefined, '/healthz'],
    requests: { cpu: '200m' },
    volumes: {
      ...trustVolumes(),
      'k8s-certs': [PKI, 'DirectoryOrCreate', false],
      kubeconfig: [kubeconfig, 'FileOrCreate', false],
    },
  };
}

function schedulerPart(): Part {
  const kubeconfig = '/etc/kubernetes/scheduler.conf';
  return {
    name: 'kube-scheduler',
    image: `registry.k8s.io/kube-scheduler:${VERSION}`,
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
    schedulerPart(),
  ];
  const text = (part: Part): string => dump(staticPod(part), { seqNoIndent: true, lineWidth: -1 });
  return new Map(parts.map((part) => [`${part.name}.yaml`, text(part)]));
}

/** The images that a control plane needs, beside pause. */
export const CONTROL_PLANE_IMAGES: readonly string[] = [
  ETCD_IMAGE,
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(
    (name) => `registry.k8s.io/${name}:${VERSION}`,
  ),
];
