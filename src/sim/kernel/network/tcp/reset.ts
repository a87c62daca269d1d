// Resets: the answer to a segment that belongs to no connection, and what REJECT --reject-with tcp-reset sends.

import { sendPacket } from '../ip.ts';
import type { NetworkNamespace } from '../namespace.ts';
import { ACK, FIN, type Packet, RST, SYN } from '../packet.ts';
import { segmentPacket } from './segment.ts';

/** Sends a RST back to where `packet` came from. A RST is never answered. */
export function resetInAnswerTo(namespace: NetworkNamespace, packet: Packet): void {
  const { body } = packet;
  if (body.kind !== 'tcp' || body.flags & RST) return;
  const length = (body.chunk?.size ?? 0) + (body.flags & (SYN | FIN) ? 1 : 0);
  const reset = segmentPacket(
    {
      localIp: packet.destination,
      localPort: packet.destinationPort,
      remoteIp: packet.source,
      remotePort: packet.sourcePort,
    },
    {
      kind: 'tcp',
      flags: body.flags & ACK ? RST : RST | ACK,
      sequence: body.acknowledged,
      acknowledged: body.sequence + length,
      window: 0,
      chunk: undefined,
    },
  );
  reset.connection = packet.connection;
  reset.reply = !packet.reply;
  sendPacket(namespace, reset);
}
