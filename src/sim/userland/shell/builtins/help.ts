// help and caller. The long texts of help are bash's own and are left out; the synopsis lines are
// there.

import type { Routine } from '../../../core/wait.ts';
import { matches } from '../expand/pattern.ts';
import type { Shell } from '../shell.ts';
import { anyBuiltin, type Builtin } from './index.ts';
import { letters, output, say, wrongLetter } from './messages.ts';
import { usages } from './usages.ts';

function* help(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'dms');
  if (parsed.wrong) return yield* wrongLetter(shell, 'help', parsed.wrong);
  const short = parsed.options.some(([letter]) => letter === 's');
  if (parsed.operands.length === 0 || !short) {
    const known = parsed.operands.some((word) => named(word).length > 0);
    if (known || parsed.operands.length === 0) {
      yield* shell.print(2, `drydock: ${words.join(' ')} is not simulated\n`);
      return 125;
    }
  }
  let status = 0;
  for (const word of parsed.operands) {
    const names = named(word);
    for (const name of names) yield* output(shell, 'help', `${name}: ${usages[name] ?? name}\n`);
    if (names.length > 0) continue;
    const what = `no help topics match \`${word}'.  Try \`help help' or \`man -k ${word}' or \`info ${word}'.`;
    status = yield* say(shell, 'help', what);
  }
  return status;
}

function named(pattern: string): string[] {
  if (anyBuiltin(pattern)) return [pattern];
  return Object.keys(usages).filter((name) => matches(name, pattern) || name.startsWith(pattern));
}

function* caller(shell: Shell, words: readonly string[]): Routine<number> {
  const [, place] = words;
  const depth = Number(place ?? 0);
  const call = shell.calls.at(-1 - depth);
  if (!call) return 1;
  const outer = shell.calls.at(-2 - depth);
  const name = outer?.name ?? (shell.isScript ? 'main' : undefined);
  const file = outer?.source ?? (shell.isScript ? shell.name : 'NULL');
  if (place !== undefined && name === undefined) return 1;
  const text = place === undefined ? `${call.line} ${file}` : `${call.line} ${name} ${file}`;
  return yield* output(shell, 'caller', `${text}\n`);
}

export const helpBuiltins: readonly Builtin[] = [
  { name: 'help', run: help },
  { name: 'caller', run: caller },
];
