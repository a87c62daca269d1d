// git's everyday commands on files and their history: add, commit, status, log, diff, rm, show.

import { decode } from '../../../core/text.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Main, notSimulated } from '../../libc/stdio.ts';
import { editScript } from '../text/diff-script.ts';
import { configured } from './configuration.ts';
import { fileDifference } from './difference.ts';
import {
  type Commit,
  commitObject,
  readObject,
  treeObject,
  type TreeEntry,
  writeObject,
} from './objects.ts';
import {
  contentsAt,
  currentBranch,
  type Files,
  filesOf,
  moveHead,
  readCommit,
  readIndex,
  type Repository,
  resolve,
  workingTree,
  writeIndex,
} from './repository.ts';
import { differences, shortText, statusOf, statusText } from './status.ts';

/** What git is run with: the command's own words, and the repository it is in. */
export interface Call {
  readonly main: Main;
  readonly words: readonly string[];
  readonly repository: Repository;
}

export function* fatal(main: Main, text: string, status = 128): Routine<number> {
  main.err.put(`fatal: ${text}\n`);
  yield* main.err.flush();
  return status;
}

/** A path as given, from the root of the repository. */
export function fromRoot({ main, repository }: Call, word: string): string {
  const here = main.process.getcwd();
  const whole = word.startsWith('/') ? word : `${isErrno(here) ? '' : here}/${word}`;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`.slice(repository.root === '/' ? 1 : repository.root.length + 1);
}

/** Those of some paths that a word names: itself, what lies below it, or all. */
export function named(paths: readonly string[], path: string): string[] {
  return paths.filter((one) => path === '' || one === path || one.startsWith(`${path}/`));
}

export function* add(call: Call): Routine<number> {
  const { main, words, repository } = call;
  const all = words.some((word) => ['-A', '--all'].includes(word));
  const given = words.filter((word) => !word.startsWith('-'));
  if (given.length === 0 && !all) {
    main.out.put("Nothing specified, nothing added.\nhint: Maybe you wanted to say 'git add .'?\n");
    return 0;
  }
  const index = yield* readIndex(repository);
  const tree = yield* workingTree(repository);
  for (const word of all ? ['.'] : given) {
    const path = all ? '' : fromRoot(call, word);
    const found = named([...new Set([...tree.keys(), ...index.keys()])], path);
    if (found.length === 0 && path !== '')
      return yield* fatal(main, `pathspec '${word}' did not match any files`);
    for (const one of found) yield* stage(repository, index, one);
  }
  yield* writeIndex(repository, index);
  return 0;
}

function* stage(repository: Repository, index: Files, path: string): Routine<void> {
  const found = yield* contentsAt(repository, path);
  if (!found) {
    index.delete(path);
    return;
  }
  const object = { type: 'blob', bytes: found.bytes } as const;
  const id = yield* writeObject(repository.process, repository.directory, object);
  index.set(path, { mode: found.mode, id });
}

/** Writes the trees of the index from the leaves up; the name of the root's. */
function* writeTrees(repository: Repository, files: Files, prefix = ''): Routine<string> {
  const entries: TreeEntry[] = [];
  const below = new Set<string>();
  for (const [path, { mode, id }] of files) {
    if (!path.startsWith(prefix)) continue;
    const rest = path.slice(prefix.length);
    const slash = rest.indexOf('/');
    if (slash < 0) entries.push({ mode, name: rest, id });
    else below.add(rest.slice(0, slash));
  }
  for (const name of below) {
    const id = yield* writeTrees(repository, files, `${prefix}${name}/`);
    entries.push({ mode: '40000', name, id });
  }
  return yield* writeObject(repository.process, repository.directory, treeObject(entries));
}

const WHO = `Author identity unknown

*** Please tell me who you are.

Run

  git config --global user.email "you@example.com"
  git config --global user.name "Your Name"

to set your account's default identity.
Omit --global to set the identity only in this repository.

`;

export function* commit(call: Call): Routine<number> {
  const { main, words, repository } = call;
  const { process } = main;
  const at = words.findIndex((word) => /^-[aq]*m$|^--message$/.test(word));
  const message = words.find((word) => word.startsWith('--message='))?.slice(10) ?? words[at + 1];
  if (at < 0 && !words.some((word) => word.startsWith('--message=')))
    return yield* notSimulated(main, 'git commit without -m');
  const name = yield* configured(process, repository, 'user.name');
  const mail = yield* configured(process, repository, 'user.email');
  if (name === undefined || mail === undefined) {
    main.err.put(WHO);
    return yield* fatal(
      main,
      `unable to auto-detect email address (got 'root@${process.hostname}.(none)')`,
    );
  }
  const index = yield* readIndex(repository);
  if (words.some((word) => /^-[qm]*a[qm]*$|^--all$/.test(word))) {
    for (const path of [...index.keys()]) yield* stage(repository, index, path);
    yield* writeIndex(repository, index);
  }
  const head = yield* resolve(repository, 'HEAD');
  const before = yield* filesOf(repository, head);
  const changes = differences(before, index);
  if (changes.length === 0) {
    main.out.put(statusText(yield* statusOf(repository)));
    return 1;
  }
  const when = `${name} <${mail}> ${Math.floor(epochMilliseconds(process.now) / 1000)} +0000`;
  const tree = yield* writeTrees(repository, index);
  const parents = head === undefined ? [] : [head];
  const object = commitObject({
    tree,
    parents,
    author: when,
    committer: when,
    message: `${(message ?? '').trimEnd()}\n`,
  });
  const id = yield* writeObject(process, repository.directory, object);
  yield* moveHead(repository, id);
  if (words.some((word) => /^-[am]*q[am]*$|^--quiet$/.test(word))) return 0;
  const branch = (yield* currentBranch(repository)) ?? 'detached HEAD';
  const root = head === undefined ? ' (root-commit)' : '';
  main.out.put(`[${branch}${root} ${id.slice(0, 7)}] ${(message ?? '').split('\n')[0]}\n`);
  main.out.put(yield* summary(repository, before, index));
  return 0;
}

/** ` 1 file changed, 1 insertion(+)` and the files that came and went. */
function* summary(repository: Repository, before: Files, after: Files): Routine<string> {
  const { process, directory } = repository;
  let [inserted, deleted] = [0, 0];
  const changes = differences(before, after);
  const lines: string[] = [];
  for (const { letter, path } of changes) {
    const read = function* (files: Files): Routine<string[]> {
      const id = files.get(path)?.id;
      const object = id === undefined ? undefined : yield* readObject(process, directory, id);
      const text = object ? decode(object.bytes) : '';
      return text === '' ? [] : text.replace(/\n$/, '').split('\n');
    };
    const script = editScript(yield* read(before), yield* read(after));
    for (const one of script) {
      inserted += one.inserted;
      deleted += one.deleted;
    }
    if (letter === 'A') lines.push(` create mode ${after.get(path)?.mode} ${path}\n`);
    if (letter === 'D') lines.push(` delete mode ${before.get(path)?.mode} ${path}\n`);
  }
  const counted = (count: number, word: string, sign: string): string =>
    `, ${count} ${word}${count === 1 ? '' : 's'}(${sign})`;
  const none = inserted === 0 && deleted === 0;
  const files = `${changes.length} file${changes.length === 1 ? '' : 's'} changed`;
  const plus = inserted > 0 || none ? counted(inserted, 'insertion', '+') : '';
  const minus = deleted > 0 || none ? counted(deleted, 'deletion', '-') : '';
  return ` ${files}${plus}${minus}\n${lines.join('')}`;
}

export function* status({ main, words, repository }: Call): Routine<number> {
  const found = yield* statusOf(repository);
  const short = words.some((word) => ['-s', '--short', '--porcelain'].includes(word));
  main.out.put(short ? shortText(found) : statusText(found));
  return 0;
}

export function* log({ main, words, repository }: Call): Routine<number> {
  const short = words.includes('--oneline');
  const limit = words.map((word) => /^-n?(\d+)$/.exec(word)?.[1]).find(Boolean);
  const from = words.find((word) => !word.startsWith('-')) ?? 'HEAD';
  let id = yield* resolve(repository, from);
  const branch = yield* currentBranch(repository);
  if (id === undefined)
    return yield* fatal(
      main,
      from === 'HEAD'
        ? `your current branch '${branch}' does not have any commits yet`
        : `ambiguous argument '${from}': unknown revision or path not in the working tree.`,
    );
  for (let left = Number(limit ?? Number.POSITIVE_INFINITY); id !== undefined && left > 0; left--) {
    const found: Commit | undefined = yield* readCommit(repository, id);
    if (!found) break;
    if (short) main.out.put(`${id.slice(0, 7)} ${found.message.split('\n')[0]}\n`);
    else
      main.out.put(
        `${commitText(id, found.author, found.message)}${left > 1 && found.parents[0] ? '\n' : ''}`,
      );
    id = found.parents[0];
  }
  return 0;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function commitText(id: string, author: string, message: string): string {
  const [, who = '', seconds = '0'] = /^(.*>) (\d+)/.exec(author) ?? [];
  const at = new Date(Number(seconds) * 1000);
  const date = `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()} ${at.toISOString().slice(11, 19)} ${at.getUTCFullYear()} +0000`;
  const body = message.trimEnd().replace(/^/gm, '    ');
  return `commit ${id}\nAuthor: ${who}\nDate:   ${date}\n\n${body}\n`;
}

export function* diff({ main, words, repository }: Call): Routine<number> {
  const index = yield* readIndex(repository);
  const cached = words.includes('--cached') || words.includes('--staged');
  const before = cached ? yield* filesOf(repository, yield* resolve(repository, 'HEAD')) : index;
  const tree = cached ? index : yield* workingTree(repository);
  const after = cached ? tree : new Map([...tree].filter(([path]) => index.has(path)));
  for (const one of differences(before, after))
    main.out.put(
      yield* fileDifference(repository, one.path, before.get(one.path), after.get(one.path)),
    );
  return 0;
}

export function* show({ main, words, repository }: Call): Routine<number> {
  const name = words.find((word) => !word.startsWith('-')) ?? 'HEAD';
  const id = yield* resolve(repository, name);
  const found = id && (yield* readCommit(repository, id));
  if (!id || !found) return yield* fatal(main, `bad revision '${name}'`);
  const before = yield* filesOf(repository, found.parents[0]);
  const after = yield* filesOf(repository, id);
  main.out.put(`${commitText(id, found.author, found.message)}\n`);
  for (const { path } of differences(before, after))
    main.out.put(yield* fileDifference(repository, path, before.get(path), after.get(path)));
  return 0;
}

export function* rm(call: Call): Routine<number> {
  const { main, words, repository } = call;
  const index = yield* readIndex(repository);
  const keep = words.includes('--cached');
  for (const word of words.filter((one) => !one.startsWith('-'))) {
    const path = fromRoot(call, word);
    const found = named([...index.keys()], path);
    if (found.length === 0) return yield* fatal(main, `pathspec '${word}' did not match any files`);
    for (const one of found) {
      index.delete(one);
      if (!keep) main.process.unlink(`${repository.root}/${one}`);
      main.out.put(`rm '${one}'\n`);
    }
  }
  yield* writeIndex(repository, index);
  return 0;
}
