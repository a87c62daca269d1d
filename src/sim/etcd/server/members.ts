// The Cluster service: adding, removing, updating, promoting and listing members, with the rules that keep a
// change from breaking the quorum (strict reconfiguration checks).

import { epochSeconds, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { MembersResponse } from '../api.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import type { MembershipChange } from '../raft/message.ts';
import { quorumOf } from '../raft/progress.ts';
import { memberId } from './cluster.ts';
import type { Member } from './member.ts';
import type { Handler } from './services.ts';

/** How long a peer must have been connected to count when the membership changes. */
const HEALTHY_AFTER = 5 * SECOND;
/** The share of the leader's log that a learner must have to be promoted. */
const LEARNER_READY = 0.9;

export const memberAdd: Handler<'Cluster/MemberAdd'> = function* ({ member }, request, caller) {
  const { auth } = member.backend;
  const { peerUrls, isLearner } = request;
  const refusal = auth.refuseAdmin(caller) ?? refuseAdding(member, isLearner);
  if (refusal) return refusal;
  const now = String(Math.floor(epochSeconds(member.host.simulation.now)));
  const id = memberId(peerUrls, '', now);
  const type = isLearner ? 'addLearner' : 'addVoter';
  return yield* change(member, type, id, { peerUrls });
};

export const memberRemove: Handler<'Cluster/MemberRemove'> = function* (
  { member },
  { id },
  caller,
) {
  const refusal = member.backend.auth.refuseAdmin(caller) ?? refuseRemoving(member, id);
  if (refusal) return refusal;
  return yield* change(member, 'remove', id, undefined);
};

export const memberUpdate: Handler<'Cluster/MemberUpdate'> = function* (
  { member },
  request,
  caller,
) {
  const refusal = member.backend.auth.refuseAdmin(caller);
  if (refusal) return refusal;
  const { id, peerUrls } = request;
  return yield* change(member, 'update', id, { peerUrls });
};

export const memberPromote: Handler<'Cluster/MemberPromote'> = function* (
  services,
  request,
  caller,
) {
  const { member } = services;
  const { id } = request;
  const refusal = member.backend.auth.refuseAdmin(caller);
  if (refusal) return refusal;
  if (member.raft.role !== 'leader') {
    const answer = yield* services.askLeader('Cluster/MemberPromote', request);
    return answer ?? etcdErrors.timeout;
  }
  const progress = member.raft.members.get(id);
  const behind = progress && progress.match < member.raft.log.lastIndex * LEARNER_READY;
  if (progress?.learner && behind) return etcdErrors.learnerNotReady;
  return yield* change(member, 'addVoter', id, 'promote');
};

export const memberList: Handler<'Cluster/MemberList'> = function* (
  { member },
  { linearizable },
  caller,
) {
  const refusal = member.backend.auth.refuseNobody(caller);
  if (refusal) return refusal;
  if (linearizable) {
    const failure = yield* member.confirmRead();
    if (failure) return failure;
  }
  const header = { ...member.header(), revision: 0 };
  return { header, members: member.backend.cluster.list() };
};

/** Answers about members say nothing of the revision. */
function* change(
  member: Member,
  type: MembershipChange['type'],
  id: bigint,
  context: unknown,
): Routine<MembersResponse | EtcdError> {
  const answer = yield* member.changeMembership({ type, id, context });
  if (answer instanceof EtcdError) return answer;
  return { ...answer, header: { ...answer.header, revision: 0 } };
}

function refuseAdding(member: Member, isLearner: boolean): EtcdError | undefined {
  const voters = votersOf(member);
  const started = voters.filter((one) => one.name !== '').length;
  const few = started < quorumOf(voters.length + 1) && !(started === 1 && voters.length === 1);
  if (!isLearner && few) return etcdErrors.memberNotEnoughStarted;
  if (voters.length === 1) return undefined;
  const connected = connectedVoters(member);
  return connected < quorumOf(voters.length + 1) ? etcdErrors.unhealthy : undefined;
}

function refuseRemoving(member: Member, id: bigint): EtcdError | undefined {
  const leaving = member.backend.cluster.members.get(id);
  if (leaving === undefined || leaving.isLearner) return undefined;
  const voters = votersOf(member);
  const left = voters.filter((one) => one.id !== id);
  const started = left.filter((one) => one.name !== '').length;
  if (started < quorumOf(left.length)) return etcdErrors.memberNotEnoughStarted;
  const { id: own } = member.options;
  if (id !== own && member.host.connectedSince(id) === undefined) return undefined;
  const needed = 1 + Math.floor((voters.length - 1) / 2);
  return connectedVoters(member) - 1 < needed && voters.length > 1
    ? etcdErrors.unhealthy
    : undefined;
}

function votersOf(member: Member): { id: bigint; name: string }[] {
  return member.backend.cluster.list().filter((one) => !one.isLearner);
}

/** Voters that have been connected long enough to be relied on, this one among them. */
function connectedVoters(member: Member): number {
  const { host, options } = member;
  const before = host.simulation.now - HEALTHY_AFTER;
  return votersOf(member).filter(({ id }) => {
    if (id === options.id) return true;
    const since = host.connectedSince(id);
    return since !== undefined && since <= before;
  }).length;
}
