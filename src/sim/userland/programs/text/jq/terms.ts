// The terms of jq's grammar: what stands between operators, from `.` to objects and strings with expressions in them.

import { TokenCursor } from './cursor.ts';
import type { Token } from './lexer.ts';
import type { Term } from './syntax.ts';

export const IDENTITY: Term = { kind: 'identity' };

/** Reads terms; the expressions in them are read by what extends it. */
export abstract class TermCursor extends TokenCursor {
  /** A whole expression. */
  abstract pipe(): Term;
  /** The program in a string's `\\( )`. */
  protected abstract interpolated(tokens: readonly Token[]): Term;

  protected key(): Term {
    const token = this.token;
    if (token.kind === 'identifier' || token.kind === 'keyword') {
      this.i++;
      return { kind: 'literal', value: token.text };
    }
    if (token.kind === 'string' || token.kind === 'format') return this.string();
    if (!this.skip('(')) throw this.unexpected();
    const key = this.pipe();
    this.need(')');
    return key;
  }

  protected postfix(): Term {
    let term = this.atom();
    for (;;) {
      const { kind, text } = this.token;
      if (kind === 'field') {
        this.i++;
        term = {
          kind: 'index',
          of: term,
          key: { kind: 'literal', value: text.slice(1) },
          quiet: this.skip('?'),
        };
      } else if (text === '.' && kind === 'operator' && this.stringFollows()) {
        this.i++;
        term = { kind: 'index', of: term, key: this.string(), quiet: this.skip('?') };
      } else if (this.skip('[')) term = this.bracket(term);
      else if (this.skip('?')) term = { kind: 'try', body: term, handler: undefined };
      else if (text === '.' && kind === 'operator') {
        this.i++;
        throw this.unexpected('FORMAT or QQSTRING_START');
      } else return term;
    }
  }

  private stringFollows(): boolean {
    const kind = this.tokens[this.i + 1]?.kind;
    return kind === 'string' || (kind === 'format' && this.tokens[this.i + 2]?.kind === 'string');
  }

  private bracket(of: Term): Term {
    if (this.skip(']')) return { kind: 'each', of, quiet: this.skip('?') };
    if (this.skip(':')) {
      const to = this.pipe();
      this.need(']');
      return { kind: 'slice', of, from: undefined, to, quiet: this.skip('?') };
    }
    const key = this.pipe();
    if (this.skip(':')) {
      const to = this.token.text === ']' ? undefined : this.pipe();
      this.need(']');
      return { kind: 'slice', of, from: key, to, quiet: this.skip('?') };
    }
    this.need(']');
    return { kind: 'index', of, key, quiet: this.skip('?') };
  }

  private atom(): Term {
    const token = this.token;
    switch (token.kind) {
      case 'number':
        this.i++;
        return { kind: 'literal', value: Number(token.text) };
      case 'string':
      case 'format':
        return this.string();
      case 'field':
        this.i++;
        return {
          kind: 'index',
          of: IDENTITY,
          key: { kind: 'literal', value: token.text.slice(1) },
          quiet: this.skip('?'),
        };
      case 'identifier':
        return this.call(token);
      case 'operator':
        return this.operatorAtom(token);
      default:
        throw this.unexpected();
    }
  }

  private call(token: Token): Term {
    this.i++;
    if (token.text === 'break' && this.skip('$'))
      return { kind: 'break', name: this.identifier(), at: token.at };
    const args: Term[] = [];
    if (this.skip('(')) {
      do args.push(this.pipe());
      while (this.skip(';'));
      this.need(')');
    }
    return { kind: 'call', name: token.text, args, at: token.at };
  }

  private operatorAtom(token: Token): Term {
    switch (token.text) {
      case '.':
        if (this.stringFollows()) {
          this.i++;
          return { kind: 'index', of: IDENTITY, key: this.string(), quiet: this.skip('?') };
        }
        this.i++;
        return IDENTITY;
      case '..':
        this.i++;
        return { kind: 'recurse' };
      case '(': {
        this.i++;
        const body = this.pipe();
        this.need(')');
        return body;
      }
      case '[': {
        this.i++;
        if (this.skip(']')) return { kind: 'array', body: undefined };
        const body = this.pipe();
        this.need(']');
        return { kind: 'array', body };
      }
      case '{':
        return this.object();
      case '$':
        return this.variable();
      default:
        throw this.unexpected();
    }
  }

  private variable(): Term {
    const { at } = this.token;
    this.i++;
    if (this.skipWord('__loc__')) return { kind: 'variable', name: '__loc__', at };
    return { kind: 'variable', name: this.identifier('IDENT or __loc__'), at };
  }

  private object(): Term {
    this.i++;
    const fields: { key: Term; value: Term }[] = [];
    while (!this.skip('}')) {
      fields.push(this.objectField());
      if (!this.skip(',')) {
        this.need('}', "'}'");
        break;
      }
    }
    return { kind: 'object', fields };
  }

  private objectField(): { key: Term; value: Term } {
    const token = this.token;
    if (this.skip('$')) {
      const name = this.identifier();
      return {
        key: { kind: 'literal', value: name },
        value: { kind: 'variable', name, at: token.at },
      };
    }
    const parenthesized = token.text === '(' && token.kind === 'operator';
    const key = this.key();
    if (this.skip(':')) return { key, value: this.fieldValue() };
    if (parenthesized || token.kind === 'keyword') throw this.unexpected("':'");
    return { key, value: { kind: 'index', of: IDENTITY, key, quiet: false } };
  }

  /** A value in an object: terms joined by `|`, without commas. */
  private fieldValue(): Term {
    const left: Term = this.skip('-')
      ? { kind: 'negate', body: this.fieldValue() }
      : this.postfix();
    return this.skip('|') ? { kind: 'pipe', left, right: this.fieldValue() } : left;
  }

  protected string(): Term {
    const named = this.token.kind === 'format' ? this.token.text.slice(1) : undefined;
    if (named !== undefined) this.i++;
    const { kind, parts: pieces = [] } = this.token;
    if (named !== undefined && kind !== 'string') return { kind: 'format', name: named };
    const parts = pieces.map((part) => (typeof part === 'string' ? part : this.interpolated(part)));
    this.i++;
    return { kind: 'string', format: named, parts };
  }
}
