// The lab `kubeadm`: three machines 192.168.56.10 to .12 after `kubeadm init` on controlplane and two joins, with a pod
// network of a /24 for each node and routes between them.

import type { Simulation } from '../core/simulation.ts';
import { writeWholeFile } from '../containers/containerd/daemon.ts';
import { encode } from '../core/text.ts';
import { SECOND } from '../core/time.ts';
import type { Routine } from '../core/wait.ts';
import { connectInternet } from '../internet/hosts.ts';
import type { Process } from '../kernel/calls/process.ts';
import { parseIp, parsePrefix } from '../kernel/network/address.ts';
import type { Link } from '../kernel/network/link.ts';
import type { Outside } from '../kernel/network/outside.ts';
import { Switch } from '../kernel/network/switch.ts';
import { initFiles, joinFiles, planCluster } from '../kubernetes/kubeadm/files.ts';
import { forgetStart, installAddons } from '../kubernetes/kubeadm/install.ts';
import { initInstallation } from '../kubernetes/kubeadm/cluster-objects.ts';
import { createNode } from './cluster-node.ts';
import { clusterObjectsOf } from './cluster-objects.ts';
import { keysLook } from './looks/etcd.ts';
import { imagesLook } from './looks/images.ts';
import type { LabOptions, LabParts } from './lab.ts';
import type { Machine } from './machine.ts';
import { GATEWAY, HOSTS_FILE, MACHINES } from './three-machines.ts';

/** When the cluster has settled: every pod of kube-system is ready. */
const SETTLED = 25 * SECOND;
/** The machines join one after another, when the first one's CoreDNS has found its place. */
const JOIN = 4 * SECOND;

function podSubnet(index: number): string {
  return `10.244.${index}.0/24`;
}

/**
 * The bridge network of one node. Pods speak under their own addresses wherever they go, as policies that select pods
 * need it.
 */
export function nodeNetwork(index: number): string {
  return `${JSON.stringify(
    {
      cniVersion: '1.0.0',
      name: 'cbr0',
      plugins: [
        {
          type: 'bridge',
          bridge: 'cni0',
          isDefaultGateway: true,
          ipMasq: false,
          hairpinMode: true,
          ipam: { type: 'host-local', ranges: [[{ subnet: podSubnet(index) }]] },
        },
        { type: 'portmap', capabilities: { portMappings: true } },
      ],
    },
    null,
    2,
  )}\n`;
}

/** Routes to the pods of the other nodes. */
function addRoutes(init: Process, nic: Link, own: number): void {
  for (const [i, address] of Object.values(MACHINES).entries()) {
    const via = parseIp(address);
    const to = parsePrefix(podSubnet(i));
    if (i === own || via === undefined || to === undefined) continue;
    init.netlink().addRoute({ to, via, link: nic });
  }
}

/** The router before the machines knows the pods' networks too, so that answers from outside find back to them. */
function routeBack(outside: Outside): void {
  for (const [i, address] of Object.values(MACHINES).entries()) {
    const via = parseIp(address);
    const to = parsePrefix(podSubnet(i));
    if (via !== undefined && to !== undefined) outside.route(to, via);
  }
}

const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';
/** The workers join once the first node is ready, so that CoreDNS has found its place there. */
const JOIN_AT = 8 * SECOND;

/** The last step of a join: the kubelet gets its credentials. */
function* join(child: Process, credentials: string): Routine<number> {
  yield* child.sleep(JOIN_AT);
  writeWholeFile(child, KUBELET_CONF, encode(credentials), 0o600);
  child.exec('/usr/bin/systemctl', ['systemctl', 'restart', 'kubelet'], child.environment);
  return 1;
}

/** Switches the lab on. */
export function kubeadmLab(simulation: Simulation, _options: LabOptions): LabParts {
  const wire = new Switch(simulation, 'kubeadm');
  const [first = '', address = ''] = Object.entries(MACHINES)[0] ?? [];
  const plan = planCluster(simulation.seed, first, address);
  const nics: Link[] = [];
  const machines = Object.entries(MACHINES).map(([name, ip], index): Machine => {
    const files = index === 0 ? initFiles(plan) : joinFiles(plan, name);
    files.set('/etc/hosts', HOSTS_FILE);
    files.set('/etc/cni/net.d/10-bridge.conflist', nodeNetwork(index));
    const credentials = files.get(KUBELET_CONF) ?? '';
    if (index > 0) files.delete(KUBELET_CONF);
    const { machine, nic } = createNode(simulation, {
      name,
      address: ip,
      gateway: GATEWAY,
      hosts: [],
      wire,
      files,
      joinsAfter: index * JOIN,
      start(init) {
        const own = nics[index];
        if (own) addRoutes(init, own, index);
        if (index > 0) init.fork((child) => join(child, credentials));
        else {
          init.fork((child) => installAddons(child, initInstallation(plan)));
          init.fork(forgetStart);
        }
      },
    });
    nics[index] = nic;
    return machine;
  });
  const [shell] = machines;
  if (!shell) throw new Error('the lab has no machines');
  routeBack(connectInternet(simulation, wire, `${GATEWAY}/24`, shell.kernel.programs));
  return {
    machines,
    shell,
    directory: '/root',
    settleFor: SETTLED,
    clusterObjects: () => clusterObjectsOf(shell.kernel),
    looks: {
      keys: () => keysLook([shell.kernel]),
      images: () => machines.flatMap(imagesLook),
    },
  };
}
