// A switch between machines: a layer-2 domain outside all of them, to which NICs are plugged. It learns which address is
// behind which port; a frame takes 0.2 ms. Pulling a cable (unplug) is how a machine is cut off.

import type { Simulation } from '../../core/simulation.ts';
import { MAC_BROADCAST } from './address.ts';
import { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import { copyPacket, type Frame } from './packet.ts';
import { receiveFrame } from './device.ts';

/** How long a frame takes from NIC to NIC, nanoseconds. */
const DELAY = 200_000;

export class Switch {
  readonly name: string;
  private readonly simulation: Simulation;
  private readonly ports = new Set<Link>();
  private readonly learned = new Map<string, Link>();
  /** Pairs of NICs between which frames are lost, though both cables are in. */
  private readonly cuts = new Set<string>();

  constructor(simulation: Simulation, name: string) {
    this.simulation = simulation;
    this.name = name;
  }

  /** Puts a new NIC into a namespace and its cable into this switch. */
  attach(namespace: NetworkNamespace, name: string, mac?: string): Link {
    let index = 2;
    while (namespace.links.has(index)) index++;
    namespace.nextIndex = Math.max(namespace.nextIndex, index + 1);
    const address = mac ?? namespace.kernel.network.newMac();
    const nic = new Link('ether', namespace, index, name, address);
    namespace.links.set(index, nic);
    this.plug(nic);
    return nic;
  }

  plug(nic: Link): void {
    nic.wire = this;
    this.ports.add(nic);
  }

  /** Pulls the cable. The NIC remembers nothing of it; `plug` puts it back. */
  unplug(nic: Link): void {
    if (nic.wire === this) nic.wire = undefined;
    this.ports.delete(nic);
    for (const [mac, port] of this.learned) if (port === nic) this.learned.delete(mac);
  }

  /** Loses all frames between two NICs (a partition that both ends do not notice). */
  cut(a: Link, b: Link): void {
    this.cuts.add(pair(a, b));
  }
  heal(a: Link, b: Link): void {
    this.cuts.delete(pair(a, b));
  }

  /** A frame leaves `from`. */
  carry(from: Link, frame: Frame): void {
    this.learned.set(frame.source, from);
    const to =
      frame.destination === MAC_BROADCAST ? undefined : this.learned.get(frame.destination);
    this.simulation.after(DELAY, () => {
      if (to) this.deliver(from, to, frame);
      else this.flood(from, frame);
    });
  }

  private flood(from: Link, frame: Frame): void {
    for (const port of this.ports) {
      if (port === from) continue;
      const packet = frame.packet && copyPacket(frame.packet);
      this.deliver(from, port, { ...frame, packet });
    }
  }

  private deliver(from: Link, to: Link, frame: Frame): void {
    if (!this.ports.has(to) || !this.ports.has(from) || !to.up) return;
    if (this.cuts.size > 0 && this.cuts.has(pair(from, to))) return;
    receiveFrame(to, frame);
  }
}

function pair(a: Link, b: Link): string {
  return [a.mac, b.mac].sort().join(' ');
}
