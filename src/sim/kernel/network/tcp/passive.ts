// The passive side of a connection: a SYN for a listening socket makes a socket of its own, which is accepted once the
// handshake is over.

import { isIp6 } from '../address.ts';
import { type Packet, SYN, ACK } from '../packet.ts';
import { arm } from './output.ts';
import { sendSegment } from './segment.ts';
import { TcpSocket } from './socket.ts';

/** A SYN for a listener. Dropped where too many connections wait: the client tries again. */
export function newConnection(listener: TcpSocket, packet: Packet): void {
  const { body } = packet;
  if (body.kind !== 'tcp') return;
  if (listener.ready.length + listener.half.size > listener.backlog) return;
  const socket = childOf(listener);
  socket.localIp = packet.destination;
  socket.localPort = packet.destinationPort;
  socket.remoteIp = packet.source;
  socket.remotePort = packet.sourcePort;
  socket.state = 'SYN_RECV';
  socket.receiveNext = 1;
  socket.sendNext = 1;
  socket.peerWindow = body.window;
  socket.listener = listener;
  listener.half.add(socket);
  listener.namespace.sockets.addConnection(socket);
  sendSegment(socket, SYN | ACK, 0);
  if (socket.state === 'SYN_RECV') arm(socket);
}

function childOf(listener: TcpSocket): TcpSocket {
  const family = isIp6(listener.localIp) ? 'inet6' : listener.family;
  return new TcpSocket(listener, family);
}
