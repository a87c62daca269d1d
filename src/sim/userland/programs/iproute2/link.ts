// ip link: show, add, set, delete.

import { isErrno } from '../../../kernel/errno.ts';
import { parseIp } from '../../../kernel/network/address.ts';
import type { Link, LinkKind } from '../../../kernel/network/link.ts';
import { type LinkRequest, validName } from '../../../kernel/network/links.ts';
import type { NetworkNamespace } from '../../../kernel/network/namespace.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { notSimulated } from '../../libc/stdio.ts';
import {
  commandOf,
  type IpContext,
  jsonText,
  linkNamed,
  Misuse,
  macOf,
  noDevice,
  type Words,
} from './context.ts';
import { setBridge, setLink } from './link-set.ts';
import { namedNamespaces, namespaceFor } from './netns.ts';
import { briefLink, linkJson, linkText } from './show-link.ts';

const COMMANDS = [
  'add',
  'set',
  'change',
  'delete',
  'show',
  'lst',
  'list',
  'help',
  'replace',
  'property',
  'afstats',
  'xstats',
];

const KINDS: readonly LinkKind[] = [
  'veth',
  'bridge',
  'dummy',
  'vlan',
  'macvlan',
  'ipvlan',
  'vxlan',
];
/** Kinds that Linux has and that are not modelled here. */
const OTHER_KINDS = [
  'bareudp',
  'bond',
  'can',
  'dsa',
  'erspan',
  'geneve',
  'gre',
  'gretap',
  'gtp',
  'hsr',
  'ifb',
  'ip6gre',
  'ip6tnl',
  'ipip',
  'ipoib',
  'ipvtap',
  'lowpan',
  'macsec',
  'macvtap',
  'netdevsim',
  'nlmon',
  'rmnet',
  'sit',
  'team',
  'vcan',
  'virt_wifi',
  'vrf',
  'vti',
  'vxcan',
  'wwan',
  'wireguard',
  'xfrm',
];

/** ip link … */
export function* ipLink(context: IpContext, words: Words): ProgramRun {
  const word = words.peek();
  const command = word === undefined ? 'show' : commandOf(word, COMMANDS);
  if (word !== undefined) words.next();
  switch (command) {
    case 'show':
    case 'list':
    case 'lst':
      return yield* show(context, words);
    case 'add':
      return yield* add(context, words);
    case 'set':
    case 'change':
      return yield* setLink(context, words);
    case 'delete':
      return yield* remove(context, words);
    case 'help':
      return yield* context.error(
        'Usage: ip link add  [link DEV | parentdev NAME] [ name ] NAME',
        255,
      );
    case undefined:
      throw new Misuse(`Command "${word}" is unknown, try "ip link help".`, 255);
    default:
      return yield* notSimulated(context.main, `ip link ${command}`);
  }
}

/** Which links a `show` speaks of. */
interface Filter {
  name?: string;
  up?: boolean;
  master?: string;
  type?: string;
}

/** Reads the words of `ip link show` and `ip addr show`. */
export function readFilter(words: Words): Filter {
  const filter: Filter = {};
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') filter.name = words.value();
    else if (word === 'up') filter.up = true;
    else if (word === 'master') filter.master = words.value();
    else if (word === 'type') filter.type = words.value();
    else if (filter.name !== undefined) {
      throw new Misuse(`Error: either "dev" is duplicate, or "${word}" is a garbage.`, 255);
    } else filter.name = word;
  }
  return filter;
}

/** The links that a filter leaves, in order of index. */
export function filterLinks(context: IpContext, filter: Filter): Link[] {
  if (filter.name !== undefined && !context.namespace.link(filter.name)) {
    throw noDevice(context, filter.name, `Device "${filter.name}" does not exist.`);
  }
  return context.namespace.linksByIndex.filter(
    (link) =>
      (filter.name === undefined || link.name === filter.name) &&
      (!filter.up || link.up) &&
      (filter.master === undefined || link.master?.name === filter.master) &&
      (filter.type === undefined || link.kind === filter.type),
  );
}

function* show(context: IpContext, words: Words): ProgramRun {
  const links = filterLinks(context, readFilter(words));
  const { options } = context;
  if (options.json) {
    context.main.out.put(
      jsonText(
        links.map((link) => linkJson(link, false, 'any')),
        options.pretty,
      ),
    );
    return 0;
  }
  const names = namedNamespaces(context.process);
  for (const link of links) {
    context.print(options.brief ? briefLink(link) : linkText(context, link, true, names));
  }
  return 0;
}

/** What `ip link add` has been told so far. */
interface Draft {
  name?: string;
  kind?: string;
  mac?: string;
  mtu?: number;
  index?: number;
  lower?: Link;
  namespace?: NetworkNamespace;
  tag?: number;
  mode?: string;
  remote?: number;
  local?: number;
  port?: number;
  readonly bridge: Map<string, string>;
  peer?: { name?: string; mac?: string; mtu?: number; namespace?: NetworkNamespace };
}

function* add(context: IpContext, words: Words): ProgramRun {
  const draft = readDraft(context, words);
  if (draft.kind === undefined)
    throw new Misuse('Not enough information: "type" argument is required', 1);
  if (OTHER_KINDS.includes(draft.kind))
    return yield* notSimulated(context.main, `ip link add type ${draft.kind}`);
  const kind = KINDS.find((known) => known === draft.kind);
  if (!kind) return yield* context.error('Error: Unknown device type.', 2);
  for (const name of [draft.name, draft.peer?.name]) {
    if (name !== undefined && name.length > 15)
      return yield* context.error('Error: Attribute failed policy validation.', 2);
    if (name !== undefined && !validName(name)) {
      return yield* context.error(
        `Error: argument "${name}" is wrong: "name" not a valid ifname`,
        255,
      );
    }
  }
  if (draft.name === undefined && kind === 'vlan') {
    return yield* context.error('Not enough information: "name" argument is required', 1);
  }
  const target = draft.namespace ?? context.namespace;
  const request: LinkRequest = {
    kind,
    name: draft.name,
    mac: draft.mac,
    mtu: draft.mtu,
    index: draft.index,
    lower: draft.lower,
    tag: draft.tag ?? 0,
    ...(draft.mode === undefined ? {} : { mode: draft.mode }),
    tunnel:
      kind === 'vxlan'
        ? { remote: draft.remote, local: draft.local, port: draft.port ?? 8472 }
        : undefined,
    ...(kind === 'veth'
      ? {
          peer: {
            name: draft.peer?.name,
            mac: draft.peer?.mac,
            mtu: draft.peer?.mtu,
            namespace: draft.peer?.namespace ?? target,
          },
        }
      : {}),
  };
  const link = context.process.netlink(target).addLink(request);
  if (isErrno(link)) return yield* context.refused(link);
  if (draft.mac !== undefined) link.macIsOwn = true;
  if (link.bridge) setBridge(link.bridge, draft.bridge);
  return 0;
}

function readDraft(context: IpContext, words: Words): Draft {
  const draft: Draft = { bridge: new Map() };
  let inPeer = false;
  while (!words.done) {
    const word = words.value();
    const into = inPeer ? (draft.peer ??= {}) : draft;
    if (word === 'name') into.name = words.value();
    else if (word === 'type' && !inPeer) draft.kind = words.value();
    else if (word === 'address') into.mac = macOf(words.value());
    else if (word === 'mtu') into.mtu = Number(words.value());
    else if (word === 'netns') into.namespace = namespaceFor(context.process, words.value());
    else if (word === 'peer') {
      inPeer = true;
      draft.peer = {};
    } else if (word === 'link' || (word === 'dev' && draft.kind !== undefined))
      draft.lower = linkNamed(context, words.value());
    else if (word === 'dev') into.name = words.value();
    else if (word === 'index') draft.index = Number(words.value());
    else if (word === 'id' || word === 'vni') draft.tag = Number(words.value());
    else if (word === 'mode') draft.mode = words.value();
    else if (word === 'remote' || word === 'group') draft.remote = parseIp(words.value()) ?? 0;
    else if (word === 'local') draft.local = parseIp(words.value()) ?? 0;
    else if (word === 'dstport') draft.port = Number(words.value());
    else if (PLAIN_WORDS.has(word)) continue;
    else if (BRIDGE_WORDS.has(word)) draft.bridge.set(word, words.value());
    else if (VALUED_WORDS.has(word)) words.value();
    else if (into.name === undefined) into.name = word;
    else throw new Misuse(`Error: either "name" is duplicate, or "${word}" is a garbage.`, 255);
  }
  return draft;
}

/** Words of kinds that change nothing that is modelled. */
const PLAIN_WORDS = new Set([
  'nolearning',
  'learning',
  'bridge',
  'up',
  'proxy',
  'external',
  'private',
  'nodad',
]);
/** What a bridge is told when it is made. */
const BRIDGE_WORDS = new Set(['stp_state', 'forward_delay', 'vlan_filtering', 'ageing_time']);
const VALUED_WORDS = new Set([
  'txqueuelen',
  'txqlen',
  'qlen',
  'numtxqueues',
  'numrxqueues',
  'protocol',
  'srcport',
  'ttl',
  'ageing',
  'mcast_snooping',
]);

function* remove(context: IpContext, words: Words): ProgramRun {
  let name: string | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') name = words.value();
    else if (word === 'type') words.value();
    else name = word;
  }
  if (name === undefined)
    throw new Misuse('Not enough information: "dev" argument is required.', 1);
  const failure = context.netlink.removeLink(linkNamed(context, name));
  return failure ? yield* context.refused(failure) : 0;
}
