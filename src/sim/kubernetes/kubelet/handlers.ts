// What probes and life cycle hooks do: run a command in a container, ask by HTTP, open a TCP connection.

import { Content } from '../../core/content.ts';
import { decode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isRpcError, rpcErrorText } from '../../containers/rpc.ts';
import { isErrno } from '../../kernel/errno.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../userland/http/client.ts';
import { parseQuery } from '../../userland/http/wire.ts';
import type { Container, LifecycleHandler, Probe } from '../api/types/container.ts';
import { failureText } from '../component/connect.ts';
import type { KubeletContext } from './context.ts';

/** How it went: done, refused with what was said, or not to be told. */
export interface HandlerResult {
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly output: string;
}

const SUCCESS: HandlerResult = { outcome: 'success', output: '' };

function portOf(container: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

/** Runs a command; its output where it failed. */
export function* runExec(
  context: KubeletContext,
  id: string,
  command: readonly string[],
  timeout: number,
): Routine<HandlerResult> {
  const reply = yield* context.cri.execSync(id, command, timeout);
  if (isRpcError(reply)) {
    if (reply.code === 'DeadlineExceeded') {
      return {
        outcome: 'failure',
        output: `command timed out: "${command.join(' ')}" timed out after ${timeout}s`,
      };
    }
    return { outcome: 'unknown', output: rpcErrorText(reply) };
  }
  const output = decode(reply.stdout) + decode(reply.stderr);
  return reply.exitCode === 0 ? SUCCESS : { outcome: 'failure', output };
}

function* runHttp(
  context: KubeletContext,
  container: Container,
  ip: string,
  probe: Pick<Probe, 'httpGet' | 'timeoutSeconds'>,
): Routine<HandlerResult> {
  const {
    path = '/',
    port,
    host,
    scheme = 'HTTP',
    httpHeaders = [],
  } = probe.httpGet ?? { port: 80 };
  const target = {
    host: host || ip,
    port: portOf(container, port),
    ...(scheme === 'HTTPS' ? { tls: { authorities: [], insecure: true } } : {}),
  };
  // The real prober opens a connection each time; on the node itself one is kept, which nobody can tell but `ss`.
  const keeps = target.host === '127.0.0.1' || target.host === context.settings.nodeIp;
  const mark = path.indexOf('?');
  const query = mark < 0 ? new Map<string, string[]>() : parseQuery(path.slice(mark + 1));
  const headers: Record<string, string> = {
    host: `${target.host}:${target.port}`,
    'user-agent': 'kube-probe/1.36',
    accept: '*/*',
    ...(keeps ? {} : { connection: 'close' }),
  };
  for (const { name, value } of httpHeaders) headers[name.toLowerCase()] = value;
  const limit = context.process.now + (probe.timeoutSeconds ?? 1) * SECOND;
  const where = mark < 0 ? path : path.slice(0, mark);
  const request = {
    method: 'GET',
    path: where.startsWith('/') ? where : `/${where}`,
    query,
    headers,
    body: Content.empty,
  };
  const answer = yield* httpRequest(context.process, target, request, {
    connectBy: limit,
    answerBy: limit,
    alone: !keeps,
  });
  const url = `${scheme.toLowerCase()}://${target.host}:${target.port}${path.startsWith('/') ? path : `/${path}`}`;
  if (isHttpFailure(answer)) {
    const slow = answer.kind === 'timeout';
    const text = slow
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : failureText(answer, target);
    return { outcome: 'failure', output: `Get "${url}": ${text}` };
  }
  if (answer.stream) yield* wholeBody(answer);
  if (answer.status >= 200 && answer.status < 400) return SUCCESS;
  return { outcome: 'failure', output: `HTTP probe failed with statuscode: ${answer.status}` };
}

function* runTcp(
  context: KubeletContext,
  container: Container,
  ip: string,
  probe: Pick<Probe, 'tcpSocket' | 'grpc' | 'timeoutSeconds'>,
): Routine<HandlerResult> {
  const { process } = context;
  const port = portOf(container, probe.tcpSocket?.port ?? probe.grpc?.port ?? 0);
  const address = probe.tcpSocket?.host || ip;
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return { outcome: 'unknown', output: fd.message };
  const refused = yield* process.connect(
    fd,
    { address, port },
    process.now + (probe.timeoutSeconds ?? 1) * SECOND,
  );
  process.close(fd);
  if (!refused) return SUCCESS;
  const why =
    refused.name === 'EINPROGRESS' ? 'i/o timeout' : `connect: ${refused.message.toLowerCase()}`;
  return { outcome: 'failure', output: `dial tcp ${address}:${port}: ${why}` };
}

/** Asks what a probe asks, once. */
export function* runProbe(
  context: KubeletContext,
  container: Container,
  id: string,
  ip: string,
  probe: Probe,
): Routine<HandlerResult> {
  if (probe.exec)
    return yield* runExec(context, id, probe.exec.command ?? [], probe.timeoutSeconds ?? 1);
  if (probe.httpGet) return yield* runHttp(context, container, ip, probe);
  return yield* runTcp(context, container, ip, probe);
}

/** Runs a hook; undefined where it went well. */
export function* runHook(
  context: KubeletContext,
  container: Container,
  id: string,
  ip: string,
  hook: LifecycleHandler,
): Routine<HandlerResult | undefined> {
  if (hook.sleep) {
    yield* context.process.sleep(hook.sleep.seconds * SECOND);
    return undefined;
  }
  const result = hook.exec
    ? yield* runExec(context, id, hook.exec.command ?? [], 0)
    : yield* runHttp(context, container, ip, {
        ...(hook.httpGet ? { httpGet: hook.httpGet } : {}),
        timeoutSeconds: 30,
      });
  return result.outcome === 'success' ? undefined : result;
}
