// --network of run and create, in its short and its long form (opts.NetworkOpt), with the flags that speak of the first
// network: --ip, --network-alias, --link, --mac-address (parseNetworkOpts).

import type { EndpointRequest } from '../daemon/types.ts';
import type { FlagValues } from './command.ts';
import { type FlagError, isFlagError, wrongFlag } from './flag-error.ts';
import { csvFields } from './mount-flag.ts';

/** Networks that a container is to be connected to; the first one's name is the mode. */
export interface Networking {
  readonly mode: string;
  readonly endpoints: Readonly<Record<string, EndpointRequest>>;
}

interface Attachment {
  target: string;
  aliases: string[];
  links: readonly string[];
  ip: string;
  mac: string;
  driverOpts: Record<string, string>;
  gwPriority: number;
}

function pairInto(target: Record<string, string>, text: string): string | undefined {
  const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === '') return 'invalid key value pair format in driver options';
  target[key.trim()] = value.trim();
  return undefined;
}

function takeField(into: Attachment, key: string, value: string): string | undefined {
  switch (key) {
    case 'name':
      into.target = value;
      return undefined;
    case 'alias':
      into.aliases.push(value);
      return undefined;
    case 'ip':
      into.ip = value;
      return undefined;
    case 'mac-address':
      into.mac = value;
      return undefined;
    case 'driver-opt':
      return pairInto(into.driverOpts, value);
    case 'gw-priority':
      into.gwPriority = Number(value);
      return /^[+-]?\d+$/.test(value)
        ? undefined
        : `invalid gw-priority (${value}): invalid syntax`;
    case 'ip6':
    case 'link-local-ip':
      return undefined;
    default:
      return `invalid field key ${key}`;
  }
}

/** One --network. */
export function networkFlag(text: string): Attachment | FlagError {
  const attachment: Attachment = {
    target: text,
    aliases: [],
    links: [],
    ip: '',
    mac: '',
    driverOpts: {},
    gwPriority: 0,
  };
  if (!/\w+=\w+(,\w+=\w+)*/.test(text)) return attachment;
  attachment.target = '';
  for (const field of csvFields(text)) {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(field.toLowerCase()) ?? [];
    if (key === '') return wrongFlag(`invalid field ${field}`);
    const wrong = takeField(attachment, key.trim(), value.trim());
    if (wrong !== undefined) return wrongFlag(wrong);
  }
  return attachment.target === '' ? wrongFlag('network name/id is not specified') : attachment;
}

const isUserDefined = (name: string): boolean =>
  !/^(default|bridge|host|none|)$/.test(name) && !name.startsWith('container:');

/** What stands in both the long form and a flag of its own. */
function conflict(attachment: Attachment, flags: FlagValues): string | undefined {
  const both = (a: boolean, name: string, flag: string, long: string): string | undefined =>
    a && flags.given(name)
      ? `conflicting options: cannot specify both --${flag} and per-network ${long}`
      : undefined;
  return (
    both(attachment.aliases.length > 0, 'network-alias', 'network-alias', 'alias') ??
    both(attachment.ip !== '', 'ip', 'ip', 'IPv4 address') ??
    both(attachment.mac !== '', 'mac-address', 'mac-address', 'MAC address')
  );
}

function endpointOf(attachment: Attachment): EndpointRequest | FlagError {
  const { target, aliases, links, ip, mac, driverOpts, gwPriority } = attachment;
  if (target.trim() === '') return wrongFlag('no name set for network');
  if (!isUserDefined(target) && aliases.length > 0)
    return wrongFlag('network-scoped aliases are only supported for user-defined networks');
  if (mac !== '' && !/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(mac))
    return wrongFlag(`${mac} is not a valid mac address`);
  return {
    ...(ip === '' ? {} : { IPAMConfig: { IPv4Address: ip } }),
    ...(aliases.length > 0 ? { Aliases: aliases } : {}),
    ...(links.length > 0 ? { Links: links } : {}),
    ...(mac === '' ? {} : { MacAddress: mac }),
    ...(Object.keys(driverOpts).length > 0 ? { DriverOpts: driverOpts } : {}),
    ...(gwPriority === 0 ? {} : { GwPriority: gwPriority }),
  };
}

/** All networks of a command line. */
export function networking(flags: FlagValues): Networking | FlagError {
  const given = flags.list('network').map(networkFlag);
  const parsed = given.length > 0 ? given : [networkFlag('default')];
  const endpoints: Record<string, EndpointRequest> = {};
  const kinds = new Set<boolean>();
  for (const [i, attachment] of parsed.entries()) {
    if (isFlagError(attachment)) return attachment;
    const { target } = attachment;
    if (given.length > 0) kinds.add(isUserDefined(target));
    if (i === 0) {
      const wrong = conflict(attachment, flags);
      if (wrong !== undefined) return wrongFlag(wrong);
      attachment.aliases.push(...flags.list('network-alias'));
      if (isUserDefined(target)) attachment.links = flags.list('link');
      attachment.ip ||= flags.text('ip');
      attachment.mac ||= flags.text('mac-address');
    }
    const endpoint = endpointOf(attachment);
    if (isFlagError(endpoint)) return endpoint;
    if (target in endpoints)
      return wrongFlag(`network ${JSON.stringify(target)} is specified multiple times`);
    if (given.length === 1 && Object.keys(endpoint).length === 0) continue;
    endpoints[target] = endpoint;
  }
  if (kinds.size > 1)
    return wrongFlag(
      'conflicting options: cannot attach both user-defined and non-user-defined network-modes',
    );
  const [first] = parsed;
  return { mode: first && !isFlagError(first) ? first.target : 'default', endpoints };
}
