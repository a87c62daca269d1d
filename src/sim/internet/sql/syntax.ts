// What statements are made of, once parsed.

export type Value = null | number | string | boolean;

export type Expression =
  | { readonly k: 'value'; readonly value: Value }
  | { readonly k: 'column'; readonly table: string | undefined; readonly name: string }
  | { readonly k: 'variable'; readonly name: string }
  | { readonly k: 'unary'; readonly op: '-' | 'not'; readonly of: Expression }
  | {
      readonly k: 'binary';
      readonly op: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly k: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly star: boolean;
      readonly distinct: boolean;
    }
  | {
      readonly k: 'in';
      readonly of: Expression;
      readonly list: readonly Expression[] | Select;
      readonly not: boolean;
    }
  | {
      readonly k: 'between';
      readonly of: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly not: boolean;
    }
  | {
      readonly k: 'like';
      readonly of: Expression;
      readonly pattern: Expression;
      readonly not: boolean;
      readonly anyCase: boolean;
    }
  | { readonly k: 'is null'; readonly of: Expression; readonly not: boolean }
  | {
      readonly k: 'case';
      readonly of: Expression | undefined;
      readonly whens: readonly (readonly [Expression, Expression])[];
      readonly otherwise: Expression | undefined;
    }
  | { readonly k: 'cast'; readonly of: Expression; readonly type: string }
  | { readonly k: 'exists'; readonly query: Select }
  | { readonly k: 'subquery'; readonly query: Select };

export interface Item {
  /** Undefined: `*`, or `table.*`. */
  readonly expression: Expression | undefined;
  readonly table: string | undefined;
  /** The alias, or what stands in the statement. */
  readonly label: string;
  readonly aliased: boolean;
}

export interface TableName {
  readonly database: string | undefined;
  readonly name: string;
}

export interface Source {
  readonly table: TableName | Select;
  readonly alias: string | undefined;
  readonly join: 'first' | 'inner' | 'left' | 'cross';
  readonly on: Expression | undefined;
  readonly using: readonly string[];
}

export interface Order {
  readonly by: Expression;
  readonly descending: boolean;
}

export interface Select {
  readonly k: 'select';
  readonly distinct: boolean;
  readonly items: readonly Item[];
  readonly from: readonly Source[];
  readonly where: Expression | undefined;
  readonly group: readonly Expression[];
  readonly having: Expression | undefined;
  readonly order: readonly Order[];
  readonly limit: Expression | undefined;
  readonly offset: Expression | undefined;
}

export interface ColumnDefinition {
  readonly name: string;
  /** As the dialect shows it: `varchar(20)`, `character varying(20)`. */
  readonly type: string;
  readonly notNull: boolean;
  readonly primary: boolean;
  readonly unique: boolean;
  readonly counts: boolean;
  readonly byDefault: Expression | undefined;
  /** How the default was written, for listings. */
  readonly defaultText: string | undefined;
}

export interface KeyDefinition {
  readonly name: string | undefined;
  readonly kind: 'primary' | 'unique' | 'index';
  readonly columns: readonly string[];
}

export interface Account {
  readonly user: string;
  readonly host: string;
}

export type Statement =
  | Select
  | {
      readonly k: 'insert';
      readonly table: TableName;
      readonly columns: readonly string[] | undefined;
      readonly rows: readonly (readonly (Expression | 'default')[])[] | Select;
      readonly ifNew: boolean;
      readonly replace: boolean;
      readonly onDuplicate: readonly (readonly [string, Expression])[];
      readonly returning: readonly Item[] | undefined;
    }
  | {
      readonly k: 'update';
      readonly table: TableName;
      readonly set: readonly (readonly [string, Expression])[];
      readonly where: Expression | undefined;
      readonly returning: readonly Item[] | undefined;
    }
  | {
      readonly k: 'delete';
      readonly table: TableName;
      readonly where: Expression | undefined;
      readonly returning: readonly Item[] | undefined;
    }
  | {
      readonly k: 'create table';
      readonly table: TableName;
      readonly ifNew: boolean;
      readonly columns: readonly ColumnDefinition[];
      readonly keys: readonly KeyDefinition[];
    }
  | { readonly k: 'drop table'; readonly tables: readonly TableName[]; readonly ifThere: boolean }
  | { readonly k: 'truncate'; readonly table: TableName }
  | { readonly k: 'rename'; readonly table: TableName; readonly to: string }
  | { readonly k: 'add column'; readonly table: TableName; readonly column: ColumnDefinition }
  | { readonly k: 'drop column'; readonly table: TableName; readonly column: string }
  | {
      readonly k: 'create index';
      readonly table: TableName;
      readonly key: KeyDefinition;
      readonly ifNew: boolean;
    }
  | { readonly k: 'create database'; readonly name: string; readonly ifNew: boolean }
  | { readonly k: 'drop database'; readonly name: string; readonly ifThere: boolean }
  | { readonly k: 'use'; readonly name: string }
  | {
      readonly k: 'show';
      readonly what: string;
      readonly of: string;
      readonly like: string | undefined;
      readonly from: string | undefined;
    }
  | { readonly k: 'describe'; readonly table: TableName }
  | {
      readonly k: 'create user' | 'alter user';
      readonly account: Account;
      readonly password: string | undefined;
      readonly ifNew: boolean;
      readonly superuser: boolean;
    }
  | { readonly k: 'drop user'; readonly account: Account; readonly ifThere: boolean }
  | {
      readonly k: 'grant' | 'revoke';
      readonly privileges: readonly string[];
      readonly on: string;
      readonly account: Account;
    }
  | { readonly k: 'begin' | 'commit' | 'rollback' | 'nothing'; readonly tag: string };

/** Why a statement cannot be carried out; the dialect words it. */
export interface SqlError {
  readonly error: string;
  /** Names and values for the message. */
  readonly words: readonly string[];
  /** Where in the statement. */
  readonly at?: number;
}

export function isSqlError(value: unknown): value is SqlError {
  return typeof value === 'object' && value !== null && 'error' in value && 'words' in value;
}

/** A refusal as thrown inside parsing and evaluation; caught where a statement is carried out. */
export class Refused extends Error {
  readonly reason: SqlError;
  constructor(error: string, words: readonly string[] = [], at?: number) {
    super(error);
    this.reason = at === undefined ? { error, words } : { error, words, at };
  }
}
