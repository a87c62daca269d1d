// What raft members say to one another (raftpb), and what their logs hold. Members are known by 64-bit ids;
// 0n is nobody.

/** A change of the membership; one at a time goes through the log. */
export interface MembershipChange {
  readonly type: 'addVoter' | 'addLearner' | 'remove' | 'update';
  readonly id: bigint;
  /** What the application keeps about the member; raft does not look at it. */
  readonly context: unknown;
}

/** One line of the replicated log. A new leader's first entry has neither data nor change. */
export interface Entry {
  readonly term: number;
  readonly index: number;
  readonly data?: unknown;
  readonly change?: MembershipChange;
}

/** Who votes and who only listens. */
export interface Configuration {
  readonly voters: readonly bigint[];
  readonly learners: readonly bigint[];
}

/** The application's state at an entry of the log, for members that are too far behind. */
export interface Snapshot {
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
  readonly data: unknown;
}

/** What must survive a crash beside the log. */
export interface HardState {
  readonly term: number;
  readonly vote: bigint;
  readonly committed: number;
}

interface Envelope {
  readonly from: bigint;
  readonly to: bigint;
  readonly term: number;
}

/** A message. `term` is the sender's, but in a pre-vote the one that it would campaign in. */
export type Message = Envelope &
  (
    | {
        readonly type: 'vote' | 'preVote';
        readonly lastIndex: number;
        readonly lastTerm: number;
        /** A leader asked for this election: leases do not stand against it. */
        readonly transfer: boolean;
      }
    | { readonly type: 'voteResponse' | 'preVoteResponse'; readonly rejected: boolean }
    | {
        readonly type: 'append';
        readonly previousIndex: number;
        readonly previousTerm: number;
        readonly entries: readonly Entry[];
        readonly committed: number;
      }
    | {
        readonly type: 'appendResponse';
        /** The last index that matches, or, rejected, the one that does not. */
        readonly index: number;
        readonly rejected: boolean;
        /** Rejected: the sender's last index. */
        readonly hint: number;
      }
    | { readonly type: 'heartbeat'; readonly committed: number; readonly read: number }
    | { readonly type: 'heartbeatResponse'; readonly read: number }
    | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
    | { readonly type: 'timeoutNow' }
    | { readonly type: 'transferLeader' }
    | {
        readonly type: 'proposal';
        readonly data?: unknown;
        readonly change?: MembershipChange;
      }
    | { readonly type: 'readIndex'; readonly request: number }
    | { readonly type: 'readIndexResponse'; readonly request: number; readonly index: number }
  );

/** A message before the sender puts its name on it. */
export type Outgoing = Message extends infer M
  ? M extends Message
    ? Omit<M, 'from'>
    : never
  : never;
