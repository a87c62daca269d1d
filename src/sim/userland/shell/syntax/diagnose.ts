// What is wrong with a script: the first token that bash's grammar refuses, its line, and where the
// command that holds it begins (bash reads command by command, so what stands before it still
// runs). The tree itself comes from the parser.

import { WrongTest } from './conditional.ts';
import { Checker, Refused } from './grammar.ts';
import { Unclosed } from './tokens.ts';

export interface Refusal {
  readonly kind: 'token' | 'end' | 'quote' | 'test';
  /** The token, the missing closer, or what is wrong with a test. */
  readonly token: string;
  readonly line: number;
  /** The whole line that the token stands on. */
  readonly lineText: string;
  /** Where the complete command begins. */
  readonly commandAt: number;
  /** What would have closed the open construct (dash says it). */
  readonly expecting: string | undefined;
}

export interface Findings {
  readonly error: Refusal | undefined;
  readonly cutDocuments: readonly { readonly line: number; readonly word: string }[];
}

/**
 * Checks a script; `firstLine` is the number of its first line. `sh`: without bash's extensions.
 */
export function findSyntaxError(
  text: string,
  firstLine: number,
  sh: boolean,
  extglob: boolean,
): Findings {
  const checker = new Checker(text, sh, extglob);
  const lineOf = (at: number): number => firstLine + count(text, at);
  let error: Refusal | undefined;
  try {
    checker.script();
  } catch (thrown) {
    const { commandAt } = checker;
    if (thrown instanceof Unclosed) {
      error = {
        kind: 'quote',
        token: thrown.closer,
        line: lineOf(thrown.at),
        lineText: '',
        commandAt,
        expecting: undefined,
      };
    } else if (thrown instanceof WrongTest) {
      const { message, token } = thrown;
      const line = lineOf(token.at);
      error = { kind: 'test', token: message, line, lineText: '', commandAt, expecting: undefined };
    } else if (thrown instanceof Refused) {
      const { token, expecting } = thrown;
      const atEnd = token.kind === 'end';
      const from = text.lastIndexOf('\n', token.at - 1) + 1;
      const to = text.indexOf('\n', token.at);
      error = {
        kind: atEnd ? 'end' : 'token',
        token: token.text,
        line: lineOf(token.at) + (atEnd && !sh && !text.endsWith('\n') ? 1 : 0),
        lineText: text.slice(from, to < 0 ? text.length : to),
        commandAt,
        expecting,
      };
    } else {
      throw thrown;
    }
  }
  const documents = [...checker.tokens.cut, ...checker.tokens.unread];
  return { error, cutDocuments: documents.map(({ at, word }) => ({ line: lineOf(at), word })) };
}

function count(text: string, end: number): number {
  let lines = 0;
  for (let i = text.indexOf('\n'); i >= 0 && i < end; i = text.indexOf('\n', i + 1)) lines++;
  return lines;
}
