// ss(8): sockets of this namespace, by protocol and state. Left out: filters on addresses beyond ports, memory and TCP internals.

import { formatIp, isIp6 } from '../../../kernel/network/address.ts';
import type { Socket } from '../../../kernel/network/socket.ts';
import type { TcpSocket } from '../../../kernel/network/tcp/socket.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'listening', short: 'l', long: 'listening' },
  { key: 'all', short: 'a', long: 'all' },
  { key: 'tcp', short: 't', long: 'tcp' },
  { key: 'udp', short: 'u', long: 'udp' },
  { key: 'raw', short: 'w', long: 'raw' },
  { key: 'unix', short: 'x', long: 'unix' },
  { key: 'numeric', short: 'n', long: 'numeric' },
  { key: 'processes', short: 'p', long: 'processes' },
  { key: 'noHeader', short: 'H', long: 'no-header' },
  { key: 'four', short: '4', long: 'ipv4' },
  { key: 'six', short: '6', long: 'ipv6' },
  { key: 'extended', short: 'e', long: 'extended' },
  { key: 'options', short: 'o', long: 'options' },
  { key: 'memory', short: 'm', long: 'memory' },
  { key: 'info', short: 'i', long: 'info' },
  { key: 'summary', short: 's', long: 'summary' },
  { key: 'oneline', short: 'O', long: 'oneline' },
  { key: 'resolve', short: 'r', long: 'resolve' },
  { key: 'family', short: 'f', long: 'family', argument: 'required' },
  { key: 'namespace', short: 'N', long: 'net', argument: 'required' },
  { key: 'help', short: 'h', long: 'help' },
  { key: 'version', short: 'V', long: 'version' },
];

/** ss's words for states. */
const STATES: Readonly<Record<string, string>> = {
  LISTEN: 'LISTEN',
  ESTABLISHED: 'ESTAB',
  SYN_SENT: 'SYN-SENT',
  SYN_RECV: 'SYN-RECV',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
  CLOSE_WAIT: 'CLOSE-WAIT',
  CLOSING: 'CLOSING',
  LAST_ACK: 'LAST-ACK',
  TIME_WAIT: 'TIME-WAIT',
  CLOSE: 'UNCONN',
};

const SERVICES: Readonly<Record<number, string>> = {
  22: 'ssh',
  53: 'domain',
  80: 'http',
  443: 'https',
  2379: '2379',
  6379: 'redis',
  3306: 'mysql',
  5432: 'postgresql',
  8080: 'http-alt',
};

interface Row {
  readonly kind: string;
  readonly state: string;
  readonly receive: number;
  readonly send: number;
  readonly local: string;
  readonly localPort: string;
  readonly peer: string;
  readonly peerPort: string;
  readonly socket: Socket | undefined;
  readonly listening: boolean;
}

export const ss = program('ss', function* (main) {
  const options = parseOptions(main.args, OPTIONS);
  if (isOptionError(options)) {
    main.err.put(`ss: ${options.error}\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n`);
    return 255;
  }
  if (options.has('version')) {
    main.out.put('ss utility, iproute2-6.1.0\n');
    return 0;
  }
  const missing = ['extended', 'options', 'memory', 'info', 'summary', 'resolve', 'namespace'].find(
    (key) => options.has(key),
  );
  if (missing !== undefined) return yield* notSimulated(main, `ss --${missing}`);
  const any = ['tcp', 'udp', 'raw', 'unix'].some((key) => options.has(key));
  const family = options.value('family');
  const rows: Row[] = [];
  if (options.has('unix') || family === 'unix' || (!any && family === undefined))
    rows.push(...unixRows(main));
  if (options.has('udp') || (!any && family !== 'unix')) rows.push(...udpRows(main, options));
  if (options.has('tcp') || (!any && family !== 'unix')) rows.push(...tcpRows(main, options));
  const filtered = rows.filter(
    (row) =>
      stateFits(row, options) && familyFits(row, options) && filterFits(row, options.operands),
  );
  const several =
    !any || ['tcp', 'udp', 'raw', 'unix'].filter((key) => options.has(key)).length > 1;
  print(main, filtered, options, several);
  return 0;
});

function stateFits(row: Row, options: ParsedOptions): boolean {
  const state = options.operands[0] === 'state' ? (options.operands[1] ?? '') : undefined;
  if (state !== undefined) {
    const wanted = { established: 'ESTAB', listening: 'LISTEN' }[state] ?? state.toUpperCase();
    return (
      state === 'all' ||
      row.state === wanted ||
      (state === 'connected' && row.state !== 'LISTEN' && row.state !== 'UNCONN')
    );
  }
  if (options.has('all')) return true;
  if (options.has('listening')) return row.listening;
  return !row.listening && row.state !== 'TIME-WAIT';
}

function familyFits(row: Row, options: ParsedOptions): boolean {
  if (options.has('four')) return row.socket === undefined || row.socket.family === 'inet';
  if (options.has('six')) return row.socket?.family === 'inet6';
  return true;
}

/** `sport = :80`, `dport = :80`, `( … )`, `or` of the filter language. */
function filterFits(row: Row, words: readonly string[]): boolean {
  const terms = words
    .join(' ')
    .replace(/^state \S+ ?/, '')
    .split(/\s+or\s+/);
  if (terms.length === 1 && terms[0]?.trim() === '') return true;
  return terms.some((term) => {
    const match = /(sport|dport)\s*(?:=|eq|==)?\s*:?(\d+)/.exec(term);
    return match ? (match[1] === 'sport' ? row.localPort : row.peerPort) === match[2] : true;
  });
}

function host(ip: number, family: string): string {
  if (ip === 0 && family === 'inet') return '0.0.0.0';
  if (ip === -2) return '*';
  const text = formatIp(ip);
  if (isIp6(ip)) return `[${text}]`;
  return family === 'inet6' ? `[::ffff:${text}]` : text;
}

function portText(port: number, numeric: boolean): string {
  if (port === 0) return '*';
  return numeric ? String(port) : (SERVICES[port] ?? String(port));
}

function tcpRows(main: Main, options: ParsedOptions): Row[] {
  const { sockets } = main.process.network;
  const numeric = options.has('numeric');
  const rows: Row[] = [];
  const add = (socket: TcpSocket): void => {
    const listening = socket.state === 'LISTEN';
    rows.push({
      kind: 'tcp',
      state: STATES[socket.state] ?? socket.state,
      receive: listening ? socket.ready.length : socket.received.size,
      send: listening ? socket.backlog : socket.sendSize,
      local: host(socket.localIp, socket.family),
      localPort: portText(socket.localPort, numeric),
      peer: listening
        ? socket.family === 'inet6'
          ? socket.localIp === -2
            ? '*'
            : '[::]'
          : '0.0.0.0'
        : host(socket.remoteIp, socket.family),
      peerPort: portText(socket.remotePort, numeric),
      socket,
      listening,
    });
  };
  for (const list of sockets.listeners.values()) for (const socket of list) add(socket);
  for (const socket of sockets.allConnections()) add(socket);
  for (const one of sockets.timeWaiting) {
    rows.push({
      kind: 'tcp',
      state: 'TIME-WAIT',
      receive: 0,
      send: 0,
      local: formatIp(one.localIp),
      localPort: portText(one.localPort, numeric),
      peer: formatIp(one.remoteIp),
      peerPort: portText(one.remotePort, numeric),
      socket: undefined,
      listening: false,
    });
  }
  return rows;
}

function udpRows(main: Main, options: ParsedOptions): Row[] {
  const numeric = options.has('numeric');
  const rows: Row[] = [];
  for (const list of main.process.network.sockets.udp.values()) {
    for (const socket of list) {
      const connected = socket.remotePort !== 0;
      rows.push({
        kind: 'udp',
        state: connected ? 'ESTAB' : 'UNCONN',
        receive: 0,
        send: 0,
        local: host(socket.localIp, socket.family),
        localPort: portText(socket.localPort, numeric),
        peer: connected
          ? host(socket.remoteIp, socket.family)
          : socket.family === 'inet6'
            ? '*'
            : '0.0.0.0',
        peerPort: portText(socket.remotePort, numeric),
        socket,
        listening: !connected,
      });
    }
  }
  return rows;
}

function unixRows(main: Main): Row[] {
  return [...main.process.network.sockets.unix].map((socket) => ({
    kind: socket.type === 'dgram' ? 'u_dgr' : socket.type === 'seqpacket' ? 'u_seq' : 'u_str',
    state: socket.connectionState,
    receive: socket.listening ? 0 : socket.received.size,
    send: 0,
    local: socket.path === '' ? '*' : socket.path,
    localPort: String(socket.number),
    peer: '*',
    peerPort: String(socket.peer?.number ?? 0),
    socket,
    listening: socket.listening || (socket.type === 'dgram' && !socket.peer),
  }));
}

/** Who holds a socket: `users:(("nginx",pid=12,fd=6))`. */
function users(main: Main, socket: Socket | undefined): string {
  if (!socket) return '';
  const found: string[] = [];
  for (const [pid, task] of main.process.task.pidNamespace.tasks) {
    if (task !== task.leader || task.ended) continue;
    for (const [fd, { file }] of task.files.list()) {
      if (file === socket) found.push(`("${task.name}",pid=${pid},fd=${fd})`);
    }
  }
  return found.length > 0 ? `users:(${found.join(',')})` : '';
}

function print(main: Main, rows: readonly Row[], options: ParsedOptions, several: boolean): void {
  const withState = options.operands[0] !== 'state';
  const table: string[][] = [];
  if (!options.has('noHeader')) {
    table.push([
      ...(several ? ['Netid'] : []),
      ...(withState ? ['State'] : []),
      'Recv-Q',
      'Send-Q',
      'Local Address',
      'Port',
      'Peer Address',
      'Port',
      'Process',
    ]);
  }
  for (const row of rows) {
    table.push([
      ...(several ? [row.kind] : []),
      ...(withState ? [row.state] : []),
      String(row.receive),
      String(row.send),
      row.local,
      row.localPort,
      row.peer,
      row.peerPort,
      options.has('processes') ? users(main, row.socket) : '',
    ]);
  }
  const widths: number[] = [];
  for (const cells of table)
    for (const [i, cell] of cells.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  const colon = several ? 1 : 0;
  const address = colon + (withState ? 3 : 2);
  for (const cells of table) {
    let text = '';
    for (const [i, cell] of cells.entries()) {
      const width = widths[i] ?? 0;
      if (i === address || i === address + 2) text += `${cell.padStart(width)}:`;
      else if (i === cells.length - 1) text += cell;
      else text += `${cell.padEnd(width)} `;
    }
    main.out.put(`${text}\n`);
  }
}
