// Python's expressions, by precedence (The Python Language Reference, 6).

import { Missing } from '../interpreter.ts';
import { formatPieces } from './f-strings.ts';
import { KEYWORDS, TokenStream } from './stream.ts';
import { escaped, numberOf } from './strings.ts';
import type {
  Argument,
  Comprehension,
  Expression,
  FormatPiece,
  Parameter,
  Parameters,
} from './syntax.ts';
import type { Span, Token } from './tokens.ts';

/** Binary operators, loosest first; each level binds to the left. */
const LEVELS: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%', '@'],
];
const COMPARISONS = ['<', '>', '==', '>=', '<=', '!=', 'in', 'not', 'is'];
const CONSTANTS: Readonly<Record<string, null | boolean>> = {
  None: null,
  True: true,
  False: false,
};

export class ExpressionParser extends TokenStream {
  /** One expression, or several with commas between: a tuple. `starred`: `*x` may stand among them. */
  expressions(): Expression {
    const start = this.token;
    const first = this.starred();
    if (!this.sees(',')) return first;
    const items = [first];
    while (this.take(',')) {
      if (this.endsList()) break;
      items.push(this.starred());
    }
    return { kind: 'Tuple', items, at: this.from(start) };
  }

  private endsList(): boolean {
    const { kind } = this.token;
    return kind === 'newline' || kind === 'end' || this.sees(')', ']', '}', '=', ':', ';', 'in');
  }

  private starred(): Expression {
    const start = this.token;
    if (!this.take('*')) return this.expression();
    return { kind: 'Starred', value: this.binary(0), at: this.from(start) };
  }

  expression(): Expression {
    const start = this.token;
    if (this.sees('lambda')) return this.lambda();
    if (this.sees('yield')) return this.yieldExpression();
    const { following } = this;
    if (start.kind === 'name' && following.kind === 'op' && following.text === ':=') {
      const name = this.name();
      this.next();
      this.scope.locals.add(name);
      return { kind: 'NamedExpr', name, value: this.expression(), at: this.from(start) };
    }
    const body = this.or();
    if (!this.take('if')) return body;
    const test = this.or();
    this.expect('else');
    const otherwise = this.expression();
    return { kind: 'IfExp', test, body, otherwise, at: this.from(start) };
  }

  yieldExpression(): Expression {
    const start = this.next();
    this.scope.isGenerator = true;
    if (this.take('from'))
      return { kind: 'Yield', value: this.expression(), from: true, at: this.from(start) };
    const value = this.endsList() ? undefined : this.expressions();
    return { kind: 'Yield', value, from: false, at: this.from(start) };
  }

  private lambda(): Expression {
    const start = this.next();
    this.enter();
    const parameters = this.parameters(':');
    this.expect(':');
    const body = this.expression();
    this.scopes.pop();
    return { kind: 'Lambda', parameters, body, at: this.from(start) };
  }

  /** Parameters up to `end`, which is left. */
  parameters(end: string): Parameters {
    const positional: Parameter[] = [];
    const keywordOnly: Parameter[] = [];
    let rest: string | undefined;
    let keywordRest: string | undefined;
    let byName = false;
    while (!this.sees(end)) {
      if (this.take('**')) keywordRest = this.parameterName(end);
      else if (this.take('*')) {
        byName = true;
        if (!this.sees(',')) rest = this.parameterName(end);
      } else if (!this.take('/')) {
        const name = this.parameterName(end);
        const value = this.take('=') ? this.expression() : undefined;
        (byName ? keywordOnly : positional).push({ name, default: value });
      }
      if (!this.take(',')) break;
    }
    return { positional, rest, keywordOnly, keywordRest };
  }

  private parameterName(end: string): string {
    const name = this.name();
    this.scope.locals.add(name);
    if (end !== ':' && this.take(':')) this.expression();
    return name;
  }

  private or(): Expression {
    return this.joined('or', () => this.joined('and', () => this.not()));
  }

  private joined(op: 'and' | 'or', operand: () => Expression): Expression {
    const start = this.token;
    const first = operand();
    if (!this.sees(op)) return first;
    const values = [first];
    while (this.take(op)) values.push(operand());
    return { kind: 'BoolOp', op, values, at: this.from(start) };
  }

  private not(): Expression {
    const start = this.token;
    if (this.take('not'))
      return { kind: 'UnaryOp', op: 'not', operand: this.not(), at: this.from(start) };
    const left = this.binary(0);
    const rest: [string, Expression][] = [];
    while (this.sees(...COMPARISONS)) {
      if (this.sees('not') && this.following.text !== 'in') break;
      let op = this.next().text;
      if (op === 'not') op = `not ${this.next().text}`;
      else if (op === 'is' && this.take('not')) op = 'is not';
      rest.push([op, this.binary(0)]);
    }
    return rest.length === 0 ? left : { kind: 'Compare', left, rest, at: this.from(start) };
  }

  private binary(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.unary();
    const start = this.token;
    let left = this.binary(level + 1);
    while (this.token.kind === 'op' && operators.includes(this.token.text)) {
      const op = this.next().text;
      const right = this.binary(level + 1);
      left = { kind: 'BinOp', op, left, right, at: this.from(start) };
    }
    return left;
  }

  private unary(): Expression {
    const start = this.token;
    if (start.kind === 'op' && ['-', '+', '~'].includes(start.text)) {
      const op = this.next().text;
      return { kind: 'UnaryOp', op, operand: this.unary(), at: this.from(start) };
    }
    const left = this.postfix();
    if (!this.take('**')) return left;
    return { kind: 'BinOp', op: '**', left, right: this.unary(), at: this.from(start) };
  }

  private postfix(): Expression {
    const start = this.token;
    if (this.sees('await')) throw new Missing('python3: await');
    let value = this.atom();
    for (;;) {
      if (this.take('.'))
        value = { kind: 'Attribute', value, name: this.attribute(), at: this.from(start) };
      else if (this.take('(')) {
        const args = this.args();
        this.expect(')');
        value = { kind: 'Call', callee: value, args, at: this.from(start) };
      } else if (this.take('[')) {
        const index = this.subscript();
        this.expect(']');
        value = { kind: 'Subscript', value, index, at: this.from(start) };
      } else return value;
    }
  }

  private attribute(): string {
    if (this.token.kind !== 'name') throw this.unexpected();
    return this.next().text;
  }

  /** Arguments up to the closing parenthesis, which is left. */
  args(): Argument[] {
    const args: Argument[] = [];
    while (!this.sees(')')) {
      const start = this.token;
      const star = this.take('*') ? '*' : this.take('**') ? '**' : '';
      let name: string | undefined;
      if (star === '' && start.kind === 'name' && this.following.text === '=') {
        name = this.name();
        this.next();
      }
      let value = this.expression();
      if (this.sees('for', 'async') && star === '' && name === undefined)
        value = this.comprehension('generator', value, undefined, start);
      args.push({ star, name, value });
      if (!this.take(',')) break;
    }
    return args;
  }

  private subscript(): Expression {
    const start = this.token;
    const first = this.slice();
    if (!this.sees(',')) return first;
    const items = [first];
    while (this.take(',') && !this.sees(']')) items.push(this.slice());
    return { kind: 'Tuple', items, at: this.from(start) };
  }

  private slice(): Expression {
    const start = this.token;
    const part = (): Expression | undefined =>
      this.sees(':', ']', ',') ? undefined : this.expression();
    const from = part();
    if (!this.sees(':') && from) return from;
    this.expect(':');
    const to = part();
    const step = this.take(':') ? part() : undefined;
    return { kind: 'Slice', from, to, step, at: this.from(start) };
  }

  private atom(): Expression {
    const start = this.token;
    switch (start.kind) {
      case 'number':
        this.next();
        return { kind: 'Constant', value: numberOf(start.text), at: start };
      case 'string':
        return this.strings();
      case 'name': {
        const value = CONSTANTS[start.text];
        if (Object.hasOwn(CONSTANTS, start.text) && value !== undefined) {
          this.next();
          return { kind: 'Constant', value, at: start };
        }
        if (KEYWORDS.has(start.text)) throw this.unexpected();
        return { kind: 'Name', name: this.name(), at: start };
      }
      default:
        if (this.take('...')) return { kind: 'Ellipsis', at: start };
        if (this.take('(')) return this.parenthesised(start);
        if (this.take('[')) return this.list(start);
        if (this.take('{')) return this.braces(start);
        throw this.unexpected();
    }
  }

  private parenthesised(start: Token): Expression {
    if (this.take(')')) return { kind: 'Tuple', items: [], at: this.from(start) };
    const value = this.sees('yield') ? this.yieldExpression() : this.expressions();
    if (this.sees('for')) {
      const made = this.comprehension('generator', value, undefined, start);
      this.expect(')');
      return made;
    }
    this.expect(')');
    return value.kind === 'Tuple' ? { ...value, at: this.from(start) } : value;
  }

  private list(start: Token): Expression {
    const items: Expression[] = [];
    while (!this.sees(']')) {
      items.push(this.starred());
      const [only] = items;
      if (this.sees('for') && only && items.length === 1) {
        const made = this.comprehension('list', only, undefined, start);
        this.expect(']');
        return { ...made, at: this.from(start) };
      }
      if (!this.take(',')) break;
    }
    this.expectClosing(']');
    return { kind: 'List', items, at: this.from(start) };
  }

  private expectClosing(text: string): void {
    if (!this.sees(text) && (this.token.kind === 'name' || this.token.kind === 'string'))
      throw this.unexpected('invalid syntax. Perhaps you forgot a comma?');
    this.expect(text);
  }

  private braces(start: Token): Expression {
    const pairs: (readonly [Expression | undefined, Expression])[] = [];
    const items: Expression[] = [];
    while (!this.sees('}')) {
      if (this.take('**')) pairs.push([undefined, this.binary(0)]);
      else {
        const key = this.starred();
        const value = this.take(':') ? this.expression() : undefined;
        if (this.sees('for')) {
          const made = this.comprehension(value ? 'dict' : 'set', key, value, start);
          this.expect('}');
          return made;
        }
        if (value) pairs.push([key, value]);
        else items.push(key);
      }
      if (!this.take(',')) break;
    }
    this.expectClosing('}');
    const at = this.from(start);
    return items.length > 0 ? { kind: 'Set', items, at } : { kind: 'Dict', items: pairs, at };
  }

  private comprehension(
    of: 'list' | 'set' | 'dict' | 'generator',
    element: Expression,
    value: Expression | undefined,
    start: Span,
  ): Expression {
    const clauses: Comprehension[] = [];
    while (this.sees('for', 'async')) {
      if (this.sees('async')) throw new Missing('python3: async comprehensions');
      this.next();
      this.enter();
      const target = this.targets();
      this.bind(target);
      this.scopes.pop();
      this.expect('in');
      const iterable = this.or();
      const conditions: Expression[] = [];
      while (this.take('if')) conditions.push(this.or());
      clauses.push({ target, iterable, conditions });
    }
    return { kind: 'Comp', of, element, value, clauses, at: this.from(start) };
  }

  /** Targets of a loop, up to `in`. */
  targets(): Expression {
    const start = this.token;
    const target = (): Expression => {
      const star = this.token;
      if (this.take('*')) return { kind: 'Starred', value: this.postfix(), at: this.from(star) };
      return this.postfix();
    };
    const first = target();
    if (!this.sees(',')) return first;
    const items = [first];
    while (this.take(',') && !this.sees('in')) items.push(target());
    return { kind: 'Tuple', items, at: this.from(start) };
  }

  /** Strings beside each other are one. */
  private strings(): Expression {
    const start = this.token;
    const pieces: FormatPiece[] = [];
    let bytes: string | undefined;
    let formatted = false;
    while (this.token.kind === 'string') {
      const token = this.next();
      const raw = token.prefix.includes('r');
      if (token.prefix.includes('b')) {
        bytes = (bytes ?? '') + (raw ? token.text : escaped(token.text, true));
      } else if (token.prefix.includes('f')) {
        formatted = true;
        pieces.push(...formatPieces(token.text, raw, token));
      } else pieces.push(raw ? token.text : escaped(token.text, false));
    }
    const at = this.from(start);
    if (bytes !== undefined) {
      const value = Uint8Array.from(bytes, (char) => char.charCodeAt(0) & 0xff);
      return { kind: 'Bytes', value, at };
    }
    if (formatted) return { kind: 'JoinedStr', pieces, at };
    return { kind: 'Constant', value: pieces.join(''), at };
  }
}

/** One expression by itself. */
export function parseExpression(source: string): Expression {
  const parser = new ExpressionParser(source);
  const value = parser.expressions();
  if (parser.token.kind === 'newline') parser.next();
  if (parser.token.kind !== 'end') throw parser.unexpected();
  return value;
}
