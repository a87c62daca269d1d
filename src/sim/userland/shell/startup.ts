// What a shell has when it begins: variables from the environment and of its own, signals that were
// ignored.

import { isErrno } from '../../kernel/errno.ts';
import { signals } from '../../kernel/signals.ts';
import { assignArray } from './assign.ts';
import { currentDirectory } from './builtins/directories.ts';
import { setAttribute } from './variables.ts';
import type { Shell } from './shell.ts';
import { importFunctions } from './run/environment.ts';
import { watchChildren } from './run/subshell.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const VERSION = ['5', '2', '15', '1', 'release', 'x86_64-pc-linux-gnu'] as const;
/** `$BASH_VERSION`. */
export const BASH_VERSION = '5.2.15(1)-release';

/** Takes the environment over and sets the shell's own variables. */
export function prepareShell(shell: Shell): void {
  const { variables, process } = shell;
  for (const [name, value] of process.environment) {
    if (!/^[A-Za-z_]\w*$/.test(name)) continue;
    if (name === 'PS4' && process.euid === 0 && shell.dialect.extended) continue;
    if (name === 'SHELLOPTS' || name === 'BASHOPTS') continue;
    if (name === '_' && shell.dialect.name === 'bash') {
      shell.lastArgument = value;
      continue;
    }
    const variable = variables.make(name);
    if (variable.compute) continue;
    variable.value = value;
    variable.exported = true;
  }
  setDefault(shell, 'IFS', ' \t\n');
  variables.make('IFS').exported = false;
  setDefault(shell, 'PS4', '+ ');
  setDefault(shell, 'OPTIND', '1');
  if (shell.value('PATH') === '' && shell.dialect.extended) setDefault(shell, 'PATH', DEFAULT_PATH);
  shell.assign('PWD', currentDirectory(shell));
  setAttribute(variables.make('PWD'), 'exported');
  if (shell.dialect.extended) {
    prepareBash(shell);
    importFunctions(shell);
  } else if (shell.dialect.name === 'ash') countLevel(shell);
  setAttribute(variables.make('PPID'), 'readonly', String(process.ppid));
  variables.changed();
  for (const { number, name } of signals) {
    if (process.signalAction(number) === 'ignore') shell.traps.hardIgnored.add(name);
  }
  watchChildren(shell);
}

function setDefault(shell: Shell, name: string, value: string): void {
  if (shell.variables.findExact(name)?.value === undefined || name === 'IFS')
    shell.assign(name, value);
}

/** Shells within shells: one more than the environment says. */
function countLevel(shell: Shell): void {
  const level = Number.parseInt(shell.value('SHLVL'), 10) || 0;
  shell.assign('SHLVL', String(level + 1));
  shell.variables.make('SHLVL').exported = true;
}

function prepareBash(shell: Shell): void {
  const { process, variables } = shell;
  countLevel(shell);
  if (!variables.findExact('OLDPWD')) variables.make('OLDPWD').exported = true;
  const texts: readonly (readonly [string, string])[] = [
    ['BASH', '/bin/bash'],
    ['BASH_VERSION', BASH_VERSION],
    ['HOSTNAME', process.hostname],
    ['HOSTTYPE', 'x86_64'],
    ['MACHTYPE', 'x86_64-pc-linux-gnu'],
    ['OSTYPE', 'linux-gnu'],
    ['OPTERR', '1'],
  ];
  for (const [name, value] of texts)
    if (!variables.findExact(name)?.exported) shell.assign(name, value);
  const elements = VERSION.map((value) => ({
    key: undefined,
    append: false,
    value: value as string,
  }));
  assignArray(shell, 'BASH_VERSINFO', elements, false);
  variables.make('BASH_VERSINFO').readonly = true;
  const groups = [process.gid, ...process.groups.filter((gid) => gid !== process.gid)];
  assignArray(
    shell,
    'GROUPS',
    groups.map((gid) => ({ key: undefined, append: false, value: String(gid) })),
    false,
  );
  for (const [name, id] of [
    ['UID', process.uid],
    ['EUID', process.euid],
  ] as const) {
    const variable = variables.make(name);
    variable.value = String(id);
    variable.readonly = true;
    variable.integer = true;
  }
  if (isErrno(process.getcwd())) shell.assign('PWD', '.');
}
