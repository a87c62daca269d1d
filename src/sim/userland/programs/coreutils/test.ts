// test and [: conditions as an exit status (0 true, 1 false, 2 wrong use).

import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../../../kernel/files/inode.ts';
import { quoteValue } from '../../libc/quote.ts';
import { type Main, program } from '../../libc/stdio.ts';

/** Thrown inside this file only: what is wrong with the expression. */
class Wrong extends Error {}

const TYPES: Readonly<Record<string, number>> = {
  '-b': S_IFBLK,
  '-c': S_IFCHR,
  '-d': S_IFDIR,
  '-f': S_IFREG,
  '-p': S_IFIFO,
  '-S': S_IFSOCK,
};
const UNARY = /^-[bcdefghkLnoprsStuwxzGNO]$/;
const BINARY = /^(=|==|!=|<|>|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/;

export const test = program('test', (main) => run(main, main.args));

export const bracket = program('[', function* (main) {
  const [only] = main.args;
  if (main.args.length === 1 && (only === '--help' || only === '--version')) {
    const help =
      'Usage: test EXPRESSION\n  or:  test\n  or:  [ EXPRESSION ]\n  or:  [ ]\n  or:  [ OPTION\n';
    yield* main.out.print(only === '--help' ? help : '[ (GNU coreutils) 9.1\n');
    return 0;
  }
  if (main.args.at(-1) !== ']') {
    yield* main.fail(`missing ${quoteValue(']')}`);
    return 2;
  }
  return yield* run(main, main.args.slice(0, -1));
});

function* run(main: Main, words: readonly string[]) {
  try {
    return evaluate(main.process, words) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    yield* main.fail(error.message);
    return 2;
  }
}

function evaluate(process: Process, words: readonly string[]): boolean {
  const [a = '', b = '', c = '', d = ''] = words;
  switch (words.length) {
    case 0:
      return false;
    case 1:
      return a !== '';
    case 2:
      if (a === '!') return b === '';
      if (UNARY.test(a)) return unary(process, a, b);
      throw new Wrong(`${quoteValue(a)}: unary operator expected`);
    case 3:
      if (BINARY.test(b)) return binary(process, a, b, c);
      if (b === '-a') return a !== '' && c !== '';
      if (b === '-o') return a !== '' || c !== '';
      if (a === '!') return !evaluate(process, [b, c]);
      if (a === '(' && c === ')') return b !== '';
      throw new Wrong(`${quoteValue(b)}: binary operator expected`);
    case 4:
      if (a === '!') return !evaluate(process, [b, c, d]);
      if (a === '(' && d === ')') return evaluate(process, [b, c]);
      break;
    default:
      break;
  }
  const parser = new Parser(process, words);
  const value = parser.or();
  const extra = parser.peek();
  if (extra !== undefined) throw new Wrong(`extra argument ${quoteValue(extra)}`);
  return value;
}

/** Longer expressions: -o below -a below ! and parentheses. */
class Parser {
  private readonly process: Process;
  private readonly words: readonly string[];
  private at = 0;

  constructor(process: Process, words: readonly string[]) {
    this.process = process;
    this.words = words;
  }
  peek(): string | undefined {
    return this.words[this.at];
  }
  or(): boolean {
    let value = this.and();
    while (this.peek() === '-o') {
      this.at++;
      const right = this.and();
      value ||= right;
    }
    return value;
  }
  private and(): boolean {
    let value = this.term();
    while (this.peek() === '-a') {
      this.at++;
      const right = this.term();
      value &&= right;
    }
    return value;
  }
  private term(): boolean {
    const word = this.words[this.at++];
    if (word === undefined)
      throw new Wrong(`missing argument after ${quoteValue(this.words.at(-1) ?? '')}`);
    const [next, after] = [this.words[this.at], this.words[this.at + 1]];
    if (next !== undefined && after !== undefined && BINARY.test(next)) {
      this.at += 2;
      return binary(this.process, word, next, after);
    }
    if (word === '!') return !this.term();
    if (word === '(') {
      const value = this.or();
      if (this.words[this.at++] !== ')') throw new Wrong(`${quoteValue(')')} expected`);
      return value;
    }
    if (UNARY.test(word) && next !== undefined) {
      this.at++;
      return unary(this.process, word, next);
    }
    return word !== '';
  }
}

function unary(process: Process, operator: string, word: string): boolean {
  if (operator === '-n') return word !== '';
  if (operator === '-z') return word === '';
  if (operator === '-t') return process.isTerminal(integer(word));
  if (operator === '-h' || operator === '-L') {
    const link = process.lstat(word);
    return !isErrno(link) && (link.mode & S_IFMT) === S_IFLNK;
  }
  if (operator === '-r') return process.access(word, 4) === undefined;
  if (operator === '-w') return process.access(word, 2) === undefined;
  if (operator === '-x') return process.access(word, 1) === undefined;
  const stat = process.stat(word);
  if (isErrno(stat)) return false;
  const type = TYPES[operator];
  if (type !== undefined) return (stat.mode & S_IFMT) === type;
  switch (operator) {
    case '-s':
      return stat.size > 0;
    case '-u':
      return (stat.mode & 0o4000) !== 0;
    case '-g':
      return (stat.mode & 0o2000) !== 0;
    case '-k':
      return (stat.mode & 0o1000) !== 0;
    case '-O':
      return stat.uid === process.euid;
    case '-G':
      return stat.gid === process.egid;
    case '-N':
      return stat.mtime > stat.atime;
    default:
      return true;
  }
}

function binary(process: Process, a: string, operator: string, b: string): boolean {
  switch (operator) {
    case '=':
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '-eq':
      return integer(a) === integer(b);
    case '-ne':
      return integer(a) !== integer(b);
    case '-lt':
      return integer(a) < integer(b);
    case '-le':
      return integer(a) <= integer(b);
    case '-gt':
      return integer(a) > integer(b);
    case '-ge':
      return integer(a) >= integer(b);
    default:
      break;
  }
  const [x, y] = [process.stat(a), process.stat(b)];
  if (operator === '-ef')
    return !isErrno(x) && !isErrno(y) && x.inode === y.inode && x.device === y.device;
  const [newer, older] = operator === '-nt' ? [x, y] : [y, x];
  if (isErrno(newer)) return false;
  return isErrno(older) || newer.mtime > older.mtime;
}

function integer(word: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(word)) throw new Wrong(`invalid integer ${quoteValue(word)}`);
  return Number(word);
}
