// Upgraded connections of `npm run serve`: WebSocket and SPDY to a cluster's API, raw streams to Docker's. After the
// answer's head, bytes go between the real socket and the lab's connection as they are.

import type { IncomingMessage } from 'node:http';
import type { Duplex as Socket } from 'node:stream';
import { type Routine, WaitQueue } from '../sim/core/wait.ts';
import type { Process } from '../sim/kernel/calls/process.ts';
import {
  type HttpTarget,
  httpRequest,
  isHttpFailure,
  wholeBody,
} from '../sim/userland/http/client.ts';
import type { Duplex, HttpRequest } from '../sim/userland/http/message.ts';
import { responseHead } from '../sim/userland/http/wire.ts';

/** What came from a real socket and was not yet taken by the lab. */
class Arrivals {
  private readonly pieces: Buffer[] = [];
  private ended = false;
  private readonly changed = new WaitQueue();

  constructor(socket: Socket, head: Buffer, pace: () => void) {
    if (head.length > 0) this.pieces.push(head);
    const told = (): void => {
      this.changed.wake();
      pace();
    };
    socket.on('data', (piece: Buffer) => {
      this.pieces.push(piece);
      told();
    });
    for (const event of ['end', 'close', 'error'])
      socket.on(event, () => {
        this.ended = true;
        told();
      });
  }

  *next(): Routine<Buffer | undefined> {
    for (;;) {
      const piece = this.pieces.shift();
      if (piece || this.ended) return piece;
      yield { on: [this.changed] };
    }
  }

  /** So many bytes: a request's body comes before the connection is another thing. */
  *take(count: number): Routine<Buffer> {
    let held: Buffer = Buffer.alloc(0);
    while (held.length < count) {
      const piece = yield* this.next();
      if (!piece) break;
      held = Buffer.concat([held, piece]);
    }
    if (held.length > count) this.pieces.unshift(held.subarray(count));
    return held.subarray(0, count);
  }
}

/** A routine that asks the lab for an upgrade and joins the two connections; its value is an exit status. */
export function upgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  pace: () => void,
  simulated: (request: IncomingMessage, body: Buffer) => HttpRequest,
): (p: Process, target: HttpTarget) => Routine<number> {
  const arrivals = new Arrivals(socket, head, pace);
  return function* (p, target) {
    const body = yield* arrivals.take(Number(request.headers['content-length'] ?? 0));
    const sent = simulated(request, body);
    const headers = { ...sent.headers, connection: 'Upgrade' };
    const answer = yield* httpRequest(p, target, { ...sent, headers }, { alone: true });
    if (isHttpFailure(answer)) {
      socket.end(`HTTP/1.1 502 Bad Gateway\r\n\r\n`);
      return 1;
    }
    const { connection, status } = answer;
    if (connection) {
      socket.write(responseHead({ status, headers: answer.headers }, false));
      yield* join(p, arrivals, connection, socket);
      return 0;
    }
    // It is refused: the answer ends the connection.
    const { 'transfer-encoding': _coding, 'content-length': _length, ...rest } = answer.headers;
    const refusal = yield* wholeBody(answer);
    const said = { status, headers: { ...rest, connection: 'close' }, body: refusal };
    socket.write(responseHead(said, false));
    socket.end(refusal.bytes());
    return 0;
  };
}

function* join(p: Process, arrivals: Arrivals, connection: Duplex, socket: Socket): Routine<void> {
  p.thread(function* () {
    for (;;) {
      const piece = yield* arrivals.next();
      if (!piece || !(yield* connection.write(new Uint8Array(piece)))) break;
    }
    if (connection.closeWrite) connection.closeWrite();
    else connection.close();
    return 0;
  });
  for (;;) {
    const bytes = yield* connection.read();
    if (!bytes || socket.destroyed) break;
    socket.write(bytes);
  }
  connection.close();
  socket.end();
}
