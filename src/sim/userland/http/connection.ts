// One HTTP connection over a stream socket: messages out and in, whether the other end writes objects or bytes.

import type { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EPROTO, type Errno, isErrno } from '../../kernel/errno.ts';
import { writeAll } from '../libc/whole-file.ts';
import type { Duplex } from './message.ts';
import { HttpParser } from './parse.ts';
import { type WireMessage, wireContent } from './wire.ts';

export class HttpConnection {
  readonly process: Process;
  readonly fd: number;
  readonly parser = new HttpParser();
  /** The line that could not be understood, after EPROTO. */
  malformed = '';

  /** What was read before it was known to be HTTP. */
  private first: Content | undefined;

  constructor(process: Process, fd: number, first?: Content) {
    this.process = process;
    this.fd = fd;
    this.first = first;
  }

  /** Sends one message; the failure if the other end has gone. */
  *send(message: WireMessage): Routine<Errno | undefined> {
    const { content, size } = wireContent(message);
    const sent = yield* this.process.sendContent(this.fd, content, size);
    return isErrno(sent) ? sent : undefined;
  }

  /** The next message; undefined at the end, EPROTO for what is no HTTP, EAGAIN when `until` has come. */
  *receive(until?: number): Routine<WireMessage | undefined | Errno> {
    const { parser } = this;
    for (;;) {
      const parsed = parser.due ? parser.next() : 'more';
      if (parsed !== 'more') {
        if (parsed.kind !== 'malformed') return parsed;
        this.malformed = parsed.line;
        return EPROTO;
      }
      const content: Content | undefined | Errno =
        this.first ?? (yield* this.process.receiveContent(this.fd, until));
      this.first = undefined;
      if (content === undefined) return parser.ended();
      if (isErrno(content)) return content;
      const message = content.message;
      if (message !== undefined && !parser.holds) return message as WireMessage;
      parser.push(content.bytes());
      const whole = parser.next();
      if (whole === 'more') continue;
      if (whole.kind !== 'malformed') return whole;
      this.malformed = whole.line;
      return EPROTO;
    }
  }

  /** The connection as a plain two-way stream of bytes, from here on. */
  duplex(): Duplex {
    const { process, fd, parser } = this;
    return {
      *read() {
        if (parser.holds) return parser.takeAll();
        const bytes = yield* process.read(fd, 65_536);
        return isErrno(bytes) || bytes.length === 0 ? undefined : bytes;
      },
      *write(bytes) {
        return (yield* writeAll(process, fd, bytes)) === undefined;
      },
      closeWrite: () => {
        process.shutdown(fd, 'write');
      },
      close: () => {
        process.close(fd);
      },
    };
  }

  close(): void {
    this.process.close(this.fd);
  }
}
