// The common part of database clients: connecting by TCP or the unix socket, logging in, asking.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../kernel/errno.ts';
import { resolveHost } from '../../userland/libc/resolver.ts';
import { type Ask, type Told, Wire } from './wire.ts';

/** Where a server is: a name and a port, or a socket's path. */
export type Where = { readonly host: string; readonly port: number } | { readonly path: string };

export type ConnectFailure =
  | { readonly failure: 'name' }
  | { readonly failure: 'connect'; readonly errno: Errno; readonly address: string };

export type Welcome = Told & { kind: 'welcome' };

/** An open connection. */
export class Connection {
  readonly wire: Wire;
  private readonly process: Process;
  constructor(process: Process, fd: number) {
    this.process = process;
    this.wire = new Wire(process, fd);
  }

  *ask(message: Ask): Routine<Told | undefined> {
    yield* this.wire.send(message);
    return yield* this.wire.receive<Told>();
  }

  close(): void {
    this.process.close(this.wire.fd);
  }
}

/** Connects without logging in. */
export function* connectTo(p: Process, where: Where): Routine<Connection | ConnectFailure> {
  if ('path' in where) {
    const fd = p.socket('unix', 'stream');
    if (isErrno(fd)) return { failure: 'connect', errno: fd, address: where.path };
    const errno = yield* p.connect(fd, { path: where.path });
    return errno ? { failure: 'connect', errno, address: where.path } : new Connection(p, fd);
  }
  const addresses = yield* resolveHost(p, where.host);
  if (!Array.isArray(addresses)) return { failure: 'name' };
  let last: ConnectFailure = { failure: 'name' };
  for (const address of addresses as string[]) {
    const fd = p.socket('inet', 'stream');
    if (isErrno(fd)) return { failure: 'connect', errno: fd, address };
    const errno = yield* p.connect(fd, { address, port: where.port });
    if (!errno) return new Connection(p, fd);
    p.close(fd);
    last = { failure: 'connect', errno, address };
  }
  return last;
}
