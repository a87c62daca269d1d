// One etcd member: a raft state machine, the backend that its log is applied to, and those who wait for either.
// What connects it to the world (files, sockets, the process) is its host's business.

import type { Cause } from '../../core/cause.ts';
import type { Timer } from '../../core/events.ts';
import type { Simulation } from '../../core/simulation.ts';
import { MILLISECOND, SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Header, MembersResponse } from '../api.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import type { Configuration, Entry, MembershipChange, Message, Snapshot } from '../raft/message.ts';
import { Raft } from '../raft/raft.ts';
import { type Caller, nobody } from './auth.ts';
import { type Backend, type BackendImage, imageOf, restoreImage } from './backend.ts';
import { appendToWal, type Disk, trimWal } from './disk.ts';
import { type Applying, applyMembership, applyProposal, type Proposal } from './proposal.ts';

/** What a member needs of the process that it runs in. */
export interface MemberHost {
  readonly simulation: Simulation;
  /** The process has ended. */
  readonly gone: boolean;
  /** Sends to a peer; the message is lost where there is no connection. */
  send(message: Message): void;
  /** A peer was heard of. */
  heard(peer: bigint): void;
  /** The members or their URLs have changed. */
  membersChanged(): void;
  /** The virtual time since which a peer has been connected; undefined where it is not. */
  connectedSince(peer: bigint): number | undefined;
  /** This member was removed from the cluster: the process is to end. */
  removed(): void;
}

export interface MemberOptions {
  readonly id: bigint;
  readonly clusterId: bigint;
  readonly heartbeat: number;
  /** Milliseconds, like the heartbeat. */
  readonly electionTimeout: number;
  /** Bytes; 0 or less for no limit. */
  readonly quota: number;
  readonly maxRequestBytes: number;
  /** Applied entries after which the log is cut. */
  readonly snapshotCount: number;
}

/** Entries that are kept for slow followers when the log is cut. */
const CATCH_UP_ENTRIES = 5_000;
/** The term in which a new cluster elects its first leader. */
const FIRST_TERM = 2;
/** How long a request waits for raft, beside two election timeouts. */
const REQUEST_PATIENCE = 5 * SECOND;
/** How often a read that got no answer is asked again. */
const READ_RETRY = 500 * MILLISECOND;

export class Member {
  readonly options: MemberOptions;
  readonly host: MemberHost;
  readonly disk: Disk;
  readonly raft: Raft;
  /** Woken when entries are applied, leaders change or reads are granted. */
  readonly changed = new WaitQueue();
  /** Told when a downgrade of the cluster was asked for or called off. */
  onDowngrade: () => void = () => {};
  /** Told when this member begins or ceases to lead. */
  onRoleChange: (leads: boolean) => void = () => {};
  /** Woken when a leader is lost or found. */
  readonly onLeaderLost = new Set<WaitQueue>();
  stopped = false;
  private readonly results = new Map<number, object | EtcdError | undefined>();
  private readonly grantedReads = new Map<number, number>();
  private readonly startCause: Cause;
  private lastRequest = 0;
  private pumping = false;
  private leads = false;
  private knownLeader = 0n;
  /** How often a leader was found that was not the one before. */
  leaderChanges = 0;
  private ticker: Timer | undefined;

  constructor(options: MemberOptions, host: MemberHost, disk: Disk) {
    this.options = options;
    this.host = host;
    this.disk = disk;
    const { wal } = disk;
    const { simulation } = host;
    this.startCause = simulation.cause;
    this.raft = new Raft({
      id: options.id,
      configuration: disk.backend.index > 0 ? configurationOf(disk.backend) : wal.configuration,
      hardState: wal.hardState,
      entries: wal.entries,
      snapshotIndex: wal.snapshotIndex,
      snapshotTerm: wal.snapshotTerm,
      electionTicks: Math.round(options.electionTimeout / options.heartbeat),
      heartbeatTicks: 1,
      random: simulation.random.fork(`raft ${options.id} ${simulation.now}`),
      snapshot: () => this.snapshot(),
    });
  }

  /** Applies what the log holds, and starts the clock. */
  begin(): void {
    this.pump();
    this.scheduleTick();
  }

  get backend(): Backend {
    return this.disk.backend;
  }

  get isLearner(): boolean {
    return this.backend.cluster.members.get(this.options.id)?.isLearner ?? false;
  }

  /** The header of an answer, at the store's revision where none is given. */
  header(revision = this.backend.store.revision): Header {
    const { clusterId, id } = this.options;
    return { clusterId, memberId: id, revision, raftTerm: this.raft.term };
  }

  /** How long a request may wait for raft before the server gives it up. */
  get patience(): number {
    return REQUEST_PATIENCE + 2 * this.options.electionTimeout * MILLISECOND;
  }

  /** Takes a peer's message in. */
  receive(message: Message): void {
    if (this.stopped) return;
    this.raft.step(message);
    this.pump();
  }

  /** The process ends: nothing more happens. */
  stop(): void {
    this.stopped = true;
    this.ticker?.cancel();
    this.backend.store.watchers.closeAll();
    this.changed.wake();
  }

  /** Replicates a request and gives what applying it gave here. */
  propose<M extends Proposal['method']>(
    method: M,
    request: Extract<Proposal, { method: M }>['request'],
    caller: Caller = nobody,
  ): Routine<object | EtcdError> {
    const id = this.nextRequest();
    const from = this.options.id;
    const data = { id, from, method, request, caller } as unknown as Proposal;
    return this.replicate(id, () => this.raft.propose({ data }));
  }

  /** Replicates a change of membership and gives the members after it. */
  *changeMembership(
    change: Omit<MembershipChange, 'context'> & { context: unknown },
  ): Routine<MembersResponse | EtcdError> {
    const id = this.nextRequest();
    const from = this.options.id;
    const wrapped = { ...change, context: { id, from, context: change.context } };
    const result = yield* this.replicate(id, () => this.raft.propose({ change: wrapped }));
    return result as MembersResponse | EtcdError;
  }

  /** Waits until what is read here is as new as when the wait began, with the leader's and a quorum's word. */
  *confirmRead(
    deadline = this.host.simulation.now + this.patience,
  ): Routine<EtcdError | undefined> {
    const { simulation } = this.host;
    const request = this.nextRequest();
    const granted = (): boolean => this.stopped || this.grantedReads.has(request);
    while (!granted()) {
      if (simulation.now >= deadline) return etcdErrors.timeout;
      this.raft.readIndex(request);
      this.pump();
      if (granted()) break;
      yield* waitUntil(this.changed, granted, Math.min(deadline, simulation.now + READ_RETRY));
    }
    const index = this.grantedReads.get(request) ?? 0;
    this.grantedReads.delete(request);
    const applied = (): boolean => this.stopped || this.backend.index >= index;
    if (!applied()) yield* waitUntil(this.changed, applied, deadline);
    return this.stopped ? etcdErrors.stopped : undefined;
  }

  /** Does what raft has ready, until nothing is. */
  pump(): void {
    if (this.pumping || this.stopped) return;
    this.pumping = true;
    while (this.raft.busy && !this.stopped) this.advance();
    this.pumping = false;
    this.noteLeader();
  }

  /** What entries are applied to, as this member. */
  applying(): Applying {
    const { backend } = this;
    return {
      backend,
      store: backend.store,
      lessor: backend.lessor,
      now: this.host.simulation.now,
      header: (revision) => this.header(revision),
    };
  }

  /** A number that no other request of this member has. */
  nextRequest(): number {
    return ++this.lastRequest;
  }

  private *replicate(id: number, offer: () => boolean): Routine<object | EtcdError> {
    const { simulation } = this.host;
    const deadline = simulation.now + this.patience;
    const mayOffer = (): boolean => this.stopped || (this.raft.leader !== 0n && offer());
    this.results.set(id, undefined);
    try {
      if (!mayOffer() && !(yield* waitUntil(this.changed, mayOffer, deadline))) {
        return this.lateness();
      }
      this.pump();
      const known = (): boolean => this.stopped || this.results.get(id) !== undefined;
      if (!known() && !(yield* waitUntil(this.changed, known, deadline))) return this.lateness();
      return this.results.get(id) ?? etcdErrors.stopped;
    } finally {
      this.results.delete(id);
    }
  }

  private lateness(): EtcdError {
    return this.raft.leader === 0n ? etcdErrors.timeoutLeaderFail : etcdErrors.timeout;
  }

  private advance(): void {
    const ready = this.raft.ready();
    const { wal } = this.disk;
    if (ready.snapshot) this.takeOver(ready.snapshot);
    appendToWal(wal, ready.entries);
    if (ready.hardState) wal.hardState = ready.hardState;
    for (const message of ready.messages) this.host.send(message);
    for (const { request, index } of ready.reads) this.grantedReads.set(request, index);
    for (const entry of ready.committed) this.apply(entry);
    if (ready.reads.length > 0 || ready.committed.length > 0) this.changed.wake();
    this.cutLog();
  }

  private apply(entry: Entry): void {
    const { backend } = this;
    if (entry.index <= backend.index) return;
    backend.index = entry.index;
    backend.term = entry.term;
    if (entry.change) this.applyChange(entry.change);
    else if (entry.data !== undefined) this.applyData(entry.data as Proposal);
  }

  private applyData(proposal: Proposal): void {
    const mine = proposal.from === this.options.id && this.results.has(proposal.id);
    const result = applyProposal(this.applying(), proposal);
    if (mine) this.results.set(proposal.id, result);
    if (proposal.method === 'downgrade') this.onDowngrade();
  }

  private applyChange(change: MembershipChange): void {
    const { id, from, context } = change.context as { id: number; from: bigint; context: unknown };
    const result = applyMembership(this.applying(), { ...change, context });
    const refused = result instanceof EtcdError;
    this.raft.applyChange(refused ? { ...change, type: 'update' } : change);
    if (from === this.options.id && this.results.has(id)) this.results.set(id, result);
    if (refused) return;
    this.host.membersChanged();
    this.scheduleTick();
    if (change.type === 'remove' && change.id === this.options.id) this.host.removed();
  }

  private snapshot(): Snapshot {
    const { backend } = this;
    return {
      index: backend.index,
      term: backend.term,
      configuration: this.raft.configuration(),
      data: imageOf(backend),
    };
  }

  private takeOver(snapshot: Snapshot): void {
    const { wal } = this.disk;
    wal.entries = [];
    wal.snapshotIndex = snapshot.index;
    wal.snapshotTerm = snapshot.term;
    restoreImage(this.backend, snapshot.data as BackendImage, this.host.simulation.now);
    this.host.membersChanged();
    this.changed.wake();
  }

  private cutLog(): void {
    const applied = this.raft.log.applied;
    const keep = Math.min(CATCH_UP_ENTRIES, this.options.snapshotCount);
    if (applied - this.raft.log.firstIndex < this.options.snapshotCount + keep) return;
    this.raft.log.compact(applied - keep);
    trimWal(this.disk.wal, applied - keep);
  }

  private noteLeader(): void {
    const leads = this.raft.role === 'leader';
    const { leader } = this.raft;
    if (leader !== this.knownLeader) {
      if (this.knownLeader === 0n && this.raft.term === FIRST_TERM) this.settleFile(leads);
      if (leader !== 0n) this.leaderChanges++;
      this.knownLeader = leader;
      this.changed.wake();
      for (const queue of this.onLeaderLost) queue.wake();
    }
    if (leads === this.leads) return;
    this.leads = leads;
    if (leads) this.backend.lessor.extendAll(this.host.simulation.now);
    this.onRoleChange(leads);
  }

  /** bbolt's file of a member of several, once the cluster stands: a follower's has one page more to spare. */
  private settleFile(leads: boolean): void {
    if (this.raft.members.size < 2) return;
    this.backend.store.takePages(2, leads ? 1 : 2);
  }

  /** A lone leader has nobody to send heartbeats to: its clock stands still until that changes. */
  private get needsTicks(): boolean {
    return this.raft.role !== 'leader' || this.raft.members.size > 1;
  }

  private scheduleTick(): void {
    if (this.stopped || !this.needsTicks || this.ticker?.cancelled === false) return;
    const { simulation } = this.host;
    simulation.causedBy(this.startCause, () => {
      this.ticker = simulation.after(this.options.heartbeat * MILLISECOND, () => {
        this.ticker = undefined;
        this.tick();
      });
    });
  }

  private tick(): void {
    if (this.host.gone) {
      this.stop();
      return;
    }
    const alone = this.raft.voters === 1 && this.raft.promotable && this.raft.leader === 0n;
    if (alone) this.raft.campaign('preCandidate', false);
    else this.raft.tick();
    this.pump();
    this.scheduleTick();
  }
}

/** Who votes and who only listens, as far as the backend has come. */
function configurationOf(backend: Backend): Configuration {
  const members = backend.cluster.list();
  return {
    voters: members.filter((one) => !one.isLearner).map((one) => one.id),
    learners: members.filter((one) => one.isLearner).map((one) => one.id),
  };
}
