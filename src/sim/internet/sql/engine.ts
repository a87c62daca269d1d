// A database server's work on one statement of one session. Sessions see each other's changes at once; ROLLBACK puts back
// what the session's databases were when it began.

import { type Catalog, copyOf, type Database, type Table, type User } from './catalog.ts';
import { change } from './changes.ts';
import { define } from './defining.ts';
import type { Scope, World } from './evaluate.ts';
import { type Relation, runSelect, type Tables } from './query.ts';
import { showStatement } from './show.ts';
import { parseStatement } from './statements.ts';
import { Refused, type SqlError, type Statement, type TableName } from './syntax.ts';
import type { Dialect } from './tokens.ts';
import { isNumeric } from './types.ts';
import { virtualTable } from './virtual.ts';

/** What a statement did. */
export interface Outcome {
  readonly relation?: Relation;
  /** Rows changed; and the words PostgreSQL answers with. */
  readonly affected: number;
  readonly tag: string;
  /** Rows found by an UPDATE; rows given to an INSERT. */
  readonly found?: number;
  readonly database?: string;
}

/** One client's hold on the server. */
export interface Session {
  readonly dialect: Dialect;
  readonly catalog: Catalog;
  readonly user: User;
  readonly host: string;
  readonly connection: number;
  readonly version: string;
  readonly variables: ReadonlyMap<string, string>;
  database: string | undefined;
  lastInsert: number;
  /** Databases as they were at BEGIN. */
  before: Map<string, Database> | undefined;
  /** After an error inside a transaction PostgreSQL takes nothing but its end. */
  failed: boolean;
}

/** The database that a name is in. */
export function databaseFor(session: Session, name: string | undefined): Database {
  const { dialect, catalog } = session;
  const wanted = dialect === 'postgres' ? session.database : (name ?? session.database);
  if (wanted === undefined) throw new Refused('no database selected');
  const database = catalog.databases.get(wanted);
  if (!database) throw new Refused('no database', [wanted]);
  if (!mayUse(session, wanted))
    throw new Refused('database denied', [session.user.name, session.host, wanted]);
  if (dialect === 'postgres' && name !== undefined && name !== 'public' && name !== wanted)
    throw new Refused('no schema', [name]);
  return database;
}

/** Whether the session's user may touch a database at all. */
export function mayUse({ user, dialect }: Session, database: string): boolean {
  if (user.superuser || dialect === 'postgres') return true;
  return user.grants.some(({ on }) => {
    const name = on.replace(/\..*$/, '').replaceAll('`', '').replaceAll('\\', '');
    return name === '*' || name === database || name === `${database}%`;
  });
}

export function tableFor(session: Session, name: TableName): Table {
  const database = databaseFor(session, name.database);
  const table = database.tables.get(name.name);
  if (!table) {
    const where = session.dialect === 'mysql' ? database.name : (name.database ?? '');
    throw new Refused('no table', [name.name, where]);
  }
  return table;
}

/** A table's rows for a query: one that is stored, or one that the server makes up. */
function tablesOf(session: Session): Tables {
  return (name) => {
    const made = virtualTable(session, name);
    if (made) return made;
    const table = tableFor(session, name);
    return {
      columns: table.columns.map((column) => column.name),
      numeric: table.columns.map(({ type }) => isNumeric(type)),
      rows: table.rows,
    };
  };
}

export function worldOf(session: Session, now: number): World {
  const world: World = {
    dialect: session.dialect,
    now,
    version: session.version,
    user: session.user.name,
    host: session.host,
    database: session.database,
    connection: session.connection,
    variables: session.variables,
    get lastInsert() {
      return session.lastInsert;
    },
    set lastInsert(value: number) {
      session.lastInsert = value;
    },
    query: (select, outer) =>
      runSelect(select, tablesOf(session), world, outer).rows.map((row) => [...row]),
  };
  return world;
}

/** Rows for RETURNING: what the items say of each. */
export function selectFrom(
  session: Session,
  world: World,
  select: Statement & { k: 'select' },
  scope?: Scope,
): Relation {
  return runSelect(select, tablesOf(session), world, scope);
}

/** Carries out one statement. */
export function execute(session: Session, text: string, now: number): Outcome | SqlError {
  try {
    const statement = parseStatement(text, session.dialect);
    if (session.failed && !['commit', 'rollback'].includes(statement.k))
      throw new Refused('transaction aborted');
    return perform(session, statement, worldOf(session, now));
  } catch (refusal) {
    if (!(refusal instanceof Refused)) throw refusal;
    if (session.before && session.dialect === 'postgres') session.failed = true;
    return refusal.reason;
  }
}

function perform(session: Session, statement: Statement, world: World): Outcome {
  switch (statement.k) {
    case 'select': {
      const relation = selectFrom(session, world, statement);
      return { relation, affected: 0, tag: `SELECT ${relation.rows.length}` };
    }
    case 'insert':
    case 'update':
    case 'delete':
    case 'truncate':
      return change(session, statement, world);
    case 'show':
    case 'describe':
      return { relation: showStatement(session, statement), affected: 0, tag: 'SHOW' };
    case 'begin':
      session.before = new Map();
      for (const database of session.catalog.databases.values())
        session.before.set(database.name, copyOf(database));
      return { affected: 0, tag: statement.tag };
    case 'commit': {
      const tag = session.failed ? 'ROLLBACK' : statement.tag;
      if (session.failed) restore(session);
      session.before = undefined;
      session.failed = false;
      return { affected: 0, tag };
    }
    case 'rollback':
      restore(session);
      return { affected: 0, tag: statement.tag };
    case 'nothing':
      return { affected: 0, tag: statement.tag };
    default:
      return define(session, statement, world);
  }
}

/** Puts the databases back as they were when the transaction began. */
export function restore(session: Session): void {
  for (const [name, database] of session.before ?? []) {
    session.catalog.databases.set(name, database);
    session.catalog.dirty.add(name);
  }
  session.before = undefined;
  session.failed = false;
}
