// complete, compgen, compopt and bind: what programmable completion is told. `compgen` answers for
// words, variables, commands and files.

import type { Routine } from '../../../core/wait.ts';
import { expandGlob } from '../expand/glob.ts';
import { matches, quotePattern } from '../expand/pattern.ts';
import { commandNames } from '../readline/names.ts';
import type { Shell } from '../shell.ts';
import { allBuiltins, type Builtin } from './index.ts';
import { letters, output, say, wrongLetter } from './messages.ts';

const LETTERS = 'abcdefgjksuvprDEIo:A:G:W:F:C:X:P:S:';
const ACTIONS: Readonly<Record<string, string>> = {
  a: 'alias',
  b: 'builtin',
  c: 'command',
  d: 'directory',
  e: 'export',
  f: 'file',
  g: 'group',
  j: 'job',
  k: 'keyword',
  s: 'service',
  u: 'user',
  v: 'variable',
};

function* complete(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, LETTERS);
  if (parsed.wrong) return yield* wrongLetter(shell, 'complete', parsed.wrong);
  const options = new Map(parsed.options);
  if (options.has('r')) {
    if (parsed.operands.length === 0) shell.completions.clear();
    for (const name of parsed.operands) shell.completions.delete(name);
    return 0;
  }
  const names = parsed.operands;
  if (options.has('p') || (parsed.options.length === 0 && names.length === 0)) {
    let status = 0;
    for (const name of names.length > 0 ? names : shell.completions.keys()) {
      const known = shell.completions.get(name);
      if (known) yield* output(shell, 'complete', `${known.text} ${name}\n`);
      else status = yield* say(shell, 'complete', `${name}: no completion specification`);
    }
    return status;
  }
  const text = words.slice(0, words.length - names.length).join(' ');
  for (const name of names) {
    shell.completions.set(name, {
      words: (options.get('W') ?? '').split(/\s+/).filter(Boolean),
      function: options.get('F'),
      actions: parsed.options
        .map(([letter, value]) => (letter === 'A' ? value : (ACTIONS[letter] ?? '')))
        .join(' '),
      options: parsed.options.filter(([letter]) => letter === 'o').map(([, value]) => value),
      text,
    });
  }
  return 0;
}

/** Candidates of an action such as `command` or `variable`. */
export function candidates(shell: Shell, action: string, word: string): readonly string[] {
  switch (action) {
    case 'alias':
      return [...shell.aliases.keys()].sort();
    case 'builtin':
      return allBuiltins()
        .map(({ name }) => name)
        .sort();
    case 'command':
      return commandNames(shell);
    case 'function':
      return [...shell.functions.keys()].sort();
    case 'variable':
      return shell.variables.list();
    case 'export':
      return [...shell.variables.exports().keys()].sort();
    case 'file':
    case 'directory': {
      const found = expandGlob(shell, `${quotePattern(word)}*`);
      if (action === 'file') return found;
      return found.filter((path) => expandGlob(shell, `${quotePattern(path)}/`).length > 0);
    }
    default:
      return [];
  }
}

function* compgen(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, LETTERS);
  if (parsed.wrong) return yield* wrongLetter(shell, 'compgen', parsed.wrong);
  const [word = ''] = parsed.operands;
  const options = new Map(parsed.options);
  let found: string[] = [];
  for (const [letter, value] of parsed.options) {
    const action = letter === 'A' ? value : ACTIONS[letter];
    if (action !== undefined) found.push(...candidates(shell, action, word));
    if (letter === 'W') found.push(...value.split(/\s+/).filter(Boolean));
    if (letter === 'G') found.push(...expandGlob(shell, value));
  }
  found = found.filter((candidate) => candidate.startsWith(word));
  const filter = options.get('X');
  if (filter) found = found.filter((candidate) => !matches(candidate, filter));
  const lines = found.map((name) => `${options.get('P') ?? ''}${name}${options.get('S') ?? ''}\n`);
  return (yield* output(shell, 'compgen', lines.join(''))) || (found.length > 0 ? 0 : 1);
}

function* bind(shell: Shell, words: readonly string[]): Routine<number> {
  yield* shell.print(2, `drydock: ${words.join(' ')} is not simulated\n`);
  return 125;
}

export const completionBuiltins: readonly Builtin[] = [
  { name: 'complete', run: complete },
  { name: 'compgen', run: compgen },
  {
    name: 'compopt',
    run: (shell) => say(shell, 'compopt', 'not currently executing completion function'),
  },
  { name: 'bind', run: bind },
];
