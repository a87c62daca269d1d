// A watch over the network: news are read on a thread and wait here. Where the server goes away, the watch goes on
// at another one from the revision after the last that it has told.

import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { WatchRequest, WatchResponse } from '../api.ts';
import type { Watch } from '../client.ts';
import type { Connection } from './connection.ts';
import type { Call, Link } from './link.ts';

/** What the server's first message on a watch says. */
export interface WatchCreated {
  readonly created: true;
  readonly revision: number;
}

class RemoteWatch implements Watch {
  readonly arrived = new WaitQueue();
  private readonly connection: Connection;
  private readonly request: WatchRequest;
  private readonly queue: WatchResponse[] = [];
  private ended = false;
  private from: number;
  private current: { link: Link; stream: number; call: Call } | undefined;

  constructor(connection: Connection, request: WatchRequest) {
    this.connection = connection;
    this.request = request;
    this.from = request.startRevision ?? 0;
    connection.main.process.thread(() => this.pump());
  }

  *next(): Routine<WatchResponse | undefined> {
    yield* waitUntil(this.arrived, () => this.queue.length > 0 || this.ended);
    return this.queue.shift();
  }

  poll(): WatchResponse | undefined {
    return this.queue.shift();
  }

  requestProgress(): void {
    this.send('more');
  }

  cancel(): void {
    if (this.ended) return;
    this.ended = true;
    this.send('cancel');
    this.current?.call.arrived.wake();
    this.arrived.wake();
  }

  private send(kind: 'more' | 'cancel'): void {
    const { current } = this;
    if (current === undefined) return;
    const { link, stream } = current;
    this.connection.main.process.thread(function* () {
      yield* link.send(kind === 'more' ? { kind, stream, message: {} } : { kind, stream });
      return 0;
    });
  }

  private *pump(): Routine<number> {
    while (!this.ended && !this.connection.closed) {
      const link = yield* this.connection.ready(undefined);
      if (link === undefined) break;
      const request = { ...this.request, startRevision: this.from };
      const path = '/etcdserverpb.Watch/Watch';
      const [stream, call] = yield* link.call(path, request, this.connection.token);
      this.current = { link, stream, call };
      call.deliver = (message) => this.take(message as WatchCreated | WatchResponse);
      yield* waitUntil(call.arrived, () => this.ended || call.ended !== undefined);
      this.current = undefined;
    }
    this.ended = true;
    this.arrived.wake();
    return 0;
  }

  private take(message: WatchCreated | WatchResponse): void {
    if (this.ended) return;
    if ('created' in message) {
      if (this.from === 0) this.from = message.revision + 1;
      return;
    }
    const last = message.events[message.events.length - 1];
    if (last) this.from = last.kv.modRevision + 1;
    this.queue.push(message);
    if (message.canceled) this.ended = true;
    this.arrived.wake();
  }
}

/** Starts a watch on a connection. */
export function watchOver(connection: Connection, request: WatchRequest): Watch {
  return new RemoteWatch(connection, request);
}
