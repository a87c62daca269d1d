// The flags of network create that speak of addresses, as pools (createIPAMConfig of docker/cli).

import { inPrefix, parseIp, parsePrefix } from '../../kernel/network/address.ts';
import type { FlagValues } from './command.ts';
import { type FlagError, isFlagError, wrongFlag } from './flag-error.ts';

interface Pool {
  readonly Subnet: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

const invalid = (text: string): FlagError => wrongFlag(`invalid CIDR address: ${text}`);

/** subnetMatches: whether an address, or the first of a range, lies in a subnet. */
function holds(subnet: string, data: string): boolean | FlagError {
  const pool = subnet.includes('/') ? parsePrefix(subnet) : undefined;
  const [address = ''] = data.split('/', 1);
  if (address.includes(':') && subnet.includes(':')) return true;
  if (!pool && !subnet.includes(':'))
    return wrongFlag(`invalid subnet: invalid CIDR address: ${subnet}`);
  if (data.includes('/') && !address.includes(':') && !parsePrefix(data)) return invalid(data);
  const ip = parseIp(address);
  return pool !== undefined && ip !== undefined && inPrefix(ip, pool);
}

/** Gives each value to the subnet that it lies in. */
function place(
  pools: readonly Pool[],
  values: readonly string[],
  what: 'range' | 'gateway',
): FlagError | undefined {
  const field = what === 'range' ? 'IPRange' : 'Gateway';
  for (const value of values) {
    let match = false;
    for (const pool of pools) {
      const inside = holds(pool.Subnet, value);
      if (isFlagError(inside)) return inside;
      if (!inside) continue;
      if (pool[field] !== undefined)
        return wrongFlag(
          `cannot configure multiple ${what}s (${value}, ${pool[field]}) ${what === 'range' ? 'on' : 'for'} the same subnet (${pool.Subnet})`,
        );
      pool[field] = value;
      match = true;
    }
    if (!match) return wrongFlag(`no matching subnet for ${what} ${value}`);
  }
  return undefined;
}

/** The pools that --subnet, --ip-range, --gateway and --aux-address describe. */
export function ipamConfig(flags: FlagValues): readonly Pool[] | FlagError {
  const subnets = flags.list('subnet').flatMap((text) => text.split(','));
  const ranges = flags.list('ip-range').flatMap((text) => text.split(','));
  const gateways = flags.list('gateway').flatMap((text) => text.split(','));
  if (subnets.length < ranges.length || subnets.length < gateways.length)
    return wrongFlag('every ip-range or gateway must have a corresponding subnet');
  const pools: Pool[] = [];
  for (const Subnet of subnets) {
    for (const other of pools) {
      const inside = holds(Subnet, other.Subnet);
      if (isFlagError(inside)) return inside;
      if (inside === true || holds(other.Subnet, Subnet) === true)
        return wrongFlag('multiple overlapping subnet configuration is not supported');
    }
    pools.push({ Subnet });
  }
  const wrong = place(pools, ranges, 'range') ?? place(pools, gateways, 'gateway');
  if (wrong) return wrong;
  for (const [name, address] of Object.entries(flags.pairs('aux-address'))) {
    const pool = pools.find(({ Subnet }) => holds(Subnet, address) === true);
    if (!pool) return wrongFlag(`no matching subnet for aux-address ${address}`);
    pool.AuxiliaryAddresses = { ...pool.AuxiliaryAddresses, [name]: address };
  }
  return pools;
}
