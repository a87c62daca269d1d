// Lists of addresses seen lately (the `recent` match; /proc/net/xt_recent/NAME).

import { formatIp, parseIp } from '../address.ts';
import type { Packet } from '../packet.ts';
import type { RecentMatch } from './rule.ts';

const SECOND = 1_000_000_000;
/** Time stamps kept per address (ip_pkt_list_tot) and addresses per list (ip_list_tot). */
const STAMPS = 20;
const ADDRESSES = 100;

export class RecentLists {
  readonly lists = new Map<string, Map<string, number[]>>();

  /** What the match does and says for a packet, before its own negation. */
  holds(match: RecentMatch, packet: Packet, now: number): boolean {
    let list = this.lists.get(match.list);
    if (!list) {
      list = new Map();
      this.lists.set(match.list, list);
    }
    const mask = parseIp(match.mask) ?? 0xffffffff;
    const ip = match.side === 'source' ? packet.source : packet.destination;
    const address = formatIp((ip & mask) >>> 0);
    const stamps = list.get(address);
    if (match.action === 'set') {
      this.stamp(list, address, now);
      return true;
    }
    if (!stamps) return false;
    if (match.action === 'remove') return list.delete(address);
    const recent =
      match.seconds === undefined
        ? stamps
        : stamps.filter((at) => now - at <= (match.seconds ?? 0) * SECOND);
    if (match.reap && recent.length === 0) list.delete(address);
    const found = recent.length >= (match.hits ?? 1);
    if (found && match.action === 'update') this.stamp(list, address, now);
    return found;
  }

  private stamp(list: Map<string, number[]>, address: string, now: number): void {
    const stamps = list.get(address) ?? [];
    stamps.push(now);
    if (stamps.length > STAMPS) stamps.shift();
    list.delete(address);
    list.set(address, stamps);
    const [oldest] = list.keys();
    if (list.size > ADDRESSES && oldest !== undefined) list.delete(oldest);
  }
}
