// Reading JSON texts as jq 1.6's parser does: a stream of values one after another, fed in pieces, a value given as
// soon as it is complete, and errors worded and counted by line and column as jq words them.

import type { Json } from './values.ts';

/** What is wrong with a text. */
export interface ParseError {
  readonly error: string;
}

/** One thing that was read. */
export type Parsed = { readonly value: Json } | ParseError;

/** What is open while the parser is inside a value: an array, an object, or an object that has its next key. */
type Open =
  | { readonly kind: 'array'; readonly items: Json[] }
  | { readonly kind: 'object'; readonly fields: Map<string, Json> }
  | { readonly kind: 'key'; readonly key: string };

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const LITERALS: Readonly<Record<string, Json>> = {
  nan: Number.NaN,
  true: true,
  false: false,
  null: null,
};

/** Reads values out of text that comes in pieces. */
export class JsonReader {
  private stack: Open[] = [];
  private next: { readonly value: Json } | undefined;
  private token = '';
  private state: 'normal' | 'string' | 'escape' = 'normal';
  private line = 1;
  private column = 0;
  private text = '';
  private at = 0;
  private failed = false;

  /** Adds text to what is still to be read. */
  feed(text: string): void {
    this.text = this.text.slice(this.at) + text;
    this.at = 0;
  }

  /** The next value or error; undefined where the text so far holds no more. After an error nothing follows. */
  read(): Parsed | undefined {
    while (this.at < this.text.length && !this.failed) {
      const char = this.text.charAt(this.at++);
      const error = this.scan(char);
      if (error !== undefined)
        return this.fail(`${error} at line ${this.line}, column ${this.column}`);
      const done =
        this.state === 'normal' && !/[^ \t\r\n[{:,\]}"]/.test(char) ? this.done() : undefined;
      if (done) return done;
    }
    return undefined;
  }

  /** The last value, or what is missing at the end of all text. */
  end(): Parsed | undefined {
    if (this.failed) return undefined;
    const where = `at EOF at line ${this.line}, column ${this.column}`;
    if (this.state !== 'normal') return this.fail(`Unfinished string ${where}`);
    const error = this.literal();
    if (error !== undefined) return this.fail(`${error} ${where}`);
    if (this.stack.length > 0) return this.fail(`Unfinished JSON term ${where}`);
    return this.done();
  }

  private fail(error: string): ParseError {
    this.failed = true;
    return { error };
  }

  private done(): Parsed | undefined {
    if (this.stack.length > 0) return undefined;
    const done = this.next;
    this.next = undefined;
    return done;
  }

  private scan(char: string): string | undefined {
    this.column += char < '\u0080' ? 1 : utf8Length(char);
    if (char === '\n') {
      this.line++;
      this.column = 0;
    }
    if (this.state === 'escape') {
      this.token += char;
      this.state = 'string';
      return undefined;
    }
    if (this.state === 'string') {
      if (char === '"') {
        this.state = 'normal';
        return this.string();
      }
      this.token += char;
      if (char === '\\') this.state = 'escape';
      return undefined;
    }
    if (char === '"') {
      const error = this.literal();
      this.state = 'string';
      return error;
    }
    if (char === ' ' || char === '\t' || char === '\r' || char === '\n') return this.literal();
    if ('[{:,]}'.includes(char)) return this.literal() ?? this.structure(char);
    this.token += char;
    return undefined;
  }

  private value(value: Json): string | undefined {
    if (this.next) return 'Expected separator between values';
    this.next = { value };
    return undefined;
  }

  private literal(): string | undefined {
    const word = this.token;
    if (word === '') return undefined;
    this.token = '';
    const first = word.charAt(0);
    const known = { t: 'true', f: 'false', n: 'null' }[first];
    if (known !== undefined && (first !== 'n' || word.startsWith('nu'))) {
      return word === known ? this.value(LITERALS[word] ?? null) : 'Invalid literal';
    }
    if (word === 'nan') return this.value(Number.NaN);
    return NUMBER.test(word) ? this.value(Number(word)) : 'Invalid numeric literal';
  }

  private string(): string | undefined {
    const raw = this.token;
    this.token = '';
    if (!raw.includes('\\')) return this.value(raw);
    let error: string | undefined;
    const text = raw.replace(/\\(u[0-9a-fA-F]{4}|[^])/g, (_, escape: string) => {
      if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      if (escape === 'u') error ??= 'Invalid escape';
      const plain = ESCAPES[escape];
      if (plain === undefined) error ??= 'Invalid escape';
      return plain ?? '';
    });
    return error ?? this.value(text.toWellFormed());
  }

  private structure(char: string): string | undefined {
    const top = this.stack.at(-1);
    switch (char) {
      case '[':
      case '{':
        if (this.next) return 'Expected separator between values';
        this.stack.push(
          char === '[' ? { kind: 'array', items: [] } : { kind: 'object', fields: new Map() },
        );
        return undefined;
      case ':':
        if (!this.next) return "Expected string key before ':'";
        if (top?.kind !== 'object') return "':' not as part of an object";
        if (typeof this.next.value !== 'string') return 'Object keys must be strings';
        this.stack.push({ kind: 'key', key: this.next.value });
        this.next = undefined;
        return undefined;
      case ',':
        if (!this.next) return "Expected value before ','";
        if (!top) return "',' not as part of an object or array";
        return this.add(top, this.next.value);
      case ']':
        return this.closeArray(top);
      default:
        return this.closeObject(top);
    }
  }

  private add(top: Open, value: Json): string | undefined {
    this.next = undefined;
    if (top.kind === 'array') {
      top.items.push(value);
      return undefined;
    }
    if (top.kind === 'object') return 'Objects must consist of key:value pairs';
    this.stack.pop();
    const owner = this.stack.at(-1);
    if (owner?.kind === 'object') owner.fields.set(top.key, value);
    return undefined;
  }

  private closeArray(top: Open | undefined): string | undefined {
    if (top?.kind !== 'array') return "Unmatched ']'";
    if (this.next) top.items.push(this.next.value);
    else if (top.items.length > 0) return 'Expected another array element';
    this.stack.pop();
    this.next = { value: top.items };
    return undefined;
  }

  private closeObject(top: Open | undefined): string | undefined {
    if (!top) return "Unmatched '}'";
    if (this.next) {
      if (top.kind !== 'key') return 'Objects must consist of key:value pairs';
      this.add(top, this.next.value);
    } else {
      if (top.kind !== 'object') return "Unmatched '}'";
      if (top.fields.size > 0) return 'Expected another key-value pair';
    }
    const owner = this.stack.pop();
    if (owner?.kind === 'object') this.next = { value: owner.fields };
    return undefined;
  }
}

function utf8Length(unit: string): number {
  const code = unit.charCodeAt(0);
  if (code < 0x800) return 2;
  return code >= 0xd800 && code < 0xe000 ? 2 : 3;
}

/** Reads one text whole, as `fromjson` and --argjson do; the error says what the text was. */
export function parseJson(text: string): Parsed {
  const reader = new JsonReader();
  reader.feed(text);
  const first = reader.read() ?? reader.end();
  const second = first && 'value' in first ? (reader.read() ?? reader.end()) : undefined;
  const quoted = `(while parsing '${text}')`;
  if (!first) return { error: `Expected JSON value ${quoted}` };
  if ('error' in first) return { error: `${first.error} ${quoted}` };
  if (second && 'error' in second) return { error: `${second.error} ${quoted}` };
  return second ? { error: `Unexpected extra JSON values ${quoted}` } : first;
}
