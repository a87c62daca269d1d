// socket: TCP, UDP and unix sockets by the kernel's own calls.

import { Content } from '../../../../core/content.ts';
import type { Routine } from '../../../../core/wait.ts';
import { EAGAIN, EINTR, type Errno, isErrno } from '../../../../kernel/errno.ts';
import type { SocketAddress } from '../../../../kernel/network/socket.ts';
import { resolveHost } from '../../../libc/resolver.ts';
import { writeAll } from '../../../libc/whole-file.ts';
import { Missing } from '../../interpreter.ts';
import { bytesOf, integer, natives, real, text } from '../arguments.ts';
import { exceptionClass, osError, PyException, PyRaise, raise } from '../errors.ts';
import { runHandlers } from '../execute.ts';
import { fileObject } from '../files.ts';
import {
  classValue,
  methods,
  objectClass,
  PyClass,
  PyHosted,
  PyList,
  PyTuple,
  type Value,
} from '../values.ts';
import type { Vm } from '../vm.ts';

const AF_UNIX = 1n;
const AF_INET = 2n;
const AF_INET6 = 10n;
const SOCK_STREAM = 1n;
const SOCK_DGRAM = 2n;

interface Open {
  fd: number;
  readonly family: bigint;
  readonly type: bigint;
  /** Seconds; undefined: waits for ever. */
  timeout: number | undefined;
}

const socketClass = new PyClass('socket', [objectClass], { module: 'socket' });
const gaierror = new PyClass('gaierror', [exceptionClass('OSError')], { module: 'socket' });

function open(value: Value | undefined): Open {
  if (value instanceof PyHosted && value.type.isSubclassOf(socketClass)) return value.host as Open;
  throw raise('TypeError', 'a socket is required');
}

function made(fd: number, family: bigint, type: bigint): PyHosted<Open> {
  const host: Open = { fd, family, type, timeout: undefined };
  const value = new PyHosted(socketClass, host);
  value.attributes?.set('family', family);
  value.attributes?.set('type', type);
  return value;
}

socketClass.construct = (vm, args, keywords): Value => {
  const family = BigInt(integer(args[0] ?? keywords.get('family'), 2));
  const type = BigInt(integer(args[1] ?? keywords.get('type'), 1));
  if (family === AF_INET6) throw new Missing('python3: socket.AF_INET6');
  const kind = type === SOCK_DGRAM ? 'dgram' : 'stream';
  const fd = vm.process.socket(family === AF_UNIX ? 'unix' : 'inet', kind);
  if (isErrno(fd)) throw osError(fd);
  vm.process.setCloseOnExec(fd, true);
  return made(fd, family, type);
};

/** The addresses of a name. Raises gaierror. */
function* addresses(vm: Vm, name: string): Routine<readonly string[]> {
  if (name === '') return ['0.0.0.0'];
  const found = yield* resolveHost(vm.process, name);
  if (!('failure' in found)) return found.filter((address) => !address.includes(':'));
  const number = found.failure === 'again' ? -3n : found.failure === 'no data' ? -5n : -2n;
  const exception = new PyException(gaierror, [number, found.text]);
  exception.attributes.set('errno', number);
  exception.attributes.set('strerror', found.text);
  throw new PyRaise(exception);
}

function* addressOf(vm: Vm, socket: Open, value: Value | undefined): Routine<SocketAddress> {
  if (socket.family === AF_UNIX) return { path: text(value) };
  if (!(value instanceof PyTuple)) throw raise('TypeError', 'AF_INET address must be tuple');
  const [host = '', port] = value.items;
  const [address = '0.0.0.0'] = yield* addresses(vm, text(host));
  return { address, port: integer(port) };
}

function shown(address: SocketAddress | Errno): Value {
  if (isErrno(address)) throw osError(address);
  return 'path' in address ? address.path : new PyTuple([address.address, BigInt(address.port)]);
}

/** The time by which a call must be done. */
function until(vm: Vm, { timeout }: Open): number | undefined {
  return timeout === undefined ? undefined : vm.process.now + timeout * 1e9;
}

/** Calls until it is no signal that interrupts; handlers run in between. */
function* again<T>(vm: Vm, call: () => Routine<T | Errno>): Routine<T> {
  for (;;) {
    const result = yield* call();
    if (!isErrno(result)) return result;
    if (result === EAGAIN) throw raise('TimeoutError', 'timed out');
    if (result !== EINTR) throw osError(result);
    yield* runHandlers(vm);
  }
}

function check(failed: Errno | undefined): null {
  if (failed) throw osError(failed);
  return null;
}

methods(socketClass, {
  *bind(vm, [self, address]) {
    const host = open(self);
    return check(vm.process.bind(host.fd, yield* addressOf(vm, host, address)));
  },
  listen: (vm, [self, backlog]) => check(vm.process.listen(open(self).fd, integer(backlog, 128))),
  *accept(vm, [self]) {
    const host = open(self);
    const fd = yield* again(vm, () => vm.process.accept(host.fd, until(vm, host)));
    vm.process.setCloseOnExec(fd, true);
    return new PyTuple([made(fd, host.family, host.type), shown(vm.process.getpeername(fd))]);
  },
  *connect(vm, [self, address]) {
    const host = open(self);
    const target = yield* addressOf(vm, host, address);
    const failed = yield* vm.process.connect(host.fd, target, until(vm, host));
    if (failed === EAGAIN) throw raise('TimeoutError', 'timed out');
    return check(failed);
  },
  *connect_ex(vm, [self, address]) {
    const host = open(self);
    const target = yield* addressOf(vm, host, address);
    const failed = yield* vm.process.connect(host.fd, target, until(vm, host));
    return BigInt(failed?.number ?? 0);
  },
  *recv(vm, [self, size]) {
    const host = open(self);
    const by = until(vm, host);
    if (by !== undefined) yield* waitReadable(vm, host, by);
    return yield* again(vm, () => vm.process.read(host.fd, integer(size)));
  },
  *send(vm, [self, bytes]) {
    return BigInt(yield* again(vm, () => vm.process.write(open(self).fd, bytesOf(bytes))));
  },
  *sendall(vm, [self, bytes]) {
    return check(yield* writeAll(vm.process, open(self).fd, bytesOf(bytes)));
  },
  *sendto(vm, [self, bytes, address]) {
    const host = open(self);
    const target = yield* addressOf(vm, host, address);
    const content = bytesOf(bytes);
    const sent = vm.process.sendTo(host.fd, Content.ofBytes(content), content.length, target);
    if (isErrno(sent)) throw osError(sent);
    return BigInt(sent);
  },
  *recvfrom(vm, [self]) {
    const host = open(self);
    const got = yield* again(vm, () => vm.process.receiveFrom(host.fd, until(vm, host)));
    return new PyTuple([got.content.bytes(), shown(got.from)]);
  },
  setsockopt: (vm, [self, level, option, value]) => {
    const known =
      level === 1n && option === 2n
        ? 'SO_REUSEADDR'
        : level === 1n && option === 15n
          ? 'SO_REUSEPORT'
          : undefined;
    return known === undefined
      ? null
      : check(vm.process.setsockopt(open(self).fd, known, integer(value)));
  },
  settimeout: (_vm, [self, value = null]) => {
    open(self).timeout = value === null ? undefined : real(value);
    return null;
  },
  getsockname: (vm, [self]) => shown(vm.process.getsockname(open(self).fd)),
  getpeername: (vm, [self]) => shown(vm.process.getpeername(open(self).fd)),
  fileno: (_vm, [self]) => BigInt(open(self).fd),
  makefile: (vm, [self, mode = 'r']) => {
    const fd = vm.process.dup(open(self).fd);
    if (isErrno(fd)) throw osError(fd);
    return fileObject(vm, fd, String(fd), text(mode));
  },
  shutdown: (vm, [self, how]) =>
    check(vm.process.shutdown(open(self).fd, how === 0n ? 'read' : how === 1n ? 'write' : 'both')),
  close: (vm, [self]) => {
    const host = open(self);
    if (host.fd >= 0) vm.process.close(host.fd);
    host.fd = -1;
    return null;
  },
  __enter__: (_vm, [self = null]) => self,
  __exit__: (vm, [self]) => {
    const host = open(self);
    if (host.fd >= 0) vm.process.close(host.fd);
    host.fd = -1;
    return null;
  },
});

function* waitReadable(vm: Vm, host: Open, by: number): Routine<void> {
  const socket = vm.process.socketOf(host.fd);
  if (isErrno(socket)) throw osError(socket);
  while (!socket.readable) {
    if (vm.process.now >= by) throw raise('TimeoutError', 'timed out');
    yield { on: [socket.changed], until: by };
  }
}

export function socketModule(): Map<string, Value> {
  return new Map<string, Value>([
    ['AF_UNIX', AF_UNIX],
    ['AF_INET', AF_INET],
    ['AF_INET6', AF_INET6],
    ['SOCK_STREAM', SOCK_STREAM],
    ['SOCK_DGRAM', SOCK_DGRAM],
    ['SOL_SOCKET', 1n],
    ['SO_REUSEADDR', 2n],
    ['SO_REUSEPORT', 15n],
    ['SO_KEEPALIVE', 9n],
    ['IPPROTO_TCP', 6n],
    ['TCP_NODELAY', 1n],
    ['SHUT_RD', 0n],
    ['SHUT_WR', 1n],
    ['SHUT_RDWR', 2n],
    ['socket', classValue(socketClass)],
    ['gaierror', classValue(gaierror)],
    ['error', classValue(exceptionClass('OSError'))],
    ['timeout', classValue(exceptionClass('TimeoutError'))],
    ...natives({
      gethostname: (vm) => vm.process.hostname,
      getfqdn: (vm) => vm.process.hostname,
      *gethostbyname(vm, [name]) {
        return (yield* addresses(vm, text(name)))[0] ?? '0.0.0.0';
      },
      *getaddrinfo(vm, [name = null, port = null]) {
        const list = yield* addresses(vm, name === null ? '' : text(name));
        return new PyList(
          list.map(
            (address) =>
              new PyTuple([AF_INET, SOCK_STREAM, 6n, '', new PyTuple([address, port ?? 0n])]),
          ),
        );
      },
      *create_connection(vm, [address, timeout], keywords) {
        if (!(address instanceof PyTuple)) throw raise('TypeError', 'an address is a tuple');
        const fd = vm.process.socket('inet', 'stream');
        if (isErrno(fd)) throw osError(fd);
        const socket = made(fd, AF_INET, SOCK_STREAM);
        const limit = timeout ?? keywords.get('timeout') ?? null;
        if (limit !== null) socket.host.timeout = real(limit);
        const target = yield* addressOf(vm, socket.host, address);
        const failed = yield* vm.process.connect(fd, target, until(vm, socket.host));
        if (failed) vm.process.close(fd);
        if (failed === EAGAIN) throw raise('TimeoutError', 'timed out');
        check(failed);
        return socket;
      },
    }),
  ]);
}
