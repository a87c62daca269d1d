// Packet sockets (packet(7)): copies of the frames that pass a link, or all links of a namespace. What tcpdump reads.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import { EAGAIN, EINTR, type Errno, isErrno } from '../errno.ts';
import type { Task } from '../task/task.ts';
import type { Link, Tap } from './link.ts';
import type { Frame } from './packet.ts';
import { type Received, Socket, type SocketOwner } from './socket.ts';

/** A frame as it was seen. */
export interface SeenFrame {
  readonly frame: Frame;
  readonly link: string;
  readonly direction: 'in' | 'out';
  readonly at: number;
}

export class PacketSocket extends Socket implements Tap {
  private readonly queue: SeenFrame[] = [];
  private readonly links = new Set<Link>();
  dropped = 0;

  constructor(owner: SocketOwner) {
    super(owner, 'packet', 'raw');
  }

  override get readable(): boolean {
    return this.queue.length > 0;
  }

  /** Watches a link; without one, every link of the namespace. */
  watch(link: Link | undefined): void {
    for (const each of link ? [link] : this.namespace.links.values()) {
      each.taps.add(this);
      this.links.add(each);
    }
  }

  see(frame: Frame, link: Link, direction: 'in' | 'out'): void {
    if (this.queue.length > 4096) {
      this.dropped++;
      return;
    }
    const packet = frame.packet && { ...frame.packet };
    this.queue.push({ frame: { ...frame, packet }, link: link.name, direction, at: this.now });
    this.changed.wake();
  }

  /** The next frame. EAGAIN when `until` has come. */
  *next(until?: number): Routine<SeenFrame | Errno> {
    for (;;) {
      const seen = this.queue.shift();
      if (seen) return seen;
      if (this.nonBlocking || (until !== undefined && this.now >= until)) return EAGAIN;
      if ((yield { on: [this.changed], until }) === 'signal') return EINTR;
    }
  }

  override *receiveFrom(_task: Task, until?: number): Routine<Received | Errno> {
    const seen = yield* this.next(until);
    return isErrno(seen) ? seen : { content: Content.ofJson(seen), from: { path: seen.link } };
  }

  override released(): void {
    for (const link of this.links) link.taps.delete(this);
  }
}
