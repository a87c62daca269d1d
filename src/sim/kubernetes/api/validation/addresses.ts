// IP addresses and networks.

/** What the server says of a text that is no IP address. */
export const IP_WORDS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

/** An IPv4 address as a number; undefined where it is none. Leading zeros are refused. */
export function ipv4Number(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    const octet = Number(part);
    if (octet > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

/** The dotted text of an IPv4 address. */
export function ipv4Text(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function isIpv6(text: string): boolean {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const width = groups.reduce((sum, group) => sum + (group.includes('.') ? 2 : 1), 0);
  if (halves.length === 2 ? width > 7 : width !== 8) return false;
  return groups.every(
    (group) => /^[0-9a-fA-F]{1,4}$/.test(group) || ipv4Number(group) !== undefined,
  );
}

export function isIpAddress(text: string): boolean {
  return ipv4Number(text) !== undefined || isIpv6(text);
}

/** An IPv4 network: its first address and its size. Undefined where the text is none. */
export function ipv4Network(text: string): { base: number; size: number } | undefined {
  const [address = '', bits = ''] = text.split('/');
  const value = ipv4Number(address);
  const length = Number(bits);
  if (value === undefined || bits === '' || !(length >= 0 && length <= 32)) return undefined;
  const size = 2 ** (32 - length);
  return { base: value - (value % size), size };
}

/** An IPv4 text without the zeros before its numbers, as lenient readers take it. */
function withoutZeros(text: string): string {
  return text.replace(/(^|[./])0+(?=\d)/g, '$1');
}

/** What is wrong with an address (StrictIPCIDRValidation); empty for a good one. */
export function ipMistakes(text: string): string[] {
  if (ipv4Number(text) !== undefined) return [];
  if (isIpv6(text))
    return /^::ffff:/i.test(text) ? ['must not be an IPv4-mapped IPv6 address'] : [];
  return [ipv4Number(withoutZeros(text)) === undefined ? IP_WORDS : 'must not have leading 0s'];
}

/** What is wrong with a network such as 10.0.0.0/8; empty for a good one. */
export function cidrMistakes(text: string): string[] {
  const why = ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
  const [address = '', bits = '', ...more] = text.split('/');
  if (!/^\d+$/.test(bits) || more.length > 0) return why;
  if (isIpv6(address)) {
    if (Number(bits) > 128) return why;
    return /^::ffff:/i.test(address) ? ['must not have an IPv4-mapped IPv6 address'] : [];
  }
  const network = ipv4Network(withoutZeros(text));
  if (!network) return why;
  if (withoutZeros(text) !== text) return ['must not have leading 0s in IP or prefix length'];
  return network.base === ipv4Number(address)
    ? []
    : ['must not have bits set beyond the prefix length'];
}
