// The services that a member offers to clients: what is checked before a request goes to raft, what is answered
// from the member's own state, and what only the leader can do.

import { epochMilliseconds, MILLISECOND } from '../../core/time.ts';
import { type Routine, waitUntil } from '../../core/wait.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import { applyRange, applyTxn } from '../mvcc/apply.ts';
import { checkDeleteRange, checkPut, checkRange, checkTxn } from '../mvcc/check.ts';
import { hashKv } from '../mvcc/hash.ts';
import { transferTo } from '../raft/step.ts';
import type { RpcName, RpcRequest, RpcResponse } from '../wire/rpcs.ts';
import { type Caller, nobody, refuseTxnTo } from './auth.ts';
import { SERVER_VERSION, STORAGE_VERSION } from './backend.ts';
import { downgrade } from './downgrade.ts';
import { keepAlive, LeaseClock, timeToLive } from './leases.ts';
import type { Member } from './member.ts';
import { memberAdd, memberList, memberPromote, memberRemove, memberUpdate } from './members.ts';
import type { ReplicatedRpc } from './proposal.ts';
import { costOfPut, costOfTxn, LEASE_COST, refuseForQuota } from './quota.ts';

/** Asks the leader what only it knows; undefined where it cannot be reached. */
export type AskLeader = <M extends RpcName>(
  method: M,
  request: RpcRequest<M>,
) => Routine<RpcResponse<M> | EtcdError | undefined>;

/** A member with what its services need beside it. */
export interface Services {
  readonly member: Member;
  readonly leases: LeaseClock;
  readonly askLeader: AskLeader;
}

/** How one request is answered. */
export type Handler<M extends RpcName> = (
  services: Services,
  request: RpcRequest<M>,
  caller: Caller,
) => Routine<RpcResponse<M> | EtcdError>;

/** The services of a member; `askLeader` reaches the leader where that is another one. */
export function newServices(member: Member, askLeader: AskLeader): Services {
  const leases = new LeaseClock(member);
  member.onRoleChange = () => leases.schedule();
  leases.schedule();
  return { member, leases, askLeader };
}

/** Answers a request; `token` is the one that Authenticate gave, where the client has one. */
export function* serve<M extends RpcName>(
  services: Services,
  method: M,
  request: RpcRequest<M>,
  token: string | undefined,
): Routine<RpcResponse<M> | EtcdError> {
  const { member } = services;
  if (member.isLearner && !isForLearners(method, request)) return etcdErrors.notSupportedForLearner;
  const caller = callerOf(member, token);
  if (caller instanceof EtcdError) return caller;
  const handler = HANDLERS[method] as Handler<M>;
  return yield* handler(services, request, caller);
}

/** Who a token was given to; nobody where there is none. */
export function callerOf(member: Member, token: string | undefined): Caller | EtcdError {
  if (token === undefined) return nobody;
  return member.backend.auth.tokens.get(token) ?? etcdErrors.invalidAuthToken;
}

function isForLearners(method: RpcName, request: object): boolean {
  if (method === 'Maintenance/Status') return true;
  return method === 'KV/Range' && (request as RpcRequest<'KV/Range'>).serializable === true;
}

/** Sends a request through raft as it is. */
function replicated<M extends ReplicatedRpc>(method: M): Handler<M> {
  return ({ member }, request, caller) =>
    member.propose(method, request as never, caller) as Routine<RpcResponse<M> | EtcdError>;
}

const raftPut = replicated('KV/Put');
const raftDelete = replicated('KV/DeleteRange');
const raftTxn = replicated('KV/Txn');
const raftGrant = replicated('Lease/LeaseGrant');

const range: Handler<'KV/Range'> = function* ({ member }, request, caller) {
  const refusal = checkRange(request);
  if (refusal) return refusal;
  if (!request.serializable) {
    const failure = yield* member.confirmRead();
    if (failure) return failure;
  }
  const { auth } = member.backend;
  return (
    auth.refuseRead(caller, request.key, request.rangeEnd) ?? applyRange(member.applying(), request)
  );
};

const put: Handler<'KV/Put'> = function* (services, request, caller) {
  const refusal =
    checkPut(request) ??
    refuseSize(services.member, costOfPut(request)) ??
    (yield* refuseForQuota(services.member, costOfPut(request)));
  return refusal ?? (yield* raftPut(services, request, caller));
};

const deleteRange: Handler<'KV/DeleteRange'> = function* (services, request, caller) {
  return checkDeleteRange(request) ?? (yield* raftDelete(services, request, caller));
};

const txn: Handler<'KV/Txn'> = function* (services, request, caller) {
  const { member } = services;
  const cost = costOfTxn(request);
  const refusal =
    checkTxn(request) ?? refuseSize(member, cost) ?? (yield* refuseForQuota(member, cost));
  if (refusal) return refusal;
  if (!isReadOnly(request)) return yield* raftTxn(services, request, caller);
  const failure = yield* member.confirmRead();
  if (failure) return failure;
  const { auth, lessor } = member.backend;
  return refuseTxnTo(auth, lessor, caller, request) ?? applyTxn(member.applying(), request);
};

function isReadOnly(request: RpcRequest<'KV/Txn'>): boolean {
  return [...request.success, ...request.failure].every(
    (op) => 'range' in op || ('txn' in op && isReadOnly(op.txn)),
  );
}

function refuseSize(member: Member, bytes: number): EtcdError | undefined {
  return bytes > member.options.maxRequestBytes ? etcdErrors.requestTooLarge : undefined;
}

const leaseGrant: Handler<'Lease/LeaseGrant'> = function* (services, request, caller) {
  const { member } = services;
  const refusal =
    member.backend.auth.refuseNobody(caller) ?? (yield* refuseForQuota(member, LEASE_COST));
  if (refusal) return refusal;
  const id = request.id === 0n ? newLeaseId(member) : request.id;
  const answer = yield* raftGrant(services, { ...request, id }, caller);
  services.leases.schedule();
  return answer;
};

/** An id as etcd makes it: the member's low bits, then the time in milliseconds, then a count. */
function newLeaseId(member: Member): bigint {
  const { simulation } = member.host;
  const milliseconds = BigInt(Math.floor(epochMilliseconds(simulation.now)));
  const low = ((milliseconds << 8n) + BigInt(member.nextRequest() & 0xff)) & 0xffffffffffffn;
  return (((member.options.id & 0xffffn) << 48n) | low) & 0x7fffffffffffffffn;
}

const leaseKeepAlive: Handler<'Lease/LeaseKeepAlive'> = function* (services, request) {
  const { member } = services;
  const header = member.header();
  if (member.raft.role === 'leader') {
    const answer = keepAlive(member, header, request.id);
    services.leases.schedule();
    return answer;
  }
  const answer = yield* services.askLeader('Lease/LeaseKeepAlive', request);
  if (answer === undefined) return etcdErrors.timeout;
  return answer instanceof EtcdError ? answer : { ...answer, header };
};

const leaseTimeToLive: Handler<'Lease/LeaseTimeToLive'> = function* (services, request, caller) {
  const { member } = services;
  const header = member.header();
  const refusal = request.keys ? refuseLeaseKeys(member, request.id, caller) : undefined;
  if (refusal) return refusal;
  if (member.raft.role === 'leader') {
    return timeToLive(member, header, request.id, request.keys ?? false);
  }
  const answer = yield* services.askLeader('Lease/LeaseTimeToLive', request);
  if (answer === undefined) return etcdErrors.timeout;
  return answer instanceof EtcdError ? answer : { ...answer, header };
};

function refuseLeaseKeys(member: Member, id: bigint, caller: Caller): EtcdError | undefined {
  for (const key of member.backend.lessor.leases.get(id)?.keys ?? []) {
    const refusal = member.backend.auth.refuseRead(caller, key);
    if (refusal) return refusal;
  }
  return undefined;
}

const leaseLeases: Handler<'Lease/LeaseLeases'> = function* ({ member }) {
  const leases = [...member.backend.lessor.leases.values()].sort((a, b) => a.expiry - b.expiry);
  return { header: member.header(), leases: leases.map((lease) => lease.id) };
};

const status: Handler<'Maintenance/Status'> = function* ({ member }, _, caller) {
  const { backend, raft, options } = member;
  const refusal = backend.auth.refuseNobody(caller);
  if (refusal) return refusal;
  const errors = raft.leader === 0n ? [etcdErrors.noLeader.message] : [];
  for (const { memberId, alarm } of backend.alarms) {
    errors.push(`memberID:${memberId} alarm:${alarm} `);
  }
  return {
    header: member.header(),
    version: SERVER_VERSION,
    dbSize: backend.store.bytesAllocated,
    leader: raft.leader,
    raftIndex: raft.log.committed,
    raftTerm: raft.term,
    raftAppliedIndex: backend.index,
    errors,
    dbSizeInUse: backend.store.bytesInUse,
    isLearner: member.isLearner,
    storageVersion: backend.clusterVersion || STORAGE_VERSION,
    dbSizeQuota: options.quota,
    downgradeInfo: backend.downgrade,
  };
};

const alarm: Handler<'Maintenance/Alarm'> = function* (services, request, caller) {
  const { auth } = services.member.backend;
  const refusal = request.action === 'GET' ? auth.refuseNobody(caller) : auth.refuseAdmin(caller);
  return refusal ?? (yield* replicated('Maintenance/Alarm')(services, request, caller));
};

const defragment: Handler<'Maintenance/Defragment'> = function* ({ member }, _, caller) {
  const refusal = member.backend.auth.refuseAdmin(caller);
  if (refusal) return refusal;
  member.backend.store.defragment();
  return { header: member.header() };
};

const hash: Handler<'Maintenance/HashKV'> = function* ({ member }, request, caller) {
  const { auth, store } = member.backend;
  const revision = request.revision > 0 ? request.revision : store.revision;
  const refusal = auth.refuseAdmin(caller) ?? store.unreadable(revision);
  if (refusal) return refusal;
  return {
    header: member.header(),
    hash: hashKv(store, revision),
    compactRevision: store.compacted,
    hashRevision: revision,
  };
};

const moveLeader: Handler<'Maintenance/MoveLeader'> = function* ({ member }, request, caller) {
  const { raft, backend, options, host } = member;
  const refusal = backend.auth.refuseAdmin(caller);
  if (refusal) return refusal;
  if (raft.role !== 'leader') return etcdErrors.notLeader;
  const to = backend.cluster.members.get(request.targetId);
  if (to === undefined || to.isLearner) return etcdErrors.badLeaderTransferee;
  if (to.id === options.id) return { header: member.header() };
  transferTo(raft, to.id);
  member.pump();
  const until = host.simulation.now + options.electionTimeout * MILLISECOND;
  const moved = yield* waitUntil(member.changed, () => raft.leader === to.id, until);
  return moved ? { header: member.header() } : etcdErrors.timeoutLeaderTransfer;
};

const authenticate: Handler<'Auth/Authenticate'> = function* ({ member }, { name, password }) {
  const { auth } = member.backend;
  const refusal = auth.authenticate(name, password);
  if (refusal) return refusal;
  const letters = member.host.simulation.random.fork(
    `token ${member.nextRequest()} ${member.options.id}`,
  );
  const token = `${letters.letters(16, TOKEN_LETTERS)}.${member.backend.index + 1}`;
  const answer = yield* member.propose('authenticate', { name, token });
  return answer instanceof EtcdError ? answer : { header: member.header(), token };
};

const TOKEN_LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Who answers what. */
const HANDLERS: { readonly [M in RpcName]: Handler<M> } = {
  'KV/Range': range,
  'KV/Put': put,
  'KV/DeleteRange': deleteRange,
  'KV/Txn': txn,
  'KV/Compact': replicated('KV/Compact'),
  'Lease/LeaseGrant': leaseGrant,
  'Lease/LeaseRevoke': replicated('Lease/LeaseRevoke'),
  'Lease/LeaseKeepAlive': leaseKeepAlive,
  'Lease/LeaseTimeToLive': leaseTimeToLive,
  'Lease/LeaseLeases': leaseLeases,
  'Cluster/MemberAdd': memberAdd,
  'Cluster/MemberRemove': memberRemove,
  'Cluster/MemberUpdate': memberUpdate,
  'Cluster/MemberList': memberList,
  'Cluster/MemberPromote': memberPromote,
  'Maintenance/Alarm': alarm,
  'Maintenance/Status': status,
  'Maintenance/Defragment': defragment,
  'Maintenance/HashKV': hash,
  'Maintenance/MoveLeader': moveLeader,
  'Maintenance/Downgrade': downgrade,
  'Auth/AuthEnable': replicated('Auth/AuthEnable'),
  'Auth/AuthDisable': replicated('Auth/AuthDisable'),
  'Auth/AuthStatus': replicated('Auth/AuthStatus'),
  'Auth/Authenticate': authenticate,
  'Auth/UserAdd': replicated('Auth/UserAdd'),
  'Auth/UserGet': replicated('Auth/UserGet'),
  'Auth/UserList': replicated('Auth/UserList'),
  'Auth/UserDelete': replicated('Auth/UserDelete'),
  'Auth/UserChangePassword': replicated('Auth/UserChangePassword'),
  'Auth/UserGrantRole': replicated('Auth/UserGrantRole'),
  'Auth/UserRevokeRole': replicated('Auth/UserRevokeRole'),
  'Auth/RoleAdd': replicated('Auth/RoleAdd'),
  'Auth/RoleGet': replicated('Auth/RoleGet'),
  'Auth/RoleList': replicated('Auth/RoleList'),
  'Auth/RoleDelete': replicated('Auth/RoleDelete'),
  'Auth/RoleGrantPermission': replicated('Auth/RoleGrantPermission'),
  'Auth/RoleRevokePermission': replicated('Auth/RoleRevokePermission'),
};
