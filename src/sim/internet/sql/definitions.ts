// Statements that define: databases, tables, indexes, users, rights; transactions; and what shows them. Left out: foreign
// keys, checks, views, triggers, procedures; they are refused by name.

import type { Parser } from './parser.ts';
import { tableName } from './statements.ts';
import type {
  Account,
  ColumnDefinition,
  Expression,
  KeyDefinition,
  Statement,
  TableName,
} from './syntax.ts';
import { shownType } from './types.ts';

/** Parses what is neither a query nor a change of data. */
export function definition(p: Parser): Statement {
  if (p.take('create')) return create(p);
  if (p.take('drop')) return drop(p);
  if (p.take('alter')) return alter(p);
  if (p.take('truncate')) {
    p.take('table');
    return { k: 'truncate', table: tableName(p) };
  }
  if (p.sees('grant') || p.sees('revoke')) return rights(p);
  if (p.take('begin') || p.take('start', 'transaction')) {
    if (!p.take('transaction')) p.take('work');
    return { k: 'begin', tag: 'BEGIN' };
  }
  if (p.take('commit') || p.take('end')) return { k: 'commit', tag: 'COMMIT' };
  if (p.take('rollback')) return { k: 'rollback', tag: 'ROLLBACK' };
  if (p.dialect === 'mysql') {
    if (p.take('use')) return { k: 'use', name: p.name() };
    if (p.take('show')) return show(p);
    if (p.take('describe') || p.take('desc')) return { k: 'describe', table: tableName(p) };
    if (p.take('flush')) {
      p.name();
      return { k: 'nothing', tag: 'FLUSH' };
    }
  }
  if (p.take('set')) return settings(p);
  if (p.sees('explain') || p.sees('lock') || p.sees('with') || p.sees('copy') || p.sees('call'))
    p.missing(p.token.text.toUpperCase());
  return p.fail();
}

/** SET NAMES and settings of the session: taken where they change nothing that is simulated. */
function settings(p: Parser): Statement {
  const known =
    /^(names|character|session|global|autocommit|foreign_key_checks|unique_checks|sql_mode|time_zone|client_encoding|standard_conforming_strings|search_path|statement_timeout|lock_timeout|transaction|@)/i;
  const named = known.test(p.token.text);
  const what = p.token.text;
  while (p.token.kind !== 'end') p.next();
  if (!named) p.missing(`SET ${what}`);
  return { k: 'nothing', tag: 'SET' };
}

function ifNotExists(p: Parser): boolean {
  return p.take('if', 'not', 'exists');
}

function create(p: Parser): Statement {
  p.take('temporary');
  if (p.take('database') || p.take('schema')) {
    const ifNew = ifNotExists(p);
    const name = p.name();
    while (p.token.kind !== 'end') p.next();
    return { k: 'create database', name, ifNew };
  }
  if (p.take('table')) return createTable(p);
  if (p.take('user') || p.take('role')) return user(p, 'create user');
  const unique = p.take('unique');
  if (p.take('index')) {
    const ifNew = ifNotExists(p);
    const name = p.sees('on') ? undefined : p.name();
    p.need('on');
    const table = tableName(p);
    return {
      k: 'create index',
      table,
      ifNew,
      key: { name, kind: unique ? 'unique' : 'index', columns: p.names() },
    };
  }
  return p.missing(`CREATE ${p.token.text.toUpperCase()}`);
}

function createTable(p: Parser): Statement {
  const ifNew = ifNotExists(p);
  const table = tableName(p);
  const columns: ColumnDefinition[] = [];
  const keys: KeyDefinition[] = [];
  if (p.sees('as') || p.sees('like') || p.sees('select')) p.missing('CREATE TABLE ... AS');
  p.need('(');
  do {
    const key = tableKey(p);
    if (key) keys.push(key);
    else columns.push(column(p));
  } while (p.take(','));
  p.need(')');
  // ENGINE, CHARSET and the like: one engine is modelled, and all text is Unicode.
  while (p.token.kind !== 'end') p.next();
  return { k: 'create table', table, ifNew, columns, keys };
}

function tableKey(p: Parser): KeyDefinition | undefined {
  if (p.take('constraint') && !p.sees('primary') && !p.sees('unique') && !p.sees('foreign'))
    p.name();
  if (p.take('primary', 'key')) return { name: undefined, kind: 'primary', columns: p.names() };
  if (p.sees('foreign')) p.missing('FOREIGN KEY');
  if (p.sees('check')) p.missing('CHECK');
  const unique = p.sees('unique');
  const index = p.sees('key') || p.sees('index');
  if (!unique && !index) return undefined;
  p.next();
  if (unique && !p.take('key')) p.take('index');
  const name = p.sees('(') ? undefined : p.name();
  return { name, kind: unique ? 'unique' : 'index', columns: p.names() };
}

function column(p: Parser): ColumnDefinition {
  const name = p.name();
  const written = p.typeName();
  const { type, counts: serial } = shownType(written, p.dialect);
  let notNull = serial;
  let primary = false;
  let unique = false;
  let counts = serial;
  let byDefault: Expression | undefined;
  let defaultText: string | undefined;
  for (;;) {
    if (p.take('not', 'null')) notNull = true;
    else if (p.take('null') || p.take('signed')) continue;
    else if (p.take('primary', 'key')) primary = true;
    else if (p.take('unique')) {
      p.take('key');
      unique = true;
    } else if (p.take('auto_increment')) counts = true;
    else if (p.take('generated')) {
      if (!p.take('always')) p.need('by', 'default');
      p.need('as', 'identity');
      counts = true;
      notNull = true;
    } else if (p.take('default')) {
      const start = p.token.at;
      byDefault = p.expression();
      defaultText = p.text
        .slice(start, p.token.at)
        .replace(/[\s,)]+$/, (end) =>
          end.includes(')') && p.text.slice(start, p.token.at).includes('(') ? ')' : '',
        );
    } else if (p.take('comment')) p.string();
    else if (p.take('collate') || p.take('character', 'set')) p.name();
    else if (p.take('on', 'update')) p.missing('ON UPDATE');
    else if (p.sees('references')) p.missing('REFERENCES');
    else if (p.sees('check')) p.missing('CHECK');
    else break;
  }
  notNull ||= primary;
  return { name, type, notNull, primary, unique, counts, byDefault, defaultText };
}

function drop(p: Parser): Statement {
  const kind = p.next().text.toLowerCase();
  const ifThere = p.take('if', 'exists');
  if (kind === 'database' || kind === 'schema')
    return { k: 'drop database', name: p.name(), ifThere };
  if (kind === 'user' || kind === 'role') return { k: 'drop user', account: account(p), ifThere };
  if (kind !== 'table') return p.missing(`DROP ${kind.toUpperCase()}`);
  const tables: TableName[] = [];
  do tables.push(tableName(p));
  while (p.take(','));
  if (!p.take('cascade')) p.take('restrict');
  return { k: 'drop table', tables, ifThere };
}

function alter(p: Parser): Statement {
  if (p.take('user') || p.take('role')) return user(p, 'alter user');
  if (!p.take('table')) return p.missing(`ALTER ${p.token.text.toUpperCase()}`);
  const table = tableName(p);
  if (p.take('rename')) {
    if (!p.take('to')) p.missing('ALTER TABLE ... RENAME');
    return { k: 'rename', table, to: p.name() };
  }
  if (p.take('add')) {
    if (p.sees('constraint') || p.sees('foreign') || p.sees('primary') || p.sees('unique'))
      p.missing('ALTER TABLE ... ADD');
    p.take('column');
    return { k: 'add column', table, column: column(p) };
  }
  if (p.take('drop')) {
    p.take('column');
    return { k: 'drop column', table, column: p.name() };
  }
  return p.missing(`ALTER TABLE ... ${p.token.text.toUpperCase()}`);
}

function account(p: Parser): Account {
  const word = (): string => (p.token.kind === 'string' ? p.string() : p.name());
  const user = word();
  return { user, host: p.take('@') ? word() : '%' };
}

function user(p: Parser, k: 'create user' | 'alter user'): Statement {
  const ifNew = ifNotExists(p) || p.take('if', 'exists');
  const who = account(p);
  let password: string | undefined;
  let superuser = false;
  while (p.token.kind !== 'end') {
    if (p.take('identified')) {
      if (p.take('with')) {
        if (p.token.kind === 'string') p.string();
        else p.name();
      }
      if (p.take('by')) password = p.string();
    } else if (p.take('password')) password = p.string();
    else if (p.take('superuser')) superuser = true;
    else if (p.token.kind === 'word') p.next();
    else p.fail();
  }
  return { k, account: who, password, ifNew, superuser };
}

function rights(p: Parser): Statement {
  const k = p.next().text.toLowerCase() === 'grant' ? 'grant' : 'revoke';
  const privileges: string[] = [];
  do {
    let privilege = '';
    while (p.token.kind === 'word' && !p.sees('on')) privilege += `${p.next().text.toUpperCase()} `;
    privileges.push(privilege.trim());
  } while (p.take(','));
  p.need('on');
  for (const kind of ['database', 'table', 'schema']) p.take(kind);
  let on = '';
  while (p.token.kind !== 'end' && !p.sees('to') && !p.sees('from')) on += p.next().text;
  p.next();
  const who = account(p);
  let password = false;
  if (p.take('identified', 'by')) {
    p.string();
    password = true;
  }
  if (password) p.missing('GRANT ... IDENTIFIED BY');
  p.take('with', 'grant', 'option');
  return { k, privileges, on, account: who };
}

function show(p: Parser): Statement {
  p.take('full');
  if (!p.take('global')) p.take('session');
  const what = p.next().text.toLowerCase();
  let of = '';
  let from: string | undefined;
  let like: string | undefined;
  if (what === 'create') {
    of = p.next().text.toLowerCase();
    const table = tableName(p);
    return { k: 'show', what: `create ${of}`, of: table.name, like, from: table.database };
  }
  if (what === 'grants' && p.take('for')) {
    const who = account(p);
    return { k: 'show', what, of: `${who.user}@${who.host}`, like, from };
  }
  if (['columns', 'fields', 'index', 'indexes', 'keys'].includes(what)) {
    if (!p.take('from')) p.need('in');
    const table = tableName(p);
    of = table.name;
    from = table.database;
  }
  if (p.take('from') || p.take('in')) from = p.name();
  if (p.take('like')) like = p.string();
  if (p.sees('where')) p.missing('SHOW ... WHERE');
  return { k: 'show', what, of, like, from };
}
