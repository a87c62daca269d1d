// How frames enter and leave links: each kind of link hands them on in its own way. Within a machine that happens at once;
// only a NIC's cable takes time.

import { MAC_BROADCAST, MAC_NONE } from './address.ts';
import { bridgeInput, bridgeOutput } from './bridge.ts';
import { receivePacket } from './ip.ts';
import type { Link } from './link.ts';
import { copyPacket, type Frame, frameSize, type Packet, scrubbed } from './packet.ts';
import { vxlanOutput } from './vxlan.ts';

/** Devices a frame may pass without time passing: bridges wired in a loop end here, not the host's stack. */
const DEEPEST = 48;

/** A frame leaves by `link`: to the peer, the ports, the cable, the link beneath. */
export function transmitFrame(link: Link, frame: Frame): void {
  const network = link.namespace.kernel.network;
  if (!link.up || network.nesting > DEEPEST) {
    link.sent.dropped++;
    return;
  }
  link.sent.packets++;
  link.sent.bytes += frameSize(frame);
  if (link.taps.size > 0) for (const tap of link.taps) tap.see(frame, link, 'out');
  network.nesting++;
  try {
    handOn(link, frame);
  } finally {
    network.nesting--;
  }
}

function handOn(link: Link, frame: Frame): void {
  switch (link.kind) {
    case 'veth':
      if (link.peer) receiveFrame(link.peer, crossed(link, link.peer, frame));
      return;
    case 'bridge':
      bridgeOutput(link, frame);
      return;
    case 'ether':
      link.wire?.carry(link, frame.packet ? { ...frame, packet: scrubbed(frame.packet) } : frame);
      return;
    case 'vlan':
      if (link.lower) transmitFrame(link.lower, { ...frame, vlan: link.tag });
      return;
    case 'macvlan':
    case 'ipvlan':
      stackedOutput(link, frame);
      return;
    case 'vxlan':
      vxlanOutput(link, frame);
      return;
    default:
      link.sent.dropped += link.kind === 'dummy' ? 0 : 1;
  }
}

/** Over a namespace's border marks and tracking are left behind. */
function crossed(from: Link, to: Link, frame: Frame): Frame {
  if (frame.packet && from.namespace !== to.namespace) scrubbed(frame.packet);
  else if (frame.packet) frame.packet.connection = undefined;
  return frame;
}

/** macvlan and ipvlan: siblings on the same lower link reach each other, the lower link itself is not reached. */
function stackedOutput(link: Link, frame: Frame): void {
  const { lower } = link;
  if (!lower) return;
  const everybody = frame.destination === MAC_BROADCAST;
  for (const sibling of lower.uppers) {
    if (sibling === link || sibling.kind !== link.kind || link.mode === 'private') continue;
    if (!everybody && !isFor(sibling, frame)) continue;
    const packet = frame.packet && scrubbed(copyPacket(frame.packet));
    receiveFrame(sibling, { ...frame, packet });
    if (!everybody) return;
  }
  transmitFrame(lower, { ...frame, source: link.kind === 'ipvlan' ? lower.mac : frame.source });
}

function isFor(link: Link, frame: Frame): boolean {
  if (link.kind !== 'ipvlan') return frame.destination === link.mac;
  const ip = frame.packet?.destination ?? frame.arp?.targetIp;
  return ip !== undefined && link.addresses.some((a) => a.address === ip);
}

/** A frame arrives at `link`. */
export function receiveFrame(link: Link, frame: Frame): void {
  if (!link.up) {
    link.received.dropped++;
    return;
  }
  link.received.packets++;
  link.received.bytes += frameSize(frame);
  if (link.taps.size > 0) for (const tap of link.taps) tap.see(frame, link, 'in');
  if (frame.vlan !== undefined) {
    const upper = [...link.uppers].find((u) => u.kind === 'vlan' && u.tag === frame.vlan);
    if (upper) receiveFrame(upper, { ...frame, vlan: undefined });
    else if (link.master) bridgeInput(link.master, link, frame);
    return;
  }
  if (link.uppers.size > 0 && toUppers(link, frame)) return;
  if (link.master) bridgeInput(link.master, link, frame);
  else deliverUp(link, frame);
}

function toUppers(link: Link, frame: Frame): boolean {
  const everybody = frame.destination === MAC_BROADCAST;
  for (const upper of link.uppers) {
    if (upper.kind !== 'macvlan' && upper.kind !== 'ipvlan') continue;
    if (everybody) {
      const packet = frame.packet && copyPacket(frame.packet);
      receiveFrame(upper, { ...frame, packet });
    } else if (isFor(upper, frame)) {
      receiveFrame(upper, frame);
      return true;
    }
  }
  return false;
}

/** To the protocols of this namespace, if the frame is meant for this link. */
export function deliverUp(link: Link, frame: Frame): void {
  const { destination } = frame;
  const mine =
    destination === link.mac || destination === MAC_BROADCAST || destination === MAC_NONE;
  if (!mine) return;
  if (frame.arp) link.namespace.neighbours.arrived(link, frame.arp);
  else if (frame.packet) {
    frame.packet.sourceMac = frame.source;
    receivePacket(link.namespace, frame.packet, link);
  }
}

/** What the loopback device does: what is sent comes in at once. */
export function loopPacket(link: Link, packet: Packet): void {
  const network = link.namespace.kernel.network;
  if (!link.up || network.nesting > DEEPEST) return;
  for (const counters of [link.sent, link.received]) {
    counters.packets++;
    counters.bytes += packet.size;
  }
  if (link.taps.size > 0) {
    const frame = { source: MAC_NONE, destination: MAC_NONE, packet, arp: undefined };
    for (const tap of link.taps) tap.see(frame, link, 'in');
  }
  packet.owner = undefined;
  network.nesting++;
  try {
    receivePacket(link.namespace, packet, link);
  } finally {
    network.nesting--;
  }
}
