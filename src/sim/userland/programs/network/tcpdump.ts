// tcpdump(8): frames of a link as lines. Filters: host, port, net-free words of protocols, `and`, `not`. Left out: files,
// hexadecimal output and most of the expression language.

import { SECOND } from '../../../core/time.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { formatIp } from '../../../kernel/network/address.ts';
import { ACK, FIN, type Packet, PSH, RST, SYN } from '../../../kernel/network/packet.ts';
import { PacketSocket, type SeenFrame } from '../../../kernel/network/tap.ts';
import { SIGINT, SIGTERM } from '../../../kernel/signals.ts';
import { isOptionError, parseOptions } from '../../libc/options.ts';
import { notSimulated, program } from '../../libc/stdio.ts';

const value = 'required' as const;
const OPTIONS = [
  { key: 'interface', short: 'i', long: 'interface', argument: value },
  { key: 'count', short: 'c', argument: value },
  { key: 'write', short: 'w', argument: value },
  { key: 'read', short: 'r', argument: value },
  { key: 'size', short: 's', argument: value },
  { key: 'time', short: 't' },
  { key: 'ethernet', short: 'e' },
  { key: 'plain', short: 'nlqUvpS', long: 'immediate-mode' },
  { key: 'bytes', short: 'xXA' },
];

type Test = (frame: SeenFrame) => boolean;

/** Reads a filter expression; undefined where it says what is not known here. */
function filterOf(words: readonly string[]): Test | undefined {
  const tests: Test[] = [];
  let not = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === 'and' || word === '&&') continue;
    if (word === 'not' || word === '!') {
      not = !not;
      continue;
    }
    const side = word === 'src' || word === 'dst' ? word : undefined;
    const key = side ? (words[++i] ?? '') : word;
    const test = primitive(key, words[i + 1] ?? '', side);
    if (!test) return undefined;
    if (key === 'host' || key === 'port') i++;
    const wanted = !not;
    tests.push((frame) => test(frame) === wanted);
    not = false;
  }
  return (frame) => tests.every((test) => test(frame));
}

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 };

function primitive(key: string, argument: string, side: string | undefined): Test | undefined {
  const number = PROTOCOLS[key];
  if (number !== undefined) return ({ frame }) => frame.packet?.protocol === number;
  if (key === 'arp') return ({ frame }) => frame.arp !== undefined;
  if (key === 'ip') return ({ frame }) => frame.packet !== undefined;
  const either = (source: boolean, destination: boolean): boolean =>
    side === 'src' ? source : side === 'dst' ? destination : source || destination;
  if (key === 'host') {
    return ({ frame: { packet } }) =>
      packet !== undefined &&
      either(formatIp(packet.source) === argument, formatIp(packet.destination) === argument);
  }
  if (key === 'port') {
    const port = Number(argument);
    return ({ frame: { packet } }) =>
      packet !== undefined &&
      packet.protocol !== 1 &&
      either(packet.sourcePort === port, packet.destinationPort === port);
  }
  return undefined;
}

function packetText(packet: Packet): string {
  const { body } = packet;
  const [from, to] = [formatIp(packet.source), formatIp(packet.destination)];
  if (body.kind === 'icmp') {
    const name = body.type === 8 ? 'echo request' : body.type === 0 ? 'echo reply' : undefined;
    if (name)
      return `IP ${from} > ${to}: ICMP ${name}, id ${packet.sourcePort}, seq ${body.sequence}, length ${packet.size - 20}`;
    const about = body.about ? `${formatIp(body.about.destination)}` : '';
    const text =
      body.type === 11
        ? 'time exceeded in-transit'
        : body.code === 3
          ? `${about} udp port ${body.about?.destinationPort} unreachable`
          : `host ${about} unreachable`;
    return `IP ${from} > ${to}: ICMP ${text}, length ${packet.size - 20}`;
  }
  const ends = `IP ${from}.${packet.sourcePort} > ${to}.${packet.destinationPort}`;
  if (body.kind !== 'tcp') return `${ends}: UDP, length ${packet.size - 28}`;
  const names = [
    [FIN, 'F'],
    [SYN, 'S'],
    [RST, 'R'],
    [PSH, 'P'],
  ] as const;
  const flags =
    names
      .filter(([bit]) => body.flags & bit)
      .map(([, name]) => name)
      .join('') + (body.flags & ACK ? '.' : '');
  const length = body.chunk?.size ?? 0;
  const sequence =
    length > 0
      ? `, seq ${body.sequence}:${body.sequence + length}`
      : body.flags & (SYN | FIN | RST)
        ? `, seq ${body.sequence}`
        : '';
  const acknowledged = body.flags & ACK ? `, ack ${body.acknowledged}` : '';
  return `${ends}: Flags [${flags}]${sequence}${acknowledged}, win ${body.window}, length ${length}`;
}

function frameText(seen: SeenFrame): string {
  const { packet, arp } = seen.frame;
  if (packet) return packetText(packet);
  if (!arp) return '';
  if (arp.operation === 'reply')
    return `ARP, Reply ${formatIp(arp.senderIp)} is-at ${arp.senderMac}, length 28`;
  return `ARP, Request who-has ${formatIp(arp.targetIp)} tell ${formatIp(arp.senderIp)}, length 28`;
}

function timeText(at: number): string {
  const clock = new Date(epochMilliseconds(at)).toISOString().slice(11, 19);
  return `${clock}.${String(Math.floor((at % SECOND) / 1000)).padStart(6, '0')}`;
}

export const tcpdump = program('tcpdump', function* (main) {
  const { process } = main;
  const options = parseOptions(main.args, OPTIONS);
  if (isOptionError(options)) {
    main.err.put(`tcpdump: ${options.error}\n`);
    return 1;
  }
  const refused = ['write', 'read', 'bytes', 'ethernet'].find((key) => options.has(key));
  const test = filterOf(options.operands.flatMap((word) => word.split(/\s+/)).filter(Boolean));
  if (refused !== undefined || !test)
    return yield* notSimulated(main, `tcpdump ${main.args.join(' ')}`);
  const name =
    options.value('interface') ??
    process.network.linksByIndex.find((link) => link.running && link.kind !== 'loopback')?.name ??
    'lo';
  const fd = process.socket('packet', 'raw');
  if (isErrno(fd)) {
    main.err.put(
      `tcpdump: ${name}: You don't have permission to perform this capture on that device\n(socket: ${fd.message})\n`,
    );
    return 1;
  }
  const link = process.network.link(name);
  if (name !== 'any' && !link) {
    main.err.put(`tcpdump: ${name}: No such device exists\n(SIOCGIFHWADDR: No such device)\n`);
    return 1;
  }
  const socket = process.socketOf(fd);
  if (!(socket instanceof PacketSocket)) return 1;
  socket.watch(link);
  main.err.put(
    `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on ${name}, link-type ${name === 'any' ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)'}, snapshot length 262144 bytes\n`,
  );
  yield* main.err.flush();
  let stopped = false;
  for (const signal of [SIGINT, SIGTERM]) process.sigaction(signal, () => void (stopped = true));
  const most = Number(options.value('count') ?? Number.POSITIVE_INFINITY);
  let count = 0;
  while (!stopped && count < most) {
    const seen = yield* socket.next();
    if (isErrno(seen) || !test(seen)) continue;
    count++;
    const where =
      name === 'any' ? `${seen.link.padEnd(5)} ${seen.direction === 'in' ? 'In ' : 'Out'} ` : '';
    yield* main.out.print(
      `${options.has('time') ? '' : `${timeText(seen.at)} `}${where}${frameText(seen)}\n`,
    );
    yield* main.out.flush();
  }
  main.err.put(
    `${count} packet${count === 1 ? '' : 's'} captured\n${count} packets received by filter\n${socket.dropped} packets dropped by kernel\n`,
  );
  return 0;
});
