// Images of Kubernetes' own parts on registry.k8s.io: one static program each. The programs live on higher floors.

import {
  directory,
  executable,
  executables,
  file,
  type ImageDefinition,
} from '../../containers/images/definition.ts';
import type { Platform } from '../../containers/images/oci.ts';

const KUBERNETES_PLATFORMS: readonly Platform[] = ['arm64', 'ppc64le', 's390x'].map(
  (architecture) => ({
    architecture,
    os: 'linux',
  }),
);
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Accounts of a distroless base image. */
const PASSWD =
  'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nwww-data:x:101:101:www-data:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n';
const GROUP = 'root:x:0:\nnobody:x:65534:\ntty:x:5:\nwww-data:x:101:\nnonroot:x:65532:\n';

interface Part {
  readonly path: string;
  /** Where it is not registry.k8s.io. */
  readonly registry?: string;
  readonly tags: readonly string[];
  readonly where: string;
  readonly programs: readonly string[];
  readonly entrypoint?: readonly string[];
  /** The program behind the first executable, where it has another name. */
  readonly runs?: string;
  readonly user?: string;
  /** Compressed bytes. */
  readonly size: number;
}

const PARTS: readonly Part[] = [
  {
    path: 'kube-apiserver',
    tags: ['v1.36.3', 'v1.36.2', 'v1.35.0'],
    where: 'usr/local/bin',
    programs: ['kube-apiserver'],
    size: 29_100_000,
  },
  {
    path: 'kube-controller-manager',
    tags: ['v1.36.3', 'v1.36.2', 'v1.35.0'],
    where: 'usr/local/bin',
    programs: ['kube-controller-manager'],
    size: 24_600_000,
  },
  {
    path: 'kube-scheduler',
    tags: ['v1.36.3', 'v1.36.2', 'v1.35.0'],
    where: 'usr/local/bin',
    programs: ['kube-scheduler'],
    size: 18_700_000,
  },
  {
    path: 'kube-proxy',
    tags: ['v1.36.3', 'v1.36.2', 'v1.35.0'],
    where: 'usr/local/bin',
    programs: ['kube-proxy', 'iptables', 'iptables-save', 'iptables-restore', 'conntrack', 'ip'],
    size: 27_400_000,
  },
  {
    path: 'etcd',
    tags: ['3.6.8-0', '3.6.6-0'],
    where: 'usr/local/bin',
    programs: ['etcd', 'etcdctl', 'etcdutl'],
    size: 23_600_000,
  },
  {
    path: 'coredns/coredns',
    tags: ['v1.14.2', 'v1.14.1', 'v1.14.0', 'v1.13.1'],
    where: '',
    programs: ['coredns'],
    entrypoint: ['/coredns'],
    user: 'nonroot:nonroot',
    size: 23_600_000,
  },
  {
    path: 'metrics-server/metrics-server',
    tags: ['v0.9.0', 'v0.8.0'],
    where: '',
    programs: ['metrics-server'],
    entrypoint: ['/metrics-server'],
    user: '65534',
    size: 22_500_000,
  },
  {
    registry: 'k8s.gcr.io',
    path: 'metrics-server/metrics-server',
    tags: ['v0.4.2'],
    where: '',
    programs: ['metrics-server'],
    runs: 'metrics-server-0.4',
    entrypoint: ['/metrics-server'],
    user: '65534',
    size: 24_900_000,
  },
  {
    registry: 'docker.io',
    path: 'kubernetesui/dashboard',
    tags: ['v2.2.0', 'v2.7.0'],
    where: '',
    programs: ['dashboard'],
    entrypoint: ['/dashboard', '--insecure-bind-address=0.0.0.0', '--bind-address=0.0.0.0'],
    user: '1001:2001',
    size: 65_800_000,
  },
  {
    registry: 'docker.io',
    path: 'kubernetesui/metrics-scraper',
    tags: ['v1.0.6', 'v1.0.8'],
    where: '',
    programs: ['metrics-sidecar'],
    entrypoint: ['/metrics-sidecar'],
    user: '1001:2001',
    size: 13_800_000,
  },
  {
    registry: 'gcr.io',
    path: 'k8s-minikube/storage-provisioner',
    tags: ['v5'],
    where: '',
    programs: ['storage-provisioner'],
    entrypoint: ['/storage-provisioner'],
    size: 9_060_000,
  },
  {
    path: 'ingress-nginx/controller',
    tags: ['v1.14.1', 'v1.13.2', 'v1.13.3'],
    where: '',
    programs: ['nginx-ingress-controller', 'wait-shutdown', 'dumb-init'],
    entrypoint: ['/nginx-ingress-controller'],
    user: 'www-data',
    size: 104_000_000,
  },
  {
    path: 'ingress-nginx/kube-webhook-certgen',
    tags: ['v1.6.2', 'v1.6.3', 'v1.6.5'],
    where: '',
    programs: ['kube-webhook-certgen'],
    entrypoint: ['/kube-webhook-certgen'],
    user: '65532',
    size: 27_000_000,
  },
];

function image(part: Part): ImageDefinition {
  const folder = part.where === '' ? '' : `${part.where}/`;
  return {
    repository: `${part.registry ?? 'registry.k8s.io'}/${part.path}`,
    tags: part.tags,
    created: '2026-02-11T12:00:00Z',
    steps: [
      {
        createdBy: `COPY /${part.programs[0]} /${folder}${part.programs[0]} # buildkit`,
        comment: 'buildkit.dockerfile.v0',
        layer: {
          compressed: part.size,
          unpacked: Math.round(part.size * 3.2),
          files: () => {
            const where = part.where === '' ? '.' : part.where;
            const files =
              part.runs === undefined
                ? executables(where, part.programs)
                : part.programs.map((name) => executable(`${where}/${name}`, part.runs));
            const base = [directory('etc'), file('etc/passwd', PASSWD), file('etc/group', GROUP)];
            return [
              ...base,
              ...files.map((entry) => ({ ...entry, path: entry.path.replace(/^\.\//, '') })),
            ];
          },
        },
      },
    ],
    config: {
      Env: [PATH],
      ...(part.user === undefined ? {} : { User: part.user }),
      ...(part.entrypoint ? { Entrypoint: part.entrypoint } : {}),
      WorkingDir: '/',
    },
    otherPlatforms: KUBERNETES_PLATFORMS,
  };
}

/** The images of this file. */
export const kubernetesImages: readonly ImageDefinition[] = PARTS.map(image);
