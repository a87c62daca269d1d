// CREATE, DROP, ALTER of databases, tables, indexes and users; GRANT and REVOKE; USE.

import type { Table, User } from './catalog.ts';
import { databaseFor, mayUse, type Outcome, type Session, tableFor } from './engine.ts';
import { evaluate, type World } from './evaluate.ts';
import {
  type Account,
  type ColumnDefinition,
  type KeyDefinition,
  Refused,
  type Statement,
} from './syntax.ts';
import { stored } from './types.ts';

type Definition = Exclude<
  Statement,
  {
    k:
      | 'select'
      | 'insert'
      | 'update'
      | 'delete'
      | 'truncate'
      | 'show'
      | 'describe'
      | 'begin'
      | 'commit'
      | 'rollback'
      | 'nothing';
  }
>;

/** Carries out a definition. */
export function define(session: Session, statement: Definition, world: World): Outcome {
  const { catalog, dialect } = session;
  switch (statement.k) {
    case 'create database': {
      const { name } = statement;
      if (catalog.databases.has(name)) {
        if (statement.ifNew) return { affected: 1, tag: 'CREATE DATABASE' };
        throw new Refused('database exists', [name]);
      }
      needPower(session, name);
      catalog.databases.set(name, { name, tables: new Map(), owner: session.user.name });
      catalog.dirty.add(name);
      return { affected: 1, tag: 'CREATE DATABASE' };
    }
    case 'drop database': {
      const database = catalog.databases.get(statement.name);
      if (!database && statement.ifThere) return { affected: 0, tag: 'DROP DATABASE' };
      if (!database) throw new Refused('no database to drop', [statement.name]);
      if (dialect === 'postgres' && session.database === statement.name)
        throw new Refused('open database', [statement.name]);
      needPower(session, statement.name);
      catalog.databases.delete(statement.name);
      catalog.dirty.add(statement.name);
      if (session.database === statement.name) session.database = undefined;
      return { affected: database.tables.size, tag: 'DROP DATABASE' };
    }
    case 'use':
      if (!catalog.databases.has(statement.name))
        throw new Refused('no database', [statement.name]);
      if (!mayUse(session, statement.name))
        throw new Refused('database denied', [session.user.name, session.host, statement.name]);
      session.database = statement.name;
      return { affected: 0, tag: 'USE', database: statement.name };
    case 'create user':
    case 'alter user':
    case 'drop user':
    case 'grant':
    case 'revoke':
      return users(session, statement);
    default:
      return tables(session, statement, world);
  }
}

function needPower(session: Session, database: string): void {
  const { user, dialect, host } = session;
  if (user.superuser || (dialect === 'mysql' && mayUse(session, database))) return;
  if (dialect === 'postgres') throw new Refused('denied', ['create database']);
  throw new Refused('database denied', [user.name, host, database]);
}

type OfTables = Definition & {
  k: 'create table' | 'drop table' | 'rename' | 'add column' | 'drop column' | 'create index';
};

function tables(session: Session, statement: Definition, world: World): Outcome {
  const { catalog } = session;
  const of = statement as OfTables;
  if (of.k === 'drop table') return dropTables(session, of);
  const database = databaseFor(session, of.table.database);
  catalog.dirty.add(database.name);
  if (of.k === 'create table') {
    if (database.tables.has(of.table.name)) {
      if (of.ifNew) return { affected: 0, tag: 'CREATE TABLE' };
      throw new Refused('table exists', [of.table.name]);
    }
    database.tables.set(of.table.name, newTable(session, of));
    return { affected: 0, tag: 'CREATE TABLE' };
  }
  const table = tableFor(session, of.table);
  switch (of.k) {
    case 'rename':
      database.tables.delete(table.name);
      database.tables.set(of.to, { ...table, name: of.to });
      return { affected: 0, tag: 'ALTER TABLE' };
    case 'add column': {
      const { column } = of;
      if (table.columns.some(({ name }) => name === column.name))
        throw new Refused('column exists', [column.name, table.name]);
      const scope = { parts: [], outer: undefined, world };
      const value = column.byDefault ? evaluate(column.byDefault, scope) : null;
      table.columns = [...table.columns, column];
      for (const row of table.rows)
        row.push(stored(value, column.type, column.name, world.dialect, 1));
      return { affected: 0, tag: 'ALTER TABLE' };
    }
    case 'drop column': {
      const at = table.columns.findIndex(({ name }) => name === of.column);
      if (at < 0) throw new Refused('no column to drop', [of.column, table.name]);
      table.columns = table.columns.filter((_column, i) => i !== at);
      for (const row of table.rows) row.splice(at, 1);
      return { affected: 0, tag: 'ALTER TABLE' };
    }
    case 'create index': {
      const name = of.key.name ?? `${table.name}_${of.key.columns.join('_')}_idx`;
      if (table.keys.some((key) => key.name === name)) throw new Refused('index exists', [name]);
      table.keys = [...table.keys, { ...of.key, name }];
      return { affected: 0, tag: 'CREATE INDEX' };
    }
  }
}

function dropTables(session: Session, statement: Definition & { k: 'drop table' }): Outcome {
  for (const name of statement.tables) {
    const database = databaseFor(session, name.database);
    if (!database.tables.delete(name.name) && !statement.ifThere)
      throw new Refused('no table to drop', [name.name, database.name]);
    session.catalog.dirty.add(database.name);
  }
  return { affected: 0, tag: 'DROP TABLE' };
}

function newTable(session: Session, statement: Definition & { k: 'create table' }): Table {
  const { name } = statement.table;
  const mysql = session.dialect === 'mysql';
  const keys: (KeyDefinition & { name: string })[] = [];
  const add = (key: KeyDefinition): void => {
    const columns = key.columns.join('_');
    let named = key.name;
    if (key.kind === 'primary') named = mysql ? 'PRIMARY' : `${name}_pkey`;
    named ??= mysql ? columns : `${name}_${columns}_${key.kind === 'unique' ? 'key' : 'idx'}`;
    keys.push({ ...key, name: named });
  };
  for (const column of statement.columns) {
    if (column.primary) add({ name: undefined, kind: 'primary', columns: [column.name] });
    if (column.unique) add({ name: undefined, kind: 'unique', columns: [column.name] });
  }
  statement.keys.forEach(add);
  const primary = new Set(
    keys.filter(({ kind }) => kind === 'primary').flatMap(({ columns }) => columns),
  );
  const seen = new Set<string>();
  for (const column of statement.columns) {
    if (seen.has(column.name)) throw new Refused('column twice', [column.name]);
    seen.add(column.name);
  }
  for (const column of keys.flatMap((key) => key.columns))
    if (!seen.has(column)) throw new Refused('no key column', [column]);
  const columns = statement.columns.map(
    (column): ColumnDefinition =>
      primary.has(column.name) ? { ...column, notNull: true } : column,
  );
  return { name, columns, keys, rows: [], counter: 1 };
}

function findUser(session: Session, { user, host }: Account): User | undefined {
  return session.catalog.users.find(
    (known) => known.name === user && (session.dialect === 'postgres' || known.host === host),
  );
}

function users(
  session: Session,
  statement: Definition & { k: 'create user' | 'alter user' | 'drop user' | 'grant' | 'revoke' },
): Outcome {
  const { catalog, dialect } = session;
  const { account } = statement;
  const tag = statement.k.toUpperCase().replace('USER', 'ROLE');
  if (!session.user.superuser) throw new Refused('denied', [statement.k]);
  const known = findUser(session, account);
  catalog.dirty.add(undefined);
  const failed = (verb: string): never => {
    const name = dialect === 'mysql' ? `'${account.user}'@'${account.host}'` : account.user;
    throw new Refused(verb === 'CREATE' ? 'user exists' : 'no user', [verb, name]);
  };
  switch (statement.k) {
    case 'create user':
      if (known) return statement.ifNew ? { affected: 0, tag } : failed('CREATE');
      catalog.users.push({
        name: account.user,
        host: account.host,
        password: statement.password,
        superuser: statement.superuser,
        grants: [],
      });
      return { affected: 0, tag };
    case 'alter user':
      if (!known) return statement.ifNew ? { affected: 0, tag } : failed('ALTER');
      known.password = statement.password ?? known.password;
      known.superuser ||= statement.superuser;
      return { affected: 0, tag };
    case 'drop user':
      if (!known) return statement.ifThere ? { affected: 0, tag } : failed('DROP');
      catalog.users = catalog.users.filter((user) => user !== known);
      return { affected: 0, tag };
    default: {
      if (!known) return failed('GRANT');
      const privileges = statement.privileges.join(', ').replace(/^ALL$/, 'ALL PRIVILEGES');
      if (statement.k === 'revoke')
        known.grants = known.grants.filter(({ on }) => on !== statement.on);
      else if (statement.on === '*.*' && privileges === 'ALL PRIVILEGES') known.superuser = true;
      else known.grants.push({ privileges, on: statement.on });
      return { affected: 0, tag: statement.k.toUpperCase() };
    }
  }
}
