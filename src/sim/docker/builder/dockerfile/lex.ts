// Words of a Dockerfile as BuildKit's frontend/dockerfile/shell expands them: quotes, escapes, $NAME and the forms of
// ${NAME}: - + ? with and without a colon, # ## % %% and / //.

import { BuildError } from './errors.ts';

/** Names and values, in the order in which they were set. */
export type Env = ReadonlyMap<string, string>;

export interface LexOptions {
  readonly escape?: string;
  /** Quotes stay in the result. */
  readonly rawQuotes?: boolean;
  /** Escapes stay in the result. */
  readonly rawEscapes?: boolean;
  /** Quotes are ordinary characters. */
  readonly plainQuotes?: boolean;
  /** `$NAME` of what is not set stays as it is written. */
  readonly keepUnset?: boolean;
}

export interface Expanded {
  readonly text: string;
  readonly words: readonly string[];
  readonly matched: ReadonlySet<string>;
  readonly unmatched: ReadonlySet<string>;
}

const SPECIAL = '@*#?-$!0';
const END = '';

class Words {
  readonly list: string[] = [];
  private word = '';
  private open = false;

  add(text: string, raw: boolean): void {
    for (const char of text) {
      if (!raw && /\s/.test(char)) this.close();
      else {
        this.word += char;
        this.open = true;
      }
    }
    if (raw) this.open = true;
  }
  close(): void {
    if (this.open) this.list.push(this.word);
    this.word = '';
    this.open = false;
  }
}

class Scanner {
  private at = 0;
  private readonly chars: readonly string[];
  private readonly env: Env;
  private readonly options: LexOptions;
  private readonly escape: string;
  readonly matched = new Set<string>();
  readonly unmatched = new Set<string>();

  constructor(text: string, env: Env, options: LexOptions) {
    this.chars = [...text];
    this.env = env;
    this.options = options;
    this.escape = options.escape ?? '\\';
  }

  private peek(): string {
    return this.chars[this.at] ?? END;
  }
  private next(): string {
    return this.chars[this.at++] ?? END;
  }

  /** Reads until `stop` (the end of the text where it is empty). */
  until(stop: string, rawEscapes: boolean, words = new Words()): string {
    let result = '';
    for (let char = this.peek(); char !== END; char = this.peek()) {
      if (char === stop) {
        this.next();
        return result;
      }
      const special = this.special(char);
      if (special !== undefined) {
        result += special;
        words.add(special, char !== '$');
        continue;
      }
      this.next();
      if (char !== this.escape) {
        result += char;
        words.add(char, false);
        continue;
      }
      if (rawEscapes) {
        result += char;
        words.add(char, true);
      }
      const escaped = this.next();
      result += escaped;
      if (escaped !== END) words.add(escaped, true);
    }
    if (stop !== END) {
      throw new BuildError(`unexpected end of statement while looking for matching ${stop}`);
    }
    words.close();
    return result;
  }

  private special(char: string): string | undefined {
    if (char === '$') return this.dollar();
    if (char === '<') return this.heredoc();
    if (this.options.plainQuotes) return undefined;
    if (char === "'") return this.singleQuoted();
    return char === '"' ? this.doubleQuoted() : undefined;
  }

  private singleQuoted(): string {
    let result = this.options.rawQuotes ? "'" : '';
    this.next();
    for (;;) {
      const char = this.next();
      if (char === END)
        throw new BuildError('unexpected end of statement while looking for matching single-quote');
      if (char !== "'") result += char;
      else return this.options.rawQuotes ? `${result}'` : result;
    }
  }

  private doubleQuoted(): string {
    let result = this.options.rawQuotes ? '"' : '';
    this.next();
    for (;;) {
      const char = this.peek();
      if (char === END)
        throw new BuildError('unexpected end of statement while looking for matching double-quote');
      if (char === '"') {
        this.next();
        return this.options.rawQuotes ? `${result}"` : result;
      }
      if (char === '$') {
        result += this.dollar();
        continue;
      }
      this.next();
      const after = this.peek();
      if (char !== this.escape) result += char;
      else if (after === '"' || after === '$' || after === this.escape) {
        result += (this.options.rawEscapes ? char : '') + this.next();
      } else if (after !== END) result += char;
    }
  }

  private heredoc(): string {
    this.next();
    if (this.peek() !== '<') return '<';
    this.next();
    let space = '';
    while (/[ \t]/.test(this.peek())) space += this.next();
    return `<<${space}`;
  }

  private name(): string {
    const first = this.peek();
    if (first !== END && SPECIAL.includes(first) && !/\d/.test(first)) return this.next();
    let name = '';
    if (/\d/.test(first)) {
      while (/\d/.test(this.peek())) name += this.next();
      return name;
    }
    while (/[\p{L}\p{Nd}_]/u.test(this.peek())) name += this.next();
    return name;
  }

  private value(name: string): string | undefined {
    const value = this.env.get(name);
    (value === undefined ? this.unmatched : this.matched).add(name);
    return value;
  }

  private dollar(): string {
    this.next();
    if (this.peek() !== '{') {
      const name = this.name();
      if (name === '') return '$';
      return this.value(name) ?? (this.options.keepUnset ? `$${name}` : '');
    }
    this.next();
    if (this.peek() === END) throw new BuildError("syntax error: missing '}'");
    if ('{}:'.includes(this.peek())) throw new BuildError('syntax error: bad substitution');
    const name = this.name();
    const first = this.next();
    if (first === '}') return this.value(name) ?? (this.options.keepUnset ? `\${${name}}` : '');
    if (first === '/') return this.replaced(name);
    const colon = first === ':';
    const sign = colon ? this.next() : first;
    const shown = sign === END ? '\uFFFD' : sign;
    return this.modified(name, sign, colon ? `:${shown}` : shown, colon);
  }

  private braced(): string {
    try {
      return this.until('}', false);
    } catch (thrown) {
      throw this.peek() === END ? new BuildError("syntax error: missing '}'") : thrown;
    }
  }

  private modified(name: string, sign: string, shown: string, colon: boolean): string {
    const trims = sign === '#' || sign === '%';
    if (sign === END || !'+-?#%'.includes(sign) || (colon && trims))
      throw new BuildError(`unsupported modifier (${shown}) in substitution`);
    const word = trims ? this.rawBraced() : this.braced();
    const value = this.value(name);
    if (this.options.keepUnset && value === undefined) return `\${${name}${shown}${word}}`;
    const missing = value === undefined || (colon && value === '');
    if (sign === '-') return missing ? word : (value ?? '');
    if (sign === '+') return missing ? '' : word;
    if (sign === '?') {
      const why = value === undefined ? 'is not allowed to be unset' : 'is not allowed to be empty';
      if (missing) throw new BuildError(`${name}: ${word === '' ? why : word}`);
      return value ?? '';
    }
    const greedy = word.startsWith(sign);
    const pattern = greedy ? word.slice(1) : word;
    return sign === '#'
      ? trimPrefix(pattern, value ?? '', greedy)
      : trimSuffix(pattern, value ?? '', greedy);
  }

  private rawBraced(): string {
    try {
      return this.until('}', true);
    } catch (thrown) {
      throw this.peek() === END ? new BuildError("syntax error: missing '}'") : thrown;
    }
  }

  private replaced(name: string): string {
    const all = this.peek() === '/';
    if (all) this.next();
    let pattern: string;
    try {
      pattern = this.until('/', true);
    } catch (thrown) {
      throw this.peek() === END ? new BuildError("syntax error: missing '/' in ${}") : thrown;
    }
    const replacement = this.rawBraced();
    const value = this.value(name);
    if (this.options.keepUnset && value === undefined)
      return `\${${name}/${pattern}/${replacement}}`;
    const form = new RegExp(patternSource(pattern, true), all ? 'g' : '');
    return (value ?? '').replace(form, () => replacement);
  }
}

/** A shell pattern (`*`, `?`, escapes) as a regular expression. */
function patternSource(pattern: string, greedy: boolean): string {
  let out = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (char === '*') out += greedy ? '.*' : '.*?';
    else if (char === '?') out += '.';
    else if (char === '\\') {
      const next = pattern[i + 1] ?? '';
      if (next === '}' || next === '/') continue;
      if (!'*?\\'.includes(next) || next === '')
        throw new BuildError(
          `invalid pattern (${pattern}) in substitution: invalid escape '\\${next}'`,
        );
      out += `\\${next}`;
      i++;
    } else out += /[[\]{}.+()|^$]/.test(char) ? `\\${char}` : char;
  }
  return out;
}

function trimPrefix(pattern: string, value: string, greedy: boolean): string {
  return value.replace(new RegExp(`^${patternSource(pattern, greedy)}`, 's'), '');
}

/** Suffixes are prefixes of the reversed text, so that the shortest match is found from the end. */
function trimSuffix(pattern: string, value: string, greedy: boolean): string {
  const form = new RegExp(`^(?:${patternSource(pattern, true)})$`, 's');
  const starts = Array.from({ length: value.length + 1 }, (_, i) =>
    greedy ? i : value.length - i,
  );
  const start = starts.find((at) => form.test(value.slice(at)));
  return start === undefined ? value : value.slice(0, start);
}

/** Expands a text; it throws a BuildError where the text is no word. */
export function expand(text: string, env: Env, options: LexOptions = {}): Expanded {
  const scanner = new Scanner(text, env, options);
  const words = new Words();
  try {
    const result = scanner.until(END, options.rawEscapes ?? false, words);
    return {
      text: result,
      words: words.list,
      matched: scanner.matched,
      unmatched: scanner.unmatched,
    };
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
    throw new BuildError(`failed to process ${JSON.stringify(text)}: ${thrown.message}`);
  }
}
