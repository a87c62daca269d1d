// What goes through raft's log: requests as clients made them, and what members tell one another about
// themselves. Every member applies them in the same order.

import type { Header, MembersResponse, NamesResponse } from '../api.ts';
import { type EtcdError, etcdErrors } from '../error.ts';
import {
  applyDeleteRange,
  applyLeaseRevoke,
  applyPut,
  applyTxn,
  type KvState,
} from '../mvcc/apply.ts';
import type { MembershipChange } from '../raft/message.ts';
import type { Done, RpcName, RpcRequest, RpcResponse, Rpcs } from '../wire/rpcs.ts';
import {
  type AuthStore,
  type Caller,
  refuseDeleteTo,
  refuseLeaseTo,
  refusePutTo,
  refuseTxnTo,
} from './auth.ts';
import type { Backend, DowngradeInfo } from './backend.ts';

/** What members propose on their own account. */
export interface OwnRequests {
  /** A member's name and client URLs. */
  publish: { readonly id: bigint; readonly name: string; readonly clientUrls: readonly string[] };
  clusterVersion: { readonly version: string };
  downgrade: DowngradeInfo;
  authenticate: { readonly name: string; readonly token: string };
}

export type ReplicatedRpc = keyof typeof APPLIERS;

/** One proposal; `id` tells the member that made it who waits for the result. */
export type Proposal = {
  readonly id: number;
  readonly from: bigint;
  readonly caller: Caller;
} & (
  | { [M in ReplicatedRpc]: { readonly method: M; readonly request: RpcRequest<M> } }[ReplicatedRpc]
  | {
      [M in keyof OwnRequests]: { readonly method: M; readonly request: OwnRequests[M] };
    }[keyof OwnRequests]
);

/** What proposals are applied to: the backend, as the member that applies it. */
export interface Applying extends KvState {
  readonly backend: Backend;
  readonly now: number;
}

type Applier<M extends RpcName> = (
  state: Applying,
  request: RpcRequest<M>,
  caller: Caller,
) => RpcResponse<M> | EtcdError;

const done = (state: Applying): Done => ({ header: currentHeader(state) });

const currentHeader = (state: Applying): Header => state.header(state.backend.store.revision);

/** Administrators' requests: refused to others before anything is done. */
function asAdmin<M extends RpcName>(
  action: (auth: AuthStore, request: RpcRequest<M>, caller: Caller) => EtcdError | undefined,
): (state: Applying, request: RpcRequest<M>, caller: Caller) => Done | EtcdError {
  return (state, request, caller) => {
    const { auth } = state.backend;
    return auth.refuseAdmin(caller) ?? action(auth, request, caller) ?? done(state);
  };
}

const names = (state: Applying, list: Iterable<string>): NamesResponse => ({
  header: currentHeader(state),
  names: [...list].sort(),
});

const applyCompact: Applier<'KV/Compact'> = (state, request) =>
  state.store.compact(request.revision) ?? done(state);

const applyLeaseGrant: Applier<'Lease/LeaseGrant'> = (state, request) => {
  const lease = state.lessor.grant(request.id, request.ttl, state.now);
  return 'code' in lease ? lease : { ...done(state), id: lease.id, ttl: lease.ttl };
};

const applyAlarm: Applier<'Maintenance/Alarm'> = (state, request) => {
  const { backend } = state;
  const { action, alarm } = request;
  const header = currentHeader(state);
  if (action === 'GET') return { header, alarms: backend.alarms };
  const matches = (one: { memberId: bigint; alarm: string }): boolean =>
    (request.memberId === 0n || one.memberId === request.memberId) &&
    (alarm === 'NONE' || one.alarm === alarm);
  if (action === 'ACTIVATE') {
    const raised = { memberId: request.memberId, alarm };
    if (!backend.alarms.some(matches)) backend.alarms = [...backend.alarms, raised];
    return { header, alarms: [raised] };
  }
  const alarms = backend.alarms.filter(matches);
  backend.alarms = backend.alarms.filter((one) => !matches(one));
  return { header, alarms };
};

const applyUserGet: Applier<'Auth/UserGet'> = (state, request, caller) => {
  const { auth } = state.backend;
  const refusal = auth.refuseAdmin(caller);
  if (refusal && caller.user !== request.name) return refusal;
  const user = auth.users.get(request.name);
  return user === undefined ? etcdErrors.userNotFound : names(state, user.roles);
};

const applyRoleGet: Applier<'Auth/RoleGet'> = (state, request, caller) => {
  const { auth } = state.backend;
  const refusal = auth.refuseAdmin(caller);
  if (refusal && !auth.users.get(caller.user)?.roles.includes(request.role)) return refusal;
  const perm = auth.roles.get(request.role);
  return perm === undefined ? etcdErrors.roleNotFound : { header: currentHeader(state), perm };
};

/** The requests that every member applies. */
export const APPLIERS = {
  'KV/Put': (state, request, caller) =>
    refuseFull(state) ??
    refusePutTo(state.backend.auth, state.lessor, caller, request) ??
    applyPut(state, request),
  'KV/DeleteRange': (state, request, caller) =>
    refuseDeleteTo(state.backend.auth, caller, request) ?? applyDeleteRange(state, request),
  'KV/Txn': (state, request, caller) =>
    (writes(request) ? refuseFull(state) : undefined) ??
    refuseTxnTo(state.backend.auth, state.lessor, caller, request) ??
    applyTxn(state, request),
  'KV/Compact': applyCompact,
  'Lease/LeaseGrant': (state, request, caller) =>
    refuseFull(state) ?? applyLeaseGrant(state, request, caller),
  'Lease/LeaseRevoke': (state, request, caller) =>
    refuseLeaseTo(state.backend.auth, state.lessor, caller, request.id) ??
    applyLeaseRevoke(state, request.id) ??
    done(state),
  'Maintenance/Alarm': applyAlarm,
  'Auth/AuthEnable': asAdmin<'Auth/AuthEnable'>((auth) => auth.enable()),
  'Auth/AuthDisable': asAdmin<'Auth/AuthDisable'>((auth) => {
    auth.disable();
    return undefined;
  }),
  'Auth/AuthStatus': (state, _, caller) => {
    const { auth } = state.backend;
    const refusal = auth.refuseAdmin(caller);
    return refusal ?? { ...done(state), enabled: auth.enabled, authRevision: auth.revision };
  },
  'Auth/UserAdd': asAdmin<'Auth/UserAdd'>((auth, { name, password, noPassword }) =>
    auth.addUser(name, password, noPassword),
  ),
  'Auth/UserGet': applyUserGet,
  'Auth/UserList': (state, _, caller) =>
    state.backend.auth.refuseAdmin(caller) ?? names(state, state.backend.auth.users.keys()),
  'Auth/UserDelete': asAdmin<'Auth/UserDelete'>((auth, { name }) => auth.deleteUser(name)),
  'Auth/UserChangePassword': asAdmin<'Auth/UserChangePassword'>((auth, { name, password }) =>
    auth.changePassword(name, password),
  ),
  'Auth/UserGrantRole': asAdmin<'Auth/UserGrantRole'>((auth, { user, role }) =>
    auth.grantRole(user, role),
  ),
  'Auth/UserRevokeRole': asAdmin<'Auth/UserRevokeRole'>((auth, { name, role }) =>
    auth.revokeRole(name, role),
  ),
  'Auth/RoleAdd': asAdmin<'Auth/RoleAdd'>((auth, { name }) => auth.addRole(name)),
  'Auth/RoleGet': applyRoleGet,
  'Auth/RoleList': (state, _, caller) =>
    state.backend.auth.refuseAdmin(caller) ?? names(state, state.backend.auth.roles.keys()),
  'Auth/RoleDelete': asAdmin<'Auth/RoleDelete'>((auth, { role }) => auth.deleteRole(role)),
  'Auth/RoleGrantPermission': asAdmin<'Auth/RoleGrantPermission'>((auth, { name, perm }) =>
    auth.grantPermission(name, perm),
  ),
  'Auth/RoleRevokePermission': asAdmin<'Auth/RoleRevokePermission'>(
    (auth, { role, key, rangeEnd }) => auth.revokePermission(role, key, rangeEnd),
  ),
} as const satisfies { readonly [M in RpcName]?: Applier<M> };

/** With the alarm NOSPACE on, nothing is taken that needs room. */
function refuseFull(state: Applying): EtcdError | undefined {
  const full = state.backend.alarms.some(({ alarm }) => alarm === 'NOSPACE');
  return full ? etcdErrors.noSpace : undefined;
}

/** True where a transaction may write more than it deletes. */
function writes(request: RpcRequest<'KV/Txn'>): boolean {
  return [...request.success, ...request.failure].some(
    (op) => 'put' in op || ('txn' in op && writes(op.txn)),
  );
}

/** Applies a proposal; the result goes to whoever waits for it at the member that proposed. */
export function applyProposal(state: Applying, proposal: Proposal): object | EtcdError {
  const { backend } = state;
  switch (proposal.method) {
    case 'publish': {
      const { id, name, clientUrls } = proposal.request;
      const known = backend.cluster.members.get(id);
      if (known) backend.cluster.set({ ...known, name, clientUrls });
      return {};
    }
    case 'clusterVersion':
      backend.clusterVersion = proposal.request.version;
      return {};
    case 'downgrade':
      backend.downgrade = proposal.request;
      return {};
    case 'authenticate': {
      const { name, token } = proposal.request;
      backend.auth.tokens.set(token, { user: name, authRevision: backend.auth.revision });
      return {};
    }
    default: {
      const apply = APPLIERS[proposal.method] as Applier<RpcName>;
      return apply(state, proposal.request as Rpcs[RpcName][0], proposal.caller);
    }
  }
}

/** Applies a change of membership to what etcd knows of the members; raft's part is done by the caller. */
export function applyMembership(
  state: Applying,
  change: MembershipChange,
): MembersResponse | EtcdError {
  const { cluster } = state.backend;
  const context = change.context as { peerUrls: readonly string[] };
  const known = cluster.members.get(change.id);
  let refusal: EtcdError | undefined;
  let member = known;
  if (change.type === 'remove') refusal = cluster.refuseRemove(change.id);
  else if (change.type === 'update') refusal = cluster.refuseUpdate(change.id, context.peerUrls);
  else if (change.type === 'addVoter' && change.context === 'promote') {
    refusal = cluster.refusePromote(change.id);
  } else {
    const isLearner = change.type === 'addLearner';
    const { peerUrls } = context;
    member = { id: change.id, name: '', peerUrls, clientUrls: [], isLearner };
    refusal = cluster.refuseAdd(member);
  }
  if (refusal) return refusal;
  if (change.type === 'remove') cluster.remove(change.id);
  else if (change.type === 'update' && known) cluster.set({ ...known, peerUrls: context.peerUrls });
  else if (change.context === 'promote' && known) cluster.set({ ...known, isLearner: false });
  else if (member) cluster.set(member);
  const header = state.header(state.backend.store.revision);
  const answer = { header, members: cluster.list() };
  return change.type === 'addVoter' || change.type === 'addLearner'
    ? { ...answer, member: member as NonNullable<typeof member> }
    : answer;
}
