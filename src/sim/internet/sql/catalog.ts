// What a database server keeps: databases with their tables, and accounts; as plain objects that are written to files.

import type { ColumnDefinition, KeyDefinition, Value } from './syntax.ts';

export type Row = Value[];

export interface Table {
  readonly name: string;
  columns: readonly ColumnDefinition[];
  keys: readonly (KeyDefinition & { readonly name: string })[];
  rows: Row[];
  /** The next number of a column that counts. */
  counter: number;
}

export interface Database {
  readonly name: string;
  readonly tables: Map<string, Table>;
  owner: string;
}

export interface User {
  readonly name: string;
  readonly host: string;
  password: string | undefined;
  superuser: boolean;
  /** What it may do, as granted: `ALL PRIVILEGES ON exampledb.*`. */
  grants: { readonly privileges: string; readonly on: string }[];
}

export interface Catalog {
  readonly databases: Map<string, Database>;
  users: User[];
  /** Databases whose files are behind; `undefined` in it: accounts. */
  readonly dirty: Set<string | undefined>;
}

export function emptyCatalog(): Catalog {
  return { databases: new Map(), users: [], dirty: new Set() };
}

/** A database as its file has it. */
export function databaseText(database: Database): string {
  return JSON.stringify({ owner: database.owner, tables: [...database.tables.values()] });
}

export function databaseOf(name: string, text: string): Database {
  const { owner, tables } = JSON.parse(text) as { owner: string; tables: Table[] };
  return { name, owner, tables: new Map(tables.map((table) => [table.name, table])) };
}

/** A copy that later changes do not touch. */
export function copyOf(database: Database): Database {
  return databaseOf(database.name, databaseText(database));
}
