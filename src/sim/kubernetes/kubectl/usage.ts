// Help texts (kubectl's templates over cobra): what a command does, its examples, subcommands, flags and usage line.

import type { Flag } from '../../etcd/cobra/flags.ts';
import type { Command } from './command.ts';

/** The help of the last command of a path. */
export function usageText(path: readonly Command[]): string {
  const command = path[path.length - 1] as Command;
  const name = path.map((one) => one.name).join(' ');
  const parts = [command.long ?? command.short];
  if (command.aliases?.length)
    parts.push(`Aliases:\n${[command.name, ...command.aliases].join(', ')}`);
  if (command.examples) parts.push(`Examples:\n${command.examples}`);
  const below = command.commands ?? [];
  if (below.length > 0) {
    const width = Math.max(...below.map((one) => one.name.length));
    parts.push(
      `Available Commands:\n${below.map((one) => `  ${one.name.padEnd(width)}   ${one.short}`).join('\n')}`,
    );
  }
  const flags = [...(command.flags ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (flags.length > 0) parts.push(`Options:\n${flags.map(flagText).join('\n\n')}`);
  const rest = command.operands ?? '[flags] [options]';
  parts.push(`Usage:\n  ${name} ${rest}`);
  const more =
    below.length > 0
      ? [`Use "${name} <command> --help" for more information about a given command.`]
      : [];
  more.push(
    'Use "kubectl options" for a list of global command-line options (applies to all commands).',
  );
  return `${parts.join('\n\n')}\n\n${more.join('\n')}\n`;
}

/** One flag: its names and default, and what it does beneath. */
export function flagText(flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : '    ';
  const listed = flag.kind === 'strings' || flag.kind === 'array';
  const value = flag.kind === 'string' ? `'${flag.value}'` : listed ? '[]' : flag.value;
  return `    ${short}--${flag.name}=${value}:\n\t${flag.usage}`;
}
