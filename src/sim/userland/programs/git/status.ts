// What differs between the last commit, the index and the working tree, and how git status tells it.

import type { Routine } from '../../../core/wait.ts';
import {
  currentBranch,
  type Files,
  filesOf,
  readIndex,
  type Repository,
  resolve,
  workingTree,
} from './repository.ts';

/** One path that differs: A added, M modified, D deleted. */
export interface Difference {
  readonly letter: 'A' | 'M' | 'D';
  readonly path: string;
}

export interface Status {
  readonly branch: string | undefined;
  readonly head: string | undefined;
  readonly staged: readonly Difference[];
  readonly unstaged: readonly Difference[];
  /** Paths that git does not know; a directory of them as one, with a slash. */
  readonly untracked: readonly string[];
}

/** The paths that differ between two sets of files, sorted. */
export function differences(before: Files, after: Files): Difference[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path): Difference[] => {
    const old = before.get(path);
    const fresh = after.get(path);
    if (!old) return [{ letter: 'A', path }];
    if (!fresh) return [{ letter: 'D', path }];
    return old.id === fresh.id && old.mode === fresh.mode ? [] : [{ letter: 'M', path }];
  });
}

export function* statusOf(repository: Repository): Routine<Status> {
  const head = yield* resolve(repository, 'HEAD');
  const index = yield* readIndex(repository);
  const tree = yield* workingTree(repository);
  const known = new Map([...tree].filter(([path]) => index.has(path)));
  return {
    branch: yield* currentBranch(repository),
    head,
    staged: differences(yield* filesOf(repository, head), index),
    unstaged: differences(index, known),
    untracked: folded(
      [...tree.keys()].filter((path) => !index.has(path)),
      index,
    ),
  };
}

/** Whole directories without a known file are told as one. */
function folded(paths: readonly string[], index: Files): string[] {
  const known = [...index.keys()];
  const told = paths.map((path) => {
    const parts = path.split('/');
    for (let i = 1; i < parts.length; i++) {
      const directory = `${parts.slice(0, i).join('/')}/`;
      if (!known.some((other) => other.startsWith(directory))) return directory;
    }
    return path;
  });
  return [...new Set(told)].sort();
}

const WORDS = { A: 'new file:   ', M: 'modified:   ', D: 'deleted:    ' } as const;

/** The long form. */
export function statusText({ branch, head, staged, unstaged, untracked }: Status): string {
  const parts: string[] = [
    branch === undefined ? `HEAD detached at ${head?.slice(0, 7)}\n` : `On branch ${branch}\n`,
    head === undefined ? '\nNo commits yet\n\n' : '',
  ];
  const list = (title: string, hints: readonly string[], lines: readonly string[]): void => {
    parts.push(`${title}:\n`, ...hints.map((hint) => `  (${hint})\n`));
    parts.push(...lines.map((line) => `\t${line}\n`), '\n');
  };
  const told = ({ letter, path }: Difference): string => WORDS[letter] + path;
  const unstage =
    head === undefined
      ? 'use "git rm --cached <file>..." to unstage'
      : 'use "git restore --staged <file>..." to unstage';
  if (staged.length > 0) list('Changes to be committed', [unstage], staged.map(told));
  if (unstaged.length > 0) {
    const gone = unstaged.some(({ letter }) => letter === 'D');
    const hints = [
      `use "git add${gone ? '/rm' : ''} <file>..." to update what will be committed`,
      'use "git restore <file>..." to discard changes in working directory',
    ];
    list('Changes not staged for commit', hints, unstaged.map(told));
  }
  if (untracked.length > 0)
    list(
      'Untracked files',
      ['use "git add <file>..." to include in what will be committed'],
      untracked,
    );
  if (staged.length === 0) parts.push(nothingStaged(head, unstaged.length, untracked.length));
  return parts.join('');
}

function nothingStaged(head: string | undefined, unstaged: number, untracked: number): string {
  if (unstaged > 0) return 'no changes added to commit (use "git add" and/or "git commit -a")\n';
  if (untracked > 0)
    return 'nothing added to commit but untracked files present (use "git add" to track)\n';
  return head === undefined
    ? 'nothing to commit (create/copy files and use "git add" to track)\n'
    : 'nothing to commit, working tree clean\n';
}

/** `git status --short`. */
export function shortText({ staged, unstaged, untracked }: Status): string {
  const paths = [...new Set([...staged, ...unstaged].map(({ path }) => path))].sort();
  const letter = (list: readonly Difference[], path: string): string =>
    list.find((one) => one.path === path)?.letter ?? ' ';
  const lines = paths.map((path) => `${letter(staged, path)}${letter(unstaged, path)} ${path}\n`);
  return [...lines, ...untracked.map((path) => `?? ${path}\n`)].join('');
}
