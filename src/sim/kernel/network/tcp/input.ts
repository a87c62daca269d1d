// What a TCP segment does when it arrives (RFC 9293, "SEGMENT ARRIVES"), and ICMP errors about segments.

import { ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, type Errno } from '../../errno.ts';
import type { NetworkNamespace } from '../namespace.ts';
import {
  ACK,
  FIN,
  ICMP_UNREACHABLE,
  type IcmpMessage,
  type Packet,
  type PacketHead,
  RST,
  type Segment,
  SYN,
  UNREACHABLE,
} from '../packet.ts';
import { arm, awaitFin, enterTimeWait, fail, flush, forgetConnection, recover } from './output.ts';
import { resetInAnswerTo } from './reset.ts';
import { sendSegment } from './segment.ts';
import { newConnection } from './passive.ts';
import type { TcpSocket } from './socket.ts';

/** A TCP packet for this namespace. */
export function tcpInput(namespace: NetworkNamespace, packet: Packet): void {
  const { body } = packet;
  if (body.kind !== 'tcp') return;
  const { sockets } = namespace;
  const { source, destination, sourcePort, destinationPort } = packet;
  const socket = sockets.connection(destination, destinationPort, source, sourcePort);
  if (socket) {
    arrives(socket, packet, body);
    return;
  }
  const listener =
    body.flags & SYN && !(body.flags & ACK)
      ? sockets.listener(destination, destinationPort)
      : undefined;
  if (listener) newConnection(listener, packet);
  else resetInAnswerTo(namespace, packet);
}

function arrives(socket: TcpSocket, packet: Packet, segment: Segment): void {
  const { flags } = segment;
  if (socket.state === 'SYN_SENT') {
    answered(socket, packet, segment);
    return;
  }
  if (flags & RST) {
    fail(socket, ECONNRESET);
    return;
  }
  if (flags & SYN) {
    if (socket.state === 'SYN_RECV') sendSegment(socket, SYN | ACK, 0);
    else if (flags & ACK) sendSegment(socket, ACK, socket.sendNext);
    return;
  }
  if (flags & ACK) acknowledged(socket, segment);
  if (socket.state === 'CLOSE' || socket.state === 'TIME_WAIT') return;
  if (segment.chunk) dataArrives(socket, packet, segment);
  if (flags & FIN && socket.receiveNext === segment.sequence + (segment.chunk?.size ?? 0)) {
    finArrives(socket);
  } else if (flags & FIN) {
    sendSegment(socket, ACK, socket.sendNext);
  }
}

/** The answer to our SYN. */
function answered(socket: TcpSocket, packet: Packet, segment: Segment): void {
  const { flags } = segment;
  if (flags & RST) {
    if (flags & ACK) fail(socket, ECONNREFUSED);
    return;
  }
  if (!(flags & SYN) || !(flags & ACK)) {
    resetInAnswerTo(socket.namespace, packet);
    return;
  }
  settle(socket, segment);
  socket.receiveNext = 1;
  socket.state = 'ESTABLISHED';
  sendSegment(socket, ACK, socket.sendNext);
  socket.changed.wake();
}

function settle(socket: TcpSocket, segment: Segment): void {
  socket.timer?.cancel();
  socket.timer = undefined;
  socket.retries = 0;
  socket.sendUnacknowledged = segment.acknowledged;
  socket.peerWindow = segment.window;
}

function acknowledged(socket: TcpSocket, segment: Segment): void {
  if (socket.state === 'SYN_RECV') {
    settle(socket, segment);
    socket.state = 'ESTABLISHED';
    const { listener } = socket;
    if (listener) {
      listener.half.delete(socket);
      listener.ready.push(socket);
      listener.changed.wake();
    }
  }
  socket.peerWindow = segment.window;
  if (segment.acknowledged > socket.sendUnacknowledged) {
    const wasFull = !socket.writable;
    let gained = segment.acknowledged - socket.sendUnacknowledged;
    socket.sendUnacknowledged = segment.acknowledged;
    socket.retries = 0;
    while (socket.sent > 0 && gained > 0) {
      const chunk = socket.sending.shift();
      if (!chunk) break;
      socket.sent--;
      socket.sendSize -= chunk.size;
      gained -= chunk.size;
    }
    if (socket.sendUnacknowledged === socket.sendNext) {
      socket.timer?.cancel();
      socket.timer = undefined;
    } else if (socket.sendUnacknowledged < socket.lostUntil) recover(socket);
    if (wasFull) socket.changed.wake();
  }
  if (socket.finSent && socket.sendUnacknowledged === socket.sendNext) finAcknowledged(socket);
  else if (socket.sent < socket.sending.length) flush(socket);
}

function finAcknowledged(socket: TcpSocket): void {
  if (socket.state === 'FIN_WAIT1') {
    socket.state = 'FIN_WAIT2';
    if (socket.orphaned) awaitFin(socket);
  } else if (socket.state === 'CLOSING') enterTimeWait(socket);
  else if (socket.state === 'LAST_ACK') forgetConnection(socket);
}

function dataArrives(socket: TcpSocket, packet: Packet, segment: Segment): void {
  const { chunk } = segment;
  if (!chunk) return;
  if (segment.sequence !== socket.receiveNext) {
    sendSegment(socket, ACK, socket.sendNext);
    return;
  }
  if (socket.orphaned || socket.readFinished) {
    resetInAnswerTo(socket.namespace, packet);
    if (socket.orphaned) forgetConnection(socket);
    return;
  }
  if (socket.window <= 0) {
    sendSegment(socket, ACK, socket.sendNext);
    return;
  }
  const wasEmpty = socket.received.empty;
  socket.received.put(chunk);
  socket.receiveNext += chunk.size;
  sendSegment(socket, ACK, socket.sendNext);
  if (wasEmpty) socket.changed.wake();
}

function finArrives(socket: TcpSocket): void {
  if (socket.peerFinished) return;
  socket.peerFinished = true;
  socket.receiveNext++;
  const { state } = socket;
  if (state === 'ESTABLISHED') socket.state = 'CLOSE_WAIT';
  else if (state === 'FIN_WAIT1') socket.state = 'CLOSING';
  sendSegment(socket, ACK, socket.sendNext);
  if (state === 'FIN_WAIT2') enterTimeWait(socket);
  socket.changed.wake();
}

/** An ICMP error about a segment that a socket here sent. It ends an attempt to connect, nothing else. */
export function tcpError(
  namespace: NetworkNamespace,
  about: PacketHead,
  message: IcmpMessage,
): void {
  const socket = namespace.sockets.connection(
    about.source,
    about.sourcePort,
    about.destination,
    about.destinationPort,
  );
  if (!socket || message.type !== ICMP_UNREACHABLE) return;
  if (message.code === UNREACHABLE.fragmentation) return;
  if (socket.state === 'SYN_SENT') fail(socket, unreachableError(message.code));
  else if (socket.sendNext > socket.sendUnacknowledged) arm(socket);
}

/** The error that an ICMP code becomes (icmp_err_convert). */
export function unreachableError(code: number): Errno {
  if (code === UNREACHABLE.port) return ECONNREFUSED;
  if (code === UNREACHABLE.net || code === UNREACHABLE.netProhibited) return ENETUNREACH;
  return EHOSTUNREACH;
}
