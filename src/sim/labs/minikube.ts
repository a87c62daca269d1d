// The lab `minikube`: the workstation `lab` and a cluster of one node, `minikube` at 192.168.49.2, made the way minikube has
// kubeadm make it.

import type { Simulation } from '../core/simulation.ts';
import { SECOND } from '../core/time.ts';
import { connectInternet, NAME_SERVER } from '../internet/hosts.ts';
import type { Link } from '../kernel/network/link.ts';
import { Switch } from '../kernel/network/switch.ts';
import { forgetStart, installAddons } from '../kubernetes/kubeadm/install.ts';
import { nodeFiles, planMinikube, workstationFiles } from '../kubernetes/minikube/files.ts';
import { minikubeObjects } from '../kubernetes/minikube/objects.ts';
import { debianDisk } from './base.ts';
import { clusterFamilies, createNode } from './cluster-node.ts';
import { plugIn } from './nic.ts';
import { clusterObjectsOf } from './cluster-objects.ts';
import type { LabOptions, LabParts } from './lab.ts';
import { keysLook } from './looks/etcd.ts';
import { imagesLook } from './looks/images.ts';
import { createMachine } from './machine.ts';
import { installPackaging } from './packaging.ts';

const NODE = '192.168.49.2';
const LAB = '192.168.49.3';
const GATEWAY = '192.168.49.1';
/** When the cluster has settled: every pod of kube-system is ready, and the provisioner of volumes has reached the API server. */
const SETTLED = 36 * SECOND;

/** Switches the lab on. */
export function minikubeLab(simulation: Simulation, _options: LabOptions): LabParts {
  const wire = new Switch(simulation, 'minikube');
  const hosts = [
    `${NODE}\tminikube control-plane.minikube.internal`,
    `${GATEWAY}\thost.minikube.internal`,
  ];
  const plan = planMinikube(simulation.seed, NODE);
  const { machine: node } = createNode(simulation, {
    name: 'minikube',
    address: NODE,
    gateway: GATEWAY,
    hosts,
    wire,
    files: nodeFiles(plan),
    start(init) {
      init.fork((child) => installAddons(child, minikubeObjects(plan)));
      init.fork(forgetStart);
    },
  });
  const disk = debianDisk({
    hostname: 'lab',
    families: clusterFamilies,
    hosts,
    nameservers: [NAME_SERVER],
  });
  installPackaging(disk);
  for (const [path, text] of workstationFiles(plan)) disk.file(path, text, 0o600);
  let nic: Link | undefined;
  const lab = createMachine(simulation, {
    name: 'lab',
    disk,
    *start(init) {
      if (nic) plugIn(init, nic, LAB, GATEWAY);
    },
  });
  nic = wire.attach(lab.kernel.first.net, 'eth0');
  connectInternet(simulation, wire, `${GATEWAY}/24`, node.kernel.programs);
  return {
    machines: [lab, node],
    shell: lab,
    directory: '/root',
    environment: { MINIKUBE_DRIVER: 'ssh', MINIKUBE_SSH_IP_ADDRESS: NODE },
    settleFor: SETTLED,
    clusterObjects: () => clusterObjectsOf(node.kernel),
    looks: { keys: () => keysLook([node.kernel]), images: () => imagesLook(node) },
  };
}
