// Tables that a server makes up: the information schema, accounts, PostgreSQL's catalogs; the columns that people read.

import type { Session } from './engine.ts';
import type { Relation } from './query.ts';
import { relation, SYSTEM_DATABASES } from './show.ts';
import type { ColumnDefinition, TableName, Value } from './syntax.ts';

type Maker = (session: Session) => Relation;

function tableRows(session: Session): (readonly [string, string, readonly Value[][]])[] {
  const { dialect, catalog, database } = session;
  const databases = [...catalog.databases.values()].filter(
    ({ name }) => dialect === 'mysql' || name === database,
  );
  return databases.flatMap((owner) =>
    [...owner.tables.values()].map(
      (table) => [dialect === 'mysql' ? owner.name : 'public', table.name, table.rows] as const,
    ),
  );
}

/** A column's default as PostgreSQL writes it: a sequence's next number, or the expression with its type. */
function defaultOf(session: Session, table: string, column: ColumnDefinition): string | null {
  const { counts, defaultText, name, type } = column;
  if (session.dialect === 'mysql') return defaultText ?? null;
  if (counts) return `nextval('${table}_${name}_seq'::regclass)`;
  return defaultText?.startsWith("'") ? `${defaultText}::${type}` : (defaultText ?? null);
}

const TABLES: Readonly<Record<string, Maker>> = {
  'information_schema.tables': (session) =>
    relation(
      ['table_catalog', 'table_schema', 'table_name', 'table_type', 'table_rows'],
      tableRows(session).map(([schema, name, rows]) => [
        'def',
        schema,
        name,
        'BASE TABLE',
        rows.length,
      ]),
    ),
  'information_schema.columns': (session) =>
    relation(
      [
        'table_schema',
        'table_name',
        'column_name',
        'ordinal_position',
        'data_type',
        'column_type',
        'is_nullable',
        'column_default',
      ],
      [...session.catalog.databases.values()].flatMap((database) =>
        [...database.tables.values()].flatMap((table) =>
          table.columns.map((column, i) => [
            session.dialect === 'mysql' ? database.name : 'public',
            table.name,
            column.name,
            i + 1,
            column.type.replace(/\(.*/, ''),
            column.type,
            column.notNull ? 'NO' : 'YES',
            defaultOf(session, table.name, column),
          ]),
        ),
      ),
    ),
  'information_schema.schemata': (session) =>
    relation(
      ['catalog_name', 'schema_name'],
      (session.dialect === 'mysql'
        ? [...session.catalog.databases.keys(), ...SYSTEM_DATABASES]
        : ['public', 'information_schema', 'pg_catalog']
      ).map((name) => ['def', name]),
    ),
  'mysql.user': ({ catalog }) =>
    relation(
      ['Host', 'User', 'plugin', 'account_locked'],
      catalog.users.map(({ name, host }) => [host, name, 'caching_sha2_password', 'N']),
    ),
  'mysql.db': ({ catalog }) =>
    relation(
      ['Host', 'Db', 'User'],
      catalog.users.flatMap(({ name, host, grants }) =>
        grants.map(({ on }) => [host, on.replace(/\..*/, '').replaceAll('`', ''), name]),
      ),
    ),
  pg_database: ({ catalog }) =>
    relation(
      ['datname', 'datallowconn'],
      [
        ...[...catalog.databases.keys()].map((name) => [name, true]),
        ['template1', true],
        ['template0', false],
      ],
    ),
  pg_tables: (session) =>
    relation(
      ['schemaname', 'tablename', 'tableowner'],
      tableRows(session).map(([schema, name]) => [
        schema,
        name,
        session.catalog.databases.get(session.database ?? '')?.owner ?? '',
      ]),
    ),
  pg_indexes: (session) =>
    relation(
      ['schemaname', 'tablename', 'indexname', 'indexdef'],
      [...(session.catalog.databases.get(session.database ?? '')?.tables.values() ?? [])].flatMap(
        (table) =>
          table.keys.map(({ kind, name, columns }) => {
            const made = `${kind === 'index' ? 'INDEX' : 'UNIQUE INDEX'} ${name} ON public.${table.name}`;
            return [
              'public',
              table.name,
              name,
              `CREATE ${made} USING btree (${columns.join(', ')})`,
            ];
          }),
      ),
    ),
  pg_user: ({ catalog }) =>
    relation(
      ['usename', 'usesuper'],
      catalog.users.map(({ name, superuser }) => [name, superuser]),
    ),
  pg_roles: ({ catalog }) =>
    relation(
      ['rolname', 'rolsuper', 'rolcanlogin'],
      catalog.users.map(({ name, superuser }) => [name, superuser, true]),
    ),
};

/** A made-up table by its name; undefined where there is none. */
export function virtualTable(
  session: Session,
  { database, name }: TableName,
): Relation | undefined {
  const postgres = session.dialect === 'postgres';
  const schema = postgres && database === 'pg_catalog' ? undefined : database?.toLowerCase();
  const key = schema === undefined ? name.toLowerCase() : `${schema}.${name.toLowerCase()}`;
  if (key.startsWith('pg_') && !postgres) return undefined;
  if (key === 'mysql.user' && !session.user.superuser) return undefined;
  return Object.hasOwn(TABLES, key) ? TABLES[key]?.(session) : undefined;
}
