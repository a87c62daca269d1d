// Tokens of an awk program. Text is one character a byte, as mawk sees it.

export type TokenKind =
  | 'number'
  | 'string'
  | 'regex'
  | 'name'
  | 'call'
  | 'builtin'
  | 'keyword'
  | 'operator'
  | 'newline'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly line: number;
}

/** Thrown for a program that is no awk; the message is whole, after the program's name. */
export class AwkSyntaxError extends Error {}

/** Calls of functions that the program does not define: mawk finds them at its end, the last call first. */
export class UndefinedFunctions extends Error {
  readonly lines: readonly string[];
  constructor(names: readonly string[], line: number) {
    super(names.join(' '));
    this.lines = names.map((name) => `line ${line}: function ${name} never defined`);
  }
}

const KEYWORDS = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'nextfile',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
]);
const BUILTINS = new Set([
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'match',
  'sprintf',
  'sin',
  'cos',
  'atan2',
  'exp',
  'log',
  'sqrt',
  'int',
  'rand',
  'srand',
  'tolower',
  'toupper',
  'system',
  'close',
  'fflush',
  'systime',
  'strftime',
  'mktime',
]);
const OPERATORS = [
  '&&',
  '||',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '^=',
  '==',
  '<=',
  '>=',
  '!=',
  '!~',
  '>>',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '!',
  '>',
  '<',
  '|',
  '?',
  ':',
  '~',
  '$',
  '=',
];
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** Cuts a program into tokens. A slash begins a regular expression where no value stands before it. */
export function tokens(source: string): Token[] {
  const out: Token[] = [];
  let line = 1;
  let at = 0;
  const add = (kind: TokenKind, text: string): void => {
    out.push({ kind, text, line });
  };
  while (at < source.length) {
    const char = source.charAt(at);
    if (char === '\n') {
      add('newline', '\n');
      line++;
      at++;
    } else if (char === ' ' || char === '\t' || char === '\r') at++;
    else if (char === '\\' && /^\\\r?\n/.test(source.slice(at, at + 3))) {
      at = source.indexOf('\n', at) + 1;
      line++;
    } else if (char === '#') {
      while (at < source.length && source.charAt(at) !== '\n') at++;
    } else if (char === '"') {
      const { text, end } = readString(source, at + 1, line);
      add('string', text);
      at = end;
    } else if (/[0-9]/.test(char) || (char === '.' && /[0-9]/.test(source.charAt(at + 1)))) {
      const number =
        /^(?:0[xX][0-9a-fA-F]+|\d*\.?\d*(?:[eE][-+]?\d+)?)/.exec(source.slice(at))?.[0] ?? char;
      add('number', number);
      at += number.length;
    } else if (/[A-Za-z_]/.test(char)) {
      const name = /^\w+/.exec(source.slice(at))?.[0] ?? char;
      at += name.length;
      add(
        KEYWORDS.has(name)
          ? 'keyword'
          : BUILTINS.has(name)
            ? 'builtin'
            : source.charAt(at) === '('
              ? 'call'
              : 'name',
        name,
      );
    } else if (char === '/' && regexMayStart(out.at(-1))) {
      const { text, end } = readRegex(source, at + 1, line);
      add('regex', text);
      at = end;
    } else {
      const operator = OPERATORS.find((op) => source.startsWith(op, at));
      if (!operator) {
        const code = source.charCodeAt(at).toString(8).padStart(3, '0');
        throw new AwkSyntaxError(
          `${line}: unexpected character '${char >= ' ' && char <= '~' ? char : `\\${code}`}'`,
        );
      }
      add('operator', operator);
      at += operator.length;
    }
  }
  add('end', '');
  return out;
}

function regexMayStart(before: Token | undefined): boolean {
  if (!before) return true;
  if (['number', 'string', 'name', 'builtin', 'regex'].includes(before.kind)) return false;
  return !(before.kind === 'operator' && [')', ']', '$', '++', '--'].includes(before.text));
}

function readString(source: string, start: number, line: number): { text: string; end: number } {
  let text = '';
  for (let at = start; ; at++) {
    const char = source.charAt(at);
    if (char === '' || char === '\n')
      throw new AwkSyntaxError(`${line}: runaway string constant "${text.slice(0, 10)} ...`);
    if (char === '"') return { text, end: at + 1 };
    if (char !== '\\') {
      text += char;
      continue;
    }
    const next = source.charAt(++at);
    const octal = /^[0-7]{1,3}/.exec(source.slice(at, at + 3))?.[0];
    if (octal) {
      text += String.fromCharCode(Number.parseInt(octal, 8) & 255);
      at += octal.length - 1;
    } else if (next !== '\n') text += ESCAPES[next] ?? `\\${next}`;
  }
}

function readRegex(source: string, start: number, line: number): { text: string; end: number } {
  let text = '';
  let bracket = false;
  for (let at = start; ; at++) {
    const char = source.charAt(at);
    if (char === '' || char === '\n')
      throw new AwkSyntaxError(`${line}: regular expression compile failed (missing '/')\n${text}`);
    if (char === '/' && !bracket) return { text, end: at + 1 };
    if (char === '\\') {
      const next = source.charAt(++at);
      text += next === '/' ? '/' : `\\${next}`;
      continue;
    }
    if (char === '[' && !bracket) {
      bracket = true;
      const lead = /^\^?\]?/.exec(source.slice(at + 1))?.[0] ?? '';
      text += char + lead;
      at += lead.length;
      continue;
    }
    if (char === ']') bracket = false;
    text += char;
  }
}
