// Programs that a lab executes as soon as it is on: their code is fetched side by side with the lab's own, not one after
// another as each is first executed. What cannot be fetched now is fetched then.

import type { LabName } from '../sim/labs/index.ts';

type Fetch = () => Promise<unknown>;

/** What runs containers. */
const RUNTIME: readonly Fetch[] = [
  () => import('../sim/containers/programs/containerd.ts'),
  () => import('../sim/containers/programs/containerd-shim.ts'),
  () => import('../sim/containers/programs/runc.ts'),
];

/** What a node runs: its runtime, the kubelet, what makes a pod's network. */
const NODE: readonly Fetch[] = [
  ...RUNTIME,
  () => import('../sim/kubernetes/kubelet/program.ts'),
  () => import('../sim/internet/programs/pause.ts'),
  () => import('../sim/containers/cni/plugins.ts'),
  () => import('../sim/containers/cni/host-local.ts'),
  () => import('../sim/containers/cni/portmap.ts'),
  () => import('../sim/userland/programs/iptables/iptables.ts'),
  () => import('../sim/userland/programs/iptables/save-restore.ts'),
];

const CLUSTER: readonly Fetch[] = [
  ...NODE,
  () => import('../sim/kubernetes/apiserver/program.ts'),
  () => import('../sim/kubernetes/controllers/manager.ts'),
  () => import('../sim/kubernetes/scheduler/program.ts'),
  () => import('../sim/kubernetes/proxy/program.ts'),
  () => import('../sim/kubernetes/dns/program.ts'),
  () => import('../sim/kubernetes/kubectl/index.ts'),
];

const AHEAD: Partial<Readonly<Record<LabName, readonly Fetch[]>>> = {
  docker: [
    ...RUNTIME,
    () => import('../sim/docker/daemon/dockerd.ts'),
    () => import('../sim/docker/cli/docker.ts'),
  ],
  etcd: [() => import('../sim/etcd/ctl/etcdctl.ts')],
  kubeadm: CLUSTER,
  minikube: CLUSTER,
  runtime: [...RUNTIME, () => import('../sim/containers/programs/ctr/index.ts')],
};

/** Begins to fetch what a lab executes first. */
export function fetchAhead(name: LabName): void {
  for (const fetch of AHEAD[name] ?? []) fetch().catch(() => undefined);
}
