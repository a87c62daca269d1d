// Addresses out of ranges, as kubeadm counts them.

import { formatIp, parseIp, parsePrefix } from '../../kernel/network/address.ts';

/** The address of a services' range at an index: 1 is the API server's, 10 the DNS server's; '' where it is no range. */
export function serviceAddress(subnet: string, index: number): string {
  const [first = ''] = subnet.split(',');
  const address = parseIp(first.split('/')[0] ?? '');
  return address === undefined ? '' : formatIp(address + index);
}

/** How many addresses a range has; undefined where it is none. */
export function sizeOf(subnet: string): number | undefined {
  const prefix = parsePrefix(subnet);
  return prefix && subnet.includes('/') ? 2 ** (32 - prefix.length) : undefined;
}
