// portmap: host ports that lead to a container, as DNAT rules in chains of iptables' nat table.

import type { Routine } from '../../core/wait.ts';
import { parseIp } from '../../kernel/network/address.ts';
import { chainName, iptables } from './container-side.ts';
import type { CniResult } from './library.ts';
import { type CniError, cniPlugin, type PluginCall, plainError } from './skel.ts';

interface Mapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol?: string;
  readonly hostIP?: string;
}

const ENTRY = 'CNI-HOSTPORT-DNAT';
const SET_MARK = 'CNI-HOSTPORT-SETMARK';
const MASQUERADE = 'CNI-HOSTPORT-MASQ';
const MARK = '0x2000/0x2000';

function mappingsOf(call: PluginCall): readonly Mapping[] {
  const mappings = call.config.runtimeConfig?.portMappings;
  return Array.isArray(mappings) ? (mappings as Mapping[]) : [];
}

function* nat(call: PluginCall, ...args: readonly string[]): Routine<number> {
  return yield* iptables(call.process, ['-t', 'nat', ...args]);
}

function* ensureRule(call: PluginCall, chain: string, rule: readonly string[]): Routine<void> {
  if ((yield* nat(call, '-C', chain, ...rule)) !== 0) yield* nat(call, '-A', chain, ...rule);
}

function* add(call: PluginCall): Routine<CniResult | CniError> {
  const previous = call.config.prevResult;
  if (!previous) return plainError('must be called as chained plugin');
  const mappings = mappingsOf(call);
  const address = previous.ips
    ?.map((ip) => ip.address.split('/')[0] ?? '')
    .find((ip) => (parseIp(ip) ?? -1) >= 0);
  if (mappings.length === 0 || address === undefined) return previous;
  for (const chain of [ENTRY, SET_MARK, MASQUERADE]) yield* nat(call, '-N', chain);
  const comment = (text: string): string[] => ['-m', 'comment', '--comment', text];
  const local = ['-m', 'addrtype', '--dst-type', 'LOCAL', '-j', ENTRY];
  yield* ensureRule(call, 'PREROUTING', local);
  yield* ensureRule(call, 'OUTPUT', local);
  yield* ensureRule(call, SET_MARK, [
    ...comment('CNI portfwd masquerade mark'),
    '-j',
    'MARK',
    '--or-mark',
    '0x2000',
  ]);
  yield* ensureRule(call, MASQUERADE, ['-m', 'mark', '--mark', MARK, '-j', 'MASQUERADE']);
  yield* ensureRule(call, 'POSTROUTING', [
    ...comment('CNI portfwd requiring masquerade'),
    '-j',
    MASQUERADE,
  ]);
  const chain = chainName('CNI-DN-', call.config.name, call.containerId).slice(0, 28);
  yield* nat(call, '-N', chain);
  for (const protocol of [...new Set(mappings.map(({ protocol: p = 'tcp' }) => p))]) {
    const of = mappings.filter((mapping) => (mapping.protocol ?? 'tcp') === protocol);
    const ports = of.map(({ hostPort }) => hostPort).join(',');
    const note = comment(`dnat name: "${call.config.name}" id: "${call.containerId}"`);
    yield* nat(
      call,
      '-A',
      ENTRY,
      ...note,
      '-p',
      protocol,
      '-m',
      'multiport',
      '--destination-ports',
      ports,
      '-j',
      chain,
    );
    for (const mapping of of) yield* addMapping(call, chain, mapping, protocol, address);
  }
  allowLocalnet(call, previous);
  return previous;
}

/** 127.0.0.1 may reach the container: its packets cross the host's interface towards it (enableLocalnetRouting). */
function allowLocalnet({ process: p }: PluginCall, { interfaces = [] }: CniResult): void {
  const host = interfaces.find(({ sandbox }) => !sandbox)?.name;
  const link = host === undefined ? undefined : p.network.link(host);
  if (!link) return;
  p.netlink().change(link, (changed) => {
    changed.routeLocalnet = true;
  });
}

function* addMapping(
  call: PluginCall,
  chain: string,
  mapping: Mapping,
  protocol: string,
  address: string,
): Routine<void> {
  const port = ['-p', protocol, '--dport', String(mapping.hostPort)];
  const host = mapping.hostIP && mapping.hostIP !== '0.0.0.0' ? ['-d', mapping.hostIP] : [];
  const subnet = `${address}/32`;
  yield* nat(call, '-A', chain, ...port, ...host, '-s', subnet, '-j', SET_MARK);
  yield* nat(call, '-A', chain, ...port, ...host, '-s', '127.0.0.1', '-j', SET_MARK);
  const to = `${address}:${mapping.containerPort}`;
  yield* nat(call, '-A', chain, ...port, ...host, '-j', 'DNAT', '--to-destination', to);
}

function* del(call: PluginCall): Routine<undefined> {
  const chain = chainName('CNI-DN-', call.config.name, call.containerId).slice(0, 28);
  if ((yield* nat(call, '-F', chain)) !== 0) return undefined;
  const note = [
    '-m',
    'comment',
    '--comment',
    `dnat name: "${call.config.name}" id: "${call.containerId}"`,
  ];
  for (const protocol of ['tcp', 'udp', 'sctp']) {
    const ports = mappingsOf(call)
      .filter((m) => (m.protocol ?? 'tcp') === protocol)
      .map(({ hostPort }) => hostPort)
      .join(',');
    if (ports === '') continue;
    yield* nat(
      call,
      '-D',
      ENTRY,
      ...note,
      '-p',
      protocol,
      '-m',
      'multiport',
      '--destination-ports',
      ports,
      '-j',
      chain,
    );
  }
  yield* nat(call, '-X', chain);
  return undefined;
}

function* check(call: PluginCall): Routine<CniError | undefined> {
  return call.config.prevResult ? undefined : plainError('Required prevResult missing');
}

export const portmap = cniPlugin('portmap', { add, del, check });
