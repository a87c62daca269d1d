// IP sets (ipset(8)): hash:ip, hash:net, hash:ip,port and their like, as kube-proxy's and Calico's rules use them.

import { formatIp, formatPrefix, inPrefix, parsePrefix } from '../address.ts';
import { type Packet, PROTOCOL_NAMES } from '../packet.ts';
import type { SetMatch } from './rule.ts';

/** One set: its type's dimensions say what an entry's comma-separated parts are. */
export interface IpSet {
  name: string;
  /** `hash:ip`, `hash:net`, `hash:ip,port`, `hash:net,port`, `hash:ip,port,ip`, `list:set`, `bitmap:port`. */
  readonly type: string;
  /** Options as they are listed: `family inet hashsize 1024 maxelem 65536`. */
  readonly header: string;
  /** Entries by their text; the value says what follows it in a list: `nomatch`. */
  readonly entries: Map<string, string>;
}

export class IpSets {
  readonly sets = new Map<string, IpSet>();

  /** True where a packet is in the set that a match names. */
  holds(match: SetMatch, packet: Packet): boolean {
    const set = this.sets.get(match.set);
    if (!set) return false;
    if (set.type === 'hash:net') return netHolds(set, match.directions[0] ?? 'src', packet);
    const dimensions = (set.type.split(':')[1] ?? 'ip').split(',');
    for (const entry of set.entries.keys()) {
      const parts = entry.split(',');
      const fits = dimensions.every((dimension, i) => {
        const direction = match.directions[i] ?? match.directions[0] ?? 'src';
        return partHolds(dimension, parts[i] ?? '', direction, packet);
      });
      if (fits) return true;
    }
    return false;
  }
}

/** The most specific network that holds the address decides; one that is marked `nomatch` says no. */
function netHolds(set: IpSet, direction: 'src' | 'dst', packet: Packet): boolean {
  const ip = direction === 'src' ? packet.source : packet.destination;
  let longest = -1;
  let holds = false;
  for (const [entry, flags] of set.entries) {
    const prefix = parsePrefix(entry);
    if (!prefix || prefix.length <= longest || !inPrefix(ip, prefix)) continue;
    longest = prefix.length;
    holds = !flags.includes('nomatch');
  }
  return holds;
}

function partHolds(
  dimension: string,
  part: string,
  direction: 'src' | 'dst',
  packet: Packet,
): boolean {
  const ip = direction === 'src' ? packet.source : packet.destination;
  if (dimension === 'port') {
    const port = direction === 'src' ? packet.sourcePort : packet.destinationPort;
    const [protocol, number] = part.includes(':') ? part.split(':') : ['tcp', part];
    return PROTOCOL_NAMES[packet.protocol] === protocol && Number(number) === port;
  }
  if (dimension === 'net') {
    const prefix = parsePrefix(part);
    return prefix !== undefined && inPrefix(ip, prefix);
  }
  return part === formatIp(ip);
}

/** An entry in the form in which sets list it; undefined where it does not fit the set's type. */
export function canonicalEntry(set: IpSet, text: string): string | undefined {
  const dimensions = (set.type.split(':')[1] ?? 'ip').split(',');
  const parts = text.split(',');
  if (parts.length !== dimensions.length) return undefined;
  const written: string[] = [];
  for (const [i, dimension] of dimensions.entries()) {
    const part = parts[i] ?? '';
    if (dimension === 'port') {
      const [protocol, number] = part.includes(':') ? part.split(':') : ['tcp', part];
      if (!/^\d+$/.test(number ?? '')) return undefined;
      written.push(set.type.startsWith('bitmap') ? String(number) : `${protocol}:${number}`);
      continue;
    }
    const prefix = parsePrefix(part);
    if (!prefix || (dimension === 'ip' && prefix.length !== 32)) return undefined;
    written.push(prefix.length === 32 ? formatIp(prefix.address) : formatPrefix(prefix));
  }
  return written.join(',');
}
