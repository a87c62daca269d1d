// bridge(8): link, fdb, vlan of bridge ports. Left out: mdb, vni and monitoring.

import { type Link, PORT_DEFAULTS } from '../../../kernel/network/link.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { commandOf, macOf, Misuse, Words } from './context.ts';
import { setPort } from './link-set.ts';
import { portFlags, portState } from './show-link.ts';

const OBJECTS = ['link', 'fdb', 'mdb', 'vlan', 'vni', 'monitor', 'help'];

export const bridge = program('bridge', function* (main) {
  const words = new Words(main.args.filter((word) => !/^-(d|details|s|o|c|color|n)/.test(word)));
  const details = main.args.some((word) => /^-d/.test(word));
  const object = commandOf(words.next() ?? 'help', OBJECTS);
  try {
    if (object === 'link') return showLinks(main, words, details);
    if (object === 'fdb') return yield* fdb(main, words);
    if (object === 'vlan') return yield* vlans(main, words);
    if (object === 'help')
      throw new Misuse('Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }', 255);
    if (object !== undefined) return yield* notSimulated(main, `bridge ${object}`);
    throw new Misuse(`Object "${main.args[0]}" is unknown, try "bridge help".`, 255);
  } catch (thrown) {
    if (!(thrown instanceof Misuse)) throw thrown;
    main.err.put(`${thrown.text}\n`);
    return thrown.status;
  }
});

function ports(main: Main): Link[] {
  return main.process.network.linksByIndex.filter((link) => link.master?.bridge);
}

const ON_OFF = [...PORT_DEFAULTS.keys()];

const SET_USAGE = `Usage: bridge link set dev DEV [ cost COST ] [ priority PRIO ] [ state STATE ]
                               [ guard {on | off} ]
                               [ hairpin {on | off} ]
                               [ fastleave {on | off} ]
                               [ root_block {on | off} ]
                               [ learning {on | off} ]
                               [ learning_sync {on | off} ]
                               [ flood {on | off} ]
                               [ mcast_router MULTICAST_ROUTER ]
                               [ mcast_flood {on | off} ]
                               [ bcast_flood {on | off} ]
                               [ mcast_to_unicast {on | off} ]
                               [ neigh_suppress {on | off} ]
                               [ vlan_tunnel {on | off} ]
                               [ isolated {on | off} ]
                               [ locked {on | off} ]
                               [ hwmode {vepa | veb} ]
                               [ backup_port DEVICE ] [ nobackup_port ]
                               [ self ] [ master ]
       bridge link show [dev DEV]`;

/** States of a port by name and number (`bridge link set … state`). */
const STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

function setPortOf(main: Main, words: Words): number {
  const given = new Map<string, string>();
  let name: string | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') name = words.value();
    else if (ON_OFF.includes(word)) {
      const value = words.value();
      if (value !== 'on' && value !== 'off') {
        const complaint = `Error: argument of "${word}" must be "on" or "off", not "${value}"`;
        throw new Misuse(complaint, 255);
      }
      given.set(word, value);
    } else if (word === 'state') {
      const value = words.value();
      given.set(word, STATES.includes(value) ? String(STATES.indexOf(value)) : value);
    } else if (word === 'cost' || word === 'priority') given.set(word, words.value());
    else if (word !== 'self' && word !== 'master') throw new Misuse(SET_USAGE, 255);
  }
  if (name === undefined) throw new Misuse('Device is a required argument.', 255);
  const link = main.process.network.link(name);
  if (!link) throw new Misuse(`Cannot find bridge device "${name}"`, 255);
  if (!link.master?.bridge) throw new Misuse('RTNETLINK answers: Operation not supported', 2);
  const failure = main.process.netlink().change(link, (l) => setPort(l, given));
  if (!failure) return 0;
  main.err.put(`RTNETLINK answers: ${failure.message}\n`);
  return 2;
}

/** `v1@br0`: the number of the other end is looked up here, even where it is in another namespace. */
function portTitle(main: Main, port: Link): string {
  const index = port.related?.index;
  if (index === undefined) return port.name;
  const here = main.process.network.linksByIndex.find((link) => link.index === index);
  return `${port.name}@${here?.name ?? `if${index}`}`;
}

function showLinks(main: Main, words: Words, details: boolean): number {
  const command = commandOf(words.next() ?? 'show', ['show', 'list', 'set', 'help']);
  if (command === 'set') return setPortOf(main, words);
  if (command === 'help') throw new Misuse(SET_USAGE, 255);
  const dev = words.rest().at(-1);
  knownDevice(main, dev);
  for (const port of ports(main)) {
    if (dev !== undefined && port.name !== dev) continue;
    const { cost, priority } = port.port ?? { cost: 2, priority: 32 };
    const flags = port.flags.join(',');
    main.out.put(
      `${port.index}: ${portTitle(main, port)}: <${flags}> mtu ${port.mtu} master ${port.master?.name} state ${portState(port)} priority ${priority} cost ${cost} \n`,
    );
    if (!details) continue;
    const [first, last] = [ON_OFF.slice(0, 8), ON_OFF.slice(8)].map((names) =>
      portFlags(port, names),
    );
    main.out.put(`    ${first} mcast_router 1 ${last} \n`);
  }
  return 0;
}

/** What is shown of a device asks for one that there is. */
function knownDevice(main: Main, name: string | undefined): void {
  if (name !== undefined && !main.process.network.link(name))
    throw new Misuse(`Cannot find device "${name}"`, 255);
}

function* vlans(main: Main, words: Words): ProgramRun {
  const command = commandOf(words.next() ?? 'show', ['show', 'list', 'add', 'delete', 'help']);
  if (command !== 'show' && command !== 'list')
    return yield* notSimulated(main, `bridge vlan ${command ?? ''}`.trim());
  const dev = words.rest().at(-1);
  knownDevice(main, dev);
  main.out.put('port              vlan-id  \n');
  for (const link of main.process.network.linksByIndex) {
    if (!link.bridge && !link.master?.bridge) continue;
    if (dev !== undefined && link.name !== dev) continue;
    main.out.put(`${link.name.padEnd(18)}1 PVID Egress Untagged\n`);
  }
  return 0;
}

function* fdb(main: Main, words: Words): ProgramRun {
  const command = commandOf(words.next() ?? 'show', [
    'show',
    'list',
    'add',
    'append',
    'replace',
    'delete',
  ]);
  if (command === 'show' || command === 'list') return showForwarding(main, words);
  const mac = macOf(words.value());
  const given = new Map<string, string>();
  while (!words.done) {
    const word = words.value();
    if (word === 'dev' || word === 'dst' || word === 'vlan' || word === 'via' || word === 'port')
      given.set(word, words.value());
    else given.set(word, '');
  }
  const name = given.get('dev');
  if (name === undefined) throw new Misuse('Device and address are required arguments.', 255);
  const link = main.process.network.link(name);
  if (!link) throw new Misuse(`Cannot find device "${name}"`, 255);
  const remote = given.get('dst');
  const entry = link.master?.bridge?.fdb.get(mac);
  const toMaster = given.has('master');
  if (command === 'delete' && toMaster && entry?.port !== link)
    throw new Misuse('RTNETLINK answers: No such file or directory', 2);
  if (toMaster && !link.master?.bridge && link.kind !== 'vxlan')
    throw new Misuse('RTNETLINK answers: Operation not supported', 2);
  if (command === 'add' && toMaster && entry) throw new Misuse('RTNETLINK answers: File exists', 2);
  const kind = given.has('static') ? 'static' : given.has('dynamic') ? 'learned' : 'local';
  const failure = main.process.netlink().change(link, (l) => {
    if (l.kind === 'vxlan') {
      const kept = l.tunnelEntries.filter(
        (each) => each.mac !== mac || (command === 'append' && each.remote !== remote),
      );
      l.tunnelEntries = command === 'delete' ? kept : [...kept, { mac, remote: remote ?? '' }];
    } else if (toMaster && command === 'delete') l.master?.bridge?.fdb.delete(mac);
    else if (toMaster) l.master?.bridge?.fdb.set(mac, { port: l, seenAt: main.process.now, kind });
    else {
      const others = l.unicast.filter((each) => each !== mac);
      l.unicast = command === 'delete' ? others : [...others, mac];
    }
  });
  if (!failure) return 0;
  main.err.put(`RTNETLINK answers: ${failure.message}\n`);
  return 2;
}

/** Groups that a device takes in: all nodes and, while it is up, all hosts and the node that its address is. */
function groupsOf(link: Link): string[] {
  if (link.kind === 'loopback') return [];
  if (!link.everUp) return ['33:33:00:00:00:01'];
  if (!link.up) return [];
  const solicited = link.addresses6
    .filter((address) => address.scope === 'link')
    .map(() => `33:33:ff:${link.mac.slice(9)}`);
  const snoopers = link.bridge ? ['01:00:5e:00:00:6a', '33:33:00:00:00:6a'] : [];
  return ['33:33:00:00:00:01', ...snoopers, '01:00:5e:00:00:01', ...solicited];
}

/** What the bridge knows of a port, the latest first, then the port's own address: in VLAN 1 and without one. */
function entriesOf(port: Link, master: Link): string[] {
  const lines: string[] = [];
  const both = (mac: string, end: string): void => {
    lines.push(`${mac} DEV vlan 1 master ${master.name} ${end}`);
    lines.push(`${mac} DEV master ${master.name} ${end}`);
  };
  for (const [mac, entry] of [...(master.bridge?.fdb ?? [])].reverse()) {
    if (entry.port !== port || mac === port.mac) continue;
    if (entry.kind === 'learned') lines.push(`${mac} DEV master ${master.name} `);
    else both(mac, entry.kind === 'static' ? 'static' : 'permanent');
  }
  both(port.mac, 'permanent');
  return lines;
}

function showForwarding(main: Main, words: Words): number {
  const rest = words.rest();
  const valueOf = (word: string): string | undefined =>
    rest.includes(word) ? rest[rest.indexOf(word) + 1] : undefined;
  const dev = valueOf('dev') ?? valueOf('brport');
  const br = valueOf('br');
  knownDevice(main, dev);
  if (br !== undefined && !main.process.network.link(br))
    throw new Misuse(`Cannot find bridge device "${br}"`, 255);
  for (const link of main.process.network.linksByIndex) {
    if (dev !== undefined && dev !== link.name) continue;
    if (br !== undefined && link.name !== br && link.master?.name !== br) continue;
    const lines = link.tunnelEntries.map(
      (entry) => `${entry.mac} DEV dst ${entry.remote} self permanent`,
    );
    if (link.master?.bridge) lines.push(...entriesOf(link, link.master));
    for (const mac of [...link.unicast, ...groupsOf(link)]) lines.push(`${mac} DEV self permanent`);
    const where = dev === undefined ? `dev ${link.name} ` : '';
    for (const line of lines) main.out.put(`${line.replace('DEV ', where)}\n`);
  }
  return 0;
}
