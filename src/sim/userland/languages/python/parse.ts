// Python's statements (The Python Language Reference, 7 and 8). Left out: async, match, type and except*.

import { Missing } from '../interpreter.ts';
import { ExpressionParser } from './parse-expressions.ts';
import type { Argument, Expression, Handler, Statement } from './syntax.ts';
import { PythonSyntaxError, type Token } from './tokens.ts';

/** Reads a module. Throws PythonSyntaxError, or Missing for what is not simulated. */
export function parseModule(source: string): readonly Statement[] {
  return new Parser(source).module();
}

const AUGMENTED = [
  '+=',
  '-=',
  '*=',
  '/=',
  '//=',
  '%=',
  '**=',
  '&=',
  '|=',
  '^=',
  '<<=',
  '>>=',
  '@=',
];
type ImportedName = { readonly name: string; readonly as: string | undefined };

class Parser extends ExpressionParser {
  module(): Statement[] {
    const body: Statement[] = [];
    while (this.token.kind !== 'end') {
      if (this.token.kind === 'newline') this.next();
      else body.push(...this.statement());
    }
    return body;
  }

  private statement(): Statement[] {
    const start = this.token;
    if (start.kind === 'indent') throw this.unexpected();
    if (start.kind === 'name') {
      const compound = this.compound(start);
      if (compound) return [{ ...compound, at: compound.at }];
    }
    if (this.sees('@')) return [this.decorated()];
    return this.simpleLine();
  }

  private simpleLine(): Statement[] {
    const line = [this.simple()];
    while (this.take(';')) {
      if (this.token.kind === 'newline') break;
      line.push(this.simple());
    }
    if (this.token.kind !== 'newline') throw this.misplaced();
    this.next();
    return line;
  }

  /** What is said of a token behind a whole statement. */
  private misplaced(): PythonSyntaxError {
    const [before] = [this.last];
    if (before.kind === 'name' && before.text === 'print' && this.token.kind === 'string')
      return new PythonSyntaxError(
        "Missing parentheses in call to 'print'. Did you mean print(...)?",
        before,
      );
    return this.unexpected();
  }

  /** The block of a compound statement: on its line, or indented below. `what` names it for the error. */
  private block(what: string, head: Token): Statement[] {
    this.expect(':');
    if (this.token.kind !== 'newline') return this.simpleLine();
    this.next();
    if (!this.isAt('indent'))
      throw new PythonSyntaxError(
        `expected an indented block after ${what} on line ${head.line}`,
        { ...this.token, endLine: this.token.line, endColumn: this.token.column + 1 },
        'IndentationError',
      );
    this.next();
    const body: Statement[] = [];
    while (!this.isAt('dedent') && !this.isAt('end')) {
      if (this.token.kind === 'newline') this.next();
      else body.push(...this.statement());
    }
    if (this.isAt('dedent')) this.next();
    return body;
  }

  private compound(start: Token): Statement | undefined {
    switch (start.text) {
      case 'if':
        return this.ifStatement();
      case 'while': {
        this.next();
        const test = this.expression();
        const body = this.block("'while' statement", start);
        return { kind: 'While', test, body, otherwise: this.elseBlock(), at: start };
      }
      case 'for':
        return this.forStatement(start);
      case 'try':
        return this.tryStatement(start);
      case 'with':
        return this.withStatement(start);
      case 'def':
        return this.definition([]);
      case 'class':
        return this.classDefinition([]);
      case 'async':
        throw new Missing(`python3: async ${this.following.text}`);
      case 'match':
        return this.notMatch();
      default:
        return undefined;
    }
  }

  /** `match` is a word like another, except before a value and a colon at the line's end. */
  private notMatch(): undefined {
    const { kind, text } = this.following;
    if (kind === 'name' || kind === 'string' || kind === 'number')
      if (text !== 'in' && text !== 'is') throw new Missing('python3: match');
    return undefined;
  }

  private elseBlock(): Statement[] {
    const start = this.token;
    return this.take('else') ? this.block("'else' statement", start) : [];
  }

  private ifStatement(): Statement {
    const start = this.next();
    const test = this.expression();
    const body = this.block(`'${start.text}' statement`, start);
    const otherwise = this.sees('elif') ? [this.ifStatement()] : this.elseBlock();
    return { kind: 'If', test, body, otherwise, at: start };
  }

  private forStatement(start: Token): Statement {
    this.next();
    const target = this.targets();
    this.bind(target);
    this.expect('in');
    const iterable = this.expressions();
    const body = this.block("'for' statement", start);
    return { kind: 'For', target, iterable, body, otherwise: this.elseBlock(), at: start };
  }

  private tryStatement(start: Token): Statement {
    this.next();
    const body = this.block("'try' statement", start);
    const handlers: Handler[] = [];
    while (this.sees('except')) {
      const head = this.next();
      if (this.sees('*')) throw new Missing('python3: except*');
      const type = this.sees(':') ? undefined : this.expression();
      const name = this.take('as') ? this.name() : undefined;
      if (name !== undefined) this.scope.locals.add(name);
      handlers.push({ type, name, body: this.block("'except' statement", head) });
    }
    const otherwise = this.elseBlock();
    const head = this.token;
    const final = this.take('finally') ? this.block("'finally' statement", head) : [];
    if (handlers.length === 0 && final.length === 0)
      throw this.unexpected("expected 'except' or 'finally' block");
    return { kind: 'Try', body, handlers, otherwise, final, at: start };
  }

  private withStatement(start: Token): Statement {
    this.next();
    const items: { value: Expression; target: Expression | undefined }[] = [];
    do {
      const value = this.expression();
      const target = this.take('as') ? this.targets() : undefined;
      if (target) this.bind(target);
      items.push({ value, target });
    } while (this.take(','));
    return { kind: 'With', items, body: this.block("'with' statement", start), at: start };
  }

  private decorated(): Statement {
    const decorators: Expression[] = [];
    while (this.take('@')) {
      decorators.push(this.expression());
      this.next();
    }
    if (this.sees('class')) return this.classDefinition(decorators);
    if (this.sees('async')) throw new Missing('python3: async def');
    return this.definition(decorators);
  }

  private definition(decorators: readonly Expression[]): Statement {
    const start = this.expect('def');
    const name = this.name();
    this.scope.locals.add(name);
    this.expect('(');
    const scope = this.enter();
    const parameters = this.parameters(')');
    this.expect(')');
    if (this.take('->')) this.expression();
    const body = this.block('function definition', start);
    this.scopes.pop();
    const { globals, nonlocals, isGenerator } = scope;
    const locals = new Set([...scope.locals].filter((n) => !globals.has(n) && !nonlocals.has(n)));
    const definition = { name, parameters, body, isGenerator, globals, nonlocals, locals };
    return { kind: 'FunctionDef', definition, decorators, at: start };
  }

  private classDefinition(decorators: readonly Expression[]): Statement {
    const start = this.expect('class');
    const name = this.name();
    this.scope.locals.add(name);
    let bases: Argument[] = [];
    if (this.take('(')) {
      bases = this.args();
      this.expect(')');
    }
    this.enter();
    const body = this.block('class definition', start);
    this.scopes.pop();
    return { kind: 'ClassDef', name, bases, body, decorators, at: start };
  }

  private simple(): Statement {
    const start = this.token;
    const word = start.kind === 'name' ? start.text : '';
    const end = (): boolean => this.token.kind === 'newline' || this.sees(';');
    switch (word) {
      case 'pass':
      case 'break':
      case 'continue': {
        this.next();
        const kind = word === 'pass' ? 'Pass' : word === 'break' ? 'Break' : 'Continue';
        return { kind, at: start };
      }
      case 'return': {
        this.next();
        const value = end() ? undefined : this.expressions();
        return { kind: 'Return', value, at: this.from(start) };
      }
      case 'raise': {
        this.next();
        const value = end() ? undefined : this.expression();
        const cause = this.take('from') ? this.expression() : undefined;
        return { kind: 'Raise', value, cause, at: this.from(start) };
      }
      case 'global':
      case 'nonlocal':
        return this.scopeStatement(word, start);
      case 'del': {
        this.next();
        const target = this.expressions();
        const targets = target.kind === 'Tuple' ? target.items : [target];
        for (const one of targets) this.bind(one);
        return { kind: 'Delete', targets, at: start };
      }
      case 'assert': {
        this.next();
        const test = this.expression();
        const message = this.take(',') ? this.expression() : undefined;
        return { kind: 'Assert', test, message, at: this.from(start) };
      }
      case 'import':
        return this.importStatement();
      case 'from':
        return this.importFrom();
      default:
        return this.assignment(start);
    }
  }

  private scopeStatement(word: 'global' | 'nonlocal', start: Token): Statement {
    this.next();
    const names = [this.name()];
    while (this.take(',')) names.push(this.name());
    const set = word === 'global' ? this.scope.globals : this.scope.nonlocals;
    for (const name of names) set.add(name);
    return { kind: word === 'global' ? 'Global' : 'Nonlocal', names, at: start };
  }

  private importStatement(): Statement {
    const start = this.next();
    const names: ImportedName[] = [];
    do {
      const name = this.dotted();
      const as = this.take('as') ? this.name() : undefined;
      this.scope.locals.add(as ?? name.split('.')[0] ?? name);
      names.push({ name, as });
    } while (this.take(','));
    return { kind: 'Import', names, at: this.from(start) };
  }

  private dotted(): string {
    let name = this.name();
    while (this.take('.')) name += `.${this.name()}`;
    return name;
  }

  private importFrom(): Statement {
    const start = this.next();
    let level = 0;
    for (;;) {
      if (this.take('.')) level++;
      else if (this.take('...')) level += 3;
      else break;
    }
    const module = this.sees('import') ? '' : this.dotted();
    this.expect('import');
    const names: ImportedName[] = [];
    if (this.take('*')) names.push({ name: '*', as: undefined });
    else {
      const brackets = this.take('(');
      do {
        if (this.sees(')')) break;
        const name = this.name();
        const as = this.take('as') ? this.name() : undefined;
        this.scope.locals.add(as ?? name);
        names.push({ name, as });
      } while (this.take(','));
      if (brackets) this.expect(')');
    }
    return { kind: 'ImportFrom', module, level, names, at: this.from(start) };
  }

  private assignment(start: Token): Statement {
    const first = this.sees('yield') ? this.yieldExpression() : this.expressions();
    const op = this.token.kind === 'op' ? this.token.text : '';
    if (AUGMENTED.includes(op)) {
      this.next();
      this.bind(first);
      const value = this.expressions();
      return { kind: 'AugAssign', target: first, op: op.slice(0, -1), value, at: this.from(start) };
    }
    if (op === ':') {
      this.next();
      this.bind(first);
      const annotation = this.expression();
      const value = this.take('=') ? this.expressions() : undefined;
      return { kind: 'AnnAssign', target: first, annotation, value, at: this.from(start) };
    }
    if (op !== '=') return { kind: 'Expr', value: first, at: this.from(start) };
    const targets: Expression[] = [];
    let value = first;
    while (this.take('=')) {
      this.bind(value);
      targets.push(value);
      value = this.sees('yield') ? this.yieldExpression() : this.expressions();
    }
    return { kind: 'Assign', targets, value, at: this.from(start) };
  }
}
