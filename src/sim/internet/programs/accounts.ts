// passwd and group as lists of fields.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';

/** The lines of an account file, split at colons. */
export function* readAccountFile(p: Process, path: string): Routine<string[][]> {
  const fd = p.open(path);
  if (isErrno(fd)) return [];
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return isErrno(bytes)
    ? []
    : decode(bytes)
        .split('\n')
        .map((line) => line.split(':'));
}
