// The names that could be a command: for completion and compgen -c.

import { isErrno } from '../../../kernel/errno.ts';
import { allBuiltins } from '../builtins/index.ts';
import type { Shell } from '../shell.ts';
import { KEYWORDS } from '../syntax/keywords.ts';

/** Aliases, keywords, functions, builtins and the programs of PATH, sorted, each once. */
export function commandNames(shell: Shell): string[] {
  const names = new Set<string>([
    ...shell.aliases.keys(),
    ...KEYWORDS,
    ...shell.functions.keys(),
    ...allBuiltins().map(({ name }) => name),
  ]);
  for (const directory of shell.value('PATH').split(':')) {
    const list = shell.process.readdir(directory || '.');
    if (isErrno(list)) continue;
    for (const { name } of list) {
      if (shell.process.access(`${directory}/${name}`, 1) === undefined) names.add(name);
    }
  }
  return [...names].sort();
}
