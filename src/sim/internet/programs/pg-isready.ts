// pg_isready, createdb and dropdb: small clients of PostgreSQL.

import type { ProgramRun } from '../../kernel/program.ts';
import { isOptionError, type OptionSpec, parseOptions } from '../../userland/libc/options.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { connectTo } from '../sql/client.ts';
import { SOCKET_DIRECTORY } from './postgres.ts';
import { login, targetOf } from './psql.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'database', short: 'd', long: 'dbname', argument: 'required' },
  { key: 'host', short: 'h', long: 'host', argument: 'required' },
  { key: 'port', short: 'p', long: 'port', argument: 'required' },
  { key: 'user', short: 'U', long: 'username', argument: 'required' },
  { key: 'quiet', short: 'q', long: 'quiet' },
  { key: 'timeout', short: 't', long: 'timeout', argument: 'required' },
];

function* isReady(main: Main): ProgramRun {
  const options = parseOptions(main.args, OPTIONS);
  if (isOptionError(options)) {
    main.err.put(
      `pg_isready: ${options.error}\npg_isready: hint: Try "pg_isready --help" for more information.\n`,
    );
    return 3;
  }
  const host = options.value('host') ?? main.process.environment.get('PGHOST');
  const port = Number(options.value('port') ?? 5432);
  const where = host === undefined ? `${SOCKET_DIRECTORY}:${port}` : `${host}:${port}`;
  const connection = yield* connectTo(
    main.process,
    host === undefined ? { path: `${SOCKET_DIRECTORY}/.s.PGSQL.${port}` } : { host, port },
  );
  const ready = !('failure' in connection);
  if (ready) connection.close();
  if (!options.has('quiet'))
    main.out.put(`${where} - ${ready ? 'accepting connections' : 'no response'}\n`);
  return ready ? 0 : 2;
}

function* change(main: Main, statement: string): ProgramRun {
  const options = parseOptions(main.args, OPTIONS);
  if (isOptionError(options)) {
    main.err.put(`${main.name}: ${options.error}\n`);
    return 1;
  }
  const [name] = options.operands;
  if (name === undefined) return yield* notSimulated(main, `${main.name} without a name`);
  const target = { ...targetOf(main, { ...options, operands: [] }), database: 'postgres' };
  const opened = yield* login(main, target, options);
  if (typeof opened === 'string') {
    main.err.put(`${main.name}: error: ${opened}\n`);
    return 1;
  }
  const told = yield* opened.connection.ask({ kind: 'query', text: `${statement} "${name}"` });
  if (told?.kind !== 'error') return 0;
  const verb = statement === 'CREATE DATABASE' ? 'creation' : 'removal';
  main.err.put(`${main.name}: error: database ${verb} failed: ERROR:  ${told.error.text}\n`);
  return 1;
}

export const pgIsready = program('pg_isready', isReady);
export const createdb = program('createdb', (main) => change(main, 'CREATE DATABASE'));
export const dropdb = program('dropdb', (main) => change(main, 'DROP DATABASE'));
