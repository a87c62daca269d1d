// What is wrong with a statement in the words of each server: MySQL's numbers and texts (messages_to_clients), and
// PostgreSQL's with their SQLSTATE, DETAIL, HINT and place.

import type { SqlError } from './syntax.ts';
import { tokens } from './tokens.ts';

/** An error as a client shows it. */
export interface Message {
  readonly code: string;
  /** MySQL's number. */
  readonly number?: number;
  readonly text: string;
  readonly detail?: string;
  readonly hint?: string;
  /** Where in the statement PostgreSQL points at. */
  readonly at?: number;
}

type Wording = (words: readonly string[], place: Place) => readonly [number, string, string];

interface Place {
  readonly text: string;
  readonly at: number | undefined;
}

function near(rest: string): string {
  return rest.slice(0, 80);
}

function lineOf({ text, at = 0 }: Place): number {
  return text.slice(0, at).split('\n').length;
}

const MYSQL: Readonly<Record<string, Wording>> = {
  syntax: ([rest = ''], place) => [
    1064,
    '42000',
    `You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '${near(rest)}' at line ${lineOf(place)}`,
  ],
  'not simulated': ([what]) => [1235, '42000', `drydock: ${what} is not simulated`],
  'no database selected': () => [1046, '3D000', 'No database selected'],
  'no database': ([name]) => [1049, '42000', `Unknown database '${name}'`],
  'no database to drop': ([name]) => [
    1008,
    'HY000',
    `Can't drop database '${name}'; database doesn't exist`,
  ],
  'database exists': ([name]) => [
    1007,
    'HY000',
    `Can't create database '${name}'; database exists`,
  ],
  'database denied': ([user, host, name]) => [
    1044,
    '42000',
    `Access denied for user '${user}'@'${host}' to database '${name}'`,
  ],
  denied: () => [
    1227,
    '42000',
    'Access denied; you need (at least one of) the CREATE USER privilege(s) for this operation',
  ],
  'no table': ([name, database]) => [1146, '42S02', `Table '${database}.${name}' doesn't exist`],
  'no table to drop': ([name, database]) => [1051, '42S02', `Unknown table '${database}.${name}'`],
  'table exists': ([name]) => [1050, '42S01', `Table '${name}' already exists`],
  'no tables': () => [1096, 'HY000', 'No tables used'],
  'no column': ([name]) => [1054, '42S22', `Unknown column '${name}' in 'field list'`],
  'no column in table': ([name]) => [1054, '42S22', `Unknown column '${name}' in 'field list'`],
  'no column to drop': ([name]) => [
    1091,
    '42000',
    `Can't DROP '${name}'; check that column/key exists`,
  ],
  'no key column': ([name]) => [1072, '42000', `Key column '${name}' doesn't exist in table`],
  'column exists': ([name]) => [1060, '42S21', `Duplicate column name '${name}'`],
  'column twice': ([name]) => [1060, '42S21', `Duplicate column name '${name}'`],
  'index exists': ([name]) => [1061, '42000', `Duplicate key name '${name}'`],
  ambiguous: ([name]) => [1052, '23000', `Column '${name}' in 'field list' is ambiguous`],
  'column count': ([row]) => [
    1136,
    '21S01',
    `Column count doesn't match value count at row ${row}`,
  ],
  'no default': ([name]) => [1364, 'HY000', `Field '${name}' doesn't have a default value`],
  null: ([name]) => [1048, '23000', `Column '${name}' cannot be null`],
  duplicate: ([value, table, key]) => [
    1062,
    '23000',
    `Duplicate entry '${value}' for key '${table}.${key}'`,
  ],
  'bad value': ([type, value, column, row]) => [
    1366,
    'HY000',
    `Incorrect ${type} value: '${value}' for column '${column}' at row ${row}`,
  ],
  'out of range': ([, column, row]) => [
    1264,
    '22003',
    `Out of range value for column '${column}' at row ${row}`,
  ],
  'too long': ([, column, row]) => [
    1406,
    '22001',
    `Data too long for column '${column}' at row ${row}`,
  ],
  truncated: ([column, row]) => [
    1265,
    '01000',
    `Data truncated for column '${column}' at row ${row}`,
  ],
  'no type': ([rest = ''], place) => MYSQL.syntax?.([rest], place) ?? [1064, '42000', rest],
  'no function': ([name]) => [1305, '42000', `FUNCTION ${name} does not exist`],
  'no variable': ([name]) => [1193, 'HY000', `Unknown system variable '${name}'`],
  'bad aggregate': () => [1111, 'HY000', 'Invalid use of group function'],
  'user exists': ([verb, name]) => [1396, 'HY000', `Operation ${verb} USER failed for ${name}`],
  'no user': ([verb, name]) =>
    verb === 'GRANT'
      ? [1410, '42000', 'You are not allowed to create a user with GRANT']
      : [1396, 'HY000', `Operation ${verb} USER failed for ${name}`],
  'no grant': ([name, host]) => [
    1141,
    '42000',
    `There is no such grant defined for user '${name}' on host '${host}'`,
  ],
  'too many rows': () => [
    1104,
    '42000',
    'The SELECT would examine more than MAX_JOIN_SIZE rows; check your WHERE and use SET SQL_BIG_SELECTS=1 or SET MAX_JOIN_SIZE=# if the SELECT is okay',
  ],
};

/** An error as MySQL says it; MariaDB calls itself by its own name. */
export function mysqlMessage(error: SqlError, text: string, server = 'MySQL'): Message {
  const wording = MYSQL[error.error];
  const [number, code, said] = wording?.(error.words, { text, at: error.at }) ?? [
    1105,
    'HY000',
    error.error,
  ];
  return { number, code, text: said.replace('your MySQL server', `your ${server} server`) };
}

type PostgresWording = (words: readonly string[]) => Message;

const POSTGRES: Readonly<Record<string, PostgresWording>> = {
  'not simulated': ([what]) => ({ code: '0A000', text: `drydock: ${what} is not simulated` }),
  'no database': ([name]) => ({ code: '3D000', text: `database "${name}" does not exist` }),
  'no database to drop': ([name]) => ({ code: '3D000', text: `database "${name}" does not exist` }),
  'database exists': ([name]) => ({ code: '42P04', text: `database "${name}" already exists` }),
  'open database': () => ({ code: '55006', text: 'cannot drop the currently open database' }),
  'no schema': ([name]) => ({ code: '3F000', text: `schema "${name}" does not exist` }),
  denied: ([what]) => ({
    code: '42501',
    text: `permission denied to ${what === 'create database' ? what : 'create role'}`,
  }),
  'no table': ([name, schema]) => ({
    code: '42P01',
    text: `relation "${schema ? `${schema}.` : ''}${name}" does not exist`,
  }),
  'no table to drop': ([name]) => ({ code: '42P01', text: `table "${name}" does not exist` }),
  'table exists': ([name]) => ({ code: '42P07', text: `relation "${name}" already exists` }),
  'index exists': ([name]) => ({ code: '42P07', text: `relation "${name}" already exists` }),
  'no tables': () => ({ code: '42601', text: 'SELECT * with no tables specified is not valid' }),
  'no column': ([name = '']) => ({
    code: '42703',
    text: `column ${name.includes('.') ? name : `"${name}"`} does not exist`,
  }),
  'no column in table': ([name, table]) => ({
    code: '42703',
    text: `column "${name}" of relation "${table}" does not exist`,
  }),
  'no column to drop': ([name, table]) => ({
    code: '42703',
    text: `column "${name}" of relation "${table}" does not exist`,
  }),
  'no key column': ([name]) => ({
    code: '42703',
    text: `column "${name}" named in key does not exist`,
  }),
  'column exists': ([name, table]) => ({
    code: '42701',
    text: `column "${name}" of relation "${table}" already exists`,
  }),
  'column twice': ([name]) => ({
    code: '42701',
    text: `column "${name}" specified more than once`,
  }),
  ambiguous: ([name]) => ({ code: '42702', text: `column reference "${name}" is ambiguous` }),
  'column count': ([, how]) => ({
    code: '42601',
    text:
      how === 'more'
        ? 'INSERT has more expressions than target columns'
        : 'INSERT has more target columns than expressions',
  }),
  null: ([name, table, row]) => ({
    code: '23502',
    text: `null value in column "${name}" of relation "${table}" violates not-null constraint`,
    detail: `Failing row contains (${row}).`,
  }),
  duplicate: ([, , key, columns, values]) => ({
    code: '23505',
    text: `duplicate key value violates unique constraint "${key}"`,
    detail: `Key (${columns})=(${values}) already exists.`,
  }),
  'bad value': ([type, value]) => ({
    code: '22P02',
    text: `invalid input syntax for type ${type}: "${value}"`,
  }),
  'out of range': ([type]) => ({ code: '22003', text: `${type} out of range` }),
  'too long': ([type]) => ({ code: '22001', text: `value too long for type ${type}` }),
  'no type': ([name]) => ({ code: '42704', text: `type "${name}" does not exist` }),
  'no function': ([name]) => ({
    code: '42883',
    text: `function ${name}() does not exist`,
    hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
  }),
  'division by zero': () => ({ code: '22012', text: 'division by zero' }),
  'bad aggregate': () => ({ code: '42803', text: 'aggregate functions are not allowed here' }),
  'user exists': ([, name]) => ({ code: '42710', text: `role "${name}" already exists` }),
  'no user': ([, name]) => ({ code: '42704', text: `role "${name}" does not exist` }),
  'transaction aborted': () => ({
    code: '25P02',
    text: 'current transaction is aborted, commands ignored until end of transaction block',
  }),
};

/** Errors that PostgreSQL points at by the name they are about. */
const POINTED = new Set([
  'no table',
  'no column',
  'no column in table',
  'ambiguous',
  'no function',
  'no type',
]);

/** An error as PostgreSQL says it. */
export function postgresMessage(error: SqlError, text: string): Message {
  if (error.error === 'syntax') {
    const at = error.at ?? text.length;
    const token = tokens(text.slice(at), 'postgres')[0];
    const said = !token || token.kind === 'end' || token.text === ';' ? 'end of input' : undefined;
    const shown = token?.kind === 'string' ? `'${token.text}'` : token?.text;
    return {
      code: '42601',
      text: `syntax error at ${said ?? `or near "${shown}"`}`,
      at: said === undefined ? at : text.length,
    };
  }
  const message = POSTGRES[error.error]?.(error.words) ?? { code: 'XX000', text: error.error };
  if (!POINTED.has(error.error)) return message;
  const name = error.words[0]?.split('.').at(-1)?.toLowerCase();
  const token = tokens(text, 'postgres').find(({ text: word }) => word.toLowerCase() === name);
  return token ? { ...message, at: token.at } : message;
}
