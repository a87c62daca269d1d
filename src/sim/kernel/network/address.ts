// Addresses as packets carry them: IPv4 as an unsigned 32-bit number, hardware addresses as text. Of IPv6 only the
// loopback and the unspecified address travel; they are negative numbers, outside IPv4's range.

/** An internet address: IPv4 as 0 … 2^32 − 1, or IP6_LOOPBACK or IP6_ANY. */
export type Ip = number;

/** `::1`. */
export const IP6_LOOPBACK: Ip = -1;
/** `::`. */
export const IP6_ANY: Ip = -2;
/** `0.0.0.0`. */
export const IP4_ANY: Ip = 0;
/** `255.255.255.255`. */
export const IP4_BROADCAST: Ip = 0xffffffff;
export const LOOPBACK: Ip = 0x7f000001;

/** The hardware address that reaches everybody on a link. */
export const MAC_BROADCAST = 'ff:ff:ff:ff:ff:ff';
export const MAC_NONE = '00:00:00:00:00:00';

/** A network: an address and how many leading bits count. */
export interface Prefix {
  readonly address: Ip;
  readonly length: number;
}

/** True for an IPv6 address. */
export function isIp6(ip: Ip): boolean {
  return ip < 0;
}

/** Reads dotted-quad IPv4, `::1`, `::` and IPv4-mapped IPv6; undefined for anything else. */
export function parseIp(text: string): Ip | undefined {
  if (text === '::1') return IP6_LOOPBACK;
  if (text === '::') return IP6_ANY;
  const quad = text.startsWith('::ffff:') ? text.slice(7) : text;
  const parts = quad.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

const written = new Map<Ip, string>();

/** An address as text. */
export function formatIp(ip: Ip): string {
  let text = written.get(ip);
  if (text === undefined) {
    if (ip === IP6_LOOPBACK) text = '::1';
    else if (ip === IP6_ANY) text = '::';
    else text = `${(ip >>> 24) & 255}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;
    if (written.size > 10_000) written.clear();
    written.set(ip, text);
  }
  return text;
}

/** The mask of a prefix length. */
export function maskOf(length: number): Ip {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** The prefix length of a mask; undefined where its ones do not lead. */
export function lengthOfMask(mask: Ip): number | undefined {
  for (let length = 0; length <= 32; length++) if (maskOf(length) === mask) return length;
  return undefined;
}

/** An address with everything after the prefix cleared. */
export function networkOf(ip: Ip, length: number): Ip {
  return (ip & maskOf(length)) >>> 0;
}

/** An address with everything after the prefix set. */
export function broadcastOf(ip: Ip, length: number): Ip {
  return (ip | ~maskOf(length)) >>> 0;
}

/** True where `ip` lies in the network. */
export function inPrefix(ip: Ip, prefix: Prefix): boolean {
  return ip >= 0 && networkOf(ip, prefix.length) === networkOf(prefix.address, prefix.length);
}

/** Reads `a.b.c.d/len` (a lone address means /32); undefined where it is none. */
export function parsePrefix(text: string): Prefix | undefined {
  const [host = '', bits, more] = text.split('/');
  const address = parseIp(host);
  if (address === undefined || address < 0 || more !== undefined) return undefined;
  if (bits === undefined) return { address, length: 32 };
  const mask = bits.includes('.') ? parseIp(bits) : undefined;
  const length =
    mask !== undefined ? lengthOfMask(mask) : /^\d+$/.test(bits) ? Number(bits) : undefined;
  return length === undefined || length > 32 ? undefined : { address, length };
}

/** A network as `a.b.c.d/len`. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatIp(prefix.address)}/${prefix.length}`;
}

export function isLoopback(ip: Ip): boolean {
  return ip === IP6_LOOPBACK || (ip >>> 24 === 127 && ip >= 0);
}

export function isMulticast(ip: Ip): boolean {
  return ip >= 0 && ip >>> 28 === 14;
}

/** The link-local IPv6 address that the kernel derives from a hardware address (EUI-64). */
export function linkLocal6(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac
    .split(':')
    .map((part) => parseInt(part, 16));
  const words = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${words.map((word) => word.toString(16)).join(':')}`;
}
