// One connection of a client to one server, with many calls on it at a time. A thread of the process reads what
// comes and hands it to whoever waits.

import { Content } from '../../core/content.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type ClientTls, type HttpFailure, openConnection } from '../../userland/http/client.ts';
import { x509Error } from '../../userland/tls/certificate.ts';
import type { EtcdError } from '../error.ts';
import { type Frame, frameIn, sendFrame } from './frames.ts';

/** How to reach a server. */
export interface LinkTarget {
  readonly host: string;
  readonly port: string | undefined;
  /** Host and port as they were written. */
  readonly address: string;
  readonly tls: ClientTls | undefined;
}

/** Why there is no connection, in the words of grpc-go's transport; '' where the time was up first. */
export interface LinkFailure {
  readonly reason: string;
}

/** One call on a link: messages of the server's, then its last word. */
export interface Call {
  readonly arrived: WaitQueue;
  readonly messages: object[];
  /** Takes messages as they come, in place of `messages`. */
  deliver?: (message: object) => void;
  /** Set when the server has ended the call, or the connection has broken. */
  ended: 'ok' | 'broken' | EtcdError | undefined;
}

/** A connection that is up. */
export class Link {
  /** Both ends, as `address:port`. */
  readonly local: string;
  readonly peer: string;
  readonly secure: boolean;
  broken = false;
  /** Woken when the connection breaks. */
  readonly changed = new WaitQueue();
  private readonly process: Process;
  private readonly fd: number;
  private readonly calls = new Map<number, Call>();
  private nextStream = 1;

  constructor(process: Process, fd: number, local: string, peer: string, secure: boolean) {
    this.process = process;
    this.fd = fd;
    this.local = local;
    this.peer = peer;
    this.secure = secure;
    process.thread((thread) => this.readFrames(thread));
  }

  /** Begins a call with its first message. */
  *call(path: string, message: object, token: string | undefined): Routine<[number, Call]> {
    const stream = this.nextStream;
    this.nextStream += 2;
    const call: Call = { arrived: new WaitQueue(), messages: [], ended: undefined };
    this.calls.set(stream, call);
    const sent = yield* sendFrame(this.process, this.fd, {
      kind: 'call',
      stream,
      path,
      message,
      token,
    });
    if (!sent) this.fail();
    return [stream, call];
  }

  /** Sends something more on a call. */
  *send(frame: Extract<Frame, { kind: 'more' | 'cancel' }>): Routine<void> {
    if (this.broken) return;
    if (frame.kind === 'cancel') this.calls.delete(frame.stream);
    if (!(yield* sendFrame(this.process, this.fd, frame))) this.fail();
  }

  close(): void {
    if (this.broken) return;
    this.process.shutdown(this.fd, 'both');
    this.fail();
  }

  private *readFrames(thread: Process): Routine<number> {
    for (;;) {
      const content = yield* thread.receiveContent(this.fd);
      if (content === undefined || isErrno(content)) break;
      const frame = frameIn(content);
      if (frame === undefined) break;
      this.take(frame);
    }
    this.fail();
    thread.close(this.fd);
    return 0;
  }

  private take(frame: Frame): void {
    if (frame.kind !== 'data' && frame.kind !== 'answer' && frame.kind !== 'end') return;
    const call = this.calls.get(frame.stream);
    if (call === undefined) return;
    if (frame.kind !== 'end') {
      if (call.deliver) call.deliver(frame.message);
      else call.messages.push(frame.message);
    }
    if (frame.kind !== 'data') {
      call.ended = (frame.kind === 'end' ? frame.error : undefined) ?? 'ok';
      this.calls.delete(frame.stream);
    }
    if (call.ended || !call.deliver) call.arrived.wake();
  }

  private fail(): void {
    if (this.broken) return;
    this.broken = true;
    for (const call of this.calls.values()) {
      call.ended = 'broken';
      call.arrived.wake();
    }
    this.calls.clear();
    this.changed.wake();
  }
}

const DIALING = 'transport: Error while dialing: dial tcp';
const HANDSHAKE = 'transport: authentication handshake failed:';

/** Connects to a server, and waits for its first word. */
export function* openLink(
  process: Process,
  target: LinkTarget,
  until: number,
): Routine<Link | LinkFailure> {
  const { host, port, tls } = target;
  if (port === undefined) {
    return { reason: `${DIALING}: address ${target.address}: missing port in address` };
  }
  const options = { connectBy: until, answerBy: until };
  const open = yield* openConnection(process, { host, port: Number(port), tls }, options);
  if ('kind' in open) return { reason: reasonOf(target, open) };
  const { fd } = open.connection;
  yield* sendFrame(process, fd, { kind: 'settings' });
  const first = yield* process.receiveContent(fd, until);
  if (first instanceof Content && frameIn(first)) {
    return new Link(process, fd, open.local, `${open.remote}:${port}`, tls !== undefined);
  }
  process.close(fd);
  const late = isErrno(first) && first.name === 'EAGAIN';
  return { reason: late ? '' : 'error reading server preface: EOF' };
}

/** Why there is no connection, as grpc-go says it. */
function reasonOf(target: LinkTarget, failure: HttpFailure): string {
  switch (failure.kind) {
    case 'resolve':
      return `${DIALING}: lookup ${target.host}: no such host`;
    case 'connect': {
      const text = failure.errno.message;
      const words = text.charAt(0).toLowerCase() + text.slice(1);
      return `${DIALING} ${failure.address}:${target.port}: connect: ${words}`;
    }
    case 'tls':
      return `${HANDSHAKE} tls: failed to verify certificate: ${x509Error(failure.fault)}`;
    case 'alert':
      return `${HANDSHAKE} remote error: ${failure.text}`;
    case 'timeout':
      return '';
    default:
      return `${HANDSHAKE} EOF`;
  }
}
