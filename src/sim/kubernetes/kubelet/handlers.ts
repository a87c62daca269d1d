// What probes and life cycle hooks do: run a command in a container, ask by HTTP or by gRPC, open a TCP connection.

import { isRpcError, rpcErrorText } from '../../containers/rpc.ts';
import { Content } from '../../core/content.ts';
import { decode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import {
  type HttpAnswer,
  type HttpFailure,
  type HttpTarget,
  httpRequest,
  isHttpFailure,
  wholeBody,
} from '../../userland/http/client.ts';
import { parseQuery } from '../../userland/http/wire.ts';
import type { Container, HTTPGetAction, LifecycleHandler, Probe } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import { failureText } from '../component/connect.ts';
import { type KubeletContext, podText } from './context.ts';
import { durationText } from './duration.ts';
import { expand } from './environment.ts';

/** How it went: done, done with a warning, refused with what was said, or not to be told. */
export interface HandlerResult {
  readonly outcome: 'success' | 'warning' | 'failure' | 'unknown';
  readonly output: string;
}

const SUCCESS: HandlerResult = { outcome: 'success', output: '' };
const HOOK_TIMEOUT = 30;
const MOST_REDIRECTS = 10;
/** maxReadLength, maxRespBodyLength: what is kept of an output. */
const MOST_OUTPUT = 10 * 1024;

/** A port by number or by name; a text says what is wrong with it. */
function portOf(container: Container, port: number | string): number | string {
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  const number = typeof port === 'number' ? port : (named ?? Number(port));
  if (!Number.isInteger(number)) return `strconv.Atoi: parsing "${port}": invalid syntax`;
  return number > 0 && number < 65_536 ? number : `invalid port number: ${number}`;
}

/** Runs a command; its output where it failed. */
function* runExec(
  context: KubeletContext,
  id: string,
  command: readonly string[],
  timeout: number,
): Routine<HandlerResult & { readonly exit?: string }> {
  const reply = yield* context.cri.execSync(id, command, timeout);
  if (isRpcError(reply)) {
    const text = rpcErrorText(reply);
    if (reply.code !== 'DeadlineExceeded') return { outcome: 'unknown', output: text };
    const said = `command timed out: "${command.join(' ')}" timed out after ${timeout}s`;
    return { outcome: 'failure', output: said };
  }
  const output = (decode(reply.stdout) + decode(reply.stderr)).slice(0, MOST_OUTPUT);
  if (reply.exitCode === 0) return { outcome: 'success', output };
  const exit = `command '${command.join(' ')}' exited with ${reply.exitCode}: ${decode(reply.stderr)}`;
  return { outcome: 'failure', output, exit };
}

interface GetRequest {
  readonly target: HttpTarget;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Virtual time by which the answer must have begun. */
  readonly limit: number;
}

function* get(
  context: KubeletContext,
  { target, path, headers, limit }: GetRequest,
): Routine<HttpAnswer | HttpFailure> {
  // The real prober opens a connection each time; on the node itself one is kept, which nobody can tell but `ss`.
  const keeps = target.host === '127.0.0.1' || target.host === context.settings.nodeIp;
  const mark = path.indexOf('?');
  const request = {
    method: 'GET',
    path: mark < 0 ? path : path.slice(0, mark),
    query: mark < 0 ? new Map<string, string[]>() : parseQuery(path.slice(mark + 1)),
    headers: { ...headers, ...(keeps ? {} : { connection: 'close' }) },
    body: Content.empty,
  };
  const limits = { connectBy: limit, answerBy: limit, alone: !keeps };
  return yield* httpRequest(context.process, target, request, limits);
}

function urlOf({ host, port, tls }: HttpTarget, path: string): string {
  return `${tls ? 'https' : 'http'}://${host}:${port}${path}`;
}

/** Where a redirect leads; undefined where it is none, 'away' where it leaves the host. */
function redirectOf(answer: HttpAnswer, from: GetRequest): GetRequest | 'away' | undefined {
  const location = answer.headers['location'];
  if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined)
    return undefined;
  const match = /^(https?):\/\/([^:/?]+)(?::(\d+))?(.*)$/.exec(location);
  if (!match) {
    const base = from.path.slice(0, from.path.lastIndexOf('/') + 1);
    return { ...from, path: location.startsWith('/') ? location : base + location };
  }
  const [, scheme, host = '', port, path = ''] = match;
  if (host !== from.target.host) return 'away';
  const tls = scheme === 'https' ? { tls: { authorities: [], insecure: true } } : {};
  const target = { host, port: Number(port ?? (tls.tls ? 443 : 80)), ...tls };
  return { ...from, target, path: path === '' ? '/' : path };
}

function failed(failure: HttpFailure, target: HttpTarget): string {
  if (failure.kind !== 'timeout') return failureText(failure, target);
  const text =
    failure.stage !== 'answer' ? failureText(failure, target) : 'context deadline exceeded';
  return `${text} (Client.Timeout exceeded while awaiting headers)`;
}

/** Where each probe asks: the same target every time, as kept connections are found by it. */
const targets = new WeakMap<HTTPGetAction, HttpTarget>();

function targetOf(action: HTTPGetAction, host: string, port: number, scheme: string): HttpTarget {
  const known = targets.get(action);
  if (known?.host === host && known.port === port) return known;
  const tls = scheme === 'HTTPS' ? { tls: { authorities: [], insecure: true } } : {};
  const target: HttpTarget = { host, port, ...tls };
  targets.set(action, target);
  return target;
}

function* runHttp(
  context: KubeletContext,
  container: Container,
  ip: string,
  action: HTTPGetAction,
  agent: string,
  timeout: number,
): Routine<HandlerResult> {
  const { path = '/', host, scheme = 'HTTP', httpHeaders = [] } = action;
  const port = portOf(container, action.port);
  if (typeof port === 'string') return { outcome: 'unknown', output: port };
  const target = targetOf(action, host || ip, port, scheme);
  const headers: Record<string, string> = {
    host: `${target.host}:${port}`,
    'user-agent': agent,
    accept: '*/*',
  };
  for (const { name, value } of httpHeaders) headers[name.toLowerCase()] = value;
  const limit = context.process.now + timeout * SECOND;
  const first = path.startsWith('/') ? path : `/${path}`;
  let request: GetRequest = { target, path: first, headers, limit };
  for (let hop = 0; ; hop++) {
    const answer = yield* get(context, request);
    const url = urlOf(request.target, request.path);
    if (isHttpFailure(answer))
      return { outcome: 'failure', output: `Get "${url}": ${failed(answer, request.target)}` };
    const body = yield* wholeBody(answer);
    const next = redirectOf(answer, request);
    if (next === 'away') {
      const text = body.text().slice(0, MOST_OUTPUT);
      return {
        outcome: 'warning',
        output: `Probe terminated redirects, Response body: ${text}`,
      };
    }
    if (next && hop + 1 < MOST_REDIRECTS) request = next;
    else if (next) {
      const output = `Get "${urlOf(next.target, next.path)}": stopped after 10 redirects`;
      return { outcome: 'failure', output };
    } else if (answer.status >= 200 && answer.status < 400) return SUCCESS;
    else
      return { outcome: 'failure', output: `HTTP probe failed with statuscode: ${answer.status}` };
  }
}

function* runTcp(
  context: KubeletContext,
  address: string,
  port: number,
  timeout: number,
): Routine<HandlerResult> {
  const { process } = context;
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return { outcome: 'unknown', output: fd.message };
  const limit = process.now + timeout * SECOND;
  const refused = yield* process.connect(fd, { address, port }, limit);
  process.close(fd);
  if (!refused) return SUCCESS;
  const why =
    refused.name === 'EINPROGRESS' ? 'i/o timeout' : `connect: ${refused.message.toLowerCase()}`;
  return { outcome: 'failure', output: `dial tcp ${address}:${port}: ${why}` };
}

/** grpc.health.v1: what does not speak HTTP/2 keeps the dialer waiting until the time is over. */
function* runGrpc(
  context: KubeletContext,
  ip: string,
  { port, service }: NonNullable<Probe['grpc']>,
  timeout: number,
): Routine<HandlerResult> {
  const { process } = context;
  const limit = process.now + timeout * SECOND;
  const answer = yield* get(context, {
    target: { host: ip, port },
    path: '/grpc.health.v1.Health/Check',
    headers: { host: `${ip}:${port}`, 'content-type': 'application/grpc', service: service ?? '' },
    limit,
  });
  if (!isHttpFailure(answer) && answer.headers['content-type']?.startsWith('application/grpc')) {
    const status = (yield* wholeBody(answer)).text();
    if (status === 'SERVING') return SUCCESS;
    return { outcome: 'failure', output: `service unhealthy (responded with "${status}")` };
  }
  if (process.now < limit) yield* process.sleep(limit - process.now);
  const wait = durationText(timeout * SECOND);
  const output = `timeout: failed to connect service "${ip}:${port}" within ${wait}: context deadline exceeded`;
  return { outcome: 'failure', output };
}

/** Variables of a container that are known from its spec alone. */
function staticEnvironment({ env = [] }: Container): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const { name, value, valueFrom } of env)
    if (!valueFrom) known.set(name, expand(value ?? '', known));
  return known;
}

/** Asks what a probe asks, once. */
export function* runProbe(
  context: KubeletContext,
  container: Container,
  id: string,
  ip: string,
  probe: Probe,
): Routine<HandlerResult> {
  const timeout = probe.timeoutSeconds ?? 1;
  if (probe.exec) {
    const env = staticEnvironment(container);
    const command = (probe.exec.command ?? []).map((word) => expand(word, env));
    return yield* runExec(context, id, command, timeout);
  }
  if (probe.httpGet)
    return yield* runHttp(context, container, ip, probe.httpGet, 'kube-probe/1.36', timeout);
  if (probe.grpc) return yield* runGrpc(context, ip, probe.grpc, timeout);
  if (!probe.tcpSocket) return { outcome: 'unknown', output: 'missing probe handler' };
  const port = portOf(container, probe.tcpSocket.port);
  if (typeof port === 'string') return { outcome: 'unknown', output: port };
  return yield* runTcp(context, probe.tcpSocket.host || ip, port, timeout);
}

/** Runs a hook; undefined where it went well, otherwise what went wrong. */
export function* runHook(
  context: KubeletContext,
  pod: Pod,
  container: Container,
  id: string,
  ip: string,
  hook: LifecycleHandler,
): Routine<string | undefined> {
  const where = `for Container "${container.name}" in Pod "${podText(pod)}" failed - error:`;
  if (hook.sleep) {
    yield* context.process.sleep(hook.sleep.seconds * SECOND);
    return undefined;
  }
  if (hook.exec) {
    const { command = [] } = hook.exec;
    const { outcome, output, exit } = yield* runExec(context, id, command, 0);
    if (outcome === 'success') return undefined;
    const [error, said] = exit === undefined ? [output, ''] : [exit, output];
    return `Exec lifecycle hook ([${command.join(' ')}]) ${where} ${error}, message: ${JSON.stringify(said)}`;
  }
  if (!hook.httpGet) return 'Cannot run handler: invalid handler';
  const agent = 'kube-lifecycle/1.36';
  const { outcome, output } = yield* runHttp(
    context,
    container,
    ip,
    hook.httpGet,
    agent,
    HOOK_TIMEOUT,
  );
  if (outcome === 'success' || outcome === 'warning' || output.startsWith('HTTP probe failed'))
    return undefined;
  return `HTTP lifecycle hook (${hook.httpGet.path ?? '/'}) ${where} ${output}`;
}
