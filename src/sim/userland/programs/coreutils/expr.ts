// expr: arithmetic, comparisons and string operations on words, with exit status 0, 1 (null or 0), 2 (wrong), 3.

import { compileRegex, isRegexError } from '../../regex/index.ts';
import { quoteValue } from '../../libc/quote.ts';
import { program } from '../../libc/stdio.ts';

/** Thrown inside this file only. */
class Wrong extends Error {}

export const expr = program('expr', function* (main) {
  const words = main.args[0] === '--' ? main.args.slice(1) : main.args;
  if (words.length === 1 && (words[0] === '--help' || words[0] === '--version')) {
    const help = 'Usage: expr EXPRESSION\n  or:  expr OPTION\n';
    yield* main.out.print(words[0] === '--help' ? help : 'expr (GNU coreutils) 9.1\n');
    return 0;
  }
  if (words.length === 0) {
    yield* main.fail('missing operand');
    main.err.put("Try 'expr --help' for more information.\n");
    yield* main.err.flush();
    return 2;
  }
  try {
    const parser = new Parser(words);
    const value = parser.or();
    parser.finish();
    yield* main.out.print(`${value}\n`);
    return value === '' || /^-?0+$/.test(value) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    yield* main.fail(error.message);
    return 2;
  }
});

const INTEGER = /^-?\d+$/;

function integer(text: string): bigint {
  if (!INTEGER.test(text)) throw new Wrong('non-integer argument');
  return BigInt(text);
}

const isNull = (text: string): boolean => text === '' || /^-?0+$/.test(text);

class Parser {
  private readonly words: readonly string[];
  private at = 0;

  constructor(words: readonly string[]) {
    this.words = words;
  }

  finish(): void {
    const word = this.words[this.at];
    if (word !== undefined)
      throw new Wrong(`syntax error: unexpected argument ${quoteValue(word)}`);
  }

  private take(...operators: string[]): string | undefined {
    const word = this.words[this.at];
    if (word === undefined || !operators.includes(word)) return undefined;
    this.at++;
    return word;
  }

  or(): string {
    let value = this.and();
    while (this.take('|')) {
      const right = this.and();
      if (isNull(value)) value = isNull(right) ? '0' : right;
    }
    return value;
  }

  private and(): string {
    let value = this.comparison();
    while (this.take('&')) {
      const right = this.comparison();
      if (isNull(value) || isNull(right)) value = '0';
    }
    return value;
  }

  private comparison(): string {
    let value = this.sum();
    for (;;) {
      const operator = this.take('<', '<=', '=', '==', '!=', '>=', '>');
      if (!operator) return value;
      value = compare(value, operator, this.sum()) ? '1' : '0';
    }
  }

  private sum(): string {
    let value = this.product();
    for (;;) {
      const operator = this.take('+', '-');
      if (!operator) return value;
      const [a, b] = [integer(value), integer(this.product())];
      value = String(operator === '+' ? a + b : a - b);
    }
  }

  private product(): string {
    let value = this.match();
    for (;;) {
      const operator = this.take('*', '/', '%');
      if (!operator) return value;
      const [a, b] = [integer(value), integer(this.match())];
      if (operator !== '*' && b === 0n) throw new Wrong('division by zero');
      value = String(operator === '*' ? a * b : operator === '/' ? a / b : a % b);
    }
  }

  private match(): string {
    let value = this.primary();
    while (this.take(':')) value = matchAtStart(value, this.primary());
    return value;
  }

  private primary(): string {
    if (this.take('+')) return this.operand();
    if (this.take('match')) return matchAtStart(this.match(), this.match());
    if (this.take('length')) return String([...this.match()].length);
    if (this.take('index')) {
      const [text, set] = [[...this.match()], this.match()];
      return String(text.findIndex((char) => set.includes(char)) + 1);
    }
    if (this.take('substr')) {
      const [text, from, length] = [[...this.match()], this.match(), this.match()];
      if (!INTEGER.test(from) || !INTEGER.test(length) || Number(from) < 1 || Number(length) < 1)
        return '';
      return text.slice(Number(from) - 1, Number(from) - 1 + Number(length)).join('');
    }
    if (this.take('(')) {
      const value = this.or();
      const word = this.words[this.at];
      if (word === undefined)
        throw new Wrong(`syntax error: expecting ')' after ${quoteValue(this.words.at(-1) ?? '')}`);
      if (!this.take(')'))
        throw new Wrong(`syntax error: expecting ')' instead of ${quoteValue(word)}`);
      return value;
    }
    if (this.take(')')) throw new Wrong(`syntax error: unexpected ')'`);
    return this.operand();
  }

  private operand(): string {
    const word = this.words[this.at];
    if (word === undefined)
      throw new Wrong(
        `syntax error: missing argument after ${quoteValue(this.words.at(-1) ?? '')}`,
      );
    this.at++;
    return word;
  }
}

function compare(a: string, operator: string, b: string): boolean {
  const numeric = INTEGER.test(a) && INTEGER.test(b);
  const difference = numeric ? Number(BigInt(a) - BigInt(b)) : a < b ? -1 : a > b ? 1 : 0;
  switch (operator) {
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '!=':
      return difference !== 0;
    case '>=':
      return difference >= 0;
    case '>':
      return difference > 0;
    default:
      return difference === 0;
  }
}

/** The first group, or how many characters matched, of a basic regular expression anchored at the start. */
function matchAtStart(text: string, pattern: string): string {
  const regex = compileRegex(pattern, { syntax: 'basic' });
  if (isRegexError(regex)) throw new Wrong(regex.error);
  const found = regex.matchAt(text, 0);
  if (regex.groups > 0) {
    return found?.groups[0] ?? '';
  }
  return String(found ? [...text.slice(found.start, found.end)].length : 0);
}
