// The files of /proc/PID/net, by name: each makes its text from a network namespace.

import { formatIp, IP6_LOOPBACK, isIp6, maskOf } from './address.ts';
import type { NetworkNamespace } from './namespace.ts';
import { TABLE_MAIN } from './routes.ts';
import type { Socket } from './socket.ts';

/** Makes the text of one file. */
export type NetworkText = (network: NetworkNamespace) => string;

function deviceTable(network: NetworkNamespace): string {
  const head =
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';
  const rows = network.linksByIndex.map((link) => {
    const { received, sent } = link;
    const cell = (value: number, width: number): string => String(value).padStart(width);
    return (
      `${link.name.padStart(6)}:${cell(received.bytes, 8)} ${cell(received.packets, 7)}    0 ${cell(received.dropped, 4)}` +
      `    0     0          0         0 ${cell(sent.bytes, 8)} ${cell(sent.packets, 7)}    0 ${cell(sent.dropped, 4)}` +
      '    0     0       0          0\n'
    );
  });
  return head + rows.join('');
}

function arpTable(network: NetworkNamespace): string {
  const head = 'IP address       HW type     Flags       HW address            Mask     Device\n';
  const rows = network.neighbours
    .list()
    .filter((entry) => entry.state !== 'FAILED')
    .map((entry) => {
      const flags = entry.state === 'PERMANENT' ? '0x6' : entry.mac === undefined ? '0x0' : '0x2';
      const mac = entry.mac ?? '00:00:00:00:00:00';
      return `${formatIp(entry.ip).padEnd(16)} 0x1         ${flags}         ${mac}     *        ${entry.link.name}\n`;
    });
  return head + rows.join('');
}

/** An IPv4 address as the kernel writes it: hexadecimal, last byte first. */
function littleHex(ip: number): string {
  const bytes = [ip & 255, (ip >>> 8) & 255, (ip >>> 16) & 255, (ip >>> 24) & 255];
  return bytes
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

function routeTable(network: NetworkNamespace): string {
  const head =
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  const rows = network.routing.table(TABLE_MAIN).map((route) => {
    const flags = (1 | (route.via === undefined ? 0 : 2) | (route.to.length === 32 ? 4 : 0))
      .toString(16)
      .toUpperCase();
    const words = [
      route.link?.name ?? '*',
      littleHex(route.to.address),
      littleHex(route.via ?? 0),
      flags.padStart(4, '0'),
      0,
      0,
      route.metric,
      littleHex(maskOf(route.to.length)),
      0,
      0,
      0,
    ];
    return words.join('\t');
  });
  return [head, ...rows].map((row) => `${row.padEnd(127)}\n`).join('');
}

/** States of TCP sockets by their numbers in /proc/net/tcp. */
const TCP_STATES = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
];

interface Ends {
  readonly localIp: number;
  readonly localPort: number;
  readonly remoteIp: number;
  readonly remotePort: number;
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function hexAddress(ip: number, wide: boolean): string {
  if (!wide) return littleHex(ip);
  if (ip === IP6_LOOPBACK) return `${'0'.repeat(24)}01000000`;
  return isIp6(ip) ? '0'.repeat(32) : `0000000000000000FFFF0000${littleHex(ip)}`;
}

function socketLine(n: number, ends: Ends, state: string, socket: Socket, wide: boolean): string {
  const local = `${hexAddress(ends.localIp, wide)}:${hexPort(ends.localPort)}`;
  const remote =
    wide && ends.remotePort === 0
      ? `${'0'.repeat(32)}:0000`
      : `${hexAddress(ends.remoteIp, wide)}:${hexPort(ends.remotePort)}`;
  const number = TCP_STATES.indexOf(state).toString(16).toUpperCase().padStart(2, '0');
  return `${String(n).padStart(4)}: ${local} ${remote} ${number} 00000000:00000000 00:00000000 00000000 ${String(socket.uid).padStart(5)}        0 ${socket.number} 1 0000000000000000 100 0 0 10 0\n`;
}

function tcpTable(wide: boolean): NetworkText {
  return (network) => {
    const { sockets } = network;
    const all = [...[...sockets.listeners.values()].flat(), ...sockets.allConnections()];
    const mine = all.filter((socket) => (socket.family === 'inet6') === wide);
    const head = wide
      ? '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
      : '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
    return (
      head + mine.map((socket, n) => socketLine(n, socket, socket.state, socket, wide)).join('')
    );
  };
}

function udpTable(wide: boolean): NetworkText {
  return (network) => {
    const all = [...network.sockets.udp.values()]
      .flat()
      .filter((socket) => (socket.family === 'inet6') === wide);
    const head = wide
      ? '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n'
      : '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             \n';
    return (
      head +
      all
        .map((socket, n) =>
          socketLine(n, socket, socket.remotePort ? 'ESTABLISHED' : 'CLOSE', socket, wide),
        )
        .join('')
    );
  };
}

function unixTable(network: NetworkNamespace): string {
  const rows = [...network.sockets.unix].map((socket) => {
    const type = { stream: '0001', dgram: '0002', seqpacket: '0005', raw: '0003' }[socket.type];
    const state = socket.peer ? '03' : '01';
    const path = socket.path === '' ? '' : ` ${socket.path}`;
    return `0000000000000000: 00000002 00000000 ${socket.listening ? '00010000' : '00000000'} ${type} ${state} ${socket.number}${path}\n`;
  });
  return `Num       RefCount Protocol Flags    Type St Inode Path\n${rows.join('')}`;
}

function addresses6(network: NetworkNamespace): string {
  const scopes = { host: '10', link: '20', global: '00' } as const;
  let text = '';
  for (const link of network.linksByIndex) {
    for (const { address, length, scope } of link.addresses6) {
      const [head = '', tail = ''] = address.split('::');
      const left = head.split(':').filter(Boolean);
      const right = tail.split(':').filter(Boolean);
      const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
      const hex = [...left, ...zeros, ...right].map((part) => part.padStart(4, '0')).join('');
      const two = (n: number): string => n.toString(16).padStart(2, '0');
      text += `${hex} ${two(link.index)} ${two(length)} ${scopes[scope]} 80 ${link.name.padStart(8)}\n`;
    }
  }
  return text;
}

/** Every file of the directory. */
export const networkFiles: ReadonlyMap<string, NetworkText> = new Map<string, NetworkText>([
  ['arp', arpTable],
  ['dev', deviceTable],
  ['if_inet6', addresses6],
  ['route', routeTable],
  ['tcp', tcpTable(false)],
  ['tcp6', tcpTable(true)],
  ['udp', udpTable(false)],
  ['udp6', udpTable(true)],
  ['unix', unixTable],
]);
