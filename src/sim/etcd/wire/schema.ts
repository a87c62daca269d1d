// The fields of etcd's messages: what they are called here, what in protobuf (and so in JSON), and of what kind
// they are. From this table follow `etcdctl -w json` and both directions of the JSON gateway.

/**
 * [name here, name in protobuf, kind]. Kinds: `int` (a number), `int32`, `uint` (a 64-bit bigint), `bool`, `string`,
 * `key` (a binary string), `content`, an enumeration, a message; `[]` after it marks a list.
 */
export type Field = readonly [string, string, string];

/** Names of enumerations by number, as values are written here. */
export const ENUMS: Readonly<Record<string, readonly string[]>> = {
  SortOrder: ['none', 'ascend', 'descend'],
  SortTarget: ['key', 'version', 'create', 'mod', 'value'],
  CompareResult: ['equal', 'greater', 'less', 'notEqual'],
  CompareTarget: ['version', 'create', 'mod', 'value', 'lease'],
  EventType: ['PUT', 'DELETE'],
  AlarmType: ['NONE', 'NOSPACE', 'CORRUPT'],
  AlarmAction: ['GET', 'ACTIVATE', 'DEACTIVATE'],
  DowngradeAction: ['VALIDATE', 'ENABLE', 'CANCEL'],
  PermissionType: ['READ', 'WRITE', 'READWRITE'],
};

/** Names that JSON uses for an enumeration where they are not the ones above in capitals. */
export const ENUM_JSON: Readonly<Record<string, string>> = { notEqual: 'NOT_EQUAL' };

const HEADER: Field = ['header', 'header', 'Header'];
const ID: Field = ['id', 'ID', 'uint'];
const NAME: Field = ['name', 'name', 'string'];

/** Fields in the order in which they are written. */
export const MESSAGES: Readonly<Record<string, readonly Field[]>> = {
  Empty: [],
  Header: [
    ['clusterId', 'cluster_id', 'uint'],
    ['memberId', 'member_id', 'uint'],
    ['revision', 'revision', 'int'],
    ['raftTerm', 'raft_term', 'int'],
  ],
  KeyValue: [
    ['key', 'key', 'key'],
    ['createRevision', 'create_revision', 'int'],
    ['modRevision', 'mod_revision', 'int'],
    ['version', 'version', 'int'],
    ['value', 'value', 'content'],
    ['lease', 'lease', 'uint'],
  ],
  Event: [
    ['type', 'type', 'EventType'],
    ['kv', 'kv', 'KeyValue'],
    ['prevKv', 'prev_kv', 'KeyValue'],
  ],
  RangeRequest: [
    ['key', 'key', 'key'],
    ['rangeEnd', 'range_end', 'key'],
    ['limit', 'limit', 'int'],
    ['revision', 'revision', 'int'],
    ['sortOrder', 'sort_order', 'SortOrder'],
    ['sortTarget', 'sort_target', 'SortTarget'],
    ['serializable', 'serializable', 'bool'],
    ['keysOnly', 'keys_only', 'bool'],
    ['countOnly', 'count_only', 'bool'],
    ['minModRevision', 'min_mod_revision', 'int'],
    ['maxModRevision', 'max_mod_revision', 'int'],
    ['minCreateRevision', 'min_create_revision', 'int'],
    ['maxCreateRevision', 'max_create_revision', 'int'],
  ],
  RangeResponse: [
    HEADER,
    ['kvs', 'kvs', 'KeyValue[]'],
    ['more', 'more', 'bool'],
    ['count', 'count', 'int'],
  ],
  PutRequest: [
    ['key', 'key', 'key'],
    ['value', 'value', 'content'],
    ['lease', 'lease', 'uint'],
    ['prevKv', 'prev_kv', 'bool'],
    ['ignoreValue', 'ignore_value', 'bool'],
    ['ignoreLease', 'ignore_lease', 'bool'],
  ],
  PutResponse: [HEADER, ['prevKv', 'prev_kv', 'KeyValue']],
  DeleteRangeRequest: [
    ['key', 'key', 'key'],
    ['rangeEnd', 'range_end', 'key'],
    ['prevKv', 'prev_kv', 'bool'],
  ],
  DeleteRangeResponse: [
    HEADER,
    ['deleted', 'deleted', 'int'],
    ['prevKvs', 'prev_kvs', 'KeyValue[]'],
  ],
  RequestOp: [
    ['range', 'request_range', 'RangeRequest'],
    ['put', 'request_put', 'PutRequest'],
    ['deleteRange', 'request_delete_range', 'DeleteRangeRequest'],
    ['txn', 'request_txn', 'TxnRequest'],
  ],
  ResponseOp: [
    ['range', 'response_range', 'RangeResponse'],
    ['put', 'response_put', 'PutResponse'],
    ['deleteRange', 'response_delete_range', 'DeleteRangeResponse'],
    ['txn', 'response_txn', 'TxnResponse'],
  ],
  Compare: [
    ['result', 'result', 'CompareResult'],
    ['target', 'target', 'CompareTarget'],
    ['key', 'key', 'key'],
    ['rangeEnd', 'range_end', 'key'],
    ['versionOperand', 'version', 'int'],
    ['createOperand', 'create_revision', 'int'],
    ['modOperand', 'mod_revision', 'int'],
    ['valueOperand', 'value', 'content'],
    ['leaseOperand', 'lease', 'uint'],
  ],
  TxnRequest: [
    ['compare', 'compare', 'Compare[]'],
    ['success', 'success', 'RequestOp[]'],
    ['failure', 'failure', 'RequestOp[]'],
  ],
  TxnResponse: [
    HEADER,
    ['succeeded', 'succeeded', 'bool'],
    ['responses', 'responses', 'ResponseOp[]'],
  ],
  CompactRequest: [
    ['revision', 'revision', 'int'],
    ['physical', 'physical', 'bool'],
  ],
  Done: [HEADER],
  WatchRequest: [
    ['key', 'key', 'key'],
    ['rangeEnd', 'range_end', 'key'],
    ['startRevision', 'start_revision', 'int'],
    ['progressNotify', 'progress_notify', 'bool'],
    ['prevKv', 'prev_kv', 'bool'],
  ],
  WatchResponse: [
    HEADER,
    ['created', 'created', 'bool'],
    ['canceled', 'canceled', 'bool'],
    ['compactRevision', 'compact_revision', 'int'],
    ['cancelReason', 'cancel_reason', 'string'],
    ['events', 'events', 'Event[]'],
  ],
  LeaseRequest: [
    ['ttl', 'TTL', 'int'],
    ['id', 'ID', 'uint'],
    ['keys', 'keys', 'bool'],
  ],
  LeaseResponse: [HEADER, ID, ['ttl', 'TTL', 'int']],
  LeaseTimeToLiveResponse: [
    HEADER,
    ID,
    ['ttl', 'TTL', 'int'],
    ['grantedTtl', 'grantedTTL', 'int'],
    ['keys', 'keys', 'key[]'],
  ],
  LeaseListResponse: [HEADER, ['leases', 'leases', 'LeaseStatus[]']],
  LeaseStatus: [ID],
  Member: [
    ID,
    NAME,
    ['peerUrls', 'peerURLs', 'string[]'],
    ['clientUrls', 'clientURLs', 'string[]'],
    ['isLearner', 'isLearner', 'bool'],
  ],
  MemberRequest: [
    ID,
    ['peerUrls', 'peerURLs', 'string[]'],
    ['isLearner', 'isLearner', 'bool'],
    ['linearizable', 'linearizable', 'bool'],
  ],
  MembersResponse: [HEADER, ['member', 'member', 'Member'], ['members', 'members', 'Member[]']],
  AlarmRequest: [
    ['action', 'action', 'AlarmAction'],
    ['memberId', 'memberID', 'uint'],
    ['alarm', 'alarm', 'AlarmType'],
  ],
  AlarmMember: [
    ['memberId', 'memberID', 'uint'],
    ['alarm', 'alarm', 'AlarmType'],
  ],
  AlarmResponse: [HEADER, ['alarms', 'alarms', 'AlarmMember[]']],
  StatusResponse: [
    HEADER,
    ['version', 'version', 'string'],
    ['dbSize', 'dbSize', 'int'],
    ['leader', 'leader', 'uint'],
    ['raftIndex', 'raftIndex', 'int'],
    ['raftTerm', 'raftTerm', 'int'],
    ['raftAppliedIndex', 'raftAppliedIndex', 'int'],
    ['errors', 'errors', 'string[]'],
    ['dbSizeInUse', 'dbSizeInUse', 'int'],
    ['isLearner', 'isLearner', 'bool'],
    ['storageVersion', 'storageVersion', 'string'],
    ['dbSizeQuota', 'dbSizeQuota', 'int'],
    ['downgradeInfo', 'downgradeInfo', 'DowngradeInfo'],
  ],
  DowngradeInfo: [
    ['enabled', 'enabled', 'bool'],
    ['targetVersion', 'targetVersion', 'string'],
  ],
  HashKvRequest: [['revision', 'revision', 'int']],
  HashKvResponse: [
    HEADER,
    ['hash', 'hash', 'int32'],
    ['compactRevision', 'compact_revision', 'int'],
    ['hashRevision', 'hash_revision', 'int'],
  ],
  MoveLeaderRequest: [['targetId', 'targetID', 'uint']],
  DowngradeRequest: [
    ['action', 'action', 'DowngradeAction'],
    ['version', 'version', 'string'],
  ],
  DowngradeResponse: [HEADER, ['version', 'version', 'string']],
  AuthStatusResponse: [
    HEADER,
    ['enabled', 'enabled', 'bool'],
    ['authRevision', 'authRevision', 'int'],
  ],
  AuthenticateRequest: [NAME, ['password', 'password', 'string']],
  AuthenticateResponse: [HEADER, ['token', 'token', 'string']],
  UserAddRequest: [NAME, ['password', 'password', 'string']],
  UserRoleRequest: [NAME, ['user', 'user', 'string'], ['role', 'role', 'string']],
  UserGetResponse: [HEADER, ['names', 'roles', 'string[]']],
  UserListResponse: [HEADER, ['names', 'users', 'string[]']],
  RoleListResponse: [HEADER, ['names', 'roles', 'string[]']],
  RoleRequest: [NAME, ['role', 'role', 'string']],
  RoleGetResponse: [HEADER, ['perm', 'perm', 'Permission[]']],
  RolePermissionRequest: [
    NAME,
    ['role', 'role', 'string'],
    ['perm', 'perm', 'Permission'],
    ['key', 'key', 'key'],
    ['rangeEnd', 'range_end', 'key'],
  ],
  Permission: [
    ['permType', 'permType', 'PermissionType'],
    ['key', 'key', 'key'],
    ['rangeEnd', 'range_end', 'key'],
  ],
};
