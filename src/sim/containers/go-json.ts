// JSON as Go's encoding/json reads it: the same acceptance, and its words for what is wrong.

/** What a Go program says of a text that is no JSON. */
export interface GoJsonError {
  readonly goError: string;
}

/** True where decoding failed. */
export function isGoJsonError(value: unknown): value is GoJsonError {
  return typeof value === 'object' && value !== null && 'goError' in value;
}

/** The first value of a text, as json.Decoder gives it (what follows it is left alone). */
export function decodeGoJson(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return { goError: 'EOF' };
  try {
    return JSON.parse(trimmed);
  } catch {
    return firstValue(text);
  }
}

/** As json.Unmarshal: the whole text must be one value. */
export function unmarshalGoJson(text: string): unknown {
  if (text.trim() === '') return { goError: 'unexpected end of JSON input' };
  const value = decodeGoJson(text);
  if (isGoJsonError(value)) {
    return value.goError === 'unexpected EOF' ? { goError: 'unexpected end of JSON input' } : value;
  }
  const scanner = new Scanner(text);
  scanner.value();
  scanner.space();
  const rest = scanner.peek();
  if (rest !== undefined) {
    return { goError: `invalid character ${quoted(rest)} after top-level value` };
  }
  return value;
}

function firstValue(text: string): unknown {
  const scanner = new Scanner(text);
  try {
    scanner.value();
  } catch (thrown) {
    if (thrown instanceof SyntaxFault) return { goError: thrown.text };
    throw thrown;
  }
  return JSON.parse(text.slice(0, scanner.at));
}

/** Carries a fault out of the scanner's recursion. */
class SyntaxFault {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function quoted(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  if (character === '\n') return "'\\n'";
  if (character === '\t') return "'\\t'";
  return `'${character}'`;
}

class Scanner {
  readonly text: string;
  at = 0;
  constructor(text: string) {
    this.text = text;
  }

  peek(): string | undefined {
    return this.text[this.at];
  }

  space(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at++;
  }

  value(): void {
    this.space();
    const c = this.next('looking for beginning of value');
    if (c === '{') this.object();
    else if (c === '[') this.array();
    else if (c === '"') this.string();
    else if (c === '-' || (c >= '0' && c <= '9')) this.number(c);
    else if (c === 't') this.literal('true');
    else if (c === 'f') this.literal('false');
    else if (c === 'n') this.literal('null');
    else this.fault(c, 'looking for beginning of value');
  }

  private next(_where: string): string {
    const c = this.text[this.at];
    if (c === undefined) throw new SyntaxFault('unexpected EOF');
    this.at++;
    return c;
  }

  private fault(c: string, where: string): never {
    throw new SyntaxFault(`invalid character ${quoted(c)} ${where}`);
  }

  private object(): void {
    this.space();
    if (this.peek() === '}') {
      this.at++;
      return;
    }
    for (;;) {
      this.space();
      const key = this.next('');
      if (key !== '"') this.fault(key, 'looking for beginning of object key string');
      this.string();
      this.space();
      const colon = this.next('');
      if (colon !== ':') this.fault(colon, 'after object key');
      this.value();
      this.space();
      const c = this.next('');
      if (c === '}') return;
      if (c !== ',') this.fault(c, 'after object key:value pair');
    }
  }

  private array(): void {
    this.space();
    if (this.peek() === ']') {
      this.at++;
      return;
    }
    for (;;) {
      this.value();
      this.space();
      const c = this.next('');
      if (c === ']') return;
      if (c !== ',') this.fault(c, 'after array element');
    }
  }

  private string(): void {
    for (;;) {
      const c = this.next('');
      if (c === '"') return;
      if (c === '\\') {
        const escape = this.next('');
        if (!'"\\/bfnrtu'.includes(escape)) this.fault(escape, 'in string escape code');
      } else if (c < ' ') this.fault(c, 'in string literal');
    }
  }

  private number(first: string): void {
    let c: string | undefined = first;
    if (c === '-') {
      c = this.next('');
      if (c < '0' || c > '9') this.fault(c, 'in numeric literal');
    }
    const rest = /(?:\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    rest.lastIndex = c === '0' ? this.at : this.at;
    this.at += rest.exec(this.text)?.[0].length ?? 0;
  }

  private literal(word: string): void {
    for (const expected of word.slice(1)) {
      const c = this.next('');
      if (c !== expected) this.fault(c, `in literal ${word} (expecting ${quoted(expected)})`);
    }
  }
}

/** How encoding/json escapes `<`, `>` and `&` in strings. */
export function goJsonText(object: unknown, indent?: number | string): string {
  return JSON.stringify(object, undefined, indent)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026');
}
