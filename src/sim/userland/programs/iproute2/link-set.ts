// ip link set: up and down, names, addresses, masters, other namespaces, and what a kind of link can be told.

import { ELOOP, ENODEV } from '../../../kernel/errno.ts';
import { type BridgeState, type Link, PORT_DEFAULTS } from '../../../kernel/network/link.ts';
import { validName } from '../../../kernel/network/links.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type IpContext, linkNamed, macOf, Misuse, type Words } from './context.ts';
import { namespaceFor } from './netns.ts';

/** The ioctl with which busybox makes a change, or with which it looks at the flags before. */
function ioctlOf({ options }: IpContext, word: string, before = false): string | undefined {
  if (!options.busybox) return undefined;
  if (word === 'up' || word === 'down') return before ? 'SIOCGIFFLAGS' : 'SIOCSIFFLAGS';
  if (word === 'mtu') return 'SIOCSIFMTU';
  return word === 'name' ? 'SIOCSIFNAME' : undefined;
}

/** ip link set … */
export function* setLink(context: IpContext, words: Words): ProgramRun {
  const { netlink } = context;
  let link: Link | undefined;
  const steps: { step: Change; ioctl: string | undefined }[] = [];
  const named = (name: string): Link => {
    const ioctl = ioctlOf(context, words.peek() ?? '', true);
    if (ioctl === undefined || context.namespace.link(name)) return linkNamed(context, name);
    throw new Misuse(`ip: ${ioctl}: ${ENODEV.message}`, 2);
  };
  let first = true;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') link = named(words.value());
    else if (!first || link || words.done) {
      const step = readChange(context, word, words, link);
      if (step) steps.push({ step, ioctl: ioctlOf(context, word) });
      else if (!link) link = named(word);
      else throw new Misuse(`Error: either "dev" is duplicate, or "${word}" is a garbage.`, 255);
    } else if (['up', 'down'].includes(word)) {
      const ioctl = ioctlOf(context, word);
      steps.push({ step: (l) => netlink.setUp(l, word === 'up'), ioctl });
    } else link = named(word);
    first = false;
  }
  if (!link) throw new Misuse('Not enough information: "dev" argument is required.', 1);
  for (const { step, ioctl } of steps) {
    const failure = step(link);
    if (failure) return yield* context.refused(failure, ioctl);
  }
  return 0;
}

type Change = (link: Link) => ReturnType<IpContext['netlink']['rename']>;

function readChange(
  context: IpContext,
  word: string,
  words: Words,
  known: Link | undefined,
): Change | undefined {
  const { netlink } = context;
  const plain =
    (change: (link: Link) => void): Change =>
    (link) =>
      netlink.change(link, change);
  switch (word) {
    case 'up':
    case 'down':
      return (link) => netlink.setUp(link, word === 'up');
    case 'mtu': {
      const mtu = Number(words.value());
      if (known && known.kind !== 'loopback' && mtu < (known.kind === 'dummy' ? 0 : 68))
        throw new Misuse('Error: mtu less than device minimum.', 2);
      if (mtu > 65_535 && known?.kind !== 'loopback')
        throw new Misuse('Error: mtu greater than device maximum.', 2);
      return plain((link) => void (link.mtu = mtu));
    }
    case 'address': {
      const mac = macOf(words.value());
      return plain((link) => {
        link.mac = mac;
        link.macIsOwn = true;
      });
    }
    case 'name': {
      const name = words.value();
      if (!validName(name))
        throw new Misuse(`Error: argument "${name}" is wrong: "name" not a valid ifname`, 255);
      return (link) => netlink.rename(link, name);
    }
    case 'netns': {
      const target = namespaceFor(context.process, words.value());
      return (link) => netlink.move(link, target);
    }
    case 'master': {
      const master = words.value();
      const bridge = context.namespace.link(master);
      if (!bridge)
        throw new Misuse(`Error: argument "${master}" is wrong: Device does not exist\n`, 255);
      return (link) => {
        const failure = netlink.setMaster(link, bridge);
        // The kernel sends a sentence of its own with this refusal.
        if (failure === ELOOP) throw new Misuse('Error: Can not enslave a bridge to a bridge.', 2);
        return failure;
      };
    }
    case 'nomaster':
      return (link) => netlink.setMaster(link, undefined);
    case 'promisc': {
      const on = words.value() === 'on';
      return plain((link) => void (link.promiscuous = on));
    }
    case 'alias': {
      const alias = words.value();
      return plain((link) => void (link.alias = alias));
    }
    case 'txqueuelen':
    case 'txqlen':
    case 'qlen': {
      const length = Number(words.value());
      return plain((link) => void (link.queueLength = length));
    }
    case 'multicast':
    case 'allmulticast':
    case 'arp':
    case 'group':
    case 'addrgenmode':
    case 'trailers':
      throw new Misuse(`drydock: ip link set ${word} is not simulated`, 125);
    case 'type':
      return readTypeChange(netlink, words);
    default:
      return undefined;
  }
}

/** Sets what a port of a bridge can be told; others of the words are not the port's. */
export function setPort(link: Link, given: ReadonlyMap<string, string>): void {
  link.port ??= { cost: 2, priority: 32, state: undefined, flags: new Map() };
  for (const [word, value] of given) {
    if (word === 'cost') link.port.cost = Number(value);
    else if (word === 'priority') link.port.priority = Number(value);
    else if (word === 'state') link.port.state = Number(value);
    else if (PORT_DEFAULTS.has(word)) link.port.flags.set(word, value === 'on' || value === '1');
  }
}

/** Sets what a bridge can be told, times in hundredths of a second. */
export function setBridge(bridge: BridgeState, given: ReadonlyMap<string, string>): void {
  for (const [word, value] of given) {
    if (word === 'stp_state') bridge.stp = value === '1';
    else if (word === 'vlan_filtering') bridge.vlanFiltering = value === '1';
    else if (word === 'forward_delay') bridge.forwardDelay = Number(value);
    else if (word === 'ageing_time') bridge.ageingTime = Number(value);
  }
}

function readTypeChange(netlink: IpContext['netlink'], words: Words): Change {
  const given = new Map<string, string>();
  words.value();
  while (!words.done) given.set(words.value(), words.value());
  return (link) =>
    netlink.change(link, (l) => {
      if (l.master?.bridge) setPort(l, given);
      if (l.bridge) setBridge(l.bridge, given);
    });
}
