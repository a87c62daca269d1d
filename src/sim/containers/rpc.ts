// gRPC and ttrpc between the daemons of this floor: a method's path, a request object, a reply object or a status. On
// the wire these are protobuf; here the objects themselves travel.

import type { Routine } from '../core/wait.ts';
import type { Process } from '../kernel/calls/process.ts';

/** gRPC's status codes by the names that Go prints. */
export const RPC_CODES = {
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
} as const;

export type RpcCode = keyof typeof RPC_CODES;

/** A call that failed: the status a server answered, or Unavailable where none was reached. */
export class RpcError {
  readonly code: RpcCode;
  readonly message: string;
  constructor(code: RpcCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** True where a call failed. */
export function isRpcError(value: unknown): value is RpcError {
  return value instanceof RpcError;
}

/** `rpc error: code = NotFound desc = …`: how Go prints a status that nobody unwrapped. */
export function rpcErrorText(error: RpcError): string {
  return `rpc error: code = ${error.code} desc = ${error.message}`;
}

/** containerd's own errors: a text that ends in the kind (errdefs). */
export function notFound(what: string): RpcError {
  return new RpcError('NotFound', `${what}: not found`);
}
export function alreadyExists(what: string): RpcError {
  return new RpcError('AlreadyExists', `${what}: already exists`);
}
export function invalidArgument(what: string): RpcError {
  return new RpcError('InvalidArgument', `${what}: invalid argument`);
}
export function failedPrecondition(what: string): RpcError {
  return new RpcError('FailedPrecondition', `${what}: failed precondition`);
}

/** What a server's method is told beside the request. */
export interface RpcContext {
  /** The `containerd-namespace` header; empty where none was sent. */
  readonly namespace: string;
  /** The `containerd-lease` header. */
  readonly lease: string | undefined;
  /** The process that serves. */
  readonly process: Process;
}

/** One method: takes a request, gives a reply or an RpcError. Replies are not changed afterwards. */
export type RpcMethod = (request: never, context: RpcContext) => Routine<unknown>;

/** Methods by path: `/containerd.services.images.v1.Images/Get`. */
export type RpcMethods = Readonly<Record<string, RpcMethod>>;

/** A stream of messages from a server. */
export interface RpcStream {
  /** Blocks until the next message; undefined at the end. */
  next(): Routine<unknown>;
  close(): void;
}

/** What a method that streams replies returns. */
export class StreamReply {
  readonly stream: RpcStream;
  constructor(stream: RpcStream) {
    this.stream = stream;
  }
}
