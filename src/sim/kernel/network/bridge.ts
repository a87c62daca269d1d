// The bridge (bridge(8)): learns which port an address is behind, floods what it does not know. With br_netfilter, bridged
// IP packets pass the firewall's PREROUTING, FORWARD and POSTROUTING too.

import { MAC_BROADCAST } from './address.ts';
import { deliverUp, transmitFrame } from './device.ts';
import { routePacket } from './ip.ts';
import type { Link } from './link.ts';
import { copyPacket, type Frame, type Packet } from './packet.ts';

/** Nanoseconds in the unit of ageing_time. */
const HUNDREDTH = 10_000_000;

/** A frame comes in at a port. */
export function bridgeInput(bridge: Link, port: Link, frame: Frame): void {
  const state = bridge.bridge;
  if (!state || !bridge.up || port.port?.state === 0) return;
  if (port.portFlag('learning')) learn(bridge, port, frame.source);
  const { packet } = frame;
  if (packet && firewalled(bridge)) {
    const before = packet.destination;
    packet.bridgedIn = port.name;
    if (!bridge.namespace.netfilter.run('PREROUTING', packet, bridge, undefined)) return;
    if (frame.destination === bridge.mac || packet.destination !== before) {
      takeIn(bridge, { ...frame, destination: bridge.mac }, true);
      return;
    }
  }
  if (frame.destination === bridge.mac) {
    takeIn(bridge, frame, false);
    return;
  }
  const known = frame.destination === MAC_BROADCAST ? undefined : portOf(bridge, frame.destination);
  if (known) {
    if (known !== port || port.portFlag('hairpin')) forward(bridge, port, known, frame);
    return;
  }
  for (const other of state.ports) {
    if (other === port && !port.portFlag('hairpin')) continue;
    if (other.portFlag(flooding(frame))) forward(bridge, port, other, copyOf(frame));
  }
  if (frame.destination === MAC_BROADCAST || bridge.promiscuous) takeIn(bridge, frame, false);
}

/** The frame is for the machine itself: it shows up at the bridge's own interface. */
function takeIn(bridge: Link, frame: Frame, hooked: boolean): void {
  bridge.received.packets++;
  if (bridge.taps.size > 0) for (const tap of bridge.taps) tap.see(frame, bridge, 'in');
  if (hooked && frame.packet) routePacket(bridge.namespace, frame.packet, bridge);
  else deliverUp(bridge, frame);
}

/** A frame that the machine itself sends through the bridge. */
export function bridgeOutput(bridge: Link, frame: Frame): void {
  const state = bridge.bridge;
  if (!state) return;
  const known = frame.destination === MAC_BROADCAST ? undefined : portOf(bridge, frame.destination);
  if (known) {
    if (known.up) transmitFrame(known, frame);
    return;
  }
  for (const port of state.ports)
    if (port.up && port.portFlag(flooding(frame))) transmitFrame(port, copyOf(frame));
}

function forward(bridge: Link, from: Link, to: Link, frame: Frame): void {
  if (!to.up || to.port?.state === 0) return;
  if (from.portFlag('isolated') && to.portFlag('isolated')) return;
  const { packet } = frame;
  if (packet && firewalled(bridge) && !passes(bridge, packet, to)) return;
  const { network } = bridge.namespace.kernel;
  if (packet && network.listeners.size > 0) {
    const detail = `${from.name} -> ${to.name}`;
    network.tell({ kind: 'bridged', namespace: bridge.namespace, link: bridge, packet, detail });
  }
  transmitFrame(to, frame);
}

function passes(bridge: Link, packet: Packet, to: Link): boolean {
  const { netfilter } = bridge.namespace;
  packet.bridgedOut = to.name;
  if (!netfilter.run('FORWARD', packet, bridge, bridge)) return false;
  return netfilter.run('POSTROUTING', packet, undefined, bridge);
}

function firewalled(bridge: Link): boolean {
  return bridge.namespace.settings.bridgeNetfilter && bridge.namespace.netfilter.active;
}

function learn(bridge: Link, port: Link, mac: string): void {
  const now = bridge.namespace.kernel.simulation.now;
  const entry = bridge.bridge?.fdb.get(mac);
  if (entry && entry.port === port) entry.seenAt = now;
  else if (!entry || entry.kind === 'learned')
    bridge.bridge?.fdb.set(mac, { port, seenAt: now, kind: 'learned' });
}

function portOf(bridge: Link, mac: string): Link | undefined {
  const entry = bridge.bridge?.fdb.get(mac);
  if (entry) {
    const now = bridge.namespace.kernel.simulation.now;
    const ageing = (bridge.bridge?.ageingTime ?? 0) * HUNDREDTH;
    if (entry.kind !== 'learned' || now - entry.seenAt < ageing) return entry.port;
    bridge.bridge?.fdb.delete(mac);
  }
  for (const port of bridge.bridge?.ports ?? []) if (port.mac === mac) return port;
  return undefined;
}

/** The switch of a port that lets a frame for nobody known out. */
const flooding = (frame: Frame): string =>
  frame.destination === MAC_BROADCAST ? 'bcast_flood' : 'flood';

function copyOf(frame: Frame): Frame {
  return frame.packet ? { ...frame, packet: copyPacket(frame.packet) } : frame;
}
