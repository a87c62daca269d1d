// A member's connections to the others (rafthttp): one outgoing connection to each, on which raft's messages leave
// and questions for the leader are asked. What comes in comes through the peer listener.

import { MILLISECOND, SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { InternetAddress } from '../../kernel/network/socket.ts';
import type { EtcdError } from '../error.ts';
import { resolveHost } from '../../userland/libc/resolver.ts';
import type { Member as ClusterMember } from '../api.ts';
import type { Message } from '../raft/message.ts';
import { type Frame, frameIn, sendFrame } from '../remote/frames.ts';

/** How long one attempt to connect may take, and the wait before the next. */
const CONNECT_TIMEOUT = SECOND;
const RETRY = 100 * MILLISECOND;
/** A peer that was written to and has said nothing for this long is connected anew. */
const SILENCE = 5 * SECOND;
/** Messages that wait for a peer at the most; more are lost, as raft allows. */
const QUEUE = 1_024;
/** How long a member that was removed is still written to. */
const FAREWELL = SECOND;
/** How long a question to a peer may take. */
const ASK_TIMEOUT = 5 * SECOND;

interface Peer {
  readonly id: bigint;
  urls: readonly string[];
  queue: Frame[];
  readonly changed: WaitQueue;
  fd: number | undefined;
  connectedSince: number | undefined;
  lastHeard: number;
  lastWritten: number;
  /** It is no member any more, and is let go of soon: it must still hear of that. */
  leaving: boolean;
  gone: boolean;
  readonly answers: Map<number, object | EtcdError>;
}

/** The other members, as far as this one is connected to them. */
export class Peers {
  private readonly process: Process;
  private readonly clusterId: bigint;
  private readonly own: bigint;
  private readonly peers = new Map<bigint, Peer>();
  private nextQuestion = 1;
  private stopped = false;

  constructor(process: Process, own: bigint, clusterId: bigint) {
    this.process = process;
    this.own = own;
    this.clusterId = clusterId;
  }

  /** Takes up new members, follows changed URLs, lets go of members that left. */
  update(members: readonly ClusterMember[]): void {
    const ids = new Set(members.map((member) => member.id));
    for (const peer of this.peers.values()) {
      const leaves = !ids.has(peer.id);
      if (leaves && !peer.leaving) {
        this.process.simulation.after(FAREWELL, () => {
          if (peer.leaving) this.drop(peer);
        });
      }
      peer.leaving = leaves;
    }
    for (const member of members) {
      if (member.id === this.own) continue;
      const known = this.peers.get(member.id);
      if (known) known.urls = member.peerUrls;
      else this.add(member.id, member.peerUrls);
    }
  }

  add(id: bigint, urls: readonly string[]): void {
    const { now } = this.process;
    const peer: Peer = {
      id,
      urls,
      queue: [],
      changed: new WaitQueue(),
      fd: undefined,
      connectedSince: undefined,
      lastHeard: now,
      lastWritten: now,
      leaving: false,
      gone: false,
      answers: new Map(),
    };
    this.peers.set(id, peer);
    this.process.thread((thread) => this.keepConnected(thread, peer));
  }

  send(message: Message): void {
    const peer = this.peers.get(message.to);
    if (peer?.fd === undefined || peer.queue.length > QUEUE) return;
    peer.queue.push({ kind: 'raft', message, clusterId: this.clusterId });
    peer.changed.wake();
  }

  /** A message came from a peer. */
  heard(id: bigint): void {
    const peer = this.peers.get(id);
    if (peer) peer.lastHeard = this.process.now;
  }

  connectedSince(id: bigint): number | undefined {
    return this.peers.get(id)?.connectedSince;
  }

  /** Asks a peer something; undefined where it does not answer. */
  *ask(id: bigint, path: string, message: object): Routine<object | EtcdError | undefined> {
    const peer = this.peers.get(id);
    if (peer?.fd === undefined) return undefined;
    const stream = this.nextQuestion;
    this.nextQuestion += 2;
    peer.queue.push({ kind: 'call', stream, path, message, token: undefined });
    peer.changed.wake();
    const until = this.process.now + ASK_TIMEOUT;
    const known = (): boolean => peer.answers.has(stream);
    yield* waitUntil(peer.changed, known, until);
    const answer = peer.answers.get(stream);
    peer.answers.delete(stream);
    return answer;
  }

  stop(): void {
    this.stopped = true;
    for (const peer of this.peers.values()) this.drop(peer);
  }

  private drop(peer: Peer): void {
    peer.gone = true;
    this.peers.delete(peer.id);
    if (peer.fd !== undefined) this.process.shutdown(peer.fd, 'both');
    peer.changed.wake();
  }

  private *keepConnected(thread: Process, peer: Peer): Routine<number> {
    while (!peer.gone && !this.stopped) {
      const fd = yield* connectTo(thread, peer.urls);
      if (fd === undefined) {
        yield* thread.sleep(RETRY);
        continue;
      }
      peer.fd = fd;
      peer.connectedSince = thread.now;
      peer.lastHeard = thread.now;
      peer.queue = [];
      thread.thread((reader) => this.readAnswers(reader, peer, fd));
      yield* this.write(thread, peer, fd);
      peer.fd = undefined;
      peer.connectedSince = undefined;
      thread.shutdown(fd, 'both');
      thread.close(fd);
    }
    return 0;
  }

  private *write(thread: Process, peer: Peer, fd: number): Routine<void> {
    for (;;) {
      const ready = (): boolean => peer.gone || peer.fd !== fd || peer.queue.length > 0;
      yield* waitUntil(peer.changed, ready);
      if (peer.gone || peer.fd !== fd) return;
      const frames = peer.queue;
      peer.queue = [];
      if (thread.now - peer.lastHeard > SILENCE && peer.lastWritten > peer.lastHeard) return;
      if (peer.lastWritten <= peer.lastHeard) peer.lastHeard = thread.now;
      peer.lastWritten = thread.now + 1;
      for (const frame of frames) if (!(yield* sendFrame(thread, fd, frame))) return;
    }
  }

  private *readAnswers(thread: Process, peer: Peer, fd: number): Routine<number> {
    for (;;) {
      const content = yield* thread.receiveContent(fd);
      const frame = content === undefined || isErrno(content) ? undefined : frameIn(content);
      if (frame === undefined) break;
      if (frame.kind === 'answer') peer.answers.set(frame.stream, frame.message);
      if (frame.kind === 'end' && frame.error) peer.answers.set(frame.stream, frame.error);
      peer.changed.wake();
    }
    if (peer.fd === fd) peer.fd = undefined;
    peer.changed.wake();
    return 0;
  }
}

/** Connects to the first of a member's URLs that answers. */
export function* connectTo(process: Process, urls: readonly string[]): Routine<number | undefined> {
  for (const url of urls) {
    const place = yield* placeOf(process, url);
    if (place === undefined) continue;
    const fd = process.socket('inet', 'stream');
    if (isErrno(fd)) return undefined;
    const failure = yield* process.connect(fd, place, process.now + CONNECT_TIMEOUT);
    if (failure === undefined) return fd;
    process.close(fd);
  }
  return undefined;
}

/** The address and port of a URL; undefined where its host is not known. */
export function* placeOf(process: Process, url: string): Routine<InternetAddress | undefined> {
  const match = /^[a-z]+:\/\/([^/]*):(\d+)/.exec(url);
  if (match === null) return undefined;
  const addresses = yield* resolveHost(process, match[1] ?? '');
  if ('failure' in addresses) return undefined;
  const address = addresses.find((one) => !one.includes(':')) ?? addresses[0];
  return address === undefined ? undefined : { address, port: Number(match[2]) };
}

/** Asks whoever listens at some URLs one question. */
export function* askOnce(
  process: Process,
  urls: readonly string[],
  path: string,
): Routine<object | undefined> {
  const fd = yield* connectTo(process, urls);
  if (fd === undefined) return undefined;
  yield* sendFrame(process, fd, { kind: 'call', stream: 1, path, message: {}, token: undefined });
  const content = yield* process.receiveContent(fd, process.now + CONNECT_TIMEOUT);
  process.close(fd);
  const frame = content === undefined || isErrno(content) ? undefined : frameIn(content);
  return frame?.kind === 'answer' ? frame.message : undefined;
}
