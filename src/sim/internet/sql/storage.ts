// A server's files: one for the tables of each database, one for its accounts. They are written when a statement has
// changed something, so a volume holds the data of a server that was killed as well.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR } from '../../kernel/files/inode.ts';
import { readFile, writeFile } from '../../userland/libc/whole-file.ts';
import { type Catalog, databaseOf, databaseText, emptyCatalog, type User } from './catalog.ts';

/** Where a server keeps its files. */
export interface Layout {
  readonly root: string;
  /** Directory that holds one directory per database. */
  readonly databases: string;
  /** The file of a database, in its directory. */
  readonly tables: string;
  readonly accounts: string;
}

export function mysqlLayout(root: string): Layout {
  return { root, databases: root, tables: 'tables.ibd', accounts: `${root}/mysql.ibd` };
}

export function postgresLayout(root: string): Layout {
  const accounts = `${root}/global/pg_authid`;
  return { root, databases: `${root}/base`, tables: 'pg_class', accounts };
}

/** Reads everything; undefined where the directory was never initialised. */
export function* load(p: Process, layout: Layout): Routine<Catalog | undefined> {
  const bytes = yield* readFile(p, layout.accounts);
  if (isErrno(bytes)) return undefined;
  const catalog = emptyCatalog();
  catalog.users = JSON.parse(decode(bytes)) as User[];
  const entries = p.readdir(layout.databases);
  for (const { name, kind } of isErrno(entries) ? [] : entries) {
    if (kind !== S_IFDIR || name === '.' || name === '..') continue;
    const text = yield* readFile(p, `${layout.databases}/${name}/${layout.tables}`);
    if (!isErrno(text)) catalog.databases.set(name, databaseOf(name, decode(text)));
  }
  return catalog;
}

/** Writes what has changed since the last time. */
export function* save(p: Process, layout: Layout, catalog: Catalog): Routine<void> {
  const { dirty } = catalog;
  for (const name of dirty) {
    if (name === undefined) {
      yield* writeFile(p, layout.accounts, encode(JSON.stringify(catalog.users)), 0o640);
      continue;
    }
    const directory = `${layout.databases}/${name}`;
    const file = `${directory}/${layout.tables}`;
    const database = catalog.databases.get(name);
    if (database) {
      p.mkdir(directory, 0o750);
      yield* writeFile(p, file, encode(databaseText(database)), 0o640);
    } else {
      p.unlink(file);
      p.rmdir(directory);
    }
  }
  dirty.clear();
}
