// v5.channel.k8s.io: the streams of exec and attach as channels of one WebSocket. Each message begins with its channel's
// number; 255 and a number closes a channel.

import { concatBytes } from '../../core/text.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { STREAM_TYPES, type StreamType } from '../../containers/cri/remote-command.ts';
import { type ByteStream, Inbox } from '../../userland/http/streams.ts';
import type { WebSocket } from '../../userland/http/websocket.ts';

export const CHANNEL_PROTOCOL = 'v5.channel.k8s.io';

const NUMBERS: Readonly<Record<StreamType, number>> = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  error: 3,
  resize: 4,
};
const CLOSE = 255;

/** All channels of a socket; its messages are read in a thread until it ends, which `ended` is told. */
export function channelsOf(
  process: Process,
  socket: WebSocket,
  ended: () => void = () => {},
): Readonly<Record<StreamType, ByteStream>> {
  const inboxes = new Map(STREAM_TYPES.map((type) => [NUMBERS[type], new Inbox()]));
  process.thread(function* () {
    for (;;) {
      const message = yield* socket.receive();
      if (!message) break;
      const [number = 0, closed = 0] = message.bytes;
      if (number === CLOSE) inboxes.get(closed)?.end();
      else {
        const inbox = inboxes.get(number);
        if (inbox) yield* inbox.push(message.bytes.subarray(1));
      }
    }
    for (const inbox of inboxes.values()) inbox.end();
    ended();
    return 0;
  });
  const channel = (type: StreamType): ByteStream => {
    const number = NUMBERS[type];
    const inbox = inboxes.get(number) ?? new Inbox();
    return {
      read: () => inbox.read(),
      write: (bytes) => socket.send(concatBytes([Uint8Array.of(number), bytes])),
      *close() {
        yield* socket.send(Uint8Array.of(CLOSE, number));
      },
    };
  };
  const all = STREAM_TYPES.map((type) => [type, channel(type)] as const);
  return Object.fromEntries(all) as Record<StreamType, ByteStream>;
}
