// Help texts of urfave/cli, versions 1 and 2, from the tables of commands and flags.

import type { CliApp, CliCommand, CliFlag } from './cli.ts';

export const HELP_FLAG: CliFlag = { names: ['help', 'h'], kind: 'bool', usage: 'show help' };

export const HELP_FLAG_2: CliFlag = {
  names: ['help', 'h'],
  kind: 'bool',
  usage: 'Show help',
  default: 'false',
};

export const VERSION_FLAG: CliFlag = {
  names: ['version', 'v'],
  kind: 'bool',
  usage: 'print the version',
};

export function flagLine(flag: CliFlag, style: 1 | 2 = 1): readonly [string, string] {
  const placeholder = flag.kind === 'bool' ? '' : ` ${flag.placeholder ?? 'value'}`;
  const names = flag.names
    .map((name) => `${name.length > 1 ? '--' : '-'}${name}${placeholder}`)
    .join(', ');
  const shown = flag.kind === 'string' ? `"${flag.default}"` : flag.default;
  const fallback = flag.default === undefined ? '' : ` (default: ${shown})`;
  const repeated = style === 2 && flag.kind === 'list' ? ` [ ${names} ]` : '';
  const variable = flag.variable === undefined ? '' : ` [$${flag.variable}]`;
  return [names + repeated, `${flag.usage}${fallback}${variable}`];
}

export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `   ${left.padEnd(width)}  ${right}`);
}

export function commandRows(commands: readonly CliCommand[]): (readonly [string, string])[] {
  return commands.map((c) => [[c.name, ...(c.aliases ?? [])].join(', '), c.usage] as const);
}

/** Help of one command. */
export function commandHelp(app: CliApp, path: string, command: CliCommand): string {
  const flags = (command.flags ?? []).filter((flag) => !flag.hidden);
  const options = flags.length > 0 || app.style === 2 ? ' [command options]' : '';
  const args = command.argsUsage ?? '[arguments...]';
  const commands = command.commands ?? [];
  const verb = commands.length > 0 ? ' command' : '';
  const group = app.style === 2 && commands.length > 0;
  const usage = command.usageText ?? `${path}${group ? options : `${verb}${options} ${args}`}`;
  const lines = ['NAME:', `   ${path} - ${command.usage}`, '', 'USAGE:', `   ${usage}`];
  if (command.description !== undefined)
    lines.push('', 'DESCRIPTION:', `   ${command.description}`);
  if (app.style === 1) {
    if (commands.length > 0) lines.push('', 'COMMANDS:', ...table(commandRows(commands)));
    if (flags.length > 0)
      lines.push('', 'OPTIONS:', ...table(flags.map((one) => flagLine(one))), '   ');
    return `${lines.join('\n')}\n`;
  }
  const helpRow = ['help, h', 'Shows a list of commands or help for one command'] as const;
  lines.push('', 'COMMANDS:', ...table([...commandRows(commands), helpRow]));
  lines.push('', 'OPTIONS:', ...table([...flags, HELP_FLAG_2].map((one) => flagLine(one, 2))));
  return `${lines.join('\n')}\n`;
}

/** Help of the whole program. */
export function appHelp(app: CliApp): string {
  const flags = [
    ...app.flags,
    ...(app.style === 1 ? [HELP_FLAG, VERSION_FLAG] : [HELP_FLAG, VERSION_FLAG]),
  ];
  const helpRow = ['help, h', 'Shows a list of commands or help for one command'] as const;
  const lines = [
    'NAME:',
    `   ${app.name} - ${app.usage}`,
    '',
    'USAGE:',
    `   ${app.name} [global options] command [command options]${app.style === 1 ? ' [arguments...]' : ''}`,
    '',
    'VERSION:',
    `   ${app.version}`,
  ];
  if (app.description !== undefined) lines.push('', 'DESCRIPTION:', `   ${app.description}`);
  lines.push('', 'COMMANDS:', ...table([...commandRows(app.commands), helpRow]));
  lines.push('', 'GLOBAL OPTIONS:', ...table(flags.map((one) => flagLine(one, app.style))));
  return `${lines.join('\n')}\n`;
}
