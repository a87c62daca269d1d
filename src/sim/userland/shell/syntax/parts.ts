// The parts of a simple command, from their texts to the tree: words with their braces expanded, assignments, the elements
// of arrays, the bodies of here-documents.

import { expandBraces } from './braces.ts';
import { afterBracket } from './scan.ts';
import { type HereDocument, Tokens } from './tokens.ts';
import type { ArrayElement, Assignment, Word } from './tree.ts';
import { readWord } from './word.ts';

/** Whose arguments may be assignments, of arrays too (bash(1), SIMPLE COMMANDS: declaration commands). */
export const DECLARING = new Set(['alias', 'declare', 'export', 'local', 'readonly', 'typeset']);

const NAME = /^[A-Za-z_]\w*/;
const OPERATOR = /^\+?=/;

/** A word's text as words; `braces`: brace expansion. */
export function readWords(text: string, braces: boolean): Word[] {
  if (!braces || !text.includes('{')) return [readWord(text, 'word')];
  return expandBraces(text).map((one) => readWord(one, 'word'));
}

/** `name=value`, `name[subscript]+=value`, `name=(…)`; undefined where the word is none. `bash`: with arrays and braces. */
export function readAssignment(text: string, bash: boolean): Assignment | undefined {
  const name = NAME.exec(text)?.[0];
  if (name === undefined) return undefined;
  let end = name.length;
  let index: Word | undefined;
  if (text[end] === '[' && bash) {
    end = afterBracket(text, end + 1);
    index = readWord(text.slice(name.length + 1, end - 1), 'word');
  }
  const operator = OPERATOR.exec(text.slice(end, end + 2))?.[0];
  if (operator === undefined) return undefined;
  const value = text.slice(end + operator.length);
  const isArray = bash && value.startsWith('(');
  return {
    name,
    index,
    append: operator === '+=',
    value: isArray ? readElements(value.slice(1, -1)) : readWord(value, 'assignment'),
  };
}

function readElements(text: string): ArrayElement[] {
  const tokens = new Tokens(text, 'bash', true);
  const elements: ArrayElement[] = [];
  for (let token = tokens.element(); token.kind !== 'end'; token = tokens.element())
    if (token.kind === 'word') elements.push(readElement(token.text));
  return elements;
}

function readElement(text: string): ArrayElement {
  if (text.startsWith('[')) {
    const end = afterBracket(text, 1);
    const operator = OPERATOR.exec(text.slice(end))?.[0];
    if (operator !== undefined) {
      return {
        key: readWord(text.slice(1, end - 1), 'word'),
        append: operator === '+=',
        words: [readWord(text.slice(end + operator.length), 'assignment')],
      };
    }
  }
  return { key: undefined, append: false, words: readWords(text, true) };
}

/** The body of a here-document, whose last line ends even where the script does not. */
export function readDocument({ body, tabs, quoted }: HereDocument): Word {
  const ended = body === '' || body.endsWith('\n') ? body : `${body}\n`;
  const text = tabs ? ended.replace(/^\t+/gm, '') : ended;
  if (!quoted) return readWord(text, 'document');
  const pieces = [{ kind: 'text', text, quoted: true }] as const;
  return { raw: text, pieces, literal: text, blocks: false, quick: true };
}
