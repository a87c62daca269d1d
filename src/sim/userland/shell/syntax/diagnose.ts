// A script's commands, and what is wrong with it: the first token that bash's grammar refuses, its line, and where the
// command that holds it begins (bash reads command by command, so what stands before it still runs).

import { WrongTest } from './conditional.ts';
import { Grammar, type Reading } from './grammar.ts';
import { Refused } from './reader.ts';
import { Unclosed } from './tokens.ts';
import type { List } from './tree.ts';

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

export interface ParsedScript {
  /** What is sound of it: the commands before the wrong one. */
  readonly list: List;
  /** What stops it, once `list` has run. */
  readonly error: Refusal | undefined;
  /** Here-documents that the end of the text cut off. */
  readonly cutDocuments: readonly { readonly line: number; readonly word: string }[];
}

/** Reads a script; `firstLine` is the number of its first line. */
export function readScript(text: string, firstLine: number, reading: Reading): ParsedScript {
  const grammar = new Grammar(text, firstLine, reading);
  const lineOf = (at: number): number => firstLine + count(text, at);
  let error: Refusal | undefined;
  try {
    grammar.script();
  } catch (thrown) {
    error = {
      ...refusalOf(thrown, text, lineOf, reading.shell !== 'bash'),
      commandAt: grammar.commandAt,
    };
  }
  const documents = [...grammar.tokens.cut, ...grammar.tokens.unread];
  return {
    list: grammar.statements,
    error,
    cutDocuments: documents.map(({ at, word }) => ({ line: lineOf(at), word })),
  };
}

/** What bash says of what the grammar threw; a mistake of ours is thrown on. */
function refusalOf(
  thrown: unknown,
  text: string,
  lineOf: (at: number) => number,
  sh: boolean,
): Omit<Refusal, 'commandAt'> {
  const bare = { lineText: '', expecting: undefined };
  if (thrown instanceof Unclosed)
    return { kind: 'quote', token: thrown.closer, line: lineOf(thrown.at), ...bare };
  if (thrown instanceof WrongTest)
    return { kind: 'test', token: thrown.message, line: lineOf(thrown.token.at), ...bare };
  if (!(thrown instanceof Refused)) throw thrown;
  const { token, expecting } = thrown;
  const atEnd = token.kind === 'end';
  const from = text.lastIndexOf('\n', token.at - 1) + 1;
  const to = text.indexOf('\n', token.at);
  return {
    kind: atEnd ? 'end' : 'token',
    token: token.text,
    line: lineOf(token.at) + (atEnd && !sh && !text.endsWith('\n') ? 1 : 0),
    lineText: text.slice(from, to < 0 ? text.length : to),
    expecting,
  };
}

function count(text: string, end: number): number {
  let lines = 0;
  for (let i = text.indexOf('\n'); i >= 0 && i < end; i = text.indexOf('\n', i + 1)) lines++;
  return lines;
}
