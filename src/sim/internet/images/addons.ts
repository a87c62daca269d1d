// Images of add-ons that clusters are given beside Kubernetes' own: flannel, kindnet, kube-router.

import {
  directory,
  executable,
  executables,
  type ImageDefinition,
} from '../../containers/images/definition.ts';
import { DEFAULT_PATH } from './base.ts';
import { alpineLayer, sharedStep } from './history.ts';

const BUILDKIT = { comment: 'buildkit.dockerfile.v0' };

const alpine = sharedStep(alpineLayer('3.20.9'), '2025-07-15T11:00:00Z');

const flannel: ImageDefinition = {
  repository: 'ghcr.io/flannel-io/flannel',
  tags: ['v0.27.4', 'v0.27.3', 'v0.28.0', 'latest'],
  created: '2025-10-07T09:12:00Z',
  steps: [
    alpine,
    {
      createdBy:
        'RUN /bin/sh -c apk add --no-cache iproute2 ca-certificates nftables iptables # buildkit',
      ...BUILDKIT,
      layer: {
        compressed: 9_900_000,
        unpacked: 24_000_000,
        files: () =>
          executables('usr/sbin', ['ip', 'iptables', 'iptables-save', 'iptables-restore', 'nft']),
      },
    },
    {
      createdBy: 'COPY /build/dist/flanneld-amd64 /opt/bin/flanneld # buildkit',
      ...BUILDKIT,
      layer: {
        compressed: 20_400_000,
        unpacked: 57_000_000,
        files: () => [executable('opt/bin/flanneld')],
      },
    },
    { createdBy: 'ENTRYPOINT ["/opt/bin/flanneld"]', ...BUILDKIT },
  ],
  config: { Env: [DEFAULT_PATH], Entrypoint: ['/opt/bin/flanneld'], WorkingDir: '/' },
  otherPlatforms: [{ architecture: 'arm64', os: 'linux' }],
};

const flannelPlugin: ImageDefinition = {
  repository: 'ghcr.io/flannel-io/flannel-cni-plugin',
  tags: ['v1.8.0-flannel1', 'v1.7.1-flannel1'],
  created: '2025-09-16T14:02:00Z',
  steps: [
    alpine,
    {
      createdBy: 'COPY flannel-amd64 /flannel # buildkit',
      ...BUILDKIT,
      layer: {
        compressed: 1_300_000,
        unpacked: 2_800_000,
        files: () => [executable('flannel', 'cni-flannel')],
      },
    },
  ],
  config: { Env: [DEFAULT_PATH], WorkingDir: '/' },
  otherPlatforms: [{ architecture: 'arm64', os: 'linux' }],
};

const kubeRouter: ImageDefinition = {
  repository: 'docker.io/cloudnativelabs/kube-router',
  tags: ['latest', 'v2.5.0', 'v2.6.0'],
  created: '2025-08-23T16:40:00Z',
  steps: [
    alpine,
    {
      createdBy:
        'RUN /bin/sh -c apk add --no-cache iptables ip6tables ipset iproute2 ipvsadm conntrack-tools curl bash # buildkit',
      ...BUILDKIT,
      layer: {
        compressed: 11_300_000,
        unpacked: 28_000_000,
        files: () =>
          executables('usr/sbin', ['ip', 'iptables', 'iptables-save', 'iptables-restore', 'ipset']),
      },
    },
    {
      createdBy: 'COPY /build/kube-router /usr/local/bin/kube-router # buildkit',
      ...BUILDKIT,
      layer: {
        compressed: 22_900_000,
        unpacked: 66_000_000,
        files: () => [executable('usr/local/bin/kube-router')],
      },
    },
    { createdBy: 'ENTRYPOINT ["/usr/local/bin/kube-router"]', ...BUILDKIT },
  ],
  config: { Env: [DEFAULT_PATH], Entrypoint: ['/usr/local/bin/kube-router'], WorkingDir: '/root' },
  otherPlatforms: [{ architecture: 'arm64', os: 'linux' }],
};

/** The images of this file. */
const kindnet: ImageDefinition = {
  repository: 'docker.io/kindest/kindnetd',
  tags: ['v20250512-df8de77b'],
  created: '2025-05-12T20:40:00Z',
  steps: [
    {
      createdBy: 'COPY / / # buildkit',
      ...BUILDKIT,
      layer: {
        compressed: 41_000_000,
        unpacked: 109_000_000,
        files: () => [
          ...executables('usr/sbin', ['iptables', 'iptables-save', 'iptables-restore']),
          executable('bin/kindnetd'),
          directory('etc'),
          directory('run'),
        ],
      },
    },
    { createdBy: 'CMD ["/bin/kindnetd"]', ...BUILDKIT },
  ],
  config: { Env: [DEFAULT_PATH], Cmd: ['/bin/kindnetd'] },
};

export const addonImages: readonly ImageDefinition[] = [
  flannel,
  flannelPlugin,
  kubeRouter,
  kindnet,
];
