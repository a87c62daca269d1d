// The grammar of jq 1.6, by recursive descent. Its parser was made by bison: what an error says was unexpected is
// said here too, what would have been expected only where one thing could have come.

import { type Token, tokenize } from './lexer.ts';
import {
  type AssignOperator,
  type Definition,
  type Pattern,
  SyntaxProblem,
  type Term,
} from './syntax.ts';
import { IDENTITY, TermCursor } from './terms.ts';
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

class Parser extends TermCursor {
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
  override pipe(): Term {
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

  protected override interpolated(tokens: readonly Token[]): Term {
    const parser = new Parser(tokens);
    const term = parser.program();
    parser.finish();
    return term;
  }
}
