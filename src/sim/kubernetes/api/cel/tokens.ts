// The words of the Common Expression Language (CEL): identifiers, numbers, strings, operators, with where they stand.

export type TokenKind = 'name' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'sign' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

/** Where an expression is wrong, and why. */
export interface SyntaxProblem {
  readonly at: number;
  readonly problem: string;
}

const SPACE = /^(?:\s|\/\/[^\n]*)+/;
const NUMBER =
  /^(?:0x[0-9a-fA-F]+[uU]?|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|\d+[uU]?)/;
const NAME = /^[A-Za-z_]\w*/;
const STRING =
  /^([rRbB]{0,2})("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/;
const SIGN = /^(?:&&|\|\||==|!=|<=|>=|\.\?|\[\?|[-+*/%<>!?:.,()[\]{}])/;

/** Cuts an expression into tokens. */
export function tokensOf(source: string): readonly Token[] | SyntaxProblem {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += SPACE.exec(source.slice(at))?.[0].length ?? 0;
    const rest = source.slice(at);
    if (rest === '') break;
    const string = STRING.exec(rest);
    const number = NUMBER.exec(rest)?.[0];
    const name = NAME.exec(rest)?.[0];
    const sign = SIGN.exec(rest)?.[0];
    if (string) {
      const [whole, prefix = '', quoted = ''] = string;
      const kind = /b/i.test(prefix) ? 'bytes' : 'string';
      tokens.push({ kind, text: contentOf(quoted, /r/i.test(prefix)), at });
      at += whole.length;
    } else if (number !== undefined) {
      tokens.push({ kind: kindOfNumber(number), text: number.replace(/[uU]$/, ''), at });
      at += number.length;
    } else if (name !== undefined) {
      tokens.push({ kind: 'name', text: name, at });
      at += name.length;
    } else if (sign !== undefined) {
      tokens.push({ kind: 'sign', text: sign, at });
      at += sign.length;
    } else {
      return { at, problem: `Syntax error: token recognition error at: '${rest[0]}'` };
    }
  }
  tokens.push({ kind: 'end', text: '<EOF>', at });
  return tokens;
}

function kindOfNumber(text: string): TokenKind {
  if (/[uU]$/.test(text)) return 'uint';
  return /^0x|^\d+$/.test(text) ? 'int' : 'double';
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function contentOf(quoted: string, raw: boolean): string {
  const width = /^("""|''')/.test(quoted) ? 3 : 1;
  const inner = quoted.slice(width, -width);
  if (raw) return inner;
  return inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]))/g,
    (_, hex, short, long, octal, one: string) => {
      const code = hex ?? short ?? long;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      return ESCAPES[one] ?? one;
    },
  );
}
