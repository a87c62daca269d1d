// A command given as text, split into words as go-shellwords does: quotes and backslashes, no variables; an operator of
// the shell ends the command.

import { ComposeProblem } from './tree.ts';

/** The words of a line. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let got = false;
  let quote = '';
  let escaped = false;
  for (const char of line) {
    if (escaped) {
      word += char;
      escaped = false;
      got = true;
    } else if (char === '\\' && quote !== "'") escaped = true;
    else if (/\s/.test(char) && quote === '') {
      if (got) words.push(word);
      word = '';
      got = false;
    } else if ((char === '"' || char === "'") && (quote === '' || quote === char)) {
      if (quote === char) got = true;
      quote = quote === '' ? char : '';
    } else if (char === '(' && quote === '')
      throw new ComposeProblem('invalid command line string');
    else if (/[;&|<>]/.test(char) && quote === '') {
      if (char === '>' && /^\d/.test(word)) got = false;
      break;
    } else {
      word += char;
      got = true;
    }
  }
  if (got) words.push(word);
  if (escaped || quote !== '') throw new ComposeProblem('invalid command line string');
  return words;
}
