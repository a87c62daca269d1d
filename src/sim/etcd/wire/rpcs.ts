// The remote procedures of etcd's v3 API: what each takes and gives, and its path at the JSON gateway. Streams
// (watch, snapshot) are not among them; see watch-stream.ts and maintenance.

import type {
  AlarmResponse,
  AlarmType,
  CompactRequest,
  DeleteRangeRequest,
  DeleteRangeResponse,
  HashKvResponse,
  Header,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseListResponse,
  LeaseTimeToLiveResponse,
  MembersResponse,
  NamesResponse,
  Permission,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  StatusResponse,
  TxnRequest,
  TxnResponse,
} from '../api.ts';

/** An answer that says nothing beside its header. */
export interface Done {
  readonly header: Header;
}

type Empty = Readonly<Record<string, never>>;

/** Request and response of every procedure, by `Service/Method`. */
export interface Rpcs {
  'KV/Range': [RangeRequest, RangeResponse];
  'KV/Put': [PutRequest, PutResponse];
  'KV/DeleteRange': [DeleteRangeRequest, DeleteRangeResponse];
  'KV/Txn': [TxnRequest, TxnResponse];
  'KV/Compact': [CompactRequest, Done];
  'Lease/LeaseGrant': [{ readonly id: bigint; readonly ttl: number }, LeaseGrantResponse];
  'Lease/LeaseRevoke': [{ readonly id: bigint }, Done];
  'Lease/LeaseKeepAlive': [{ readonly id: bigint }, LeaseKeepAliveResponse];
  'Lease/LeaseTimeToLive': [
    { readonly id: bigint; readonly keys?: boolean },
    LeaseTimeToLiveResponse,
  ];
  'Lease/LeaseLeases': [Empty, LeaseListResponse];
  'Cluster/MemberAdd': [
    { readonly peerUrls: readonly string[]; readonly isLearner: boolean },
    MembersResponse,
  ];
  'Cluster/MemberRemove': [{ readonly id: bigint }, MembersResponse];
  'Cluster/MemberUpdate': [
    { readonly id: bigint; readonly peerUrls: readonly string[] },
    MembersResponse,
  ];
  'Cluster/MemberList': [{ readonly linearizable: boolean }, MembersResponse];
  'Cluster/MemberPromote': [{ readonly id: bigint }, MembersResponse];
  'Maintenance/Alarm': [
    {
      readonly action: 'GET' | 'ACTIVATE' | 'DEACTIVATE';
      readonly memberId: bigint;
      readonly alarm: AlarmType;
    },
    AlarmResponse,
  ];
  'Maintenance/Status': [Empty, StatusResponse];
  'Maintenance/Defragment': [Empty, Done];
  'Maintenance/HashKV': [{ readonly revision: number }, HashKvResponse];
  'Maintenance/MoveLeader': [{ readonly targetId: bigint }, Done];
  'Maintenance/Downgrade': [
    { readonly action: 'VALIDATE' | 'ENABLE' | 'CANCEL'; readonly version: string },
    { readonly header: Header; readonly version: string },
  ];
  'Auth/AuthEnable': [Empty, Done];
  'Auth/AuthDisable': [Empty, Done];
  'Auth/AuthStatus': [
    Empty,
    { readonly header: Header; readonly enabled: boolean; readonly authRevision: number },
  ];
  'Auth/Authenticate': [
    { readonly name: string; readonly password: string },
    { readonly header: Header; readonly token: string },
  ];
  'Auth/UserAdd': [
    { readonly name: string; readonly password: string; readonly noPassword: boolean },
    Done,
  ];
  'Auth/UserGet': [{ readonly name: string }, NamesResponse];
  'Auth/UserList': [Empty, NamesResponse];
  'Auth/UserDelete': [{ readonly name: string }, Done];
  'Auth/UserChangePassword': [{ readonly name: string; readonly password: string }, Done];
  'Auth/UserGrantRole': [{ readonly user: string; readonly role: string }, Done];
  'Auth/UserRevokeRole': [{ readonly name: string; readonly role: string }, Done];
  'Auth/RoleAdd': [{ readonly name: string }, Done];
  'Auth/RoleGet': [
    { readonly role: string },
    { readonly header: Header; readonly perm: readonly Permission[] },
  ];
  'Auth/RoleList': [Empty, NamesResponse];
  'Auth/RoleDelete': [{ readonly role: string }, Done];
  'Auth/RoleGrantPermission': [{ readonly name: string; readonly perm: Permission }, Done];
  'Auth/RoleRevokePermission': [
    { readonly role: string; readonly key: string; readonly rangeEnd: string },
    Done,
  ];
}

export type RpcName = keyof Rpcs;
export type RpcRequest<M extends RpcName> = Rpcs[M][0];
export type RpcResponse<M extends RpcName> = Rpcs[M][1];
