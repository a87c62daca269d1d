// INSERT, UPDATE, DELETE and TRUNCATE, with what columns and keys allow.

import type { Row, Table } from './catalog.ts';
import { databaseFor, type Outcome, selectFrom, type Session, tableFor } from './engine.ts';
import { compare, evaluate, type Part, type Scope, textOf, truth, type World } from './evaluate.ts';
import type { Relation } from './query.ts';
import { type Expression, type Item, Refused, type Statement, type Value } from './syntax.ts';
import { stored } from './types.ts';

type Insert = Statement & { k: 'insert' };

/** Carries out a change of rows; the database's files are then behind. */
export function change(
  session: Session,
  statement: Statement & { k: 'insert' | 'update' | 'delete' | 'truncate' },
  world: World,
): Outcome {
  const table = tableFor(session, statement.table);
  session.catalog.dirty.add(databaseFor(session, statement.table.database).name);
  if (statement.k === 'truncate') {
    table.rows = [];
    table.counter = 1;
    return { affected: 0, tag: 'TRUNCATE TABLE' };
  }
  if (statement.k === 'insert') return insert(session, table, statement, world);
  const hits = table.rows.filter((row) => {
    const scope = scopeOf(table, row, world);
    return !statement.where || truth(evaluate(statement.where, scope)) === true;
  });
  if (statement.k === 'delete') {
    const gone = new Set(hits);
    table.rows = table.rows.filter((row) => !gone.has(row));
    return answer(table, hits, statement.returning, world, `DELETE ${hits.length}`, hits.length);
  }
  let changed = 0;
  for (const row of hits) {
    const scope = scopeOf(table, [...row], world);
    const next = [...row];
    for (const [name, expression] of statement.set) assign(table, next, name, expression, scope, 1);
    checkKeys(table, next, row);
    if (next.some((value, i) => value !== row[i])) changed++;
    for (const [i, value] of next.entries()) row[i] = value;
  }
  const affected = world.dialect === 'mysql' ? changed : hits.length;
  const tag = `UPDATE ${hits.length}`;
  return { ...answer(table, hits, statement.returning, world, tag, affected), found: hits.length };
}

function scopeOf(table: Table, row: readonly Value[], world: World): Scope {
  const columns = table.columns.map(({ name }) => name);
  const part: Part = { alias: table.name, columns, row };
  return { parts: [part], outer: undefined, world };
}

function answer(
  table: Table,
  rows: readonly Row[],
  items: readonly Item[] | undefined,
  world: World,
  tag: string,
  affected: number,
): Outcome {
  if (!items) return { affected, tag };
  const columns = items.flatMap((item) =>
    item.expression ? [item.label] : table.columns.map(({ name }) => name),
  );
  const relation: Relation = {
    columns,
    numeric: columns.map(() => false),
    rows: rows.map((row) =>
      items.flatMap(({ expression }) =>
        expression ? [evaluate(expression, scopeOf(table, row, world))] : row,
      ),
    ),
  };
  return { relation, affected, tag };
}

function columnAt(table: Table, name: string): number {
  const index = table.columns.findIndex(
    (column) => column.name.toLowerCase() === name.toLowerCase(),
  );
  if (index < 0) throw new Refused('no column in table', [name, table.name]);
  return index;
}

function assign(
  table: Table,
  row: Row,
  name: string,
  expression: Expression,
  scope: Scope,
  number: number,
): void {
  const index = columnAt(table, name);
  const column = table.columns[index];
  if (!column) return;
  const value = stored(
    evaluate(expression, scope),
    column.type,
    column.name,
    scope.world.dialect,
    number,
  );
  if (value === null && column.notNull)
    throw new Refused('null', [column.name, table.name, rowText(row)]);
  row[index] = value;
}

/** A row as PostgreSQL shows it in a DETAIL. */
function rowText(row: readonly Value[]): string {
  return row.map((value) => (value === null ? 'null' : textOf(value))).join(', ');
}

/** The row that a new one collides with, and by which key. */
function collision(
  table: Table,
  row: Row,
  self?: Row,
): { key: Table['keys'][number]; row: Row } | undefined {
  for (const key of table.keys) {
    if (key.kind === 'index') continue;
    const at = key.columns.map((name) => columnAt(table, name));
    if (at.some((i) => row[i] === null || row[i] === undefined)) continue;
    const found = table.rows.find(
      (other) =>
        other !== self &&
        at.every((i) => compare(other[i] ?? null, row[i] ?? null, 'postgres') === 0),
    );
    if (found) return { key, row: found };
  }
  return undefined;
}

function checkKeys(table: Table, row: Row, self?: Row): void {
  const hit = collision(table, row, self);
  if (!hit) return;
  const values = hit.key.columns.map((name) => textOf(row[columnAt(table, name)] ?? null));
  throw new Refused('duplicate', [
    values.join('-'),
    table.name,
    hit.key.name,
    hit.key.columns.join(', '),
    values.join(', '),
  ]);
}

function given(
  statement: Insert,
  table: Table,
  session: Session,
  world: World,
): (readonly (Expression | 'default')[])[] {
  if (!('k' in statement.rows)) return [...statement.rows];
  const columns = statement.columns?.length ?? table.columns.length;
  const relation = selectFrom(session, world, statement.rows);
  if (relation.columns.length !== columns) throw new Refused('column count', ['1']);
  return relation.rows.map((row) => row.map((value): Expression => ({ k: 'value', value })));
}

/** A new row from what was given for some of its columns. */
function newRow(
  table: Table,
  columns: readonly string[],
  values: readonly (Expression | 'default')[],
  world: World,
  number: number,
): { row: Row; counted: number | undefined } {
  const scope: Scope = { parts: [], outer: undefined, world };
  let counted: number | undefined;
  const row: Row = table.columns.map((column) => {
    const at = columns.findIndex((name) => name.toLowerCase() === column.name.toLowerCase());
    const expression = at < 0 ? 'default' : (values[at] ?? 'default');
    let value: Value = null;
    if (expression !== 'default') value = evaluate(expression, scope);
    const missing =
      expression === 'default' || (value === null && column.counts && world.dialect === 'mysql');
    if (missing) {
      if (column.counts) {
        value = table.counter;
        counted = table.counter;
      } else if (column.byDefault) value = evaluate(column.byDefault, scope);
      else if (column.notNull && world.dialect === 'mysql')
        throw new Refused('no default', [column.name]);
    }
    return stored(value, column.type, column.name, world.dialect, number);
  });
  for (const [i, column] of table.columns.entries())
    if (column.notNull && row[i] === null)
      throw new Refused('null', [column.name, table.name, rowText(row)]);
  return { row, counted };
}

/** Numbers given by hand move a counter on (in MySQL), so that the next is free. */
function count(table: Table, row: Row, counted: number | undefined, world: World): void {
  const index = table.columns.findIndex((column) => column.counts);
  const value = row[index];
  if (counted !== undefined) {
    table.counter = counted + 1;
    world.lastInsert = counted;
  } else if (world.dialect === 'mysql' && typeof value === 'number' && value >= table.counter)
    table.counter = value + 1;
}

function insert(session: Session, table: Table, statement: Insert, world: World): Outcome {
  const columns = statement.columns ?? table.columns.map(({ name }) => name);
  for (const name of columns) columnAt(table, name);
  const rows = given(statement, table, session, world);
  const added: Row[] = [];
  let affected = 0;
  let first: number | undefined;
  for (const [i, values] of rows.entries()) {
    const short = statement.columns !== undefined || world.dialect === 'mysql';
    if (
      values.length > columns.length ||
      (short && values.length < columns.length && values.length > 0)
    )
      throw new Refused('column count', [
        String(i + 1),
        values.length > columns.length ? 'more' : 'fewer',
      ]);
    const { row, counted } = newRow(table, columns, values, world, i + 1);
    const hit = collision(table, row);
    if (hit && statement.onDuplicate.length > 0) {
      const scope = scopeOf(table, [...hit.row], world);
      const excluded: Part = {
        alias: 'excluded',
        columns: table.columns.map(({ name }) => name),
        row,
      };
      for (const [name, expression] of statement.onDuplicate)
        assign(
          table,
          hit.row,
          name,
          expression,
          { ...scope, outer: { ...scope, parts: [excluded] } },
          1,
        );
      affected += world.dialect === 'mysql' ? 2 : 1;
      continue;
    }
    if (hit && statement.ifNew) continue;
    if (hit && statement.replace) {
      table.rows = table.rows.filter((other) => other !== hit.row);
      affected++;
    } else {
      if (hit && counted !== undefined) table.counter = counted + 1;
      checkKeys(table, row);
    }
    count(table, row, counted, world);
    first ??= counted;
    table.rows.push(row);
    added.push(row);
    affected++;
  }
  if (first !== undefined) world.lastInsert = first;
  const outcome = answer(
    table,
    added,
    statement.returning,
    world,
    `INSERT 0 ${affected}`,
    affected,
  );
  return { ...outcome, found: rows.length };
}
