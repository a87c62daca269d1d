// The inside of `[[ … ]]` as bash's parser refuses it: an operator without its operand. What else may be wrong inside is
// left to the tolerant parser.

import { BINARY, UNARY } from '../builtins/test-primaries.ts';
import type { Token } from './tokens.ts';

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
    else if (!fresh && BINARY.has(text)) operand('binary');
    fresh = false;
  }
}
