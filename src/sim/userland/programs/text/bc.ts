// bc 1.07.1: arithmetic of any precision: numbers with a scale, variables, sqrt, length, scale, comparisons. Left out:
// statements in braces, if, while, for, functions of one's own, arrays, the -l library.

import { decode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';

/** A decimal number: `digits` divided by ten to the power of `scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** What bc reports and goes on from. */
class BcError extends Error {}
/** What is real bc but not here. */
class NotModelled extends Error {}

interface State {
  readonly variables: Map<string, Decimal>;
  scale: number;
  ibase: number;
  obase: number;
}

const ZERO: Decimal = { digits: 0n, scale: 0 };
const ten = (power: number): bigint => 10n ** BigInt(power);
const rescale = ({ digits, scale }: Decimal, to: number): bigint =>
  to >= scale ? digits * ten(to - scale) : digits / ten(scale - to);

const TOKEN =
  /\s*(?:([0-9A-F]*\.?[0-9A-F]+|[0-9A-F]+\.)|([a-z][a-z0-9_]*)|("[^"]*")|(\+\+|--|[<>=!]=|[-+*/%^]=|[-+*/%^<>=!();,{}[\]]))/y;

function tokensOf(line: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (line.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(line);
    if (!match) throw new BcError(`illegal character: ${line.slice(at).trim().charAt(0)}`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

export const bc = program('bc', function* (main) {
  const files = main.args.filter((word) => !word.startsWith('-'));
  const unknown = main.args.find(
    (word) => word.startsWith('-') && !['-q', '--quiet'].includes(word),
  );
  if (unknown !== undefined) return yield* notSimulated(main, `bc ${unknown}`);
  const state: State = { variables: new Map(), scale: 0, ibase: 10, obase: 10 };
  for (const path of files) {
    const bytes = yield* readFile(main.process, path);
    if (isErrno(bytes)) {
      main.err.put(`File ${path} is unavailable.\n`);
      return 1;
    }
    for (const line of decode(bytes).split('\n')) {
      const status = yield* runLine(main, state, line, path, 1);
      if (status !== undefined) return status;
    }
  }
  for (let number = 1; ; number++) {
    const line = yield* main.input.line();
    if (line === undefined) return 0;
    const status = yield* runLine(main, state, line.replace(/\n$/, ''), '(standard_in)', number);
    if (status !== undefined) return status;
  }
});

/** Runs the statements of a line; a status where bc is to end. */
function* runLine(main: Main, state: State, line: string, file: string, number: number) {
  try {
    const parser = new Calculator(tokensOf(line.replace(/#.*|\/\*.*?\*\//g, '')), state);
    for (;;) {
      const result = parser.statement();
      if (result === undefined) return undefined;
      if (result === 'quit') return 0;
      yield* main.out.print(result);
    }
  } catch (error) {
    if (error instanceof NotModelled) return yield* notSimulated(main, `bc ${error.message}`);
    if (!(error instanceof BcError)) throw error;
    yield* main.out.flush();
    const place = error.message.startsWith('Runtime') ? '' : `${file} ${number}: `;
    main.err.put(`${place}${error.message}\n`);
    yield* main.err.flush();
    return undefined;
  }
}

const SYNTAX = 'syntax error';
const STATEMENTS = new Set([
  'define',
  'if',
  'while',
  'for',
  'auto',
  'return',
  'break',
  'print',
  'read',
  'halt',
  'limits',
]);

class Calculator {
  private readonly tokens: readonly string[];
  private readonly state: State;
  private i = 0;

  constructor(tokens: readonly string[], state: State) {
    this.tokens = tokens;
    this.state = state;
  }

  /** What one statement prints; undefined at the end of the line. */
  statement(): string | undefined {
    while (this.skip(';'));
    const token = this.tokens[this.i];
    if (token === undefined) return undefined;
    if (token === 'quit') return 'quit';
    if (STATEMENTS.has(token) || token === '{') throw new NotModelled(token);
    if (token.startsWith('"')) {
      this.i++;
      return token.slice(1, -1);
    }
    const silent = /^[a-z]/.test(token) && /^[-+*/%^]?=$/.test(this.tokens[this.i + 1] ?? '');
    const value = this.comparison();
    const next = this.tokens[this.i];
    if (next !== undefined && next !== ';') throw new BcError(SYNTAX);
    return silent ? '' : `${wrapped(shown(value, this.state.obase))}\n`;
  }

  private skip(token: string): boolean {
    const found = this.tokens[this.i] === token;
    if (found) this.i++;
    return found;
  }

  private comparison(): Decimal {
    const left = this.sum();
    const operator = this.tokens[this.i] ?? '';
    if (!['<', '>', '<=', '>=', '==', '!='].includes(operator)) return left;
    this.i++;
    const right = this.sum();
    const scale = Math.max(left.scale, right.scale);
    const difference = rescale(left, scale) - rescale(right, scale);
    const holds = {
      '<': difference < 0n,
      '>': difference > 0n,
      '<=': difference <= 0n,
      '>=': difference >= 0n,
      '==': difference === 0n,
      '!=': difference !== 0n,
    }[operator];
    return { digits: holds ? 1n : 0n, scale: 0 };
  }

  private sum(): Decimal {
    let left = this.product();
    for (;;) {
      const operator = this.tokens[this.i];
      if (operator !== '+' && operator !== '-') return left;
      this.i++;
      left = this.apply(operator, left, this.product());
    }
  }

  private product(): Decimal {
    let left = this.power();
    for (;;) {
      const operator = this.tokens[this.i];
      if (operator !== '*' && operator !== '/' && operator !== '%') return left;
      this.i++;
      left = this.apply(operator, left, this.power());
    }
  }

  private power(): Decimal {
    const base = this.unary();
    return this.skip('^') ? this.apply('^', base, this.power()) : base;
  }

  private apply(operator: string, a: Decimal, b: Decimal): Decimal {
    const scale = Math.max(a.scale, b.scale);
    switch (operator) {
      case '+':
        return { digits: rescale(a, scale) + rescale(b, scale), scale };
      case '-':
        return { digits: rescale(a, scale) - rescale(b, scale), scale };
      case '*': {
        const product = { digits: a.digits * b.digits, scale: a.scale + b.scale };
        const kept = Math.min(product.scale, Math.max(this.state.scale, scale));
        return { digits: rescale(product, kept), scale: kept };
      }
      case '^':
        return this.raise(a, b);
      default: {
        const quotient = this.divide(a, b, this.state.scale);
        if (operator === '/') return quotient;
        const kept = Math.max(a.scale, b.scale + this.state.scale);
        const product = { digits: quotient.digits * b.digits, scale: quotient.scale + b.scale };
        return { digits: rescale(a, kept) - rescale(product, kept), scale: kept };
      }
    }
  }

  private divide(a: Decimal, b: Decimal, scale: number): Decimal {
    if (b.digits === 0n) throw new BcError('Runtime error (func=(main), adr=3): Divide by zero');
    return { digits: (a.digits * ten(scale + b.scale)) / (b.digits * ten(a.scale)), scale };
  }

  private raise(base: Decimal, exponent: Decimal): Decimal {
    const power = Number(rescale(exponent, 0));
    if (power < 0)
      return this.divide(
        { digits: 1n, scale: 0 },
        this.raise(base, { digits: BigInt(-power), scale: 0 }),
        this.state.scale,
      );
    if (power > 100_000)
      throw new BcError('Runtime error (func=(main), adr=3): exponent too large in raise');
    const full = { digits: base.digits ** BigInt(power), scale: base.scale * power };
    const scale = Math.min(full.scale, Math.max(this.state.scale, base.scale));
    return { digits: rescale(full, scale), scale };
  }

  private unary(): Decimal {
    if (this.skip('-')) {
      const { digits, scale } = this.unary();
      return { digits: -digits, scale };
    }
    const token = this.tokens[this.i++];
    if (token === undefined) throw new BcError(SYNTAX);
    if (token === '(') {
      const value = this.comparison();
      if (!this.skip(')')) throw new BcError(SYNTAX);
      return value;
    }
    if (/^[0-9A-F.]/.test(token)) return this.number(token);
    if (!/^[a-z]/.test(token)) throw new BcError(SYNTAX);
    if (this.skip('(')) return this.call(token);
    if (this.tokens[this.i] === '[' || this.tokens[this.i] === '++')
      throw new NotModelled(`${token}${this.tokens[this.i]}`);
    return this.variable(token);
  }

  private number(token: string): Decimal {
    const [whole = '', fraction = ''] = token.split('.');
    const { ibase } = this.state;
    if (ibase === 10 && !/[A-F]/.test(token))
      return { digits: BigInt(whole + fraction), scale: fraction.length };
    if (fraction !== '') throw new NotModelled(`fractions in base ${ibase}`);
    let digits = 0n;
    for (const digit of whole) digits = digits * BigInt(ibase) + BigInt(Number.parseInt(digit, 16));
    return { digits, scale: 0 };
  }

  private call(name: string): Decimal {
    const value = this.comparison();
    if (!this.skip(')')) throw new BcError(SYNTAX);
    if (name === 'scale') return { digits: BigInt(value.scale), scale: 0 };
    if (name === 'length')
      return { digits: BigInt(String(value.digits).replace('-', '').length), scale: 0 };
    if (name !== 'sqrt') throw new NotModelled(`${name}()`);
    if (value.digits < 0n)
      throw new BcError('Runtime error (func=(main), adr=3): Square root of a negative number');
    const scale = Math.max(this.state.scale, value.scale);
    return { digits: squareRoot(rescale(value, scale * 2)), scale };
  }

  private variable(name: string): Decimal {
    const { state } = this;
    const special = name === 'scale' || name === 'ibase' || name === 'obase' ? name : undefined;
    const old = special
      ? { digits: BigInt(state[special]), scale: 0 }
      : (state.variables.get(name) ?? ZERO);
    const operator = /^([-+*/%^]?)=$/.exec(this.tokens[this.i] ?? '')?.[1];
    if (operator === undefined) return old;
    this.i++;
    const right = this.comparison();
    const value = operator === '' ? right : this.apply(operator, old, right);
    if (special) state[special] = Number(rescale(value, 0));
    else state.variables.set(name, value);
    return value;
  }
}

function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 10n ** BigInt(Math.ceil(String(value).length / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

function shown({ digits, scale }: Decimal, base: number): string {
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  if (digits === 0n) return '0';
  if (base !== 10) {
    if (scale > 0 || base > 16) throw new NotModelled(`fractions or digits in base ${base}`);
    return sign + BigInt(text).toString(base).toUpperCase();
  }
  const whole = text.slice(0, text.length - scale).replace(/^0$/, scale > 0 ? '' : '0');
  return sign + whole + (scale > 0 ? `.${text.slice(-scale)}` : '');
}

/** Long numbers go on in the next line after 68 digits and a backslash. */
function wrapped(text: string): string {
  return text.length < 70 ? text : text.replace(/.{68}(?=.)/g, '$&\\\n');
}
