// ip address: show, add, replace, delete, flush.

import { EEXIST, EINVAL } from '../../../kernel/errno.ts';
import {
  broadcastOf,
  type Ip,
  parseIp,
  parsePrefix,
  type Prefix,
} from '../../../kernel/network/address.ts';
import type { Link, LinkAddress } from '../../../kernel/network/link.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { notSimulated } from '../../libc/stdio.ts';
import { commandOf, type IpContext, jsonText, linkNamed, Misuse, type Words } from './context.ts';
import { filterLinks } from './link.ts';
import { namedNamespaces } from './netns.ts';
import {
  address6Text,
  addressText,
  briefAddress,
  linkJson,
  linkText,
  linkTitle,
} from './show-link.ts';

const COMMANDS = [
  'add',
  'change',
  'chg',
  'replace',
  'delete',
  'show',
  'lst',
  'list',
  'flush',
  'save',
  'showdump',
  'restore',
  'help',
];

/** ip address … */
export function* ipAddress(context: IpContext, words: Words): ProgramRun {
  const word = words.next();
  const command = word === undefined ? 'show' : commandOf(word, COMMANDS);
  switch (command) {
    case 'show':
    case 'list':
    case 'lst':
      return yield* show(context, words);
    case 'add':
    case 'replace':
    case 'change':
    case 'chg':
      return yield* add(context, words, command !== 'add');
    case 'delete':
      return yield* remove(context, words);
    case 'flush':
      return yield* flush(context, words);
    case 'help':
      return yield* context.error(
        'Usage: ip address {add|change|replace} IFADDR dev IFNAME [ LIFETIME ]',
        255,
      );
    case undefined:
      throw new Misuse(`Command "${word}" is unknown, try "ip address help".`, 255);
    default:
      return yield* notSimulated(context.main, `ip address ${command}`);
  }
}

interface AddressFilter {
  name?: string;
  up?: boolean;
  scope?: string;
  to?: Prefix;
  master?: string;
  type?: string;
}

function readFilter(words: Words): AddressFilter {
  const filter: AddressFilter = {};
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') filter.name = words.value();
    else if (word === 'up') filter.up = true;
    else if (word === 'scope') filter.scope = words.value();
    else if (word === 'master') filter.master = words.value();
    else if (word === 'type') filter.type = words.value();
    else if (word === 'to') {
      const to = parsePrefix(words.value());
      if (to) filter.to = to;
    } else if (['primary', 'secondary', 'permanent', 'dynamic', 'temporary'].includes(word))
      continue;
    else if (filter.name !== undefined) {
      throw new Misuse(`Error: either "dev" is duplicate, or "${word}" is a garbage.`, 255);
    } else filter.name = word;
  }
  return filter;
}

function* show(context: IpContext, words: Words): ProgramRun {
  const filter = readFilter(words);
  const { options } = context;
  const { family } = options;
  const keeps = (address: LinkAddress): boolean =>
    (filter.scope === undefined || address.scope === filter.scope) &&
    (!filter.to || (address.address & -1) === (filter.to.address & -1));
  const narrowed =
    family === '4' || family === '6' || filter.scope !== undefined || filter.to !== undefined;
  const links = filterLinks(context, filter).filter((link) => {
    if (!narrowed) return true;
    const four = family === '6' ? [] : link.addresses.filter(keeps);
    const six =
      family === '4' || filter.to
        ? []
        : link.addresses6.filter((a) => !filter.scope || a.scope === filter.scope);
    return four.length + six.length > 0;
  });
  if (options.json) {
    const list = options.brief
      ? links.map((link) => briefJson(link, family))
      : links.map((link) => linkJson(link, true, family));
    context.main.out.put(jsonText(list, options.pretty));
    return 0;
  }
  const names = namedNamespaces(context.process);
  for (const link of links) {
    if (options.brief) {
      context.print(briefAddress(link, family));
      continue;
    }
    const four =
      family === '6'
        ? []
        : link.addresses.filter(keeps).map((a) => addressText(link, a, context.process.now));
    const six =
      family === '4'
        ? []
        : link.addresses6
            .filter((a) => !filter.scope || a.scope === filter.scope)
            .map(address6Text);
    if (options.oneLine) {
      for (const text of [...four, ...six])
        context.print(`${link.index}: ${link.name}    ${text}\n`);
      continue;
    }
    context.print(linkText(context, link, false, names));
    for (const text of [...four, ...six]) context.print(`    ${text}\n`);
  }
  return 0;
}

function briefJson(link: Link, family: string): object {
  const whole = linkJson(link, true, family) as {
    addr_info: { local: string; prefixlen: number }[];
  };
  const title = linkTitle(link).split('@')[1];
  return {
    ...(title === undefined ? {} : { link: title }),
    ifname: link.name,
    operstate: link.operState,
    addr_info: whole.addr_info.map(({ local, prefixlen }) => ({ local, prefixlen })),
  };
}

interface Draft {
  prefix?: Prefix;
  six?: string;
  link?: Link;
  broadcast?: Ip | 'computed';
  scope?: LinkAddress['scope'];
  label?: string;
  peer?: Ip;
  noPrefixRoute?: boolean;
}

function readDraft(context: IpContext, words: Words): Draft {
  const draft: Draft = {};
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') draft.link = linkNamed(context, words.value());
    else if (word === 'brd' || word === 'broadcast') {
      const value = words.value();
      draft.broadcast = value === '+' ? 'computed' : (parseIp(value) ?? 0);
    } else if (word === 'scope') draft.scope = words.value() as LinkAddress['scope'];
    else if (word === 'label') draft.label = words.value();
    else if (word === 'peer' || word === 'remote')
      draft.peer = parsePrefix(words.value())?.address ?? 0;
    else if (word === 'noprefixroute') draft.noPrefixRoute = true;
    else if (
      word === 'metric' ||
      word === 'valid_lft' ||
      word === 'preferred_lft' ||
      word === 'proto'
    )
      words.value();
    else if (word === 'nodad' || word === 'home' || word === 'mngtmpaddr' || word === 'optimistic')
      continue;
    else readAddress(draft, word === 'local' ? words.value() : word);
  }
  return draft;
}

function readAddress(draft: Draft, word: string): void {
  if (word.includes(':')) {
    draft.six = word;
    return;
  }
  const prefix = parsePrefix(word);
  if (!prefix) throw new Misuse(`Error: any valid prefix is expected rather than "${word}".`, 1);
  draft.prefix = prefix;
}

function* add(context: IpContext, words: Words, replace: boolean): ProgramRun {
  const draft = readDraft(context, words);
  if (!draft.link) throw new Misuse('Not enough information: "dev" argument is required.', 1);
  const { link, prefix } = draft;
  if (draft.six !== undefined) return yield* addSix(context, link, draft.six);
  if (!prefix) return yield* context.refused(EINVAL);
  const broadcast =
    draft.broadcast === 'computed' ? broadcastOf(prefix.address, prefix.length) : draft.broadcast;
  const failure = context.netlink.addAddress(link, {
    prefix,
    broadcast,
    peer: draft.peer,
    ...(draft.scope === undefined ? {} : { scope: draft.scope }),
    ...(draft.label === undefined ? {} : { label: draft.label }),
    noPrefixRoute: draft.noPrefixRoute ?? false,
  });
  if (failure && !(replace && failure === EEXIST)) return yield* context.refused(failure);
  return 0;
}

function* addSix(context: IpContext, link: Link, text: string): ProgramRun {
  const [address = '', bits] = text.split('/');
  const failure = context.netlink.change(link, (l) => {
    l.addresses6.push({
      address,
      length: Number(bits ?? 128),
      scope: address.startsWith('fe80') ? 'link' : 'global',
    });
  });
  return failure ? yield* context.refused(failure) : 0;
}

function* remove(context: IpContext, words: Words): ProgramRun {
  const { link, prefix } = readDraft(context, words);
  if (!link) throw new Misuse('Not enough information: "dev" argument is required.', 1);
  if (!prefix) return yield* flushLink(context, link);
  const exact = link.addresses.some(
    (a) => a.address === prefix.address && a.length === prefix.length,
  );
  const loose = link.addresses.find((a) => a.address === prefix.address);
  const failure = context.netlink.removeAddress(
    link,
    exact || prefix.length !== 32 || !loose ? prefix : loose,
  );
  return failure ? yield* context.refused(failure) : 0;
}

function* flush(context: IpContext, words: Words): ProgramRun {
  const filter = readFilter(words);
  if (filter.name === undefined && !filter.scope && !filter.to) {
    return yield* context.error('Flush requires arguments.', 1);
  }
  for (const link of filterLinks(context, filter)) {
    const status = yield* flushLink(context, link);
    if (status !== 0) return status;
  }
  return 0;
}

function* flushLink(context: IpContext, link: Link): ProgramRun {
  for (const address of [...link.addresses]) {
    if (!link.addresses.includes(address)) continue;
    const failure = context.netlink.removeAddress(link, address);
    if (failure) return yield* context.refused(failure);
  }
  if (context.options.family !== '4') link.addresses6.length = 0;
  return 0;
}
