// psql: commands from -c and -f, a script on standard input, or a prompt. Of the backslash commands \c \conninfo \d \dt
// \du \l \i \q \x \? are there.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../userland/libc/options.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { type Connection, connectTo } from '../sql/client.ts';
import type { Message } from '../sql/messages.ts';
import type { Relation } from '../sql/query.ts';
import { splitStatements } from '../sql/tokens.ts';
import { SOCKET_DIRECTORY, versionOf } from './postgres.ts';
import { metaRelation } from './psql-describe.ts';
import { aligned, expanded, unaligned } from './psql-tables.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'command', short: 'c', long: 'command', argument: 'required' },
  { key: 'database', short: 'd', long: 'dbname', argument: 'required' },
  { key: 'file', short: 'f', long: 'file', argument: 'required' },
  { key: 'host', short: 'h', long: 'host', argument: 'required' },
  { key: 'port', short: 'p', long: 'port', argument: 'required' },
  { key: 'user', short: 'U', long: 'username', argument: 'required' },
  { key: 'list', short: 'l', long: 'list' },
  { key: 'tuples', short: 't', long: 'tuples-only' },
  { key: 'unaligned', short: 'A', long: 'no-align' },
  { key: 'separator', short: 'F', long: 'field-separator', argument: 'required' },
  { key: 'expanded', short: 'x', long: 'expanded' },
  { key: 'quiet', short: 'q', long: 'quiet' },
  { key: 'noRc', short: 'X', long: 'no-psqlrc' },
  { key: 'noPassword', short: 'w', long: 'no-password' },
  { key: 'password', short: 'W', long: 'password' },
  { key: 'set', short: 'v', long: 'set variable', argument: 'required' },
  { key: 'version', short: 'V', long: 'version' },
];

export interface Client {
  readonly main: Main;
  readonly options: ParsedOptions;
  connection: Connection;
  database: string;
  readonly user: string;
  superuser: boolean;
  expanded: boolean;
  /** ON_ERROR_STOP. */
  readonly stops: boolean;
}

export interface Target {
  readonly host: string | undefined;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** Where and as whom, by the options and the environment. */
export function targetOf(main: Main, options: ParsedOptions): Target {
  const { process: p } = main;
  const [first, second] = options.operands;
  const uri =
    /^postgres(?:ql)?:\/\/(?:([^:@/]+)(?::([^@]*))?@)?([^:/]*)(?::(\d+))?(?:\/(\w+))?/.exec(
      first ?? options.value('database') ?? '',
    );
  const user =
    uri?.[1] ??
    options.value('user') ??
    (uri ? undefined : second) ??
    p.environment.get('PGUSER') ??
    'root';
  const own =
    p.uid === 0 ? user : (options.value('user') ?? p.environment.get('PGUSER') ?? 'postgres');
  const who = uri?.[1] ?? (user === 'root' ? own : user);
  return {
    host: uri?.[3] || options.value('host') || p.environment.get('PGHOST') || undefined,
    port: Number(uri?.[4] ?? options.value('port') ?? p.environment.get('PGPORT') ?? 5432),
    user: who,
    database:
      uri?.[5] ??
      options.value('database') ??
      (uri ? undefined : first) ??
      p.environment.get('PGDATABASE') ??
      who,
  };
}

/** Connects and logs in; the text of what failed. */
export function* login(
  main: Main,
  target: Target,
  options: ParsedOptions,
): Routine<{ connection: Connection; superuser: boolean } | string> {
  const { process: p } = main;
  const { host, port, user, database } = target;
  const local = host === undefined || host.startsWith('/');
  const path = `${host ?? SOCKET_DIRECTORY}/.s.PGSQL.${port}`;
  const url = /^postgres(?:ql)?:\/\/[^:@/]+:([^@]*)@/.exec(options.operands[0] ?? '')?.[1];
  let password = url ?? p.environment.get('PGPASSWORD');
  for (let asked = false; ; asked = true) {
    const connection = yield* connectTo(p, local ? { path } : { host: host ?? '', port });
    if ('failure' in connection) {
      if (connection.failure === 'name')
        return `could not translate host name "${host}" to address: Name or service not known`;
      const { errno, address } = connection;
      const where = local
        ? `on socket "${path}"`
        : `at "${host}"${address === host ? '' : ` (${address})`}, port ${port}`;
      const hint = local
        ? '\n\tIs the server running locally and accepting connections on that socket?'
        : '\n\tIs the server running on that host and accepting TCP/IP connections?';
      return `connection to server ${where} failed: ${errno.message}${hint}`;
    }
    const told = yield* connection.ask({
      kind: 'login',
      user,
      database,
      ...(password === undefined ? {} : { password }),
    });
    if (told?.kind === 'welcome') return { connection, superuser: told.superuser };
    const error: Message =
      told?.kind === 'error'
        ? told.error
        : { code: '', text: 'server closed the connection unexpectedly' };
    if (error.code === 'password' && !asked && p.isTerminal(0) && !options.has('noPassword')) {
      main.err.put(`Password for user ${user}: `);
      yield* main.err.flush();
      connection.close();
      password = ((yield* main.input.line()) ?? '').replace(/\r?\n$/, '');
      main.err.put('\n');
      continue;
    }
    const peer = p.getpeername(connection.wire.fd);
    const ip = isErrno(peer) || 'path' in peer || peer.address === host ? '' : ` (${peer.address})`;
    connection.close();
    const where = local ? `on socket "${path}"` : `at "${host}"${ip}, port ${port}`;
    return `connection to server ${where} failed: ${error.text}`;
  }
}

function draw(client: Client, relation: Relation, title?: string, footer?: string): void {
  const { main, options } = client;
  const tuplesOnly = options.has('tuples');
  if (client.expanded) main.out.put(expanded(relation));
  else if (options.has('unaligned'))
    main.out.put(unaligned(relation, options.value('separator') ?? '|', tuplesOnly));
  else main.out.put(aligned(relation, { tuplesOnly, title, footer }));
}

function errorText(error: Message, text: string, prefix: string): string {
  let out = `${prefix}ERROR:  ${error.text}\n`;
  if (error.at !== undefined) {
    const before = text.slice(0, error.at);
    const number = before.split('\n').length;
    const line = text.split('\n')[number - 1] ?? '';
    const head = `LINE ${number}: `;
    const column = error.at - (before.lastIndexOf('\n') + 1);
    out += `${head}${line}\n${' '.repeat(head.length + column)}^\n`;
  }
  if (error.detail !== undefined) out += `DETAIL:  ${error.detail}\n`;
  if (error.hint !== undefined) out += `HINT:  ${error.hint}\n`;
  return out;
}

/** Sends a statement; false where it failed. */
export function* perform(client: Client, statement: string, prefix = ''): Routine<boolean> {
  const { main, connection, options } = client;
  const told = yield* connection.ask({ kind: 'query', text: statement });
  if (told?.kind === 'outcome') {
    const { relation, tag } = told.outcome;
    if (relation) draw(client, relation);
    if ((!relation || !tag.startsWith('SELECT')) && !options.has('quiet')) main.out.put(`${tag}\n`);
    yield* main.out.flush();
    return true;
  }
  yield* main.out.flush();
  if (told?.kind === 'error') main.err.put(errorText(told.error, statement, prefix));
  else main.err.put('server closed the connection unexpectedly\n');
  yield* main.err.flush();
  return false;
}

/** A backslash command; `quit` ends the client. */
function* meta(client: Client, line: string): Routine<'quit' | boolean> {
  const { main, options } = client;
  const [word = '', argument] = line.trim().replace(/;$/, '').split(/\s+/);
  switch (word) {
    case '\\q':
      return 'quit';
    case '\\x':
      client.expanded = !client.expanded;
      main.out.put(`Expanded display is ${client.expanded ? 'on' : 'off'}.\n`);
      return true;
    case '\\conninfo':
      main.out.put(
        `You are connected to database "${client.database}" as user "${client.user}" via socket in "${SOCKET_DIRECTORY}" at port "5432".\n`,
      );
      return true;
    case '\\c':
    case '\\connect': {
      const target = { ...targetOf(main, options), database: argument ?? client.database };
      const opened = yield* login(main, target, options);
      if (typeof opened === 'string') {
        main.err.put(`${opened}\nPrevious connection kept\n`);
        yield* main.err.flush();
        return false;
      }
      client.connection.close();
      client.connection = opened.connection;
      client.database = target.database;
      main.out.put(
        `You are now connected to database "${target.database}" as user "${client.user}".\n`,
      );
      return true;
    }
    case '\\i': {
      const bytes = yield* readFile(main.process, argument ?? '');
      if (!isErrno(bytes)) return (yield* runScript(client, decode(bytes), argument)) === 0;
      main.err.put(`${argument}: ${bytes.message}\n`);
      return false;
    }
    default: {
      const made = yield* metaRelation(client, word, argument);
      if (typeof made === 'string') {
        main.err.put(`${made}\n`);
        yield* main.err.flush();
        return false;
      }
      if (!made) {
        yield* notSimulated(main, `psql ${word}`);
        return false;
      }
      draw(client, made.relation, made.title, made.footer);
      return true;
    }
  }
}

function* runScript(client: Client, script: string, file?: string): Routine<number> {
  let held = '';
  let line = 0;
  for (const text of script.split('\n')) {
    line++;
    const prefix = file === undefined ? '' : `psql:${file}:${line}: `;
    if (held.trim() === '' && text.trim().startsWith('\\')) {
      const done = yield* meta(client, text);
      if (done === 'quit') return 0;
      if (!done && client.stops) return 3;
      continue;
    }
    held += `${text}\n`;
    const { statements, rest } = splitStatements(held, 'postgres');
    for (const statement of statements)
      if (!(yield* perform(client, `${statement};`, prefix)) && client.stops) return 3;
    held = rest;
  }
  if (held.trim() !== '' && !(yield* perform(client, held.trim())) && client.stops) return 3;
  return 0;
}

function* prompt(client: Client): Routine<number> {
  const { main } = client;
  main.out.put(`psql (${versionOf(main.process).full})\nType "help" for help.\n\n`);
  let held = '';
  for (;;) {
    const mark = client.superuser ? '#' : '>';
    main.out.put(`${client.database}${held.trim() === '' ? '=' : '-'}${mark} `);
    yield* main.out.flush();
    const line = yield* main.input.line();
    if (line === undefined) {
      main.out.put('\\q\n');
      return 0;
    }
    if (held.trim() === '' && /^\s*(quit|exit)\s*;?\s*$/.test(line)) return 0;
    if (held.trim() === '' && line.trim().startsWith('\\')) {
      if ((yield* meta(client, line)) === 'quit') return 0;
      continue;
    }
    held += line;
    const { statements, rest } = splitStatements(held, 'postgres');
    for (const statement of statements) yield* perform(client, `${statement};`);
    held = rest;
  }
}

function* run(main: Main): ProgramRun {
  const { process: p } = main;
  const options = parseOptions(main.args, OPTIONS);
  if (isOptionError(options)) {
    main.err.put(`psql: ${options.error}\npsql: hint: Try "psql --help" for more information.\n`);
    return 1;
  }
  if (options.has('version')) {
    main.out.put(`psql (PostgreSQL) ${versionOf(p).full}\n`);
    return 0;
  }
  const target = targetOf(main, options);
  const opened = yield* login(
    main,
    options.has('list') ? { ...target, database: 'postgres' } : target,
    options,
  );
  if (typeof opened === 'string') {
    main.err.put(`psql: error: ${opened}\n`);
    return 2;
  }
  const client: Client = {
    main,
    options,
    ...opened,
    database: target.database,
    user: target.user,
    expanded: options.has('expanded'),
    stops: options.values('set').some((pair) => /^ON_ERROR_STOP(=(1|on))?$/.test(pair)),
  };
  if (options.has('list')) return (yield* meta(client, '\\l')) === true ? 0 : 1;
  const commands = options.list.filter(([key]) => key === 'command' || key === 'file');
  for (const [key, value] of commands) {
    if (key === 'file') {
      const bytes = yield* readFile(p, value);
      if (isErrno(bytes)) {
        main.err.put(`psql: error: ${value}: ${bytes.message}\n`);
        return 1;
      }
      const status = yield* runScript(client, decode(bytes), value);
      if (status !== 0) return status;
      continue;
    }
    if (value.trim().startsWith('\\')) {
      if (!(yield* meta(client, value))) return 1;
      continue;
    }
    const { statements, rest } = splitStatements(value, 'postgres');
    for (const statement of [...statements, ...(rest.trim() === '' ? [] : [rest.trim()])])
      if (!(yield* perform(client, statement))) return 1;
  }
  if (commands.length > 0) return 0;
  if (p.isTerminal(0)) return yield* prompt(client);
  return yield* runScript(client, decode(yield* main.input.rest()));
}

export const psql = program('psql', run);
