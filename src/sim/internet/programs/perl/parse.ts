// Reading Perl: the everyday part of expressions and statements. Left out, and refused by name: regular expressions,
// subroutines, references, hashes but %ENV, file handles but STDOUT and STDERR, formats.

export type Expression =
  | { readonly kind: 'value'; readonly value: string | number }
  | { readonly kind: 'text'; readonly parts: readonly Expression[] }
  | { readonly kind: 'scalar' | 'array'; readonly name: string }
  | { readonly kind: 'element'; readonly name: string; readonly index: Expression }
  | { readonly kind: 'env'; readonly index: Expression }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'unary' | 'postfix'; readonly operator: string; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'choice';
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly handle: string;
    };

export type Statement =
  | { readonly kind: 'expression'; readonly of: Expression }
  | { readonly kind: 'if'; readonly test: Expression; readonly yes: Block; readonly no: Block }
  | {
      readonly kind: 'while';
      readonly test: Expression;
      readonly step: Block;
      readonly body: Block;
    }
  | {
      readonly kind: 'foreach';
      readonly name: string;
      readonly over: Expression;
      readonly body: Block;
    };
export type Block = readonly Statement[];

/** What the reader does not know. */
export class NotUnderstood extends Error {}

const TOKEN =
  /\s+|#[^\n]*|(?<number>\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+)|(?<single>'(?:[^'\\]|\\[^])*')|(?<double>"(?:[^"\\]|\\[^])*")|(?<variable>\$#?\w+|@\w+|%\w+)|(?<word>[A-Za-z_]\w*(?:::\w+)*)|(?<operator>\*\*=|\|\|=|&&=|<=>|\.\.|\*\*|\+\+|--|==|!=|<=|>=|&&|\|\||[-+*/.x%]=|[-+*/%.<>=!?:;,(){}[\]])/y;

interface Token {
  readonly kind: string;
  readonly text: string;
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < source.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    if (!match) throw new NotUnderstood(`'${source.slice(at, at + 12)}'`);
    const found = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined);
    if (found) tokens.push({ kind: found[0], text: found[1] as string });
  }
  return tokens;
}

/** Binary operators by strength; those of the right-hand kind group from the right. */
const STRENGTHS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['not'],
  ['=', '+=', '-=', '*=', '/=', '.=', 'x=', '%=', '**=', '||=', '&&='],
  ['?'],
  ['..'],
  ['||'],
  ['&&'],
  ['==', '!=', '<=>', 'eq', 'ne', 'cmp'],
  ['<', '>', '<=', '>=', 'lt', 'gt', 'le', 'ge'],
  ['+', '-', '.'],
  ['*', '/', '%', 'x'],
  ['!'],
  ['**'],
];
const strengthOf = (operator: string): number =>
  STRENGTHS.findIndex((level) => level.includes(operator));
const ASSIGNMENT = strengthOf('=');
const PREFIX = strengthOf('!');

/** Reads a program; throws NotUnderstood with what it does not know. */
export function parsePerl(source: string): Block {
  return new Parser(tokensOf(source)).until('');
}

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  private peek(): string {
    return this.tokens[this.at]?.text ?? '';
  }

  private is(text: string): boolean {
    return this.peek() === text && this.tokens[this.at]?.kind !== 'single';
  }

  private accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (this.accept(text)) return;
    throw new NotUnderstood(this.peek() === '' ? 'the end' : `'${this.peek()}'`);
  }

  private block(): Block {
    this.expect('{');
    const statements = this.until('}');
    this.expect('}');
    return statements;
  }

  until(end: string): Statement[] {
    const statements: Statement[] = [];
    while (this.at < this.tokens.length && !this.is(end))
      if (!this.accept(';')) statements.push(this.statement());
    return statements;
  }

  private conditional(negated: boolean): Statement {
    this.expect('(');
    const test = this.expression(0);
    this.expect(')');
    const yes = this.block();
    const no = this.accept('elsif')
      ? [this.conditional(false)]
      : this.accept('else')
        ? this.block()
        : [];
    return { kind: 'if', test: negated ? not(test) : test, yes, no };
  }

  private loop(): Statement {
    this.accept('my');
    const name =
      this.tokens[this.at]?.kind === 'variable' ? (this.tokens[this.at++]?.text ?? '') : '$_';
    this.expect('(');
    if (
      name === '$_' &&
      this.tokens.slice(this.at, this.at + 30).some(({ text }) => text === ';')
    ) {
      const first = this.expression(0);
      this.expect(';');
      const test = this.expression(0);
      this.expect(';');
      const step: Block = [{ kind: 'expression', of: this.expression(0) }];
      this.expect(')');
      const once: Statement = { kind: 'while', test, step, body: this.block() };
      const yes: Block = [{ kind: 'expression', of: first }, once];
      return { kind: 'if', test: { kind: 'value', value: 1 }, yes, no: [] };
    }
    const over = this.is(')') ? { kind: 'list' as const, items: [] } : this.expression(0);
    this.expect(')');
    return { kind: 'foreach', name: name.slice(1), over, body: this.block() };
  }

  private statement(): Statement {
    if (this.accept('if')) return this.conditional(false);
    if (this.accept('unless')) return this.conditional(true);
    if (this.accept('for') || this.accept('foreach')) return this.loop();
    if (this.is('while') || this.is('until')) {
      const negated = this.tokens[this.at++]?.text === 'until';
      this.expect('(');
      const test = this.expression(0);
      this.expect(')');
      return { kind: 'while', test: negated ? not(test) : test, step: [], body: this.block() };
    }
    if (this.accept('use') || this.accept('no')) {
      const module = this.tokens[this.at++]?.text ?? '';
      if (!['strict', 'warnings', 'utf8', 'v5'].includes(module)) throw new NotUnderstood(module);
      return { kind: 'expression', of: { kind: 'list', items: [] } };
    }
    return this.modified({ kind: 'expression', of: this.expression(0) });
  }

  private modified(plain: Statement): Statement {
    const word = this.peek();
    if (!['if', 'unless', 'while', 'until', 'for', 'foreach'].includes(word)) {
      if (this.at < this.tokens.length && !this.is(';') && !this.is('}'))
        throw new NotUnderstood(`'${word}'`);
      return plain;
    }
    this.at++;
    const test = this.expression(0);
    if (word.startsWith('for')) return { kind: 'foreach', name: '_', over: test, body: [plain] };
    const asked = word === 'unless' || word === 'until' ? not(test) : test;
    if (word === 'if' || word === 'unless')
      return { kind: 'if', test: asked, yes: [plain], no: [] };
    return { kind: 'while', test: asked, step: [], body: [plain] };
  }

  private expression(least: number): Expression {
    let left = this.operand();
    for (;;) {
      const operator = this.peek();
      const strength = this.tokens[this.at]?.kind === 'single' ? -1 : strengthOf(operator);
      if (operator === ',' && least <= ASSIGNMENT - 1) {
        left = this.listFrom(left);
        continue;
      }
      if (strength < 0 || strength < least || operator === '!' || operator === 'not') return left;
      this.at++;
      if (operator === '?') {
        const yes = this.expression(ASSIGNMENT);
        this.expect(':');
        left = { kind: 'choice', test: left, yes, no: this.expression(strength) };
        continue;
      }
      const fromRight = strength === ASSIGNMENT || operator === '**';
      const right = this.expression(fromRight ? strength : strength + 1);
      left = { kind: 'binary', operator, left, right };
    }
  }

  private listFrom(first: Expression): Expression {
    const items = [first];
    while (this.accept(','))
      if (this.at < this.tokens.length && !this.is(')') && !this.is(';'))
        items.push(this.expression(ASSIGNMENT));
    return { kind: 'list', items };
  }

  private operand(): Expression {
    const token = this.tokens[this.at++];
    if (!token) throw new NotUnderstood('the end');
    const { kind, text } = token;
    if (kind === 'number') return { kind: 'value', value: Number(text.replaceAll('_', '')) };
    if (kind === 'single') {
      return { kind: 'value', value: text.slice(1, -1).replace(/\\(['\\])/g, '$1') };
    }
    if (kind === 'double') return interpolated(text.slice(1, -1));
    if (kind === 'variable') return this.postfixed(this.variable(text));
    if (kind === 'word') return this.wordOperand(text);
    if (text === '(') {
      const inside: Expression = this.is(')') ? { kind: 'list', items: [] } : this.expression(0);
      this.expect(')');
      return inside.kind === 'list' ? inside : { kind: 'list', items: [inside] };
    }
    if (['-', '+', '!', '++', '--'].includes(text))
      return {
        kind: 'unary',
        operator: text,
        of: this.expression(text === '!' ? PREFIX : PREFIX + 1),
      };
    throw new NotUnderstood(`'${text}'`);
  }

  private variable(text: string): Expression {
    if (text.startsWith('$#') || text.startsWith('%')) throw new NotUnderstood(text);
    const name = text.slice(1);
    if (text.startsWith('@')) return { kind: 'array', name };
    if (this.accept('[')) {
      const index = this.expression(0);
      this.expect(']');
      return { kind: 'element', name, index };
    }
    if (!this.is('{')) return { kind: 'scalar', name };
    if (name !== 'ENV') throw new NotUnderstood(`a hash, %${name}`);
    this.at++;
    const key = this.tokens[this.at];
    const bare = key?.kind === 'word' && this.tokens[this.at + 1]?.text === '}';
    const index: Expression = bare ? { kind: 'value', value: key.text } : this.expression(0);
    if (bare) this.at++;
    this.expect('}');
    return { kind: 'env', index };
  }

  private postfixed(of: Expression): Expression {
    if (this.is('++') || this.is('--'))
      return { kind: 'postfix', operator: this.tokens[this.at++]?.text ?? '', of };
    return of;
  }

  private wordOperand(name: string): Expression {
    if (name === 'my' || name === 'our' || name === 'local') return this.operand();
    if (name === 'not') return not(this.expression(strengthOf('not') + 1));
    const bracketed = this.accept('(');
    const handle = ['STDERR', 'STDOUT'].includes(this.peek())
      ? (this.tokens[this.at++]?.text ?? '')
      : 'STDOUT';
    const ends = [')', ';', '}', ',', ':', ']', 'if', 'unless', 'for', 'foreach', 'while', ''];
    const none =
      this.at >= this.tokens.length ||
      (this.tokens[this.at]?.kind !== 'single' && ends.includes(this.peek()));
    const alone = none || strengthOf(this.peek()) >= 0;
    let args: readonly Expression[] = [];
    if (!(bracketed ? this.is(')') : alone && !this.is('-') && !this.is('!'))) {
      const given = this.expression(bracketed ? 0 : ONE_ARGUMENT.has(name) ? PREFIX : 2);
      args = given.kind === 'list' ? given.items : [given];
    }
    if (bracketed) this.expect(')');
    return { kind: 'call', name, args, handle };
  }
}

/** Functions of one argument bind closer than comparisons. */
const ONE_ARGUMENT = new Set([
  'length',
  'uc',
  'lc',
  'int',
  'sqrt',
  'abs',
  'defined',
  'scalar',
  'sleep',
  'exit',
]);

function not(of: Expression): Expression {
  return { kind: 'unary', operator: '!', of };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  '0': '\0',
  r: '\r',
  e: '\x1b',
};

/** A string in double quotes: escapes, variables and elements. */
function interpolated(text: string): Expression {
  const parts: Expression[] = [];
  const found = text.matchAll(/\\([^])|[$@](\w+)(\[[^\]]*\]|\{\w+\})?|[^\\$@]+|[^]/g);
  for (const [whole, escaped, name, index] of found) {
    if (escaped !== undefined) parts.push({ kind: 'value', value: ESCAPES[escaped] ?? escaped });
    else if (name === undefined) parts.push({ kind: 'value', value: whole });
    else if (index !== undefined || whole.startsWith('$')) {
      const [statement] = parsePerl(whole);
      if (statement?.kind !== 'expression') throw new NotUnderstood(whole);
      parts.push(statement.of);
    } else {
      const array: Expression = { kind: 'array', name };
      const blank: Expression = { kind: 'value', value: ' ' };
      parts.push({ kind: 'call', name: 'join', args: [blank, array], handle: '' });
    }
  }
  return { kind: 'text', parts };
}
