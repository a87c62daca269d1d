// What a leader knows of each member, and when a quorum has been reached.

/** A member as the leader sees it. */
export interface Progress {
  readonly id: bigint;
  learner: boolean;
  /** The last index known to be in its log. */
  match: number;
  /** The next index to send. */
  next: number;
  /** Asking where the logs meet, streaming entries, or waiting for a snapshot to arrive. */
  mode: 'probe' | 'replicate' | 'snapshot';
  /** A probe is under way: nothing more is sent before its answer. */
  paused: boolean;
  /** It was heard of since the last look at the quorum. */
  active: boolean;
}

/** A member of whom nothing is known but the end of one's own log. */
export function newProgress(id: bigint, learner: boolean, next: number): Progress {
  return { id, learner, match: 0, next, mode: 'probe', paused: false, active: true };
}

/** Members that make a majority of `voters`. */
export function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** The highest index that a majority of the voters has. */
export function quorumIndex(members: Iterable<Progress>): number {
  const matches: number[] = [];
  for (const member of members) if (!member.learner) matches.push(member.match);
  matches.sort((a, b) => b - a);
  return matches[quorumOf(matches.length) - 1] ?? 0;
}
