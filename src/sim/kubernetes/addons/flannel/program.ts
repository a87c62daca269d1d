// flanneld --kube-subnet-mgr: a node's range of pod addresses is the one in its spec; what the others need to know is in
// annotations of its Node. Backends vxlan and host-gw; IPv6, etcd as the store and network policies are left out.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { formatPrefix } from '../../../kernel/network/address.ts';
import type { Link } from '../../../kernel/network/link.ts';
import { type Main, program } from '../../../userland/libc/stdio.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { resources } from '../../api/client-resources.ts';
import type { Node } from '../../api/types/node.ts';
import { networkClient } from '../../component/connect.ts';
import { type Flags, parseFlags } from '../../component/flags.ts';
import { inClusterConfig, readText } from '../../component/kubeconfig.ts';
import { klog } from '../../component/klog.ts';
import { endOnSignals } from '../../component/signals.ts';
import { ControllerContext } from '../../controllers/context.ts';
import { threadSpawn } from '../../controllers/manager.ts';
import {
  addLease,
  externalLink,
  type Lease,
  type NetworkConf,
  rangeOf,
  removeLease,
  VNI,
  vxlanLink,
  writeSubnetFile,
} from './backend.ts';
import { installRules } from './rules.ts';

const PREFIX = 'flannel.alpha.coreos.com';
const CONFIG = '/etc/kube-flannel/net-conf.json';

/** What another node's annotations say; undefined where it has none yet. */
function leaseOf(node: Node): Lease | undefined {
  const annotations = node.metadata.annotations ?? {};
  const subnet = rangeOf(node.spec?.podCIDR);
  const publicIp = annotations[`${PREFIX}/public-ip`];
  if (!subnet || !publicIp || annotations[`${PREFIX}/kube-subnet-manager`] !== 'true')
    return undefined;
  const data = annotations[`${PREFIX}/backend-data`] ?? 'null';
  const mac = (JSON.parse(data) as { VtepMAC?: string } | null)?.VtepMAC;
  return { subnet, publicIp, mac };
}

function* ownNode(main: Main, client: ApiClient): Routine<Node | string> {
  const { environment } = main.process;
  let name = environment.get('NODE_NAME');
  if (!name) {
    const [namespace = '', own = ''] = [
      environment.get('POD_NAMESPACE'),
      environment.get('POD_NAME'),
    ];
    const pod = yield* client.get(resources.pods, namespace, own);
    if (pod instanceof Refusal)
      return `error retrieving pod spec for '${namespace}/${own}': ${pod.message}`;
    name = pod.spec.nodeName ?? '';
  }
  const node = yield* client.get(resources.nodes, '', name);
  return node instanceof Refusal ? node.message : node;
}

/** Tells the others how to reach this node's pods. */
function* announce(
  client: ApiClient,
  node: Node,
  type: string,
  link: Link,
  ip: string,
): Routine<string | undefined> {
  const data = type === 'vxlan' ? JSON.stringify({ VNI: link.tag, VtepMAC: link.mac }) : 'null';
  const annotations = {
    [`${PREFIX}/backend-data`]: data,
    [`${PREFIX}/backend-type`]: type,
    [`${PREFIX}/kube-subnet-manager`]: 'true',
    [`${PREFIX}/public-ip`]: ip,
  };
  const patch = { metadata: { annotations } };
  const options = { subresource: 'status' };
  const name = node.metadata.name ?? '';
  const done = yield* client.patch(resources.nodes, '', name, 'strategic', patch, options);
  return done instanceof Refusal ? done.message : undefined;
}

function* networkIsUp(main: Main, client: ApiClient, node: Node): Routine<void> {
  const now = new Date(epochMilliseconds(main.process.now)).toISOString().replace(/\.\d+/, '');
  const condition = {
    type: 'NetworkUnavailable',
    status: 'False',
    reason: 'FlannelIsUp',
    message: 'Flannel is running on this node',
    lastTransitionTime: now,
    lastHeartbeatTime: now,
  };
  const patch = { status: { conditions: [condition] } };
  const options = { subresource: 'status' };
  const name = node.metadata.name ?? '';
  yield* client.patch(resources.nodes, '', name, 'strategic', patch, options);
}

/** Follows the other nodes for as long as it runs. */
function* followNodes(main: Main, client: ApiClient, own: string, link: Link): Routine<never> {
  const { process } = main;
  const context = new ControllerContext(process.simulation, client, threadSpawn(process));
  const nodes = context.informer(resources.nodes);
  nodes.onChange((after, before) => {
    if ((after ?? before)?.metadata.name === own) return;
    const lease = after && leaseOf(after);
    const old = before && leaseOf(before);
    if (JSON.stringify(lease) === JSON.stringify(old)) return;
    if (old) removeLease(process, link, old);
    if (lease) addLease(process, link, lease);
  });
  for (;;) yield* process.pause();
}

function* fail(main: Main, where: string, message: string): Routine<number> {
  yield* klog(main, 'E', where, message);
  return 1;
}

function* run(main: Main, flags: Flags): Routine<number> {
  const { process } = main;
  endOnSignals(process, 0);
  const config = yield* inClusterConfig(process);
  if (typeof config === 'string')
    return yield* fail(main, 'main.go:228', `Failed to create SubnetManager: ${config}`);
  const client = networkClient(process, config, 'flanneld');
  const node = yield* ownNode(main, client);
  if (typeof node === 'string')
    return yield* fail(main, 'main.go:228', `Failed to create SubnetManager: ${node}`);
  const text = yield* readText(process, flags.get('net-config-path') ?? CONFIG);
  if (isErrno(text))
    return yield* fail(
      main,
      'main.go:228',
      `Failed to create SubnetManager: failed to read net conf: open ${CONFIG}: ${text.message.toLowerCase()}`,
    );
  const network = JSON.parse(text) as NetworkConf;
  const type = network.Backend?.Type ?? 'udp';
  if (type !== 'vxlan' && type !== 'host-gw')
    return yield* fail(
      main,
      'main.go:281',
      `Error fetching backend: drydock: flannel's backend ${type} is not simulated`,
    );
  const name = node.metadata.name ?? '';
  const subnet = rangeOf(node.spec?.podCIDR);
  if (!subnet)
    return yield* fail(
      main,
      'main.go:359',
      `Error registering network: failed to acquire lease: node "${name}" pod cidr not assigned`,
    );
  const address = node.status?.addresses?.find((one) => one.type === 'InternalIP')?.address ?? '';
  const external = externalLink(process, address);
  if (!external)
    return yield* fail(
      main,
      'main.go:265',
      `Failed to find any valid interface to use: failed to find IPv4 address for interface`,
    );
  yield* klog(
    main,
    'I',
    'match.go:269',
    `Using interface with name ${external.link.name} and address ${address}`,
  );
  const vni = network.Backend?.VNI ?? VNI;
  const link = type === 'vxlan' ? vxlanLink(process, external, subnet, vni) : external.link;
  if (isErrno(link))
    return yield* fail(
      main,
      'main.go:359',
      `Error registering network: ${link.message.toLowerCase()}`,
    );
  const refused = yield* announce(client, node, type, link, address);
  if (refused !== undefined)
    return yield* fail(
      main,
      'main.go:359',
      `Error registering network: failed to acquire lease: ${refused}`,
    );
  const masquerades = flags.get('ip-masq') === 'true';
  yield* installRules(process, network.Network, formatPrefix(subnet), masquerades);
  writeSubnetFile(process, network.Network, subnet, link.mtu, masquerades);
  yield* klog(main, 'I', 'main.go:407', 'Wrote subnet file to /run/flannel/subnet.env');
  yield* klog(main, 'I', 'main.go:411', 'Running backend.');
  yield* networkIsUp(main, client, node);
  return yield* followNodes(main, client, name, link);
}

export const flanneld = program('flanneld', (main) =>
  run(main, parseFlags(main.args, ['ip-masq', 'kube-subnet-mgr'])),
);
