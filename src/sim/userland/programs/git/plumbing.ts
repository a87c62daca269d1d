// git's plumbing, as far as one looks beneath with it: cat-file, hash-object, ls-files, rev-parse.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../libc/whole-file.ts';
import { type Call, fatal } from './commands.ts';
import { objectId, readObject, treeEntries, writeObject } from './objects.ts';
import { readIndex, resolve } from './repository.ts';

/** `cat-file -p` shows an object, `-t` its type, `-s` its size. */
export function* catFile({ main, words, repository }: Call): Routine<number> {
  const [how = '', name = ''] = words;
  const id = yield* resolve(repository, name);
  const object = id && (yield* readObject(main.process, repository.directory, id));
  if (!object) return yield* fatal(main, `Not a valid object name ${name}`);
  if (how === '-t') main.out.put(`${object.type}\n`);
  else if (how === '-s') main.out.put(`${object.bytes.length}\n`);
  else if (object.type === 'tree') {
    for (const { mode, name: path, id: entry } of treeEntries(object.bytes)) {
      const type = mode === '40000' ? 'tree' : 'blob';
      main.out.put(`${mode.padStart(6, '0')} ${type} ${entry}\t${path}\n`);
    }
  } else main.out.put(decode(object.bytes));
  return 0;
}

/** The name of a file's contents as a blob; with -w it is written. */
export function* hashObject({ main, words, repository }: Call): Routine<number> {
  for (const path of words.filter((word) => !word.startsWith('-'))) {
    const bytes = yield* readFile(main.process, path);
    if (isErrno(bytes))
      return yield* fatal(main, `could not open '${path}' for reading: ${bytes.message}`);
    const object = { type: 'blob', bytes } as const;
    const id = words.includes('-w')
      ? yield* writeObject(main.process, repository.directory, object)
      : objectId(object);
    main.out.put(`${id}\n`);
  }
  return 0;
}

/** The staged files; with -s their modes and objects. */
export function* listFiles({ main, words, repository }: Call): Routine<number> {
  const index = yield* readIndex(repository);
  for (const [path, { mode, id }] of [...index].sort(([a], [b]) => (a < b ? -1 : 1)))
    main.out.put(
      words.some((word) => ['-s', '--stage'].includes(word))
        ? `${mode} ${id} 0\t${path}\n`
        : `${path}\n`,
    );
  return 0;
}

export function* revParse({ main, words, repository }: Call): Routine<number> {
  for (const word of words.filter((one) => !one.startsWith('--'))) {
    const id = yield* resolve(repository, word);
    if (id === undefined)
      return yield* fatal(
        main,
        `ambiguous argument '${word}': unknown revision or path not in the working tree.`,
      );
    main.out.put(`${words.includes('--short') ? id.slice(0, 7) : id}\n`);
  }
  return 0;
}
