// The usage texts of etcdctl, which has a form of its own among cobra's programs: sections with headings in
// capitals, columns made with tabs.

import { type Command, inheritedFlags, ownFlags } from '../cobra/command.ts';
import { type Flag, goQuoted } from '../cobra/flags.ts';

const VERSION = '3.6.16';
const API_VERSION = '3.6';

/** The usage of the last command of a path. */
export function etcdctlUsage(path: readonly Command[]): string {
  const command = path[path.length - 1] as Command;
  const isRoot = path.length === 1;
  const group = command.commands !== undefined;
  const name = isRoot
    ? command.name
    : path
        .slice(1)
        .map((one) => one.name)
        .join(' ');
  const operands = command.operands ? ` ${command.operands}` : '';
  const flags = command.plainUsage ? '' : ' [flags]';
  const sections: [string, string][] = [
    ['NAME', `  ${name} - ${command.short}\n`],
    ['USAGE', `  ${path.map((one) => one.name).join(' ')}${operands}${flags}\n`],
  ];
  if (isRoot) sections.push(['VERSION', `  ${VERSION}\n`]);
  if (group) sections.push(['API VERSION', `  ${API_VERSION}\n`]);
  if (command.example) sections.push(['Examples', indented(command.example)]);
  if (group) sections.push(['COMMANDS', commandTable(command, isRoot)]);
  if (command.long) sections.push(['DESCRIPTION', indented(command.long)]);
  sections.push(['OPTIONS', flagTable(isRoot ? rootFlags(path) : ownFlags(path))]);
  if (!isRoot) sections.push(['GLOBAL OPTIONS', flagTable(inheritedFlags(path))]);
  return sections.map(([heading, body]) => `${heading}:\n${body}\n`).join('');
}

const rootFlags = (path: readonly Command[]): Flag[] => ownFlags(path);

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}\n`)
    .join('');
}

/** The commands below; those of the root with all that lies beneath them, and cobra's own `help`. */
function commandTable(command: Command, isRoot: boolean): string {
  const rows: [string, string][] = [];
  const list = [...(command.commands ?? [])];
  if (isRoot) list.push({ name: 'help', short: 'Help about any command' });
  for (const one of list.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (one.commands && isRoot) {
      for (const below of [...one.commands].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        rows.push([`  ${one.name} ${below.name}`, below.short]);
      }
    } else {
      rows.push([`  ${one.name}`, one.short]);
    }
  }
  return tabbed(rows);
}

function flagTable(flags: readonly Flag[]): string {
  return tabbed(flags.map((flag) => [flagName(flag), flag.usage]));
}

function flagName(flag: Flag): string {
  const names = flag.short ? `  -${flag.short}, --${flag.name}` : `      --${flag.name}`;
  if (flag.kind === 'bool') return `${names}[=${flag.value}]`;
  if (flag.kind === 'string') return `${names}=${goQuoted(flag.value)}`;
  return `${names}=${flag.kind === 'strings' ? `[${flag.value}]` : flag.value}`;
}

/** Two columns, the first filled up with tabs to the next stop after its longest cell. */
function tabbed(rows: readonly (readonly [string, string])[]): string {
  const longest = Math.max(0, ...rows.map(([cell]) => cell.length));
  const width = Math.ceil((longest + 1) / 8) * 8;
  return rows
    .map(([cell, text]) => `${cell}${'\t'.repeat(Math.ceil((width - cell.length) / 8))}${text}\n`)
    .join('');
}
