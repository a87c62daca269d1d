// Env files as compose reads them (.env, --env-file, env_file, label_file): comments, export, quotes, escapes and
// variables. The format `raw` is docker run's: lines as they are.

import { type Lookup, substitute } from './template.ts';
import { ComposeProblem } from './tree.ts';

const SPACE = /[\t\v\f\r \x85\xa0]/;

/** Adds a file's variables to `into`. Earlier ones are seen by later ones, after what `lookup` knows. */
export function parseEnv(
  source: string,
  into: Map<string, string>,
  lookup: Lookup,
  missing?: (name: string) => void,
): void {
  const expand = (text: string): string =>
    substitute(text, {
      lookup: (name) => lookup(name) ?? into.get(name),
      ...(missing ? { missing } : {}),
    });
  const cursor = new Cursor(source.replace(/^\ufeff/, ''));
  while (cursor.toStatement()) {
    const key = cursor.key();
    if (key.inherited) {
      const value = lookup(key.name);
      if (value !== undefined) into.set(key.name, value);
      continue;
    }
    into.set(key.name, cursor.value(expand));
  }
}

/** Where reading stands in a file. */
class Cursor {
  private at = 0;
  private line = 1;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** Skips blanks and comments; false at the end. */
  toStatement(): boolean {
    const { source } = this;
    for (;;) {
      while (this.at < source.length && /\s/.test(source[this.at] ?? '')) {
        if (source[this.at] === '\n') this.line++;
        this.at++;
      }
      if (this.at >= source.length) return false;
      if (source[this.at] !== '#') return true;
      const end = source.indexOf('\n', this.at);
      if (end < 0) return false;
      this.at = end;
    }
  }

  /** The name before `=` or `:`; a name alone takes its value from outside. */
  key(): { name: string; inherited: boolean } {
    const exported = /^export\s+/.exec(this.source.slice(this.at));
    if (exported) this.at += exported[0].length;
    const rest = this.source.slice(this.at);
    let end = rest.length;
    let inherited = false;
    let key = '';
    let i = 0;
    for (const char of rest) {
      if (char === '=' || char === ':' || char === '\n') {
        key = rest.slice(0, i);
        end = i + 1;
        inherited = char === '\n';
        break;
      }
      if (!SPACE.test(char) && !/[_.[\]-]|\p{L}|\p{N}/u.test(char))
        throw new ComposeProblem(
          `line ${this.line}: unexpected character ${JSON.stringify(char)} in variable name ${JSON.stringify(rest.split('\n')[0] ?? '')}`,
        );
      i += char.length;
    }
    if (key === '' && end === rest.length && i >= rest.length) end = 0;
    if (inherited && !key.includes(' ')) this.line++;
    this.at += end;
    while (SPACE.test(this.source[this.at] ?? '')) this.at++;
    const name = key.trimEnd();
    if (name.includes(' '))
      throw new ComposeProblem(`line ${this.line}: key cannot contain a space`);
    if (end === 0) {
      // A last line without a line end and without `=`: the name of nothing.
      this.at = this.source.length;
      return { name: '', inherited: true };
    }
    return { name, inherited };
  }

  value(expand: (text: string) => string): string {
    const quote = this.source[this.at] ?? '';
    if (quote === '"' || quote === "'") return this.quoted(quote, expand);
    const end = this.source.indexOf('\n', this.at);
    const raw = this.source.slice(this.at, end < 0 ? undefined : end);
    this.at = end < 0 ? this.source.length : end + 1;
    this.line++;
    return expand((raw.split(' #', 1)[0] ?? '').trimEnd());
  }

  private quoted(quote: string, expand: (text: string) => string): string {
    const { source } = this;
    const start = this.at;
    let out = '';
    for (let i = start + 1; i < source.length; i++) {
      const char = source[i] ?? '';
      if (char === '\n') this.line++;
      if (char === '\\' && i + 1 < source.length) {
        const next = source[++i] ?? '';
        if (next === '\n') this.line++;
        out += next === quote ? quote : `\\${next}`;
      } else if (char === quote) {
        this.at = i + 1;
        return quote === '"' ? expand(unescaped(out)) : out;
      } else out += char;
    }
    const first = source.slice(start).split('\n')[0] ?? '';
    throw new ComposeProblem(`line ${this.line}: unterminated quoted value ${first}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  $: '$$',
};

function unescaped(text: string): string {
  return text.replace(/\\([abcfnrtv$"\\]|0\d{0,3})/g, (match, code: string) => {
    if (/^0\d{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return ESCAPES[code] ?? match;
  });
}

/** docker's key=value parser: no quotes, no variables. */
export function parseRawEnv(source: string, into: Map<string, string>, lookup: Lookup): void {
  for (const line of source.split('\n')) {
    const text = line.replace(/^\s+/, '');
    if (text === '' || text.startsWith('#')) continue;
    const equals = text.indexOf('=');
    const name = equals < 0 ? text.trimEnd() : text.slice(0, equals);
    if (/\s/.test(name)) throw new ComposeProblem(`variable '${name}' contains whitespaces`);
    if (equals >= 0) into.set(name, text.slice(equals + 1));
    else {
      const value = lookup(name);
      if (value !== undefined) into.set(name, value);
    }
  }
}
