// mysqld and mariadbd: the server on a data directory. It speaks our own protocol after MySQL's greeting (sql/wire.ts).
// Left out: replication, the binary log, my.cnf, engines other than one.

import { rfc3339Fraction, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { encode } from '../../core/text.ts';
import { writeFile } from '../../userland/libc/whole-file.ts';
import { emptyCatalog, type User } from '../sql/catalog.ts';
import { type Message, mysqlMessage } from '../sql/messages.ts';
import { type Caller, openSockets, serveClients, type Server } from '../sql/server.ts';
import { load, mysqlLayout, save } from '../sql/storage.ts';
import { greeting } from '../sql/wire.ts';

/** Which server an image holds, by its environment. */
export interface Flavour {
  readonly maria: boolean;
  /** `8.4.7`, `12.1.2-MariaDB-ubu2404`. */
  readonly version: string;
  readonly comment: string;
  /** The major version. */
  readonly major: number;
}

export function flavourOf(p: Process): Flavour {
  const maria = /^(?:\d+:)?([\d.]+)\+maria~(\w+)/.exec(p.environment.get('MARIADB_VERSION') ?? '');
  if (maria) {
    const version = `${maria[1]}-MariaDB-${maria[2]}`;
    return {
      maria: true,
      version,
      comment: 'mariadb.org binary distribution',
      major: Number.parseInt(version, 10),
    };
  }
  const version = (p.environment.get('MYSQL_VERSION') ?? '8.4.7').replace(/-.*/, '');
  const major = Number.parseInt(version, 10);
  const comment = major >= 8 ? 'MySQL Community Server - GPL' : 'MySQL Community Server (GPL)';
  return { maria: false, version, comment, major };
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.findLastIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const word = args[at];
  if (word === undefined) return undefined;
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : (args[at + 1] ?? '');
}

type Level = 'System' | 'Note' | 'Warning' | 'ERROR';

/** A line of the error log in the form of the server's age. */
function* log(
  main: Main,
  flavour: Flavour,
  level: Level,
  code: string,
  text: string,
): Routine<void> {
  const { process: p } = main;
  const iso = rfc3339Fraction(p.now, 6);
  const [day, hour] = [iso.slice(0, 10), iso.slice(11, 19)];
  let line: string;
  if (flavour.maria)
    line = `${day} ${hour.replace(/^0/, ' ')} 0 [${level === 'System' ? 'Note' : level}] ${text}`;
  else if (flavour.major >= 8) line = `${iso} 0 [${level}] [${code}] [Server] ${text}`;
  else line = `${day} ${hour} ${p.pid} [${level === 'System' ? 'Note' : level}] ${text}`;
  main.err.put(`${line}\n`);
  yield* main.err.flush();
}

function* initialise(main: Main, flavour: Flavour, root: string): ProgramRun {
  const { process: p } = main;
  const layout = mysqlLayout(root);
  if (yield* load(p, layout)) {
    yield* log(
      main,
      flavour,
      'ERROR',
      'MY-010457',
      '--initialize specified but the data directory has files in it. Aborting.',
    );
    return 1;
  }
  if (flavour.major >= 8 && !flavour.maria)
    yield* log(main, flavour, 'System', 'MY-015017', 'MySQL Server Initialization - start.');
  yield* p.sleep(2 * SECOND);
  const catalog = emptyCatalog();
  catalog.users = [
    { name: 'root', host: 'localhost', password: undefined, superuser: true, grants: [] },
  ];
  catalog.dirty.add(undefined);
  for (const name of ['mysql', 'performance_schema', 'sys']) p.mkdir(`${root}/${name}`, 0o750);
  yield* writeFile(p, `${root}/ibdata1`, encode(''), 0o640);
  const uuid = p.simulation.random.fork('mysqld').uuid();
  yield* writeFile(p, `${root}/auto.cnf`, encode(`[auto]\nserver-uuid=${uuid}\n`), 0o640);
  yield* save(p, layout, catalog);
  if (flavour.maria) return 0;
  const empty =
    'root@localhost is created with an empty password ! Please consider switching off the --initialize-insecure option.';
  yield* log(main, flavour, 'Warning', 'MY-010453', empty);
  if (flavour.major >= 8)
    yield* log(main, flavour, 'System', 'MY-015018', 'MySQL Server Initialization - end.');
  return 0;
}

/** The account of a caller: of those whose host fits, the one that says it most exactly. */
function admit(
  users: readonly User[],
  databases: ReadonlyMap<string, unknown>,
  caller: Caller,
): { user: User; host: string } | Message {
  const host = caller.address ?? 'localhost';
  const fits = (user: User): boolean => {
    if (user.name !== caller.user) return false;
    if (user.host === '%' || user.host === host) return true;
    return user.host.endsWith('%') && host.startsWith(user.host.slice(0, -1));
  };
  const user = users.find((u) => fits(u) && u.host === host) ?? users.find(fits);
  if (!user || (user.password ?? '') !== (caller.password ?? '')) {
    const using = caller.password === undefined || caller.password === '' ? 'NO' : 'YES';
    const text = `Access denied for user '${caller.user}'@'${host}' (using password: ${using})`;
    return { number: 1045, code: '28000', text };
  }
  const { database } = caller;
  if (database === undefined) return { user, host };
  const named =
    user.superuser ||
    user.grants.some(
      ({ on }) =>
        on === '*.*' || on.replaceAll('`', '').replaceAll('\\', '').startsWith(`${database}.`),
    );
  if (!named) {
    const text = `Access denied for user '${user.name}'@'${user.host}' to database '${database}'`;
    return { number: 1044, code: '42000', text };
  }
  const known =
    databases.has(database) ||
    ['information_schema', 'mysql', 'performance_schema', 'sys'].includes(database);
  if (!known) return { number: 1049, code: '42000', text: `Unknown database '${database}'` };
  return { user, host };
}

function variablesOf(
  flavour: Flavour,
  root: string,
  socket: string,
  port: number | undefined,
): Map<string, string> {
  return new Map([
    ['version', flavour.version],
    ['version_comment', flavour.comment],
    ['datadir', `${root}/`],
    ['socket', socket],
    ['port', String(port ?? 0)],
    ['hostname', ''],
    ['max_connections', '151'],
    ['autocommit', 'ON'],
    ['character_set_server', 'utf8mb4'],
    ['default_storage_engine', 'InnoDB'],
    [
      'sql_mode',
      'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    ],
  ]);
}

function* started(main: Main, flavour: Flavour): Routine<void> {
  const { process: p, name } = main;
  const { version, maria, major } = flavour;
  if (maria) {
    yield* log(
      main,
      flavour,
      'Note',
      '',
      `Starting MariaDB ${version} source revision  server_uid  as process ${p.pid}`,
    );
    yield* log(main, flavour, 'Note', '', 'InnoDB: log sequence number 45502; transaction id 14');
  } else if (major >= 8) {
    yield* log(main, flavour, 'System', 'MY-015015', 'MySQL Server - start.');
    yield* log(
      main,
      flavour,
      'System',
      'MY-010116',
      `/usr/sbin/${name} (mysqld ${version}) starting as process ${p.pid}`,
    );
  } else
    yield* log(
      main,
      flavour,
      'Note',
      '',
      `${name} (mysqld ${version}) starting as process ${p.pid} ...`,
    );
}

function* ready(
  main: Main,
  flavour: Flavour,
  socket: string,
  port: number | undefined,
): Routine<void> {
  const { name } = main;
  const { version, maria, major, comment } = flavour;
  const words = `Version: '${version}'  socket: '${socket}'  port: ${port ?? 0}  ${comment}`;
  if (maria || major < 8) {
    yield* log(main, flavour, 'Note', '', `${name}: ready for connections.`);
    main.err.put(`${words}\n`);
    yield* main.err.flush();
  } else {
    yield* log(main, flavour, 'Warning', 'MY-010068', 'CA certificate ca.pem is self signed.');
    yield* log(
      main,
      flavour,
      'System',
      'MY-010931',
      `/usr/sbin/${name}: ready for connections. ${words}.`,
    );
  }
}

function* run(main: Main): ProgramRun {
  const { process: p, args, name } = main;
  const flavour = flavourOf(p);
  if (args.includes('--version') || args.includes('-V')) {
    main.out.put(
      `/usr/sbin/${name}  Ver ${flavour.version} for Linux on x86_64 (${flavour.comment})\n`,
    );
    return 0;
  }
  const root = (optionOf(args, 'datadir') ?? '/var/lib/mysql').replace(/\/$/, '');
  if (p.uid === 0 && optionOf(args, 'user') === undefined) {
    const text =
      'Please read "Security" section of the manual to find out how to run mysqld as root!';
    yield* log(main, flavour, 'ERROR', 'MY-010123', `Fatal error: ${text}`);
    return 1;
  }
  if (args.some((word) => word.startsWith('--initialize')))
    return yield* initialise(main, flavour, root);
  yield* started(main, flavour);
  const layout = mysqlLayout(root);
  const catalog = yield* load(p, layout);
  if (!catalog) {
    yield* log(
      main,
      flavour,
      'ERROR',
      'MY-010326',
      "Fatal error: Can't open and lock privilege tables: Table 'mysql.user' doesn't exist",
    );
    yield* log(main, flavour, 'ERROR', 'MY-010119', 'Aborting');
    return 1;
  }
  yield* p.sleep(SECOND / 2);
  const socket =
    optionOf(args, 'socket') ??
    (flavour.maria ? '/run/mysqld/mysqld.sock' : '/var/run/mysqld/mysqld.sock');
  const port = args.includes('--skip-networking')
    ? undefined
    : Number(optionOf(args, 'port') ?? 3306);
  const sockets = openSockets(p, port, socket);
  if (!Array.isArray(sockets)) {
    yield* log(
      main,
      flavour,
      'ERROR',
      'MY-010262',
      `Can't start server: Bind on TCP/IP port: ${'reason' in sockets ? sockets.reason : ''}`,
    );
    return 1;
  }
  let told: string | undefined;
  const end = (how: string) => (): void => {
    told ??= how;
  };
  p.sigaction(SIGTERM, end('<via user signal>'));
  p.sigaction(SIGINT, end('<via user signal>'));
  const server: Server = {
    dialect: 'mysql',
    catalog,
    layout,
    version: flavour.version,
    variables: variablesOf(flavour, root, socket, port),
    greet: (connection) =>
      greeting(flavour.maria ? `5.5.5-${flavour.version}` : flavour.version, connection),
    admit: (caller) => admit(catalog.users, catalog.databases, caller),
    word: (error, text) => mysqlMessage(error, text, flavour.maria ? 'MariaDB' : 'MySQL'),
    stop: () => {
      told ??= 'root';
      p.kill(p.pid, SIGTERM);
    },
    connections: 0,
  };
  serveClients(p, server, sockets);
  yield* ready(main, flavour, socket, port);
  while (told === undefined) yield* p.pause();
  return yield* shutDown(main, flavour, told, socket);
}

function* shutDown(main: Main, flavour: Flavour, by: string, socket: string): ProgramRun {
  const { process: p, name } = main;
  const { version, maria, major, comment } = flavour;
  if (!maria && major >= 8)
    yield* log(
      main,
      flavour,
      'System',
      'MY-013172',
      `Received SHUTDOWN from user ${by}. Shutting down mysqld (Version: ${version}).`,
    );
  else
    yield* log(
      main,
      flavour,
      'Note',
      '',
      maria
        ? `${name} (initiated by: ${by === 'root' ? 'root[root] @ localhost []' : 'unknown'}): Normal shutdown`
        : `${name}: Normal shutdown`,
    );
  yield* p.sleep(SECOND / 2);
  p.unlink(socket);
  if (!maria && major >= 8) {
    yield* log(
      main,
      flavour,
      'System',
      'MY-010910',
      `/usr/sbin/${name}: Shutdown complete (mysqld ${version})  ${comment}.`,
    );
    yield* log(main, flavour, 'System', 'MY-015016', 'MySQL Server - end.');
  } else yield* log(main, flavour, 'Note', '', `${name}: Shutdown complete`);
  return p.exit(0);
}

export const mysqld = program('mysqld', run);
