// WebSocket (RFC 6455): the handshake, frames, and messages over an upgraded connection. Pings are answered; none are
// sent, and there are no extensions.

import { base64 } from '../../core/base64.ts';
import { concatBytes, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { sha1 } from '../libc/hashes.ts';
import type { Duplex, Headers } from './message.ts';
import { Turns } from './streams.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A message of data. */
export interface WebSocketMessage {
  readonly text: boolean;
  readonly bytes: Uint8Array;
}

/** The headers of a client's handshake. */
export function webSocketRequest(process: Process, protocols: readonly string[]): Headers {
  const random = process.simulation.random.fork(`websocket ${process.task.pid} ${process.now}`);
  const key = Uint8Array.from({ length: 16 }, () => random.int(256));
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': base64(key),
    'sec-websocket-version': '13',
    'sec-websocket-protocol': protocols.join(', '),
  };
}

/** The subprotocols that a request offers; undefined where it is no WebSocket handshake. */
export function webSocketProtocols(headers: Headers): readonly string[] | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
  const offered = headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').map((word) => word.trim());
}

/** The headers of a server's answer (status 101) that takes up `protocol`. */
export function webSocketAnswer(headers: Headers, protocol: string): Headers {
  const key = headers['sec-websocket-key'] ?? '';
  return {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': base64(sha1(encode(key + GUID))),
    'sec-websocket-protocol': protocol,
  };
}

/** One end of a WebSocket. */
export class WebSocket {
  private readonly connection: Duplex;
  /** Clients mask what they send. */
  private readonly mask: (() => Uint8Array) | undefined;
  private held: Uint8Array = new Uint8Array(0);
  private readonly turns = new Turns();
  private saidClose = false;

  constructor(process: Process, connection: Duplex, role: 'client' | 'server') {
    this.connection = connection;
    if (role === 'client') {
      const random = process.simulation.random.fork(`mask ${process.task.pid} ${process.now}`);
      this.mask = () => Uint8Array.from({ length: 4 }, () => random.int(256));
    }
  }

  /** The next message of data; undefined at the end. */
  *receive(): Routine<WebSocketMessage | undefined> {
    const parts: Uint8Array[] = [];
    let text = false;
    for (;;) {
      const frame = yield* this.frame();
      if (!frame) return undefined;
      const { opcode, last, bytes } = frame;
      if (opcode === OPCODES.close) {
        yield* this.close();
        return undefined;
      }
      if (opcode === OPCODES.ping) yield* this.put(OPCODES.pong, bytes);
      if (opcode > OPCODES.binary) continue;
      if (opcode !== OPCODES.continuation) text = opcode === OPCODES.text;
      parts.push(bytes);
      if (last) return { text, bytes: concatBytes(parts) };
    }
  }

  /** Sends one binary message; false when the other side has gone. */
  send(bytes: Uint8Array): Routine<boolean> {
    return this.put(OPCODES.binary, bytes);
  }

  /** Says that this is the end (1000, normal closure). */
  *close(): Routine<void> {
    if (this.saidClose) return;
    this.saidClose = true;
    yield* this.put(OPCODES.close, Uint8Array.of(1000 >> 8, 1000 & 255));
  }

  private *put(opcode: number, bytes: Uint8Array): Routine<boolean> {
    const { mask } = this;
    const { length } = bytes;
    const marked = mask ? 0x80 : 0;
    const short = length < 126 ? length : length < 65_536 ? 126 : 127;
    const head = new DataView(new ArrayBuffer(short < 126 ? 2 : short === 126 ? 4 : 10));
    head.setUint8(0, 0x80 | opcode);
    head.setUint8(1, marked | short);
    if (short === 126) head.setUint16(2, length);
    if (short === 127) head.setUint32(6, length);
    const parts: Uint8Array[] = [new Uint8Array(head.buffer)];
    if (mask) {
      const key = mask();
      parts.push(key, masked(bytes, key));
    } else parts.push(bytes);
    const { connection } = this;
    return yield* this.turns.hold(() => connection.write(concatBytes(parts)));
  }

  private *frame(): Routine<{ opcode: number; last: boolean; bytes: Uint8Array } | undefined> {
    const head = yield* this.take(2);
    if (!head) return undefined;
    const [first = 0, second = 0] = head;
    let length = second & 127;
    if (length > 125) {
      const more = yield* this.take(length === 126 ? 2 : 8);
      if (!more) return undefined;
      const view = new DataView(more.buffer, more.byteOffset, more.length);
      length = length === 126 ? view.getUint16(0) : view.getUint32(4);
    }
    const key = second & 0x80 ? yield* this.take(4) : undefined;
    const bytes = yield* this.take(length);
    if (!bytes) return undefined;
    return { opcode: first & 15, last: first > 127, bytes: key ? masked(bytes, key) : bytes };
  }

  private *take(count: number): Routine<Uint8Array | undefined> {
    while (this.held.length < count) {
      const bytes = yield* this.connection.read();
      if (!bytes) return undefined;
      this.held = this.held.length === 0 ? bytes : concatBytes([this.held, bytes]);
    }
    const taken = this.held.subarray(0, count);
    this.held = this.held.subarray(count);
    return taken;
  }
}

function masked(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => byte ^ (key[i & 3] ?? 0));
}

/** A WebSocket's messages as one stream of bytes, for a protocol that is tunnelled through it. */
export function tunnelOf(socket: WebSocket, connection: Duplex): Duplex {
  return {
    *read() {
      for (;;) {
        const message = yield* socket.receive();
        if (!message || message.bytes.length > 0) return message?.bytes;
      }
    },
    write: (bytes) => socket.send(bytes),
    close: () => connection.close(),
  };
}
