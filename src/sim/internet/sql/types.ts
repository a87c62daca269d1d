// Column types: their names as each dialect shows them, and what values may be stored in them.

import { Refused, type Value } from './syntax.ts';
import type { Dialect } from './tokens.ts';

const MYSQL: Readonly<Record<string, string>> = {
  integer: 'int',
  boolean: 'tinyint(1)',
  bool: 'tinyint(1)',
  dec: 'decimal',
  numeric: 'decimal',
  real: 'double',
  serial: 'bigint unsigned',
};
const POSTGRES: Readonly<Record<string, string>> = {
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  smallserial: 'smallint',
  bool: 'boolean',
  decimal: 'numeric',
  float: 'double precision',
  float8: 'double precision',
  double: 'double precision',
  varchar: 'character varying',
  char: 'character',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
};
const PLAIN = new Set(
  'int bigint smallint tinyint mediumint integer decimal numeric double float real boolean text tinytext mediumtext longtext varchar char character date datetime timestamp time year json jsonb uuid blob longblob mediumblob bytea enum set binary varbinary inet'.split(
    ' ',
  ),
);

/** A type as the dialect's listings have it; and whether it counts by itself (serial). */
export function shownType(written: string, dialect: Dialect): { type: string; counts: boolean } {
  const match = /^([a-z0-9]+)(\(.*\))?( unsigned)?$/.exec(written);
  const [, base = written, length = '', unsigned = ''] = match ?? [];
  const known = (dialect === 'mysql' ? MYSQL : POSTGRES)[base];
  if (known === undefined && !PLAIN.has(base)) throw new Refused('no type', [base]);
  let type = `${known ?? base}${length}${unsigned}`;
  if (dialect === 'mysql' && /^(decimal)$/.test(type)) type = 'decimal(10,0)';
  if (dialect === 'mysql' && type === 'char') type = 'char(1)';
  return { type, counts: /serial/.test(base) };
}

export function isNumeric(type: string): boolean {
  return /^(int|bigint|smallint|tinyint|mediumint|integer|decimal|numeric|double|float|real|year)/.test(
    type,
  );
}

export function isWhole(type: string): boolean {
  return /^(int\b|int\(|bigint|smallint|tinyint|mediumint|integer)/.test(type);
}

function lengthOf(type: string): number | undefined {
  const match = /^(?:varchar|char|character varying|character)\((\d+)\)/.exec(type);
  return match ? Number(match[1]) : undefined;
}

const RANGES: readonly (readonly [RegExp, number])[] = [
  [/^tinyint/, 2 ** 7],
  [/^smallint/, 2 ** 15],
  [/^mediumint/, 2 ** 23],
  [/^(int|integer)/, 2 ** 31],
];

/** A number as text with the decimals of `decimal(p,s)`. */
function fixed(value: number, type: string): Value {
  const scale = /^(?:decimal|numeric)\(\d+,(\d+)\)/.exec(type)?.[1];
  return scale === undefined ? value : value.toFixed(Number(scale));
}

/** Takes a value into a column of a type; a Refused is thrown where it does not fit. */
export function stored(
  value: Value,
  type: string,
  column: string,
  dialect: Dialect,
  row: number,
): Value {
  if (value === null) return null;
  const place = [column, String(row)];
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value;
    if (/^(t|true|yes|on|1)$/i.test(String(value))) return true;
    if (/^(f|false|no|off|0)$/i.test(String(value))) return false;
    throw new Refused('bad value', ['boolean', String(value), ...place]);
  }
  if (isNumeric(type)) {
    const number = typeof value === 'boolean' ? Number(value) : Number(String(value).trim());
    if (Number.isNaN(number) || value === '')
      throw new Refused('bad value', [isWhole(type) ? 'integer' : type, String(value), ...place]);
    const kept = isWhole(type) ? Math.round(number) : number;
    const range = RANGES.find(([pattern]) => pattern.test(type))?.[1];
    const limit = range !== undefined && type.endsWith('unsigned') ? range * 2 : range;
    if (limit !== undefined && (kept >= limit || kept < (type.endsWith('unsigned') ? 0 : -limit)))
      throw new Refused('out of range', [type, ...place]);
    return isWhole(type) ? kept : fixed(kept, type);
  }
  const text = typeof value === 'boolean' ? (value ? 'true' : 'false') : String(value);
  const length = lengthOf(type);
  if (length !== undefined && text.length > length) throw new Refused('too long', [type, ...place]);
  if (/^(timestamp|datetime)/.test(type)) {
    const match = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?/.exec(text);
    if (!match)
      throw new Refused('bad value', [
        dialect === 'mysql' ? 'datetime' : 'timestamp',
        text,
        ...place,
      ]);
    return `${match[1]} ${(match[2] ?? '00:00:00').padEnd(8, ':00')}`;
  }
  if (type === 'date') {
    const day = /^\d{4}-\d\d-\d\d/.exec(text)?.[0];
    if (day === undefined) throw new Refused('bad value', ['date', text, ...place]);
    return day;
  }
  const choices = /^enum\((.*)\)$/.exec(type)?.[1];
  if (choices !== undefined && !choices.split(',').includes(`'${text}'`))
    throw new Refused('truncated', place);
  return text;
}
