// What containerd's services share: the daemon's process, its database, its directories, and the exchange of events.

import type { Routine } from '../../core/wait.ts';
import { WaitQueue, waitOn } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Inode } from '../../kernel/files/inode.ts';
import { MemoryInode } from '../../kernel/files/memory.ts';
import { O_CREAT, O_PATH, O_TRUNC, O_WRONLY } from '../../kernel/files/open-file.ts';
import type { RpcStream } from '../rpc.ts';
import { isRpcError, type RpcError } from '../rpc.ts';
import { type Filter, parseFilters } from './filters.ts';
import { type Metadata, type NamespaceData, namespaceData } from './metadata.ts';
import type { EventEnvelope } from './types.ts';

/** One running containerd. */
export class Containerd {
  readonly process: Process;
  readonly root: string;
  readonly state: string;
  readonly address: string;
  readonly metadata: Metadata;
  readonly events: EventExchange;

  constructor(
    process: Process,
    places: { root: string; state: string; address: string },
    metadata: Metadata,
  ) {
    this.process = process;
    this.root = places.root;
    this.state = places.state;
    this.address = places.address;
    this.metadata = metadata;
    this.events = new EventExchange(process);
  }

  /** The data of a namespace. */
  data(namespace: string): NamespaceData {
    return namespaceData(this.metadata, namespace);
  }

  get now(): number {
    return this.process.now;
  }
}

/** Events of all namespaces, kept for whoever reads behind (pkg/events/exchange). */
export class EventExchange {
  private readonly process: Process;
  private readonly subscribers = new Set<Subscription>();

  constructor(process: Process) {
    this.process = process;
  }

  /** Tells all subscribers. */
  publish(namespace: string, topic: string, event: Readonly<Record<string, unknown>>): void {
    this.forward({ timestamp: this.process.now, namespace, topic, event });
  }

  /** An event that a shim sends. */
  forward(envelope: EventEnvelope): void {
    for (const subscriber of this.subscribers) subscriber.offer(envelope);
  }

  /** A stream of the events from now on that one of the filters lets pass. */
  subscribe(filters: readonly string[]): RpcStream | RpcError {
    const filter = parseFilters(filters);
    if (isRpcError(filter)) return filter;
    const subscription = new Subscription(filter, () => this.subscribers.delete(subscription));
    this.subscribers.add(subscription);
    return subscription;
  }
}

class Subscription implements RpcStream {
  private readonly filter: Filter;
  private readonly leave: () => void;
  private readonly waiting: EventEnvelope[] = [];
  private readonly arrived = new WaitQueue();
  private ended = false;

  constructor(filter: Filter, leave: () => void) {
    this.filter = filter;
    this.leave = leave;
  }

  offer(envelope: EventEnvelope): void {
    const read = ([first = '', ...rest]: readonly string[]): string | undefined => {
      if (first === 'topic') return envelope.topic;
      if (first === 'namespace') return envelope.namespace;
      const value = first === 'event' ? envelope.event[rest.join('.')] : undefined;
      return value === undefined ? undefined : String(value);
    };
    if (!this.filter(read)) return;
    this.waiting.push(envelope);
    this.arrived.wake();
  }

  *next(): Routine<EventEnvelope | undefined> {
    for (;;) {
      const envelope = this.waiting.shift();
      if (envelope || this.ended) return envelope;
      const wakeup = yield* waitOn(this.arrived);
      if (wakeup === 'signal') return undefined;
    }
  }

  close(): void {
    this.ended = true;
    this.leave();
    this.arrived.wake();
  }
}

/** The inode at a path, as the daemon sees it; undefined where nothing is there. */
export function inodeOf(p: Process, path: string): Inode | undefined {
  const file = p.openFile(path, O_PATH);
  return isErrno(file) ? undefined : file.inode;
}

/** Makes a directory and those above it. */
export function makeDirectories(p: Process, path: string, mode = 0o755): void {
  if (p.exists(path)) return;
  const slash = path.lastIndexOf('/');
  if (slash > 0) makeDirectories(p, path.slice(0, slash), mode);
  p.mkdir(path, mode);
}

/** Writes a whole file whose bytes stay shared with the caller. False where that failed. */
export function writeWholeFile(p: Process, path: string, bytes: Uint8Array, mode = 0o644): boolean {
  const file = p.openFile(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (isErrno(file) || !file.inode) return false;
  if (file.inode instanceof MemoryInode) file.inode.setContents(bytes);
  else if (isErrno(file.inode.writeAt(0, bytes, p.task))) return false;
  file.inode.mtime = p.now;
  return true;
}

/** Removes a file or a whole tree; what is missing is no failure. */
export function removeAll(p: Process, path: string): void {
  const stat = p.lstat(path);
  if (isErrno(stat)) return;
  const entries = p.readdir(path);
  if ((stat.mode & 0o170000) === 0o040000 && !isErrno(entries)) {
    for (const { name } of entries) removeAll(p, `${path}/${name}`);
    p.rmdir(path);
  } else p.unlink(path);
}
