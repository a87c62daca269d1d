// mysqladmin and mysqldump, with MariaDB's names for them.

import type { ProgramRun } from '../../kernel/program.ts';
import type { Routine } from '../../core/wait.ts';
import { rfc3339, SECOND } from '../../core/time.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import type { Connection } from '../sql/client.ts';
import type { Relation } from '../sql/query.ts';
import type { Value } from '../sql/syntax.ts';
import { open, readWords } from './mysql-connect.ts';
import { flavourOf } from './mysqld.ts';

function* administer(main: Main): ProgramRun {
  const options = readWords(main, [
    { key: 'silent', short: 's', long: 'silent' },
    { key: 'wait', short: 'w', long: 'wait', argument: 'optional' },
  ]);
  if (!options) return 1;
  const [verb = ''] = options.operands;
  const opened = yield* open(main, options);
  if ('text' in opened) {
    // A server that refuses a password is alive.
    if (verb === 'ping' && opened.number === 1045) {
      main.out.put('mysqld is alive\n');
      return 0;
    }
    const host = options.value('host') ?? 'localhost';
    main.err.put(`${main.name}: connect to server at '${host}' failed\nerror: '${opened.text}'\n`);
    if (opened.number === 2002 && !options.has('silent'))
      main.err.put(
        `Check that mysqld is running and that the socket: '${/'(.*)'/.exec(opened.text)?.[1]}' exists!\n`,
      );
    return 1;
  }
  switch (verb) {
    case 'ping':
      main.out.put('mysqld is alive\n');
      return 0;
    case 'shutdown':
      yield* opened.connection.ask({ kind: 'shutdown' });
      return 0;
    case 'version':
      main.out.put(
        `${main.name}  Ver ${flavourOf(main.process).version} for Linux on x86_64\nServer version\t\t${opened.welcome.version}\nProtocol version\t10\n`,
      );
      return 0;
    case 'status': {
      const uptime = Math.floor(main.process.now / SECOND);
      main.out.put(
        `Uptime: ${uptime}  Threads: 1  Questions: ${opened.welcome.connection}  Slow queries: 0\n`,
      );
      return 0;
    }
    case 'create':
    case 'drop': {
      const text = `${verb.toUpperCase()} DATABASE \`${options.operands[1] ?? ''}\``;
      const told = yield* opened.connection.ask({ kind: 'query', text });
      if (told?.kind !== 'error') return 0;
      main.err.put(`${main.name}: ${text} failed; error: '${told.error.text}'\n`);
      return 1;
    }
    default:
      return yield* notSimulated(main, [main.name, ...main.args].join(' '));
  }
}

function* rowsOf(connection: Connection, text: string): Routine<Relation> {
  const told = yield* connection.ask({ kind: 'query', text });
  const empty: Relation = { columns: [], numeric: [], rows: [] };
  return told?.kind === 'outcome' ? (told.outcome.relation ?? empty) : empty;
}

function literal(value: Value, numeric = false): string {
  if (value === null) return 'NULL';
  if (numeric || typeof value === 'number') return String(value);
  return `'${String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

function* dumpTable(main: Main, connection: Connection, name: string): Routine<void> {
  const [created] = (yield* rowsOf(connection, `SHOW CREATE TABLE \`${name}\``)).rows;
  main.out.put(
    `\n--\n-- Table structure for table \`${name}\`\n--\n\nDROP TABLE IF EXISTS \`${name}\`;\n${String(created?.[1] ?? '')};\n`,
  );
  const { rows, numeric } = yield* rowsOf(connection, `SELECT * FROM \`${name}\``);
  main.out.put(`\n--\n-- Dumping data for table \`${name}\`\n--\n\n`);
  if (rows.length === 0) return;
  const values = rows
    .map((row) => `(${row.map((value, i) => literal(value, numeric[i])).join(',')})`)
    .join(',');
  main.out.put(`INSERT INTO \`${name}\` VALUES ${values};\n`);
}

function* dump(main: Main): ProgramRun {
  const options = readWords(main, [
    { key: 'all', short: 'A', long: 'all-databases' },
    { key: 'databases', short: 'B', long: 'databases' },
    { key: 'single', long: 'single-transaction' },
    { key: 'tablespaces', long: 'no-tablespaces' },
  ]);
  if (!options) return 1;
  const { operands } = options;
  const many = options.has('all') || options.has('databases');
  if (operands.length === 0 && !many) {
    main.err.put(
      `Usage: ${main.name} [OPTIONS] database [tables]\nOR     ${main.name} [OPTIONS] --databases [OPTIONS] DB1 [DB2 DB3...]\nOR     ${main.name} [OPTIONS] --all-databases [OPTIONS]\nFor more options, use ${main.name} --help\n`,
    );
    return 1;
  }
  const opened = yield* open(main, options);
  if ('text' in opened) {
    main.err.put(
      `${main.name}: Got error: ${opened.number}: "${opened.text}" when trying to connect\n`,
    );
    return 2;
  }
  const { connection, welcome } = opened;
  let names = many ? operands : operands.slice(0, 1);
  if (options.has('all')) {
    const system = ['information_schema', 'mysql', 'performance_schema', 'sys'];
    names = (yield* rowsOf(connection, 'SHOW DATABASES')).rows
      .map(([name]) => String(name))
      .filter((name) => !system.includes(name));
  }
  const version = flavourOf(main.process).version;
  main.out.put(
    `-- MySQL dump 10.13  Distrib ${version}, for Linux (x86_64)\n--\n-- Host: ${options.value('host') ?? 'localhost'}    Database: ${many ? '' : names[0]}\n-- ------------------------------------------------------\n-- Server version\t${welcome.version}\n`,
  );
  for (const name of names) {
    const told = yield* connection.ask({ kind: 'query', text: `USE \`${name}\`` });
    if (told?.kind === 'error') {
      main.err.put(
        `${main.name}: Got error: ${told.error.number}: "${told.error.text}" when selecting the database\n`,
      );
      return 2;
    }
    if (many)
      main.out.put(
        `\n--\n-- Current Database: \`${name}\`\n--\n\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ \`${name}\`;\n\nUSE \`${name}\`;\n`,
      );
    const asked = many ? [] : operands.slice(1);
    const tables =
      asked.length > 0
        ? asked
        : (yield* rowsOf(connection, 'SHOW TABLES')).rows.map(([table]) => String(table));
    for (const table of tables) yield* dumpTable(main, connection, table);
  }
  const time = rfc3339(main.process.now).replace('T', ' ').replace('Z', '');
  main.out.put(`\n-- Dump completed on ${time}\n`);
  return 0;
}

export const mysqladmin = program('mysqladmin', administer);
export const mysqldump = program('mysqldump', dump);
