// git's commands on branches and on what is checked out: branch, switch (checkout), restore.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Main } from '../../libc/stdio.ts';
import { dirName, writeFile } from '../../libc/whole-file.ts';
import { type Call, fatal, fromRoot, named } from './commands.ts';
import { readObject } from './objects.ts';
import {
  currentBranch,
  type Files,
  filesOf,
  readIndex,
  type Repository,
  resolve,
  writeIndex,
} from './repository.ts';
import { differences } from './status.ts';

export function* branch({ main, words, repository }: Call): Routine<number> {
  const { process, directory } = repository;
  const current = yield* currentBranch(repository);
  const name = words.find((word) => !word.startsWith('-'));
  if (name !== undefined && words.some((word) => ['-d', '-D', '--delete'].includes(word))) {
    if (name === current)
      return yield* errorLine(
        main,
        `Cannot delete branch '${name}' checked out at '${repository.root}'`,
      );
    const id = yield* resolve(repository, name);
    if (id === undefined || process.unlink(`${directory}/refs/heads/${name}`))
      return yield* errorLine(main, `branch '${name}' not found.`);
    main.out.put(`Deleted branch ${name} (was ${id.slice(0, 7)}).\n`);
    return 0;
  }
  if (name !== undefined) return yield* newBranch({ main, words, repository }, name);
  const items = process.readdir(`${directory}/refs/heads`);
  const names = isErrno(items)
    ? []
    : items.map((item) => item.name).filter((one) => !/^\.\.?$/.test(one));
  for (const one of names.sort()) main.out.put(`${one === current ? '*' : ' '} ${one}\n`);
  return 0;
}

function* errorLine(main: Main, text: string): Routine<number> {
  main.err.put(`error: ${text}\n`);
  yield* main.err.flush();
  return 1;
}

function* newBranch({ main, repository }: Call, name: string): Routine<number> {
  const path = `${repository.directory}/refs/heads/${name}`;
  if (main.process.exists(path))
    return yield* fatal(main, `a branch named '${name}' already exists`);
  const head = yield* resolve(repository, 'HEAD');
  if (head === undefined)
    return yield* fatal(main, `not a valid object name: '${yield* currentBranch(repository)}'`);
  yield* writeFile(main.process, path, encode(`${head}\n`));
  return 0;
}

/** `git switch` and `git checkout`: to a branch, a new one with -c or -b, or a commit. */
export function* switchTo(call: Call): Routine<number> {
  const { main, words, repository } = call;
  const { process, directory } = repository;
  const name = words.find((word) => !word.startsWith('-'));
  if (name === undefined) return yield* fatal(main, 'missing branch or commit argument');
  const fresh = words.some((word) => ['-c', '-b', '--create'].includes(word));
  const head = `${directory}/HEAD`;
  if (fresh) {
    if (yield* resolve(repository, 'HEAD')) {
      const failed = yield* newBranch(call, name);
      if (failed) return failed;
    }
    yield* writeFile(process, head, encode(`ref: refs/heads/${name}\n`));
    main.err.put(`Switched to a new branch '${name}'\n`);
    return 0;
  }
  if ((yield* currentBranch(repository)) === name) {
    main.err.put(`Already on '${name}'\n`);
    return 0;
  }
  const target = yield* resolve(repository, name);
  if (target === undefined)
    return yield* errorLine(main, `pathspec '${name}' did not match any file(s) known to git`);
  const before = yield* readIndex(repository);
  const after = yield* filesOf(repository, target);
  for (const { letter, path } of differences(before, after)) {
    if (letter === 'D') process.unlink(`${repository.root}/${path}`);
    else yield* restoreFile(repository, after, path);
  }
  yield* writeIndex(repository, after);
  const isBranch = process.exists(`${directory}/refs/heads/${name}`);
  yield* writeFile(process, head, encode(isBranch ? `ref: refs/heads/${name}\n` : `${target}\n`));
  main.err.put(
    isBranch ? `Switched to branch '${name}'\n` : `HEAD is now at ${target.slice(0, 7)}\n`,
  );
  return 0;
}

/** Writes a file of the working tree as some files have it. */
function* restoreFile(repository: Repository, files: Files, path: string): Routine<void> {
  const { process, root, directory } = repository;
  const entry = files.get(path);
  const object = entry && (yield* readObject(process, directory, entry.id));
  if (!entry || !object) return;
  let folder = root;
  for (const part of dirName(path)
    .split('/')
    .filter((one) => one !== '.')) {
    folder = `${folder}/${part}`;
    process.mkdir(folder);
  }
  const mode = entry.mode === '100755' ? 0o777 : 0o666;
  yield* writeFile(process, `${root}/${path}`, object.bytes, mode);
}

export function* restore(call: Call): Routine<number> {
  const { main, words, repository } = call;
  const index = yield* readIndex(repository);
  const staged = words.includes('--staged') || words.includes('-S');
  const source = staged ? yield* filesOf(repository, yield* resolve(repository, 'HEAD')) : index;
  const given = words.filter((word) => !word.startsWith('-'));
  if (given.length === 0) return yield* fatal(main, 'you must specify path(s) to restore');
  for (const word of given) {
    const path = fromRoot(call, word);
    const found = named([...new Set([...source.keys(), ...index.keys()])], path);
    if (found.length === 0)
      return yield* errorLine(main, `pathspec '${word}' did not match any file(s) known to git`);
    for (const one of found) {
      const entry = source.get(one);
      if (!staged) yield* restoreFile(repository, source, one);
      else if (entry) index.set(one, entry);
      else index.delete(one);
    }
  }
  if (staged) yield* writeIndex(repository, index);
  return 0;
}
