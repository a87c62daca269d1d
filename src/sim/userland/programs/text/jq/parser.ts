// The grammar of jq 1.6, by recursive descent. Its parser was made by bison: what an error says was unexpected is
// said here too, what would have been expected only where one thing could have come.

import { TokenCursor } from './cursor.ts';
import { type Token, tokenize } from './lexer.ts';
import {
  type AssignOperator,
  type Definition,
  type Pattern,
  SyntaxProblem,
  type Term,
} from './syntax.ts';
import type { BinaryOperator } from './values.ts';

/** Reads a program's text; raises a `SyntaxProblem`. `definitions` are what a program without a filter ends with. */
export function parseProgram(source: string): Term {
  const parser = new Parser(tokenize(source));
  const program = parser.program();
  parser.finish('$end');
  return program;
}

/** Reads one `def`. */
export function parseDefinition(source: string): Definition {
  return new Parser(tokenize(source)).definition();
}

const UPDATES = new Set(['=', '|=', '+=', '-=', '*=', '/=', '%=', '//=']);
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);
const IDENTITY: Term = { kind: 'identity' };

class Parser extends TokenCursor {
  program(): Term {
    if (this.atWord('import', 'include', 'module')) throw new SyntaxProblem('modules', -1);
    if (this.token.kind === 'end') return IDENTITY;
    if (!this.atWord('def')) return this.pipe();
    const definition = this.definition();
    return { kind: 'define', definition, body: this.program() };
  }

  definition(): Definition {
    this.word('def');
    const name = this.token;
    if (name.kind !== 'identifier' && name.kind !== 'keyword') throw this.unexpected('IDENT');
    this.i++;
    const params: string[] = [];
    if (this.skip('(')) {
      do {
        const dollar = this.skip('$') ? '$' : '';
        params.push(dollar + this.identifier());
      } while (this.skip(';'));
      this.need(')');
    }
    this.need(':', params.length ? "':'" : "'(' or ':'");
    const body = this.pipe();
    this.need(';');
    return { name: name.text, params, body };
  }

  /** An expression, with everything that binds weakest: `def`, `as`, `label`, `|`. */
  private pipe(): Term {
    if (this.atWord('def')) {
      const definition = this.definition();
      return { kind: 'define', definition, body: this.pipe() };
    }
    if (this.atWord('label')) {
      this.i++;
      this.need('$');
      const name = this.identifier();
      this.need('|');
      return { kind: 'label', name, body: this.pipe() };
    }
    const left = this.comma();
    return this.skip('|') ? { kind: 'pipe', left, right: this.pipe() } : left;
  }

  private comma(): Term {
    let left = this.alternative();
    while (this.skip(',')) left = { kind: 'comma', left, right: this.alternative() };
    return left;
  }

  /** `//` binds to the right, weaker than assignment. */
  private alternative(): Term {
    const left = this.assignment();
    return this.skip('//') ? { kind: 'alternative', left, right: this.alternative() } : left;
  }

  private assignment(): Term {
    const left = this.or();
    const operator = this.token.text;
    if (this.token.kind !== 'operator' || !UPDATES.has(operator)) return left;
    this.i++;
    const right = this.or();
    if (this.token.kind === 'operator' && UPDATES.has(this.token.text)) throw this.unexpected();
    return { kind: 'assign', operator: operator as AssignOperator, left, right };
  }

  private or(): Term {
    let left = this.and();
    while (this.skipWord('or')) left = { kind: 'or', left, right: this.and() };
    return left;
  }

  private and(): Term {
    let left = this.comparison();
    while (this.skipWord('and')) left = { kind: 'and', left, right: this.comparison() };
    return left;
  }

  private comparison(): Term {
    const left = this.sum();
    const operator = this.token.text;
    if (this.token.kind !== 'operator' || !COMPARISONS.has(operator)) return left;
    this.i++;
    const right = this.sum();
    if (this.token.kind === 'operator' && COMPARISONS.has(this.token.text)) throw this.unexpected();
    return { kind: 'binary', operator: operator as BinaryOperator, left, right };
  }

  private sum(): Term {
    let left = this.product();
    for (;;) {
      const operator = this.oneOf('+', '-');
      if (!operator) return left;
      left = { kind: 'binary', operator, left, right: this.product() };
    }
  }

  private product(): Term {
    let left = this.prefix();
    for (;;) {
      const operator = this.oneOf('*', '/', '%');
      if (!operator) return left;
      left = { kind: 'binary', operator, left, right: this.prefix() };
    }
  }

  /** Forms that are no terms: nothing but `?` may follow them directly. */
  private prefix(): Term {
    const { kind, text } = this.token;
    if (kind === 'operator' && text === '-') {
      this.i++;
      return { kind: 'negate', body: this.prefix() };
    }
    if (kind !== 'keyword') return this.bound(this.postfix());
    switch (text) {
      case 'if':
        return this.questioned(this.conditional());
      case 'try': {
        this.i++;
        const body = this.prefixBody();
        return {
          kind: 'try',
          body,
          handler: this.skipWord('catch') ? this.prefixBody() : undefined,
        };
      }
      case 'reduce':
      case 'foreach':
        return this.questioned(this.folding(text));
      case 'def':
      case 'label':
        return this.pipe();
      default:
        throw this.unexpected();
    }
  }

  /** What `try` and `catch` take: one term, or one of the forms that are no terms. */
  private prefixBody(): Term {
    const { kind, text } = this.token;
    return kind === 'keyword' || text === '-' ? this.prefix() : this.postfix();
  }

  private questioned(body: Term): Term {
    let term = body;
    while (this.skip('?')) term = { kind: 'try', body: term, handler: undefined };
    return term;
  }

  /** `term as $x | body`: the body reaches as far as it can. */
  private bound(source: Term): Term {
    if (!this.skipWord('as')) return source;
    const patterns = this.patterns();
    this.need('|', "'|'");
    return { kind: 'bind', source, patterns, body: this.pipe() };
  }

  private conditional(): Term {
    const { at } = this.token;
    this.i++;
    const test = this.pipe();
    this.word('then');
    try {
      return this.branches(test);
    } catch (error) {
      if (error instanceof SyntaxProblem)
        error.notes.push({ message: "Possibly unterminated 'if' statement", at });
      throw error;
    }
  }

  private branches(test: Term): Term {
    const yes = this.pipe();
    if (this.atWord('elif')) return { kind: 'if', test, yes, no: this.conditional() };
    this.word('else');
    const no = this.pipe();
    this.word('end');
    return { kind: 'if', test, yes, no };
  }

  private folding(kind: 'reduce' | 'foreach'): Term {
    this.i++;
    const source = this.postfix();
    this.word('as');
    const patterns = this.patterns();
    this.need('(');
    const start = this.pipe();
    this.need(';');
    const update = this.pipe();
    const extract = kind === 'foreach' && this.skip(';') ? this.pipe() : undefined;
    this.need(')');
    return kind === 'reduce'
      ? { kind, source, patterns, start, update }
      : { kind, source, patterns, start, update, extract };
  }

  private patterns(): Pattern[] {
    const patterns = [this.pattern()];
    while (this.skip('?//')) patterns.push(this.pattern());
    return patterns;
  }

  private pattern(): Pattern {
    if (this.skip('$')) return { kind: 'variable', name: this.identifier() };
    if (this.skip('[')) {
      const items = [this.pattern()];
      while (this.skip(',')) items.push(this.pattern());
      this.need(']');
      return { kind: 'array', items };
    }
    if (!this.skip('{')) throw this.unexpected("'$' or '[' or '{'");
    const fields: { key: Term; variable: string | undefined; value: Pattern | undefined }[] = [];
    do fields.push(this.patternField());
    while (this.skip(','));
    this.need('}');
    return { kind: 'object', fields };
  }

  private patternField(): { key: Term; variable: string | undefined; value: Pattern | undefined } {
    if (this.skip('$')) {
      const variable = this.identifier();
      const key: Term = { kind: 'literal', value: variable };
      return { key, variable, value: this.skip(':') ? this.pattern() : undefined };
    }
    const key = this.key();
    this.need(':');
    return { key, variable: undefined, value: this.pattern() };
  }

  /** A name, a string or `(expression)` before a colon. */
  private key(): Term {
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

  private postfix(): Term {
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

  private string(): Term {
    const named = this.token.kind === 'format' ? this.token.text.slice(1) : undefined;
    if (named !== undefined) this.i++;
    const { kind, parts: pieces = [] } = this.token;
    if (named !== undefined && kind !== 'string') return { kind: 'format', name: named };
    const parts = pieces.map((part) => (typeof part === 'string' ? part : interpolation(part)));
    this.i++;
    return { kind: 'string', format: named, parts };
  }
}

function interpolation(tokens: readonly Token[]): Term {
  const parser = new Parser(tokens);
  const term = parser.program();
  parser.finish();
  return term;
}
