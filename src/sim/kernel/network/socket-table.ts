// The sockets of one namespace by their addresses: how an arriving packet finds its socket, and which ports are taken.

import { EACCES, EADDRINUSE, EADDRNOTAVAIL, type Errno } from '../errno.ts';
import { CAP_NET_BIND_SERVICE, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { type Ip, IP4_ANY, IP6_ANY, isIp6, isMulticast } from './address.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Packet } from './packet.ts';
import type { PingSocket } from './ping.ts';
import type { TcpSocket } from './tcp/socket.ts';
import type { UdpSocket } from './udp.ts';
import type { UnixSocket } from './unix.ts';

/** Closed connections that are still shown (TIME-WAIT): no timer, they are looked at when asked for. */
export interface TimeWait {
  readonly localIp: Ip;
  readonly localPort: number;
  readonly remoteIp: Ip;
  readonly remotePort: number;
  readonly until: number;
}

/** A socket that has a port. */
interface PortHolder {
  readonly family: string;
  readonly localIp: Ip;
  readonly localPort: number;
  readonly options: ReadonlyMap<string, number>;
}

export class SocketTable {
  readonly listeners = new Map<number, TcpSocket[]>();
  /** By local port * 65536 + remote port. */
  private readonly connections = new Map<number, TcpSocket[]>();
  /** Bound TCP sockets that neither listen nor are connected. */
  readonly boundTcp = new Set<TcpSocket>();
  readonly udp = new Map<number, UdpSocket[]>();
  readonly ping = new Set<PingSocket>();
  readonly unix = new Set<UnixSocket>();
  /** The abstract name space of unix sockets. */
  readonly abstract = new Map<string, UnixSocket>();
  private timeWaits: TimeWait[] = [];
  private draws = 0;
  private readonly namespace: NetworkNamespace;

  constructor(namespace: NetworkNamespace) {
    this.namespace = namespace;
  }

  // --- TCP ---

  addConnection(socket: TcpSocket): void {
    const key = socket.localPort * 65_536 + socket.remotePort;
    const list = this.connections.get(key);
    if (list) list.push(socket);
    else this.connections.set(key, [socket]);
  }

  removeConnection(socket: TcpSocket): void {
    const key = socket.localPort * 65_536 + socket.remotePort;
    const list = this.connections.get(key);
    if (!list) return;
    const at = list.indexOf(socket);
    if (at >= 0) list.splice(at, 1);
    if (list.length === 0) this.connections.delete(key);
  }

  /** The connection that a segment belongs to. */
  connection(local: Ip, localPort: number, remote: Ip, remotePort: number): TcpSocket | undefined {
    const list = this.connections.get(localPort * 65_536 + remotePort);
    return list?.find((socket) => socket.remoteIp === remote && socket.localIp === local);
  }

  *allConnections(): Generator<TcpSocket> {
    for (const list of this.connections.values()) yield* list;
  }

  /** The socket that listens for a connection to `ip`: bound to the address itself, or to any. */
  listener(ip: Ip, port: number): TcpSocket | undefined {
    const list = this.listeners.get(port);
    return list && best(list, ip);
  }

  noteTimeWait(entry: TimeWait): void {
    const { now } = this.namespace.kernel.simulation;
    if ((this.timeWaits[0]?.until ?? now) < now || this.timeWaits.length > 4096) {
      this.timeWaits = this.timeWaits.filter((one) => one.until > now).slice(-4096);
    }
    this.timeWaits.push(entry);
  }

  get timeWaiting(): readonly TimeWait[] {
    const { now } = this.namespace.kernel.simulation;
    return this.timeWaits.filter((one) => one.until > now);
  }

  // --- UDP, ICMP ---

  udpSocket(ip: Ip, port: number, remote: Ip, remotePort: number): UdpSocket | undefined {
    const list = this.udp.get(port);
    if (!list) return undefined;
    const connected = list.find((s) => s.remotePort === remotePort && s.remoteIp === remote);
    return (
      connected ??
      best(
        list.filter((s) => s.remotePort === 0),
        ip,
      )
    );
  }

  /** Raw sockets see every packet of their protocol beside the kernel. */
  toRawSockets(packet: Packet, link: Link): void {
    if (this.ping.size === 0) return;
    for (const socket of this.ping) if (socket.type === 'raw') socket.arrived(packet, link);
  }
  hasRaw(protocol: number): boolean {
    return [...this.ping].some((socket) => socket.type === 'raw' && socket.protocol === protocol);
  }
  toPingSockets(packet: Packet, link: Link): void {
    for (const socket of this.ping) if (socket.type !== 'raw') socket.arrived(packet, link);
  }

  // --- ports ---

  /** Whether `task` may bind to an address and port: EACCES, EADDRNOTAVAIL, EADDRINUSE. */
  mayBind(
    task: Task,
    protocol: 'tcp' | 'udp',
    socket: PortHolder,
    ip: Ip,
    port: number,
  ): Errno | undefined {
    const { namespace } = this;
    const { settings } = namespace;
    const low = port !== 0 && port < settings.unprivilegedPort;
    if (low && !capableIn(task, namespace.owner, CAP_NET_BIND_SERVICE)) return EACCES;
    const any = ip === IP4_ANY || ip === IP6_ANY;
    const free = settings.nonlocalBind || socket.options.get('IP_FREEBIND');
    if (
      !any &&
      !free &&
      !isMulticast(ip) &&
      !namespace.isOwn(ip) &&
      namespace.routing.lookup(ip)?.type !== 'broadcast'
    ) {
      return EADDRNOTAVAIL;
    }
    return port !== 0 && this.taken(protocol, socket, ip, port) ? EADDRINUSE : undefined;
  }

  private taken(protocol: 'tcp' | 'udp', socket: PortHolder, ip: Ip, port: number): boolean {
    const reuse = socket.options.get('SO_REUSEADDR') === 1;
    const share = socket.options.get('SO_REUSEPORT') === 1;
    const clash = (other: PortHolder): boolean => {
      if (!overlap(ip, other.localIp)) return false;
      if (share && other.options.get('SO_REUSEPORT') === 1) return false;
      return !(protocol === 'udp' && reuse && other.options.get('SO_REUSEADDR') === 1);
    };
    if (protocol === 'udp') return (this.udp.get(port) ?? []).some(clash);
    if ((this.listeners.get(port) ?? []).some(clash)) return true;
    for (const bound of this.boundTcp) {
      if (bound.localPort !== port || bound === socket) continue;
      const both = reuse && bound.options.get('SO_REUSEADDR') === 1;
      if (!both && clash(bound)) return true;
    }
    if (reuse) return false;
    for (const open of this.allConnections())
      if (open.localPort === port && clash(open)) return true;
    return this.timeWaiting.some((one) => one.localPort === port && overlap(ip, one.localIp));
  }

  /** A free port of ip_local_port_range; undefined where none is left. */
  freePort(protocol: 'tcp' | 'udp', ip: Ip, remote: Ip, remotePort: number): number | undefined {
    const [low, high] = this.namespace.settings.portRange;
    const span = high - low + 1;
    for (let i = 0; i < span; i++) {
      this.draws = (this.draws * 1_103_515_245 + 12_345 + this.namespace.inode) % 2_147_483_648;
      const port = low + (this.draws % span);
      if (protocol === 'udp' ? this.udp.has(port) : this.portInUse(port, ip, remote, remotePort))
        continue;
      return port;
    }
    return undefined;
  }

  private portInUse(port: number, ip: Ip, remote: Ip, remotePort: number): boolean {
    if (this.listeners.has(port)) return true;
    for (const bound of this.boundTcp) if (bound.localPort === port) return true;
    return this.connection(ip, port, remote, remotePort) !== undefined;
  }
}

/** Address spaces in which two binds would be in each other's way. */
function overlap(a: Ip, b: Ip): boolean {
  if (a === b) return true;
  if (a === IP6_ANY || b === IP6_ANY) return true;
  if (isIp6(a) !== isIp6(b)) return false;
  return a === IP4_ANY || b === IP4_ANY;
}

function best<T extends PortHolder>(list: readonly T[], ip: Ip): T | undefined {
  let found: T | undefined;
  for (const socket of list) {
    if (socket.localIp === ip) return socket;
    if (socket.localIp === IP6_ANY && !(socket.options.get('IPV6_V6ONLY') === 1 && !isIp6(ip)))
      found ??= socket;
    if (socket.localIp === IP4_ANY && !isIp6(ip)) found ??= socket;
  }
  return found;
}
