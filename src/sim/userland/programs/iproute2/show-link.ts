// How `ip link` and `ip addr` print a link: the head line, the hardware address, details, counters, addresses.

import { formatIp } from '../../../kernel/network/address.ts';
import type { Link, LinkAddress, LinkAddress6 } from '../../../kernel/network/link.ts';
import type { IpContext } from './context.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const NONE = '00:00:00:00:00:00';
/** What iproute2 shows for a lifetime without end in JSON. */
const FOREVER = 4_294_967_295;

/** `name@peer` as the head line has it. */
export function linkTitle(link: Link): string {
  const { related } = link;
  if (!related) return link.name;
  const here = related.namespace === link.namespace;
  return `${link.name}@${here ? related.name : `if${related.index}`}`;
}

export function queueing(link: Link): string {
  if (!link.everUp) return 'noop';
  return link.kind === 'ether' ? 'fq_codel' : 'noqueue';
}

/** Names of named namespaces by identity, for `link-netns`. */
export type NamespaceNames = ReadonlyMap<unknown, string>;

/** The loader of musl: only against its headers is busybox built with IFF_DORMANT, and shows states. */
const MUSL_LOADER = '/lib/ld-musl-x86_64.so.1';

/** One link as busybox's ip prints it: M-DOWN where the other end is down or in another namespace, no group and mode. */
function busyboxLinkText({ process, options }: IpContext, link: Link): string {
  const { related } = link;
  const hidden = related && !(related.namespace === link.namespace && related.up);
  const flags = [...link.flags, ...(hidden ? ['M-DOWN'] : [])].join(',');
  const parts = [`${link.index}: ${linkTitle(link)}: <${flags}> mtu ${link.mtu}`];
  parts.push(`qdisc ${queueing(link)}`);
  if (link.master) parts.push(`master ${link.master.name}`);
  if (process.exists(MUSL_LOADER)) parts.push(`state ${link.operState}`);
  parts.push(link.queueLength > 0 ? `qlen ${link.queueLength}` : '');
  const below =
    options.family === 'any' || options.family === 'link' ? `\n    ${hardware(link)}` : '';
  return `${parts.join(' ')}${below}\n`;
}

/** One link as `ip link show` prints it; `withMode` as `ip addr` does not. */
export function linkText(
  context: IpContext,
  link: Link,
  withMode: boolean,
  names: NamespaceNames,
): string {
  const { options } = context;
  if (options.busybox) return busyboxLinkText(context, link);
  const flags = link.flags.join(',');
  const parts = [`${link.index}: ${linkTitle(link)}: <${flags}> mtu ${link.mtu}`];
  if (options.family !== '6' || withMode) parts.push(`qdisc ${queueing(link)}`);
  if (link.master) parts.push(`master ${link.master.name}`);
  parts.push(`state ${link.operState}`);
  if (withMode) parts.push('mode DEFAULT');
  if (options.family !== '6' || withMode)
    parts.push(`group ${link.group === 0 ? 'default' : link.group}`);
  parts.push(link.queueLength > 0 ? `qlen ${link.queueLength}` : '');
  let text = parts.join(' ');
  if (withMode || options.family === 'any' || options.family === 'link') {
    text += `\n    ${hardware(link)}${namespaceId(link, names)}`;
    if (options.details) text += details(link);
    if (link.alias !== '') text += `\n    alias ${link.alias}`;
  }
  if (options.statistics > 0) text += counters(link, options.statistics);
  return `${text}\n`;
}

function hardware(link: Link): string {
  if (link.kind === 'loopback') return `link/loopback ${NONE} brd ${NONE}`;
  if (link.kind === 'tun') return 'link/none ';
  return `link/ether ${link.mac} brd ${BROADCAST}`;
}

function namespaceId(link: Link, names: NamespaceNames): string {
  const other = link.related?.namespace;
  if (!other || other === link.namespace) return '';
  const name = names.get(other);
  return name === undefined ? ` link-netnsid ${link.namespace.idOf(other)}` : ` link-netns ${name}`;
}

function details(link: Link): string {
  const lo = link.kind === 'loopback';
  const [low, high] =
    lo || link.kind === 'dummy'
      ? [0, 0]
      : [68, link.kind === 'vlan' || link.kind === 'ether' ? 65_535 : 65_535];
  const promiscuity = link.promiscuous || link.master ? 1 : 0;
  const head = ` promiscuity ${promiscuity}  allmulti ${promiscuity} minmtu ${low} maxmtu ${high} `;
  const queues = link.kind === 'veth' ? 2 : 1;
  const tail = `addrgenmode eui64 numtxqueues ${queues} numrxqueues ${queues} gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536 `;
  const kind = kindDetails(link);
  const port = link.master?.bridge
    ? `\n    bridge_slave state ${portState(link)} priority ${link.port?.priority ?? 32} cost ${link.port?.cost ?? 2} ${portFlags(link, ['hairpin', 'guard', 'root_block', 'fastleave', 'learning', 'flood'])} `
    : '';
  return `${head}${kind === '' ? '' : `\n    ${kind} `}${port}${tail}`;
}

/** What a bridge does with a port: forwards, or nothing. */
export function portState(link: Link): string {
  return link.running && link.port?.state !== 0 ? 'forwarding' : 'disabled';
}

/** `hairpin off guard off …`. */
export function portFlags(link: Link, names: readonly string[]): string {
  return names.map((name) => `${name} ${link.portFlag(name) ? 'on' : 'off'}`).join(' ');
}

function kindDetails(link: Link): string {
  switch (link.kind) {
    case 'veth':
    case 'dummy':
      return link.kind;
    case 'vlan':
      return `vlan protocol 802.1Q id ${link.tag} <REORDER_HDR>`;
    case 'macvlan':
      return `macvlan mode ${link.mode}`;
    case 'ipvlan':
      return `ipvlan mode ${link.mode} bridge`;
    case 'vxlan': {
      const local = link.tunnel?.local === undefined ? '' : ` local ${formatIp(link.tunnel.local)}`;
      const remote =
        link.tunnel?.remote === undefined ? '' : ` remote ${formatIp(link.tunnel.remote)}`;
      const lower = link.lower ? ` dev ${link.lower.name}` : '';
      return `vxlan id ${link.tag}${remote}${local}${lower} srcport 0 0 dstport ${link.tunnel?.port ?? 8472} nolearning ttl auto ageing 300 udpcsum noudp6zerocsumtx noudp6zerocsumrx`;
    }
    case 'bridge':
      return `bridge forward_delay ${link.bridge?.forwardDelay} hello_time 200 max_age 2000 ageing_time ${link.bridge?.ageingTime} stp_state ${link.bridge?.stp ? 1 : 0} priority 32768 vlan_filtering ${link.bridge?.vlanFiltering ? 1 : 0} vlan_protocol 802.1Q bridge_id 8000.${link.mac} designated_root 8000.${link.mac} root_port 0 root_path_cost 0`;
    default:
      return '';
  }
}

function counters(link: Link, level: number): string {
  const row = (title: string, names: readonly string[], values: readonly number[]): string => {
    const widths = names.map((name, i) =>
      Math.max(name.length, String(values[i] ?? 0).length, i === 0 ? 5 : 7),
    );
    const head = names.map((name, i) => name.padStart(widths[i] ?? 0)).join(' ');
    const line = values.map((value, i) => String(value).padStart(widths[i] ?? 0)).join(' ');
    return `\n    ${title}:  ${head}           \n    ${' '.repeat(title.length + 3)}${line} `;
  };
  const { received: rx, sent: tx } = link;
  let text = row(
    'RX',
    ['bytes', 'packets', 'errors', 'dropped', ' missed', '  mcast'],
    [rx.bytes, rx.packets, 0, rx.dropped, 0, 0],
  );
  if (level > 1)
    text += row(
      'RX errors',
      ['length', '   crc', '  frame', '   fifo', 'overrun'],
      [0, 0, 0, 0, 0],
    );
  text += row(
    'TX',
    ['bytes', 'packets', 'errors', 'dropped', 'carrier', 'collsns'],
    [tx.bytes, tx.packets, 0, tx.dropped, 0, 0],
  );
  if (level > 1)
    text += row(
      'TX errors',
      ['aborted', '  fifo', ' window', 'heartbt', 'transns'],
      [0, 0, 0, 0, 0],
    );
  return text;
}

/** An IPv4 address as `ip addr` prints it, without the indentation. */
export function addressText(link: Link, address: LinkAddress, now: number): string {
  const peer = address.peer === undefined ? '' : ` peer ${formatIp(address.peer)}`;
  const brd = address.broadcast === undefined ? '' : ` brd ${formatIp(address.broadcast)}`;
  const flags = `${address.secondary ? ' secondary' : ''}${address.validUntil === undefined ? '' : ' dynamic'}${address.noPrefixRoute ? ' noprefixroute' : ''}`;
  const length = address.peer === undefined ? `/${address.length}` : '';
  const far = address.peer === undefined ? '' : `/${address.length}`;
  const left =
    address.validUntil === undefined
      ? 'forever'
      : `${Math.max(0, Math.round((address.validUntil - now) / 1e9))}sec`;
  return `inet ${formatIp(address.address)}${length}${peer}${far}${brd} scope ${address.scope}${flags} ${address.label || link.name}\n       valid_lft ${left} preferred_lft ${left}`;
}

export function address6Text(address: LinkAddress6): string {
  return `inet6 ${address.address}/${address.length} scope ${address.scope} \n       valid_lft forever preferred_lft forever`;
}

/** A link as an object of `ip -json`. */
export function linkJson(
  link: Link,
  withAddresses: boolean,
  family: string,
): Record<string, unknown> {
  const { related } = link;
  const here = related?.namespace === link.namespace;
  return {
    ifindex: link.index,
    ...(related && here ? { link: related.name } : {}),
    ...(related && !here ? { link_index: related.index } : {}),
    ifname: link.name,
    flags: link.flags,
    mtu: link.mtu,
    qdisc: queueing(link),
    ...(link.master ? { master: link.master.name } : {}),
    operstate: link.operState,
    ...(withAddresses ? {} : { linkmode: 'DEFAULT' }),
    group: 'default',
    txqlen: link.queueLength,
    link_type: link.kind === 'loopback' ? 'loopback' : 'ether',
    address: link.mac,
    broadcast: link.kind === 'loopback' ? NONE : BROADCAST,
    ...(related && !here ? { link_netnsid: link.namespace.idOf(related.namespace) } : {}),
    ...(withAddresses ? { addr_info: addressesJson(link, family) } : {}),
  };
}

function addressesJson(link: Link, family: string): object[] {
  const four = link.addresses.map((a) => ({
    family: 'inet',
    local: formatIp(a.address),
    prefixlen: a.length,
    ...(a.broadcast === undefined ? {} : { broadcast: formatIp(a.broadcast) }),
    scope: a.scope,
    ...(a.secondary ? { secondary: true } : {}),
    label: a.label,
    valid_life_time: FOREVER,
    preferred_life_time: FOREVER,
  }));
  const six = link.addresses6.map((a) => ({
    family: 'inet6',
    local: a.address,
    prefixlen: a.length,
    scope: a.scope,
    valid_life_time: FOREVER,
    preferred_life_time: FOREVER,
  }));
  return [...(family === '6' ? [] : four), ...(family === '4' ? [] : six)];
}

/** One line of `ip -br link`. */
export function briefLink(link: Link): string {
  return `${linkTitle(link).padEnd(16)} ${link.operState.padEnd(14)} ${link.mac} <${link.flags.join(',')}> \n`;
}

/** One line of `ip -br addr`. */
export function briefAddress(link: Link, family: string): string {
  const four = link.addresses.map((a) => `${formatIp(a.address)}/${a.length} `);
  const six = link.addresses6.map((a) => `${a.address}/${a.length} `);
  const all = [...(family === '6' ? [] : four), ...(family === '4' ? [] : six)];
  return `${linkTitle(link).padEnd(16)} ${link.operState.padEnd(14)} ${all.join('')}\n`;
}
