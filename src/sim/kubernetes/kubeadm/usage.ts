// Help of kubeadm, in cobra's usual form, from the tables of its commands and flags. Long descriptions are left out.

import { type Command, inheritedFlags, ownFlags } from '../../etcd/cobra/command.ts';
import type { Flag } from '../../etcd/cobra/flags.ts';
import { FLAG_LINES } from './flag-rows.ts';
import { isGroupOnly, type KubeadmCommand } from './tree.ts';

const PADDING = 11;

function commandList(commands: readonly Command[], extra: readonly Command[]): string {
  const all = [...commands, ...extra].sort((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.max(PADDING, ...commands.map(({ name }) => name.length));
  return all.map(({ name, short }) => `  ${name.padEnd(width)} ${short}\n`).join('');
}

/** What the value of a flag is called; '' for booleans. */
function typeOf(flag: Flag): string {
  const row = FLAG_LINES.find((line) => line.startsWith(`${flag.name}\t`));
  const type = row?.split('\t')[3] ?? '';
  return type === '' ? '' : ` ${type}`;
}

function shownDefault(flag: Flag): string {
  const { value, kind } = flag;
  if (value === '' || (kind === 'bool' && value === 'false')) return '';
  const type = typeOf(flag).trim();
  if (kind === 'strings') return ` (default [${value}])`;
  return type === 'string' ? ` (default "${value}")` : ` (default ${value})`;
}

function flagList(flags: readonly Flag[]): string {
  const rows = flags.map((flag) => {
    const short = flag.short ? `-${flag.short}, ` : '    ';
    return [`  ${short}--${flag.name}${typeOf(flag)}`, flag.usage + shownDefault(flag)] as const;
  });
  const width = Math.max(...rows.map(([name]) => name.length));
  const indent = `\n${' '.repeat(width + 3)}`;
  return rows
    .map(([name, usage]) => `${name.padEnd(width)}   ${usage.replaceAll('\n', indent)}\n`)
    .join('');
}

const ROOT_EXTRAS: readonly Command[] = [
  {
    name: 'completion',
    short: 'Output shell completion code for the specified shell (bash or zsh)',
  },
  { name: 'help', short: 'Help about any command' },
];

/** The usage of the last command of a path, with the short text before it. */
export function kubeadmUsage(path: readonly KubeadmCommand[]): string {
  const command = path[path.length - 1] as KubeadmCommand;
  const line = path.map(({ name }) => name).join(' ');
  const operands = command.operands ? ` ${command.operands}` : '';
  const group = command.commands ?? [];
  const isRoot = path.length === 1;
  const usage = [
    ...(isGroupOnly(command) ? [] : [`  ${line}${operands} [flags]`]),
    ...(group.length > 0 ? [`  ${line} [command]`] : []),
  ];
  const parts = [`${command.short}\n`, `Usage:\n${usage.join('\n')}\n`];
  if (command.aliases.length > 0)
    parts.push(`Aliases:\n  ${[command.name, ...command.aliases].join(', ')}\n`);
  if (group.length > 0)
    parts.push(`Available Commands:\n${commandList(group, isRoot ? ROOT_EXTRAS : [])}`);
  parts.push(`Flags:\n${flagList(ownFlags(path))}`);
  const inherited = inheritedFlags(path);
  if (inherited.length > 0) parts.push(`Global Flags:\n${flagList(inherited)}`);
  if (isRoot)
    parts.push('Additional help topics:\n  kubeadm alpha      Kubeadm experimental sub-commands\n');
  if (group.length > 0)
    parts.push(`Use "${line} [command] --help" for more information about a command.\n`);
  return parts.join('\n');
}
