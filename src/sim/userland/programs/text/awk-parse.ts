// The grammar of awk (POSIX, as mawk reads it) into a tree: programs, rules and statements.

import { ExpressionParser } from './awk-expressions.ts';
import { AwkSyntaxError, tokens, UndefinedFunctions } from './awk-lex.ts';
import type { AwkFunction, AwkProgram, Expression, Rule, Statement } from './awk-syntax.ts';

/** Parses a program; throws AwkSyntaxError. */
export function parseAwk(source: string): AwkProgram {
  return new Parser(tokens(source)).program();
}

class Parser extends ExpressionParser {
  program(): AwkProgram {
    const rules: Rule[] = [];
    const functions = new Map<string, AwkFunction>();
    for (this.separators(); this.token.kind !== 'end'; this.separators()) {
      if (this.accept('function') || this.accept('func')) {
        const made = this.functionDefinition();
        functions.set(made.name, made);
      } else rules.push(this.rule());
    }
    const unknown = this.called.filter((name) => !functions.has(name));
    if (unknown.length > 0) throw new UndefinedFunctions(unknown.reverse(), this.token.line + 1);
    return { rules, functions };
  }

  private functionDefinition(): AwkFunction {
    const name = this.token.text;
    if (this.token.kind !== 'call' && this.token.kind !== 'name') this.fail();
    this.at++;
    this.expect('(');
    const parameters: string[] = [];
    while (!this.is(')')) {
      if (this.token.kind !== 'name') this.fail();
      parameters.push(this.token.text);
      this.at++;
      if (this.accept(',')) this.newlines();
      else break;
    }
    this.expect(')');
    this.newlines();
    return { name, parameters, body: this.block() };
  }

  private rule(): Rule {
    if (this.accept('BEGIN'))
      return { kind: 'begin', from: undefined, to: undefined, body: this.block() };
    if (this.accept('END'))
      return { kind: 'end', from: undefined, to: undefined, body: this.block() };
    let from: Expression | undefined;
    let to: Expression | undefined;
    if (!this.is('{')) {
      from = this.expression();
      if (this.accept(',')) {
        this.newlines();
        to = this.expression();
      }
    }
    return { kind: 'pattern', from, to, body: this.is('{') ? this.block() : undefined };
  }

  private block(): Statement {
    this.expect('{');
    const body: Statement[] = [];
    for (this.separators(); !this.is('}'); this.separators()) {
      if (this.token.kind === 'end')
        throw new AwkSyntaxError(`line ${this.token.line + 1}: missing } near end of file`);
      body.push(this.statement());
    }
    this.at++;
    return { kind: 'block', body };
  }

  private body(): Statement {
    this.newlines();
    if (this.accept(';')) return { kind: 'block', body: [] };
    return this.statement();
  }

  private ending(): void {
    if (this.is('}') || this.token.kind === 'end') return;
    if (this.token.kind === 'newline' || this.is(';')) this.at++;
    else this.fail();
  }

  private statement(): Statement {
    if (this.is('{')) return this.block();
    if (this.accept('if')) return this.ifStatement();
    if (this.accept('while')) {
      this.expect('(');
      const test = this.expression();
      this.expect(')');
      return { kind: 'while', test, body: this.body(), first: true };
    }
    if (this.accept('do')) {
      const body = this.body();
      this.separators();
      this.expect('while');
      this.expect('(');
      const test = this.expression();
      this.expect(')');
      this.ending();
      return { kind: 'while', test, body, first: false };
    }
    if (this.accept('for')) return this.forStatement();
    const made = this.simple();
    this.ending();
    return made;
  }

  private ifStatement(): Statement {
    this.expect('(');
    const test = this.expression();
    this.expect(')');
    const yes = this.body();
    const back = this.at;
    this.separators();
    if (this.accept('else')) return { kind: 'if', test, yes, no: this.body() };
    this.at = back;
    return { kind: 'if', test, yes, no: undefined };
  }

  private forStatement(): Statement {
    this.expect('(');
    const [name, word, array, close] = [0, 1, 2, 3].map((i) => this.tokens[this.at + i]);
    if (
      name?.kind === 'name' &&
      word?.text === 'in' &&
      array?.kind === 'name' &&
      close?.text === ')'
    ) {
      this.at += 4;
      return { kind: 'each', name: name.text, array: array.text, body: this.body() };
    }
    const start = this.is(';') ? undefined : this.simple();
    this.expect(';');
    this.newlines();
    const test = this.is(';') ? undefined : this.expression();
    this.expect(';');
    this.newlines();
    const step = this.is(')') ? undefined : this.simple();
    this.expect(')');
    return { kind: 'for', start, test, step, body: this.body() };
  }

  private simple(): Statement {
    for (const what of ['next', 'nextfile', 'break', 'continue'] as const) {
      if (this.accept(what)) return { kind: 'jump', what };
    }
    for (const kind of ['exit', 'return'] as const) {
      if (this.accept(kind))
        return { kind, value: this.statementEnds() ? undefined : this.expression() };
    }
    if (this.accept('delete')) {
      const array = this.token.text;
      if (this.token.kind !== 'name') this.fail();
      this.at++;
      if (!this.accept('[')) return { kind: 'delete', array, index: undefined };
      const index = this.list(']');
      return { kind: 'delete', array, index };
    }
    if (this.accept('print')) return this.print(false);
    if (this.accept('printf')) return this.print(true);
    return { kind: 'expression', value: this.expression() };
  }

  private statementEnds(): boolean {
    return (
      this.token.kind === 'newline' || this.token.kind === 'end' || this.is(';') || this.is('}')
    );
  }

  private print(formatted: boolean): Statement {
    const before = this.noGreater;
    this.noGreater = true;
    let args: Expression[] = [];
    if (!this.statementEnds() && !this.is('>') && !this.is('>>') && !this.is('|')) {
      args.push(this.expression());
      while (this.accept(',')) {
        this.newlines();
        args.push(this.expression());
      }
      const [only] = args;
      if (args.length === 1 && only?.kind === 'group') args = [...only.items];
    }
    this.noGreater = before;
    for (const to of ['>', '>>', '|'] as const) {
      if (!this.accept(to)) continue;
      return { kind: 'print', formatted, args, to, target: this.concatenation(true) };
    }
    return { kind: 'print', formatted, args, to: undefined, target: undefined };
  }
}
