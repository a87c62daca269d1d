// net-tools 2.10: arp, route, ifconfig and netstat, for looking. Their changing forms are left to ip.

import { formatIp, maskOf } from '../../../kernel/network/address.ts';
import type { Link } from '../../../kernel/network/link.ts';
import { TABLE_MAIN } from '../../../kernel/network/routes.ts';
import type { Socket } from '../../../kernel/network/socket.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';

export const arp = program('arp', function* (main) {
  const changes = main.args.some((word) => ['-s', '-d', '-f'].includes(word));
  if (changes) return yield* notSimulated(main, `arp ${main.args[0]}`);
  const entries = main.process.network.neighbours.list();
  const wanted = main.args.find((word) => !word.startsWith('-'));
  const shown = entries.filter((entry) => wanted === undefined || formatIp(entry.ip) === wanted);
  if (main.args.includes('-a')) {
    for (const { ip, mac, link } of shown) {
      main.out.put(
        `? (${formatIp(ip)}) at ${mac ?? '<incomplete>'} ${mac ? '[ether] ' : ''} on ${link.name}\n`.replace(
          '  on',
          ' on',
        ),
      );
    }
    return 0;
  }
  if (wanted !== undefined && shown.length === 0) {
    main.out.put(`${wanted} (${wanted}) -- no entry\n`);
    return 1;
  }
  if (shown.length === 0) return 0;
  main.out.put(
    'Address                  HWtype  HWaddress           Flags Mask            Iface\n',
  );
  for (const { ip, mac, link, state } of shown) {
    const type = mac ? 'ether ' : '      ';
    const address = mac ?? '(incomplete)';
    const flags = state === 'PERMANENT' ? 'CM' : mac ? 'C' : '';
    main.out.put(
      `${formatIp(ip).padEnd(24)} ${type}  ${address.padEnd(19)} ${flags.padEnd(21)} ${link.name}\n`,
    );
  }
  return 0;
});

function printRoutes(main: Main): void {
  main.out.put(
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n',
  );
  const routes = [...main.process.network.routing.table(TABLE_MAIN)];
  for (const route of routes.sort(
    (a, b) => a.to.length - b.to.length || a.to.address - b.to.address,
  )) {
    const flags = `U${route.via === undefined ? '' : 'G'}${route.to.length === 32 ? 'H' : ''}`;
    const words = [
      formatIp(route.to.address),
      formatIp(route.via ?? 0),
      formatIp(maskOf(route.to.length)),
    ];
    const name = route.link?.name ?? '*';
    main.out.put(
      `${words.map((word) => word.padEnd(15)).join(' ')} ${flags.padEnd(5)} ${String(route.metric).padEnd(6)} 0        0 ${name}\n`,
    );
  }
}

export const route = program('route', function* (main) {
  const command = main.args.find((word) => !word.startsWith('-'));
  if (command !== undefined) return yield* notSimulated(main, `route ${command}`);
  printRoutes(main);
  return 0;
});

const FLAG_BITS: Readonly<Record<string, number>> = {
  UP: 1,
  BROADCAST: 2,
  LOOPBACK: 8,
  RUNNING: 64,
  NOARP: 128,
  PROMISC: 256,
  MULTICAST: 4096,
};

function describe(link: Link): string {
  const flags = link.flags.filter((flag) => flag in FLAG_BITS);
  if (link.running) flags.push('RUNNING');
  const order = Object.keys(FLAG_BITS).filter((flag) => flags.includes(flag));
  const bits = order.reduce((sum, flag) => sum + (FLAG_BITS[flag] ?? 0), 0);
  const lines = [`${link.name}: flags=${bits}<${order.join(',')}>  mtu ${link.mtu}`];
  for (const address of link.addresses.slice(0, 1)) {
    const broadcast =
      link.kind === 'loopback' ? '' : `  broadcast ${formatIp(address.broadcast ?? 0)}`;
    lines.push(
      `inet ${formatIp(address.address)}  netmask ${formatIp(maskOf(address.length))}${broadcast}`,
    );
  }
  for (const { address, length, scope } of link.addresses6) {
    lines.push(
      `inet6 ${address}  prefixlen ${length}  scopeid ${{ host: '0x10<host>', link: '0x20<link>', global: '0x0<global>' }[scope]}`,
    );
  }
  lines.push(
    link.kind === 'loopback'
      ? `loop  txqueuelen ${link.queueLength}  (Local Loopback)`
      : `ether ${link.mac}  txqueuelen ${link.queueLength}  (Ethernet)`,
  );
  for (const [word, counters] of [
    ['RX', link.received],
    ['TX', link.sent],
  ] as const) {
    lines.push(
      `${word} packets ${counters.packets}  bytes ${counters.bytes} (${size(counters.bytes)})`,
    );
    const tail = word === 'RX' ? 'frame 0' : 'carrier 0  collisions 0';
    lines.push(`${word} errors 0  dropped ${counters.dropped}  overruns 0  ${tail}`);
  }
  return `${lines.join('\n        ')}\n\n`;
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes}.0 B`;
  const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, 'KiB'] : [bytes / 1024 ** 2, 'MiB'];
  return `${value.toFixed(1)} ${unit}`;
}

export const ifconfig = program('ifconfig', function* (main) {
  const words = main.args.filter((word) => !word.startsWith('-'));
  const [name] = words;
  if (words.length > 1) return yield* notSimulated(main, `ifconfig ${words.join(' ')}`);
  const { network } = main.process;
  if (name !== undefined) {
    const link = network.link(name);
    if (!link) {
      main.err.put(`${name}: error fetching interface information: Device not found\n`);
      return 1;
    }
    main.out.put(describe(link));
    return 0;
  }
  const all = main.args.includes('-a');
  for (const link of network.linksByIndex) if (all || link.up) main.out.put(describe(link));
  return 0;
});

const STATES: Readonly<Record<string, string>> = { LISTEN: 'LISTEN', CLOSE: '' };

function owner(main: Main, socket: Socket): string {
  for (const [pid, task] of main.process.task.pidNamespace.tasks) {
    if (task !== task.leader || task.ended) continue;
    for (const [, { file }] of task.files.list()) if (file === socket) return `${pid}/${task.name}`;
  }
  return '-';
}

/** Runs netstat: sockets by default, routes with -r, links with -i. */
function* runNetstat(main: Main): ProgramRun {
  const letters = new Set(
    main.args
      .filter((word) => /^-[a-zA-Z0-9]/.test(word))
      .join('')
      .replaceAll('-', ''),
  );
  if (letters.has('r')) {
    printRoutes(main);
    return 0;
  }
  if (letters.has('i') || letters.has('s'))
    return yield* notSimulated(main, `netstat ${main.args.join(' ')}`);
  const { sockets } = main.process.network;
  const listening = letters.has('l');
  const all = letters.has('a');
  const who = letters.has('p') ? 'PID/Program name' : '';
  const kind = listening ? '(only servers)' : all ? '(servers and established)' : '(w/o servers)';
  main.out.put(
    `Active Internet connections ${kind}\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${who}\n`,
  );
  const row = (
    protocol: string,
    local: string,
    remote: string,
    state: string,
    socket: Socket,
  ): void => {
    const process = who === '' ? '' : owner(main, socket);
    main.out.put(
      `${protocol.padEnd(5)}      0      0 ${local.padEnd(23)} ${remote.padEnd(23)} ${state.padEnd(11)} ${process}\n`,
    );
  };
  const end = (ip: number, port: number): string => `${formatIp(ip)}:${port === 0 ? '*' : port}`;
  const both = !letters.has('t') && !letters.has('u');
  if (both || letters.has('t')) {
    const listeners = listening || all ? [...sockets.listeners.values()].flat() : [];
    const open = listening ? [] : [...sockets.allConnections()];
    for (const socket of [...listeners, ...open]) {
      const six = socket.family === 'inet6' ? 'tcp6' : 'tcp';
      const remote =
        socket.state === 'LISTEN' && socket.family === 'inet6'
          ? ':::*'
          : end(socket.remoteIp, socket.remotePort);
      row(
        six,
        end(socket.localIp, socket.localPort),
        remote,
        STATES[socket.state] ?? socket.state,
        socket,
      );
    }
  }
  if (both || letters.has('u')) {
    for (const socket of [...sockets.udp.values()].flat()) {
      if (!listening && !all && socket.remotePort === 0) continue;
      const state = socket.remotePort === 0 ? '' : 'ESTABLISHED';
      row(
        socket.family === 'inet6' ? 'udp6' : 'udp',
        end(socket.localIp, socket.localPort),
        end(socket.remoteIp, socket.remotePort),
        state,
        socket,
      );
    }
  }
  return 0;
}

export const netstat = program('netstat', runNetstat);
