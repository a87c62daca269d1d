// The docker command's side of the Engine API: requests to the daemon's socket, errors in the client's words.

import { failureText } from '../../containers/registry/client.ts';
import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import {
  type HttpAnswer,
  type HttpFailure,
  type HttpTarget,
  httpRequest,
  isHttpFailure,
  wholeBody,
} from '../../userland/http/client.ts';
import type { Headers } from '../../userland/http/message.ts';
import { x509Error } from '../../userland/tls/certificate.ts';
import { clientTls } from './tls.ts';

const VERSION = '/v1.50';

/** How a refusal of what is not simulated begins; it is told as it is, with the status 125. */
export const NOT_HAD = 'drydock: ';

/** What a call failed with: `status` 0 where the daemon was not reached. */
export class CallError {
  readonly status: number;
  readonly message: string;
  constructor(status: number, message: string) {
    this.status = status;
    this.message = message;
  }
  /** As the client prints it. */
  get text(): string {
    return this.status === 0 || this.message.startsWith(NOT_HAD)
      ? this.message
      : `Error response from daemon: ${this.message}`;
  }
}

export function isCallError(value: unknown): value is CallError {
  return value instanceof CallError;
}

export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

function queryMap(query: Query): Map<string, readonly string[]> {
  const map = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false || value === '') continue;
    if (Array.isArray(value)) map.set(name, value as readonly string[]);
    else map.set(name, [value === true ? '1' : String(value)]);
  }
  return map;
}

/** Calls of the API for one process. */
export class Api {
  readonly process: Process;
  readonly host: string;

  constructor(process: Process, host: string) {
    this.process = process;
    this.host = host;
  }

  with(process: Process): Api {
    return new Api(process, this.host);
  }

  /** Sends a request; the answer is open still, unless it is an error. */
  *open(
    method: string,
    path: string,
    query: Query = {},
    content: Content = Content.empty,
    headers: Headers = {},
  ): Routine<HttpAnswer | CallError> {
    if (/^(ssh|fd|npipe):/.test(this.host))
      return new CallError(0, `drydock: a daemon at ${this.host} is not simulated`);
    const tcp = /^tcp:\/\/([^:/]+):(\d+)/.exec(this.host);
    const tls = yield* clientTls(this.process, this.host);
    if (typeof tls === 'string') return new CallError(0, tls);
    const target: HttpTarget = tcp
      ? { host: tcp[1] ?? '', port: Number(tcp[2]), ...(tls ? { tls } : {}) }
      : { host: 'docker', port: 80, unixPath: this.host.replace(/^unix:\/\//, '') };
    const answer = yield* httpRequest(
      this.process,
      target,
      {
        method,
        path: VERSION + path,
        query: queryMap(query),
        headers: {
          host: 'api.moby.localhost',
          'user-agent': 'Docker-Client/28.2.2 (linux)',
          ...headers,
        },
        body: content,
      },
      { alone: true },
    );
    if (isHttpFailure(answer)) {
      const denied = answer.kind === 'connect' && answer.errno.name === 'EACCES';
      if (denied)
        return new CallError(
          0,
          `permission denied while trying to connect to the Docker daemon socket at ${this.host}: ${method === 'GET' ? 'Get' : 'Post'} "http://%2Fvar%2Frun%2Fdocker.sock${VERSION}${path}": dial unix /var/run/docker.sock: connect: permission denied`,
        );
      return new CallError(0, this.unreachable(answer, target, method, path));
    }
    if (answer.status < 400) return answer;
    const said = yield* wholeBody(answer);
    const object = said.json() as { message?: string } | undefined;
    return new CallError(answer.status, object?.message ?? said.text().trim());
  }

  /** What Go says of a host that is not found or not reached; nothing where it merely refuses. */
  private unrouted(failure: HttpFailure, target: HttpTarget): string | undefined {
    if (target.unixPath !== undefined) return undefined;
    if (failure.kind === 'resolve') return failureText(failure, target, this.process);
    if (failure.kind !== 'connect' || ['ECONNREFUSED', 'ETIMEDOUT'].includes(failure.errno.name))
      return undefined;
    return failureText(failure, target, this.process);
  }

  /** What the client says where no daemon answers. */
  private unreachable(
    failure: HttpFailure,
    target: HttpTarget,
    method: string,
    path: string,
  ): string {
    const fault = failure.kind === 'tls' ? x509Error(failure.fault) : undefined;
    const alert = failure.kind === 'alert' ? `remote error: ${failure.text}` : undefined;
    const secured = fault === undefined ? alert : `tls: failed to verify certificate: ${fault}`;
    const why = secured ?? this.unrouted(failure, target);
    if (why === undefined)
      return `Cannot connect to the Docker daemon at ${this.host}. Is the docker daemon running?`;
    const verb = `${method.charAt(0)}${method.slice(1).toLowerCase()}`;
    const scheme = target.tls ? 'https' : 'http';
    return `error during connect: ${verb} "${scheme}://${target.host}:${target.port}${VERSION}${path}": ${why}`;
  }

  /** A call that takes and gives JSON. */
  *call<T = unknown>(
    method: string,
    path: string,
    query: Query = {},
    object?: unknown,
  ): Routine<T | CallError> {
    const content = object === undefined ? Content.empty : Content.ofJson(object);
    const answer = yield* this.open(
      method,
      path,
      query,
      content,
      object === undefined ? {} : { 'content-type': 'application/json' },
    );
    if (isCallError(answer)) return answer;
    return (yield* wholeBody(answer)).json() as T;
  }

  get<T>(path: string, query: Query = {}): Routine<T | CallError> {
    return this.call<T>('GET', path, query);
  }
  post<T>(path: string, query: Query = {}, object?: unknown): Routine<T | CallError> {
    return this.call<T>('POST', path, query, object);
  }

  /** A stream of JSON lines. */
  *lines(
    method: string,
    path: string,
    query: Query,
    each: (line: Record<string, unknown>) => Routine<void>,
    content = Content.empty,
    headers: Headers = {},
  ): Routine<CallError | undefined> {
    const answer = yield* this.open(method, path, query, content, headers);
    if (isCallError(answer)) return answer;
    if (!answer.stream) {
      for (const line of (answer.body ?? Content.empty).text().split('\n'))
        if (line.trim() !== '') yield* each(JSON.parse(line) as Record<string, unknown>);
      return undefined;
    }
    for (;;) {
      const piece = yield* answer.stream.next();
      if (piece === undefined) return undefined;
      for (const line of piece.text().split('\n'))
        if (line.trim() !== '') yield* each(JSON.parse(line) as Record<string, unknown>);
    }
  }
}

/** The `filters` parameter from `name=value` texts. */
export function filterQuery(list: readonly string[]): string | undefined {
  const filters: Record<string, Record<string, boolean>> = {};
  for (const text of list) {
    if (text === '') continue;
    const equals = text.indexOf('=');
    const name = text.slice(0, equals).trim().toLowerCase();
    filters[name] = { ...filters[name], [text.slice(equals + 1).trim()]: true };
  }
  return Object.keys(filters).length > 0 ? JSON.stringify(filters) : undefined;
}
