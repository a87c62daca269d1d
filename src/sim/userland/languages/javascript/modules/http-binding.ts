// What the module http stands on: a listening socket whose connections are served by threads, each request handed to the
// event loop, and requests of its own.

import { Content } from '../../../../core/content.ts';
import { concatBytes } from '../../../../core/text.ts';
import { type Routine, WaitQueue, waitOn } from '../../../../core/wait.ts';
import type { Process } from '../../../../kernel/calls/process.ts';
import { EADDRINUSE, type Errno, isErrno } from '../../../../kernel/errno.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../../http/client.ts';
import type { HttpRequest, HttpResponse } from '../../../http/message.ts';
import { serveHttp } from '../../../http/server.ts';
import { parseTarget, REASONS, requestTarget } from '../../../http/wire.ts';
import { call, get } from '../operations.ts';
import { JsArray, JsError, JsObject, type Value } from '../values.ts';
import type { Vm } from '../vm.ts';
import { bufferOf, bytesOf } from '../globals/buffer.ts';

interface Listening {
  fd: number;
  readonly port: number;
  readonly host: string;
  /** It keeps the program alive. */
  counted: boolean;
}

/** What is known of an answer so far; the connection's thread waits for it. */
interface Pending {
  status: number;
  headers: Record<string, string>;
  headed: boolean;
  ended: boolean;
  readonly pieces: Uint8Array[];
  readonly changed: WaitQueue;
}

const METHODS = [
  'ACL',
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
];

/** The error of a failed system call, as Node's. */
export function systemError(
  vm: Vm,
  errno: Errno,
  syscall: string,
  rest: string,
  more: Readonly<Record<string, Value>> = {},
): JsError {
  const { value } = vm.error('Error', `${syscall} ${errno.name}${rest}`, {
    errno: -errno.number,
    code: errno.name,
    syscall,
    ...more,
  });
  if (value instanceof JsError) return value;
  throw new Error('an error is an object');
}

function listen(
  vm: Vm,
  servers: WeakMap<JsObject, Listening>,
  [server, port, host, onRequest]: readonly Value[],
): Value {
  const { process } = vm;
  const wanted = Number(port);
  const name = String(host);
  const address =
    name === '' || name === '::' ? '0.0.0.0' : name === 'localhost' ? '127.0.0.1' : name;
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return systemError(vm, fd, 'listen', '');
  process.setCloseOnExec(fd, true);
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const failed = process.bind(fd, { address, port: wanted }) ?? process.listen(fd, 511);
  const shown = name === '' ? '::' : name;
  if (failed) {
    process.close(fd);
    const what =
      failed === EADDRINUSE ? ': address already in use' : `: ${failed.message.toLowerCase()}`;
    return systemError(vm, failed, 'listen', `${what} ${shown}:${wanted}`, {
      address: shown,
      port: wanted,
    });
  }
  const bound = process.getsockname(fd);
  const actual = isErrno(bound) || 'path' in bound ? wanted : bound.port;
  if (server instanceof JsObject)
    servers.set(server, { fd, port: actual, host: shown, counted: true });
  vm.busy++;
  process.thread(function* (thread) {
    yield* serveHttp(thread, fd, (request) => answer(vm, request, onRequest));
    return 0;
  });
  return undefined;
}

/** Hands a request to the loop and waits for what comes of it. */
function* answer(vm: Vm, request: HttpRequest, onRequest: Value): Routine<HttpResponse> {
  const pending: Pending = {
    status: 200,
    headers: {},
    headed: false,
    ended: false,
    pieces: [],
    changed: new WaitQueue(),
  };
  vm.post(function* () {
    yield* call(vm, onRequest, undefined, [messageOf(vm, request), handleOf(vm, pending)]);
  });
  while (!pending.headed) yield* waitOn(pending.changed);
  const { status, headers } = pending;
  if (pending.ended) {
    const body = Content.ofBytes(concatBytes(pending.pieces));
    return { status, headers, body };
  }
  return {
    status,
    headers,
    stream: {
      *next() {
        while (pending.pieces.length === 0 && !pending.ended) yield* waitOn(pending.changed);
        if (pending.pieces.length === 0) return undefined;
        return Content.ofBytes(concatBytes(pending.pieces.splice(0)));
      },
      close() {},
    },
  };
}

function messageOf(vm: Vm, request: HttpRequest): JsObject {
  const headers = vm.object(Object.entries(request.headers));
  const raw = Object.entries(request.headers).flat();
  const [address = '', port = '0'] = (request.peer?.address ?? '').split(/:(?=\d+$)/);
  return vm.object([
    ['method', request.method],
    ['url', requestTarget(request)],
    ['headers', headers],
    ['rawHeaders', vm.array(raw)],
    ['httpVersion', '1.1'],
    ['remoteAddress', `::ffff:${address}`],
    ['remotePort', Number(port)],
    ['_body', bufferOf(vm, request.body.bytes())],
  ]);
}

function handleOf(vm: Vm, pending: Pending): JsObject {
  const handle = vm.object();
  vm.methods(handle, {
    *head(_vm, [status, headers]) {
      pending.status = Number(status);
      for (const pair of headers instanceof JsArray ? headers.items : []) {
        const name = String(yield* get(vm, pair, '0')).toLowerCase();
        if (name !== 'transfer-encoding') pending.headers[name] = String(yield* get(vm, pair, '1'));
      }
      pending.headed = true;
      return undefined;
    },
    write: (_vm, [piece]) => {
      pending.pieces.push(bytesOf(vm, piece));
      pending.changed.wake();
      return undefined;
    },
    end: (_vm, [piece]) => {
      const bytes = bytesOf(vm, piece);
      if (bytes.length > 0) pending.pieces.push(bytes);
      pending.ended = true;
      pending.changed.wake();
      return undefined;
    },
  });
  return handle;
}

interface Asking {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly secure: boolean;
}

/** Why there was no answer, as Node says it. */
type Failed = { readonly text: string; readonly code: string; readonly syscall: string };

/** Asks by the simulated network: the answer's parts, or why there is none. */
export function* ask(
  thread: Process,
  { host, port, method, path, headers, body, secure }: Asking,
): Routine<
  { status: number; headers: Readonly<Record<string, string>>; body: Uint8Array } | Failed
> {
  const target = parseTarget(path);
  const answered = yield* httpRequest(
    thread,
    {
      host,
      port,
      ...(secure ? { tls: { serverName: host, authorities: [], insecure: true } } : {}),
    },
    {
      method,
      path: target.path,
      query: target.query,
      headers: {
        host: port === (secure ? 443 : 80) ? host : `${host}:${port}`,
        ...(body.length > 0 ? { 'content-length': String(body.length) } : {}),
        ...headers,
      },
      body: Content.ofBytes(body),
    },
    { alone: true },
  );
  if (!isHttpFailure(answered)) {
    const content = yield* wholeBody(answered);
    return { status: answered.status, headers: answered.headers, body: content.bytes() };
  }
  if (answered.kind === 'resolve') {
    const code = answered.failure.failure === 'again' ? 'EAI_AGAIN' : 'ENOTFOUND';
    return { text: `getaddrinfo ${code} ${host}`, code, syscall: 'getaddrinfo' };
  }
  if (answered.kind === 'connect')
    return {
      text: `connect ${answered.errno.name} ${answered.address}:${port}`,
      code: answered.errno.name,
      syscall: 'connect',
    };
  return { text: 'socket hang up', code: 'ECONNRESET', syscall: 'read' };
}

/** True of a request that got no answer. */
export function isFailed(value: object): value is Failed {
  return 'syscall' in value;
}

/** The words of a JavaScript object as plain texts. */
export function* textsOf(vm: Vm, value: Value): Routine<Record<string, string>> {
  const out: Record<string, string> = {};
  if (value instanceof JsObject)
    for (const key of value.keys())
      if (typeof key === 'string') out[key.toLowerCase()] = String(yield* get(vm, value, key));
  return out;
}

function* startRequest(vm: Vm, [options, done]: readonly Value[]): Routine<Value> {
  const read = (name: string): Routine<Value> => get(vm, options, name);
  const asking: Asking = {
    host: String(yield* read('host')),
    port: Number(yield* read('port')),
    method: String(yield* read('method')).toUpperCase(),
    path: String(yield* read('path')),
    headers: yield* textsOf(vm, yield* read('headers')),
    body: bytesOf(vm, yield* read('body')),
    secure: false,
  };
  vm.background(
    (thread) => ask(thread, asking),
    function* (result) {
      if (isFailed(result)) {
        const { value } = vm.error('Error', result.text, {
          code: result.code,
          syscall: result.syscall,
        });
        yield* call(vm, done, undefined, [value]);
        return;
      }
      const message = vm.object([
        ['statusCode', result.status],
        ['statusMessage', REASONS[result.status] ?? ''],
        ['headers', vm.object(Object.entries(result.headers))],
        ['_body', bufferOf(vm, result.body)],
      ]);
      yield* call(vm, done, undefined, [null, message]);
    },
  );
  return undefined;
}

/** internal/http. */
export function httpBinding(vm: Vm): Value {
  const servers = new WeakMap<JsObject, Listening>();
  const of = (value: Value): Listening | undefined =>
    value instanceof JsObject ? servers.get(value) : undefined;
  const release = (listening: Listening): void => {
    if (listening.counted) vm.busy--;
    listening.counted = false;
  };
  const binding = vm.object([
    ['STATUS_CODES', vm.object(Object.entries(REASONS).map(([code, text]) => [code, text]))],
    ['METHODS', vm.array([...METHODS])],
  ]);
  vm.methods(binding, {
    listen: (_vm, args) => listen(vm, servers, args),
    close: (_vm, [server]) => {
      const listening = of(server);
      if (!listening || listening.fd < 0) return undefined;
      vm.process.close(listening.fd);
      listening.fd = -1;
      release(listening);
      vm.post(function* () {});
      return undefined;
    },
    unref: (_vm, [server]) => {
      const listening = of(server);
      if (listening) release(listening);
      return undefined;
    },
    address: (_vm, [server]) => {
      const listening = of(server);
      if (!listening) return null;
      return vm.object([
        ['address', listening.host],
        ['family', listening.host.includes(':') ? 'IPv6' : 'IPv4'],
        ['port', listening.port],
      ]);
    },
    request: (_vm, args) => startRequest(vm, args),
  });
  return binding;
}
