// Running Perl: scalars are numbers, strings or, under `use bignum`, whole numbers without a limit.

import { epochSeconds, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import { type Block, type Expression, NotUnderstood, type Statement } from './parse.ts';
import { piDigits } from './pi.ts';

export type Scalar = string | number | bigint | undefined;

/** The program ends with a status. */
export class PerlExit extends Error {
  readonly status: number;
  constructor(status: number) {
    super('exit');
    this.status = status;
  }
}

/** How the interpreter was started. */
export interface PerlOptions {
  readonly main: Main;
  readonly args: readonly string[];
  /** -l: print ends its line. */
  readonly lines: boolean;
  readonly bignum: boolean;
  /** Names that modules have brought in. */
  readonly imported: ReadonlySet<string>;
  /** What `die` says where it happened: `-e`. */
  readonly script: string;
}

/** A scalar as text: fifteen significant digits for a number. */
export function textOf(value: Scalar): string {
  if (value === undefined) return '';
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : value < 0 ? '-Inf' : 'NaN';
  const [digits = '', exponent] = value.toPrecision(15).split('e');
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  if (exponent === undefined) return short;
  return `${short}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

function numberOf(value: Scalar): number | bigint {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return Number(/^\s*([-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+))/.exec(value ?? '')?.[1] ?? 0);
}

const isTrue = (value: Scalar): boolean => !['', '0'].includes(textOf(value));
const flag = (value: boolean): Scalar => (value ? 1 : '');

type Arithmetic = {
  readonly whole: (a: bigint, b: bigint) => bigint | undefined;
  readonly real: (a: number, b: number) => number;
};
const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  '+': { whole: (a, b) => a + b, real: (a, b) => a + b },
  '-': { whole: (a, b) => a - b, real: (a, b) => a - b },
  '*': { whole: (a, b) => a * b, real: (a, b) => a * b },
  '/': { whole: (a, b) => (a % b === 0n ? a / b : undefined), real: (a, b) => a / b },
  '%': { whole: (a, b) => ((a % b) + b) % b, real: (a, b) => ((a % b) + b) % b },
  '**': { whole: (a, b) => (b >= 0n ? a ** b : undefined), real: (a, b) => a ** b },
};
const COMPARISONS: Readonly<Record<string, (order: number) => Scalar>> = {
  '==': (order) => flag(order === 0),
  '!=': (order) => flag(order !== 0),
  '<': (order) => flag(order < 0),
  '>': (order) => flag(order > 0),
  '<=': (order) => flag(order <= 0),
  '>=': (order) => flag(order >= 0),
  '<=>': (order) => order,
};
const TEXT_COMPARISONS: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
  cmp: '<=>',
};

/** Processor time of a turn of a loop, and of a digit of pi for each digit, in nanoseconds. */
const TURN = 200;
const DIGIT = 1500;

const compare = <T extends string | number | bigint>(a: T, b: T): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** Runs a program to its end; throws PerlExit where it says so. */
export function* runPerl(program: Block, options: PerlOptions): Routine<void> {
  yield* new Interpreter(options).block(program);
}

class Interpreter {
  private readonly options: PerlOptions;
  private readonly scalars = new Map<string, Scalar>();
  private readonly arrays = new Map<string, Scalar[]>();

  constructor(options: PerlOptions) {
    this.options = options;
    this.scalars.set('0', options.script);
    this.arrays.set('ARGV', [...options.args]);
  }

  *block(statements: Block): Routine<void> {
    for (const one of statements) yield* this.statement(one);
  }

  private *statement(one: Statement): Routine<void> {
    if (one.kind === 'expression') yield* this.list(one.of);
    else if (one.kind === 'if')
      yield* this.block(isTrue(yield* this.scalar(one.test)) ? one.yes : one.no);
    else if (one.kind === 'while') {
      while (isTrue(yield* this.scalar(one.test))) {
        yield* this.block(one.body);
        yield* this.block(one.step);
        yield* this.options.main.process.work(TURN);
      }
    } else {
      for (const item of yield* this.list(one.over)) {
        this.scalars.set(one.name, item);
        yield* this.block(one.body);
      }
    }
  }

  /** An expression in list context. */
  private *list(of: Expression): Routine<Scalar[]> {
    if (of.kind === 'array') return this.arrays.get(of.name) ?? [];
    if (of.kind === 'list') {
      const items: Scalar[] = [];
      for (const item of of.items) items.push(...(yield* this.list(item)));
      return items;
    }
    if (of.kind === 'binary' && of.operator === '..') {
      const [from, to] = [
        Number(yield* this.scalar(of.left)),
        Number(yield* this.scalar(of.right)),
      ];
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
    }
    if (of.kind === 'binary' && of.operator === '=' && isPlural(of.left)) {
      return yield* this.assignList(of.left, yield* this.list(of.right));
    }
    if (of.kind === 'call' && of.name === 'reverse') {
      const items: Scalar[] = [];
      for (const item of of.args) items.push(...(yield* this.list(item)));
      return items.reverse();
    }
    return [yield* this.scalar(of)];
  }

  private *assignList(left: Expression, values: readonly Scalar[]): Routine<Scalar[]> {
    if (left.kind === 'array') this.arrays.set(left.name, [...values]);
    else if (left.kind === 'list')
      for (const [i, item] of left.items.entries()) yield* this.assign(item, values[i]);
    return [...values];
  }

  private *assign(to: Expression, value: Scalar): Routine<Scalar> {
    if (to.kind === 'scalar') this.scalars.set(to.name, value);
    else if (to.kind === 'element') {
      const array = this.arrays.get(to.name) ?? [];
      array[Number(yield* this.scalar(to.index))] = value;
      this.arrays.set(to.name, array);
    } else throw new NotUnderstood(`an assignment to ${to.kind}`);
    return value;
  }

  /** An expression in scalar context. */
  private *scalar(of: Expression): Routine<Scalar> {
    switch (of.kind) {
      case 'value':
        return this.options.bignum && typeof of.value === 'number' && Number.isInteger(of.value)
          ? BigInt(of.value)
          : of.value;
      case 'text': {
        let text = '';
        for (const part of of.parts) text += textOf(yield* this.scalar(part));
        return text;
      }
      case 'scalar':
        return this.scalars.get(of.name);
      case 'array':
        return this.arrays.get(of.name)?.length ?? 0;
      case 'element': {
        const index = Number(yield* this.scalar(of.index));
        return this.arrays.get(of.name)?.at(index);
      }
      case 'env':
        return this.options.main.process.environment.get(textOf(yield* this.scalar(of.index)));
      case 'list': {
        let last: Scalar;
        for (const item of of.items) last = yield* this.scalar(item);
        return last;
      }
      case 'choice':
        return yield* this.scalar(isTrue(yield* this.scalar(of.test)) ? of.yes : of.no);
      case 'unary':
      case 'postfix':
        return yield* this.changed(of.kind === 'postfix', of.operator, of.of);
      case 'binary':
        return yield* this.binary(of.operator, of.left, of.right);
      case 'call':
        return yield* this.call(of.name, of.args, of.handle);
    }
  }

  private *changed(after: boolean, operator: string, of: Expression): Routine<Scalar> {
    const value = yield* this.scalar(of);
    if (operator === '!') return flag(!isTrue(value));
    const number = numberOf(value);
    if (operator === '-') return -number;
    if (operator === '+') return value;
    const next = calculate(operator[0] ?? '', number, typeof number === 'bigint' ? 1n : 1);
    yield* this.assign(of, next);
    return after ? (value ?? 0) : next;
  }

  private *binary(operator: string, left: Expression, right: Expression): Routine<Scalar> {
    if (operator === '=') {
      if (isPlural(left)) return (yield* this.assignList(left, yield* this.list(right))).length;
      return yield* this.assign(left, yield* this.scalar(right));
    }
    const a = yield* this.scalar(left);
    if (operator.endsWith('=') && !(operator in COMPARISONS)) {
      const inner: Expression = { kind: 'binary', operator: operator.slice(0, -1), left, right };
      return yield* this.assign(left, yield* this.scalar(inner));
    }
    if (operator === '&&' || operator === 'and') return isTrue(a) ? yield* this.scalar(right) : a;
    if (operator === '||' || operator === 'or') return isTrue(a) ? a : yield* this.scalar(right);
    const b = yield* this.scalar(right);
    if (operator === '.') return textOf(a) + textOf(b);
    if (operator === 'x') return textOf(a).repeat(Math.max(0, Number(numberOf(b))));
    const text = TEXT_COMPARISONS[operator];
    if (text) return COMPARISONS[text]?.(compare(textOf(a), textOf(b)));
    const [m, n] = [numberOf(a), numberOf(b)];
    const comparison = COMPARISONS[operator];
    if (comparison) return comparison(compare(m, n));
    if ((operator === '/' || operator === '%') && Number(n) === 0)
      yield* this.fail(operator === '/' ? 'Illegal division by zero' : 'Illegal modulus zero');
    return calculate(operator, m, n);
  }

  private *fail(text: string): Routine<never> {
    const where = text.endsWith('\n') ? '' : ` at ${this.options.script} line 1.\n`;
    yield* this.options.main.out.flush();
    this.options.main.err.put(`${text}${where}`);
    yield* this.options.main.err.flush();
    throw new PerlExit(255);
  }

  private *call(name: string, args: readonly Expression[], handle: string): Routine<Scalar> {
    if (name === 'print' || name === 'say') return yield* this.print(name, args, handle);
    if (name === 'push') return yield* this.push(args);
    const values: Scalar[] = [];
    for (const arg of args) {
      if (name === 'scalar') values.push(yield* this.scalar(arg));
      else values.push(...(yield* this.list(arg)));
    }
    const first = values.length > 0 ? values[0] : this.scalars.get('_');
    if (name === 'die') yield* this.fail(values.map(textOf).join('') || 'Died');
    if (name === 'exit') throw new PerlExit(Number(numberOf(values[0])) & 255);
    if (name === 'sleep') {
      const seconds = Number(numberOf(first));
      yield* this.options.main.out.flush();
      yield* this.options.main.process.sleep(seconds * SECOND);
      return seconds;
    }
    if (name === 'time') return Math.floor(epochSeconds(this.options.main.process.now));
    if (name === 'bpi' && this.options.imported.has('bpi')) {
      const digits = Number(first ?? 40);
      yield* this.options.main.process.work(digits * digits * DIGIT);
      return piDigits(digits);
    }
    const simple = FUNCTIONS[name];
    if (!simple) throw new NotUnderstood(`${name}()`);
    return simple(first, values);
  }

  private *push(args: readonly Expression[]): Routine<Scalar> {
    const [array, ...rest] = args;
    if (array?.kind !== 'array') throw new NotUnderstood('push onto no array');
    const items = this.arrays.get(array.name) ?? [];
    for (const one of rest) items.push(...(yield* this.list(one)));
    this.arrays.set(array.name, items);
    return items.length;
  }

  private *print(name: string, args: readonly Expression[], handle: string): Routine<Scalar> {
    const values: Scalar[] = args.length === 0 ? [this.scalars.get('_')] : [];
    for (const arg of args) values.push(...(yield* this.list(arg)));
    const end = name === 'say' || this.options.lines ? '\n' : '';
    const text = `${values.map(textOf).join('')}${end}`;
    if (handle === 'STDERR') {
      this.options.main.err.put(text);
      yield* this.options.main.err.flush();
    } else yield* this.options.main.out.print(text);
    return 1;
  }
}

const FUNCTIONS: Readonly<Record<string, (first: Scalar, all: readonly Scalar[]) => Scalar>> = {
  length: (first) => textOf(first).length,
  uc: (first) => textOf(first).toUpperCase(),
  lc: (first) => textOf(first).toLowerCase(),
  int: (first) => (typeof first === 'bigint' ? first : Math.trunc(Number(numberOf(first)))),
  abs: (first) => Math.abs(Number(numberOf(first))),
  sqrt: (first) => Math.sqrt(Number(numberOf(first))),
  defined: (first) => flag(first !== undefined),
  scalar: (first) => first,
  join: (first, [, ...rest]) => rest.map(textOf).join(textOf(first)),
};

function isPlural({ kind }: Expression): boolean {
  return kind === 'array' || kind === 'list';
}

function calculate(operator: string, a: number | bigint, b: number | bigint): Scalar {
  const way = ARITHMETIC[operator];
  if (!way) throw new NotUnderstood(`'${operator}'`);
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    const whole = way.whole(a, b);
    if (whole === undefined) throw new NotUnderstood('a fraction under bignum');
    return whole;
  }
  return way.real(Number(a), Number(b));
}
