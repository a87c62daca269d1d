// The shell's grammar (POSIX 2.10 with bash's additions), walked token by token only to find the
// first one that does not fit. It builds nothing: the tree comes from the parser.

import { checkConditional } from './conditional.ts';
import { afterArithmetic } from './scan.ts';
import { type Token, Tokens } from './tokens.ts';

/** The token that the grammar refused. */
export class Refused {
  readonly token: Token;
  readonly expecting: string | undefined;
  constructor(token: Token, expecting: string | undefined) {
    this.token = token;
    this.expecting = expecting;
  }
}

const REDIRECTS = new Set([
  '<',
  '>',
  '>>',
  '<<',
  '<<-',
  '<<<',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '&>>',
]);
const CLOSERS = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}', 'in']);
const SEPARATORS = new Set([';', '&', 'newline']);

/** Reads a script by bash's grammar, only to see where it stops. */
export class Checker {
  readonly tokens: Tokens;
  commandAt = 0;
  private token: Token;
  private readonly expecting: string[] = [];

  constructor(text: string, sh: boolean, extglob: boolean) {
    this.tokens = new Tokens(text, sh, extglob);
    this.token = { kind: 'newline', text: '', at: 0, end: 0 };
  }

  script(): void {
    for (;;) {
      this.commandAt = this.token.end;
      this.advance();
      while (this.is('newline')) {
        this.commandAt = this.token.end;
        this.advance();
      }
      if (this.is('end')) return;
      this.commandAt = this.token.at;
      this.line();
      if (this.is('end')) return;
    }
  }

  /** A list up to the end of a line. */
  private line(): void {
    for (;;) {
      this.andOr();
      const { kind } = this.token;
      if (kind === 'newline' || kind === 'end') return;
      if (kind !== ';' && kind !== '&') this.refuse();
      this.advance();
      const after = this.token.kind;
      if (after === 'newline' || after === 'end') return;
    }
  }

  private advance(): void {
    this.token = this.tokens.next();
  }
  private refuse(): never {
    throw new Refused(this.token, this.expecting.at(-1));
  }
  private is(kind: string): boolean {
    return this.token.kind === kind;
  }
  private isWord(text: string): boolean {
    return this.is('word') && this.token.text === text;
  }
  private skipNewlines(): void {
    while (this.is('newline')) this.advance();
  }
  private expectWord(text: string): void {
    if (!this.isWord(text)) this.refuse();
    this.expecting.pop();
    this.advance();
  }

  /** A compound list that one of `closers` ends; at least one command unless `mayBeEmpty`. */
  private list(closers: readonly string[], mayBeEmpty = false): void {
    this.skipNewlines();
    if (mayBeEmpty && this.closes(closers)) return;
    for (;;) {
      this.andOr();
      if (!SEPARATORS.has(this.token.kind)) {
        if (this.closes(closers)) return;
        this.refuse();
      }
      this.advance();
      this.skipNewlines();
      if (this.closes(closers)) return;
    }
  }
  private closes(closers: readonly string[]): boolean {
    const { kind, text } = this.token;
    return closers.includes(kind === 'word' ? text : kind);
  }

  private andOr(): void {
    for (;;) {
      this.pipeline();
      const { kind } = this.token;
      if (kind !== '&&' && kind !== '||') return;
      this.advance();
      this.skipNewlines();
    }
  }

  private pipeline(): void {
    let prefixed = false;
    for (;;) {
      if (this.isWord('!')) {
        prefixed = true;
        this.advance();
      } else if (this.isWord('time') && !this.tokens.sh) {
        prefixed = true;
        this.advance();
        while (this.isWord('-p') || this.isWord('--')) this.advance();
      } else break;
    }
    if (prefixed && (SEPARATORS.has(this.token.kind) || this.is('end'))) return;
    for (;;) {
      this.command();
      if (!this.is('|') && !this.is('|&')) return;
      this.advance();
      this.skipNewlines();
    }
  }

  private command(): void {
    const { kind, text } = this.token;
    if (kind === '(') {
      this.parenthesis();
      return;
    }
    if (kind === 'word') {
      if (CLOSERS.has(text)) this.refuse();
      if (this.compound(text)) return;
      this.simple();
      return;
    }
    if (!REDIRECTS.has(kind)) this.refuse();
    this.simple();
  }

  private redirects(): void {
    for (;;) {
      if (REDIRECTS.has(this.token.kind)) this.redirect();
      else if (this.is('word') && this.isNumber()) this.advance();
      else return;
    }
  }
  /** A descriptor's number or `{name}` right before a redirection. */
  private isNumber(): boolean {
    const { text, end } = this.token;
    return /^(\d+|\{\w+\})$/.test(text) && /[<>]/.test(this.tokens.text[end] ?? '');
  }
  private redirect(): void {
    this.advance();
    if (!this.is('word')) this.refuse();
    this.advance();
  }

  private simple(): void {
    let words = 0;
    for (;;) {
      const { kind } = this.token;
      if (kind === 'word') {
        words++;
        const name = this.token.text;
        this.advance();
        if (words === 1 && this.is('(') && !name.includes('=')) {
          this.functionBody();
          return;
        }
      } else if (REDIRECTS.has(kind)) this.redirect();
      else if (kind === '(') this.refuse();
      else return;
    }
  }

  private functionBody(): void {
    this.advance();
    if (!this.is(')')) this.refuse();
    this.advance();
    this.body();
  }
  private body(): void {
    this.skipNewlines();
    if (this.is('(')) {
      this.parenthesis();
      return;
    }
    if (!this.is('word') || !this.compound(this.token.text)) {
      if (!this.tokens.sh || !this.is('word')) this.refuse();
      this.command();
    }
  }

  private parenthesis(): void {
    const { end, at } = this.token;
    if (this.tokens.text[end] === '(' && end === at + 1 && !this.tokens.sh) {
      const close = afterArithmetic(this.tokens.text, end + 1);
      if (close > 0) {
        this.tokens.seek(close);
        this.advance();
        this.redirects();
        return;
      }
    }
    this.expecting.push(')');
    this.advance();
    this.list([')']);
    this.expecting.pop();
    this.advance();
    this.redirects();
  }

  /** True where the word begins a compound command, which is then read. */
  private compound(word: string): boolean {
    switch (word) {
      case '{':
        this.enclosed('}');
        break;
      case 'if':
        this.ifClause();
        break;
      case 'while':
      case 'until':
        this.advance();
        this.expecting.push('do');
        this.list(['do']);
        this.doGroup();
        break;
      case 'for':
      case 'select':
        if (word === 'select' && this.tokens.sh) return false;
        this.forClause();
        break;
      case 'case':
        this.caseClause();
        break;
      case '[[':
        if (this.tokens.sh) return false;
        this.conditional();
        break;
      case 'function':
        if (this.tokens.sh) return false;
        this.advance();
        if (!this.is('word')) this.refuse();
        this.advance();
        if (this.is('(')) {
          this.advance();
          if (!this.is(')')) this.refuse();
          this.advance();
        }
        this.body();
        return true;
      case 'coproc':
        if (this.tokens.sh) return false;
        this.advance();
        this.command();
        return true;
      default:
        return false;
    }
    this.redirects();
    return true;
  }

  private enclosed(closer: string): void {
    this.expecting.push(closer);
    this.advance();
    this.list([closer]);
    this.expectWord(closer);
  }

  private ifClause(): void {
    this.expecting.push('then');
    this.advance();
    this.list(['then']);
    this.expectWord('then');
    this.expecting.push('fi');
    this.list(['elif', 'else', 'fi']);
    while (this.isWord('elif')) {
      this.advance();
      this.list(['then']);
      this.advance();
      this.list(['elif', 'else', 'fi']);
    }
    if (this.isWord('else')) {
      this.advance();
      this.list(['fi']);
    }
    this.expectWord('fi');
  }

  private doGroup(): void {
    this.expectWord('do');
    this.expecting.push('done');
    this.list(['done']);
    this.expectWord('done');
  }

  private forClause(): void {
    this.advance();
    this.expecting.push('do');
    if (this.is('(')) {
      const close = afterArithmetic(this.tokens.text, this.token.end + 1);
      if (close <= 0) this.refuse();
      this.tokens.seek(close);
      this.advance();
    } else {
      if (!this.is('word')) this.refuse();
      this.advance();
      this.skipNewlines();
      if (this.isWord('in')) {
        this.advance();
        while (this.is('word')) this.advance();
        if (!this.is(';') && !this.is('newline')) this.refuse();
      }
    }
    if (this.is(';')) this.advance();
    this.skipNewlines();
    if (this.isWord('{')) {
      this.expecting.pop();
      this.enclosed('}');
      return;
    }
    this.doGroup();
  }

  private caseClause(): void {
    this.advance();
    if (!this.is('word')) this.refuse();
    this.advance();
    this.skipNewlines();
    this.expecting.push('in');
    this.expectWord('in');
    this.expecting.push('esac');
    for (;;) {
      this.skipNewlines();
      if (this.isWord('esac')) break;
      if (this.is('(')) this.advance();
      for (;;) {
        if (!this.is('word')) this.refuse();
        this.advance();
        if (!this.is('|')) break;
        this.advance();
      }
      this.expecting.push(')');
      if (!this.is(')')) this.refuse();
      this.expecting.pop();
      this.advance();
      this.list([';;', ';&', ';;&', 'esac'], true);
      if (!this.is('word')) this.advance();
    }
    this.expectWord('esac');
  }

  /** `[[ … ]]`, by the rules of conditional.ts. */
  private conditional(): void {
    this.expecting.push(']]');
    const { extglob } = this.tokens;
    this.tokens.extglob = true;
    const refuse = () => this.refuse();
    checkConditional(() => {
      this.advance();
      return this.token;
    }, refuse);
    this.tokens.extglob = extglob;
    this.expectWord(']]');
  }
}
