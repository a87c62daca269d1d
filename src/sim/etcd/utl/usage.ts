// Usage texts in cobra's usual form, as etcdutl prints them.

import { type Command, inheritedFlags, ownFlags } from '../cobra/command.ts';
import type { Flag } from '../cobra/flags.ts';

/** What each kind of value is called in the list of flags. */
const KINDS: Readonly<Record<string, string>> = {
  string: ' string',
  strings: ' strings',
  int: ' int',
  int64: ' int',
  uint: ' uint',
  duration: ' duration',
  bool: '',
};

/** The usage of the last command of a path. */
export function cobraUsage(path: readonly Command[]): string {
  const command = path[path.length - 1] as Command;
  const line = path.map((one) => one.name).join(' ');
  const operands = command.operands ? ` ${command.operands}` : '';
  const group = command.commands;
  const flags = command.plainUsage ? '' : ' [flags]';
  const usage = group ? `${line} [command]` : `${line}${operands}${flags}`;
  const parts = [`Usage:\n  ${usage}\n`];
  if (group) parts.push(`Available Commands:\n${commandList(group, path.length === 1)}`);
  parts.push(`Flags:\n${flagList([...ownFlags(path)])}`);
  const inherited = inheritedFlags(path);
  if (inherited.length > 0) parts.push(`Global Flags:\n${flagList(inherited)}`);
  if (group) parts.push(`Use "${line} [command] --help" for more information about a command.\n`);
  return parts.join('\n');
}

function commandList(commands: readonly Command[], isRoot: boolean): string {
  const help = isRoot ? [{ name: 'help', short: 'Help about any command' }] : [];
  const all = [...commands, ...help].sort((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.max(11, ...all.map(({ name }) => name.length));
  return all.map(({ name, short }) => `  ${name.padEnd(width)} ${short}\n`).join('');
}

function flagList(flags: readonly Flag[]): string {
  const rows = flags.map((flag) => {
    const short = flag.short ? `-${flag.short}, ` : '    ';
    return [`  ${short}--${flag.name}${KINDS[flag.kind] ?? ''}`, flag.usage + shownDefault(flag)];
  });
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return rows.map(([name = '', usage = '']) => `${name.padEnd(width)}   ${usage}\n`).join('');
}

function shownDefault({ kind, value }: Flag): string {
  if (value === '' || value === 'false' || value === '0') return '';
  return kind === 'string' ? ` (default ${JSON.stringify(value)})` : ` (default ${value})`;
}
