// What a TCP socket sends and when it sends it again: SYN with doubling pauses from one second, data from 200 ms.

import { limits } from '../../../core/limits.ts';
import { ECONNRESET, EPERM, EPIPE, ETIMEDOUT, type Errno } from '../../errno.ts';
import { ACK, FIN, PSH, RST, SYN } from '../packet.ts';
import { sendSegment } from './segment.ts';
import type { TcpSocket } from './socket.ts';

const SECOND = 1_000_000_000;
/** First pause before data is sent again, and the longest one. */
const DATA_TIMEOUT = SECOND / 5;
const LONGEST_TIMEOUT = 120 * SECOND;
/** tcp_synack_retries, tcp_retries2, tcp_orphan_retries. */
const SYNACK_RETRIES = 5;
const DATA_RETRIES = 15;
const ORPHAN_RETRIES = 8;
/** How long a closed connection is remembered, and how long an orphan waits for the other side's FIN. */
const TIME_WAIT = 60 * SECOND;

/** Active open: sends the SYN. An Errno only where there is no way to send at all. */
export function startConnecting(socket: TcpSocket): Errno | undefined {
  socket.state = 'SYN_SENT';
  socket.sendNext = 1;
  socket.sendUnacknowledged = 0;
  socket.namespace.sockets.addConnection(socket);
  const failure = sendSegment(socket, SYN, 0);
  if (failure && failure !== EPERM) {
    forgetConnection(socket);
    return failure;
  }
  if (socket.state === 'SYN_SENT') arm(socket);
  return undefined;
}

/** Sends what is waiting, as far as the peer's window goes. */
export function flush(socket: TcpSocket): void {
  if (socket.flushing) return;
  socket.flushing = true;
  while (socket.sent < socket.sending.length && socket.state !== 'CLOSE') {
    const chunk = socket.sending[socket.sent];
    const inFlight = socket.sendNext - socket.sendUnacknowledged;
    if (!chunk || (inFlight > 0 && inFlight + chunk.size > socket.peerWindow)) break;
    if (socket.peerWindow <= 0) break;
    const sequence = socket.sendNext;
    socket.sent++;
    socket.sendNext += chunk.size;
    sendSegment(socket, ACK | PSH, sequence, chunk);
  }
  socket.flushing = false;
  if (socket.writeFinished && !socket.finSent && socket.sent === socket.sending.length)
    sendFin(socket);
  if (socket.sendUnacknowledged < socket.sendNext || socket.sent < socket.sending.length)
    arm(socket);
}

function sendFin(socket: TcpSocket): void {
  if (socket.state !== 'ESTABLISHED' && socket.state !== 'CLOSE_WAIT') return;
  socket.finSent = true;
  socket.state = socket.state === 'ESTABLISHED' ? 'FIN_WAIT1' : 'LAST_ACK';
  const sequence = socket.sendNext;
  socket.sendNext++;
  sendSegment(socket, FIN | ACK, sequence);
}

/** No more will be written: a FIN follows the data. */
export function stopWriting(socket: TcpSocket): void {
  if (socket.writeFinished) return;
  socket.writeFinished = true;
  if (socket.state === 'SYN_SENT') forgetConnection(socket);
  else flush(socket);
}

/** close(2): a reset where data was not read, else a FIN; the rest happens without a descriptor. */
export function closeConnection(socket: TcpSocket): void {
  const unread = !socket.received.empty;
  const abort = unread || socket.options.get('SO_LINGER') === 0 || socket.listener !== undefined;
  if (socket.state === 'SYN_SENT') forgetConnection(socket);
  else if (abort || socket.state === 'SYN_RECV') {
    sendSegment(socket, RST | ACK, socket.sendNext);
    forgetConnection(socket);
  } else {
    stopWriting(socket);
    if (socket.state === 'FIN_WAIT2') awaitFin(socket);
  }
}

/** An orphan in FIN_WAIT2 waits a minute at the most (tcp_fin_timeout). */
export function awaitFin(socket: TcpSocket): void {
  socket.timer?.cancel();
  socket.timer = socket.namespace.kernel.simulation.after(TIME_WAIT, () =>
    forgetConnection(socket),
  );
}

/** The reader has made room: the peer is told when it had been told of little. */
export function windowOpened(socket: TcpSocket): void {
  const half = limits.socketBytes / 2;
  if (socket.toldWindow >= half || socket.window < half) return;
  if (socket.state === 'CLOSE' || socket.state === 'TIME_WAIT') return;
  sendSegment(socket, ACK, socket.sendNext);
}

/** Both sides have finished: the connection is remembered for a minute. */
export function enterTimeWait(socket: TcpSocket): void {
  const { localIp, localPort, remoteIp, remotePort, namespace } = socket;
  const until = namespace.kernel.simulation.now + TIME_WAIT;
  namespace.sockets.noteTimeWait({ localIp, localPort, remoteIp, remotePort, until });
  forgetConnection(socket);
  socket.state = 'TIME_WAIT';
}

/** Takes a socket out of all tables. */
export function forgetConnection(socket: TcpSocket): void {
  socket.timer?.cancel();
  socket.timer = undefined;
  const { sockets } = socket.namespace;
  sockets.boundTcp.delete(socket);
  if (socket.remotePort !== 0) sockets.removeConnection(socket);
  socket.listener?.half.delete(socket);
  socket.state = 'CLOSE';
  socket.sending.length = 0;
  socket.sent = 0;
  socket.sendSize = 0;
  socket.changed.wake();
}

/** The connection has failed: the next call returns `error`. */
export function fail(socket: TcpSocket, error: Errno): void {
  const closing = socket.writeFinished && socket.peerFinished;
  socket.pending = error === ECONNRESET && socket.state === 'CLOSE_WAIT' ? EPIPE : error;
  if (closing) socket.pending = undefined;
  forgetConnection(socket);
}

/** Sets the timer that sends again; it keeps the cause of what is being sent. */
export function arm(socket: TcpSocket): void {
  if (socket.timer || socket.state === 'CLOSE' || socket.state === 'TIME_WAIT') return;
  const first = socket.state === 'SYN_SENT' || socket.state === 'SYN_RECV' ? SECOND : DATA_TIMEOUT;
  const pause = Math.min(first * 2 ** socket.retries, LONGEST_TIMEOUT);
  const waitedFor = socket.sendUnacknowledged;
  const { simulation } = socket.namespace.kernel;
  const { cause } = simulation;
  socket.timer = simulation.after(pause, () => {
    socket.timer = undefined;
    simulation.causedBy(cause, () => timedOut(socket, waitedFor));
  });
}

function timedOut(socket: TcpSocket, waitedFor: number): void {
  const outstanding =
    socket.sendNext > socket.sendUnacknowledged || socket.sent < socket.sending.length;
  if (socket.state === 'CLOSE' || !outstanding) return;
  if (socket.sendUnacknowledged > waitedFor) {
    socket.retries = 0;
    arm(socket);
    return;
  }
  if (socket.retries >= mostRetries(socket)) {
    fail(socket, ETIMEDOUT);
    return;
  }
  socket.retries++;
  socket.lostUntil = socket.sendNext;
  sendAgain(socket);
  arm(socket);
}

/** A part of what was lost has arrived: the next part leaves at once, and the pause is the short one again. */
export function recover(socket: TcpSocket): void {
  socket.timer?.cancel();
  socket.timer = undefined;
  sendAgain(socket);
  arm(socket);
}

function mostRetries(socket: TcpSocket): number {
  if (socket.state === 'SYN_SENT') return socket.namespace.settings.synRetries;
  if (socket.state === 'SYN_RECV') return SYNACK_RETRIES;
  return socket.orphaned ? ORPHAN_RETRIES : DATA_RETRIES;
}

/** The oldest thing that is not acknowledged leaves once more; with a closed window, the next chunk as a probe. */
function sendAgain(socket: TcpSocket): void {
  if (socket.state === 'SYN_SENT') sendSegment(socket, SYN, 0);
  else if (socket.state === 'SYN_RECV') sendSegment(socket, SYN | ACK, 0);
  else {
    const chunk = socket.sending[0];
    if (chunk && socket.sent > 0) sendSegment(socket, ACK | PSH, socket.sendUnacknowledged, chunk);
    else if (chunk) sendSegment(socket, ACK, socket.sendNext - 1);
    else if (socket.finSent) sendSegment(socket, FIN | ACK, socket.sendUnacknowledged);
  }
}
