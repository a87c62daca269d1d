// Tilde expansion: `~` is HOME, `~+` PWD, `~-` OLDPWD, `~ana` a user's home by /etc/passwd.

import { decode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { Shell } from '../shell.ts';

/** What `~user` stands for; the text itself where there is no such user. */
export function expandTilde(shell: Shell, user: string): string {
  if (user === '')
    return shell.parameter('HOME') ?? homeOf(shell.process, shell.process.uid) ?? '~';
  if (user === '+') return shell.parameter('PWD') ?? '~+';
  if (user === '-') return shell.parameter('OLDPWD') ?? '~-';
  return homeOf(shell.process, user) ?? `~${user}`;
}

/** The accounts of /etc/passwd, as lists of fields. */
export function accounts(process: Process): string[][] {
  const text = readPlainFile(process, '/etc/passwd') ?? '';
  return text.split('\n').map((line) => line.split(':'));
}

function homeOf(process: Process, user: string | number): string | undefined {
  const column = typeof user === 'number' ? 2 : 0;
  return accounts(process).find((fields) => fields[column] === String(user))?.[5];
}

/** The text of a plain file, which never blocks; undefined where it cannot be read. */
export function readPlainFile(process: Process, path: string): string | undefined {
  const fd = process.open(path);
  if (isErrno(fd)) return undefined;
  const step = process.readAll(fd).next();
  process.close(fd);
  return step.done && !isErrno(step.value) ? decode(step.value) : undefined;
}
