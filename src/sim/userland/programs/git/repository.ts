// A repository on disk: where .git is, HEAD and branches, configuration, the index, and the files of the working tree.
// The index (gitformat-index, version 2) keeps mode, name and object of each staged file; stat data is written as zero.

import { concatBytes, decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../../../kernel/files/inode.ts';
import { sha1 } from '../../libc/hashes.ts';
import { dirName, readFile, writeFile } from '../../libc/whole-file.ts';
import { type Commit, objectId, parseCommit, readObject, treeEntries } from './objects.ts';

export interface Repository {
  readonly process: Process;
  /** The directory that holds .git. */
  readonly root: string;
  readonly directory: string;
}

/** A file as the index, a tree or the working tree has it. */
export interface Entry {
  readonly mode: string;
  readonly id: string;
}

/** Files by their paths from the root. */
export type Files = Map<string, Entry>;

/** The repository that a directory lies in; undefined where there is none up to the root. */
export function findRepository(process: Process): Repository | undefined {
  const here = process.getcwd();
  if (isErrno(here)) return undefined;
  for (let root = here; ; root = dirName(root)) {
    const directory = root === '/' ? '/.git' : `${root}/.git`;
    if (process.exists(`${directory}/HEAD`)) return { process, root, directory };
    if (root === '/') return undefined;
  }
}

export function* readText(process: Process, path: string): Routine<string | undefined> {
  const bytes = yield* readFile(process, path);
  return isErrno(bytes) ? undefined : decode(bytes);
}

/** The branch that HEAD is on; undefined where it is detached. */
export function* currentBranch({ process, directory }: Repository): Routine<string | undefined> {
  const head = yield* readText(process, `${directory}/HEAD`);
  return /^ref: refs\/heads\/(.*)\n/.exec(head ?? '')?.[1];
}

/** The commit that a name stands for: HEAD, a branch, or digits of an id. */
export function* resolve(repository: Repository, name: string): Routine<string | undefined> {
  const { process, directory } = repository;
  const [, base = name, back = ''] = /^(.*?)((?:[~^]\d*)*)$/.exec(name) ?? [];
  let id = yield* resolveName(process, directory, base);
  for (const [, count = ''] of back.matchAll(/[~^](\d*)/g)) {
    for (let i = 0; id !== undefined && i < (count === '' ? 1 : Number(count)); i++)
      id = (yield* readCommit(repository, id))?.parents[0];
  }
  return id;
}

function* resolveName(
  process: Process,
  directory: string,
  name: string,
): Routine<string | undefined> {
  const path = name === 'HEAD' ? `${directory}/HEAD` : `${directory}/refs/heads/${name}`;
  const text = (yield* readText(process, path))?.trim();
  if (text?.startsWith('ref: '))
    return (yield* readText(process, `${directory}/${text.slice(5)}`))?.trim();
  if (text !== undefined) return text;
  if (!/^[0-9a-f]{4,40}$/.test(name)) return undefined;
  const folder = process.readdir(`${directory}/objects/${name.slice(0, 2)}`);
  if (isErrno(folder)) return undefined;
  const found = folder.find((item) => item.name.startsWith(name.slice(2)));
  return found && name.slice(0, 2) + found.name;
}

export function* readCommit(
  { process, directory }: Repository,
  id: string,
): Routine<Commit | undefined> {
  const object = yield* readObject(process, directory, id);
  return object?.type === 'commit' ? parseCommit(object.bytes) : undefined;
}

/** Moves the branch that HEAD is on (or HEAD itself) to a commit. */
export function* moveHead(repository: Repository, id: string): Routine<void> {
  const { process, directory } = repository;
  const branch = yield* currentBranch(repository);
  const path = branch === undefined ? 'HEAD' : `refs/heads/${branch}`;
  yield* writeFile(process, `${directory}/${path}`, encode(`${id}\n`));
}

/** The files of a commit; none where there is no commit yet. */
export function* filesOf(repository: Repository, commit: string | undefined): Routine<Files> {
  const files: Files = new Map();
  const tree = commit && (yield* readCommit(repository, commit))?.tree;
  if (tree) yield* addTree(repository, tree, '', files);
  return files;
}

function* addTree(repository: Repository, id: string, prefix: string, files: Files): Routine<void> {
  const object = yield* readObject(repository.process, repository.directory, id);
  for (const entry of object ? treeEntries(object.bytes) : []) {
    if (entry.mode === '40000')
      yield* addTree(repository, entry.id, `${prefix}${entry.name}/`, files);
    else files.set(prefix + entry.name, { mode: entry.mode, id: entry.id });
  }
}

/** The staged files. */
export function* readIndex({ process, directory }: Repository): Routine<Files> {
  const files: Files = new Map();
  const bytes = yield* readFile(process, `${directory}/index`);
  if (isErrno(bytes)) return files;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 12;
  for (let left = view.getUint32(8); left > 0; left--) {
    const mode = view.getUint32(at + 24).toString(8);
    const id = Array.from(bytes.slice(at + 40, at + 60), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join('');
    const end = bytes.indexOf(0, at + 62);
    files.set(decode(bytes.slice(at + 62, end)), { mode, id });
    at += (62 + end - at - 62 + 8) & ~7;
  }
  return files;
}

/** Writes the staged files, sorted by name. */
export function* writeIndex({ process, directory }: Repository, files: Files): Routine<void> {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const head = new Uint8Array(12);
  head.set(encode('DIRC'));
  new DataView(head.buffer).setUint32(4, 2);
  new DataView(head.buffer).setUint32(8, sorted.length);
  const body = concatBytes([head, ...sorted.map(([path, entry]) => indexEntry(path, entry))]);
  yield* writeFile(process, `${directory}/index`, concatBytes([body, sha1(body)]));
}

function indexEntry(path: string, { mode, id }: Entry): Uint8Array {
  const name = encode(path);
  const bytes = new Uint8Array((62 + name.length + 8) & ~7);
  const view = new DataView(bytes.buffer);
  view.setUint32(24, Number.parseInt(mode, 8));
  for (let i = 0; i < 20; i++) bytes[40 + i] = Number.parseInt(id.slice(i * 2, i * 2 + 2), 16);
  view.setUint16(60, Math.min(name.length, 0xfff));
  bytes.set(name, 62);
  return bytes;
}

/** What a file of the working tree holds, as git would store it; undefined where it is no file or link. */
export function* contentsAt(
  { process, root }: Repository,
  path: string,
): Routine<{ mode: string; bytes: Uint8Array } | undefined> {
  const whole = `${root}/${path}`;
  const stat = process.lstat(whole);
  if (isErrno(stat) || (stat.mode & S_IFMT) === S_IFDIR) return undefined;
  if ((stat.mode & S_IFMT) === S_IFLNK) {
    const target = process.readlink(whole);
    return isErrno(target) ? undefined : { mode: '120000', bytes: encode(target) };
  }
  const bytes = yield* readFile(process, whole);
  if (isErrno(bytes)) return undefined;
  return { mode: stat.mode & 0o100 ? '100755' : '100644', bytes };
}

/** Every file of the working tree that .gitignore does not leave out. */
export function* workingTree(repository: Repository): Routine<Files> {
  const files: Files = new Map();
  const ignored = yield* ignoreRules(repository);
  yield* addDirectory(repository, '', ignored, files);
  return files;
}

function* addDirectory(
  repository: Repository,
  prefix: string,
  ignored: (path: string, directory: boolean) => boolean,
  files: Files,
): Routine<void> {
  const items = repository.process.readdir(`${repository.root}/${prefix}`);
  if (isErrno(items)) return;
  for (const { name } of items) {
    const path = prefix + name;
    if (name === '.' || name === '..' || name === '.git') continue;
    const stat = repository.process.lstat(`${repository.root}/${path}`);
    if (isErrno(stat)) continue;
    const isDirectory = (stat.mode & S_IFMT) === S_IFDIR;
    if (ignored(path, isDirectory)) continue;
    if (isDirectory) yield* addDirectory(repository, `${path}/`, ignored, files);
    else {
      const found = yield* contentsAt(repository, path);
      if (found)
        files.set(path, { mode: found.mode, id: objectId({ type: 'blob', bytes: found.bytes }) });
    }
  }
}

/** The root's .gitignore: names, `*`, a slash in front (from the root) or behind (directories). Negation is left out. */
function* ignoreRules({
  process,
  root,
}: Repository): Routine<(path: string, directory: boolean) => boolean> {
  const text = (yield* readText(process, `${root}/.gitignore`)) ?? '';
  const rules = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#') && !line.startsWith('!'))
    .map((line) => {
      const body = line.replace(/^\/|\/$/g, '');
      const pattern = body.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
      const anchored = body.includes('/') || line.startsWith('/');
      return {
        expression: new RegExp(`${anchored ? '^' : '(^|/)'}${pattern}$`),
        only: line.endsWith('/'),
      };
    });
  return (path, directory) =>
    rules.some(({ expression, only }) => (!only || directory) && expression.test(path));
}
