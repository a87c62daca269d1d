// TCP segments as IP packets.

import type { Errno } from '../../errno.ts';
import { isIp6 } from '../address.ts';
import { sendPacket } from '../ip.ts';
import { type Chunk, type Packet, PROTOCOL_TCP, type Segment, SYN } from '../packet.ts';
import type { TcpSocket } from './socket.ts';

/** A packet with one segment from a socket to its peer. */
export function segmentPacket(
  socket: Pick<TcpSocket, 'localIp' | 'localPort' | 'remoteIp' | 'remotePort'>,
  segment: Segment,
): Packet {
  return {
    source: socket.localIp,
    destination: socket.remoteIp,
    protocol: PROTOCOL_TCP,
    ttl: 64,
    tos: 0,
    sourcePort: socket.localPort,
    destinationPort: socket.remotePort,
    size:
      (isIp6(socket.remoteIp) ? 72 : 52) +
      (segment.flags & SYN ? 8 : 0) +
      (segment.chunk?.size ?? 0),
    dontFragment: true,
    body: segment,
    mark: 0,
    connection: undefined,
    reply: false,
  };
}

/** Sends a segment with the socket's present numbers. */
export function sendSegment(
  socket: TcpSocket,
  flags: number,
  sequence: number,
  chunk?: Chunk,
): Errno | undefined {
  socket.toldWindow = socket.window;
  const packet = segmentPacket(socket, {
    kind: 'tcp',
    flags,
    sequence,
    acknowledged: socket.receiveNext,
    window: socket.toldWindow,
    chunk,
  });
  const mark = socket.options.get('SO_MARK');
  if (mark !== undefined) packet.mark = mark;
  packet.owner = socket;
  return sendPacket(socket.namespace, packet, socket.device ? { link: socket.device } : undefined);
}
