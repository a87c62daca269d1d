// kubeadm's command tree out of its tables, joined with what runs each command.

import type { Command } from '../../etcd/cobra/command.ts';
import type { Flag, FlagKind } from '../../etcd/cobra/flags.ts';
import { COMMAND_LINES } from './command-rows.ts';
import { FLAG_LINES } from './flag-rows.ts';

const KINDS: Readonly<Record<string, FlagKind>> = {
  '': 'bool',
  string: 'string',
  strings: 'strings',
  int: 'int',
  int32: 'int',
  duration: 'duration',
  Level: 'int',
};

/** Groups whose flags hold for the commands below them. */
const SHARING = new Set(['', 'token', 'config']);
const REQUIRED: Readonly<Record<string, string>> = { 'kubeconfig user': 'client-name' };

const FLAGS = new Map<string, Flag>(
  FLAG_LINES.map((line) => {
    const [key = '', name = '', short = '', type = '', value = '', usage = ''] = line.split('\t');
    const kind = KINDS[type] ?? 'string';
    const list = kind === 'strings' ? value.replace(/^\[|\]$/g, '') : value;
    const shown = kind === 'bool' && list === '' ? 'false' : list;
    return [key, { name, ...(short ? { short } : {}), kind, value: shown, usage }];
  }),
);

/** A command of the tree with its path: `init phase certs`. */
export interface KubeadmCommand extends Command {
  readonly path: string;
  readonly aliases: readonly string[];
  readonly commands?: readonly KubeadmCommand[];
}

function flagsOf(path: string, keys: string): Flag[] {
  return keys
    .split(' ')
    .filter((key) => key !== '')
    .map((key) => FLAGS.get(key))
    .filter((flag) => flag !== undefined)
    .map((flag) => (REQUIRED[path] === flag.name ? { ...flag, required: true } : flag));
}

const pathOf = (line: string): string => line.slice(0, line.indexOf('\t'));

/** The lines of a group's commands by its path; the first line is the root's. */
const BELOW = Map.groupBy(COMMAND_LINES.slice(1), (line) =>
  pathOf(line).split(' ').slice(0, -1).join(' '),
);

function commandAt(line: string): KubeadmCommand {
  const [path = '', operands = '', short = '', keys = '', aliases = ''] = line.split('\t');
  const commands = (BELOW.get(path) ?? []).map(commandAt);
  const flags = flagsOf(path, keys);
  return {
    path,
    aliases: aliases.split(' ').filter((one) => one !== ''),
    name: path.split(' ').at(-1) || 'kubeadm',
    short,
    ...(operands ? { operands } : {}),
    ...(SHARING.has(path) ? { sharedFlags: flags } : { flags }),
    ...(commands.length > 0 ? { commands } : {}),
  };
}

/** Groups that do nothing by themselves but show their help. */
export function isGroupOnly({ path }: KubeadmCommand): boolean {
  return path === '' || path === 'kubeconfig';
}

/** The whole tree. */
export const KUBEADM: KubeadmCommand = commandAt(COMMAND_LINES[0] ?? '');
