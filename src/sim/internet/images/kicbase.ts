// gcr.io/k8s-minikube/kicbase: the image of minikube's nodes where they are containers. A Debian with systemd, containerd, sshd, the
// tools of a node and Kubernetes' own programs, which the real one is given at the start. docker is there and not enabled: the real
// one starts it at boot, and minikube stops it again where another runtime is wanted.

import {
  directory,
  executable,
  executables,
  type FileDefinition,
  file,
  type ImageDefinition,
  symlink,
} from '../../containers/images/definition.ts';
import { KUBEADM_DROP_IN, SERVICES, TARGETS } from '../unit-files.ts';
import { DEFAULT_PATH } from './base.ts';
import { debianLayer } from './distributions.ts';

const LIBRARY = 'usr/lib/systemd/system';
const WANTS = 'etc/systemd/system/multi-user.target.wants';

const BIN = [
  ...['containerd', 'containerd-shim-runc-v2', 'ctr', 'crictl', 'kubelet', 'kubeadm', 'kubectl'],
  ...['systemctl', 'journalctl', 'sudo', 'curl', 'ps', 'pgrep', 'top', 'jq', 'ping', 'less', 'nc'],
  ...['docker', 'dockerd', 'docker-init', 'docker-proxy', 'cri-dockerd'],
  ...['free', 'mount', 'umount', 'findmnt', 'nsenter', 'unshare', 'lsns', 'ss', 'openssl', 'ssh'],
];
const SBIN = [
  ...['sshd', 'ip', 'iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'sysctl', 'runc'],
  ...['conntrack', 'ethtool', 'bridge', 'tc', 'ipset', 'losetup', 'modprobe'],
];
const CNI = ['bridge', 'host-local', 'loopback', 'portmap', 'ptp', 'flannel'];

/**
 * What prepares the container before systemd: docker's resolver on 127.0.0.11 is of no use to pods, so that the gateway's address
 * stands for it, in resolv.conf and in the firewall. All else that the real one does is left out.
 */
const ENTRYPOINT = `#!/bin/bash
set -o errexit

docker_embedded_dns_ip='127.0.0.11'
docker_host_ip="$(ip -4 route show default | cut -d' ' -f3)"
if [ -n "$docker_host_ip" ]; then
  sysctl -q -w net.ipv4.conf.all.route_localnet=1
  for chain in OUTPUT PREROUTING; do
    for protocol in udp tcp; do
      iptables -t nat -A $chain -d "$docker_host_ip" -p $protocol --dport 53 -j DNAT --to-destination $docker_embedded_dns_ip:53
    done
  done
  sed -e "s/$docker_embedded_dns_ip/$docker_host_ip/g" /etc/resolv.conf > /run/resolv.conf
  cat /run/resolv.conf > /etc/resolv.conf
  rm /run/resolv.conf
fi

exec "$@"
`;

function files(): FileDefinition[] {
  return [
    ...executables('usr/bin', BIN),
    ...executables('usr/sbin', SBIN),
    file('usr/local/bin/entrypoint', ENTRYPOINT, 0o755),
    directory('usr/lib/systemd'),
    directory(LIBRARY),
    executable('usr/lib/systemd/systemd', 'systemd'),
    symlink('usr/sbin/init', '/usr/lib/systemd/systemd'),
    ...Object.entries(TARGETS).map(([name, text]) => file(`${LIBRARY}/${name}`, text)),
    symlink(`${LIBRARY}/default.target`, 'multi-user.target'),
    directory('etc/systemd'),
    directory('etc/systemd/system'),
    directory(WANTS),
    ...(['containerd', 'ssh', 'kubelet'] as const).flatMap((name) => [
      file(`${LIBRARY}/${name}.service`, SERVICES[name]),
      symlink(`${WANTS}/${name}.service`, `/lib/systemd/system/${name}.service`),
    ]),
    ...(['docker', 'cri-docker'] as const).map((name) =>
      file(`${LIBRARY}/${name}.service`, SERVICES[name]),
    ),
    directory('etc/docker'),
    directory(`${LIBRARY}/kubelet.service.d`),
    file(`${LIBRARY}/kubelet.service.d/10-kubeadm.conf`, KUBEADM_DROP_IN),
    directory('opt/cni'),
    directory('opt/cni/bin'),
    ...CNI.map((name) => executable(`opt/cni/bin/${name}`, `cni-${name}`)),
    file(
      'etc/crictl.yaml',
      'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n',
    ),
    directory('etc/cni'),
    directory('etc/cni/net.d'),
    directory('etc/kubernetes'),
    directory('etc/kubernetes/manifests'),
  ];
}

/** The images of this file. */
export const kicbaseImages: readonly ImageDefinition[] = [
  {
    repository: 'gcr.io/k8s-minikube/kicbase',
    tags: ['v0.0.48'],
    created: '2025-09-03T18:00:00Z',
    steps: [
      debianLayer,
      {
        createdBy: 'RUN /bin/sh -c clean-install containerd openssh-server systemd # buildkit',
        comment: 'buildkit.dockerfile.v0',
        layer: { compressed: 488_000_000, unpacked: 1_250_000_000, files },
      },
    ],
    config: {
      Env: [DEFAULT_PATH, 'container=docker'],
      Entrypoint: ['/usr/local/bin/entrypoint', '/sbin/init'],
      StopSignal: 'SIGRTMIN+3',
    },
  },
];
