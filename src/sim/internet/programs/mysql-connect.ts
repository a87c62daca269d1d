// What MySQL's clients have in common: the options that say where and as whom to connect, and what is said where that
// fails.

import type { Routine } from '../../core/wait.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../userland/libc/options.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { type Connection, type ConnectFailure, connectTo, type Welcome } from '../sql/client.ts';
import type { Message } from '../sql/messages.ts';
import { flavourOf } from './mysqld.ts';

/** Options of every client. */
export const CONNECT_OPTIONS: readonly OptionSpec[] = [
  { key: 'user', short: 'u', long: 'user', argument: 'required' },
  { key: 'password', short: 'p', long: 'password', argument: 'optional' },
  { key: 'host', short: 'h', long: 'host', argument: 'required' },
  { key: 'port', short: 'P', long: 'port', argument: 'required' },
  { key: 'socket', short: 'S', long: 'socket', argument: 'required' },
  { key: 'protocol', long: 'protocol', argument: 'required' },
  { key: 'version', short: 'V', long: 'version' },
  { key: 'ssl', long: 'ssl-mode', argument: 'required' },
  { key: 'charset', long: 'default-character-set', argument: 'required' },
  { key: 'timeout', long: 'connect-timeout connect_timeout', argument: 'required' },
];

/** A client's words by its options; undefined (said) where one is unknown. */
export function readWords(main: Main, more: readonly OptionSpec[]): ParsedOptions | undefined {
  const parsed = parseOptions(main.args, [...CONNECT_OPTIONS, ...more]);
  if (!isOptionError(parsed)) return parsed;
  const given = /'(.*?)'/.exec(parsed.error)?.[1] ?? '';
  main.err.put(
    `${main.name}: [ERROR] unknown option '${given.startsWith('-') ? given : `-${given}`}'.\n`,
  );
  return undefined;
}

/** An error in a client's form. */
export function errorLine({ number, code, text }: Message): string {
  return `ERROR ${number} (${code}): ${text}`;
}

function failureOf(
  failure: ConnectFailure,
  host: string,
  port: number,
  path: string | undefined,
): Message {
  if (failure.failure === 'name')
    return { number: 2005, code: 'HY000', text: `Unknown MySQL server host '${host}' (-2)` };
  const { errno } = failure;
  return path === undefined
    ? {
        number: 2003,
        code: 'HY000',
        text: `Can't connect to MySQL server on '${host}:${port}' (${errno.number})`,
      }
    : {
        number: 2002,
        code: 'HY000',
        text: `Can't connect to local MySQL server through socket '${path}' (${errno.number})`,
      };
}

/** Asks for a password on the terminal where -p stood alone. */
function* password(main: Main, options: ParsedOptions): Routine<string | undefined> {
  const { process: p } = main;
  if (!options.has('password')) return p.environment.get('MYSQL_PWD');
  const given = options.value('password') ?? '';
  if (given !== '') {
    const { maria, major } = flavourOf(p);
    const text = 'Using a password on the command line interface can be insecure.';
    if (!maria)
      main.err.put(
        major >= 8 || major === 5 ? `${main.name}: [Warning] ${text}\n` : `Warning: ${text}\n`,
      );
    yield* main.err.flush();
    return given;
  }
  main.err.put('Enter password: ');
  yield* main.err.flush();
  const line = yield* main.input.line();
  main.err.put('\n');
  return (line ?? '').replace(/\r?\n$/, '');
}

export interface Opened {
  readonly connection: Connection;
  readonly welcome: Welcome;
}

/** Connects and logs in by the options; a Message where that fails. */
export function* open(
  main: Main,
  options: ParsedOptions,
  database?: string,
): Routine<Opened | Message> {
  const { process: p } = main;
  const host = options.value('host') ?? 'localhost';
  const port = Number(options.value('port') ?? 3306);
  const local =
    host === 'localhost' && (options.value('protocol') ?? 'socket').toLowerCase() !== 'tcp';
  const usual = flavourOf(p).maria ? '/run/mysqld/mysqld.sock' : '/var/run/mysqld/mysqld.sock';
  const path = local ? (options.value('socket') ?? usual) : undefined;
  const secret = yield* password(main, options);
  const connection = yield* connectTo(p, path === undefined ? { host, port } : { path });
  if ('failure' in connection) return failureOf(connection, host, port, path);
  yield* connection.wire.receiveBytes();
  const login = {
    kind: 'login',
    user: options.value('user') ?? 'root',
    ...(secret === undefined ? {} : { password: secret }),
    ...(database === undefined ? {} : { database }),
  } as const;
  const told = yield* connection.ask(login);
  if (told?.kind === 'welcome') return { connection, welcome: told };
  if (told?.kind === 'error') return told.error;
  const where =
    "Lost connection to MySQL server at 'reading initial communication packet', system error: 0";
  return { number: 2013, code: 'HY000', text: where };
}
