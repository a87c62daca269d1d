// Statements: queries and changes of data. What defines things is in definitions.ts.

import { definition } from './definitions.ts';
import { Parser } from './parser.ts';
import type { Expression, Item, Order, Select, Source, Statement, TableName } from './syntax.ts';
import type { Dialect } from './tokens.ts';

/** Parses one statement; a Refused is thrown where it cannot. */
export function parseStatement(text: string, dialect: Dialect): Statement {
  const parser = new Parser(text, dialect, select);
  const statement = parse(parser);
  if (parser.token.kind !== 'end' && !parser.take(';')) parser.fail();
  return statement;
}

function parse(p: Parser): Statement {
  if (p.sees('select') || p.sees('(')) return select(p);
  if (p.take('insert')) return insert(p, false);
  if (p.take('replace')) return insert(p, true);
  if (p.take('update')) return update(p);
  if (p.take('delete')) return remove(p);
  return definition(p);
}

/** `table`, or `database.table`. */
export function tableName(p: Parser): TableName {
  const first = p.name();
  if (!p.take('.')) return { database: undefined, name: first };
  return { database: first, name: p.name() };
}

function select(p: Parser): Select {
  if (p.take('(')) {
    const inner = select(p);
    p.need(')');
    return inner;
  }
  p.need('select');
  const distinct = p.take('distinct');
  if (!distinct) p.take('all');
  const items = p.items();
  const from = p.take('from') ? sources(p) : [];
  const where = p.take('where') ? p.expression() : undefined;
  const group = p.take('group', 'by') ? expressions(p) : [];
  const having = p.take('having') ? p.expression() : undefined;
  const order: Order[] = [];
  if (p.sees('union')) p.missing('UNION');
  if (p.take('order', 'by')) {
    do {
      const by = p.expression();
      const descending = p.take('desc');
      if (!descending) p.take('asc');
      order.push({ by, descending });
    } while (p.take(','));
  }
  let limit: Expression | undefined;
  let offset: Expression | undefined;
  if (p.take('limit')) {
    if (!p.take('all')) limit = p.expression();
    if (p.take(',')) {
      offset = limit;
      limit = p.expression();
    }
  }
  if (p.take('offset')) offset = p.expression();
  if (p.take('for', 'update')) {
    // Rows are never held by two sessions at once here.
  }
  return { k: 'select', distinct, items, from, where, group, having, order, limit, offset };
}

function expressions(p: Parser): Expression[] {
  const out = [p.expression()];
  while (p.take(',')) out.push(p.expression());
  return out;
}

function sources(p: Parser): Source[] {
  const out: Source[] = [source(p, 'first')];
  for (;;) {
    if (p.take(',')) out.push(source(p, 'cross'));
    else if (p.take('cross', 'join')) out.push(source(p, 'cross'));
    else if (p.take('join') || p.take('inner', 'join')) out.push(source(p, 'inner'));
    else if (p.take('left', 'join') || p.take('left', 'outer', 'join')) out.push(source(p, 'left'));
    else if (p.sees('right') || p.sees('full') || p.sees('natural'))
      p.missing(`${p.token.text.toUpperCase()} JOIN`);
    else return out;
  }
}

function source(p: Parser, join: Source['join']): Source {
  let table: TableName | Select;
  if (p.take('(')) {
    table = select(p);
    p.need(')');
  } else table = tableName(p);
  const alias = p.alias();
  const joined = join === 'inner' || join === 'left';
  const on = joined && p.take('on') ? p.expression() : undefined;
  const using = joined && !on && p.take('using') ? p.names() : [];
  return { table, alias, join, on, using };
}

function returning(p: Parser): readonly Item[] | undefined {
  return p.dialect === 'postgres' && p.take('returning') ? p.items() : undefined;
}

function insert(p: Parser, replace: boolean): Statement {
  let ifNew = p.take('ignore');
  if (!p.take('into') && p.dialect === 'postgres') p.fail();
  const table = tableName(p);
  if (p.take('set')) {
    const pairs = assignments(p);
    const rows = [pairs.map(([, value]) => value)];
    const columns = pairs.map(([name]) => name);
    return {
      k: 'insert',
      table,
      columns,
      rows,
      ifNew,
      replace,
      onDuplicate: [],
      returning: undefined,
    };
  }
  const columns = p.sees('(') && !p.sees('(', 'select') ? p.names() : undefined;
  let rows: (Expression | 'default')[][] | Select = [];
  if (p.sees('select') || p.sees('(')) rows = select(p);
  else if (p.take('default', 'values')) rows = [[]];
  else {
    if (!p.take('values')) p.need('value');
    do {
      p.need('(');
      const row: (Expression | 'default')[] = [];
      if (!p.sees(')')) {
        do row.push(p.take('default') ? 'default' : p.expression());
        while (p.take(','));
      }
      p.need(')');
      rows.push(row);
    } while (p.take(','));
  }
  let onDuplicate: (readonly [string, Expression])[] = [];
  if (p.take('on', 'duplicate', 'key', 'update')) onDuplicate = assignments(p);
  else if (p.take('on', 'conflict')) {
    if (p.sees('(')) p.names();
    p.need('do');
    if (p.take('nothing')) ifNew = true;
    else {
      p.need('update', 'set');
      onDuplicate = assignments(p);
    }
  }
  return {
    k: 'insert',
    table,
    columns,
    rows,
    ifNew,
    replace,
    onDuplicate,
    returning: returning(p),
  };
}

function assignments(p: Parser): (readonly [string, Expression])[] {
  const out: (readonly [string, Expression])[] = [];
  do {
    let name = p.name();
    if (p.take('.')) name = p.name();
    p.need('=');
    out.push([name, p.expression()]);
  } while (p.take(','));
  return out;
}

function update(p: Parser): Statement {
  const table = tableName(p);
  p.need('set');
  const set = assignments(p);
  const where = p.take('where') ? p.expression() : undefined;
  return { k: 'update', table, set, where, returning: returning(p) };
}

function remove(p: Parser): Statement {
  p.need('from');
  const table = tableName(p);
  const where = p.take('where') ? p.expression() : undefined;
  return { k: 'delete', table, where, returning: returning(p) };
}
