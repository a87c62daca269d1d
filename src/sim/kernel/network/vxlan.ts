// VXLAN (RFC 7348): Ethernet frames inside UDP. Where a frame goes is said by the forwarding table (`bridge fdb`) or by
// the remote given at creation.

import { formatIp, MAC_BROADCAST, parseIp } from './address.ts';
import { receiveFrame } from './device.ts';
import { sendPacket } from './ip.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import { Content } from '../../core/content.ts';
import { type Frame, frameSize, type Packet, PROTOCOL_UDP, scrubbed } from './packet.ts';

/** Bytes that the outer headers add. */
const OVERHEAD = 36;

/** A forwarding entry: behind which tunnel end a hardware address is. */
export interface TunnelEntry {
  readonly mac: string;
  readonly remote: string;
}

interface Encapsulated {
  readonly network: number;
  readonly frame: Frame;
}

/** A frame leaves by a vxlan link: once per tunnel end that may have its destination. */
export function vxlanOutput(link: Link, frame: Frame): void {
  for (const remote of remotes(link, frame.destination)) {
    const target = parseIp(remote);
    if (target === undefined) continue;
    const inner: Encapsulated = {
      network: link.tag,
      frame: { ...frame, packet: frame.packet && scrubbed({ ...frame.packet }) },
    };
    const size = frameSize(frame);
    sendPacket(link.namespace, {
      source: link.tunnel?.local ?? 0,
      destination: target,
      protocol: PROTOCOL_UDP,
      ttl: 64,
      tos: 0,
      sourcePort: 49_152 + (link.tag % 16_384),
      destinationPort: link.tunnel?.port ?? 8472,
      size: size + OVERHEAD,
      dontFragment: false,
      body: {
        kind: 'udp',
        chunk: { size, bytes: undefined, message: Content.ofJson(inner, describe) },
      },
      mark: 0,
      connection: undefined,
      reply: false,
    });
  }
}

function describe(): string {
  return '';
}

function remotes(link: Link, mac: string): string[] {
  const entries = link.tunnelEntries.filter((entry) => entry.mac === mac);
  if (entries.length > 0) return entries.map((entry) => entry.remote);
  const flood = link.tunnelEntries.filter((entry) => entry.mac === '00:00:00:00:00:00');
  const fixed = link.tunnel?.remote;
  const all = flood.map((entry) => entry.remote);
  if (fixed !== undefined) all.push(formatIp(fixed));
  return mac === MAC_BROADCAST || all.length > 0 ? all : [];
}

/** A datagram to a tunnel's port: true where it was one of ours. */
export function vxlanInput(namespace: NetworkNamespace, packet: Packet): boolean {
  if (packet.body.kind !== 'udp') return false;
  const inner = packet.body.chunk.message?.json() as Partial<Encapsulated> | undefined;
  if (!inner?.frame) return false;
  for (const link of namespace.links.values()) {
    if (link.kind !== 'vxlan' || link.tag !== inner.network) continue;
    if ((link.tunnel?.port ?? 8472) !== packet.destinationPort) continue;
    receiveFrame(link, inner.frame);
    return true;
  }
  return false;
}
