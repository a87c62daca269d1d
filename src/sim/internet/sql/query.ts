// SELECT: joins by nested loops, WHERE, groups, HAVING, DISTINCT, ORDER BY, LIMIT.

import {
  compare,
  evaluate,
  numberOf,
  type Part,
  type Scope,
  truth,
  type World,
} from './evaluate.ts';
import { aggregates } from './functions.ts';
import {
  type Expression,
  type Item,
  Refused,
  type Select,
  type TableName,
  type Value,
} from './syntax.ts';

/** Rows with names, as a query gives them. */
export interface Relation {
  readonly columns: readonly string[];
  /** Which columns are numbers, so that clients can set them right. */
  readonly numeric: readonly boolean[];
  readonly rows: readonly (readonly Value[])[];
}

/** Finds a table's rows by name. */
export type Tables = (name: TableName) => Relation;

const MOST_ROWS = 100_000;

function nulls(relation: Relation): Value[] {
  return relation.columns.map(() => null);
}

/** All combinations of rows of the sources that their conditions allow. */
function joined(select: Select, tables: Tables, world: World, outer: Scope | undefined): Part[][] {
  let combined: Part[][] = [[]];
  for (const source of select.from) {
    const nested = 'k' in source.table ? source.table : undefined;
    const named = 'k' in source.table ? undefined : source.table;
    const relation = nested
      ? runSelect(nested, tables, world, outer)
      : tables(named ?? { database: undefined, name: '' });
    const alias = source.alias ?? named?.name ?? '';
    const next: Part[][] = [];
    for (const left of combined) {
      let matched = false;
      for (const row of relation.rows) {
        const parts = [...left, { alias, columns: relation.columns, row }];
        if (!matches(source.on, source.using, parts, world, outer)) continue;
        matched = true;
        next.push(parts);
        if (next.length > MOST_ROWS) throw new Refused('too many rows');
      }
      if (!matched && source.join === 'left')
        next.push([...left, { alias, columns: relation.columns, row: nulls(relation) }]);
    }
    combined = next;
  }
  return combined;
}

function matches(
  on: Expression | undefined,
  using: readonly string[],
  parts: readonly Part[],
  world: World,
  outer: Scope | undefined,
): boolean {
  const last = parts.at(-1);
  for (const name of using) {
    const rest = { parts: parts.slice(0, -1), outer, world };
    const mine = last?.row[last.columns.indexOf(name)] ?? null;
    const theirs = evaluate({ k: 'column', table: undefined, name }, rest);
    if (compare(mine, theirs, world.dialect) !== 0) return false;
  }
  return !on || truth(evaluate(on, { parts, outer, world })) === true;
}

/** `*` as the columns of the sources. */
function expanded(items: readonly Item[], shape: readonly Part[], world: World): Item[] {
  return items.flatMap((item): Item[] => {
    if (item.expression) return [{ ...item, label: labelOf(item, world) }];
    const parts = shape.filter(({ alias }) => item.table === undefined || alias === item.table);
    if (parts.length === 0) throw new Refused('no tables');
    return parts.flatMap(({ alias, columns }) =>
      columns.map((name) => ({
        expression: { k: 'column', table: alias === '' ? undefined : alias, name } as const,
        table: undefined,
        label: name,
        aliased: false,
      })),
    );
  });
}

function labelOf({ expression, label, aliased }: Item, world: World): string {
  if (aliased || !expression) return label;
  if (expression.k === 'column') return expression.name;
  if (world.dialect === 'mysql') return label;
  if (expression.k === 'call') return expression.name;
  if (expression.k === 'cast')
    return expression.of.k === 'column' ? expression.of.name : expression.type;
  if (expression.k === 'case') return 'case';
  return '?column?';
}

function shapeOf(select: Select, tables: Tables, world: World, outer: Scope | undefined): Part[] {
  return select.from.map((source) => {
    const relation =
      'k' in source.table ? runSelect(source.table, tables, world, outer) : tables(source.table);
    const alias = source.alias ?? ('k' in source.table ? '' : source.table.name);
    const { columns, numeric } = relation;
    return { alias, columns, numeric, row: nulls(relation) };
  });
}

/** Groups of rows by the values of expressions; one group of all where only aggregates ask for it. */
function grouped(select: Select, scopes: readonly Scope[], alone: boolean): Scope[] {
  const groups = new Map<string, Scope[]>();
  for (const scope of scopes) {
    const key = JSON.stringify(select.group.map((by) => groupValue(by, select, scope)));
    const group = groups.get(key);
    if (group) group.push(scope);
    else groups.set(key, [scope]);
  }
  const lists = [...groups.values()];
  return lists.map((group) => {
    const [first] = group;
    if (!first) throw new Error('a group is never empty');
    return { ...first, group: alone ? scopes : group };
  });
}

function groupValue(by: Expression, select: Select, scope: Scope): Value {
  const position = positionOf(by, select.items.length);
  const item = position === undefined ? undefined : select.items[position]?.expression;
  const named =
    by.k === 'column' ? select.items.find((i) => i.aliased && i.label === by.name) : undefined;
  return evaluate(item ?? named?.expression ?? by, scope);
}

function positionOf(by: Expression, count: number): number | undefined {
  if (by.k !== 'value' || typeof by.value !== 'number') return undefined;
  return by.value >= 1 && by.value <= count ? by.value - 1 : undefined;
}

interface Made {
  readonly scope: Scope;
  readonly row: Value[];
}

function ordered(select: Select, items: readonly Item[], made: Made[], world: World): Made[] {
  if (select.order.length === 0) return made;
  const keyed = made.map((entry) => ({
    entry,
    keys: select.order.map(({ by }) => {
      const position = positionOf(by, items.length);
      if (position !== undefined) return entry.row[position] ?? null;
      const label = by.k === 'column' && by.table === undefined ? by.name : undefined;
      const at = label === undefined ? -1 : items.findIndex((item) => item.label === label);
      return at >= 0 ? (entry.row[at] ?? null) : evaluate(by, entry.scope);
    }),
  }));
  keyed.sort((a, b) => {
    for (const [i, { descending }] of select.order.entries()) {
      const [x = null, y = null] = [a.keys[i], b.keys[i]];
      if (x === y) continue;
      const nullsLast = world.dialect === 'postgres';
      const order =
        x === null || y === null
          ? (x === null) === nullsLast
            ? 1
            : -1
          : (compare(x, y, world.dialect) ?? 0);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
  return keyed.map(({ entry }) => entry);
}

/** The rows of a query. */
export function runSelect(
  select: Select,
  tables: Tables,
  world: World,
  outer: Scope | undefined,
): Relation {
  const shape = shapeOf(select, tables, world, outer);
  const items = expanded(select.items, shape, world);
  let scopes: Scope[] = joined(select, tables, world, outer).map((parts) => ({
    parts,
    outer,
    world,
  }));
  if (select.where) {
    const { where } = select;
    scopes = scopes.filter((scope) => truth(evaluate(where, scope)) === true);
  }
  const alone =
    select.group.length === 0 &&
    (items.some(({ expression }) => aggregates(expression)) || aggregates(select.having));
  if (alone) {
    const parts = shape;
    scopes = [{ ...(scopes[0] ?? { parts, outer, world }), group: scopes }];
  } else if (select.group.length > 0) scopes = grouped(select, scopes, false);
  if (select.having) {
    const { having } = select;
    scopes = scopes.filter((scope) => truth(evaluate(having, scope)) === true);
  }
  let made: Made[] = scopes.map((scope) => ({
    scope,
    row: items.map(({ expression }) => (expression ? evaluate(expression, scope) : null)),
  }));
  if (select.distinct) {
    const seen = new Set<string>();
    made = made.filter(({ row }) => {
      const key = JSON.stringify(row);
      return !seen.has(key) && seen.add(key);
    });
  }
  made = ordered(select, items, made, world);
  const at = (part: Expression | undefined): number | undefined =>
    part && numberOf(evaluate(part, { parts: [], outer, world }));
  const start = at(select.offset) ?? 0;
  const count = at(select.limit);
  const rows = made
    .slice(start, count === undefined ? undefined : start + count)
    .map(({ row }) => row);
  return {
    columns: items.map(({ label }) => label),
    numeric: items.map((item, i) => numericItem(item, rows, i, shape)),
    rows,
  };
}

function numericItem(
  { expression }: Item,
  rows: readonly Value[][],
  index: number,
  shape: readonly Part[],
): boolean {
  if (expression?.k === 'column') {
    const { name, table } = expression;
    for (const { alias, columns, numeric } of shape) {
      const at = columns.indexOf(name);
      if (at >= 0 && (table === undefined || alias === table)) return numeric?.[at] ?? false;
    }
  }
  if (expression?.k === 'call' && ['avg', 'sum', 'count'].includes(expression.name)) return true;
  const filled = rows.filter((row) => row[index] !== null);
  return filled.length > 0 && filled.every((row) => typeof row[index] === 'number');
}
