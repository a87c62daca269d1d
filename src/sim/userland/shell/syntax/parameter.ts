// `${…}`: prefix, name, subscript, operator and operands (bash(1), Parameter Expansion).

import { afterBracket, afterNested } from './scan.ts';
import type { ParameterPiece, Word } from './tree.ts';
import { readWord } from './word.ts';

const NAME = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])/;
/** Longest first. */
const OPERATORS = [
  ':-',
  ':=',
  ':+',
  ':?',
  '##',
  '%%',
  '//',
  '/#',
  '/%',
  '^^',
  ',,',
  '~~',
  '-',
  '=',
  '+',
  '?',
  '#',
  '%',
  '/',
  '^',
  ',',
  '~',
  '@',
  ':',
] as const;
const PATTERN_OPERATORS = new Set([
  '#',
  '##',
  '%',
  '%%',
  '/',
  '//',
  '/#',
  '/%',
  '^',
  '^^',
  ',',
  ',,',
  '~',
  '~~',
]);

/** Reads `${…}` whole. What cannot be one has the operator 'bad'. */
export function parseParameter(raw: string, quoted: boolean): ParameterPiece {
  const inside = raw.slice(2, raw.endsWith('}') ? -1 : undefined);
  const head = readHead(inside);
  const bad: ParameterPiece = {
    kind: 'parameter',
    name: '',
    quoted,
    prefix: '',
    index: undefined,
    operator: 'bad',
    operand: undefined,
    replacement: undefined,
    raw,
    plain: false,
  };
  if (!head) return bad;
  const { prefix, name, index, rest } = head;
  const base = { ...bad, name, prefix, index, operator: '' };
  if (rest === '') return { ...base, plain: prefix === '' && index === undefined };
  if (prefix === '#') return bad;
  if (prefix === '!' && index === undefined && (rest === '*' || rest === '@')) {
    return { ...base, operator: rest === '*' ? 'names*' : 'names@' };
  }
  const operator = OPERATORS.find((candidate) => rest.startsWith(candidate));
  if (operator === undefined) return bad;
  return withOperands(base, operator, rest.slice(operator.length), quoted) ?? bad;
}

interface Head {
  readonly prefix: '' | '!' | '#';
  readonly name: string;
  readonly index: Word | undefined;
  readonly rest: string;
}

function readHead(inside: string): Head | undefined {
  for (const prefix of ['!', '#', ''] as const) {
    if (!inside.startsWith(prefix)) continue;
    const after = inside.slice(prefix.length);
    const name = NAME.exec(after)?.[0];
    if (name === undefined) continue;
    let rest = after.slice(name.length);
    let index: Word | undefined;
    if (rest.startsWith('[') && /^[A-Za-z_]/.test(name)) {
      const end = afterBracket(rest, 1);
      index = readWord(rest.slice(1, end - 1), 'word');
      rest = rest.slice(end);
    }
    if (prefix === '#' && rest !== '') continue;
    if (prefix === '!' && /^[#?!$-]/.test(name)) continue;
    return { prefix, name, index, rest };
  }
  return undefined;
}

function withOperands(
  base: ParameterPiece,
  operator: string,
  text: string,
  quoted: boolean,
): ParameterPiece | undefined {
  if (operator.startsWith('/')) {
    const cut = splitAt(text, '/', operator === '//' || operator === '/');
    return {
      ...base,
      operator,
      operand: readWord(text.slice(0, cut), 'word'),
      replacement: readWord(text.slice(cut + 1), quoted ? 'operand' : 'word'),
    };
  }
  if (operator === ':') {
    if (text === '') return undefined;
    const cut = splitAt(text, ':', false);
    return {
      ...base,
      operator: 'slice',
      operand: readWord(text.slice(0, cut), 'arithmetic'),
      replacement: cut < text.length ? readWord(text.slice(cut + 1), 'arithmetic') : undefined,
    };
  }
  if (operator === '@') {
    if (!/^[QEPAKakuUL]$/.test(text)) return { ...base, operator: '@bad' };
    return { ...base, operator: `@${text}` };
  }
  const place = quoted && !PATTERN_OPERATORS.has(operator) ? 'operand' : 'word';
  return { ...base, operator, operand: readWord(text, place) };
}

/**
 * Where `separator` stands outside quotes and substitutions (`mayBegin`: one at the start is no
 * separator).
 */
function splitAt(text: string, separator: string, mayBegin: boolean): number {
  let depth = 0;
  for (let i = mayBegin && text.startsWith('/') ? 1 : 0; i < text.length; ) {
    const c = text[i];
    if (c === separator && depth === 0) return i;
    if (separator === ':') {
      if (c === '(' || c === '?') depth++;
      else if (depth > 0 && (c === ')' || c === ':')) depth--;
    }
    const jump = afterNested(text, i);
    i = jump > i ? jump : i + 1;
  }
  return text.length;
}
