// What becomes of a packet that a rule matches (iptables-extensions(8), "TARGET EXTENSIONS").

import { formatIp, inPrefix, networkOf, type Prefix } from '../address.ts';
import { sendIcmpError } from '../icmp.ts';
import { ICMP_UNREACHABLE, type Packet, PROTOCOL_NAMES, UNREACHABLE } from '../packet.ts';
import { resetInAnswerTo } from '../tcp/reset.ts';
import { chooseTranslation, translateTo } from './nat.ts';
import type { Place, Verdict } from './netfilter.ts';
import type { Jump, RejectWith, Target } from './rule.ts';

const REJECT_CODES: Readonly<Record<Exclude<RejectWith, 'tcp-reset'>, number>> = {
  'icmp-net-unreachable': UNREACHABLE.net,
  'icmp-host-unreachable': UNREACHABLE.host,
  'icmp-proto-unreachable': UNREACHABLE.protocol,
  'icmp-port-unreachable': UNREACHABLE.port,
  'icmp-net-prohibited': UNREACHABLE.netProhibited,
  'icmp-host-prohibited': UNREACHABLE.hostProhibited,
  'icmp-admin-prohibited': UNREACHABLE.admin,
};

/** Does what a target says. CONTINUE: the next rule is looked at. */
export function act(target: Exclude<Target, Jump>, packet: Packet, place: Place): Verdict {
  switch (target.kind) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return target.kind;
    case 'REJECT':
      if (target.with === 'tcp-reset') resetInAnswerTo(place.namespace, packet);
      else sendIcmpError(place.namespace, packet, ICMP_UNREACHABLE, REJECT_CODES[target.with]);
      return 'DROP';
    case 'LOG':
      place.namespace.kernel.print(logLine(target.prefix, packet, place));
      return 'CONTINUE';
    case 'MARK':
      packet.mark = ((packet.mark & ~target.mask) ^ target.value) >>> 0;
      return 'CONTINUE';
    case 'CONNMARK':
      connmark(target, packet);
      return 'CONTINUE';
    case 'NOTRACK':
      packet.untracked = true;
      return 'CONTINUE';
    case 'CT':
      if (target.notrack) packet.untracked = true;
      return 'CONTINUE';
    case 'DNAT':
    case 'SNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
      return chooseTranslation(target.kind, target.range, packet, place);
    case 'NETMAP':
      return netmap(target.to, packet, place);
    // Nobody listens on netlink for what NFLOG passes on.
    case 'NFLOG':
    case 'TCPMSS':
    case 'CHECKSUM':
      return 'CONTINUE';
  }
}

function connmark(target: Extract<Target, { kind: 'CONNMARK' }>, packet: Packet): void {
  const { connection } = packet;
  if (!connection) return;
  if (target.operation === 'restore') {
    packet.mark = ((packet.mark & ~target.mask) | (connection.mark & target.mask)) >>> 0;
  } else if (target.operation === 'save') {
    connection.mark = ((connection.mark & ~target.mask) | (packet.mark & target.mask)) >>> 0;
  } else {
    connection.mark = ((connection.mark & ~target.mask) ^ target.value) >>> 0;
  }
}

function netmap(to: Prefix, packet: Packet, place: Place): Verdict {
  const destination = place.hook === 'PREROUTING' || place.hook === 'OUTPUT';
  const from = destination ? packet.destination : packet.source;
  const host = from - networkOf(from, to.length);
  const ip = inPrefix(from, to) ? from : to.address + host;
  return translateTo(destination ? 'destination' : 'source', ip, undefined, packet);
}

/** The line of the LOG target as the kernel writes it. */
function logLine(prefix: string, packet: Packet, place: Place): string {
  const words = [
    `${prefix}IN=${place.in?.name ?? ''}`,
    `OUT=${place.out?.name ?? ''}`,
    ...(packet.bridgedIn ? [`PHYSIN=${packet.bridgedIn}`] : []),
    ...(packet.bridgedOut ? [`PHYSOUT=${packet.bridgedOut}`] : []),
    ...(place.in && place.in.kind !== 'loopback' ? [`MAC=${place.in.mac}:`] : []),
    `SRC=${formatIp(packet.source)}`,
    `DST=${formatIp(packet.destination)}`,
    `LEN=${packet.size}`,
    'TOS=0x00',
    'PREC=0x00',
    `TTL=${packet.ttl}`,
    'ID=0',
    ...(packet.dontFragment ? ['DF'] : []),
    `PROTO=${(PROTOCOL_NAMES[packet.protocol] ?? String(packet.protocol)).toUpperCase()}`,
  ];
  const { body } = packet;
  if (body.kind === 'tcp') {
    words.push(
      `SPT=${packet.sourcePort}`,
      `DPT=${packet.destinationPort}`,
      `WINDOW=${body.window}`,
      'RES=0x00',
    );
    const names = [
      ['URG', 32],
      ['ACK', 16],
      ['PSH', 8],
      ['RST', 4],
      ['SYN', 2],
      ['FIN', 1],
    ] as const;
    words.push(...names.filter(([, bit]) => body.flags & bit).map(([name]) => name), 'URGP=0');
  } else if (body.kind === 'udp') {
    words.push(
      `SPT=${packet.sourcePort}`,
      `DPT=${packet.destinationPort}`,
      `LEN=${packet.size - 20}`,
    );
  } else if (body.kind === 'icmp') {
    words.push(
      `TYPE=${body.type}`,
      `CODE=${body.code}`,
      `ID=${packet.sourcePort}`,
      `SEQ=${body.sequence}`,
    );
  }
  if (packet.mark) words.push(`MARK=0x${packet.mark.toString(16)}`);
  return `${words.join(' ')} `;
}
