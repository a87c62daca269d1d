// The rules that dockerd writes with iptables: its chains, those of each bridge, those of each published port.

import type { Netfilter } from '../../../kernel/network/netfilter/netfilter.ts';
import { readCommand } from '../../../userland/programs/iptables/command.ts';
import { Problem } from '../../../userland/programs/iptables/problem.ts';
import {
  addRules,
  chainNamed,
  newUserChain,
  removeRule,
  setPolicy,
  userChains,
} from '../../../userland/programs/iptables/tables.ts';

/** Runs one iptables command line; what is refused (a rule that is gone already) stays as it is. */
function iptables(netfilter: Netfilter, line: string): void {
  const { table, action, chain = '', number, word, draft } = readCommand(line.split(' '));
  try {
    if (action === 'new') newUserChain(netfilter, table, chain);
    else if (action === 'policy') setPolicy(netfilter, table, chain, word ?? '');
    else {
      chainNamed(netfilter, table, chain);
      for (const rule of draft.rules(userChains(netfilter, table))) {
        if (action === 'delete') removeRule(netfilter, table, chain, rule, false);
        else
          addRules(
            netfilter,
            table,
            chain,
            [rule],
            action === 'insert' ? (number ?? 1) : undefined,
          );
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
  }
}

const CHAINS = [
  '-N DOCKER',
  '-N DOCKER-BRIDGE',
  '-N DOCKER-CT',
  '-N DOCKER-FORWARD',
  '-N DOCKER-INTERNAL',
  '-N DOCKER-USER',
  '-A FORWARD -j DOCKER-USER',
  '-A FORWARD -j DOCKER-FORWARD',
  '-A DOCKER-FORWARD -j DOCKER-CT',
  '-A DOCKER-FORWARD -j DOCKER-INTERNAL',
  '-A DOCKER-FORWARD -j DOCKER-BRIDGE',
  '-t nat -N DOCKER',
  '-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
  '-t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
];

/** Packets are passed on only where a rule says so: for a machine that passed none on before the daemon. */
export function closeForwarding(netfilter: Netfilter): void {
  iptables(netfilter, '-P FORWARD DROP');
}

/** The chains that stand as long as the daemon runs. */
export function writeChains(netfilter: Netfilter): void {
  for (const line of CHAINS) {
    // What an earlier daemon left goes first.
    if (/(^| )-A /.test(line)) iptables(netfilter, line.replace(/(^| )-A /, '$1-D '));
    iptables(netfilter, line);
  }
}

interface BridgeRules {
  readonly bridge: string;
  readonly subnet: string;
  readonly internal: boolean;
}

function bridgeRules({ bridge, subnet, internal }: BridgeRules): string[] {
  if (internal) {
    return [
      `DOCKER-INTERNAL ! -s ${subnet} -o ${bridge} -j DROP`,
      `DOCKER-INTERNAL ! -d ${subnet} -i ${bridge} -j DROP`,
      `DOCKER-FORWARD -i ${bridge} -o ${bridge} -j ACCEPT`,
    ];
  }
  return [
    `DOCKER ! -i ${bridge} -o ${bridge} -j DROP`,
    `DOCKER-BRIDGE -o ${bridge} -j DOCKER`,
    `DOCKER-CT -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `DOCKER-FORWARD -i ${bridge} -j ACCEPT`,
    `POSTROUTING -t nat -s ${subnet} ! -o ${bridge} -j MASQUERADE`,
  ];
}

/** Writes or removes the rules of a bridge. */
export function changeBridgeRules(netfilter: Netfilter, bridge: BridgeRules, add: boolean): void {
  for (const rule of bridgeRules(bridge)) iptables(netfilter, `${add ? '-A' : '-D'} ${rule}`);
}

/** A port of the host that leads to one of a container. */
export interface PublishedPort {
  readonly bridge: string;
  readonly protocol: string;
  readonly hostIp: string;
  readonly hostPort: number;
  readonly address: string;
  readonly port: number;
}

/** Writes or removes the rules of a published port. */
export function changePortRules(
  netfilter: Netfilter,
  published: PublishedPort,
  add: boolean,
): void {
  const { bridge, protocol, hostIp, hostPort, address, port } = published;
  const where = hostIp === '0.0.0.0' ? '' : ` -d ${hostIp}`;
  const nat = `DOCKER${where} ! -i ${bridge} -p ${protocol} -m ${protocol} --dport ${hostPort} -j DNAT --to-destination ${address}:${port}`;
  const filter = `DOCKER -d ${address} ! -i ${bridge} -o ${bridge} -p ${protocol} -m ${protocol} --dport ${port} -j ACCEPT`;
  iptables(netfilter, `-t nat ${add ? '-A' : '-D'} ${nat}`);
  iptables(netfilter, `${add ? '-I' : '-D'} ${filter}`);
}
