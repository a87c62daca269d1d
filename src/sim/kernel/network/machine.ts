// The network side of one kernel: where hardware addresses come from, who watches packets, and the end of namespaces.

import type { Random } from '../../core/random.ts';
import type { Kernel } from '../kernel.ts';
import type { Link } from './link.ts';
import { emptyNamespace } from './links.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Packet } from './packet.ts';

/** A station on a packet's path, for whoever wants to show it. */
export interface PacketStep {
  readonly kind:
    | 'sent'
    | 'received'
    | 'hook'
    | 'rule'
    | 'nat'
    | 'forwarded'
    | 'delivered'
    | 'dropped'
    | 'bridged';
  readonly namespace: NetworkNamespace;
  readonly link: Link | undefined;
  /** The packet as it is at this point: copy what is to be kept. */
  readonly packet: Packet;
  /** Which chain and rule, why it was dropped, what it was translated to. */
  readonly detail: string;
}

export type PacketListener = (step: PacketStep) => void;

export class MachineNetwork {
  /** Told of every station of every packet while there is anybody: costs nothing otherwise. */
  readonly listeners = new Set<PacketListener>();
  /** Told when a namespace may have lost its last user; true keeps it (open or mounted nsfs files). */
  readonly holders = new Set<(namespace: NetworkNamespace) => boolean>();
  /** Devices that the frame in hand has passed without time passing. */
  nesting = 0;
  private readonly kernel: Kernel;
  private random: Random | undefined;
  private inodes = 30_000;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** A random, locally administered unicast hardware address. */
  newMac(): string {
    this.random ??= this.kernel.simulation.random.fork(`mac ${this.kernel.bootId}`);
    const first = (this.random.int(64) << 2) | 2;
    let mac = first.toString(16).padStart(2, '0');
    for (let i = 0; i < 5; i++) mac += `:${this.random.hex(2)}`;
    return mac;
  }

  /** The number of a new socket as /proc/PID/fd shows it. */
  nextInode(): number {
    return this.inodes++;
  }

  /** Tells the listeners of one station. */
  tell(step: PacketStep): void {
    for (const listener of this.listeners) listener(step);
  }

  /** Takes a namespace apart when no task is in it and nothing holds it. */
  emptyIfUnused(namespace: NetworkNamespace): void {
    if (namespace.dead) return;
    for (const task of this.kernel.tasks.values()) {
      if (!task.ended && task.namespaces.net === namespace) return;
    }
    for (const holds of this.holders) if (holds(namespace)) return;
    emptyNamespace(namespace);
  }
}
