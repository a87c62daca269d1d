// What each lab executes when it is switched on and first used (scripts/lab-scripts.ts): modules of src/sim beside the
// lab's own, and `part:` with a group of scripts/distant-parts-list.ts. `npm run bench -- site` says what a lab fetches.

import type { LabName } from '../src/sim/labs/index.ts';

const SHELL = [
  'userland/programs/coreutils/cat.ts',
  'userland/programs/coreutils/ls.ts',
  'userland/programs/procps/ps.ts',
];

const RUNTIME = [
  'containers/programs/containerd.ts',
  'containers/programs/containerd-shim.ts',
  'containers/programs/runc.ts',
];

const CLUSTER = [
  ...RUNTIME,
  'kubernetes/kubelet/program.ts',
  'kubernetes/apiserver/program.ts',
  'kubernetes/controllers/manager.ts',
  'kubernetes/scheduler/program.ts',
  'kubernetes/proxy/program.ts',
  'kubernetes/dns/program.ts',
  'kubernetes/kubectl/index.ts',
  'internet/programs/pause.ts',
  'containers/cni/plugins.ts',
  'containers/cni/host-local.ts',
  'containers/cni/portmap.ts',
  'userland/programs/iptables/iptables.ts',
  'userland/programs/iptables/save-restore.ts',
  'kubernetes/remote/program.ts',
];

export const LAB_SCRIPTS: Readonly<Record<LabName, readonly string[]>> = {
  docker: [
    ...RUNTIME,
    'docker/daemon/dockerd.ts',
    'docker/cli/docker.ts',
    'part:docker/registry',
    'part:containerd/registry',
    'part:internet/registries',
    'internet/programs/hello-world.ts',
  ],
  etcd: ['etcd/ctl/etcdctl.ts'],
  kubeadm: [...CLUSTER, 'part:systemd/answer', 'userland/programs/systemd/systemctl.ts'],
  lan: [
    'part:shell/invoke',
    'part:shell/test',
    'internet/programs/mysqld.ts',
    'userland/programs/busybox/index.ts?whole',
    'userland/programs/busybox/init.ts',
    'userland/programs/busybox/ps.ts',
    'userland/programs/busybox/umount.ts',
    'userland/programs/coreutils/create.ts',
    'userland/programs/iproute2/ip.ts',
    'userland/programs/network/index.ts?whole',
    'userland/programs/network/curl/curl.ts',
    'userland/programs/network/dns-tools.ts',
    'userland/programs/network/nc.ts',
    'userland/programs/network/net-tools.ts',
    'userland/programs/network/nslookup.ts',
    'userland/programs/network/ping.ts',
    'userland/programs/network/tcpdump.ts',
    'userland/programs/network/traceroute.ts',
    'userland/programs/network/wget.ts',
  ],
  linux: SHELL,
  machines: [
    ...SHELL,
    'containers/programs/containerd.ts',
    'kubernetes/kubelet/program.ts',
    'kubernetes/remote/program.ts',
  ],
  minikube: [...CLUSTER, 'kubernetes/addons/storage-provisioner.ts'],
  runtime: [...RUNTIME, 'containers/programs/ctr/index.ts', 'containers/programs/crictl/index.ts'],
};
