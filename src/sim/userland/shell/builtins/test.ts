// test and [: the number of arguments decides how they are read (POSIX), beyond four it is a
// grammar. let beside them.

import type { Routine } from '../../../core/wait.ts';
import { arithmetic } from '../assign.ts';
import { isTrue } from '../expand/arithmetic.ts';
import { ExpansionFailure } from '../expand/failure.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';
import { say } from './messages.ts';
import { BINARY, fileComparison, UNARY, unaryTest } from './test-primaries.ts';

/** Wrong use: status 2. */
class TestError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

function test(shell: Shell, words: readonly string[]): Routine<number> | number {
  const name = words[0] ?? 'test';
  let end = words.length;
  if (name === '[') {
    if (words.at(-1) !== ']')
      return say(shell, name, shell.dialect.extended ? "missing `]'" : 'missing ]', 2);
    end--;
  }
  const args = words.slice(1, end);
  try {
    return new Test(shell, args).run() ? 0 : 1;
  } catch (thrown) {
    if (thrown instanceof TestError) return say(shell, name, thrown.message, 2);
    throw thrown;
  }
}

class Test {
  private readonly shell: Shell;
  private readonly args: readonly string[];
  private at = 0;

  constructor(shell: Shell, args: readonly string[]) {
    this.shell = shell;
    this.args = args;
  }

  run(): boolean {
    const { args } = this;
    const [a = '', b = '', c = '', d = ''] = args;
    switch (args.length) {
      case 0:
        return false;
      case 1:
        return a !== '';
      case 2:
        return this.two(a, b);
      case 3:
        return this.three(a, b, c);
      case 4:
        if (a === '!') return !this.three(b, c, d);
        if (a === '(' && d === ')') return this.two(b, c);
    }
    const result = this.or();
    if (this.at < args.length) {
      throw new TestError(
        this.shell.dialect.extended
          ? 'too many arguments'
          : `${args[this.at]}: unexpected operator`,
      );
    }
    return result;
  }

  private two(a: string, b: string): boolean {
    if (a === '!') return b === '';
    const result = unaryTest(this.shell, a, b);
    if (result !== undefined) return result;
    throw new TestError(
      `${a}: ${this.shell.dialect.extended ? 'unary operator expected' : 'unexpected operator'}`,
    );
  }

  private three(a: string, b: string, c: string): boolean {
    if (BINARY.has(b)) return this.compare(a, b, c);
    if (b === '-a') return a !== '' && c !== '';
    if (b === '-o') return a !== '' || c !== '';
    if (a === '!') return !this.two(b, c);
    if (a === '(' && c === ')') return b !== '';
    throw new TestError(
      `${b}: ${this.shell.dialect.extended ? 'binary operator expected' : 'unexpected operator'}`,
    );
  }

  private or(): boolean {
    let result = this.and();
    while (this.args[this.at] === '-o') {
      this.at++;
      result = this.and() || result;
    }
    return result;
  }
  private and(): boolean {
    let result = this.term();
    while (this.args[this.at] === '-a') {
      this.at++;
      result = this.term() && result;
    }
    return result;
  }
  private term(): boolean {
    const word = this.args[this.at];
    if (word === undefined) throw new TestError('argument expected');
    if (word === '!') {
      this.at++;
      return !this.term();
    }
    const operator = this.args[this.at + 1];
    if (operator !== undefined && BINARY.has(operator) && this.args[this.at + 2] !== undefined) {
      this.at += 3;
      return this.compare(word, operator, this.args[this.at - 1] ?? '');
    }
    if (word === '(') {
      this.at++;
      const result = this.or();
      if (this.args[this.at] !== ')') throw new TestError("`)' expected");
      this.at++;
      return result;
    }
    if (UNARY.has(word) && operator !== undefined) {
      this.at += 2;
      return unaryTest(this.shell, word, operator) ?? false;
    }
    this.at++;
    return word !== '';
  }

  private compare(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case '=':
      case '==':
        return left === right;
      case '!=':
        return left !== right;
      case '<':
        return left < right;
      case '>':
        return left > right;
    }
    const files = fileComparison(this.shell, operator, left, right);
    if (files !== undefined) return files;
    const a = this.number(left);
    const b = this.number(right);
    switch (operator) {
      case '-eq':
        return a === b;
      case '-ne':
        return a !== b;
      case '-lt':
        return a < b;
      case '-le':
        return a <= b;
      case '-gt':
        return a > b;
      default:
        return a >= b;
    }
  }

  private number(word: string): number | bigint {
    if (/^\s*[-+]?\d{1,15}\s*$/.test(word)) return Number(word);
    const found = /^\s*([-+]?\d+)\s*$/.exec(word);
    if (found) return BigInt(found[1] ?? 0);
    if (!this.shell.dialect.extended) throw new TestError(`Illegal number: ${word}`);
    throw new TestError(`${word}: integer expression expected`);
  }
}

function letCommand(shell: Shell, words: readonly string[]): Routine<number> | number {
  if (words.length < 2) return say(shell, 'let', 'expression expected');
  let value: number | bigint = 0;
  try {
    for (const word of words.slice(1)) value = arithmetic(shell, word);
  } catch (thrown) {
    if (!(thrown instanceof ExpansionFailure)) throw thrown;
    return say(shell, 'let', thrown.message);
  }
  return isTrue(value) ? 0 : 1;
}

export const testBuiltins: readonly Builtin[] = [
  { name: 'test', posix: true, run: test },
  { name: '[', posix: true, run: test },
  { name: 'let', run: letCommand },
];
