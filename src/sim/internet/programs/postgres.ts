// postgres and initdb: the server on its data directory, and making one. It speaks our own protocol (sql/wire.ts). Left
// out: postgresql.conf, replication, authentication other than by password or trust.

import { decode, encode } from '../../core/text.ts';
import { epochMilliseconds, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { SIGINT, SIGQUIT, SIGTERM } from '../../kernel/signals.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { readFile, writeFile } from '../../userland/libc/whole-file.ts';
import { type Catalog, emptyCatalog, type User } from '../sql/catalog.ts';
import { type Message, postgresMessage } from '../sql/messages.ts';
import { type Caller, openSockets, serveClients, type Server } from '../sql/server.ts';
import { load, postgresLayout, save } from '../sql/storage.ts';

export const SOCKET_DIRECTORY = '/var/run/postgresql';

/** `16.11 (Debian 16.11-1.pgdg12+1)`, from the image's PG_VERSION. */
export function versionOf(p: Process): { readonly number: string; readonly full: string } {
  const text = p.environment.get('PG_VERSION') ?? '16.11-1.pgdg12+1';
  const number = text.replace(/-.*/, '');
  return { number, full: `${number} (Debian ${text})` };
}

function valueOf(args: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [i, word] of args.entries()) {
    for (const name of names) {
      if (word === name) return args[i + 1];
      if (name.startsWith('--') && word.startsWith(`${name}=`)) return word.slice(name.length + 1);
    }
  }
  return undefined;
}

function* log(main: Main, level: string, text: string): Routine<void> {
  const { process: p } = main;
  const iso = new Date(epochMilliseconds(p.now)).toISOString();
  main.err.put(`${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC [${p.pid}] ${level}:  ${text}\n`);
  yield* main.err.flush();
}

function* runInitdb(main: Main): ProgramRun {
  const { process: p, args } = main;
  const root = valueOf(args, '-D', '--pgdata') ?? p.environment.get('PGDATA') ?? '';
  const user = valueOf(args, '-U', '--username') ?? 'postgres';
  if (p.uid === 0) {
    main.err.put(
      'initdb: error: cannot be run as root\ninitdb: hint: Please log in (using, e.g., "su") as the (unprivileged) user that will own the server process.\n',
    );
    return 1;
  }
  const layout = postgresLayout(root);
  if (yield* load(p, layout)) {
    main.err.put(`initdb: error: directory "${root}" exists but is not empty\n`);
    return 1;
  }
  main.out.put(`The files belonging to this database system will be owned by user "postgres".
This user must also own the server process.

The database cluster will be initialized with locale "en_US.utf8".
The default database encoding has accordingly been set to "UTF8".
The default text search configuration will be set to "english".

Data page checksums are disabled.

fixing permissions on existing directory ${root} ... ok
creating subdirectories ... ok
selecting dynamic shared memory implementation ... posix
selecting default max_connections ... 100
selecting default shared_buffers ... 128MB
selecting default time zone ... Etc/UTC
creating configuration files ... ok
running bootstrap script ... ok
performing post-bootstrap initialization ... ok
syncing data to disk ... ok

`);
  yield* main.out.flush();
  yield* p.sleep(SECOND);
  const file = valueOf(args, '--pwfile');
  const bytes = file === undefined ? undefined : yield* readFile(p, file);
  const password = bytes === undefined || isErrno(bytes) ? '' : decode(bytes).trim();
  for (const name of ['base', 'global', 'pg_wal']) p.mkdir(`${root}/${name}`, 0o700);
  const catalog: Catalog = emptyCatalog();
  catalog.users = [
    {
      name: user,
      host: '%',
      password: password === '' ? undefined : password,
      superuser: true,
      grants: [],
    },
  ];
  catalog.databases.set('postgres', { name: 'postgres', owner: user, tables: new Map() });
  catalog.dirty.add(undefined).add('postgres');
  yield* save(p, layout, catalog);
  yield* writeFile(
    p,
    `${root}/PG_VERSION`,
    encode(`${versionOf(p).number.split('.')[0]}\n`),
    0o600,
  );
  const trust =
    'local   all             all                                     trust\nhost    all             all             127.0.0.1/32            trust\nhost    all             all             ::1/128                 trust\n';
  yield* writeFile(p, `${root}/pg_hba.conf`, encode(trust), 0o600);
  main.out.put(`
Success. You can now start the database server using:

    pg_ctl -D ${root} -l logfile start

`);
  main.err.put(
    'initdb: warning: enabling "trust" authentication for local connections\ninitdb: hint: You can change this by editing pg_hba.conf or using the option -A, or --auth-local and --auth-host, the next time you run initdb.\n',
  );
  return 0;
}

/** Whether pg_hba.conf takes a caller without a password: its first line that fits. */
function trusts(rules: string, address: string | undefined): boolean {
  for (const line of rules.split('\n')) {
    const words = line.replace(/#.*/, '').trim().split(/\s+/);
    const method = words.at(-1);
    if (words[0] === 'local' && address === undefined)
      return method === 'trust' || method === 'peer';
    if (words[0] !== 'host' || address === undefined) continue;
    const [place = ''] = words.slice(3);
    if (place === 'all' || place === '0.0.0.0/0' || place.replace('/32', '') === address)
      return method === 'trust';
  }
  return false;
}

function admit(
  catalog: Catalog,
  rules: string,
  caller: Caller,
): { user: User; host: string } | Message {
  const user = catalog.users.find(({ name }) => name === caller.user);
  const trusted = trusts(rules, caller.address);
  if (!user && trusted)
    return { code: '28000', text: `FATAL:  role "${caller.user}" does not exist` };
  const right = user?.password !== undefined && user.password === caller.password;
  if (!user || (!trusted && !right)) {
    if (!trusted && caller.password === undefined)
      return { code: 'password', text: 'fe_sendauth: no password supplied' };
    return {
      code: '28P01',
      text: `FATAL:  password authentication failed for user "${caller.user}"`,
    };
  }
  const database = caller.database ?? caller.user;
  if (!catalog.databases.has(database))
    return { code: '3D000', text: `FATAL:  database "${database}" does not exist` };
  return { user, host: caller.address ?? '[local]' };
}

function* failed(main: Main, error: Message, text: string): Routine<void> {
  if (error.code === 'password') return;
  const fatal = error.text.startsWith('FATAL:  ');
  yield* log(main, fatal ? 'FATAL' : 'ERROR', error.text.replace('FATAL:  ', ''));
  if (!fatal) yield* log(main, 'STATEMENT', text);
}

function* runServer(main: Main): ProgramRun {
  const { process: p, args } = main;
  const version = versionOf(p);
  if (args.includes('--version') || args.includes('-V')) {
    main.out.put(`postgres (PostgreSQL) ${version.full}\n`);
    return 0;
  }
  if (p.uid === 0) {
    main.err.put(
      '"root" execution of the PostgreSQL server is not permitted.\nThe server must be started under an unprivileged user ID to prevent\npossible system security compromise.  See the documentation for\nmore information on how to properly start the server.\n',
    );
    return 1;
  }
  const root = valueOf(args, '-D') ?? p.environment.get('PGDATA') ?? '';
  const layout = postgresLayout(root);
  const catalog = yield* load(p, layout);
  if (!catalog) {
    main.err.put(
      `postgres: could not access the server configuration file "${root}/postgresql.conf": No such file or directory\n`,
    );
    return 2;
  }
  const bytes = yield* readFile(p, `${root}/pg_hba.conf`);
  const rules = isErrno(bytes) ? '' : decode(bytes);
  yield* log(
    main,
    'LOG',
    `starting PostgreSQL ${version.full} on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit`,
  );
  const alone = args.some((word) => /^listen_addresses=$/.test(word));
  const port = Number(valueOf(args, '-p') ?? 5432);
  const socket = `${SOCKET_DIRECTORY}/.s.PGSQL.${port}`;
  const sockets = openSockets(p, alone ? undefined : port, socket);
  if (!Array.isArray(sockets)) {
    yield* log(
      main,
      'LOG',
      `could not bind IPv4 address "0.0.0.0": ${'reason' in sockets ? sockets.reason : ''}`,
    );
    yield* log(main, 'FATAL', 'could not create any TCP/IP sockets');
    return 1;
  }
  if (!alone) yield* log(main, 'LOG', `listening on IPv4 address "0.0.0.0", port ${port}`);
  yield* log(main, 'LOG', `listening on Unix socket "${socket}"`);
  let told: number | undefined;
  for (const signal of [SIGTERM, SIGINT, SIGQUIT]) {
    p.sigaction(signal, () => {
      told ??= signal;
    });
  }
  const server: Server = {
    dialect: 'postgres',
    catalog,
    layout,
    version: `PostgreSQL ${version.full} on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit`,
    variables: new Map(),
    admit: (caller) => admit(catalog, rules, caller),
    word: postgresMessage,
    stop: () => {
      p.kill(p.pid, SIGINT);
    },
    failed: (_p, error, text) => failed(main, error, text),
    connections: 0,
  };
  yield* p.sleep(SECOND / 10);
  serveClients(p, server, sockets);
  yield* log(main, 'LOG', 'database system is ready to accept connections');
  while (told === undefined) yield* p.pause();
  const how = told === SIGTERM ? 'smart' : told === SIGINT ? 'fast' : 'immediate';
  yield* log(main, 'LOG', `received ${how} shutdown request`);
  if (how === 'fast') yield* log(main, 'LOG', 'aborting any active transactions');
  yield* log(main, 'LOG', 'shutting down');
  p.unlink(socket);
  yield* log(main, 'LOG', 'database system is shut down');
  return p.exit(0);
}

export const postgres = program('postgres', runServer);
export const initdb = program('initdb', runInitdb);
