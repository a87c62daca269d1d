// Help texts (kubectl's templates over cobra): what a command does, its examples, subcommands, flags and usage line.

import type { Flag } from '../../etcd/cobra/flags.ts';
import { type Declared, HELP_GROUPS } from './declared.ts';

/** The help of the last command of a path. */
export function usageText(path: readonly Declared[]): string {
  const command = path[path.length - 1] as Declared;
  const name = path.map((one) => one.name).join(' ');
  if (command.path === 'options') return '';
  if (command.path === 'alpha')
    return 'No alpha commands are available in this version of kubectl\n';
  const parts = [command.long === '' ? command.short : command.long];
  if (command.aliases.length > 0)
    parts.push(`Aliases:\n${[command.name, ...command.aliases].join(', ')}`);
  if (command.examples !== '') parts.push(`Examples:\n${command.examples}`);
  const below = command.commands.filter(({ hidden }) => !hidden);
  if (below.length > 0) parts.push(...groupsOf(command, below));
  const flags = flagTexts(command.flags);
  if (flags.length > 0) parts.push(`Options:\n${flags.join('\n\n')}`);
  if (command.operands !== '' || below.length === 0)
    parts.push(`Usage:\n  ${`${name} ${command.operands}`.trimEnd()}`);
  const more =
    below.length > 0
      ? [`Use "${name} <command> --help" for more information about a given command.`]
      : [];
  if (command.operands !== '' || below.length === 0)
    more.push(
      'Use "kubectl options" for a list of global command-line options (applies to all commands).',
    );
  return `${parts.join('\n\n')}\n\n${more.join('\n')}\n`;
}

function groupsOf(command: Declared, below: readonly Declared[]): string[] {
  const width = Math.max(11, ...below.map((one) => one.name.length));
  const groups =
    command.path === '' ? HELP_GROUPS : [['Available Commands:', ...below.map(({ name }) => name)]];
  return groups.map(([title = '', ...names]) => {
    const lines = names.map((name) => {
      const short = below.find((one) => one.name === name)?.short ?? '';
      return `  ${name.padEnd(width)}   ${short}`;
    });
    return [title, ...lines].join('\n');
  });
}

/** Flags as help texts list them. */
export function flagTexts(flags: readonly Flag[]): string[] {
  return flags
    .filter(({ hidden }) => !hidden)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(flagText);
}

/** One flag: its names and default, and what it does beneath. */
function flagText(flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : '';
  const value =
    flag.kind === 'string'
      ? `'${flag.value}'`
      : flag.kind === 'strings' || flag.kind === 'array'
        ? `[${flag.value}]`
        : flag.value;
  return `    ${short}--${flag.name}=${value}:\n\t${flag.usage.replaceAll('\n', ' ')}`;
}
