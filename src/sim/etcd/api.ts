// The messages of etcd's v3 API (etcdserverpb.KV, Watch, Lease), as values in memory. Keys are binary strings
// (one character per byte), values are Content. On the real wire these are protobuf.

import type { Content } from '../core/content.ts';

/** One key as it stood at a revision. `version` is 0 in the tombstone of a deleted key. */
export interface KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly value: Content;
  /** The lease that the key hangs on; 0n for none. */
  readonly lease: bigint;
}

/** What every answer begins with. */
export interface Header {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly revision: number;
  readonly raftTerm: number;
}

export type SortOrder = 'none' | 'ascend' | 'descend';
export type SortTarget = 'key' | 'version' | 'create' | 'mod' | 'value';

/** Reads a key, or the keys in [key, rangeEnd). A `rangeEnd` of "\0" means: to the end. */
export interface RangeRequest {
  readonly key: string;
  readonly rangeEnd?: string;
  /** Keys at the most; 0 or absent for all. */
  readonly limit?: number;
  /** The revision to read at; 0 or less for the newest. */
  readonly revision?: number;
  readonly sortOrder?: SortOrder;
  readonly sortTarget?: SortTarget;
  /** Answer from the member's own state, without asking the quorum. */
  readonly serializable?: boolean;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
  readonly minModRevision?: number;
  readonly maxModRevision?: number;
  readonly minCreateRevision?: number;
  readonly maxCreateRevision?: number;
}

export interface RangeResponse {
  readonly header: Header;
  readonly kvs: readonly KeyValue[];
  /** True where `limit` cut the answer. */
  readonly more: boolean;
  /** Keys in the range, whatever the limit. */
  readonly count: number;
}

export interface PutRequest {
  readonly key: string;
  readonly value: Content;
  readonly lease?: bigint;
  readonly prevKv?: boolean;
  readonly ignoreValue?: boolean;
  readonly ignoreLease?: boolean;
}

export interface PutResponse {
  readonly header: Header;
  readonly prevKv?: KeyValue | undefined;
}

export interface DeleteRangeRequest {
  readonly key: string;
  readonly rangeEnd?: string;
  readonly prevKv?: boolean;
}

export interface DeleteRangeResponse {
  readonly header: Header;
  readonly deleted: number;
  readonly prevKvs: readonly KeyValue[];
}

export type CompareResult = 'equal' | 'greater' | 'less' | 'notEqual';

/** What a comparison looks at, with the operand beside it. */
export type CompareOperand =
  | { readonly target: 'version' | 'create' | 'mod'; readonly operand: number }
  | { readonly target: 'lease'; readonly operand: bigint }
  | { readonly target: 'value'; readonly operand: Content };

/** One condition of a transaction, on a key or on every key of a range. */
export type Compare = CompareOperand & {
  readonly key: string;
  readonly rangeEnd?: string;
  readonly result: CompareResult;
};

/** One operation of a transaction. */
export type RequestOp =
  | { readonly range: RangeRequest }
  | { readonly put: PutRequest }
  | { readonly deleteRange: DeleteRangeRequest }
  | { readonly txn: TxnRequest };

/** If all of `compare` holds then `success`, else `failure`; all or nothing, in one revision. */
export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}

/** The answer to one operation; headers inside carry the revision alone. */
export type ResponseOp =
  | { readonly range: RangeResponse }
  | { readonly put: PutResponse }
  | { readonly deleteRange: DeleteRangeResponse }
  | { readonly txn: TxnResponse };

export interface TxnResponse {
  readonly header: Header;
  readonly succeeded: boolean;
  readonly responses: readonly ResponseOp[];
}

export interface CompactRequest {
  readonly revision: number;
  /** Wait until the space is free in the backend too. */
  readonly physical?: boolean;
}

export interface WatchRequest {
  readonly key: string;
  readonly rangeEnd?: string;
  /** The first revision to tell of; 0 or absent: from now on. */
  readonly startRevision?: number;
  readonly prevKv?: boolean;
  /** Send the current revision every ten minutes in which nothing else was sent. */
  readonly progressNotify?: boolean;
  readonly noPut?: boolean;
  readonly noDelete?: boolean;
  /** End the watch when the member it hangs on has lost its leader. */
  readonly requireLeader?: boolean;
}

export interface WatchEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly kv: KeyValue;
  readonly prevKv?: KeyValue | undefined;
}

/** Events of one or more whole revisions, or (without events) a notice. */
export interface WatchResponse {
  readonly header: Header;
  readonly events: readonly WatchEvent[];
  readonly canceled: boolean;
  /** Where the watch asked for revisions that are gone: the compaction's revision. */
  readonly compactRevision: number;
  readonly cancelReason: string;
}

export interface LeaseGrantResponse {
  readonly header: Header;
  readonly id: bigint;
  /** The granted time to live in seconds. */
  readonly ttl: number;
}

export interface LeaseKeepAliveResponse {
  readonly header: Header;
  readonly id: bigint;
  /** Seconds to live from now; 0 where there is no such lease any more. */
  readonly ttl: number;
}

export interface LeaseTimeToLiveResponse {
  readonly header: Header;
  readonly id: bigint;
  /** Seconds that remain; -1 where there is no such lease. */
  readonly ttl: number;
  readonly grantedTtl: number;
  readonly keys: readonly string[];
}

export interface LeaseListResponse {
  readonly header: Header;
  readonly leases: readonly bigint[];
}

/** A member of the cluster. One that was added and never started has no name and no client URLs. */
export interface Member {
  readonly id: bigint;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface MembersResponse {
  readonly header: Header;
  /** The member that was added. */
  readonly member?: Member;
  readonly members: readonly Member[];
}

export type AlarmType = 'NONE' | 'NOSPACE' | 'CORRUPT';

export interface AlarmMember {
  readonly memberId: bigint;
  readonly alarm: AlarmType;
}

export interface AlarmResponse {
  readonly header: Header;
  readonly alarms: readonly AlarmMember[];
}

export interface StatusResponse {
  readonly header: Header;
  readonly version: string;
  readonly dbSize: number;
  readonly leader: bigint;
  readonly raftIndex: number;
  readonly raftTerm: number;
  readonly raftAppliedIndex: number;
  readonly errors: readonly string[];
  readonly dbSizeInUse: number;
  readonly isLearner: boolean;
  readonly storageVersion: string;
  readonly dbSizeQuota: number;
  readonly downgradeInfo: { readonly enabled: boolean; readonly targetVersion: string };
}

export interface HashKvResponse {
  readonly header: Header;
  readonly hash: number;
  readonly compactRevision: number;
  readonly hashRevision: number;
}

export type PermissionType = 'READ' | 'WRITE' | 'READWRITE';

/** What a role may do with a key, or with the keys of a range. */
export interface Permission {
  readonly permType: PermissionType;
  readonly key: string;
  readonly rangeEnd: string;
}

export interface NamesResponse {
  readonly header: Header;
  readonly names: readonly string[];
}
