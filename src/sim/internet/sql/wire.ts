// How our clients and servers of databases talk: packets with MySQL's four-byte head, whose payload is JSON. The real
// protocols' bytes are left out, but for the greeting with which a MySQL server opens every connection.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { writeAll } from '../../userland/libc/whole-file.ts';
import type { Outcome } from './engine.ts';
import type { Message } from './messages.ts';

/** What a client says. */
export type Ask =
  | {
      readonly kind: 'login';
      readonly user: string;
      readonly password?: string;
      readonly database?: string;
    }
  | { readonly kind: 'query'; readonly text: string }
  | { readonly kind: 'shutdown' };

/** What a server answers. */
export type Told =
  | {
      readonly kind: 'welcome';
      readonly version: string;
      readonly connection: number;
      readonly database?: string;
      readonly superuser: boolean;
    }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'error'; readonly error: Message };

/** One connection's packets. */
export class Wire {
  private readonly process: Process;
  readonly fd: number;
  private held = new Uint8Array(0) as Uint8Array;
  private sequence = 0;

  constructor(process: Process, fd: number) {
    this.process = process;
    this.fd = fd;
  }

  /** Sends a packet's payload. */
  *sendBytes(payload: Uint8Array): Routine<void> {
    const packet = new Uint8Array(payload.length + 4);
    packet[0] = payload.length & 0xff;
    packet[1] = (payload.length >> 8) & 0xff;
    packet[2] = (payload.length >> 16) & 0xff;
    packet[3] = this.sequence++ & 0xff;
    packet.set(payload, 4);
    yield* writeAll(this.process, this.fd, packet);
  }

  *send(message: Ask | Told): Routine<void> {
    yield* this.sendBytes(encode(JSON.stringify(message)));
  }

  /** The next packet's payload; undefined at the end, or where none has come in time. */
  *receiveBytes(until?: number): Routine<Uint8Array | undefined> {
    for (;;) {
      const [a = 0, b = 0, c = 0] = this.held;
      const size = a | (b << 8) | (c << 16);
      if (this.held.length >= 4 && this.held.length >= size + 4) {
        const payload = this.held.slice(4, size + 4);
        this.held = this.held.subarray(size + 4);
        return payload;
      }
      const content = yield* this.process.receiveContent(this.fd, until);
      if (content === undefined || isErrno(content)) return undefined;
      const bytes = content.bytes();
      const joined = new Uint8Array(this.held.length + bytes.length);
      joined.set(this.held);
      joined.set(bytes, this.held.length);
      this.held = joined;
    }
  }

  /** The next message; undefined at the end, or where it is not one of ours. */
  *receive<T extends Ask | Told>(until?: number): Routine<T | undefined> {
    const payload = yield* this.receiveBytes(until);
    if (!payload) return undefined;
    const text = decode(payload);
    return text.startsWith('{') ? (JSON.parse(text) as T) : undefined;
  }
}

/** The first packet of a MySQL server: protocol 10, its version, the connection's number, a challenge. */
export function greeting(version: string, connection: number): Uint8Array {
  const salt = 'e^9Kq2#v';
  const text = `${version}\0`;
  const bytes = new Uint8Array(1 + text.length + 4 + salt.length + 1);
  bytes[0] = 10;
  bytes.set(encode(text), 1);
  bytes[1 + text.length] = connection & 0xff;
  bytes.set(encode(salt), 5 + text.length);
  return bytes;
}
