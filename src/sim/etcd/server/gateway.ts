// The JSON gateway (/v3/…): every procedure as a POST of JSON, 64-bit numbers in quotes, bytes in base64.

import { Content } from '../../core/content.ts';
import { type Routine, waitUntil } from '../../core/wait.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import type { WatchRequest } from '../api.ts';
import { EtcdError, type GrpcCode, rpcText } from '../error.ts';
import { type Json, JsonMistake, jsonText, messageFromJson, messageToJson } from '../wire/json.ts';
import type { RpcName } from '../wire/rpcs.ts';
import { callerOf, type Services, serve } from './services.ts';

/** Path below /v3, procedure, request and response as schema.ts names them. */
const ROUTES: readonly (readonly [string, RpcName, string, string])[] = [
  ['kv/range', 'KV/Range', 'RangeRequest', 'RangeResponse'],
  ['kv/put', 'KV/Put', 'PutRequest', 'PutResponse'],
  ['kv/deleterange', 'KV/DeleteRange', 'DeleteRangeRequest', 'DeleteRangeResponse'],
  ['kv/txn', 'KV/Txn', 'TxnRequest', 'TxnResponse'],
  ['kv/compaction', 'KV/Compact', 'CompactRequest', 'Done'],
  ['lease/grant', 'Lease/LeaseGrant', 'LeaseRequest', 'LeaseResponse'],
  ['lease/revoke', 'Lease/LeaseRevoke', 'LeaseRequest', 'Done'],
  ['kv/lease/revoke', 'Lease/LeaseRevoke', 'LeaseRequest', 'Done'],
  ['lease/timetolive', 'Lease/LeaseTimeToLive', 'LeaseRequest', 'LeaseTimeToLiveResponse'],
  ['kv/lease/timetolive', 'Lease/LeaseTimeToLive', 'LeaseRequest', 'LeaseTimeToLiveResponse'],
  ['lease/leases', 'Lease/LeaseLeases', 'Empty', 'LeaseListResponse'],
  ['kv/lease/leases', 'Lease/LeaseLeases', 'Empty', 'LeaseListResponse'],
  ['cluster/member/add', 'Cluster/MemberAdd', 'MemberRequest', 'MembersResponse'],
  ['cluster/member/remove', 'Cluster/MemberRemove', 'MemberRequest', 'MembersResponse'],
  ['cluster/member/update', 'Cluster/MemberUpdate', 'MemberRequest', 'MembersResponse'],
  ['cluster/member/promote', 'Cluster/MemberPromote', 'MemberRequest', 'MembersResponse'],
  ['cluster/member/list', 'Cluster/MemberList', 'MemberRequest', 'MembersResponse'],
  ['maintenance/alarm', 'Maintenance/Alarm', 'AlarmRequest', 'AlarmResponse'],
  ['maintenance/status', 'Maintenance/Status', 'Empty', 'StatusResponse'],
  ['maintenance/defragment', 'Maintenance/Defragment', 'Empty', 'Done'],
  ['maintenance/hashkv', 'Maintenance/HashKV', 'HashKvRequest', 'HashKvResponse'],
  ['maintenance/hash', 'Maintenance/HashKV', 'HashKvRequest', 'HashKvResponse'],
  ['maintenance/transfer-leadership', 'Maintenance/MoveLeader', 'MoveLeaderRequest', 'Done'],
  ['maintenance/downgrade', 'Maintenance/Downgrade', 'DowngradeRequest', 'DowngradeResponse'],
  ['auth/enable', 'Auth/AuthEnable', 'Empty', 'Done'],
  ['auth/disable', 'Auth/AuthDisable', 'Empty', 'Done'],
  ['auth/status', 'Auth/AuthStatus', 'Empty', 'AuthStatusResponse'],
  ['auth/authenticate', 'Auth/Authenticate', 'AuthenticateRequest', 'AuthenticateResponse'],
  ['auth/user/add', 'Auth/UserAdd', 'UserAddRequest', 'Done'],
  ['auth/user/get', 'Auth/UserGet', 'UserRoleRequest', 'UserGetResponse'],
  ['auth/user/list', 'Auth/UserList', 'Empty', 'UserListResponse'],
  ['auth/user/delete', 'Auth/UserDelete', 'UserRoleRequest', 'Done'],
  ['auth/user/changepw', 'Auth/UserChangePassword', 'UserAddRequest', 'Done'],
  ['auth/user/grant', 'Auth/UserGrantRole', 'UserRoleRequest', 'Done'],
  ['auth/user/revoke', 'Auth/UserRevokeRole', 'UserRoleRequest', 'Done'],
  ['auth/role/add', 'Auth/RoleAdd', 'RoleRequest', 'Done'],
  ['auth/role/get', 'Auth/RoleGet', 'RoleRequest', 'RoleGetResponse'],
  ['auth/role/list', 'Auth/RoleList', 'Empty', 'RoleListResponse'],
  ['auth/role/delete', 'Auth/RoleDelete', 'RoleRequest', 'Done'],
  ['auth/role/grant', 'Auth/RoleGrantPermission', 'RolePermissionRequest', 'Done'],
  ['auth/role/revoke', 'Auth/RoleRevokePermission', 'RolePermissionRequest', 'Done'],
];

/** gRPC codes as numbers, with the HTTP status that goes with each. */
const CODES: Readonly<Record<GrpcCode, readonly [number, number]>> = {
  Canceled: [1, 499],
  Unknown: [2, 500],
  InvalidArgument: [3, 400],
  DeadlineExceeded: [4, 504],
  NotFound: [5, 404],
  PermissionDenied: [7, 403],
  ResourceExhausted: [8, 429],
  FailedPrecondition: [9, 400],
  OutOfRange: [11, 400],
  Unimplemented: [12, 501],
  Internal: [13, 500],
  Unavailable: [14, 503],
  DataLoss: [15, 500],
  Unauthenticated: [16, 401],
};

/** The headers that every answer of the client port carries. */
export const CORS = {
  'access-control-allow-headers': 'accept, content-type, authorization',
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE',
  'access-control-allow-origin': '*',
} as const;

/** Answers a request below /v3/. */
export function* gateway(services: Services, request: HttpRequest): Routine<HttpResponse> {
  if (request.path === '/v3/watch') return gatewayWatch(services, request);
  if (request.path === '/v3/lease/keepalive') return yield* gatewayKeepAlive(services, request);
  const route = ROUTES.find(([path]) => request.path === `/v3/${path}`);
  if (route === undefined) return problem(new EtcdError('NotFound', 'Not Found'));
  if (request.method !== 'POST')
    return problem(new EtcdError('Unimplemented', 'Method Not Allowed'));
  const [, method, requestType, responseType] = route;
  const json = parse(request.body);
  if (json instanceof EtcdError) return problem(json);
  const message = messageFromJson(requestType, json);
  if (message instanceof JsonMistake) {
    return problem(new EtcdError('InvalidArgument', message.locatedIn(request.body.text())));
  }
  const token = request.headers['authorization'];
  const answer = yield* serve(services, method, message as never, token);
  if (answer instanceof EtcdError) return problem(answer);
  const headers = {
    ...CORS,
    'content-type': 'application/json',
    'grpc-metadata-content-type': 'application/grpc',
  };
  const text = jsonText(messageToJson(responseType, answer, 'gateway'), ', ');
  return { status: 200, headers, body: Content.ofText(text) };
}

/** One line of a streamed answer. */
const resultLine = (json: Json): Content => Content.ofText(`${jsonText({ result: json })}\n`);

const STREAM = { ...CORS, 'content-type': 'application/json' };

/** Keeps one lease alive; the stream ends after its one answer. */
function* gatewayKeepAlive(services: Services, request: HttpRequest): Routine<HttpResponse> {
  const json = parse(request.body);
  if (json instanceof EtcdError) return problem(json);
  const message = messageFromJson('LeaseRequest', json);
  if (message instanceof JsonMistake)
    return problem(new EtcdError('InvalidArgument', message.message));
  const token = request.headers['authorization'];
  const answer = yield* serve(services, 'Lease/LeaseKeepAlive', message as never, token);
  if (answer instanceof EtcdError) return problem(answer);
  const body = resultLine(messageToJson('LeaseResponse', answer, 'gateway'));
  return { status: 200, headers: STREAM, body };
}

/** A watch as lines of JSON: first that it was made, then its events. */
function gatewayWatch({ member }: Services, request: HttpRequest): HttpResponse {
  const json = parse(request.body) as { create_request?: unknown; createRequest?: unknown };
  if (json instanceof EtcdError) return problem(json);
  const message = messageFromJson('WatchRequest', json.create_request ?? json.createRequest ?? {});
  if (message instanceof JsonMistake)
    return problem(new EtcdError('InvalidArgument', message.message));
  const token = request.headers['authorization'];
  const caller = callerOf(member, token);
  const watched = message as unknown as WatchRequest;
  const refusal =
    caller instanceof EtcdError
      ? caller
      : member.backend.auth.refuseRead(caller, watched.key, watched.rangeEnd);
  const created = { header: member.header(), created: true };
  const watcher = member.backend.store.watchers.add(watched);
  if (refusal) watcher.end(rpcText(refusal));
  let first = true;
  return {
    status: 200,
    headers: STREAM,
    stream: {
      *next() {
        if (first) {
          first = false;
          return resultLine(messageToJson('WatchResponse', created, 'gateway'));
        }
        yield* waitUntil(watcher.arrived, () => watcher.waiting || watcher.ended);
        const news = watcher.take();
        if (news === undefined) return undefined;
        const answer = { ...news, header: member.header(news.revision) };
        return resultLine(messageToJson('WatchResponse', answer, 'gateway'));
      },
      close: () => watcher.cancel(),
    },
  };
}

function parse(body: Content): unknown {
  const text = body.text().trim();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return new EtcdError('InvalidArgument', mistakeIn(text));
  }
}

/** What Go's decoder would say of text that is no JSON, for the mistakes that are easily made. */
function mistakeIn(text: string): string {
  const first = text.charAt(0);
  if (first !== '{') return `invalid character '${first}' looking for beginning of value`;
  const second = text.slice(1).trimStart().charAt(0);
  if (second === '') return 'unexpected EOF';
  if (second !== '"' && second !== '}') {
    return `invalid character '${second}' looking for beginning of object key string`;
  }
  return 'unexpected EOF';
}

function problem(error: EtcdError): HttpResponse {
  const [code, status] = CODES[error.code];
  const text = jsonText({ code, message: error.message }, ', ');
  const headers = { ...CORS, 'content-type': 'application/json' };
  return { status, headers, body: Content.ofText(text) };
}
