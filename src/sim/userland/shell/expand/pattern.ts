// Shell patterns (POSIX 2.13, bash's extglob): `*`, `?`, `[…]`, `@(a|b)` and its like, as regular
// expressions. In a pattern a quoted character stands behind a backslash.

const SPECIAL = /[\\*?[\]()|!+@]/g;
const KEPT = 1024;
const kept = new Map<string, RegExp>();

/** A text as a pattern that matches only itself. */
export function quotePattern(text: string): string {
  return text.replace(SPECIAL, '\\$&');
}

/** True where a pattern holds something that is not literal. */
export function isPattern(pattern: string): boolean {
  return /^(?:[^\\]|\\.)*?(?:[*?]|\[.*\]|[+@!]\()/s.test(pattern);
}

/** The text that a pattern without specials stands for. */
export function unquotePattern(pattern: string): string {
  return pattern.replace(/\\([\s\S])/g, '$1');
}

export interface PatternRules {
  readonly ignoreCase?: boolean;
  /** For file names: `*`, `?` and `[` do not match `/`. */
  readonly pathname?: boolean;
}

/** The regular expression that a whole text must match. */
export function patternRegExp(pattern: string, rules: PatternRules = {}): RegExp {
  const key = `${rules.ignoreCase ? 'i' : ''}${rules.pathname ? 'p' : ''}:${pattern}`;
  let regExp = kept.get(key);
  if (!regExp) {
    const body = patternSource(pattern, rules.pathname === true);
    regExp = new RegExp(`^(?:${body})$`, rules.ignoreCase ? 'sui' : 'su');
    if (kept.size >= KEPT) kept.clear();
    kept.set(key, regExp);
  }
  return regExp;
}

/** True where the whole text matches. */
export function matches(text: string, pattern: string, rules: PatternRules = {}): boolean {
  return patternRegExp(pattern, rules).test(text);
}

/** A regular expression's source (flags s and u) for a pattern, not anchored. */
export function patternSource(pattern: string, pathname = false): string {
  return new Translation(pattern, pathname).run();
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '0-9',
  alnum: '\\p{L}\\p{Nd}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: '\\x20-\\x7e\\u00a0-\\u{10ffff}',
  graph: '\\x21-\\x7e\\u00a1-\\u{10ffff}',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9a-fA-F',
  word: '\\w',
  ascii: '\\x00-\\x7f',
};

class Translation {
  private readonly pattern: string;
  private readonly any: string;
  private at = 0;

  constructor(pattern: string, pathname: boolean) {
    this.pattern = pattern;
    this.any = pathname ? '[^/]' : '.';
  }

  run(): string {
    return this.sequence(false);
  }

  private sequence(inGroup: boolean): string {
    let out = '';
    while (this.at < this.pattern.length) {
      const c = this.pattern[this.at] as string;
      if (inGroup && (c === '|' || c === ')')) return out;
      if (/[?*+@!]/.test(c) && this.pattern[this.at + 1] === '(' && this.groupCloses()) {
        out += this.group(c);
        continue;
      }
      this.at++;
      if (c === '*') {
        while (this.pattern[this.at] === '*' && this.pattern[this.at + 1] !== '(') this.at++;
        out += `${this.any}*`;
      } else if (c === '?') out += this.any;
      else if (c === '[') out += this.bracket();
      else if (c === '\\') {
        out += this.at < this.pattern.length ? escaped(this.character()) : '\\\\';
      } else {
        this.at--;
        out += escaped(this.character());
      }
    }
    return out;
  }

  /** The character at the position, whole where it is a surrogate pair. */
  private character(): string {
    const character = String.fromCodePoint(this.pattern.codePointAt(this.at) ?? 0);
    this.at += character.length;
    return character;
  }

  private groupCloses(): boolean {
    let depth = 0;
    for (let i = this.at + 1; i < this.pattern.length; i++) {
      const c = this.pattern[i];
      if (c === '\\') i++;
      else if (c === '(') depth++;
      else if (c === ')' && --depth === 0) return true;
    }
    return false;
  }

  private group(operator: string): string {
    this.at += 2;
    const alternatives: string[] = [];
    for (;;) {
      alternatives.push(this.sequence(true));
      const c = this.pattern[this.at++];
      if (c !== '|') break;
    }
    const body = `(?:${alternatives.join('|')})`;
    if (operator === '@') return body;
    if (operator !== '!') return `${body}${operator}`;
    const rest = new Translation(this.pattern.slice(this.at), this.any !== '.').run();
    return `(?:(?!${body}${rest}$)${this.any}*)`;
  }

  private bracket(): string {
    const start = this.at;
    let i = start;
    const negated = this.pattern[i] === '!' || this.pattern[i] === '^';
    if (negated) i++;
    let set = '';
    for (let first = true; ; first = false) {
      const c = this.pattern[i];
      if (c === undefined) return '\\[';
      if (c === ']' && !first) break;
      const named = /^\[(:|=|\.)(.*?)\1\]/.exec(this.pattern.slice(i));
      if (named) {
        set += named[1] === ':' ? (CLASSES[named[2] ?? ''] ?? '') : inSet(named[2] ?? '');
        i += named[0].length;
        continue;
      }
      if (c === '\\' && i + 1 < this.pattern.length) i++;
      const low = this.pattern[i] as string;
      const high = this.pattern[i + 2];
      if (this.pattern[i + 1] === '-' && high !== undefined && high !== ']') {
        if (low <= high) set += `${inSet(low)}-${inSet(high)}`;
        i += 3;
      } else {
        set += inSet(low);
        i++;
      }
    }
    this.at = i + 1;
    if (set === '') return negated ? this.any : '(?!)';
    const slash = negated && this.any !== '.' ? '/' : '';
    return `[${negated ? '^' : ''}${set}${slash}]`;
  }
}

function escaped(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function inSet(text: string): string {
  return text
    .replace(/[\\\]^[-]/g, '\\$&')
    .replace(
      /[&~!#%,:;<=>@`"'*+.?$/|{}()]/g,
      (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );
}
