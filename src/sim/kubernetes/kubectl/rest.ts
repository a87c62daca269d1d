// Requests to the API server as client-go's REST client makes them: paths, headers, refusals, warnings.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import {
  type HttpAnswer,
  type HttpFailure,
  type HttpTarget,
  httpRequest,
  isHttpFailure,
  wholeBody,
} from '../../userland/http/client.ts';
import type { HttpRequest } from '../../userland/http/message.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { base64Text } from '../../core/base64.ts';
import type { Status } from '../api/status.ts';
import { DIAL_TIMEOUT, failureText, targetOf, TLS_TIMEOUT } from '../component/connect.ts';
import { refusal, Unreachable } from './failure.ts';
import type { Connection } from './kubeconfig.ts';
import { requestLog, urlOf } from './request-log.ts';

/** An object as it comes from the server or a file. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: Metadata;
  [field: string]: unknown;
}

export interface Metadata {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  generation?: number;
  [field: string]: unknown;
}

/** What a request carries. */
export interface RestOptions {
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** Put before the server's message where it refuses. */
  readonly doing?: string;
  /** Headers that ask for the connection to become something else; it is then used for nothing else. */
  readonly upgrade?: Readonly<Record<string, string>>;
}

/** Who is asked, and as whom. */
export interface RestClient {
  readonly connection: Connection;
  /** How long a request may last, in nanoseconds; 0 is for ever. */
  readonly timeout: number;
  /** Sends a request and gives the answer's object; a refusal is thrown. */
  call(method: string, path: string, options?: RestOptions): Routine<KubeObject>;
  /** Sends a request and gives the answer itself, whatever its status. */
  raw(method: string, path: string, options?: RestOptions): Routine<HttpAnswer>;
  /** A line of klog, printed from a level of -v on. */
  note(level: number, where: string, message: string): Routine<void>;
  /** How many different warnings the server has sent. */
  warnings(): number;
}

/** Headers of impersonation from --as, --as-group and --as-uid. */
export type Impersonation = Readonly<Record<string, string>>;

/** A client over a connection; warnings are printed once each on `main`'s standard error. */
export function restClient(
  main: Main,
  connection: Connection,
  impersonation: Impersonation,
  { timeout = 0, verbosity = 0 }: { timeout?: number; verbosity?: number } = {},
): RestClient {
  const target = targetOf(connection);
  const warned = new Set<string>();
  const log = requestLog(main, verbosity);
  function* raw(method: string, path: string, options: RestOptions = {}): Routine<HttpAnswer> {
    const request = requestOf(method, path, options, connection, impersonation);
    const url = urlOf(connection.server, request);
    const since = main.process.now;
    const deadline = timeout > 0 ? since + timeout : undefined;
    yield* log.sent(url, request);
    const answer = yield* httpRequest(main.process, target, request, {
      alone: options.upgrade !== undefined,
      connectBy: Math.min(since + DIAL_TIMEOUT, deadline ?? Number.POSITIVE_INFINITY),
      greetFor: TLS_TIMEOUT,
      answerBy: deadline,
    });
    yield* log.answered(url, method, since, isHttpFailure(answer) ? undefined : answer);
    if (isHttpFailure(answer)) {
      const late = deadline !== undefined && main.process.now >= deadline;
      throw unreachable(answer, target, method, url, late);
    }
    for (const [, text = ''] of (answer.headers.warning ?? '').matchAll(
      /299 \S+ "((?:[^"\\]|\\.)*)"/g,
    )) {
      const said = text.replace(/\\(.)/g, '$1');
      if (warned.has(said)) continue;
      warned.add(said);
      main.err.put(`Warning: ${said}\n`);
      yield* main.err.flush();
    }
    return answer;
  }
  function* call(method: string, path: string, options: RestOptions = {}): Routine<KubeObject> {
    yield* log.body(path, 'Request', textOf(options.body));
    const answer = yield* raw(method, path, options);
    const body = yield* wholeBody(answer);
    if (verbosity >= 8) yield* log.body(path, 'Response', body.text());
    const object = body.json() as KubeObject | undefined;
    if (answer.status >= 400)
      throw refusal(statusOf(answer.status, object, body.text()), options.doing);
    return object ?? {};
  }
  return { connection, timeout, call, raw, note: log.note, warnings: () => warned.size };
}

function textOf(body: unknown): string {
  return body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
}

/** Why there is no answer; `late`: --request-timeout was over (http.Client's Timeout). */
function unreachable(
  failure: HttpFailure,
  target: HttpTarget,
  method: string,
  url: string,
  late: boolean,
): Unreachable {
  let why = failureText(failure, target);
  if (failure.kind === 'timeout' && late) {
    const where = failure.stage === 'answer' ? '' : ' while waiting for connection';
    why = `net/http: request canceled${where} (Client.Timeout exceeded while awaiting headers)`;
  }
  const refused = failure.kind === 'connect' && failure.errno.name === 'ECONNREFUSED';
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  return new Unreachable(
    refused
      ? `The connection to the server ${target.host}:${target.port} was refused - did you specify the right host or port?`
      : `Unable to connect to the server: ${why}`,
    `${verb} "${url}": ${why}`,
  );
}

/** The Status of a refusal, or what client-go makes of an answer that is none. */
export function statusOf(code: number, object: KubeObject | undefined, text: string): Status {
  if (object?.kind === 'Status') return object as unknown as Status;
  const plain = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code,
  } as const;
  if (code === 404)
    return {
      ...plain,
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
    };
  if (code === 400)
    return {
      ...plain,
      reason: 'BadRequest',
      message: 'the server rejected our request for an unknown reason',
    };
  return {
    ...plain,
    reason: 'InternalError',
    message: `an error on the server (${JSON.stringify(text.trim())}) has prevented the request from succeeding`,
  };
}

function requestOf(
  method: string,
  path: string,
  options: RestOptions,
  connection: Connection,
  impersonation: Impersonation,
): HttpRequest {
  const target = targetOf(connection);
  const query = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== '')
      query.set(name, typeof value === 'string' ? [value] : value);
  }
  const { body } = options;
  return {
    method,
    path,
    query,
    headers: {
      host: `${target.host}:${target.port}`,
      'user-agent': 'kubectl/v1.36.3 (linux/amd64) kubernetes/$Format',
      accept: options.accept ?? 'application/json',
      ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      ...authorizationOf(connection),
      ...impersonation,
      ...options.upgrade,
    },
    body:
      body === undefined
        ? Content.empty
        : typeof body === 'string'
          ? Content.ofText(body)
          : Content.ofJson(body),
  };
}

function authorizationOf({ token, basic }: Connection): { readonly authorization?: string } {
  if (token) return { authorization: `Bearer ${token}` };
  return basic ? { authorization: `Basic ${base64Text(basic)}` } : {};
}
