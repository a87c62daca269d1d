// What the nodes of clusters have in common: containerd, a kubelet, CNI plugins, the images of the recordings, an address on
// the cluster's switch.

import type { Simulation } from '../core/simulation.ts';
import { cniPrograms, containerPrograms } from '../containers/programs/index.ts';
import { etcdPrograms } from '../etcd/programs.ts';
import { findLocalImage } from '../internet/local-images.ts';
import { debianPackaging } from '../internet/programs/apt/index.ts';
import { imagePrograms } from '../internet/programs/index.ts';
import { languageFamily } from '../userland/languages/index.ts';
import type { Link } from '../kernel/network/link.ts';
import type { Process } from '../kernel/calls/process.ts';
import type { Switch } from '../kernel/network/switch.ts';
import {
  helmPrograms,
  kubectlPrograms,
  minikubePrograms,
  remotePrograms,
} from '../kubernetes/client-programs.ts';
import { isSecret } from '../kubernetes/kubeadm/files.ts';
import { CONTROL_PLANE_IMAGES } from '../kubernetes/kubeadm/manifests.ts';
import { controlPlanePrograms, kubernetesPrograms } from '../kubernetes/programs.ts';
import { debianDisk, type DiskBuilder } from './base.ts';
import { createMachine, type Machine } from './machine.ts';
import { plugIn } from './nic.ts';
import { toolFamilies } from './programs.ts';
import { installCniPlugins, preloadImages } from './container-machine.ts';
import { installPackaging } from './packaging.ts';

/** Whose programs the machines of a cluster have. */
export const clusterFamilies = [
  ...toolFamilies,
  containerPrograms,
  cniPrograms,
  imagePrograms,
  languageFamily,
  debianPackaging,
  etcdPrograms,
  kubernetesPrograms,
  controlPlanePrograms,
  kubectlPrograms,
  helmPrograms,
  minikubePrograms,
  remotePrograms,
];

const NODE_MEMORY = 24 * 1024 ** 3;
const CRICTL =
  'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n';

/** Images that are on every node of the recordings. */
const IMAGES: readonly string[] = [
  'busybox:1.36',
  'busybox',
  'nginx:1.27',
  'nginx:1.28',
  'nginx',
  'redis:7',
  'redis',
  'debian:12',
  'debian',
  'curlimages/curl:8.10.1',
  'nicolaka/netshoot',
  'gcr.io/google-samples/hello-app:1.0',
  'gcr.io/google-samples/hello-app:2.0',
  'gcr.io/k8s-minikube/storage-provisioner:v5',
  'registry.k8s.io/metrics-server/metrics-server:v0.9.0',
  'registry.k8s.io/pause:3.10.2',
  'registry.k8s.io/coredns/coredns:v1.14.1',
  ...CONTROL_PLANE_IMAGES,
];

/** A node before it is switched on. */
export interface NodePlan {
  readonly name: string;
  readonly address: string;
  readonly gateway: string;
  readonly hosts: readonly string[];
  readonly wire: Switch;
  /** Files of its disk beyond the usual. */
  readonly files: ReadonlyMap<string, string>;
  /** How long after the others it is switched on. */
  readonly joinsAfter?: number;
  /** What init does after the network, before the units. */
  readonly start: (init: Process) => void;
}

/** Writes /var/lib/kubelet and the like. */
function prepare(disk: DiskBuilder, plan: NodePlan): void {
  installPackaging(disk);
  installCniPlugins(disk);
  disk.file('/etc/crictl.yaml', CRICTL);
  for (const path of [
    '/etc/cni/net.d',
    '/etc/kubernetes/manifests',
    '/var/lib/kubelet',
    '/var/log/pods',
    '/var/log/containers',
  ]) {
    disk.directory(path);
  }
  for (const [path, text] of plan.files) disk.file(path, text, isSecret(path) ? 0o600 : 0o644);
  preloadImages(disk, { 'k8s.io': IMAGES }, findLocalImage);
}

/** Makes a node of a cluster. */
export function createNode(
  simulation: Simulation,
  plan: NodePlan,
): { machine: Machine; nic: Link } {
  const disk = debianDisk({
    hostname: plan.name,
    families: clusterFamilies,
    hosts: plan.hosts,
    services: ['containerd', 'ssh', 'kubelet'],
    nameservers: [plan.gateway],
  });
  prepare(disk, plan);
  let nic: Link | undefined;
  const machine = createMachine(simulation, {
    name: plan.name,
    disk,
    memory: NODE_MEMORY,
    *start(init) {
      // /etc/sysctl.d/k8s.conf: packets are passed on, and bridged ones see the firewall (br_netfilter).
      init.network.settings.forwarding = true;
      init.network.settings.bridgeNetfilter = true;
      if (nic) plugIn(init, nic, plan.address, plan.gateway);
      if (plan.joinsAfter) yield* init.sleep(plan.joinsAfter);
      plan.start(init);
    },
  });
  nic = plan.wire.attach(machine.kernel.first.net, 'eth0');
  return { machine, nic };
}
