// host-local: addresses out of configured ranges, written down as one file each in /var/lib/cni/networks/NETWORK.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import {
  broadcastOf,
  formatIp,
  networkOf,
  parseIp,
  parsePrefix,
} from '../../kernel/network/address.ts';
import { makeDirectories, writeWholeFile } from '../containerd/daemon.ts';
import type { CniResult } from './library.ts';
import { type CniError, cniPlugin, isCniError, type PluginCall, plainError } from './skel.ts';

interface RangeConfig {
  readonly subnet?: string;
  readonly rangeStart?: string;
  readonly rangeEnd?: string;
  readonly gateway?: string;
}

interface Ipam extends RangeConfig {
  readonly ranges?: readonly (readonly RangeConfig[])[];
  readonly routes?: CniResult['routes'];
  readonly dataDir?: string;
}

interface AddressRange {
  readonly subnet: { readonly address: number; readonly length: number };
  readonly start: number;
  readonly end: number;
  readonly gateway: number;
}

function rangeOf(config: RangeConfig, set: number): AddressRange | CniError {
  const text = config.subnet ?? '';
  const subnet = parsePrefix(text);
  if (!subnet || !text.includes('/')) return plainError(`invalid CIDR address: ${text}`);
  const { length } = subnet;
  const network = networkOf(subnet.address, length);
  if (network !== subnet.address) {
    return plainError(
      `invalid range set ${set}: Network has host bits set. For a subnet mask of length ${length} the network address is ${formatIp(network)}`,
    );
  }
  if (length > 30)
    return plainError(`invalid range set ${set}: Network ${text} too small to allocate from`);
  const last = broadcastOf(network, length) - 1;
  const start =
    config.rangeStart === undefined ? network + 1 : (parseIp(config.rangeStart) ?? network + 1);
  const end = config.rangeEnd === undefined ? last : (parseIp(config.rangeEnd) ?? last);
  const outside = [
    [config.rangeStart, start],
    [config.rangeEnd, end],
  ] as const;
  for (const [given, ip] of outside) {
    if (given !== undefined && (ip < network || ip > last + 1)) {
      const which = given === config.rangeStart ? 'RangeStart' : 'RangeEnd';
      return plainError(`invalid range set ${set}: ${which} ${given} not in network ${text}`);
    }
  }
  const gateway =
    config.gateway === undefined ? network + 1 : (parseIp(config.gateway) ?? network + 1);
  return { subnet: { address: network, length }, start, end, gateway };
}

function rangeSets(ipam: Ipam): AddressRange[][] | CniError {
  const configs = [...(ipam.subnet === undefined ? [] : [[ipam]]), ...(ipam.ranges ?? [])];
  if (configs.length === 0) return plainError('no IP ranges specified');
  const sets: AddressRange[][] = [];
  for (const [i, ranges] of configs.entries()) {
    const set: AddressRange[] = [];
    for (const config of ranges) {
      const range = rangeOf(config, i);
      if (isCniError(range)) return range;
      set.push(range);
    }
    sets.push(set);
  }
  return sets;
}

function storeOf(call: PluginCall): string {
  const ipam = call.config.ipam as Ipam | undefined;
  return `${ipam?.dataDir ?? '/var/lib/cni/networks'}/${call.config.name}`;
}

function* readText(p: Process, path: string): Routine<string | undefined> {
  const fd = p.open(path);
  if (isErrno(fd)) return undefined;
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return isErrno(bytes) ? undefined : decode(bytes);
}

/** The addresses of a set in the order in which they are tried: after the one handed out last. */
function* candidates(
  set: readonly AddressRange[],
  last: number | undefined,
): Generator<{ ip: number; range: AddressRange }> {
  const all = function* (): Generator<{ ip: number; range: AddressRange }> {
    for (const range of set) for (let ip = range.start; ip <= range.end; ip++) yield { ip, range };
  };
  if (last === undefined) {
    yield* all();
    return;
  }
  let passed = false;
  for (const candidate of all()) {
    if (passed) yield candidate;
    if (candidate.ip === last) passed = true;
  }
  for (const candidate of all()) {
    yield candidate;
    if (candidate.ip === last) return;
  }
}

/** Addresses asked for: in CNI_ARGS, in the configuration's args, by the runtime. */
function requestedIps({ process: p, config }: PluginCall): Set<string> {
  const given = /(?:^|;)IP=([^;]+)/.exec(p.environment.get('CNI_ARGS') ?? '');
  const args = config.args as { readonly cni?: { readonly ips?: readonly string[] } } | undefined;
  const runtime = config.runtimeConfig?.ips as readonly string[] | undefined;
  const all = [...(given ? [given[1] ?? ''] : []), ...(args?.cni?.ips ?? []), ...(runtime ?? [])];
  return new Set(all.map((text) => text.split('/')[0] ?? ''));
}

const textOf = (set: readonly AddressRange[]): string =>
  set.map((range) => `${formatIp(range.start)}-${formatIp(range.end)}`).join(',');

const rangeFor = (set: readonly AddressRange[], ip: number | undefined): AddressRange | undefined =>
  set.find((range) => ip !== undefined && ip >= range.start && ip <= range.end);

/** An address out of a set for a container: the one that was asked for, or the next that is free. */
function* allocate(
  call: PluginCall,
  set: readonly AddressRange[],
  index: number,
  requested: Set<string>,
): Routine<{ ip: number; range: AddressRange } | string> {
  const { process: p } = call;
  const store = storeOf(call);
  const wish = [...requested].find((text) => rangeFor(set, parseIp(text)) !== undefined);
  if (wish !== undefined) {
    requested.delete(wish);
    const ip = parseIp(wish) ?? 0;
    const range = rangeFor(set, ip) as AddressRange;
    if (ip === range.gateway) return `requested ip ${wish} is subnet's gateway`;
    if (!p.exists(`${store}/${wish}`)) return { ip, range };
    return `requested IP address ${wish} is not available in range set ${textOf(set)}`;
  }
  const own = (yield* held(call)).find((text) => rangeFor(set, parseIp(text)) !== undefined);
  if (own !== undefined) {
    return `${own} has been allocated to ${call.containerId}, duplicate allocation is not allowed`;
  }
  const last = parseIp((yield* readText(p, `${store}/last_reserved_ip.${index}`)) ?? '');
  for (const candidate of candidates(set, last)) {
    const { ip, range } = candidate;
    if (ip !== range.gateway && !p.exists(`${store}/${formatIp(ip)}`)) return candidate;
  }
  return `no IP addresses available in range set: ${textOf(set)}`;
}

function* add(call: PluginCall): Routine<CniResult | CniError> {
  const { process: p, containerId, interfaceName } = call;
  const ipam = (call.config.ipam ?? {}) as Ipam;
  const sets = rangeSets(ipam);
  if (isCniError(sets)) return sets;
  const store = storeOf(call);
  makeDirectories(p, store);
  if (!p.exists(`${store}/lock`)) writeWholeFile(p, `${store}/lock`, encode(''));
  const ips: NonNullable<CniResult['ips']>[number][] = [];
  const requested = requestedIps(call);
  const taken: string[] = [];
  for (const [i, set] of sets.entries()) {
    const found = yield* allocate(call, set, i, requested);
    if (typeof found === 'string') {
      for (const address of taken) p.unlink(`${store}/${address}`);
      return plainError(`failed to allocate for range ${i}: ${found}`);
    }
    const address = formatIp(found.ip);
    taken.push(address);
    writeWholeFile(p, `${store}/${address}`, encode(`${containerId}\r\n${interfaceName}`));
    writeWholeFile(p, `${store}/last_reserved_ip.${i}`, encode(address));
    ips.push({
      address: `${address}/${found.range.subnet.length}`,
      gateway: formatIp(found.range.gateway),
    });
  }
  if (requested.size > 0) {
    for (const address of taken) p.unlink(`${store}/${address}`);
    return plainError(`failed to allocate all requested IPs: ${[...requested].join(' ')}`);
  }
  return {
    cniVersion: call.config.cniVersion ?? '0.1.0',
    ips,
    ...(ipam.routes ? { routes: ipam.routes } : {}),
    dns: {},
  };
}

/** The files of addresses that a container holds. */
function* held(call: PluginCall): Routine<string[]> {
  const { process: p } = call;
  const store = storeOf(call);
  const entries = p.readdir(store);
  const found: string[] = [];
  for (const { name } of isErrno(entries) ? [] : entries) {
    if (name === 'lock' || name.startsWith('last_reserved_ip')) continue;
    const text = (yield* readText(p, `${store}/${name}`)) ?? '';
    const [id, interfaceName] = text.trim().split(/\r?\n/);
    if (
      id === call.containerId &&
      (interfaceName === undefined || interfaceName === call.interfaceName)
    )
      found.push(name);
  }
  return found;
}

function* del(call: PluginCall): Routine<undefined> {
  for (const name of yield* held(call)) call.process.unlink(`${storeOf(call)}/${name}`);
  return undefined;
}

function* check(call: PluginCall): Routine<CniError | undefined> {
  const found = yield* held(call);
  return found.length > 0
    ? undefined
    : plainError(`host-local: Failed to find address added by container ${call.containerId}`);
}

export const hostLocal = cniPlugin('host-local', { add, del, check });
