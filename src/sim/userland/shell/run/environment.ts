// The environment that a shell gives to programs: exported variables, and exported functions as
// bash writes them (`BASH_FUNC_name%%=() {  …`).

import type { Shell } from '../shell.ts';
import { parseScript } from '../syntax/parse.ts';
import { printFunction } from '../syntax/print.ts';

const NAME = /^BASH_FUNC_(.+)%%$/;

/** What execve is given; bash tells a command that is no exec its own `path` in `_`. */
export function environmentOf(shell: Shell, path?: string): ReadonlyMap<string, string> {
  const exports = shell.variables.exports();
  const told = shell.dialect.name === 'bash' ? path : undefined;
  if (shell.exportedFunctions.size === 0 && told === undefined) return exports;
  const environment = new Map(exports);
  if (told !== undefined) environment.set('_', told);
  for (const name of shell.exportedFunctions) {
    const definition = shell.functions.get(name);
    if (!definition) continue;
    const lines = printFunction(definition).trimEnd().split('\n').slice(2);
    const narrow = lines.map((line) => line.replace(/^(?: {4})+/, (s) => ' '.repeat(s.length / 4)));
    environment.set(`BASH_FUNC_${name}%%`, `() { ${narrow.join('\n')}`);
  }
  return environment;
}

/** Defines the functions that the environment brings. */
export function importFunctions(shell: Shell): void {
  for (const [variable, value] of shell.process.environment) {
    const name = NAME.exec(variable)?.[1];
    if (name === undefined || !value.startsWith('() {')) continue;
    const { list, error } = parseScript(`${name} ${value}`, 1);
    const [only] = list;
    if (error || list.length !== 1 || only?.node.kind !== 'function') continue;
    shell.functions.set(name, only.node);
    shell.exportedFunctions.add(name);
  }
}
