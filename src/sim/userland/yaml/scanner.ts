// The tokens of a document, as libyaml scans them: indentation opens and closes blocks, and what may be a key waits
// until its colon is seen or cannot come any more.

import { limits } from '../../core/limits.ts';
import { type Dialect, scannerFault, type YamlFault } from './fault.ts';
import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, type Mark, Reader } from './reader.ts';
import {
  type Style,
  type Surroundings,
  scanAnchor,
  scanBlock,
  scanPlain,
  scanQuoted,
  scanTag,
} from './scalars.ts';

export type TokenKind =
  | 'stream-end'
  | 'directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | '['
  | ']'
  | '{'
  | '}'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  readonly kind: TokenKind;
  readonly at: Mark;
  /** Of scalars, anchors and aliases; a tag's handle. */
  readonly value?: string;
  readonly suffix?: string;
  readonly style?: Style;
}

/** Something that becomes a key if a colon follows on its line. */
interface SimpleKey {
  readonly at: Mark;
  /** The number of its token since the beginning. */
  readonly number: number;
  /** It stands where nothing but a key may stand. */
  readonly required: boolean;
}

/** How far behind the beginning of a key its colon may be. */
const KEY_LENGTH = 1024;

const FLOW: Readonly<Record<string, TokenKind>> = { '[': '[', '{': '{', ']': ']', '}': '}' };
const NOT_PLAIN = new Set(`-?:,[]{}#&*!|>'"%@\``);

export class Scanner implements Surroundings {
  readonly reader: Reader;
  readonly dialect: Dialect;
  indent = -1;
  private readonly outer: number[] = [];
  private flowLevel = 0;
  private keyAllowed = true;
  /** The waiting key of each flow level. */
  private readonly keys: (SimpleKey | undefined)[] = [undefined];
  private tokens: Token[] = [];
  private taken = 0;

  constructor(text: string, dialect: Dialect) {
    this.reader = new Reader(text);
    this.dialect = dialect;
  }

  get inFlow(): boolean {
    return this.flowLevel > 0;
  }

  /** The next token, which stays. */
  peek(): Token {
    while (this.wantsMore()) this.fetch();
    return this.tokens[0] as Token;
  }

  /** The next token, which is taken. */
  take(): Token {
    const token = this.peek();
    this.tokens.shift();
    this.taken++;
    return token;
  }

  /** Tokens are fetched until the next one is certain: no key can begin there any more. yaml.v3 looks two further. */
  private wantsMore(): boolean {
    const ahead = this.dialect === 'v3' ? 2 : 0;
    if (this.tokens.at(-1)?.kind === 'stream-end') return false;
    if (this.tokens.length <= ahead) return true;
    return this.keys.some((key, level) => key?.number === this.taken && this.isKeyStill(level));
  }

  /** Whether the key of a level may still be one; it is an error where it had to be. */
  private isKeyStill(level: number): boolean {
    const key = this.keys[level];
    if (!key) return false;
    const { reader } = this;
    if (key.at.line >= reader.line && key.at.index + KEY_LENGTH >= reader.index) return true;
    if (key.required) throw this.fault("could not find expected ':'", key.at);
    this.keys[level] = undefined;
    return false;
  }

  private fault(problem: string, context?: Mark): YamlFault {
    return scannerFault(this.dialect, problem, this.reader.mark(), context);
  }

  private push(token: Token): void {
    this.tokens.push(token);
  }

  /** A token of one character. */
  private indicator(kind: TokenKind): void {
    this.push({ kind, at: this.reader.mark() });
    this.reader.skip();
  }

  private fetch(): void {
    const { reader } = this;
    const before = reader.mark();
    this.skipToToken();
    this.unroll(reader.column, this.dialect === 'v3' ? before : reader.mark());
    const code = reader.code();
    if (code === 0) this.endStream();
    else if (reader.column === 0 && reader.is('%')) this.directive();
    else if (reader.atDocumentIndicator()) this.documentIndicator();
    else if (!this.structure(reader.text[reader.index] as string)) this.content();
  }

  /** Blanks, comments and line breaks. A tab may not stand where a key may begin. */
  private skipToToken(): void {
    const { reader } = this;
    for (;;) {
      while (reader.is(' ') || (isBlank(reader.code()) && (this.inFlow || !this.keyAllowed)))
        reader.skip();
      if (reader.is('#')) while (!isBreakOrEnd(reader.code())) reader.skip();
      if (!isBreak(reader.code())) return;
      reader.readBreak();
      if (!this.inFlow) this.keyAllowed = true;
    }
  }

  /** Opens a block at a column that is further than that of the block around. */
  private roll(column: number, kind: TokenKind, at: Mark, place = this.tokens.length): void {
    if (this.inFlow || this.indent >= column) return;
    this.outer.push(this.indent);
    this.indent = column;
    this.limitDepth(this.outer.length);
    this.tokens.splice(place, 0, { kind, at });
  }

  private limitDepth(depth: number): void {
    if (depth > limits.yamlDepth)
      throw this.fault(`exceeded max depth of ${limits.yamlDepth}`, this.reader.mark());
  }

  /** Closes the blocks that stand further than a column. */
  private unroll(column: number, at: Mark): void {
    if (this.inFlow) return;
    while (this.indent > column) {
      this.push({ kind: 'block-end', at });
      this.indent = this.outer.pop() ?? -1;
    }
  }

  private saveKey(): void {
    if (!this.keyAllowed) return;
    const required = !this.inFlow && this.indent === this.reader.column;
    this.removeKey();
    this.keys[this.keys.length - 1] = {
      at: this.reader.mark(),
      number: this.taken + this.tokens.length,
      required,
    };
  }

  private removeKey(): void {
    const key = this.keys.at(-1);
    if (key?.required) throw this.fault("could not find expected ':'", key.at);
    this.keys[this.keys.length - 1] = undefined;
  }

  private endStream(): void {
    const { reader } = this;
    if (reader.column !== 0) {
      reader.column = 0;
      reader.line++;
    }
    this.unroll(-1, reader.mark());
    this.removeKey();
    this.keyAllowed = false;
    this.push({ kind: 'stream-end', at: reader.mark() });
  }

  /** A directive is taken for what it is; %YAML's number and %TAG's handles are not looked at. */
  private directive(): void {
    const { reader } = this;
    this.unroll(-1, reader.mark());
    this.removeKey();
    this.keyAllowed = false;
    const at = reader.mark();
    const [whole, name] = /^%([0-9A-Za-z_-]*)[^\r\n]*/.exec(reader.text.slice(reader.index)) ?? [
      '',
    ];
    if (name === '') {
      reader.skip();
      throw this.fault('could not find expected directive name', at);
    }
    if (name !== 'YAML' && name !== 'TAG') {
      reader.skip(1 + (name?.length ?? 0));
      throw this.fault('found unknown directive name', at);
    }
    reader.skip(whole.length);
    this.push({ kind: 'directive', at });
  }

  private documentIndicator(): void {
    const { reader } = this;
    this.unroll(-1, reader.mark());
    this.removeKey();
    this.keyAllowed = false;
    const kind = reader.is('-') ? 'document-start' : 'document-end';
    this.push({ kind, at: reader.mark() });
    reader.skip(3);
  }

  /** Brackets, commas, dashes, question marks and colons; false where the character is none of them here. */
  private structure(char: string): boolean {
    const flow = FLOW[char];
    const standsAlone = isBlankOrEnd(this.reader.code(1));
    if (flow === '[' || flow === '{') this.openFlow(flow);
    else if (flow) this.closeFlow(flow);
    else if (char === ',') {
      this.removeKey();
      this.keyAllowed = true;
      this.indicator('flow-entry');
    } else if (char === '-' && standsAlone) this.entry();
    else if (char === '?' && (this.inFlow || standsAlone)) this.key();
    else if (char === ':' && (this.inFlow || standsAlone)) this.value();
    else return false;
    return true;
  }

  private openFlow(kind: TokenKind): void {
    this.saveKey();
    this.keys.push(undefined);
    this.flowLevel++;
    this.limitDepth(this.flowLevel);
    this.keyAllowed = true;
    this.indicator(kind);
  }

  private closeFlow(kind: TokenKind): void {
    this.removeKey();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      this.keys.pop();
    }
    this.keyAllowed = false;
    this.indicator(kind);
  }

  private entry(): void {
    if (!this.inFlow) {
      if (!this.keyAllowed)
        throw this.fault('block sequence entries are not allowed in this context');
      this.roll(this.reader.column, 'block-sequence-start', this.reader.mark());
    }
    this.removeKey();
    this.keyAllowed = true;
    this.indicator('block-entry');
  }

  private key(): void {
    if (!this.inFlow) {
      if (!this.keyAllowed) throw this.fault('mapping keys are not allowed in this context');
      this.roll(this.reader.column, 'block-mapping-start', this.reader.mark());
    }
    this.removeKey();
    this.keyAllowed = !this.inFlow;
    this.indicator('key');
  }

  private value(): void {
    const level = this.keys.length - 1;
    const key = this.keys[level];
    if (key && this.isKeyStill(level)) {
      const place = key.number - this.taken;
      this.tokens.splice(place, 0, { kind: 'key', at: key.at });
      this.roll(key.at.column, 'block-mapping-start', key.at, place);
      this.keys[level] = undefined;
      this.keyAllowed = false;
    } else {
      if (!this.inFlow) {
        if (!this.keyAllowed) throw this.fault('mapping values are not allowed in this context');
        this.roll(this.reader.column, 'block-mapping-start', this.reader.mark());
      }
      this.keyAllowed = !this.inFlow;
    }
    this.indicator('value');
  }

  /** Anchors, aliases, tags and scalars. */
  private content(): void {
    const { reader } = this;
    const char = reader.text[reader.index] as string;
    const at = reader.mark();
    if ((char === '|' || char === '>') && !this.inFlow) {
      this.removeKey();
      this.keyAllowed = true;
      const style = char === '|' ? 'literal' : 'folded';
      this.push({ kind: 'scalar', at, style, value: scanBlock(this, char === '|') });
      return;
    }
    const named = '*&!"\''.includes(char);
    if (!named && !this.startsPlain(char))
      throw this.fault('found character that cannot start any token', at);
    this.saveKey();
    this.keyAllowed = false;
    if (char === '*') this.push({ kind: 'alias', at, value: scanAnchor(this) });
    else if (char === '&') this.push({ kind: 'anchor', at, value: scanAnchor(this) });
    else if (char === '!') {
      const { handle, suffix } = scanTag(this);
      this.push({ kind: 'tag', at, value: handle, suffix });
    } else if (char === '"' || char === "'") {
      const style = char === '"' ? 'double' : 'single';
      this.push({ kind: 'scalar', at, style, value: scanQuoted(this, char) });
    } else {
      const { value, broken } = scanPlain(this);
      if (broken) this.keyAllowed = true;
      this.push({ kind: 'scalar', at, style: 'plain', value });
    }
  }

  private startsPlain(char: string): boolean {
    const next = this.reader.code(1);
    if (char === '-') return !isBlank(next);
    if (char === '?' || char === ':') return !this.inFlow && !isBlankOrEnd(next);
    return !NOT_PLAIN.has(char) && !isBlank(this.reader.code());
  }
}
