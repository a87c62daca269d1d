// A raft member as a state machine (etcd-io/raft): ticks, messages and proposals go in; messages, committed
// entries and read permissions come out. No clock and no I/O. With pre-vote and check-quorum, as etcd has it.

import type { Random } from '../../core/random.ts';
import { RaftLog } from './log.ts';
import type {
  Configuration,
  Entry,
  HardState,
  MembershipChange,
  Message,
  Outgoing,
  Snapshot,
} from './message.ts';
import { answerStale, answerVote, heedHigherTerm, isFromPeer } from './terms.ts';
import { newProgress, type Progress, quorumIndex, quorumOf } from './progress.ts';
import { stepCandidate, stepFollower, stepLeader } from './step.ts';

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader';

/** What a member begins with: nothing, or what its disk kept. */
export interface RaftStart {
  readonly id: bigint;
  readonly configuration: Configuration;
  readonly hardState: HardState;
  /** Entries after the snapshot. */
  readonly entries: readonly Entry[];
  readonly snapshotIndex: number;
  readonly snapshotTerm: number;
  /** Ticks without a leader before a campaign (up to twice as many, by chance), and between heartbeats. */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly random: Random;
  /** Makes a snapshot of the application at the last applied entry. */
  readonly snapshot: () => Snapshot;
}

/** What came of the last steps. */
export interface Ready {
  readonly messages: readonly Message[];
  readonly committed: readonly Entry[];
  /** A snapshot from the leader: the application's state is to be replaced by it. */
  readonly snapshot: Snapshot | undefined;
  /** Entries to write to the log on disk; they replace what stands there from the first one's index on. */
  readonly entries: readonly Entry[];
  readonly hardState: HardState | undefined;
  /** Reads that may be served once `index` is applied. */
  readonly reads: readonly { readonly request: number; readonly index: number }[];
}

/** A read that the leader is to confirm with a quorum. */
export interface PendingRead {
  readonly round: number;
  readonly from: bigint;
  readonly request: number;
  readonly index: number;
  readonly heard: Set<bigint>;
}

export class Raft {
  readonly id: bigint;
  readonly log: RaftLog;
  readonly members = new Map<bigint, Progress>();
  readonly votes = new Map<bigint, boolean>();
  readonly electionTicks: number;
  readonly takeSnapshot: () => Snapshot;
  role: Role = 'follower';
  term: number;
  vote: bigint;
  leader = 0n;
  /** Whom leadership is being handed to; 0n for nobody. */
  transferee = 0n;
  electionElapsed = 0;
  /** Entries up to here may hold a change of membership that is not applied. */
  pendingChange = 0;
  reads: PendingRead[] = [];
  /** Reads that came before the leader has committed anything in its term. */
  earlyReads: { from: bigint; request: number }[] = [];
  readRound = 0;
  granted: { request: number; index: number }[] = [];
  incoming: Snapshot | undefined;
  private heartbeatElapsed = 0;
  private timeout = 0;
  private readonly heartbeatTicks: number;
  private readonly random: Random;
  private outbox: Message[] = [];
  private firstUnwritten: number;
  private written: HardState;

  constructor(start: RaftStart) {
    this.id = start.id;
    this.electionTicks = start.electionTicks;
    this.heartbeatTicks = start.heartbeatTicks;
    this.random = start.random;
    this.takeSnapshot = start.snapshot;
    this.term = start.hardState.term;
    this.vote = start.hardState.vote;
    this.written = start.hardState;
    const { entries, snapshotIndex, snapshotTerm, hardState } = start;
    this.log = new RaftLog(entries, snapshotIndex, snapshotTerm, hardState.committed);
    this.firstUnwritten = this.log.lastIndex + 1;
    this.configure(start.configuration);
    this.drawTimeout();
  }

  /** The vote counts: it is a member and no learner. */
  get promotable(): boolean {
    return this.members.get(this.id)?.learner === false;
  }

  get voters(): number {
    let count = 0;
    for (const member of this.members.values()) if (!member.learner) count++;
    return count;
  }

  /** One tick of the clock. */
  tick(): void {
    this.electionElapsed++;
    if (this.role === 'leader') this.tickLeader();
    else if (this.promotable && this.electionElapsed >= this.timeout) {
      this.electionElapsed = 0;
      this.campaign('preCandidate', false);
    }
  }

  /** Takes a message in. */
  step(message: Message): void {
    if (message.term > this.term && !heedHigherTerm(this, message)) return;
    if (message.term < this.term && isFromPeer(message)) {
      answerStale(this, message);
      return;
    }
    if (message.type === 'vote' || message.type === 'preVote') answerVote(this, message);
    else if (this.role === 'leader') stepLeader(this, message);
    else if (this.role === 'follower') stepFollower(this, message);
    else stepCandidate(this, message);
  }

  /** Proposes data or a change of membership; false where there is no leader who would take it. */
  propose(proposal: { data?: unknown; change?: MembershipChange }): boolean {
    if (this.leader === 0n || this.transferee !== 0n) return false;
    const to = this.role === 'leader' ? this.id : this.leader;
    const message: Message = { type: 'proposal', from: this.id, to, term: 0, ...proposal };
    if (this.role === 'leader') stepLeader(this, message);
    else this.outbox.push(message);
    return true;
  }

  /** Asks for the right to serve a linearizable read; false where there is no leader. */
  readIndex(request: number): boolean {
    if (this.leader === 0n) return false;
    const to = this.leader;
    const message: Message = { type: 'readIndex', from: this.id, to, term: 0, request };
    if (this.role === 'leader') stepLeader(this, message);
    else this.outbox.push(message);
    return true;
  }

  /** Everything to be done since the last call. Entries and hard state are to be written first. */
  ready(): Ready {
    const messages = this.outbox;
    this.outbox = [];
    const reads = this.granted;
    this.granted = [];
    const snapshot = this.incoming;
    this.incoming = undefined;
    const entries = this.log.from(Math.max(this.firstUnwritten, this.log.firstIndex));
    this.firstUnwritten = this.log.lastIndex + 1;
    const committed = this.log.takeCommitted();
    const { term, vote, written } = this;
    const hardState = { term, vote, committed: this.log.committed };
    const changed =
      term !== written.term || vote !== written.vote || hardState.committed !== written.committed;
    if (changed) this.written = hardState;
    return {
      messages,
      committed,
      snapshot,
      entries,
      hardState: changed ? hardState : undefined,
      reads,
    };
  }

  /** True where `ready` would give something. */
  get busy(): boolean {
    return (
      this.outbox.length > 0 ||
      this.granted.length > 0 ||
      this.incoming !== undefined ||
      this.firstUnwritten <= this.log.lastIndex ||
      this.log.applied < this.log.committed ||
      this.term !== this.written.term ||
      this.vote !== this.written.vote
    );
  }

  /** A committed change of membership takes effect; the application calls this as it applies the entry. */
  applyChange(change: MembershipChange): void {
    const known = this.members.get(change.id);
    if (change.type === 'remove') {
      if (known && this.role === 'leader' && change.id !== this.id) this.sendAppend(known, true);
      this.members.delete(change.id);
      if (this.transferee === change.id) this.transferee = 0n;
    } else if (change.type !== 'update') {
      const learner = change.type === 'addLearner';
      if (known) known.learner = learner;
      else this.members.set(change.id, newProgress(change.id, learner, this.log.lastIndex));
    }
    if (this.role !== 'leader') return;
    if (!this.members.has(this.id)) this.becomeFollower(this.term, 0n);
    else if (this.members.size > 0) {
      this.advanceCommit();
      this.broadcastAppend();
    }
  }

  /** The configuration as it stands. */
  configuration(): Configuration {
    const all = [...this.members.values()];
    return {
      voters: all.filter((one) => !one.learner).map((one) => one.id),
      learners: all.filter((one) => one.learner).map((one) => one.id),
    };
  }

  configure(configuration: Configuration): void {
    this.members.clear();
    const next = this.log.lastIndex + 1;
    for (const id of configuration.voters) this.members.set(id, newProgress(id, false, next));
    for (const id of configuration.learners) this.members.set(id, newProgress(id, true, next));
  }

  /** Entries from `index` on were replaced, and are to be written anew. */
  rewriteFrom(index: number): void {
    this.firstUnwritten = Math.min(this.firstUnwritten, index);
  }

  send(message: Outgoing): void {
    this.outbox.push({ ...message, from: this.id } as Message);
  }

  becomeFollower(term: number, leader: bigint): void {
    this.role = 'follower';
    this.reset(term);
    this.leader = leader;
  }

  /** Asks for votes: first whether it would win (pre-vote), then in earnest. */
  campaign(as: 'preCandidate' | 'candidate', transfer: boolean): void {
    if (!this.promotable) return;
    this.role = as;
    if (as === 'candidate') {
      this.reset(this.term + 1);
      this.vote = this.id;
    } else {
      this.votes.clear();
      this.leader = 0n;
      this.drawTimeout();
    }
    this.votes.set(this.id, true);
    if (this.voters === 1) {
      this.wonVotes();
      return;
    }
    const term = as === 'candidate' ? this.term : this.term + 1;
    const type = as === 'candidate' ? 'vote' : 'preVote';
    const { lastIndex, lastTerm } = this.log;
    for (const member of this.members.values()) {
      if (member.id === this.id || member.learner) continue;
      this.send({ type, to: member.id, term, lastIndex, lastTerm, transfer });
    }
  }

  /** A majority said yes. */
  wonVotes(): void {
    if (this.role === 'preCandidate') this.campaign('candidate', false);
    else this.becomeLeader();
  }

  appendEntry(content: { data?: unknown; change?: MembershipChange }): void {
    const index = this.log.lastIndex + 1;
    this.log.append({ term: this.term, index, ...content });
    const self = this.members.get(this.id);
    if (self) {
      self.match = index;
      self.next = index + 1;
    }
    this.advanceCommit();
  }

  /** Commits what a majority has, where it is of this term. True where that moved. */
  advanceCommit(): boolean {
    const index = quorumIndex(this.members.values());
    if (index <= this.log.committed || this.log.termAt(index) !== this.term) return false;
    this.log.committed = index;
    return true;
  }

  broadcastAppend(): void {
    for (const member of this.members.values()) {
      if (member.id !== this.id) this.sendAppend(member, true);
    }
  }

  /** Sends what a member lacks, or a snapshot where the log no longer reaches back so far. */
  sendAppend(member: Progress, evenEmpty: boolean): void {
    if (member.mode === 'snapshot' || (member.mode === 'probe' && member.paused)) return;
    const previousIndex = member.next - 1;
    const previousTerm = this.log.termAt(previousIndex);
    if (previousTerm === undefined || member.next < this.log.firstIndex) {
      if (!member.active) return;
      const snapshot = this.takeSnapshot();
      member.mode = 'snapshot';
      member.next = snapshot.index + 1;
      this.send({ type: 'snapshot', to: member.id, term: this.term, snapshot });
      return;
    }
    const entries = this.log.from(member.next, ENTRIES_PER_MESSAGE);
    if (entries.length === 0 && !evenEmpty) return;
    if (member.mode === 'replicate') member.next += entries.length;
    else member.paused = true;
    const { committed } = this.log;
    const { term } = this;
    this.send({
      type: 'append',
      to: member.id,
      term,
      previousIndex,
      previousTerm,
      entries,
      committed,
    });
  }

  broadcastHeartbeat(): void {
    const read = this.readRound;
    for (const member of this.members.values()) {
      if (member.id === this.id) continue;
      const committed = Math.min(member.match, this.log.committed);
      this.send({ type: 'heartbeat', to: member.id, term: this.term, committed, read });
    }
  }

  private tickLeader(): void {
    this.heartbeatElapsed++;
    if (this.electionElapsed >= this.electionTicks) {
      this.electionElapsed = 0;
      this.transferee = 0n;
      if (!this.hearsQuorum()) {
        this.becomeFollower(this.term, 0n);
        return;
      }
    }
    if (this.heartbeatElapsed >= this.heartbeatTicks) {
      this.heartbeatElapsed = 0;
      this.broadcastHeartbeat();
    }
  }

  private hearsQuorum(): boolean {
    let active = 0;
    for (const member of this.members.values()) {
      if (!member.learner && (member.active || member.id === this.id)) active++;
      member.active = member.id === this.id;
    }
    return active >= quorumOf(this.voters);
  }

  private becomeLeader(): void {
    this.role = 'leader';
    this.reset(this.term);
    this.leader = this.id;
    this.pendingChange = this.log.lastIndex;
    this.appendEntry({});
    this.broadcastAppend();
  }

  private reset(term: number): void {
    if (this.term !== term) {
      this.term = term;
      this.vote = 0n;
    }
    this.leader = 0n;
    this.electionElapsed = 0;
    this.heartbeatElapsed = 0;
    this.transferee = 0n;
    this.votes.clear();
    this.reads = [];
    this.earlyReads = [];
    this.drawTimeout();
    const next = this.log.lastIndex + 1;
    for (const [id, { learner }] of this.members) {
      const fresh = newProgress(id, learner, next);
      if (id === this.id) fresh.match = this.log.lastIndex;
      this.members.set(id, fresh);
    }
  }

  private drawTimeout(): void {
    this.timeout = this.electionTicks + this.random.int(this.electionTicks);
  }
}

/** Entries in one message at the most; the rest follows upon the answer. */
const ENTRIES_PER_MESSAGE = 512;
