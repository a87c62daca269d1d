// A run of find(1): what its tests and actions are given, and the actions that remove files or run commands.

import type { Routine } from '../../../core/wait.ts';
import type { Stat } from '../../../kernel/calls/stat.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import { quoteValue } from '../../libc/quote.ts';
import { spawn, waitFor } from '../../libc/spawn.ts';
import type { Main } from '../../libc/stdio.ts';

/** A file that is being looked at. */
export interface Found {
  readonly path: string;
  readonly stat: Stat;
  readonly depth: number;
  /** The starting point it was found under. */
  readonly start: string;
}

/** A run of find. */
export interface Find {
  readonly main: Main;
  /** -prune: the directory is not to be entered. */
  pruned: boolean;
  quit: boolean;
  status: number;
  depthFirst: boolean;
  least: number;
  most: number;
  oneDevice: boolean;
  follow: boolean;
  /** What is left to do at the end: -exec … +. */
  readonly finish: (() => Routine<void>)[];
}

export type Test = (file: Found) => Routine<boolean>;

/** Thrown while parsing; the text after `find: `. */
export class BadExpression extends Error {}

/** -delete; false where it could not be. */
export function* remove(find: Find, { path, stat }: Found): Routine<boolean> {
  const { process } = find.main;
  if (path === '.') return true;
  const directory = (stat.mode & S_IFMT) === S_IFDIR;
  const failure = directory ? process.rmdir(path) : process.unlink(path);
  if (!failure) return true;
  yield* find.main.out.flush();
  yield* find.main.fail(`cannot delete ${quoteValue(path)}: ${failure.message}`);
  find.status = 1;
  return false;
}

/** Runs a command and waits; its exit status. */
export function* runCommand(
  find: Find,
  argv: readonly string[],
  directory?: string,
): Routine<number> {
  const { main } = find;
  yield* main.out.flush();
  const pid = spawn(main.process, argv, {
    prepare: (child) => {
      if (directory !== undefined) child.chdir(directory);
    },
    *failed(_child, error) {
      yield* main.fail(`${quoteValue(argv[0] ?? '')}: ${error.message}`);
      return 1;
    },
  });
  if (isErrno(pid)) {
    yield* main.fail(`cannot fork: ${pid.message}`);
    return 1;
  }
  const ended = yield* waitFor(main.process, pid);
  return ended.signal ? 128 + ended.signal : ended.code;
}

/** -exec … +: paths are gathered and given together, at the end or when there are very many. */
export function batched(find: Find, argv: readonly string[]): Test {
  let paths: string[] = [];
  const run = function* (): Routine<void> {
    if (paths.length === 0) return;
    const list = paths;
    paths = [];
    if (yield* runCommand(find, [...argv, ...list])) find.status = 1;
  };
  find.finish.push(run);
  return function* ({ path }) {
    paths.push(path);
    if (paths.length >= 5000) yield* run();
    return true;
  };
}
