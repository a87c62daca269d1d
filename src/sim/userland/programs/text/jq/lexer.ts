// Tokens of a jq program. A string is one token that holds its pieces: texts, and the tokens of each `\( )`.

import { SyntaxProblem } from './syntax.ts';

export interface Token {
  /** A field is `.name`; an operator's text is itself; the end is ''. */
  readonly kind:
    | 'field'
    | 'identifier'
    | 'keyword'
    | 'number'
    | 'string'
    | 'format'
    | 'operator'
    | 'end';
  readonly text: string;
  readonly at: number;
  /** Where it ends. */
  readonly to: number;
  /** A string's pieces. */
  readonly parts?: readonly (string | readonly Token[])[];
}

/** What the parser calls a character that begins no token. */
const INVALID = 'INVALID_CHARACTER';

const KEYWORDS = new Set([
  'def',
  'module',
  'import',
  'include',
  'if',
  'then',
  'else',
  'elif',
  'end',
  'as',
  'reduce',
  'foreach',
  'try',
  'catch',
  'label',
  'and',
  'or',
  '__loc__',
]);

const NAME = /(?:[a-zA-Z_][a-zA-Z_0-9]*::)*[a-zA-Z_][a-zA-Z_0-9]*/y;
const FIELD = /\.[a-zA-Z_][a-zA-Z_0-9]*/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const FORMAT = /@[a-zA-Z0-9_]+/y;
const OPERATOR =
  /\?\/\/|\/\/=|\|=|\+=|-=|\*=|\/=|%=|!=|==|<=|>=|\/\/|\.\.|[.?=;,:|+\-*/%$<>()[\]{}]/y;
const SPACE = /(?:[ \t\r\n]|#[^\n]*)+/y;

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

/** The tokens of a whole program. */
export function tokenize(source: string): Token[] {
  return tokensUntil(source, 0, false);
}

/** Tokens up to the end, or up to the parenthesis that ends an interpolation. */
function tokensUntil(source: string, start: number, inside: boolean): Token[] {
  const tokens: Token[] = [];
  const open: string[] = [];
  let at = start;
  let last = start;
  for (;;) {
    const space = match(SPACE, source, at);
    if (space !== undefined) last = at;
    at += space?.length ?? 0;
    const token = oneToken(source, at, last);
    if (token.kind === 'operator') {
      const closes = { ')': '(', ']': '[', '}': '{' }[token.text];
      if (closes !== undefined) {
        if (inside && open.length === 0 && token.text === ')') {
          tokens.push({ kind: 'end', text: '', at, to: token.to });
          return tokens;
        }
        if (open.pop() !== closes) {
          tokens.push({ ...token, text: INVALID });
          return tokens;
        }
      } else if ('([{'.includes(token.text)) open.push(token.text);
    }
    tokens.push(token);
    if (token.kind === 'end') return tokens;
    at = token.to;
    last = token.kind === 'string' ? token.to - 1 : token.at;
  }
}

/** The token at a place. The end is told where the last match began. */
function oneToken(source: string, at: number, last: number): Token {
  if (at >= source.length) return { kind: 'end', text: '', at: last, to: at };
  if (source.charAt(at) === '"') return stringToken(source, at);
  const kinds = [
    ['field', FIELD],
    ['number', NUMBER],
    ['identifier', NAME],
    ['format', FORMAT],
    ['operator', OPERATOR],
  ] as const;
  for (const [kind, pattern] of kinds) {
    const text = match(pattern, source, at);
    if (text === undefined) continue;
    const known = kind === 'identifier' && KEYWORDS.has(text) ? 'keyword' : kind;
    return { kind: known, text, at, to: at + text.length };
  }
  return { kind: 'operator', text: INVALID, at, to: at + 1 };
}

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

function stringToken(source: string, start: number): Token {
  const parts: (string | readonly Token[])[] = [];
  let text = '';
  let at = start + 1;
  for (;;) {
    const char = source.charAt(at);
    if (char === '') {
      throw new SyntaxProblem(
        'syntax error, unexpected $end, expecting QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END',
        start + 1,
      );
    }
    if (char === '"') break;
    if (char !== '\\') {
      text += char;
      at++;
      continue;
    }
    const escape = source.charAt(at + 1);
    if (escape === '(') {
      const tokens = tokensUntil(source, at + 2, true);
      parts.push(text, tokens);
      text = '';
      at = tokens.at(-1)?.to ?? source.length;
    } else if (escape === 'u') {
      const code = /^[0-9a-fA-F]{4}/.exec(source.slice(at + 2, at + 6))?.[0];
      if (code === undefined) throw new SyntaxProblem('Invalid escape', at);
      text += String.fromCharCode(Number.parseInt(code, 16));
      at += 6;
    } else {
      const plain = ESCAPES[escape];
      if (plain === undefined) throw new SyntaxProblem('Invalid escape', at);
      text += plain;
      at += 2;
    }
  }
  parts.push(text);
  return { kind: 'string', text: source.slice(start, at + 1), at: start, to: at + 1, parts };
}
