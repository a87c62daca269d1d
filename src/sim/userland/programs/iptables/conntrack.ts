// conntrack(8): lists and deletes tracked connections.

import { formatIp, inPrefix, parsePrefix } from '../../../kernel/network/address.ts';
import type { Connection, Tuple } from '../../../kernel/network/netfilter/conntrack.ts';
import { PROTOCOL_NAMES } from '../../../kernel/network/packet.ts';
import { isOptionError, parseOptions, type ParsedOptions } from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';

const value = 'required' as const;
const OPTIONS = [
  { key: 'list', short: 'L', long: 'dump', argument: 'optional' as const },
  { key: 'delete', short: 'D', long: 'delete' },
  { key: 'flush', short: 'F', long: 'flush' },
  { key: 'count', short: 'C', long: 'count' },
  { key: 'events', short: 'E', long: 'event' },
  { key: 'protocol', short: 'p', long: 'proto', argument: value },
  { key: 'family', short: 'f', long: 'family', argument: value },
  { key: 'orig-src', short: 's', long: 'orig-src src', argument: value },
  { key: 'orig-dst', short: 'd', long: 'orig-dst dst', argument: value },
  { key: 'reply-src', short: 'r', long: 'reply-src', argument: value },
  { key: 'reply-dst', short: 'q', long: 'reply-dst', argument: value },
  { key: 'sport', long: 'sport orig-port-src', argument: value },
  { key: 'dport', long: 'dport orig-port-dst', argument: value },
  { key: 'state', long: 'state', argument: value },
  { key: 'mark', short: 'm', long: 'mark', argument: value },
  { key: 'output', short: 'o', long: 'output', argument: value },
  { key: 'any-nat', short: 'j', long: 'any-nat', argument: 'optional' as const },
  { key: 'version', short: 'V', long: 'version' },
];

export const conntrack = program('conntrack', function* (main) {
  const options = parseOptions(main.args, OPTIONS);
  if (isOptionError(options)) {
    main.err.put(`conntrack: ${options.error}\n`);
    return 2;
  }
  if (main.process.netlink().refusal) {
    main.err.put(
      'conntrack v1.4.7 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this\n',
    );
    return 1;
  }
  const { tracking } = main.process.network.netfilter;
  const found = tracking.list().filter((one) => fits(one, options));
  if (options.has('events')) return yield* notSimulated(main, 'conntrack -E');
  if (options.has('count')) {
    main.out.put(`${tracking.list().length}\n`);
    return 0;
  }
  if (options.has('flush')) {
    for (const one of tracking.list()) tracking.remove(one);
    main.err.put(
      'conntrack v1.4.7 (conntrack-tools): connection tracking table has been emptied.\n',
    );
    return 0;
  }
  if (!options.has('list') && !options.has('delete')) {
    main.err.put('conntrack v1.4.7 (conntrack-tools): no command specified\n');
    return 2;
  }
  for (const one of found) {
    main.out.put(line(main, one));
    if (options.has('delete')) tracking.remove(one);
  }
  yield* main.out.flush();
  const word = options.has('delete') ? 'deleted' : 'shown';
  main.err.put(
    `conntrack v1.4.7 (conntrack-tools): ${found.length} flow entries have been ${word}.\n`,
  );
  return options.has('delete') && found.length === 0 ? 1 : 0;
});

function fits(one: Connection, options: ParsedOptions): boolean {
  const protocol = options.value('protocol');
  if (
    protocol !== undefined &&
    PROTOCOL_NAMES[one.protocol] !== protocol &&
    String(one.protocol) !== protocol
  )
    return false;
  const address = (key: string, ip: number): boolean => {
    const wanted = options.value(key);
    const prefix = wanted === undefined ? undefined : parsePrefix(wanted);
    return wanted === undefined || (prefix !== undefined && inPrefix(ip, prefix));
  };
  const port = (key: string, number: number): boolean => {
    const wanted = options.value(key);
    return wanted === undefined || Number(wanted) === number;
  };
  const state = options.value('state');
  return (
    address('orig-src', one.original.source) &&
    address('orig-dst', one.original.destination) &&
    address('reply-src', one.reply.source) &&
    address('reply-dst', one.reply.destination) &&
    port('sport', one.original.sourcePort) &&
    port('dport', one.original.destinationPort) &&
    (state === undefined || one.tcpState === state) &&
    (!options.has('any-nat') || one.translatesDestination || one.translatesSource)
  );
}

function tuple(one: Connection, t: Tuple, reply: boolean): string {
  const ends = `src=${formatIp(t.source)} dst=${formatIp(t.destination)}`;
  if (one.protocol === 1)
    return `${ends} type=${reply ? 0 : 8} code=0 id=${one.original.sourcePort}`;
  return `${ends} sport=${t.sourcePort} dport=${t.destinationPort}`;
}

function line(main: Main, one: Connection): string {
  const left = Math.max(0, Math.round((one.expiresAt - main.process.now) / 1e9));
  const name = (PROTOCOL_NAMES[one.protocol] ?? 'unknown').padEnd(8);
  const state = one.protocol === 6 ? `${one.tcpState} ` : '';
  const unreplied = one.replied ? '' : '[UNREPLIED] ';
  const assured = one.assured ? '[ASSURED] ' : '';
  return `${name} ${one.protocol} ${left} ${state}${tuple(one, one.original, false)} ${unreplied}${tuple(one, one.reply, true)} ${assured}mark=${one.mark} use=1\n`;
}
