// Terms and votes: what a member does about messages of a later or an earlier term, and when it grants its vote.

import type { Message } from './message.ts';
import type { Raft } from './raft.ts';

/** A message of a later term: usually one becomes a follower in it. False where it is to be ignored. */
export function heedHigherTerm(raft: Raft, message: Message): boolean {
  if (message.type === 'vote' || message.type === 'preVote') {
    const inLease = raft.leader !== 0n && raft.electionElapsed < raft.electionTicks;
    if (inLease && !message.transfer) return false;
  }
  if (message.type === 'preVote') return true;
  if (message.type === 'preVoteResponse' && !message.rejected) return true;
  const fromLeader =
    message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot';
  raft.becomeFollower(message.term, fromLeader ? message.from : 0n);
  return true;
}

/** A message of an earlier term: a leader that was cut off is told so, a pre-vote is refused. */
export function answerStale(raft: Raft, message: Message): void {
  const { term } = raft;
  const to = message.from;
  if (message.type === 'append' || message.type === 'heartbeat') {
    raft.send({ type: 'appendResponse', to, term, index: 0, rejected: false, hint: 0 });
  } else if (message.type === 'preVote') {
    raft.send({ type: 'preVoteResponse', to, term, rejected: true });
  }
}

/** Grants a vote to a candidate whose log is as new as one's own, once in a term. */
export function answerVote(
  raft: Raft,
  message: Extract<Message, { type: 'vote' | 'preVote' }>,
): void {
  const free = raft.vote === 0n && raft.leader === 0n;
  const mayVote =
    raft.vote === message.from || free || (message.type === 'preVote' && message.term > raft.term);
  const granted = mayVote && raft.log.isUpToDate(message.lastIndex, message.lastTerm);
  const type = message.type === 'vote' ? 'voteResponse' : 'preVoteResponse';
  const term = granted ? message.term : raft.term;
  raft.send({ type, to: message.from, term, rejected: !granted });
  if (granted && message.type === 'vote') {
    raft.electionElapsed = 0;
    raft.vote = message.from;
  }
}

/** Proposals and requests to read carry no term. */
export function isFromPeer(message: Message): boolean {
  const { type } = message;
  return type !== 'proposal' && type !== 'readIndex' && type !== 'transferLeader';
}
