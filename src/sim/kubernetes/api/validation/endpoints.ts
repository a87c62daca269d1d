// Endpoints and EndpointSlices: addresses that can be reached, ports with names that differ.

import type { KubeObject } from '../object.ts';
import type { EndpointSlice, Endpoints } from '../types/service.ts';
import { IP_WORDS, ipv4Number, isIpAddress, isIpv6 } from './addresses.ts';
import { invalidEach } from './containers.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { dnsLabel, dnsSubdomain, portNumber } from './names.ts';

/** Addresses that are no endpoint's. */
function validateReachable(ip: string, path: string): FieldError[] {
  if (!isIpAddress(ip)) {
    return [
      fieldErrors.invalid(path, ip, IP_WORDS),
      fieldErrors.invalid(path, ip, 'must be a valid IP address'),
    ];
  }
  const forbidden: readonly (readonly [RegExp, string])[] = [
    [/^(0\.0\.0\.0|::)$/, 'may not be unspecified (0.0.0.0 or ::)'],
    [/^(127\.|::1$)/, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    [/^(169\.254\.|fe80:)/, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
    [
      /^(224\.0\.0\.|ff02:)/,
      'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
  ];
  const found = forbidden.find(([shape]) => shape.test(ip));
  return found ? [fieldErrors.invalid(path, ip, found[1])] : [];
}

/** Checks Endpoints. */
export function validateEndpoints(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, subset] of ((object as unknown as Endpoints).subsets ?? []).entries()) {
    const at = `subsets[${i}]`;
    const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
    if (addresses.length === 0 && notReadyAddresses.length === 0) {
      errors.push(fieldErrors.required(at, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const [name, list] of [
      ['addresses', addresses],
      ['notReadyAddresses', notReadyAddresses],
    ] as const) {
      for (const [j, { ip }] of list.entries()) {
        errors.push(...validateReachable(ip, `${at}.${name}[${j}].ip`));
      }
    }
    for (const [j, port] of ports.entries()) {
      if (ports.length > 1 && !port.name) {
        errors.push(fieldErrors.required(`${at}.ports[${j}].name`));
      } else if (port.name) {
        errors.push(...invalidEach(`${at}.ports[${j}].name`, port.name, dnsLabel(port.name)));
      }
      errors.push(...invalidEach(`${at}.ports[${j}].port`, port.port, portNumber(port.port)));
    }
  }
  return errors;
}

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

/** Checks an EndpointSlice. */
export function validateEndpointSlice(object: KubeObject): FieldError[] {
  const slice = object as unknown as EndpointSlice;
  const errors: FieldError[] = [];
  if (!slice.addressType) errors.push(fieldErrors.required('addressType'));
  else if (!ADDRESS_TYPES.includes(slice.addressType)) {
    errors.push(fieldErrors.notSupported('addressType', slice.addressType, ADDRESS_TYPES));
  }
  const names = new Set<string>();
  for (const [i, port] of (slice.ports ?? []).entries()) {
    const at = `ports[${i}]`;
    const name = port.name ?? '';
    if (name !== '') errors.push(...invalidEach(`${at}.name`, name, dnsLabel(name)));
    if (names.has(name)) errors.push(fieldErrors.duplicate(`${at}.name`, name));
    names.add(name);
    const { protocol = 'TCP' } = port;
    if (!PROTOCOLS.includes(protocol)) {
      errors.push(fieldErrors.notSupported(`${at}.protocol`, protocol, PROTOCOLS));
    }
  }
  for (const [i, endpoint] of (slice.endpoints ?? []).entries()) {
    const at = `endpoints[${i}].addresses`;
    const addresses = endpoint.addresses ?? [];
    if (addresses.length === 0) {
      errors.push(fieldErrors.required(at, 'must contain at least 1 address'));
    }
    for (const [j, address] of addresses.entries()) {
      errors.push(...validateAddress(slice.addressType, address, `${at}[${j}]`));
    }
  }
  return errors;
}

function validateAddress(type: string, address: string, path: string): FieldError[] {
  if (type === 'FQDN') return invalidEach(path, address, dnsSubdomain(address));
  if (!isIpAddress(address)) return [fieldErrors.invalid(path, address, IP_WORDS)];
  if (type === 'IPv4' && ipv4Number(address) === undefined) {
    return [fieldErrors.invalid(path, address, 'must be an IPv4 address')];
  }
  if (type === 'IPv6' && !isIpv6(address)) {
    return [fieldErrors.invalid(path, address, 'must be an IPv6 address')];
  }
  return validateReachable(address, path);
}
