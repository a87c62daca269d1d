// What Kubernetes adds to CEL's values: quantities, addresses, address ranges, URLs.

import {
  addQuantities,
  compareQuantities,
  nanoOf,
  parseQuantity,
  subtractQuantity,
} from '../fields/quantity.ts';
import { ipv4Network, ipv4Number, isIpAddress, isIpv6 } from '../validation/addresses.ts';
import { CelError, type Opaque, type Value } from './values.ts';

const OVERLOAD = new CelError('no such overload');

function opaque(value: Value | undefined, type: string): Opaque | undefined {
  const one = value as Opaque | undefined;
  return typeof value === 'object' && one?.kind === 'opaque' && one.type === type ? one : undefined;
}

/** quantity('1Gi'). */
export function quantityOf(value: Value): Opaque | CelError {
  if (typeof value !== 'string') return opaque(value, 'kubernetes.Quantity') ?? OVERLOAD;
  const text = value;
  if ('error' in Object(parseQuantity(text))) {
    return new CelError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  const with_ =
    (run: (other: string) => Value | CelError) =>
    (other?: Value): Value | CelError => {
      if (typeof other === 'bigint') return run(String(other));
      const found = opaque(other, 'kubernetes.Quantity');
      return found ? run(found.text) : OVERLOAD;
    };
  const whole = nanoOf(text) % 1_000_000_000n === 0n;
  return {
    kind: 'opaque',
    type: 'kubernetes.Quantity',
    text,
    compare: (other) => compareQuantities(text, other.text),
    methods: {
      isGreaterThan: with_((other) => compareQuantities(text, other) > 0),
      isLessThan: with_((other) => compareQuantities(text, other) < 0),
      compareTo: with_((other) => BigInt(compareQuantities(text, other))),
      add: with_((other) => quantityOf(addQuantities([text, other]))),
      sub: with_((other) => quantityOf(subtractQuantity(text, other))),
      sign: () => BigInt(Math.sign(Number(nanoOf(text)))),
      isInteger: () => whole,
      asInteger: () =>
        whole ? nanoOf(text) / 1_000_000_000n : new CelError('cannot convert value to integer'),
      asApproximateFloat: () => Number(nanoOf(text)) / 1e9,
    },
  };
}

/** ip('10.0.0.1'). */
export function addressOf(value: Value): Opaque | CelError {
  if (typeof value !== 'string') return opaque(value, 'net.IP') ?? OVERLOAD;
  if (!isIpAddress(value)) {
    return new CelError(
      `IP Address ${JSON.stringify(value)} parse error during conversion from string: ParseAddr(${JSON.stringify(value)}): unable to parse IP`,
    );
  }
  const first = Number(value.split('.')[0]);
  return {
    kind: 'opaque',
    type: 'net.IP',
    text: value,
    methods: {
      family: () => (isIpv6(value) ? 6n : 4n),
      isUnspecified: () => value === '0.0.0.0' || value === '::',
      isLoopback: () => value === '::1' || (!isIpv6(value) && first === 127),
      isGlobalUnicast: () => isIpv6(value) || (first !== 127 && first < 224 && first > 0),
      isLinkLocalUnicast: () => /^169\.254\.|^fe80:/i.test(value),
      isLinkLocalMulticast: () => /^224\.0\.0\.|^ff02:/i.test(value),
    },
  };
}

/** cidr('10.0.0.0/8'). */
export function cidrOf(value: Value): Opaque | CelError {
  if (typeof value !== 'string') return opaque(value, 'net.CIDR') ?? OVERLOAD;
  const [address = '', length = ''] = value.split('/');
  const fits =
    isIpAddress(address) && /^\d+$/.test(length) && Number(length) <= (isIpv6(address) ? 128 : 32);
  if (!fits) {
    return new CelError(
      `CIDR ${JSON.stringify(value)} parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(value)}): no '/'`,
    );
  }
  const network = ipv4Network(value);
  const holds = (text: string): boolean => {
    const number = ipv4Number(text);
    return (
      network !== undefined &&
      number !== undefined &&
      number >= network.base &&
      number < network.base + network.size
    );
  };
  return {
    kind: 'opaque',
    type: 'net.CIDR',
    text: value,
    methods: {
      containsIP: (other = null) =>
        holds(typeof other === 'string' ? other : (other as Opaque).text),
      containsCIDR: (other = null) => {
        const inner = ipv4Network(typeof other === 'string' ? other : (other as Opaque).text);
        return (
          network !== undefined &&
          inner !== undefined &&
          inner.base >= network.base &&
          inner.base + inner.size <= network.base + network.size
        );
      },
      ip: () => addressOf(address),
      prefixLength: () => BigInt(length),
    },
  };
}

/** url('https://example.com/a?b=c'). */
export function urlOf(value: Value): Opaque | CelError {
  if (typeof value !== 'string') return opaque(value, 'kubernetes.URL') ?? OVERLOAD;
  const parts = /^([a-z][\w+.-]*):\/\/(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?/i.exec(
    value,
  );
  if (!parts && !value.startsWith('/')) {
    return new CelError(
      `URL parse error during conversion from string: parse ${JSON.stringify(value)}: invalid URI for request`,
    );
  }
  const [, scheme = '', host = '', port = '', path = '', query = ''] = parts ?? [];
  const pairs = new Map<Value, Value>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const [key = '', one = ''] = pair.split('=').map(decodeURIComponent);
    pairs.set(key, [...((pairs.get(key) ?? []) as readonly Value[]), one]);
  }
  return {
    kind: 'opaque',
    type: 'kubernetes.URL',
    text: value,
    methods: {
      getScheme: () => scheme,
      getHost: () => (port === '' ? host : `${host}:${port}`),
      getHostname: () => host.replace(/^\[|\]$/g, ''),
      getPort: () => port,
      getEscapedPath: () => (parts ? path : (value.split('?')[0] ?? '')),
      getQuery: () => pairs,
    },
  };
}
