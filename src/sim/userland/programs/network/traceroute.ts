// traceroute(8) by UDP, and tracepath(8) of iputils: which routers a packet passes, by letting its time to live run out.

import { Content } from '../../../core/content.ts';
import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { ICMP_UNREACHABLE } from '../../../kernel/network/packet.ts';
import { isOptionError, parseOptions } from '../../libc/options.ts';
import { resolveAddress, resolveHost } from '../../libc/resolver.ts';
import { program } from '../../libc/stdio.ts';

const value = 'required' as const;
const OPTIONS = [
  { key: 'numeric', short: 'n' },
  { key: 'max', short: 'm', argument: value },
  { key: 'queries', short: 'q', argument: value },
  { key: 'wait', short: 'w', argument: value },
  { key: 'port', short: 'p', argument: value },
  { key: 'plain', short: '4bI' },
];

/** One probe's answer; undefined when none came. */
interface Hop {
  readonly from: string;
  readonly milliseconds: number;
  readonly arrived: boolean;
}

function* probe(
  process: Process,
  address: string,
  port: number,
  ttl: number,
  wait: number,
): Routine<Hop | undefined> {
  const fd = process.socket('inet', 'dgram');
  if (isErrno(fd)) return undefined;
  process.setsockopt(fd, 'IP_TTL', ttl);
  const left = process.now;
  const failed = yield* process.connect(fd, { address, port });
  if (!failed) process.sendTo(fd, Content.ofBytes(new Uint8Array(32)), 32);
  const until = left + wait;
  let hop: Hop | undefined;
  while (!failed && !hop && process.now < until) {
    const [report] = process.takeErrors(fd);
    if (report) {
      const spent = (process.now - left) / 1e6 + 0.02 + process.task.kernel.entropy.int(40) / 1000;
      hop = { from: report.from, milliseconds: spent, arrived: report.type === ICMP_UNREACHABLE };
      break;
    }
    yield* process.receiveFrom(fd, until);
  }
  process.close(fd);
  return hop;
}

export const traceroute = program('traceroute', function* (main) {
  const { process } = main;
  const options = parseOptions(main.args, OPTIONS);
  const [name] = isErrno(options) || isOptionError(options) ? [] : options.operands;
  if (isOptionError(options) || name === undefined) {
    main.err.put('Usage:\n  traceroute [ -46dFITnreAUDV ] host [ packetlen ]\n');
    return 2;
  }
  const found = yield* resolveHost(process, name);
  if ('failure' in found) {
    main.err.put(
      `${name}: ${found.text}\nCannot handle "host" cmdline arg \`${name}' on position 1 (argc 1)\n`,
    );
    return 2;
  }
  const address = found.find((one) => !one.includes(':')) ?? '127.0.0.1';
  const most = Number(options.value('max') ?? 30);
  const queries = Number(options.value('queries') ?? 3);
  const wait = Number(options.value('wait') ?? 5) * SECOND;
  main.out.put(`traceroute to ${name} (${address}), ${most} hops max, 60 byte packets\n`);
  let port = Number(options.value('port') ?? 33_434);
  for (let ttl = 1; ttl <= most; ttl++) {
    main.out.put(`${String(ttl).padStart(2)} `);
    let last = '';
    let arrived = false;
    for (let query = 0; query < queries; query++) {
      const hop = yield* probe(process, address, port++, ttl, wait);
      if (!hop) {
        main.out.put(' *');
        continue;
      }
      if (hop.from !== last) {
        const known = options.has('numeric') ? undefined : yield* resolveAddress(process, hop.from);
        main.out.put(
          options.has('numeric') ? ` ${hop.from}` : ` ${known ?? hop.from} (${hop.from})`,
        );
        last = hop.from;
      }
      main.out.put(`  ${hop.milliseconds.toFixed(3)} ms`);
      arrived ||= hop.arrived || hop.from === address;
    }
    main.out.put('\n');
    yield* main.out.flush();
    if (arrived) return 0;
  }
  return 0;
});
