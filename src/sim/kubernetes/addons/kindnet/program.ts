// kindnetd: the pod network of kind, and of minikube where it has several nodes. Each node's range of pod addresses is the one
// in its spec: the daemon writes a CNI configuration for it (ptp), routes to the other nodes' ranges through their addresses,
// and rules by which packets that leave the pods' network are masqueraded. IPv6 and network policies are left out.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { writeWholeFile } from '../../../containers/containerd/daemon.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { parseIp, parsePrefix } from '../../../kernel/network/address.ts';
import { TABLE_MAIN } from '../../../kernel/network/routes.ts';
import { type Main, program } from '../../../userland/libc/stdio.ts';
import { resources } from '../../api/client-resources.ts';
import type { Node } from '../../api/types/node.ts';
import { networkClient } from '../../component/connect.ts';
import { inClusterConfig } from '../../component/kubeconfig.ts';
import { endOnSignals } from '../../component/signals.ts';
import { ControllerContext } from '../../controllers/context.ts';
import { threadSpawn } from '../../controllers/manager.ts';
import { iptables } from '../flannel/rules.ts';

const CONFIG = '/etc/cni/net.d/10-kindnet.conflist';
const CHAIN = 'KIND-MASQ-AGENT';
const AGENT = 'kind-masq-agent';

function networkText(podCidr: string, mtu: number): string {
  return `
{
	"cniVersion": "0.3.1",
	"name": "kindnet",
	"plugins": [
	{
		"type": "ptp",
		"ipMasq": false,
		"ipam": {
			"type": "host-local",
			"dataDir": "/run/cni-ipam-state",
			"routes": [
				{ "dst": "0.0.0.0/0" }
			],
			"ranges": [
				[ { "subnet": "${podCidr}" } ]
			]
		}
		,
		"mtu": ${mtu}
	},
	{
		"type": "portmap",
		"capabilities": {
			"portMappings": true
		}
	}
	]
}
`;
}

/** Packets to anything but pods and this node leave with the node's address. */
function* masquerade(process: Process, podSubnet: string): Routine<void> {
  const nat = ['-t', 'nat'];
  const comment = (text: string): string[] => ['-m', 'comment', '--comment', text];
  const why = `${AGENT}: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom ${CHAIN} chain`;
  const types = ['-m', 'addrtype', '!', '--dst-type', 'LOCAL'];
  const jump = ['POSTROUTING', ...types, ...comment(why), '-j', CHAIN];
  if (!(yield* iptables(process, [...nat, '-N', CHAIN])))
    yield* iptables(process, [...nat, '-F', CHAIN]);
  if (!(yield* iptables(process, [...nat, '-C', ...jump])))
    yield* iptables(process, [...nat, '-A', ...jump]);
  const local = comment(`${AGENT}: local traffic is not subject to MASQUERADE`);
  yield* iptables(process, [...nat, '-A', CHAIN, '-d', podSubnet, ...local, '-j', 'RETURN']);
  const rest = comment(
    'ip-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)',
  );
  yield* iptables(process, [...nat, '-A', CHAIN, ...rest, '-j', 'MASQUERADE']);
}

function internalIp(node: Node): string {
  return node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
}

/** A route to another node's pods, through its address. */
function route(main: Main, node: Node, gone: boolean): void {
  const { process, out } = main;
  const subnet = parsePrefix(node.spec?.podCIDR ?? '');
  const via = parseIp(internalIp(node));
  if (!subnet || via === undefined) return;
  const netlink = process.netlink();
  if (gone) {
    netlink.removeRoute(
      ({ to }) => to.address === subnet.address && to.length === subnet.length,
      TABLE_MAIN,
    );
    return;
  }
  const link = process.network.link('eth0');
  if (!link) return;
  out.put(`Node ${node.metadata.name} has CIDR [${node.spec?.podCIDR}] \n`);
  netlink.addRoute({ to: subnet, via, link }, 'replace');
}

/** What a node means for this one: its own range is written down, another's is routed to. */
function follow(
  main: Main,
  hostIp: string,
  after: Node | undefined,
  before: Node | undefined,
): void {
  const node = after ?? before;
  const podCidr = node?.spec?.podCIDR ?? '';
  if (!node || podCidr === '') return;
  const facts = (one: Node | undefined): string =>
    one ? `${internalIp(one)} ${one.spec?.podCIDR ?? ''}` : '';
  if (facts(after) === facts(before)) return;
  if (internalIp(node) !== hostIp) {
    main.out.put(`Handling node with IPs: map[${internalIp(node)}:{}]\n`);
    route(main, node, after === undefined);
    return;
  }
  main.out.put('handling current node\n');
  if (!after) return;
  const mtu = main.process.network.link('eth0')?.mtu ?? 1500;
  writeWholeFile(main.process, CONFIG, encode(networkText(podCidr, mtu)));
}

function* run(main: Main): Routine<number> {
  const { process } = main;
  endOnSignals(process, 0);
  const hostIp = process.environment.get('HOST_IP') ?? '';
  const podIp = process.environment.get('POD_IP') ?? '';
  const config = yield* inClusterConfig(process);
  if (typeof config === 'string') {
    main.err.put(`panic: ${config}\n`);
    return 2;
  }
  main.out.put(`hostIP = ${hostIp}\npodIP = ${podIp}\n`);
  if (hostIp !== podIp) {
    main.err.put(
      `panic: hostIP(= "${hostIp}") != podIP(= "${podIp}") but must be running with host network: \n`,
    );
    return 2;
  }
  yield* masquerade(process, process.environment.get('POD_SUBNET') ?? '');
  const client = networkClient(process, config, 'kindnetd');
  const context = new ControllerContext(process.simulation, client, threadSpawn(process));
  context.informer(resources.nodes).onChange((after, before) => {
    follow(main, hostIp, after, before);
    threadSpawn(process)(main.out.flush());
  });
  for (;;) yield* process.pause();
}

export const kindnetd = program('kindnetd', (main) => run(main));
