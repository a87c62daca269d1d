// The lab `machines`: three bare machines 192.168.56.10 to .12 with containerd, kubelet, kubeadm and kubectl installed, where no
// cluster is yet. What `kubeadm init` and `kubeadm join` do here is what the lab `kubeadm` is switched on with.

import type { Simulation } from '../core/simulation.ts';
import { SECOND } from '../core/time.ts';
import { connectInternet } from '../internet/hosts.ts';
import { Switch } from '../kernel/network/switch.ts';
import { createNode } from './cluster-node.ts';
import { clusterObjectsOf } from './cluster-objects.ts';
import type { LabOptions, LabParts } from './lab.ts';
import { GATEWAY, HOSTS_FILE, MACHINES } from './three-machines.ts';

/** Switches the lab on. */
export function machinesLab(simulation: Simulation, _options: LabOptions): LabParts {
  const wire = new Switch(simulation, 'machines');
  const machines = Object.entries(MACHINES).map(([name, address]) => {
    const files = new Map([['/etc/hosts', HOSTS_FILE]]);
    const plan = { name, address, gateway: GATEWAY, hosts: [], wire, files, start() {} };
    return createNode(simulation, plan).machine;
  });
  const [shell] = machines;
  if (!shell) throw new Error('the lab has no machines');
  connectInternet(simulation, wire, `${GATEWAY}/24`, shell.kernel.programs);
  return {
    machines,
    shell,
    directory: '/root',
    settleFor: SECOND,
    clusterObjects: () => clusterObjectsOf(shell.kernel),
  };
}
