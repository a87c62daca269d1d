// ip route: show, add, replace, append, delete, flush, get.

import { isErrno } from '../../../kernel/errno.ts';
import {
  formatIp,
  type Ip,
  networkOf,
  parseIp,
  parsePrefix,
  type Prefix,
} from '../../../kernel/network/address.ts';
import { routeTo, sourceOf } from '../../../kernel/network/ip.ts';
import type { Link } from '../../../kernel/network/link.ts';
import type { RouteChange, RouteRequest } from '../../../kernel/network/netlink.ts';
import {
  type Route,
  type RouteScope,
  type RouteType,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
} from '../../../kernel/network/routes.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { notSimulated } from '../../libc/stdio.ts';
import { USAGE } from './route-usage.ts';
import { busyboxRouteText, routeJson, routes6, routeText, tableText } from './show-route.ts';
import { commandOf, type IpContext, jsonText, linkNamed, Misuse, type Words } from './context.ts';

const COMMANDS = [
  'list',
  'show',
  'lst',
  'get',
  'add',
  'change',
  'chg',
  'replace',
  'prepend',
  'append',
  'test',
  'delete',
  'save',
  'restore',
  'showdump',
  'flush',
  'help',
];
const TYPES: readonly RouteType[] = [
  'unicast',
  'local',
  'broadcast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
];
const PROTOCOLS = [
  'redirect',
  'kernel',
  'boot',
  'static',
  'ra',
  'dhcp',
  'bird',
  'bgp',
  'ospf',
  'zebra',
];

/** ip route … */
export function* ipRoute(context: IpContext, words: Words): ProgramRun {
  const word = words.next();
  const command = word === undefined ? 'show' : commandOf(word, COMMANDS);
  switch (command) {
    case 'show':
    case 'list':
    case 'lst':
      return yield* show(context, words);
    case 'add':
    case 'replace':
    case 'append':
    case 'prepend':
    case 'change':
    case 'chg':
      return yield* change(context, words, command);
    case 'delete':
      return yield* remove(context, words);
    case 'flush':
      return yield* flush(context, words);
    case 'get':
      return yield* get(context, words);
    case 'help':
      return yield* context.error(USAGE, 255);
    case undefined:
      throw new Misuse(`Command "${word}" is unknown, try "ip route help".`, 255);
    default:
      return yield* notSimulated(context.main, `ip route ${command}`);
  }
}

/** A table's number from its name; undefined where it is neither. */
export function tableNumber(word: string): number | undefined {
  const known = { main: TABLE_MAIN, local: TABLE_LOCAL, default: TABLE_DEFAULT }[word];
  return known ?? (/^(\d+|0x[0-9a-f]+)$/.test(word) ? Number(word) : undefined);
}

function tableOf(word: string): number {
  const number = tableNumber(word);
  if (number === undefined)
    throw new Misuse(`Error: argument "${word}" is wrong: table id value is invalid\n`, 255);
  return number;
}

/** What a show, flush or delete speaks of. */
export interface Selector {
  table: number | 'all' | undefined;
  to?: Prefix;
  /** How `to` is meant: that very prefix, prefixes within it (root), or those that hold it (match). */
  how?: 'exact' | 'root' | 'match';
  dev?: Link;
  via?: Ip;
  protocol?: string;
  scope?: string;
  metric?: number;
  source?: Ip;
  type?: RouteType;
}

function prefixOf(word: string): Prefix {
  if (word === 'default' || word === 'any' || word === 'all') return { address: 0, length: 0 };
  const prefix = parsePrefix(word);
  if (!prefix) {
    const wanted = word.includes('/') ? 'any valid prefix' : 'any valid prefix';
    throw new Misuse(`Error: ${wanted} is expected rather than "${word}".`, 1);
  }
  return prefix;
}

function readSelector(context: IpContext, words: Words): Selector {
  const selector: Selector = { table: undefined };
  while (!words.done) {
    const word = words.value();
    if (word === 'table') {
      const value = words.value();
      selector.table = value === 'all' ? 'all' : tableOf(value);
    } else if (word === 'dev' || word === 'oif') selector.dev = linkNamed(context, words.value());
    else if (word === 'via') selector.via = parseIp(words.value()) ?? 0;
    else if (word === 'proto' || word === 'protocol') selector.protocol = words.value();
    else if (word === 'scope') selector.scope = words.value();
    else if (word === 'metric') selector.metric = Number(words.value());
    else if (word === 'src') selector.source = parseIp(words.value()) ?? 0;
    else if (word === 'type') selector.type = words.value() as RouteType;
    else if (word === 'cache' || word === 'cached') continue;
    else if (TYPES.some((type) => type === word)) selector.type = word as RouteType;
    else if (word === 'to' || word === 'exact' || word === 'root' || word === 'match') {
      selector.how = word === 'to' ? 'exact' : word;
      if (word !== 'to') selector.to = prefixOf(words.value());
    } else {
      selector.to = prefixOf(word);
      selector.how ??= 'exact';
    }
  }
  return selector;
}

function matchesPrefix(prefix: Prefix, to: Prefix, how: Selector['how']): boolean {
  if (how === 'root')
    return prefix.length >= to.length && networkOf(prefix.address, to.length) === to.address;
  if (how === 'match')
    return prefix.length <= to.length && networkOf(to.address, prefix.length) === prefix.address;
  return prefix.length === to.length && prefix.address === networkOf(to.address, to.length);
}

function selects(selector: Selector, route: Route): boolean {
  if (selector.to && !matchesPrefix(route.to, selector.to, selector.how)) return false;
  if (selector.dev && route.link !== selector.dev) return false;
  if (selector.via !== undefined && route.via !== selector.via) return false;
  if (selector.protocol !== undefined && route.protocol !== selector.protocol) return false;
  if (selector.scope !== undefined && route.scope !== selector.scope) return false;
  if (selector.metric !== undefined && route.metric !== selector.metric) return false;
  if (selector.source !== undefined && route.source !== selector.source) return false;
  return selector.type === undefined || route.type === selector.type;
}

/** The order in which the kernel's trie gives routes: by address, longer prefixes first. */
function inOrder(routes: readonly Route[]): Route[] {
  return [...routes].sort(
    (a, b) => a.to.address - b.to.address || b.to.length - a.to.length || a.metric - b.metric,
  );
}

function* show(context: IpContext, words: Words): ProgramRun {
  const { routing } = context.namespace;
  const { options } = context;
  const selector = readSelector(context, words);
  if (options.family === '6') {
    for (const text of routes6(context)) context.print(text);
    return 0;
  }
  const { table = TABLE_MAIN } = selector;
  if (
    table !== 'all' &&
    ![TABLE_MAIN, TABLE_LOCAL, TABLE_DEFAULT].includes(table) &&
    !routing.tableIds.includes(table)
  ) {
    yield* context.error('Error: ipv4: FIB table does not exist.\nDump terminated', 2);
    return 2;
  }
  const tables = table === 'all' ? routing.tableIds : [table];
  const found = tables
    .flatMap((id) => inOrder(routing.table(id)))
    .filter((route) => selects(selector, route));
  if (options.json) {
    context.main.out.put(
      jsonText(
        found.map((route) => routeJson(route)),
        options.pretty,
      ),
    );
    return 0;
  }
  for (const route of found) {
    const text = options.busybox
      ? busyboxRouteText(route)
      : routeText(route, selector, options.details);
    context.print(`${text}\n`);
  }
  if (table === 'all') for (const text of routes6(context)) context.print(text);
  return 0;
}

type Draft = { -readonly [K in keyof RouteRequest]: RouteRequest[K] };

function readRoute(context: IpContext, words: Words): Draft {
  const draft: Draft = { to: { address: 0, length: 0 } };
  let given = false;
  while (!words.done) {
    const word = words.value();
    if (word === 'via') {
      const next = words.value();
      const via = parseIp(next === 'inet' ? words.value() : next);
      if (via === undefined)
        throw new Misuse(`Error: inet address is expected rather than "${next}".`, 1);
      draft.via = via;
    } else if (word === 'dev' || word === 'oif') draft.link = linkNamed(context, words.value());
    else if (word === 'src') draft.source = parseIp(words.value());
    else if (word === 'metric' || word === 'priority' || word === 'preference')
      draft.metric = Number(words.value());
    else if (word === 'table') draft.table = tableOf(words.value());
    else if (word === 'proto' || word === 'protocol') draft.protocol = protocolOf(words.value());
    else if (word === 'scope') draft.scope = words.value() as RouteScope;
    else if (word === 'onlink') draft.onlink = true;
    else if (word === 'mtu' || word === 'advmss') {
      const value = words.value();
      if (word === 'mtu') draft.mtu = Number(value === 'lock' ? words.value() : value);
    } else if (word === 'nexthop') readHop(context, words, draft);
    else if (TYPES.some((type) => type === word) && !given) draft.type = word as RouteType;
    else {
      if (given)
        throw new Misuse(`Error: either "to" is duplicate, or "${word}" is a garbage.`, 255);
      const prefix = prefixOf(word === 'to' ? words.value() : word);
      draft.to = prefix;
      given = true;
    }
  }
  return draft;
}

function protocolOf(word: string): string {
  return PROTOCOLS.includes(word) || /^\d+$/.test(word) ? word : 'boot';
}

function readHop(context: IpContext, words: Words, draft: Draft): void {
  let via: Ip | undefined;
  let link: Link | undefined;
  let weight = 1;
  while (!words.done && words.peek() !== 'nexthop') {
    const word = words.value();
    if (word === 'via') via = parseIp(words.value());
    else if (word === 'dev') link = linkNamed(context, words.value());
    else if (word === 'weight') weight = Number(words.value());
  }
  if (!link && via !== undefined) link = context.namespace.routing.lookup(via)?.link;
  if (!link) throw new Misuse('Error: Nexthop has invalid gateway.', 2);
  draft.hops = [...(draft.hops ?? []), { via, link, weight }];
}

const HOW: Readonly<Record<string, RouteChange>> = {
  add: 'no',
  append: 'append',
  prepend: 'prepend',
  change: 'change',
  chg: 'change',
  replace: 'replace',
};

function* change(context: IpContext, words: Words, command: string): ProgramRun {
  if (words.done) throw new Misuse(USAGE, 255);
  const draft = readRoute(context, words);
  if (networkOf(draft.to.address, draft.to.length) !== draft.to.address) {
    return yield* context.error('Error: Invalid prefix for given prefix length.', 2);
  }
  const how = HOW[command] ?? 'replace';
  const failure = context.netlink.addRoute(draft, how);
  if (!failure) return 0;
  if (failure.name === 'ENETUNREACH')
    return yield* context.error('Error: Nexthop has invalid gateway.', 2);
  if (failure.name === 'ENETDOWN')
    return yield* context.error('Error: Device for nexthop is not up.', 2);
  if (failure.name === 'EINVAL') return yield* context.error('Error: Invalid prefsrc address.', 2);
  return yield* context.refused(failure);
}

function* remove(context: IpContext, words: Words): ProgramRun {
  const selector = readSelector(context, words);
  if (!selector.to && selector.via === undefined && !selector.dev)
    throw new Misuse('"ip route del" requires arguments', 1);
  selector.to ??= { address: 0, length: 0 };
  selector.how = 'exact';
  const table = typeof selector.table === 'number' ? selector.table : TABLE_MAIN;
  const failure = context.netlink.removeRoute((route) => selects(selector, route), table);
  return failure ? yield* context.refused(failure) : 0;
}

function* flush(context: IpContext, words: Words): ProgramRun {
  if (words.done) return yield* context.error('"ip route flush" requires arguments.', 1);
  const selector = readSelector(context, words);
  const { table = TABLE_MAIN } = selector;
  const count = context.netlink.flushRoutes(
    (route) => (table === 'all' || route.table === table) && selects(selector, route),
  );
  return isErrno(count) ? yield* context.refused(count) : 0;
}

function* get(context: IpContext, words: Words): ProgramRun {
  let target: string | undefined;
  let from: Ip | undefined;
  let mark = 0;
  let link: Link | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'from') from = parseIp(words.value());
    else if (word === 'mark') mark = Number(words.value());
    else if (word === 'oif' || word === 'dev') link = linkNamed(context, words.value());
    else if (word === 'iif') throw new Misuse('drydock: ip route get iif is not simulated', 125);
    else if (word === 'uid') words.value();
    else target = word === 'to' ? words.value() : word;
  }
  if (target === undefined) throw new Misuse('need at least a destination address', 1);
  const { address } = prefixOf(target);
  const route = routeTo(context.namespace, address, { source: from, mark, link });
  if (isErrno(route)) return yield* context.refused(route);
  const source = from ?? sourceOf(context.namespace, route, address);
  const words2 = [
    ...(route.type === 'unicast' ? [] : [route.type]),
    formatIp(address),
    ...(from === undefined ? [] : [`from ${formatIp(from)}`]),
    ...(route.via === undefined ? [] : [`via ${formatIp(route.via)}`]),
    `dev ${route.type === 'local' ? 'lo' : (route.link?.name ?? '')}`,
    ...(route.table === TABLE_MAIN || route.table === TABLE_LOCAL
      ? []
      : [`table ${tableText(route.table)}`]),
    ...(from === undefined ? [`src ${formatIp(source)}`] : []),
    ...(mark === 0 ? [] : [`mark ${mark < 16 ? mark : `0x${mark.toString(16)}`}`]),
    `uid ${context.process.euid}`,
  ];
  if (context.options.json) {
    const flags = route.type === 'local' ? ['local'] : [];
    const object = {
      ...(route.type === 'unicast' ? {} : { type: route.type }),
      dst: formatIp(address),
      ...(from === undefined ? {} : { from: formatIp(from) }),
      ...(route.via === undefined ? {} : { gateway: formatIp(route.via) }),
      dev: route.type === 'local' ? 'lo' : (route.link?.name ?? ''),
      ...(from === undefined ? { prefsrc: formatIp(source) } : {}),
      flags: [],
      uid: context.process.euid,
      cache: flags,
    };
    context.main.out.put(jsonText([object], context.options.pretty));
    return 0;
  }
  const mtu = route.mtu === undefined ? '' : `mtu ${route.mtu} `;
  const cache = `cache ${route.type === 'local' ? '<local> ' : ''}${mtu}`;
  context.print(`${words2.join(' ')} \n    ${cache}\n`);
  return 0;
}
