// What a raft member does with a message, by its role. Terms have been compared before.

import type { Message } from './message.ts';
import { quorumOf } from './progress.ts';
import type { PendingRead, Raft } from './raft.ts';

type Of<T extends Message['type']> = Extract<Message, { type: T }>;

/** A follower listens to its leader and hands on what only a leader can do. */
export function stepFollower(raft: Raft, message: Message): void {
  switch (message.type) {
    case 'append':
    case 'heartbeat':
    case 'snapshot':
      raft.electionElapsed = 0;
      raft.leader = message.from;
      heed(raft, message);
      break;
    case 'proposal':
    case 'readIndex':
    case 'transferLeader':
      if (raft.leader !== 0n) forward(raft, message);
      break;
    case 'timeoutNow':
      raft.campaign('candidate', true);
      break;
    case 'readIndexResponse':
      raft.granted.push({ request: message.request, index: message.index });
      break;
    default:
      break;
  }
}

/** A candidate counts votes, and gives way to whoever leads in its term. */
export function stepCandidate(raft: Raft, message: Message): void {
  switch (message.type) {
    case 'append':
    case 'heartbeat':
    case 'snapshot':
      raft.becomeFollower(message.term, message.from);
      heed(raft, message);
      break;
    case 'voteResponse':
      if (raft.role === 'candidate') countVote(raft, message);
      break;
    case 'preVoteResponse':
      if (raft.role === 'preCandidate') countVote(raft, message);
      break;
    default:
      break;
  }
}

/** A leader appends, replicates, commits, confirms reads and hands over. */
export function stepLeader(raft: Raft, message: Message): void {
  if (message.type === 'proposal') {
    lead(raft, message);
    return;
  }
  if (message.type === 'readIndex') {
    confirmRead(raft, message.from, message.request);
    return;
  }
  const member = raft.members.get(message.from);
  if (member === undefined) return;
  switch (message.type) {
    case 'appendResponse':
      member.active = true;
      noteAppended(raft, message);
      break;
    case 'heartbeatResponse':
      member.active = true;
      member.paused = false;
      if (member.mode === 'snapshot') {
        member.mode = 'probe';
        member.next = member.match + 1;
      }
      if (member.match < raft.log.lastIndex || member.mode === 'probe')
        raft.sendAppend(member, true);
      noteRead(raft, message);
      break;
    case 'transferLeader':
      transferTo(raft, message.from);
      break;
    default:
      break;
  }
}

/** Begins to hand leadership to a voter: at once where it has the whole log, else when it has caught up. */
export function transferTo(raft: Raft, to: bigint): void {
  const member = raft.members.get(to);
  if (member === undefined || member.learner || to === raft.id) return;
  raft.electionElapsed = 0;
  raft.transferee = to;
  if (member.match === raft.log.lastIndex) {
    raft.send({ type: 'timeoutNow', to, term: raft.term });
  } else {
    raft.sendAppend(member, true);
  }
}

function forward(raft: Raft, message: Of<'proposal' | 'readIndex' | 'transferLeader'>): void {
  const { from: _, ...rest } = message;
  raft.send({ ...rest, to: raft.leader });
}

function heed(raft: Raft, message: Of<'append' | 'heartbeat' | 'snapshot'>): void {
  const { log, term } = raft;
  const to = message.from;
  if (message.type === 'heartbeat') {
    log.committed = Math.max(log.committed, Math.min(message.committed, log.lastIndex));
    raft.send({ type: 'heartbeatResponse', to, term, read: message.read });
    return;
  }
  if (message.type === 'snapshot') {
    const { snapshot } = message;
    if (snapshot.index > log.committed) {
      log.restore(snapshot);
      raft.configure(snapshot.configuration);
      raft.incoming = snapshot;
    }
    raft.send({ type: 'appendResponse', to, term, index: log.committed, rejected: false, hint: 0 });
    return;
  }
  followLog(raft, message);
}

function followLog(raft: Raft, message: Of<'append'>): void {
  const { log, term } = raft;
  const to = message.from;
  const { previousIndex, previousTerm, entries } = message;
  if (previousIndex < log.committed && entries.length === 0) {
    raft.send({ type: 'appendResponse', to, term, index: log.committed, rejected: false, hint: 0 });
    return;
  }
  const rewritten = log.follow(previousIndex, previousTerm, entries);
  if (rewritten === undefined) {
    const hint = Math.min(previousIndex, log.lastIndex);
    const known = Math.max(hint, log.committed);
    raft.send({
      type: 'appendResponse',
      to,
      term,
      index: previousIndex,
      rejected: true,
      hint: known,
    });
    return;
  }
  raft.rewriteFrom(rewritten);
  const last = previousIndex + entries.length;
  log.committed = Math.max(log.committed, Math.min(message.committed, last));
  raft.send({ type: 'appendResponse', to, term, index: last, rejected: false, hint: 0 });
}

function countVote(raft: Raft, message: Of<'voteResponse' | 'preVoteResponse'>): void {
  if (raft.members.get(message.from)?.learner !== false) return;
  if (!raft.votes.has(message.from)) raft.votes.set(message.from, !message.rejected);
  let yes = 0;
  let no = 0;
  for (const vote of raft.votes.values()) {
    if (vote) yes++;
    else no++;
  }
  const quorum = quorumOf(raft.voters);
  if (yes >= quorum) raft.wonVotes();
  else if (no >= quorum) raft.becomeFollower(raft.term, 0n);
}

function lead(raft: Raft, message: Of<'proposal'>): void {
  if (!raft.members.has(raft.id) || raft.transferee !== 0n) return;
  const { data, change } = message;
  if (change && raft.pendingChange > raft.log.applied) return;
  if (change) raft.pendingChange = raft.log.lastIndex + 1;
  raft.appendEntry(change ? { change } : { data });
  for (const member of raft.members.values()) {
    if (member.id !== raft.id) raft.sendAppend(member, false);
  }
}

function noteAppended(raft: Raft, message: Of<'appendResponse'>): void {
  const member = raft.members.get(message.from);
  if (member === undefined) return;
  member.paused = false;
  if (message.rejected) {
    if (message.index < member.next && message.index > member.match) {
      member.next = Math.max(member.match + 1, Math.min(message.index, message.hint + 1));
      member.mode = 'probe';
      raft.sendAppend(member, true);
    }
    return;
  }
  const moved = message.index > member.match;
  if (moved) member.match = message.index;
  member.next = Math.max(member.next, message.index + 1);
  if (moved || member.mode === 'probe') {
    if (member.mode !== 'snapshot' || member.match + 1 >= raft.log.firstIndex) {
      if (member.mode !== 'replicate') member.next = member.match + 1;
      member.mode = 'replicate';
    }
  }
  if (raft.advanceCommit()) {
    releaseEarlyReads(raft);
    raft.broadcastAppend();
  } else if (member.next <= raft.log.lastIndex) {
    raft.sendAppend(member, false);
  }
  if (raft.transferee === member.id && member.match === raft.log.lastIndex) {
    raft.send({ type: 'timeoutNow', to: member.id, term: raft.term });
  }
}

/** Linearizable reads: the leader makes sure that it still leads, by a round of heartbeats. */
function confirmRead(raft: Raft, from: bigint, request: number): void {
  if (raft.log.termAt(raft.log.committed) !== raft.term) {
    raft.earlyReads.push({ from, request });
    return;
  }
  const index = raft.log.committed;
  if (raft.voters === 1 && raft.promotable) {
    answerRead(raft, { round: 0, from, request, index, heard: new Set() });
    return;
  }
  const round = ++raft.readRound;
  raft.reads.push({ round, from, request, index, heard: new Set([raft.id]) });
  raft.broadcastHeartbeat();
}

function noteRead(raft: Raft, message: Of<'heartbeatResponse'>): void {
  if (raft.reads.length === 0 || raft.members.get(message.from)?.learner !== false) return;
  const quorum = quorumOf(raft.voters);
  raft.reads = raft.reads.filter((read) => {
    if (read.round > message.read) return true;
    read.heard.add(message.from);
    if (read.heard.size < quorum) return true;
    answerRead(raft, read);
    return false;
  });
}

function answerRead(raft: Raft, read: PendingRead): void {
  const { from, request, index } = read;
  if (from === raft.id) raft.granted.push({ request, index });
  else raft.send({ type: 'readIndexResponse', to: from, term: raft.term, request, index });
}

function releaseEarlyReads(raft: Raft): void {
  const early = raft.earlyReads;
  raft.earlyReads = [];
  for (const { from, request } of early) confirmRead(raft, from, request);
}
