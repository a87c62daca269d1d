// psql's \l, \dt, \d, \du: what they ask the server for, as tables with their titles.

import type { Routine } from '../../core/wait.ts';
import type { Relation } from '../sql/query.ts';
import type { Value } from '../sql/syntax.ts';
import type { Client } from './psql.ts';

export interface Described {
  readonly relation: Relation;
  readonly title?: string;
  /** In place of the count of rows. */
  readonly footer?: string;
}

function* rows(client: Client, text: string): Routine<readonly (readonly Value[])[]> {
  const told = yield* client.connection.ask({ kind: 'query', text });
  return told?.kind === 'outcome' ? (told.outcome.relation?.rows ?? []) : [];
}

function table(columns: readonly string[], list: readonly (readonly Value[])[]): Relation {
  return { columns, numeric: columns.map(() => false), rows: list };
}

function* databases(client: Client): Routine<Described> {
  const found = yield* rows(client, 'SELECT datname FROM pg_database ORDER BY datname');
  const owner =
    (yield* rows(client, 'SELECT usename FROM pg_user WHERE usesuper'))[0]?.[0] ?? 'postgres';
  const list = found.map(([name]): Value[] => {
    const access = /^template/.test(String(name)) ? `=c/${owner}\n${owner}=CTc/${owner}` : null;
    return [name ?? null, owner, 'UTF8', 'libc', 'en_US.utf8', 'en_US.utf8', null, null, access];
  });
  const columns = [
    'Name',
    'Owner',
    'Encoding',
    'Locale Provider',
    'Collate',
    'Ctype',
    'Locale',
    'ICU Rules',
    'Access privileges',
  ];
  return { relation: table(columns, list), title: 'List of databases' };
}

function* describeTable(client: Client, name: string): Routine<Described | string> {
  const quoted = name.replaceAll("'", "''");
  const columns = yield* rows(
    client,
    `SELECT column_name, column_type, is_nullable, column_default FROM information_schema.columns WHERE table_name = '${quoted}' ORDER BY ordinal_position`,
  );
  if (columns.length === 0) return `Did not find any relation named "${name}".`;
  const list = columns.map(([column = null, type = null, nullable, byDefault = null]): Value[] => [
    column,
    type,
    null,
    nullable === 'NO' ? 'not null' : null,
    byDefault,
  ]);
  const keys = yield* rows(
    client,
    `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '${quoted}'`,
  );
  const lines = keys.map(([key, made]) => {
    const text = String(made);
    let what = text.startsWith('CREATE UNIQUE') ? 'UNIQUE CONSTRAINT, ' : '';
    if (String(key).endsWith('_pkey')) what = 'PRIMARY KEY, ';
    return `    "${String(key)}" ${what}${text.slice(text.indexOf('btree'))}\n`;
  });
  const footer = lines.length > 0 ? `Indexes:\n${lines.join('')}` : '';
  return {
    relation: table(['Column', 'Type', 'Collation', 'Nullable', 'Default'], list),
    title: `Table "public.${name}"`,
    footer,
  };
}

/** What a describing command shows: a table, an error's text, or undefined where there is no such command. */
export function* metaRelation(
  client: Client,
  word: string,
  argument: string | undefined,
): Routine<Described | string | undefined> {
  switch (word) {
    case '\\l':
    case '\\list':
      return yield* databases(client);
    case '\\dt':
    case '\\d': {
      if (word === '\\d' && argument !== undefined) return yield* describeTable(client, argument);
      const list = yield* rows(
        client,
        'SELECT schemaname, tablename, tableowner FROM pg_tables ORDER BY tablename',
      );
      const shown = list.filter(([, name]) => argument === undefined || name === argument);
      if (shown.length === 0)
        return argument === undefined
          ? 'Did not find any relations.'
          : `Did not find any relation named "${argument}".`;
      const entries = shown.map(([schema = null, name = null, owner = null]): Value[] => [
        schema,
        name,
        'table',
        owner,
      ]);
      return {
        relation: table(['Schema', 'Name', 'Type', 'Owner'], entries),
        title: 'List of relations',
      };
    }
    case '\\du': {
      const list = yield* rows(client, 'SELECT rolname, rolsuper FROM pg_roles ORDER BY rolname');
      const entries = list.map(([name = null, power]): Value[] => [
        name,
        power ? 'Superuser, Create role, Create DB, Replication, Bypass RLS' : null,
      ]);
      return {
        relation: table(['Role name', 'Attributes'], entries),
        title: 'List of roles',
        footer: '',
      };
    }
    default:
      return undefined;
  }
}
