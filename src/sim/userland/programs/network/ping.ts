// ping(8): of iputils 20221126, and busybox's form under that name. Left out: flooding, records of routes, time stamps.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { EACCES, EAGAIN, EINTR, isErrno } from '../../../kernel/errno.ts';
import type { IcmpReceived } from '../../../kernel/network/ping.ts';
import {
  ICMP_ECHO_REPLY,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
} from '../../../kernel/network/packet.ts';
import { SIGINT, SIGQUIT } from '../../../kernel/signals.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { resolveHost } from '../../libc/resolver.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'count', short: 'c', argument: 'required' },
  { key: 'interval', short: 'i', argument: 'required' },
  { key: 'wait', short: 'W', argument: 'required' },
  { key: 'deadline', short: 'w', argument: 'required' },
  { key: 'size', short: 's', argument: 'required' },
  { key: 'ttl', short: 't', argument: 'required' },
  { key: 'from', short: 'I', argument: 'required' },
  { key: 'mtu', short: 'M', argument: 'required' },
  { key: 'mark', short: 'm', argument: 'required' },
  { key: 'tos', short: 'Q', argument: 'required' },
  { key: 'pattern', short: 'p', argument: 'required' },
  { key: 'preload', short: 'l', argument: 'required' },
  { key: 'quiet', short: 'q' },
  { key: 'numeric', short: 'n' },
  { key: 'audible', short: 'aADOUvbBdr4' },
  { key: 'flood', short: 'f' },
  { key: 'six', short: '6' },
  { key: 'version', short: 'V' },
  { key: 'help', short: 'h' },
];

/** What one run knows and counts. */
interface Session {
  readonly main: Main;
  readonly fd: number;
  readonly host: string;
  readonly address: string;
  readonly size: number;
  readonly count: number;
  readonly interval: number;
  readonly wait: number;
  readonly deadline: number | undefined;
  readonly quiet: boolean;
  readonly busybox: boolean;
  sent: number;
  received: number;
  errors: number;
  duplicates: number;
  stopped: boolean;
  readonly started: number;
  /** Round-trip times in microseconds, and when each request left. */
  readonly times: number[];
  readonly leftAt: Map<number, number>;
  readonly answered: Set<number>;
}

/** Runs ping; `busybox` writes in that tool's way. */
export function* runPing(main: Main, args: readonly string[], busybox: boolean): ProgramRun {
  const options = parseOptions(args, OPTIONS);
  if (isOptionError(options)) {
    main.err.put(`ping: ${options.error}\n\nUsage\n  ping [options] <destination>\n`);
    return busybox ? 1 : 2;
  }
  if (options.has('version')) {
    main.out.put('ping from iputils 20221126\n');
    return 0;
  }
  if (options.has('flood') || options.has('six')) {
    return yield* notSimulated(main, options.has('six') ? 'ping -6' : 'ping -f');
  }
  const [host] = options.operands;
  if (host === undefined) {
    main.err.put(
      busybox
        ? 'BusyBox v1.36.1: Usage: ping [OPTIONS] HOST\n'
        : 'ping: usage error: Destination address required\n',
    );
    return 1;
  }
  const mistake = busybox ? undefined : mistakenNumber(options);
  if (mistake !== undefined) {
    yield* main.fail(`invalid argument: ${mistake}`);
    return 1;
  }
  if (!busybox) yield* warnOfGarbage(main, options);
  const session = yield* open(main, options, host, busybox);
  if (typeof session === 'number') return session;
  return yield* pingAll(session);
}

/** Whole numbers that options take, and between which limits. */
const RANGES: readonly (readonly [key: string, low: bigint, high: bigint])[] = [
  ['count', 1n, 9_223_372_036_854_775_807n],
  ['preload', 1n, 65_536n],
  ['size', 0n, 2_147_483_647n],
  ['ttl', 0n, 255n],
  ['deadline', 0n, 2_147_483_647n],
];

/** The first value that is no number, or lies outside its limits, as iputils says it. */
function mistakenNumber(options: ParsedOptions): string | undefined {
  for (const [key, low, high] of RANGES) {
    const word = options.value(key);
    if (word === undefined) continue;
    if (!/^\s*[-+]?\d+$/.test(word)) return `'${word}'`;
    const value = BigInt(word.trim().replace(/^\+/, ''));
    if (value < low || value > high) return `'${word}': out of range: ${low} <= value <= ${high}`;
  }
  return undefined;
}

/** What follows the number of seconds of -i and -W is complained of, and left. */
function* warnOfGarbage(main: Main, options: ParsedOptions): Routine<void> {
  for (const key of ['interval', 'wait']) {
    const rest = (options.value(key) ?? '').replace(/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/i, '');
    if (rest === '') continue;
    yield* main.fail(`option argument contains garbage: ${rest}`);
    yield* main.fail('this will become fatal error in the future');
  }
}

export const ping = program('ping', (main) => runPing(main, main.args, false));

function* open(
  main: Main,
  options: ParsedOptions,
  host: string,
  busybox: boolean,
): Routine<Session | number> {
  const { process } = main;
  const found = yield* resolveHost(process, host);
  if ('failure' in found) {
    yield* main.fail(busybox ? `bad address '${host}'` : `${host}: ${found.text}`);
    return busybox ? 1 : 2;
  }
  const address = found.find((one) => !one.includes(':')) ?? '127.0.0.1';
  const fd = socketFor(process);
  if (typeof fd !== 'number') {
    yield* main.fail(
      busybox
        ? `permission denied (are you root?)`
        : `socktype: SOCK_RAW\nping: socket: ${fd.message}`,
    );
    return busybox ? 1 : 2;
  }
  const ttl = options.value('ttl');
  if (ttl !== undefined) process.setsockopt(fd, 'IP_TTL', Number(ttl));
  if (options.value('mtu') === 'do') process.setsockopt(fd, 'IP_MTU_DISCOVER', 2);
  const from = options.value('from');
  if (from !== undefined && process.bindToDevice(fd, from))
    process.bind(fd, { address: from, port: 0 });
  if (!busybox) {
    const failure = yield* process.connect(fd, { address, port: 0 });
    if (failure) {
      // Broadcast addresses and prohibited ones look the same to it.
      yield* main.fail(
        failure === EACCES
          ? 'Do you want to ping broadcast? Then -b. If not, check your local firewall rules'
          : `connect: ${failure.message}`,
      );
      return 2;
    }
  }
  const seconds = (key: string, otherwise: number): number =>
    (Number.parseFloat(options.value(key) ?? String(otherwise)) || 0) * SECOND;
  return {
    main,
    fd,
    host,
    address,
    busybox,
    size: Number(options.value('size') ?? 56),
    count: Number(options.value('count') ?? Number.POSITIVE_INFINITY),
    interval: seconds('interval', 1),
    wait: seconds('wait', 10),
    deadline: options.has('deadline') ? process.now + seconds('deadline', 0) : undefined,
    quiet: options.has('quiet'),
    sent: 0,
    received: 0,
    errors: 0,
    duplicates: 0,
    stopped: false,
    started: process.now,
    times: [],
    leftAt: new Map(),
    answered: new Set(),
  };
}

function socketFor(process: Process): ReturnType<Process['socket']> {
  const datagram = process.socket('inet', 'dgram', 1);
  return isErrno(datagram) ? process.socket('inet', 'raw', 1) : datagram;
}

function* pingAll(session: Session): ProgramRun {
  const { main, host, address, size } = session;
  const { process } = main;
  for (const signal of [SIGINT, SIGQUIT])
    process.sigaction(signal, () => void (session.stopped = true));
  main.out.put(
    session.busybox
      ? `PING ${host} (${address}): ${size} data bytes\n`
      : `PING ${host} (${address}) ${size}(${size + 28}) bytes of data.\n`,
  );
  let next = process.now;
  for (;;) {
    const over = session.deadline !== undefined && process.now >= session.deadline;
    if (session.stopped || over) break;
    if (session.sent < session.count && process.now >= next) {
      const failed = yield* request(session);
      if (failed !== undefined) return failed;
      next += session.interval;
    }
    const all = session.sent >= session.count;
    if (all && session.received + session.errors >= session.count) break;
    const lastLeft = session.leftAt.get(session.sent) ?? process.now;
    const patience =
      session.received > 0 && !main.args.includes('-W')
        ? Math.min(session.wait, 2 * longest(session))
        : session.wait;
    const until = all ? lastLeft + Math.max(patience, 1_000_000) : next;
    if (all && process.now >= until) break;
    yield* main.out.flush();
    const answer = yield* process.receiveIcmp(
      session.fd,
      session.deadline === undefined ? until : Math.min(until, session.deadline),
    );
    if (answer === EINTR) continue;
    if (answer === EAGAIN) {
      if (all && process.now >= until) break;
      continue;
    }
    if (!isErrno(answer)) take(session, answer);
  }
  summary(session);
  return session.received > 0 &&
    (session.deadline === undefined || session.received >= Math.min(session.count, session.sent))
    ? 0
    : 1;
}

function longest(session: Session): number {
  return Math.max(...session.times, 0) * 1000;
}

function* request(session: Session): Routine<number | undefined> {
  const { main, fd, size } = session;
  const number = session.sent + 1;
  session.leftAt.set(number, main.process.now);
  const failure = main.process.sendEcho(fd, session.address, number, size);
  session.sent = number;
  if (!failure) return undefined;
  yield* main.out.flush();
  if (session.busybox) {
    yield* main.fail(`sendto: ${failure.message}`);
    return 1;
  }
  if (failure.name === 'EMSGSIZE')
    yield* main.fail(`local error: message too long, mtu=${mtuOf(main)}`);
  else yield* main.fail(`sendmsg: ${failure.message}`);
  if (failure.name === 'EMSGSIZE') session.errors++;
  return undefined;
}

function mtuOf(main: Main): number {
  const links = main.process.network.linksByIndex.filter(
    (link) => link.kind !== 'loopback' && link.up,
  );
  return links[0]?.mtu ?? 65_536;
}

/** The time between request and answer, microseconds: what the clock says, and what the stack and the tool take. */
function elapsed(session: Session, number: number, at: number): number {
  const left = session.leftAt.get(number) ?? at;
  return (at - left) / 1000 + 30 + session.main.process.task.kernel.entropy.int(45);
}

function milliseconds(microseconds: number): string {
  const value = microseconds / 1000;
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 1
        ? value.toFixed(2)
        : value.toFixed(3);
}

function take(session: Session, answer: IcmpReceived): void {
  const { main, quiet, busybox } = session;
  const { message } = answer;
  if (message.type === ICMP_ECHO_REPLY) {
    const number = message.sequence;
    if (session.answered.has(number)) session.duplicates++;
    else session.received++;
    session.answered.add(number);
    const time = elapsed(session, number, answer.at);
    session.times.push(time);
    if (quiet) return;
    const bytes = answer.size - 20;
    main.out.put(
      busybox
        ? `${bytes} bytes from ${answer.from}: seq=${number - 1} ttl=${answer.ttl} time=${(time / 1000).toFixed(3)} ms\n`
        : `${bytes} bytes from ${answer.from}: icmp_seq=${number} ttl=${answer.ttl} time=${milliseconds(time)} ms\n`,
    );
    return;
  }
  session.errors++;
  if (quiet || busybox) return;
  const waiting =
    [...session.leftAt.keys()].find((number) => !session.answered.has(number)) ?? session.sent;
  session.answered.add(waiting);
  main.out.put(
    `From ${answer.from} icmp_seq=${waiting} ${errorText(message.type, message.code)}\n`,
  );
}

const UNREACHABLE_TEXTS: Readonly<Record<number, string>> = {
  0: 'Destination Net Unreachable',
  1: 'Destination Host Unreachable',
  2: 'Destination Protocol Unreachable',
  3: 'Destination Port Unreachable',
  4: 'Frag needed and DF set',
  9: 'Destination Net Prohibited',
  10: 'Destination Host Prohibited',
  13: 'Packet filtered',
};

function errorText(type: number, code: number): string {
  if (type === ICMP_TIME_EXCEEDED) return 'Time to live exceeded';
  if (type === ICMP_UNREACHABLE)
    return UNREACHABLE_TEXTS[code] ?? `Dest Unreachable, Bad Code: ${code}`;
  return `Bad ICMP type: ${type}`;
}

function summary(session: Session): void {
  const { main, host, sent, received, errors, times, busybox } = session;
  const lost = sent === 0 ? 0 : ((sent - received) / sent) * 100;
  const percent = Number.isInteger(lost) ? String(lost) : lost.toPrecision(6).replace(/\.?0+$/, '');
  main.out.put(`\n--- ${host} ping statistics ---\n`);
  if (busybox)
    main.out.put(
      `${sent} packets transmitted, ${received} packets received, ${Math.floor(lost)}% packet loss\n`,
    );
  else {
    const spent = Math.round((main.process.now - session.started) / 1e6);
    const failed = errors > 0 ? `, +${errors} errors` : '';
    main.out.put(
      `${sent} packets transmitted, ${received} received${failed}, ${percent}% packet loss, time ${sent > 1 ? spent : 0}ms\n`,
    );
  }
  if (times.length === 0) {
    if (!busybox) main.out.put('\n');
    return;
  }
  const low = Math.min(...times);
  const high = Math.max(...times);
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const square = times.reduce((sum, time) => sum + time * time, 0) / times.length;
  const spread = Math.sqrt(Math.max(0, square - mean * mean));
  const text = (value: number): string => (value / 1000).toFixed(3);
  main.out.put(
    busybox
      ? `round-trip min/avg/max = ${text(low)}/${text(mean)}/${text(high)} ms\n`
      : `rtt min/avg/max/mdev = ${text(low)}/${text(mean)}/${text(high)}/${text(spread)} ms\n`,
  );
}
