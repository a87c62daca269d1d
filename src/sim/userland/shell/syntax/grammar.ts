// The shell's grammar (POSIX 2.10 with bash's additions), read by recursive descent: the tree of what fits, up to the
// first token that bash's own grammar refuses.

import { checkConditional, readTest } from './conditional.ts';
import type { ShellName } from '../dialect.ts';
import { DECLARING, readAssignment, readWords } from './parts.ts';
import { TokenReader } from './reader.ts';
import { afterArithmetic } from './scan.ts';
import { type Token, Tokens } from './tokens.ts';
import type { Argument, Assignment, Case, List, Node, Pipeline, Statement, Word } from './tree.ts';
import { readWord } from './word.ts';

const CLOSERS = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}', 'in']);
const SEPARATORS = new Set([';', '&', 'newline']);
/** A name after `coproc`: a compound command follows it, and it begins none itself. */
const NAMED =
  /^(?!(?:if|case|for|select|while|until)\s)\w+[ \t]+(?:\(|(?:\{|\[\[|if|case|for|select|while|until)(?=[\s(]))/;

/** How scripts are read: as which shell does, and with extended patterns outside of `[[` too or not. */
export interface Reading {
  readonly shell: ShellName;
  readonly extglob: boolean;
}

/** Reads a script by bash's grammar; `statements` are those of the lines that were whole when it stopped. */
export class Grammar extends TokenReader {
  readonly statements: Statement[] = [];
  commandAt = 0;
  private readonly shell: ShellName;
  private readonly bash: boolean;

  constructor(text: string, firstLine: number, { shell, extglob }: Reading) {
    super(new Tokens(text, shell, extglob), firstLine);
    this.shell = shell;
    this.bash = shell === 'bash';
  }

  /** Reads all; throws Refused, Unclosed, WrongTest. */
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
      const line = this.wholeLine();
      this.fillDocuments();
      this.statements.push(...line);
      if (this.is('end')) return;
    }
  }

  /** A list up to the end of a line. */
  private wholeLine(): List {
    const line: Statement[] = [];
    for (;;) {
      line.push(this.andOr());
      const { kind } = this.token;
      if (kind === 'newline' || kind === 'end') return line;
      if (kind !== ';' && kind !== '&') this.refuse();
      this.advance();
      const after = this.token.kind;
      if (after === 'newline' || after === 'end') return line;
    }
  }

  /** A compound list that one of `closers` ends; at least one command unless `mayBeEmpty`. */
  private list(closers: readonly string[], mayBeEmpty = false): List {
    const list: Statement[] = [];
    this.skipNewlines();
    if (mayBeEmpty && this.closes(closers)) return list;
    for (;;) {
      list.push(this.andOr());
      if (!SEPARATORS.has(this.token.kind)) {
        if (this.closes(closers)) return list;
        this.refuse();
      }
      this.advance();
      this.skipNewlines();
      if (this.closes(closers)) return list;
    }
  }
  private closes(closers: readonly string[]): boolean {
    const { kind, text } = this.token;
    return closers.includes(kind === 'word' ? text : kind);
  }

  private andOr(): Statement {
    const position = this.token.at;
    const first = this.pipeline();
    const commands = [first];
    const operators: ('&&' | '||')[] = [];
    for (;;) {
      const { kind } = this.token;
      if (kind !== '&&' && kind !== '||') break;
      this.advance();
      this.skipNewlines();
      operators.push(kind);
      commands.push(this.pipeline());
    }
    const node: Node = operators.length > 0 ? { kind: 'and-or', commands, operators } : first;
    const text = this.textFrom(position);
    return { node, background: this.is('&'), position, text };
  }

  private pipeline(): Node {
    let time: Pipeline['time'] = 'no';
    let negations = 0;
    for (;;) {
      if (this.isWord('!')) {
        negations++;
        this.advance();
      } else if (this.isWord('time') && this.bash) {
        time = time === 'no' ? 'bash' : time;
        this.advance();
        for (; this.isWord('-p') || this.isWord('--'); this.advance())
          if (this.isWord('-p')) time = 'posix';
      } else break;
    }
    const prefixed = negations > 0 || time !== 'no';
    const commands: Node[] = [];
    const both: boolean[] = [];
    const node = { kind: 'pipeline', commands, both, negate: negations % 2 === 1, time } as const;
    if (prefixed && (SEPARATORS.has(this.token.kind) || this.is('end'))) return node;
    for (;;) {
      const command = this.command();
      commands.push(command);
      if (!this.is('|') && !this.is('|&')) return prefixed || commands.length > 1 ? node : command;
      both.push(this.is('|&'));
      this.advance();
      this.skipNewlines();
    }
  }

  private command(): Node {
    if (this.is('(')) return this.parenthesis();
    if (this.is('word')) {
      if (CLOSERS.has(this.token.text)) this.refuse();
      return this.compound() ?? this.simple();
    }
    if (!this.atRedirect()) this.refuse();
    return this.simple();
  }

  private simple(): Node {
    const { at } = this.token;
    const line = this.line(at);
    const assignments: Assignment[] = [];
    const words: Argument[] = [];
    const redirects = this.redirects();
    let declares = false;
    for (let count = 1; this.is('word'); count++) {
      const { text, at: from } = this.token;
      this.advance();
      if (count === 1 && this.is('(') && !text.includes('=')) return this.functionBody(from, text);
      const mayAssign = words.length === 0 || declares;
      const assignment = mayAssign ? readAssignment(text, this.bash) : undefined;
      if (assignment && !declares) assignments.push(assignment);
      else if (assignment) words.push({ assignment, raw: text });
      else {
        declares ||= words.length === 0 && DECLARING.has(text);
        words.push(...readWords(text, this.bash));
      }
      redirects.push(...this.redirects());
    }
    if (this.is('(')) this.refuse();
    const plain = assignments.every(({ index, value }) => !index && 'raw' in value && value.quick);
    const quickAssignments = plain && words.length === 0 && redirects.length === 0;
    const text = this.textFrom(at);
    return { kind: 'simple', line, assignments, words, redirects, text, quickAssignments };
  }

  /** The rest of `name () body`. */
  private functionBody(at: number, name: string): Node {
    const line = this.line(at);
    this.advance();
    if (!this.is(')')) this.refuse();
    this.advance();
    return { kind: 'function', line, name, body: this.body(), file: this.tokens.text };
  }
  private body(): Node {
    this.skipNewlines();
    if (this.is('(')) return this.parenthesis();
    const compound = this.is('word') ? this.compound() : undefined;
    if (compound) return compound;
    if (this.bash || !this.is('word')) this.refuse();
    return this.command();
  }

  private redirected(command: Node): Node {
    const redirects = this.redirects();
    return redirects.length > 0 ? { kind: 'redirected', command, redirects } : command;
  }

  /** `(list)` or `((expression))`. */
  private parenthesis(): Node {
    const { end, at } = this.token;
    const line = this.line(at);
    const { text } = this.tokens;
    const close = text[end] === '(' && this.bash ? afterArithmetic(text, end + 1) : 0;
    if (close > 0) {
      this.skipTo(close);
      const expression = readWord(text.slice(end + 1, close - 2), 'arithmetic');
      return this.redirected({ kind: 'arithmetic', line, expression });
    }
    this.expecting.push(')');
    this.advance();
    const body = this.list([')']);
    this.expecting.pop();
    this.advance();
    return this.redirected({ kind: 'subshell', body, line });
  }
  /** Goes on behind something that was read whole. */
  private skipTo(end: number): void {
    this.tokens.seek(end);
    this.token = { ...this.token, end };
    this.advance();
  }

  /** The compound command that the word begins; undefined where it begins none. */
  private compound(): Node | undefined {
    const { text: word, at } = this.token;
    const line = this.line(at);
    switch (word) {
      case '{':
        return this.redirected({ kind: 'group', body: this.enclosed('}'), line });
      case 'if':
        return this.redirected(this.ifClause());
      case 'while':
      case 'until': {
        this.advance();
        this.expecting.push('do');
        const condition = this.list(['do']);
        return this.redirected({ kind: word, condition, body: this.doGroup() });
      }
      case 'for':
        return this.redirected(this.forClause(word, line));
      case 'case':
        return this.redirected(this.caseClause(line));
    }
    return this.shell === 'dash' ? undefined : this.extension(word, line);
  }

  /** The compound commands that bash and ash have beside POSIX's; some are bash's alone. */
  private extension(word: string, line: number): Node | undefined {
    switch (word) {
      case 'select':
        if (!this.bash) return undefined;
        return this.redirected(this.forClause(word, line));
      case '[[':
        return this.redirected(this.conditional(line));
      case 'function': {
        const { at } = this.token;
        this.advance();
        const name = this.takeWord();
        if (this.is('(')) return this.functionBody(at, name);
        return { kind: 'function', line, name, body: this.body(), file: this.tokens.text };
      }
      case 'coproc': {
        if (!this.bash) return undefined;
        this.advance();
        const isNamed = NAMED.test(this.tokens.text.slice(this.token.at));
        const name = isNamed ? this.takeWord() : 'COPROC';
        return { kind: 'coproc', name, body: this.command() };
      }
      default:
        return undefined;
    }
  }

  private enclosed(closer: string): List {
    this.expecting.push(closer);
    this.advance();
    const list = this.list([closer]);
    this.expectWord(closer);
    return list;
  }

  private ifClause(): Node {
    this.expecting.push('then');
    this.advance();
    let condition = this.list(['then']);
    this.expectWord('then');
    this.expecting.push('fi');
    const branches = [{ condition, body: this.list(['elif', 'else', 'fi']) }];
    while (this.isWord('elif')) {
      this.advance();
      condition = this.list(['then']);
      this.advance();
      branches.push({ condition, body: this.list(['elif', 'else', 'fi']) });
    }
    let otherwise: List | undefined;
    if (this.isWord('else')) {
      this.advance();
      otherwise = this.list(['fi']);
    }
    this.expectWord('fi');
    return { kind: 'if', branches, otherwise };
  }

  private doGroup(): List {
    this.expectWord('do');
    this.expecting.push('done');
    const list = this.list(['done']);
    this.expectWord('done');
    return list;
  }

  private forClause(kind: 'for' | 'select', line: number): Node {
    this.advance();
    this.expecting.push('do');
    if (this.is('(')) return this.arithmeticFor(line);
    const name = this.takeWord();
    this.skipNewlines();
    let words: Word[] | undefined;
    if (this.isWord('in')) {
      this.advance();
      words = [];
      while (this.is('word')) words.push(...readWords(this.takeWord(), this.bash));
      if (!this.is(';') && !this.is('newline')) this.refuse();
    }
    return { kind, line, name, words, body: this.forBody() };
  }
  private arithmeticFor(line: number): Node {
    const from = this.token.end + 1;
    const close = afterArithmetic(this.tokens.text, from);
    if (close <= 0) this.refuse();
    const parts = this.tokens.text.slice(from, close - 2).split(';');
    const [initialize, test, update] = [0, 1, 2].map((i) =>
      readWord((parts[i] ?? '').trim(), 'arithmetic'),
    ) as [Word, Word, Word];
    this.skipTo(close);
    return { kind: 'arithmetic-for', line, initialize, test, update, body: this.forBody() };
  }
  private forBody(): List {
    if (this.is(';')) this.advance();
    this.skipNewlines();
    if (!this.isWord('{')) return this.doGroup();
    this.expecting.pop();
    return this.enclosed('}');
  }

  private caseClause(line: number): Case {
    this.advance();
    const word = readWord(this.takeWord(), 'assignment');
    this.skipNewlines();
    this.expecting.push('in');
    this.expectWord('in');
    this.expecting.push('esac');
    const items: Case['items'][number][] = [];
    for (;;) {
      this.skipNewlines();
      if (this.isWord('esac')) break;
      if (this.is('(')) this.advance();
      const patterns = [readWord(this.takeWord(), 'word')];
      while (this.is('|')) {
        this.advance();
        patterns.push(readWord(this.takeWord(), 'word'));
      }
      this.expecting.push(')');
      if (!this.is(')')) this.refuse();
      this.expecting.pop();
      this.advance();
      const body = this.list([';;', ';&', ';;&', 'esac'], true);
      const { kind } = this.token;
      items.push({ patterns, body, end: kind === ';&' || kind === ';;&' ? kind : ';;' });
      if (!this.is('word')) this.advance();
    }
    this.expectWord('esac');
    return { kind: 'case', line, word, items };
  }

  /** `[[ … ]]`, by the rules of conditional.ts. */
  private conditional(line: number): Node {
    const { at } = this.token;
    this.expecting.push(']]');
    const { extglob } = this.tokens;
    this.tokens.extglob = true;
    const read: Token[] = [];
    const next = (): Token => {
      const matches = read.length > 1 && read.at(-1)?.text === '=~';
      this.lastEnd = this.token.end;
      this.token = matches ? this.tokens.pattern() : this.tokens.next();
      read.push(this.token);
      return this.token;
    };
    checkConditional(next, () => this.refuse());
    this.tokens.extglob = extglob;
    this.expectWord(']]');
    const expression = readTest(read.slice(0, -1));
    return { kind: 'conditional', line, expression, text: this.textFrom(at) };
  }
}
