// The inside of `[[ … ]]`: what bash's parser refuses of it, an operator without its operand, and the expression's tree.
// What else may be wrong inside is passed over.

import { BINARY, UNARY } from '../builtins/test-primaries.ts';
import type { Token } from './tokens.ts';
import type { TestNode } from './tree.ts';
import { readWord } from './word.ts';

const isBinary = (text: string): boolean => BINARY.has(text) || text === '=~';

/** An operand that is none; bash takes the rest of the script for read after it. */
export class WrongTest {
  readonly token: Token;
  readonly message: string;
  constructor(token: Token, message: string) {
    this.token = token;
    this.message = message;
  }
}

const isEnd = ({ kind, text }: Token): boolean => kind === 'word' && text === ']]';

/** Reads tokens up to `]]`; throws WrongTest, or lets `refuse` throw where the text ends or an operator ends it. */
export function checkConditional(next: () => Token, refuse: () => never): void {
  const step = (): Token => {
    const token = next();
    if (['end', ';', '&', ';;'].includes(token.kind)) refuse();
    return token;
  };
  const operand = (arity: 'unary' | 'binary'): void => {
    const token = next();
    if (token.kind === 'word' && !isEnd(token)) return;
    const name = ['newline', 'end'].includes(token.kind) ? 'newline' : token.text || token.kind;
    throw new WrongTest(token, `unexpected argument \`${name}' to conditional ${arity} operator`);
  };
  let fresh = true;
  for (let token = step(); !isEnd(token); token = step()) {
    const { kind, text } = token;
    if (['&&', '||', '(', 'newline'].includes(kind) || text === '!') {
      fresh ||= kind !== 'newline';
      continue;
    }
    if (fresh && UNARY.has(text)) operand('unary');
    else if (!fresh && isBinary(text)) operand('binary');
    fresh = false;
  }
}

/** The expression that tokens between `[[` and `]]` make: `!` binds most, then `&&`, then `||`. */
export function readTest(tokens: readonly Token[]): TestNode {
  const left = tokens.filter(({ kind }) => kind !== 'newline');
  const logical = (operator: '&&' | '||', operand: () => TestNode): TestNode => {
    const operands = [operand()];
    while (left[0]?.kind === operator) {
      left.shift();
      operands.push(operand());
    }
    const [only] = operands;
    return only && operands.length === 1 ? only : { kind: 'logical', operator, operands };
  };
  const either = (): TestNode => logical('||', () => logical('&&', primary));
  const primary = (): TestNode => {
    const token = left.shift();
    if (token?.kind === 'word' && token.text === '!') {
      const operand = primary();
      return operand.kind === 'not' ? operand.operand : { kind: 'not', operand };
    }
    if (token?.kind === '(') {
      const inner = either();
      if (left[0]?.kind === ')') left.shift();
      return inner;
    }
    return readPrimary(token?.text ?? '', left);
  };
  return either();
}

/** A test of one or two operands, the first token of which is taken from `left` already. */
function readPrimary(first: string, left: Token[]): TestNode {
  const word = (text: string) => readWord(text, 'word');
  const operator = left[0]?.text ?? '';
  if (UNARY.has(first) && left[0] !== undefined && !isBinary(operator)) {
    left.shift();
    return { kind: 'unary', operator: first, operand: word(operator) };
  }
  if (!isBinary(operator)) return { kind: 'unary', operator: '-n', operand: word(first) };
  left.shift();
  return { kind: 'binary', operator, left: word(first), right: word(left.shift()?.text ?? '') };
}
