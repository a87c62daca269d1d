// bridge(8): link, fdb, vlan of bridge ports. Left out: mdb, vni and monitoring.

import type { Link } from '../../../kernel/network/link.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { commandOf, macOf, Misuse, Words } from './context.ts';
import { linkTitle } from './show-link.ts';

const OBJECTS = ['link', 'fdb', 'mdb', 'vlan', 'vni', 'monitor', 'help'];

export const bridge = program('bridge', function* (main) {
  const words = new Words(main.args.filter((word) => !/^-(d|details|s|o|c|color|n)/.test(word)));
  const object = commandOf(words.next() ?? 'help', OBJECTS);
  try {
    if (object === 'link') return yield* showLinks(main, words);
    if (object === 'fdb') return yield* fdb(main, words);
    if (object === 'vlan') return showVlans(main);
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

function* showLinks(main: Main, words: Words): ProgramRun {
  const command = words.next();
  const dev = words.rest().at(-1);
  if (command === 'set') return yield* notSimulated(main, 'bridge link set');
  knownDevice(main, dev);
  for (const port of ports(main)) {
    if (dev !== undefined && port.name !== dev) continue;
    const state = port.running ? 'forwarding' : 'disabled';
    main.out.put(
      `${port.index}: ${linkTitle(port)}: <${port.flags.join(',')}> mtu ${port.mtu} master ${port.master?.name} state ${state} priority 32 cost 2 \n`,
    );
  }
  return 0;
}

/** What is shown of a device asks for one that there is. */
function knownDevice(main: Main, name: string | undefined): void {
  if (name !== undefined && !main.process.network.link(name))
    throw new Misuse(`Cannot find device "${name}"`, 255);
}

function showVlans(main: Main): number {
  main.out.put('port              vlan-id  \n');
  for (const link of main.process.network.linksByIndex) {
    if (!link.bridge && !link.master?.bridge) continue;
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
  const name = given.get('dev') ?? '';
  const link = main.process.network.link(name);
  if (!link) throw new Misuse(`Cannot find device "${name}"`, 1);
  const remote = given.get('dst');
  const failure = main.process.netlink().change(link, (l) => {
    if (l.kind === 'vxlan') {
      const kept = l.tunnelEntries.filter(
        (entry) => entry.mac !== mac || (command === 'append' && entry.remote !== remote),
      );
      l.tunnelEntries = command === 'delete' ? kept : [...kept, { mac, remote: remote ?? '' }];
    } else if (command === 'delete') l.master?.bridge?.fdb.delete(mac);
    else l.master?.bridge?.fdb.set(mac, { port: l, seenAt: main.process.now, permanent: true });
  });
  if (!failure) return 0;
  main.err.put(`RTNETLINK answers: ${failure.message}\n`);
  return 2;
}

function showForwarding(main: Main, words: Words): number {
  const rest = words.rest();
  const valueOf = (word: string): string | undefined =>
    rest.includes(word) ? rest[rest.indexOf(word) + 1] : undefined;
  const only = valueOf('br') ?? valueOf('dev') ?? valueOf('brport');
  knownDevice(main, valueOf('dev'));
  for (const link of main.process.network.linksByIndex) {
    for (const entry of link.tunnelEntries) {
      if (only === undefined || only === link.name)
        main.out.put(`${entry.mac} dev ${link.name} dst ${entry.remote} self permanent\n`);
    }
    if (!link.bridge) continue;
    for (const port of link.bridge.ports) {
      if (only === undefined || only === link.name || only === port.name) {
        main.out.put(`${port.mac} dev ${port.name} master ${link.name} permanent\n`);
      }
    }
    for (const [mac, { port, permanent }] of link.bridge.fdb) {
      if (only !== undefined && only !== link.name && only !== port.name) continue;
      if (mac !== port.mac)
        main.out.put(
          `${mac} dev ${port.name} master ${link.name}${permanent ? ' permanent' : ''} \n`,
        );
    }
  }
  return 0;
}
