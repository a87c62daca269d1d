// What etcd refuses, in its own words, with the gRPC status code that travels beside them.

/** The gRPC status codes that etcd answers with. */
export type GrpcCode =
  | 'Canceled'
  | 'Unknown'
  | 'InvalidArgument'
  | 'DeadlineExceeded'
  | 'NotFound'
  | 'PermissionDenied'
  | 'ResourceExhausted'
  | 'FailedPrecondition'
  | 'OutOfRange'
  | 'Unimplemented'
  | 'DataLoss'
  | 'Internal'
  | 'Unavailable'
  | 'Unauthenticated';

/** A refused request. A value, never thrown; `instanceof` tells it from an answer. */
export class EtcdError {
  readonly code: GrpcCode;
  readonly message: string;

  constructor(code: GrpcCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

const invalid = (text: string): EtcdError =>
  new EtcdError('InvalidArgument', `etcdserver: ${text}`);
const failed = (text: string): EtcdError =>
  new EtcdError('FailedPrecondition', `etcdserver: ${text}`);
const notFound = (text: string): EtcdError => new EtcdError('NotFound', `etcdserver: ${text}`);
const unavailable = (text: string): EtcdError =>
  new EtcdError('Unavailable', `etcdserver: ${text}`);

/** Every refusal of the key-value, lease, auth, cluster and maintenance services. */
export const etcdErrors = {
  emptyKey: invalid('key is not provided'),
  keyNotFound: invalid('key not found'),
  valueProvided: invalid('value is provided'),
  leaseProvided: invalid('lease is provided'),
  tooManyOps: invalid('too many operations in txn request'),
  duplicateKey: invalid('duplicate key given in txn request'),
  invalidSortOption: invalid('invalid sort option'),
  compacted: new EtcdError('OutOfRange', 'etcdserver: mvcc: required revision has been compacted'),
  futureRevision: new EtcdError(
    'OutOfRange',
    'etcdserver: mvcc: required revision is a future revision',
  ),
  noSpace: new EtcdError('ResourceExhausted', 'etcdserver: mvcc: database space exceeded'),
  leaseNotFound: notFound('requested lease not found'),
  leaseExists: failed('lease already exists'),
  leaseTtlTooLarge: new EtcdError('OutOfRange', 'etcdserver: too large lease TTL'),
  requestTooLarge: invalid('request is too large'),
  tooManyRequests: new EtcdError('ResourceExhausted', 'etcdserver: too many requests'),

  memberExists: failed('member ID already exist'),
  peerUrlExists: failed('Peer URLs already exists'),
  memberNotEnoughStarted: failed('re-configuration failed due to not enough started members'),
  memberBadUrls: invalid('given member URLs are invalid'),
  memberNotFound: notFound('member not found'),
  memberNotLearner: failed('can only promote a learner member'),
  learnerNotReady: failed('can only promote a learner member which is in sync with leader'),
  tooManyLearners: failed('too many learner members in cluster'),
  notSupportedForLearner: failed('rpc not supported for learner'),
  badLeaderTransferee: failed('bad leader transferee'),
  unhealthy: unavailable('unhealthy cluster'),
  noLeader: unavailable('no leader'),
  notLeader: failed('not leader'),
  leaderChanged: unavailable('leader changed'),
  stopped: unavailable('server stopped'),
  timeout: unavailable('request timed out'),
  timeoutLeaderFail: unavailable('request timed out, possibly due to previous leader failure'),
  timeoutConnectionLost: unavailable('request timed out, possibly due to connection lost'),
  timeoutLeaderTransfer: unavailable('request timed out, leader transfer took too long'),
  notCapable: failed('not capable'),
  corrupt: new EtcdError('DataLoss', 'etcdserver: corrupt cluster'),

  rootUserNotExist: failed('root user does not exist'),
  rootRoleNotExist: failed('root user does not have root role'),
  userExists: failed('user name already exists'),
  userEmpty: invalid('user name is empty'),
  userNotFound: failed('user name not found'),
  roleExists: failed('role name already exists'),
  roleNotFound: failed('role name not found'),
  roleEmpty: invalid('role name is empty'),
  authFailed: invalid('authentication failed, invalid user ID or password'),
  permissionNotGiven: invalid('permission not given'),
  permissionDenied: new EtcdError('PermissionDenied', 'etcdserver: permission denied'),
  roleNotGranted: failed('role is not granted to the user'),
  permissionNotGranted: failed('permission is not granted to the role'),
  authNotEnabled: failed('authentication is not enabled'),
  invalidAuthToken: new EtcdError('Unauthenticated', 'etcdserver: invalid auth token'),
  authOldRevision: invalid('revision of auth store is old'),
  invalidAuthManagement: invalid('invalid auth management'),

  invalidDowngradeTarget: invalid('invalid downgrade target version'),
  wrongDowngradeFormat: invalid('wrong downgrade target version format'),
  downgradeInProgress: failed('cluster has a downgrade job in progress'),
  noInflightDowngrade: failed('no inflight downgrade job'),
} as const;

/** The words of a gRPC status, as client libraries print it. */
export function rpcText(error: EtcdError): string {
  return `rpc error: code = ${error.code} desc = ${error.message}`;
}
