// containerd's filters: `name==x`, `labels."a.b"~=re`, several conditions joined by commas; a list of filters matches
// where one of them does (pkg/filters).

import { RpcError } from '../rpc.ts';

/** Reads a field of what is filtered; undefined where it is absent. */
export type FieldReader = (path: readonly string[]) => string | undefined;
export type Filter = (read: FieldReader) => boolean;

const FIELD = /[A-Za-z_][A-Za-z0-9_]*/y;
const VALUE = /[^\s,"]+/y;
const OPERATORS = ['==', '!=', '~='] as const;

class FilterParser {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  all(): Filter | string {
    const conditions: Filter[] = [];
    do {
      const condition = this.condition();
      if (typeof condition === 'string') return condition;
      conditions.push(condition);
    } while (this.take(','));
    if (this.at < this.text.length) return this.error('unexpected input');
    return (read) => conditions.every((condition) => condition(read));
  }

  private condition(): Filter | string {
    const path: string[] = [];
    do {
      const part = this.match(FIELD) ?? this.quoted();
      if (part === undefined) return this.error('expected field or quoted');
      path.push(part);
    } while (this.take('.'));
    const operator = OPERATORS.find((op) => this.take(op));
    if (!operator) {
      if (this.at < this.text.length && this.text[this.at] !== ',') {
        return this.error('unsupported operator');
      }
      return (read) => read(path) !== undefined;
    }
    const value = this.quoted() ?? this.match(VALUE) ?? '';
    if (operator === '==') return (read) => read(path) === value;
    if (operator === '!=') return (read) => read(path) !== value;
    return this.matching(path, value);
  }

  private matching(path: readonly string[], value: string): Filter | string {
    let pattern: RegExp;
    try {
      pattern = new RegExp(value);
    } catch {
      return this.error('bad pattern');
    }
    return (read) => pattern.test(read(path) ?? '');
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private quoted(): string | undefined {
    const mark = this.text[this.at];
    if (mark !== '"' && mark !== '/' && mark !== '|') return undefined;
    const end = this.text.indexOf(mark, this.at + 1);
    if (end < 0) return undefined;
    const inside = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return inside;
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private error(what: string): string {
    const before = this.text.slice(0, this.at);
    const here = this.text.slice(this.at, this.at + 1);
    const after = this.text.slice(this.at + 1);
    return `parse error: [${before} >|${here}|< ${after}]: ${what}`;
  }
}

/** The filter of a list of texts; an empty list lets everything pass. */
export function parseFilters(texts: readonly string[]): Filter | RpcError {
  const filters: Filter[] = [];
  for (const text of texts) {
    if (text === '') continue;
    const filter = new FilterParser(text).all();
    if (typeof filter === 'string') {
      return new RpcError(
        'InvalidArgument',
        `filters: ${filter}: invalid argument: invalid argument`,
      );
    }
    filters.push(filter);
  }
  if (filters.length === 0) return () => true;
  return (read) => filters.some((filter) => filter(read));
}

/** A reader for objects whose fields are plain, with `labels` beside them. */
export function fieldsOf(
  fields: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): FieldReader {
  return ([first = '', ...rest]) => {
    if (first === 'labels') return labels[rest.join('.')];
    return fields[[first, ...rest].join('.')];
  };
}
