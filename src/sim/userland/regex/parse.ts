// POSIX regular expressions (regex(7)) into a tree: basic and extended syntax with GNU's additions (\w \s \b \< \+ \?
// \|), and awk's. Equivalence classes and collating symbols stand for their one character.

/** Which syntax a pattern is written in. */
export type RegexSyntax = 'basic' | 'extended' | 'awk';

export type Node =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'any' }
  /** A JavaScript class or assertion, ready made. */
  | { readonly kind: 'class'; readonly source: string }
  | { readonly kind: 'assertion'; readonly source: string }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'group'; readonly number: number; readonly body: Node }
  | { readonly kind: 'reference'; readonly number: number }
  | { readonly kind: 'repeat'; readonly body: Node; readonly least: number; readonly most: number }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly options: readonly Node[] };

/** What is wrong with a pattern, in the words of glibc's regerror(3). */
export interface RegexError {
  readonly error: string;
}

/** Thrown by the parser, caught by `parseRegex`. */
class BadPattern extends Error {}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u1fff',
  digit: '0-9',
  alnum:
    'a-zA-Z0-9\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u1fff',
  upper: 'A-Z\\u00c0-\\u00d6\\u00d8-\\u00de',
  lower: 'a-z\\u00df-\\u00f6\\u00f8-\\u00ff',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~\\u00a0-\\uffff',
  graph: '!-~\\u00a1-\\uffff',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
};
const ASCII = /\\u[^-\\]*(?:-\\u....)?/g;

const WORD =
  '[a-zA-Z0-9_\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u1fff]';
const AWK_WORD = '[a-zA-Z0-9_]';
const UNLIMITED = Number.POSITIVE_INFINITY;

/** The tree of a pattern and how many groups it has, or what is wrong with it. */
export function parseRegex(
  pattern: string,
  syntax: RegexSyntax,
  loneParenthesis: boolean,
): { readonly root: Node; readonly groups: number } | RegexError {
  const parser = new Parser(pattern, syntax, loneParenthesis);
  try {
    const root = parser.whole();
    return { root, groups: parser.groups };
  } catch (error) {
    if (error instanceof BadPattern) return { error: error.message };
    throw error;
  }
}

class Parser {
  groups = 0;
  private readonly chars: readonly string[];
  private readonly syntax: RegexSyntax;
  private readonly basic: boolean;
  private readonly loneParenthesis: boolean;
  private at = 0;
  private depth = 0;
  private readonly closed = new Set<number>();

  constructor(pattern: string, syntax: RegexSyntax, loneParenthesis: boolean) {
    this.loneParenthesis = loneParenthesis;
    this.chars = syntax === 'awk' ? pattern.split('') : [...pattern];
    this.syntax = syntax;
    this.basic = syntax === 'basic';
  }

  whole(): Node {
    const node = this.alternatives();
    if (this.at < this.chars.length) throw new BadPattern('Unmatched ) or \\)');
    return node;
  }

  private peek(offset = 0): string {
    return this.chars[this.at + offset] ?? '';
  }

  private bar(): boolean {
    if (this.basic) return this.peek() === '\\' && this.peek(1) === '|';
    return this.peek() === '|';
  }

  private closing(): boolean {
    if (this.basic) return this.peek() === '\\' && this.peek(1) === ')' && this.depth > 0;
    return (
      this.peek() === ')' &&
      (this.depth > 0 || (this.syntax === 'extended' && !this.loneParenthesis))
    );
  }

  private alternatives(): Node {
    const options = [this.sequence()];
    while (this.bar()) {
      this.at += this.basic ? 2 : 1;
      options.push(this.sequence());
    }
    return options.length === 1 && options[0] ? options[0] : { kind: 'either', options };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    while (this.at < this.chars.length && !this.bar() && !this.closing()) {
      const piece = this.piece(parts.length === 0 || parts.every((part) => part.kind === 'start'));
      parts.push(piece);
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'sequence', parts };
  }

  private piece(first: boolean): Node {
    let node = this.atom(first);
    if (this.basic && node.kind === 'start') return node;
    for (;;) {
      const bounds = this.quantifier();
      if (!bounds) return node;
      node = { kind: 'repeat', body: node, least: bounds[0], most: bounds[1] };
    }
  }

  private quantifier(): readonly [number, number] | undefined {
    const char = this.peek();
    if (char === '*') return this.skip(1, [0, UNLIMITED]);
    if (this.basic) {
      if (char !== '\\') return undefined;
      const next = this.peek(1);
      if (next === '+') return this.skip(2, [1, UNLIMITED]);
      if (next === '?') return this.skip(2, [0, 1]);
      return next === '{' ? this.interval(2, '\\}') : undefined;
    }
    if (char === '+') return this.skip(1, [1, UNLIMITED]);
    if (char === '?') return this.skip(1, [0, 1]);
    if (char === '{' && this.syntax === 'extended') return this.interval(1, '}');
    return undefined;
  }

  private skip<T>(count: number, value: T): T {
    this.at += count;
    return value;
  }

  private interval(open: number, close: string): readonly [number, number] | undefined {
    const rest = this.chars.slice(this.at + open).join('');
    const end = rest.indexOf(close);
    const match = end < 0 ? null : /^(\d*)(,?)(\d*)$/.exec(rest.slice(0, end));
    if (!match || (match[1] === '' && match[2] === '')) {
      if (!this.basic) return undefined;
      throw new BadPattern(end < 0 ? 'Unmatched \\{' : 'Invalid content of \\{\\}');
    }
    const [, from = '', comma, to = ''] = match;
    const least = Number(from || 0);
    const most = to !== '' ? Number(to) : comma ? UNLIMITED : least;
    if (least > most) throw new BadPattern('Invalid content of \\{\\}');
    if (least > 32_767 || (most !== UNLIMITED && most > 32_767))
      throw new BadPattern('Regular expression too big');
    this.at += open + end + close.length;
    return [least, most];
  }

  private atom(first: boolean): Node {
    const char = this.peek();
    this.at++;
    switch (char) {
      case '\\':
        return this.escape();
      case '[':
        return this.bracket();
      case '.':
        return { kind: 'any' };
      case '^':
        return !this.basic || first ? { kind: 'start' } : { kind: 'char', char };
      case '$':
        return this.dollar();
      case '(':
        return this.basic ? { kind: 'char', char } : this.group();
      case '+':
      case '?':
        if (!this.basic && first && this.syntax === 'awk') return { kind: 'char', char };
        return !this.basic && first ? { kind: 'sequence', parts: [] } : { kind: 'char', char };
      case '*':
        return this.basic || !first ? { kind: 'char', char } : { kind: 'sequence', parts: [] };
      default:
        return { kind: 'char', char };
    }
  }

  private dollar(): Node {
    const atEnd = this.at >= this.chars.length || this.bar() || this.closing();
    return !this.basic || atEnd ? { kind: 'end' } : { kind: 'char', char: '$' };
  }

  private group(): Node {
    const number = ++this.groups;
    this.depth++;
    const body = this.alternatives();
    this.depth--;
    const closed = this.basic ? this.peek() === '\\' && this.peek(1) === ')' : this.peek() === ')';
    if (!closed) throw new BadPattern('Unmatched ( or \\(');
    this.at += this.basic ? 2 : 1;
    this.closed.add(number);
    return { kind: 'group', number, body };
  }

  private escape(): Node {
    const char = this.peek();
    if (char === '') throw new BadPattern('Trailing backslash');
    this.at++;
    if (this.syntax === 'awk') return this.awkEscape(char);
    if (this.basic && char === '(') return this.group();
    if (this.basic && char === ')') throw new BadPattern('Unmatched ) or \\)');
    if (this.basic && char === '{') throw new BadPattern('Invalid preceding regular expression');
    if (/[1-9]/.test(char)) {
      if (!this.closed.has(Number(char))) throw new BadPattern('Invalid back reference');
      return { kind: 'reference', number: Number(char) };
    }
    const special = SPECIAL[char];
    if (special) return special;
    return char === 'n' ? { kind: 'char', char: '\n' } : { kind: 'char', char };
  }

  private awkEscape(char: string): Node {
    const plain: Readonly<Record<string, string>> = {
      n: '\n',
      t: '\t',
      r: '\r',
      f: '\f',
      v: '\v',
      a: '\x07',
      b: '\b',
    };
    const known = plain[char];
    if (known) return { kind: 'char', char: known };
    if (/[0-7]/.test(char)) {
      let digits = char;
      while (digits.length < 3 && /[0-7]/.test(this.peek())) digits += this.chars[this.at++];
      return { kind: 'char', char: String.fromCharCode(Number.parseInt(digits, 8) & 255) };
    }
    return { kind: 'char', char };
  }

  private bracket(): Node {
    let source = '';
    const negated = this.peek() === '^';
    if (negated) this.at++;
    const unmatched = 'Unmatched [, [^, [:, [., or [=';
    for (let first = true; ; first = false) {
      const char = this.peek();
      if (char === '') throw new BadPattern(unmatched);
      if (char === ']' && !first) break;
      const named =
        char === '['
          ? /^\[([:.=])(.*?)\1\]/s.exec(this.chars.slice(this.at, this.at + 40).join(''))
          : null;
      if (named) {
        this.at += [...named[0]].length;
        if (named[1] === ':') {
          source += this.namedClass(named[2] ?? '');
          continue;
        }
      } else if (char === '[' && /[:.=]/.test(this.peek(1))) throw new BadPattern(unmatched);
      const from = named ? (named[2] ?? '') : this.bracketChar();
      if (this.peek() === '-' && this.peek(1) !== ']' && this.peek(1) !== '') {
        this.at++;
        const to = this.bracketChar();
        if ((to.codePointAt(0) ?? 0) < (from.codePointAt(0) ?? 0))
          throw new BadPattern('Invalid range end');
        source += `${inClass(from)}-${inClass(to)}`;
      } else source += inClass(from);
    }
    this.at++;
    return { kind: 'class', source: `[${negated ? '^' : ''}${source}]` };
  }

  private bracketChar(): string {
    const char = this.chars[this.at++] ?? '';
    if (char !== '\\' || this.syntax !== 'awk') return char;
    const node = this.awkEscape(this.chars[this.at++] ?? '');
    return node.kind === 'char' ? node.char : '';
  }

  private namedClass(name: string): string {
    const source = CLASSES[name];
    if (source === undefined) throw new BadPattern('Invalid character class name');
    return this.syntax === 'awk' ? source.replace(ASCII, '') : source;
  }
}

const SPECIAL: Readonly<Record<string, Node>> = {
  w: { kind: 'class', source: WORD },
  W: { kind: 'class', source: `[^${WORD.slice(1)}` },
  s: { kind: 'class', source: '[ \\t\\n\\r\\f\\v]' },
  S: { kind: 'class', source: '[^ \\t\\n\\r\\f\\v]' },
  b: { kind: 'assertion', source: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))` },
  B: { kind: 'assertion', source: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))` },
  '<': { kind: 'assertion', source: `(?:(?<!${WORD})(?=${WORD}))` },
  '>': { kind: 'assertion', source: `(?:(?<=${WORD})(?!${WORD}))` },
  '`': { kind: 'assertion', source: '(?<![^])' },
  "'": { kind: 'assertion', source: '(?![^])' },
};

/** What awk and grep -w take for a word's letter. */
export const WORD_LETTER: RegExp = new RegExp(AWK_WORD);

function inClass(char: string): string {
  return /[\\\]^[\-|(){}/$.*+?]/.test(char) ? `\\${char}` : char;
}
