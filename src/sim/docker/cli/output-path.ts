// Where save and export write (moby/sys/atomicwriter): looked at before anything is asked of the daemon.

import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import { dirName } from '../../userland/libc/whole-file.ts';

/** What is wrong with the path of an output file. */
export function wrongOutput(p: Process, output: string): string | undefined {
  if (output === '') return undefined;
  const parent = dirName(output);
  if (isErrno(p.stat(parent)))
    return `invalid output path: stat ${parent}: no such file or directory`;
  const own = p.stat(output);
  return !isErrno(own) && (own.mode & S_IFMT) === S_IFDIR
    ? 'cannot write to a directory'
    : undefined;
}
