// `select`: a menu on stderr, an answer from standard input, until break or end of input.

import type { Routine } from '../../../core/wait.ts';
import { readLine } from '../builtins/read-line.ts';
import { expandWords } from '../expand/words.ts';
import { promptText } from '../readline/prompt.ts';
import type { Shell } from '../shell.ts';
import type { For } from '../syntax/tree.ts';
import { forHead, leavesLoop, runList } from './list.ts';
import { traceHead } from './trace.ts';

const SCREEN = 80;

/** Runs the loop. */
export function* runSelect(shell: Shell, node: For): Routine<number> {
  const words = node.words ? yield* expandWords(shell, node.words) : [...shell.positional];
  if (words.length === 0) return 0;
  let status = 0;
  let show = true;
  shell.loops++;
  yield* traceHead(shell, forHead(node));
  for (;;) {
    if (show) yield* shell.print(2, menu(words));
    yield* shell.print(2, promptText(shell, shell.parameter('PS3') ?? '#? '));
    const answer = yield* readLine(shell.process, 0, {});
    if (answer.ended && answer.text === '') {
      yield* shell.print(1, '\n');
      status = 1;
      break;
    }
    const text = answer.text.trim();
    shell.assign('REPLY', text);
    show = text === '';
    if (show) continue;
    const chosen = /^\d+$/.test(text) ? words[Number(text) - 1] : undefined;
    shell.assign(node.name, chosen ?? '');
    status = yield* runList(shell, node.body);
    if (shell.jump && leavesLoop(shell)) break;
  }
  shell.loops--;
  if (!shell.jump) shell.lastStatus = status;
  return status;
}

/** The numbered list, in columns where it is long. */
function menu(words: readonly string[]): string {
  const digits = String(words.length).length;
  const longest = Math.max(...words.map((word) => word.length)) + digits + 2;
  const columns = Math.max(1, Math.floor(SCREEN / (longest + 1)));
  const rows = words.length <= 9 ? words.length : Math.ceil(words.length / columns);
  let out = '';
  for (let row = 0; row < rows; row++) {
    let line = '';
    for (let i = row; i < words.length; i += rows) {
      const entry = `${String(i + 1).padStart(digits)}) ${words[i]}`;
      line += i + rows < words.length ? entry.padEnd(longest + 1) : entry;
    }
    out += `${line}\n`;
  }
  return out;
}
