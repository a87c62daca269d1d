// kubectl port-forward: listening on this machine, each connection passed to a port of a pod. SPDY carries them, inside a
// WebSocket where the server takes one.

import { PORT_FORWARD_PROTOCOL } from '../../../containers/cri/port-forward.ts';
import { decode } from '../../../core/text.ts';
import { type Routine, WaitQueue } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Duplex } from '../../../userland/http/message.ts';
import { SpdySession } from '../../../userland/http/spdy.ts';
import type { ByteStream } from '../../../userland/http/streams.ts';
import { tunnelOf, WebSocket, webSocketRequest } from '../../../userland/http/websocket.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { Service } from '../../api/types/service.ts';
import { klog } from '../../component/klog.ts';
import type { Call, Command } from '../command.ts';
import { needResource, pathOf } from '../discovery.ts';
import { failure, usageFailure } from '../failure.ts';
import { type ForwardedPort, parsePorts, podPorts, servicePorts } from '../forward-ports.ts';
import { namedObject, podFor, runningTimeoutOf } from '../pods.ts';
import { upgradeRefusal } from '../remote.ts';

export const portForward: Command = {
  name: 'port-forward',
  run: runPortForward,
};

const SIGINT = 2;

function* runPortForward(call: Call): Routine<void> {
  const { args, values, path } = call;
  if (args.length < 2)
    throw usageFailure(path, 'TYPE/NAME and list of ports are required for port-forward');
  const timeout = runningTimeoutOf(call);
  const { object } = yield* namedObject(call);
  const pod = yield* podFor(call, object, timeout, 'cannot attach to');
  const wanted =
    object.kind === 'Service'
      ? servicePorts(args.slice(1), object as unknown as Service, pod)
      : podPorts(args.slice(1), pod);
  const phase = pod.status?.phase ?? '';
  if (phase !== 'Running')
    throw failure(`unable to forward port because pod is not running. Current status=${phase}`);
  const addresses = parseAddresses(values.list('address'));
  const ports = parsePorts(wanted);
  const session = new SpdySession(call.main.process, yield* dial(call, pod));
  yield* forward({ call, session, requests: 0 }, addresses, ports);
}

interface Address {
  readonly address: string;
  readonly family: 'inet' | 'inet6';
  /** Of those for localhost one is enough. */
  readonly failureMode: 'all' | 'any';
}

function parseAddresses(words: readonly string[]): Address[] {
  const found = new Map<string, Address>();
  for (const word of words) {
    if (word === 'localhost') {
      for (const [address, family] of [
        ['127.0.0.1', 'inet'],
        ['::1', 'inet6'],
      ] as const)
        if (!found.has(address)) found.set(address, { address, family, failureMode: 'all' });
    } else if (/^\d+(\.\d+){3}$/.test(word))
      found.set(word, { address: word, family: 'inet', failureMode: 'any' });
    else if (/^[0-9a-f:]+$/i.test(word) && word.includes(':'))
      found.set(word, { address: word, family: 'inet6', failureMode: 'any' });
    else throw failure(`${word} is not a valid IP`);
  }
  return [...found.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** A connection to the pod that speaks SPDY: tunnelled through a WebSocket, or by itself where that is refused. */
function* dial(call: Call, pod: Pod): Routine<Duplex> {
  const { process } = call.main;
  const client = yield* call.client();
  const pods = needResource(yield* call.discovery(), 'pods');
  const { namespace = '', name = '' } = pod.metadata;
  const path = pathOf(pods, namespace, name, 'portforward');
  const upgrade = webSocketRequest(process, [`SPDY/3.1+${PORT_FORWARD_PROTOCOL}`]);
  const tunnelled = yield* client.raw('GET', path, { upgrade });
  if (tunnelled.connection)
    return tunnelOf(new WebSocket(process, tunnelled.connection, 'client'), tunnelled.connection);
  const plain = yield* client.raw('POST', path, {
    upgrade: {
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': PORT_FORWARD_PROTOCOL,
    },
  });
  if (plain.connection) return plain.connection;
  throw failure(
    `error upgrading connection: unable to upgrade connection: ${yield* upgradeRefusal(plain)}`,
  );
}

interface Forwarder {
  readonly call: Call;
  readonly session: SpdySession;
  requests: number;
}

function* forward(
  forwarder: Forwarder,
  addresses: readonly Address[],
  ports: readonly ForwardedPort[],
): Routine<void> {
  const { call, session } = forwarder;
  let listens = false;
  for (const port of ports) {
    const failed = yield* listenOn(forwarder, addresses, port);
    if (failed === undefined) listens = true;
    else yield* call.err(`Unable to listen on port ${port.local}: ${failed}\n`);
  }
  if (!listens) {
    const all = ports.map(({ local, remote }) => `{${local} ${remote}}`).join(' ');
    throw failure(`unable to listen on any of the requested ports: [${all}]`);
  }
  const interrupted = new WaitQueue();
  let stop = false;
  call.main.process.sigaction(SIGINT, () => {
    stop = true;
    interrupted.wake();
  });
  while (!session.closed && !stop) yield { on: [session.changed, interrupted] };
  if (!stop) throw failure('lost connection to pod');
}

/** Listens for one port on every address; why it does not. */
function* listenOn(
  forwarder: Forwarder,
  addresses: readonly Address[],
  port: ForwardedPort,
): Routine<string | undefined> {
  const errors: string[] = [];
  const failed = { all: 0, any: 0 };
  let localhost = 0;
  for (const one of addresses) {
    const error = yield* listenAt(forwarder, one, port);
    if (error !== undefined) {
      errors.push(error);
      failed[one.failureMode]++;
    } else if (one.failureMode === 'all') localhost++;
  }
  if (failed.any === 0 && (localhost > 0 || failed.all === 0)) return undefined;
  return `Listeners failed to create with the following errors: [${errors.join(' ')}]`;
}

function* listenAt(
  forwarder: Forwarder,
  { address, family }: Address,
  port: ForwardedPort,
): Routine<string | undefined> {
  const { call } = forwarder;
  const { process } = call.main;
  const host = family === 'inet6' ? `[${address}]` : address;
  const refuse = (why: string): string =>
    `unable to create listener: Error listen tcp${family === 'inet6' ? 6 : 4} ${host}:${port.local}: ${why}`;
  const fd = process.socket(family, 'stream');
  if (isErrno(fd)) return refuse(`socket: ${fd.message.toLowerCase()}`);
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const failed = process.bind(fd, { address, port: port.local }) ?? process.listen(fd, 128);
  if (failed) {
    process.close(fd);
    return refuse(`bind: ${failed.message.toLowerCase()}`);
  }
  const name = process.getsockname(fd);
  if (!isErrno(name) && !('path' in name)) port.local = name.port;
  yield* call.out(`Forwarding from ${host}:${port.local} -> ${port.remote}\n`);
  yield* call.main.out.flush();
  process.thread(function* (thread) {
    for (;;) {
      const connection = yield* thread.accept(fd);
      if (isErrno(connection)) {
        if (connection.name === 'EINTR') continue;
        return 0;
      }
      thread.thread(function* (own) {
        yield* handle(forwarder, own, connection, port);
        own.close(connection);
        return 0;
      });
    }
  });
  return undefined;
}

/** One connection: a stream for its data and one for an error, which ends everything. */
function* handle(
  forwarder: Forwarder,
  thread: Process,
  connection: number,
  { local, remote }: ForwardedPort,
): Routine<void> {
  const { call, session } = forwarder;
  yield* call.out(`Handling connection for ${local}\n`);
  yield* call.main.out.flush();
  const headers = { port: String(remote), requestid: String(forwarder.requests++) };
  const error = yield* session.open({ streamtype: 'error', ...headers });
  yield* error.close();
  const data = yield* session.open({ streamtype: 'data', ...headers });
  thread.thread(function* (own) {
    for (;;) {
      const bytes = yield* own.read(connection, 32_768);
      if (isErrno(bytes) || bytes.length === 0 || !(yield* data.write(bytes))) break;
    }
    yield* data.close();
    return 0;
  });
  for (;;) {
    const bytes = yield* data.read();
    if (!bytes || isErrno(yield* thread.write(connection, bytes))) break;
  }
  yield* data.reset();
  const message = yield* wholeText(error);
  if (message === '') return;
  const what = `an error occurred forwarding ${local} -> ${remote}: ${message}`;
  yield* klog(
    call.main,
    'E',
    'portforward.go:522',
    `"Unhandled Error" err=${JSON.stringify(what)} logger="UnhandledError"`,
  );
  session.close();
}

function* wholeText(stream: ByteStream): Routine<string> {
  let text = '';
  for (;;) {
    const bytes = yield* stream.read();
    if (!bytes) return text;
    text += decode(bytes);
  }
}
