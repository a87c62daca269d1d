// ip(8) of iproute2 6.1: options, then an object and its command. Left out: tunnels' own object, xfrm, l2tp, mptcp, tcp_metrics.

import type { ProgramRun } from '../../../kernel/program.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { BANNER } from '../busybox/dialect.ts';
import { ipAddress } from './address.ts';
import { commandOf, type IpContext, type IpOptions, Misuse, Words } from './context.ts';
import { ipLink } from './link.ts';
import { ipNeighbour } from './neighbour.ts';
import { enterNamed, ipNetns } from './netns.ts';
import { ipRoute } from './route.ts';
import { ipRule } from './rule.ts';

const USAGE = `Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { address | addrlabel | fou | help | ila | ioam | l2tp | link |
                   macsec | maddress | monitor | mptcp | mroute | mrule |
                   neighbor | neighbour | netconf | netns | nexthop | ntable |
                   ntbl | route | rule | sr | tap | tcpmetrics |
                   token | tunnel | tuntap | vrf | xfrm }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |
                    -h[uman-readable] | -iec | -j[son] | -p[retty] |
                    -f[amily] { inet | inet6 | mpls | bridge | link } |
                    -4 | -6 | -M | -B | -0 |
                    -l[oops] { maximum-addr-flush-attempts } | -br[ief] |
                    -o[neline] | -t[imestamp] | -ts[hort] | -b[atch] [filename] |
                    -rc[vbuf] [size] | -n[etns] name | -N[umeric] | -a[ll] |
                    -c[olor]}
`;

/** A command of an object: the exit status. */
export type IpObject = (context: IpContext, words: Words) => ProgramRun;

/** Objects in the order in which abbreviations are tried. */
const OBJECTS: readonly (readonly [string, IpObject | undefined])[] = [
  ['address', ipAddress],
  ['addrlabel', undefined],
  ['maddress', undefined],
  ['route', ipRoute],
  ['rule', ipRule],
  ['neighbor', ipNeighbour],
  ['neighbour', ipNeighbour],
  ['ntable', undefined],
  ['ntbl', undefined],
  ['link', ipLink],
  ['l2tp', undefined],
  ['fou', undefined],
  ['ila', undefined],
  ['macsec', undefined],
  ['tunnel', undefined],
  ['tunl', undefined],
  ['tuntap', undefined],
  ['tap', undefined],
  ['token', undefined],
  ['mroute', undefined],
  ['mrule', undefined],
  ['netns', ipNetns],
  ['netconf', undefined],
  ['vrf', undefined],
  ['sr', undefined],
  ['nexthop', undefined],
  ['mptcp', undefined],
  ['ioam', undefined],
];

export const ip = program('ip', (main) => start(main, false));

const BUSYBOX_USAGE = `${BANNER}

Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]

OPTIONS := -f[amily] inet|inet6|link | -o[neline]

ip addr add|del IFADDR dev IFACE | show|flush [dev IFACE] [to PREFIX]
ip route list|flush|add|del|change|append|replace|test ROUTE
ip link set IFACE [up|down] [arp on|off] [multicast on|off]
\t[promisc on|off] [mtu NUM] [name NAME] [qlen NUM] [address MAC]
\t[master IFACE | nomaster] [netns PID]
ip tunnel add|change|del|show [NAME]
\t[mode ipip|gre|sit] [remote ADDR] [local ADDR] [ttl TTL]
ip neigh show|flush [to PREFIX] [dev DEV] [nud STATE]
ip rule [list] | add|del SELECTOR ACTION`;

/** An option that busybox's ip does not know: -br, -j, -s, -d … */
function isForeign(word: string, at: number, words: readonly string[]): boolean {
  const leads = words.slice(0, at).every((before) => before.startsWith('-'));
  return leads && word.startsWith('-') && !/^-(4|6|0|o(neline)?|f(amily)?)$/.test(word);
}

/** busybox's ip, which prints routes its own way. */
export const busyboxIp = program('busybox-ip', (main) => start(main, true));

function* start(main: Main, busybox: boolean): ProgramRun {
  const words = new Words(main.args);
  const options: IpOptions = {
    family: 'any',
    oneLine: false,
    brief: false,
    json: false,
    pretty: false,
    details: false,
    statistics: 0,
    numeric: false,
    busybox,
    all: false,
  };
  try {
    if (busybox && main.args.find(isForeign) !== undefined) throw new Misuse(BUSYBOX_USAGE, 1);
    const named = readOptions(words, options);
    if (named === 'version') {
      main.out.put('ip utility, iproute2-6.1.0, libbpf 1.1.2\n');
      return 0;
    }
    if (named !== undefined) {
      const failure = enterNamed(main.process, named);
      if (failure) {
        main.err.put(failure);
        return 255;
      }
    }
    return yield* run(main, options, words);
  } catch (thrown) {
    if (!(thrown instanceof Misuse)) throw thrown;
    main.err.put(`${thrown.text}\n`);
    yield* main.out.flush();
    yield* main.err.flush();
    return thrown.status;
  }
}

function readOptions(words: Words, options: IpOptions): string | undefined {
  let named: string | undefined;
  for (let word = words.peek(); word?.startsWith('-') && word !== '--'; word = words.peek()) {
    words.next();
    const name = word.startsWith('--') ? word.slice(2) : word.slice(1);
    const long = commandOf(name, LONG_OPTIONS);
    if (name === '4') options.family = '4';
    else if (name === '6') options.family = '6';
    else if (name === '0') options.family = 'link';
    else if (long === 'family') options.family = familyOf(words.value());
    else if (name === 'o' || long === 'oneline') options.oneLine = true;
    else if (name === 'br' || long === 'brief') options.brief = true;
    else if (name === 'j' || long === 'json') options.json = true;
    else if (name === 'p' || long === 'pretty') options.pretty = true;
    else if (name === 'd' || long === 'details') options.details = true;
    else if (name === 's' || long === 'statistics' || long === 'stats') options.statistics++;
    else if (name === 'n' || long === 'netns') named = words.value();
    else if (name === 'N' || long === 'Numeric') options.numeric = true;
    else if (name === 'a' || name === 'all') options.all = true;
    else if (name === 'V' || long === 'Version') return 'version';
    else if (/^(?:c|color)=never$/.test(name)) continue;
    else if (NOT_DONE.has(name)) throw new Misuse(`drydock: ip ${word} is not simulated`, 125);
    else if (long === 'help') throw new Misuse(USAGE.trimEnd(), 255);
    else throw new Misuse(`Option "${word}" is unknown, try "ip -help".`, 255);
  }
  return named;
}

/** Options before the object whose work is not done here. */
const NOT_DONE = new Set([
  'h',
  'human',
  'human-readable',
  'iec',
  'c',
  'color',
  'c=always',
  'color=always',
  'c=auto',
  'color=auto',
  'r',
  'resolve',
  't',
  'timestamp',
  'ts',
  'tshort',
  'b',
  'batch',
  'B',
  'M',
  'l',
  'loops',
  'rc',
  'rcvbuf',
  'force',
]);

const LONG_OPTIONS = [
  'family',
  'oneline',
  'brief',
  'json',
  'pretty',
  'details',
  'statistics',
  'stats',
  'netns',
  'Numeric',
  'Version',
  'help',
];

function familyOf(word: string): IpOptions['family'] {
  if (word === 'inet') return '4';
  if (word === 'inet6') return '6';
  if (word === 'link') return 'link';
  throw new Misuse(`Error: argument "${word}" is wrong: invalid protocol family\n`, 255);
}

function* run(main: Main, options: IpOptions, words: Words): ProgramRun {
  const word = words.next();
  if (word === undefined) {
    main.err.put(USAGE);
    return 255;
  }
  if (word === 'help') {
    main.err.put(USAGE);
    return 255;
  }
  const names = OBJECTS.map(([name]) => name);
  const object = commandOf(word, names);
  const found = OBJECTS.find(([name]) => name === object);
  if (!found) throw new Misuse(`Object "${word}" is unknown, try "ip help".`, 1);
  const [name, body] = found;
  if (!body) return yield* notSimulated(main, `ip ${name}`);
  return yield* body(contextOf(main, options), words);
}

/** The context for a command in the namespace that the process is in now. */
export function contextOf(main: Main, options: IpOptions): IpContext {
  const { process } = main;
  const error = function* (text: string, status: number): ProgramRun {
    yield* main.out.flush();
    main.err.put(`${text}\n`);
    yield* main.err.flush();
    return status;
  };
  return {
    main,
    process,
    options,
    error,
    namespace: process.network,
    netlink: process.netlink(),
    print: (text) => {
      main.out.put(options.oneLine ? `${text.replace(/\n(?=.)/gs, '\\')}` : text);
    },
    refused: (errno, ioctl) =>
      options.busybox
        ? error(`ip: ${ioctl ?? 'RTNETLINK answers'}: ${errno.message}`, 2)
        : error(`RTNETLINK answers: ${errno.message}`, 2),
  };
}
