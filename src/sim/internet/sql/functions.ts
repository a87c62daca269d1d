// Functions of SQL: those of a row, and aggregates over the rows of a group.

import {
  compare,
  evaluate,
  numberOf,
  type Scope,
  textOf,
  timeText,
  type World,
} from './evaluate.ts';
import { type Expression, Refused, type Value } from './syntax.ts';

type Call = Expression & { readonly k: 'call' };

const AGGREGATES = new Set(['count', 'sum', 'avg', 'min', 'max', 'group_concat', 'string_agg']);

/** True where an expression holds an aggregate of its own query. */
export function aggregates(expression: Expression | undefined): boolean {
  if (!expression) return false;
  switch (expression.k) {
    case 'call':
      return AGGREGATES.has(expression.name) || expression.args.some(aggregates);
    case 'binary':
      return aggregates(expression.left) || aggregates(expression.right);
    case 'unary':
    case 'cast':
    case 'is null':
      return aggregates(expression.of);
    case 'case':
      return expression.whens.flat().some(aggregates) || aggregates(expression.otherwise);
    default:
      return false;
  }
}

/** A sum with as many decimals as the most exact of its parts has. */
function withScale(sum: number, values: readonly Value[]): Value {
  const scale = Math.max(0, ...values.map((value) => String(value).split('.')[1]?.length ?? 0));
  return values.some((value) => typeof value === 'string') ? sum.toFixed(scale) : sum;
}

function aggregate(call: Call, scope: Scope, group: readonly Scope[]): Value {
  const { dialect } = scope.world;
  if (call.star) return group.length;
  const [argument] = call.args;
  if (!argument) throw new Refused('no function', [call.name]);
  let values = group.map((row) => evaluate(argument, row)).filter((value) => value !== null);
  if (call.distinct) values = [...new Set(values)];
  const sum = values.reduce<number>((total, value) => total + numberOf(value), 0);
  const round = (value: number): Value =>
    dialect === 'mysql' ? value.toFixed(4) : value.toFixed(16).slice(0, 18);
  switch (call.name) {
    case 'count':
      return values.length;
    case 'sum':
      return values.length === 0 ? null : withScale(sum, values);
    case 'avg':
      return values.length === 0 ? null : round(sum / values.length);
    case 'min':
    case 'max': {
      const sign = call.name === 'min' ? 1 : -1;
      const sorted = [...values].sort((a, b) => sign * (compare(a, b, dialect) ?? 0));
      return sorted[0] ?? null;
    }
    default: {
      const separator = call.args[1] ? textOf(evaluate(call.args[1], scope)) : ',';
      return values.length === 0 ? null : values.map(textOf).join(separator);
    }
  }
}

type Simple = (args: readonly Value[], world: World) => Value;

function onText(change: (text: string) => Value): Simple {
  return ([value = null]) => (value === null ? null : change(textOf(value)));
}

function onNumber(change: (number: number, ...more: number[]) => Value): Simple {
  return (args) => {
    const [first, ...more] = args.map(numberOf);
    return args.includes(null) || first === undefined ? null : change(first, ...more);
  };
}

const now: Simple = (_args, world) =>
  world.dialect === 'mysql' ? timeText(world) : `${timeText(world)}+00`;
const length = onText((text) => text.length);
const currentUser: Simple = (_args, world) =>
  world.dialect === 'mysql' ? `${world.user}@${world.host}` : world.user;

const FUNCTIONS: Readonly<Record<string, Simple>> = {
  version: (_args, world) => world.version,
  now,
  current_timestamp: now,
  localtimestamp: (_args, world) => timeText(world),
  sysdate: now,
  curdate: (_args, world) => timeText(world).slice(0, 10),
  current_date: (_args, world) => timeText(world).slice(0, 10),
  curtime: (_args, world) => timeText(world).slice(11),
  current_time: (_args, world) => timeText(world).slice(11),
  unix_timestamp: (_args, world) => Math.floor(Date.parse(`${timeText(world)}Z`) / 1000),
  database: (_args, world) => world.database ?? null,
  schema: (_args, world) => world.database ?? null,
  current_database: (_args, world) => world.database ?? null,
  current_schema: () => 'public',
  user: currentUser,
  current_user: currentUser,
  session_user: currentUser,
  connection_id: (_args, world) => world.connection,
  pg_backend_pid: (_args, world) => world.connection,
  last_insert_id: (_args, world) => world.lastInsert,
  inet_server_port: () => 5432,
  upper: onText((text) => text.toUpperCase()),
  ucase: onText((text) => text.toUpperCase()),
  lower: onText((text) => text.toLowerCase()),
  lcase: onText((text) => text.toLowerCase()),
  length,
  char_length: length,
  character_length: length,
  trim: onText((text) => text.trim()),
  ltrim: onText((text) => text.trimStart()),
  rtrim: onText((text) => text.trimEnd()),
  reverse: onText((text) => [...text].reverse().join('')),
  abs: onNumber(Math.abs),
  ceil: onNumber(Math.ceil),
  ceiling: onNumber(Math.ceil),
  floor: onNumber(Math.floor),
  sqrt: onNumber(Math.sqrt),
  power: onNumber((x, y = 1) => x ** y),
  pow: onNumber((x, y = 1) => x ** y),
  mod: onNumber((x, y = 1) => x % y),
  round: onNumber((x, places = 0) => (places > 0 ? x.toFixed(places) : Math.round(x))),
  concat: (args, { dialect }) =>
    args.includes(null) && dialect === 'mysql'
      ? null
      : args.map((value) => (value === null ? '' : textOf(value))).join(''),
  concat_ws: ([separator = '', ...args]) =>
    args
      .filter((value) => value !== null)
      .map(textOf)
      .join(textOf(separator)),
  coalesce: (args) => args.find((value) => value !== null) ?? null,
  ifnull: ([a = null, b = null]) => a ?? b,
  nullif: ([a = null, b = null], { dialect }) => (compare(a, b, dialect) === 0 ? null : a),
  if: ([condition = null, yes = null, no = null]) => (numberOf(condition) ? yes : no),
  greatest: (args) => (args.includes(null) ? null : Math.max(...args.map(numberOf))),
  least: (args) => (args.includes(null) ? null : Math.min(...args.map(numberOf))),
  substring: (args) => substring(args),
  substr: (args) => substring(args),
  left: ([text = null, count = 0]) =>
    text === null ? null : textOf(text).slice(0, numberOf(count)),
  right: ([text = null, count = 0]) =>
    text === null ? null : textOf(text).slice(Math.max(0, textOf(text).length - numberOf(count))),
  replace: ([text = null, from = '', to = '']) =>
    text === null ? null : textOf(text).replaceAll(textOf(from), textOf(to)),
  repeat: ([text = null, count = 0]) =>
    text === null ? null : textOf(text).repeat(Math.min(1000, Math.max(0, numberOf(count)))),
  lpad: ([text = null, size = 0, fill = ' ']) =>
    text === null
      ? null
      : textOf(text).slice(0, numberOf(size)).padStart(numberOf(size), textOf(fill)),
  rpad: ([text = null, size = 0, fill = ' ']) =>
    text === null
      ? null
      : textOf(text).slice(0, numberOf(size)).padEnd(numberOf(size), textOf(fill)),
};

function substring([text = null, from = 1, count]: readonly Value[]): Value {
  if (text === null || from === null) return null;
  const start = numberOf(from);
  const whole = textOf(text);
  const at = start < 0 ? whole.length + start : Math.max(0, start - 1);
  return whole.slice(at, count === undefined || count === null ? undefined : at + numberOf(count));
}

/** The names that a query can call, for "is there such a function". */
export function callFunction(call: Call, scope: Scope): Value {
  if (AGGREGATES.has(call.name)) {
    if (!scope.group) throw new Refused('bad aggregate', [call.name]);
    return aggregate(call, scope, scope.group);
  }
  const run = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  if (!run) throw new Refused('no function', [call.name]);
  return run(
    call.args.map((argument) => evaluate(argument, scope)),
    scope.world,
  );
}
