// MySQL's SHOW and DESCRIBE.

import type { Table } from './catalog.ts';
import { databaseFor, mayUse, type Session, tableFor } from './engine.ts';
import { likePattern } from './evaluate.ts';
import type { Relation } from './query.ts';
import { type ColumnDefinition, Refused, type Statement, type Value } from './syntax.ts';

export function relation(
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
): Relation {
  return {
    columns,
    numeric: columns.map(
      (_name, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'),
    ),
    rows,
  };
}

/** Databases that the server makes up, in every server. */
export const SYSTEM_DATABASES = ['information_schema', 'mysql', 'performance_schema', 'sys'];

function databases(session: Session): string[] {
  const own = [...session.catalog.databases.keys()].filter((name) => mayUse(session, name));
  const system = session.user.superuser
    ? SYSTEM_DATABASES
    : ['information_schema', 'performance_schema'];
  return [...own, ...system].sort();
}

function keyOf(table: Table, column: ColumnDefinition): string {
  const first = (kind: string): boolean =>
    table.keys.some((key) => key.kind === kind && key.columns[0] === column.name);
  const primary = table.keys.some(
    (key) => key.kind === 'primary' && key.columns.includes(column.name),
  );
  if (primary) return 'PRI';
  if (first('unique')) return 'UNI';
  return first('index') ? 'MUL' : '';
}

/** A column's default as DESCRIBE shows it. */
function plainDefault({ defaultText }: ColumnDefinition): string | null {
  if (defaultText === undefined || /^null$/i.test(defaultText)) return null;
  if (/^(current_timestamp|now)/i.test(defaultText)) return 'CURRENT_TIMESTAMP';
  return defaultText.replace(/^'(.*)'$/, '$1');
}

function describe(table: Table): Relation {
  return relation(
    ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'],
    table.columns.map((column) => [
      column.name,
      column.type,
      column.notNull ? 'NO' : 'YES',
      keyOf(table, column),
      plainDefault(column),
      column.counts
        ? 'auto_increment'
        : /^(current_timestamp|now)/i.test(column.defaultText ?? '')
          ? 'DEFAULT_GENERATED'
          : '',
    ]),
  );
}

/** The statement that would make a table anew, as SHOW CREATE TABLE and mysqldump have it. */
export function createText(table: Table): string {
  const lines = table.columns.map((column) => {
    const optional = /^timestamp/.test(column.type) && !column.notNull ? ' NULL' : '';
    const text =
      column.defaultText ??
      (column.notNull || /text|blob|json/.test(column.type) ? undefined : 'NULL');
    const byDefault =
      text === undefined || column.counts
        ? ''
        : ` DEFAULT ${/^[\d.-]+$/.test(text) ? `'${text}'` : text}`;
    return `  \`${column.name}\` ${column.type}${column.notNull ? ' NOT NULL' : optional}${byDefault}${column.counts ? ' AUTO_INCREMENT' : ''}`;
  });
  for (const { kind, name, columns } of table.keys) {
    const list = columns.map((column) => `\`${column}\``).join(',');
    if (kind === 'primary') lines.push(`  PRIMARY KEY (${list})`);
    else lines.push(`  ${kind === 'unique' ? 'UNIQUE KEY' : 'KEY'} \`${name}\` (${list})`);
  }
  const counter =
    table.counter > 1 && table.columns.some(({ counts }) => counts)
      ? ` AUTO_INCREMENT=${table.counter}`
      : '';
  return `CREATE TABLE \`${table.name}\` (\n${lines.join(',\n')}\n) ENGINE=InnoDB${counter} DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci`;
}

function filtered(
  rows: readonly (readonly Value[])[],
  like: string | undefined,
): (readonly Value[])[] {
  if (like === undefined) return [...rows];
  const pattern = likePattern(like, true);
  return rows.filter(([name]) => pattern.test(String(name)));
}

function grants(session: Session, of: string): Relation {
  const wanted = of === '' ? `${session.user.name}@${session.user.host}` : of;
  const user = session.catalog.users.find(({ name, host }) => `${name}@${host}` === wanted);
  if (!user) {
    const [name = '', host = '%'] = wanted.split('@');
    throw new Refused('no grant', [name, host]);
  }
  const who = `\`${user.name}\`@\`${user.host}\``;
  const rows = user.superuser
    ? [[`GRANT ALL PRIVILEGES ON *.* TO ${who} WITH GRANT OPTION`]]
    : [
        [`GRANT USAGE ON *.* TO ${who}`],
        ...user.grants.map(({ privileges, on }) => [
          `GRANT ${privileges} ON ${on.replace(/^([^`*.]+)\./, '`$1`.')} TO ${who}`,
        ]),
      ];
  return relation([`Grants for ${user.name}@${user.host}`], rows);
}

function indexes(table: Table): Relation {
  return relation(
    ['Table', 'Non_unique', 'Key_name', 'Seq_in_index', 'Column_name'],
    table.keys.flatMap(({ kind, name, columns }) =>
      columns.map((column, i) => [table.name, kind === 'index' ? 1 : 0, name, i + 1, column]),
    ),
  );
}

/** The rows of SHOW … and DESCRIBE. */
export function showStatement(
  session: Session,
  statement: Statement & { k: 'show' | 'describe' },
): Relation {
  if (statement.k === 'describe') return describe(tableFor(session, statement.table));
  const { what, of, like, from } = statement;
  const found = (): Table => tableFor(session, { database: from, name: of });
  switch (what) {
    case 'databases':
    case 'schemas': {
      const title = like === undefined ? 'Database' : `Database (${like})`;
      return relation(
        [title],
        filtered(
          databases(session).map((name) => [name]),
          like,
        ),
      );
    }
    case 'tables': {
      const database = databaseFor(session, from);
      const title = `Tables_in_${database.name}${like === undefined ? '' : ` (${like})`}`;
      return relation(
        [title],
        filtered(
          [...database.tables.keys()].sort().map((name) => [name]),
          like,
        ),
      );
    }
    case 'columns':
    case 'fields':
      return describe(found());
    case 'index':
    case 'indexes':
    case 'keys':
      return indexes(found());
    case 'create table':
      return relation(['Table', 'Create Table'], [[of, createText(found())]]);
    case 'create database': {
      const database = databaseFor(session, of);
      return relation(
        ['Database', 'Create Database'],
        [
          [
            database.name,
            `CREATE DATABASE \`${database.name}\` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci */`,
          ],
        ],
      );
    }
    case 'grants':
      return grants(session, of);
    case 'variables':
      return relation(['Variable_name', 'Value'], filtered([...session.variables].sort(), like));
    case 'warnings':
    case 'errors':
      return relation(['Level', 'Code', 'Message'], []);
    case 'processlist':
      return relation(
        ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info'],
        [
          [
            session.connection,
            session.user.name,
            session.host,
            session.database ?? null,
            'Query',
            0,
            'init',
            'SHOW PROCESSLIST',
          ],
        ],
      );
    case 'engines':
      return relation(
        ['Engine', 'Support', 'Comment', 'Transactions', 'XA', 'Savepoints'],
        [
          [
            'InnoDB',
            'DEFAULT',
            'Supports transactions, row-level locking, and foreign keys',
            'YES',
            'YES',
            'YES',
          ],
        ],
      );
    default:
      throw new Refused('not simulated', [`SHOW ${what.toUpperCase()}`]);
  }
}
