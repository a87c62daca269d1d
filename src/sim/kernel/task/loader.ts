// The dynamic loader, ld.so(8): an executable that names shared libraries runs only where the loader and they are found
// in its root directory. Left out: symbols, versions, RPATH, /etc/ld.so.cache.

import type { Routine } from '../../core/wait.ts';
import { encode } from '../../core/text.ts';
import { isErrno } from '../errno.ts';
import type { Process } from '../calls/process.ts';
import type { ProgramFile } from '../program.ts';
import { resolve } from '../files/walk.ts';
import type { Task } from './task.ts';

/** PT_INTERP of every dynamic executable. */
export const LOADER = '/lib64/ld-linux-x86-64.so.2';

const DIRECTORIES = [
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib64',
  '/usr/lib64',
  '/lib',
  '/usr/lib',
];

/** Where a library would be loaded from; undefined where it is not found. */
export function findLibrary(
  task: Task,
  name: string,
  environment: ReadonlyMap<string, string>,
): string | undefined {
  const first = environment.get('LD_LIBRARY_PATH')?.split(':') ?? [];
  for (const directory of [...first, ...DIRECTORIES]) {
    const path = `${directory}/${name}`;
    if (!isErrno(resolve(task, path))) return path;
  }
  return undefined;
}

/** The first of the libraries that is nowhere; undefined where all are found. */
export function missingLibrary(
  task: Task,
  names: readonly string[],
  environment: ReadonlyMap<string, string>,
): string | undefined {
  return names.find(
    (name) =>
      isErrno(resolve(task, `/usr/lib/x86_64-linux-gnu/${name}`)) &&
      findLibrary(task, name, environment) === undefined,
  );
}

/** What runs in a program's place where a library is missing: the loader's message, status 127. */
export function withoutLibrary(library: string): ProgramFile {
  return {
    name: 'ld.so',
    *run(process: Process): Routine<number> {
      const why = 'cannot open shared object file: No such file or directory';
      const text = `error while loading shared libraries: ${library}: ${why}`;
      yield* process.write(2, encode(`${process.argv[0] ?? ''}: ${text}\n`));
      return 127;
    },
  };
}
