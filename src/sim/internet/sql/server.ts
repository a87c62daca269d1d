// The common part of database servers: listening sockets, one thread for each connection, its login and its queries.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Catalog, User } from './catalog.ts';
import { execute, restore, type Session } from './engine.ts';
import type { Message } from './messages.ts';
import { type Layout, save } from './storage.ts';
import { isSqlError, type SqlError } from './syntax.ts';
import type { Dialect } from './tokens.ts';
import { type Ask, Wire } from './wire.ts';

/** Who has connected: by which way, and what they said of themselves. */
export interface Caller {
  /** The address; undefined by the unix socket. */
  readonly address: string | undefined;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string | undefined;
}

/** A database server, apart from its dialect's own words. */
export interface Server {
  readonly dialect: Dialect;
  readonly catalog: Catalog;
  readonly layout: Layout;
  /** As version() says it. */
  readonly version: string;
  readonly variables: ReadonlyMap<string, string>;
  /** What is sent before the client speaks. */
  readonly greet?: (connection: number) => Uint8Array;
  /** The account of a caller and the host it counts as, or why not. */
  readonly admit: (caller: Caller) => { user: User; host: string } | Message;
  readonly word: (error: SqlError, text: string) => Message;
  /** Asked to end by a client. */
  readonly stop: () => void;
  /** Told of every error, for the log. */
  readonly failed?: (p: Process, error: Message, text: string) => Routine<void>;
  connections: number;
}

/** How long a server waits for a client to say who it is (connect_timeout). */
const LOGIN_TIME = 10 * SECOND;

/** Opens the sockets: a port where one is given, and a unix socket. */
export function openSockets(
  p: Process,
  port: number | undefined,
  path: string,
): number[] | { readonly port: number; readonly reason: string } {
  const sockets: number[] = [];
  if (port !== undefined) {
    const fd = p.socket('inet', 'stream');
    if (isErrno(fd)) return { port, reason: fd.message };
    p.setsockopt(fd, 'SO_REUSEADDR', 1);
    const refused = p.bind(fd, { address: '0.0.0.0', port }) ?? p.listen(fd, 151);
    if (refused) return { port, reason: refused.message };
    sockets.push(fd);
  }
  p.unlink(path);
  const local = p.socket('unix', 'stream');
  if (!isErrno(local) && !p.bind(local, { path }) && !p.listen(local)) {
    p.chmod(path, 0o777);
    sockets.push(local);
  }
  return sockets;
}

/** Takes connections on every socket until the process ends. */
export function serveClients(p: Process, server: Server, sockets: readonly number[]): void {
  for (const listening of sockets) {
    p.thread(function* (thread) {
      for (;;) {
        const fd = yield* thread.accept(listening);
        if (isErrno(fd)) {
          if (fd.name === 'EINTR') continue;
          return 0;
        }
        thread.thread((own) => serveClient(own, server, fd));
      }
    });
  }
}

function* serveClient(p: Process, server: Server, fd: number): Routine<number> {
  const wire = new Wire(p, fd);
  const connection = ++server.connections + 7;
  if (server.greet) yield* wire.sendBytes(server.greet(connection));
  const session = yield* login(p, server, wire, connection);
  if (session) {
    yield* converse(p, server, wire, session);
    if (session.before) restore(session);
    yield* save(p, server.layout, server.catalog);
  }
  p.close(fd);
  return 0;
}

function* login(
  p: Process,
  server: Server,
  wire: Wire,
  connection: number,
): Routine<Session | undefined> {
  const asked = yield* wire.receive<Ask>(p.now + LOGIN_TIME);
  if (asked?.kind !== 'login') return undefined;
  const peer = p.getpeername(wire.fd);
  const address = isErrno(peer) || 'path' in peer ? undefined : peer.address;
  const { user: name, password, database } = asked;
  const admitted = server.admit({ address, user: name, password, database });
  if ('text' in admitted) {
    yield* server.failed?.(p, admitted, '') ?? silent();
    yield* wire.send({ kind: 'error', error: admitted });
    return undefined;
  }
  const { dialect, catalog, version, variables } = server;
  const session: Session = {
    dialect,
    catalog,
    ...admitted,
    connection,
    version,
    variables,
    database,
    lastInsert: 0,
    before: undefined,
    failed: false,
  };
  const { superuser } = admitted.user;
  yield* wire.send({
    kind: 'welcome',
    version,
    connection,
    superuser,
    ...(database === undefined ? {} : { database }),
  });
  return session;
}

function* silent(): Routine<void> {}

function* converse(p: Process, server: Server, wire: Wire, session: Session): Routine<void> {
  for (;;) {
    const asked = yield* wire.receive<Ask>();
    if (asked?.kind === 'shutdown') {
      yield* wire.send({ kind: 'outcome', outcome: { affected: 0, tag: 'SHUTDOWN' } });
      server.stop();
      return;
    }
    if (asked?.kind !== 'query') return;
    const outcome = execute(session, asked.text, p.now);
    if (isSqlError(outcome)) {
      const error = server.word(outcome, asked.text);
      yield* server.failed?.(p, error, asked.text) ?? silent();
      yield* wire.send({ kind: 'error', error });
      continue;
    }
    if (!session.before) yield* save(p, server.layout, server.catalog);
    yield* wire.send({ kind: 'outcome', outcome });
  }
}
