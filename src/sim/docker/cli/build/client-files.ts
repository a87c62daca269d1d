// The client's side of a build's session: its files, its secrets, and where results are written.

import type { Routine } from '../../../core/wait.ts';
import { encode } from '../../../core/text.ts';
import { START_OF_TIME } from '../../../core/time.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import { applyLayer } from '../../../containers/images/layer.ts';
import { readTar } from '../../../containers/images/tar.ts';
import { makeDirectories } from '../../../containers/containerd/daemon.ts';
import { readFile, writeAll, writeFile } from '../../../userland/libc/whole-file.ts';
import { GO_DIRECTORY, GO_SYMLINK } from '../../builder/local-source.ts';
import { cleanPath, joinPath, parentOf } from '../../builder/dockerfile/paths.ts';
import { patternForm, PatternMatcher } from '../../builder/patterns.ts';
import type { Output } from '../../builder/options.ts';
import type { ClientCall, ClientReply, FileStat } from '../../builder/session.ts';
import { inodeAtPath } from '../../daemon/archive.ts';

/** A secret of the client: a file or a variable. */
export type Secret = { readonly file: string } | { readonly variable: string };

/** What a client lends to a build. */
export interface ClientFiles {
  readonly process: Process;
  /** Directories by the name under which the daemon asks for them. */
  readonly directories: ReadonlyMap<string, string>;
  /** A Dockerfile that came on standard input. */
  readonly dockerfile: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  /** The context came as an archive on standard input. */
  readonly archive: ReadonlyMap<string, { stat: FileStat; bytes: Uint8Array }> | undefined;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly keys: ReadonlySet<string>;
}

type Answer = { reply: ClientReply; bytes?: Uint8Array };

/** True for files that are asked for: those named, what is below them, and the directories above. */
function followed(path: string, follow: readonly string[] | undefined): boolean {
  if (!follow) return true;
  return follow.some((wanted) => {
    if (wanted === '.' || wanted === '') return true;
    const names = wanted.split('/');
    const parts = path.split('/');
    const fits = (part: string, name: string): boolean =>
      /[*?[\\]/.test(name) ? patternForm(name).test(part) : part === name;
    return names.every((name, i) => {
      const part = parts[i];
      return part === undefined || fits(part, name);
    });
  });
}

/** Those files, and what their symbolic links lead to within the directory (fsutil's FollowLinks). */
function withLinkTargets(
  p: Process,
  root: string,
  follow: readonly string[] | undefined,
): readonly string[] | undefined {
  if (!follow) return undefined;
  const wanted = new Set<string>();
  const visit = (path: string): void => {
    if (wanted.has(path)) return;
    wanted.add(path);
    let found = [''];
    for (const name of path.split('/')) {
      const fits = /[*?[\\]/.test(name) ? patternForm(name) : undefined;
      found = found.flatMap((directory) => {
        const items = fits ? p.readdir(`${root}/${directory}`) : [{ name }];
        return isErrno(items)
          ? []
          : items
              .filter((item) => item.name !== '.' && item.name !== '..')
              .filter((item) => !fits || fits.test(item.name))
              .map((item) => (directory === '' ? item.name : `${directory}/${item.name}`));
      });
      for (const at of found) {
        const target = p.readlink(`${root}/${at}`);
        if (isErrno(target)) continue;
        const beside = target.startsWith('/') ? target : joinPath(`/${parentOf(`/${at}`)}`, target);
        visit(`${cleanPath(beside).replace(/^\/+/, '')}${path.slice(at.length)}`);
      }
    }
  };
  for (const path of follow) visit(path);
  return [...wanted];
}

function statOf(p: Process, full: string, path: string): FileStat | undefined {
  const stat = p.lstat(full);
  if (isErrno(stat)) return undefined;
  const kind = stat.mode & S_IFMT;
  if (kind !== S_IFDIR && kind !== S_IFLNK && kind !== S_IFREG) return undefined;
  const bits = kind === S_IFDIR ? GO_DIRECTORY : kind === S_IFLNK ? GO_SYMLINK : 0;
  const target = kind === S_IFLNK ? p.readlink(full) : '';
  return {
    path,
    mode: bits + (stat.mode & 0o777),
    size: kind === S_IFREG ? stat.size : 0,
    mtime: stat.mtime + START_OF_TIME * 1_000_000,
    linkname: isErrno(target) ? '' : target,
  };
}

/** The files below a directory, in order, without what the patterns leave out. */
function walk(
  p: Process,
  root: string,
  follow: readonly string[] | undefined,
  exclude: readonly string[],
): FileStat[] {
  const matcher = exclude.length > 0 ? new PatternMatcher(exclude) : undefined;
  const found: FileStat[] = [];
  const below = (directory: string): void => {
    const items = p.readdir(directory === '' ? root : `${root}/${directory}`);
    if (isErrno(items)) return;
    for (const { name } of items.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (name === '.' || name === '..') continue;
      const path = directory === '' ? name : `${directory}/${name}`;
      if (!followed(path, follow)) continue;
      const stat = statOf(p, `${root}/${path}`, path);
      if (!stat) continue;
      const isDirectory = stat.mode >= GO_DIRECTORY;
      const ignored = matcher?.matches(path) ?? false;
      if (ignored && !(isDirectory && matcher?.hasExceptions)) continue;
      const at = found.length;
      found.push(stat);
      if (isDirectory) below(path);
      if (ignored && found.length === at + 1) found.pop();
    }
  };
  below('');
  return found;
}

function walkArchive(
  files: NonNullable<ClientFiles['archive']>,
  follow: readonly string[] | undefined,
  exclude: readonly string[],
): FileStat[] {
  const matcher = new PatternMatcher(exclude);
  return [...files.values()]
    .map(({ stat }) => stat)
    .filter(({ path }) => followed(path, follow) && !matcher.matches(path));
}

function dockerfileStat(
  p: Process,
  { name, bytes }: NonNullable<ClientFiles['dockerfile']>,
): FileStat {
  const mtime = p.now + START_OF_TIME * 1_000_000;
  return { path: name, mode: 0o644, size: bytes.length, mtime, linkname: '' };
}

function* walked(files: ClientFiles, call: ClientCall & { method: 'walk' }): Routine<Answer> {
  const { process: p, dockerfile, archive } = files;
  if (call.name === 'dockerfile' && dockerfile)
    return { reply: { stats: [dockerfileStat(p, dockerfile)] } };
  if (archive && !files.directories.has(call.name))
    return { reply: { stats: walkArchive(archive, call.follow, call.exclude) } };
  const root = files.directories.get(call.name);
  if (root === undefined) return { reply: { stats: [] } };
  return { reply: { stats: walk(p, root, withLinkTargets(p, root, call.follow), call.exclude) } };
}

function* read(files: ClientFiles, call: ClientCall & { method: 'read' }): Routine<Answer> {
  const { dockerfile, archive, directories, process } = files;
  if (call.name === 'dockerfile' && dockerfile) return { reply: {}, bytes: dockerfile.bytes };
  const root = directories.get(call.name);
  const packed = root === undefined ? archive?.get(call.path) : undefined;
  if (packed) return { reply: {}, bytes: packed.bytes };
  const bytes = yield* readFile(process, `${root}/${call.path}`);
  return isErrno(bytes)
    ? { reply: { error: `open ${call.path}: ${bytes.message.toLowerCase()}` } }
    : { reply: {}, bytes };
}

function* secret(files: ClientFiles, id: string): Routine<Answer> {
  const found = files.secrets.get(id);
  const missing = { reply: { error: `secret ${id}: not found` } };
  if (!found) return missing;
  if ('variable' in found) {
    const value = files.process.environment.get(found.variable);
    return value === undefined ? missing : { reply: {}, bytes: encode(value) };
  }
  const bytes = yield* readFile(files.process, found.file);
  return isErrno(bytes) ? missing : { reply: {}, bytes };
}

function* save(p: Process, output: Output, bytes: Uint8Array): Routine<Answer> {
  const { dest = '' } = output.attributes;
  if (output.type === 'local') {
    makeDirectories(p, dest);
    const directory = inodeAtPath(p, dest);
    const entries = readTar(bytes);
    if (!directory?.isDirectory || typeof entries === 'string')
      return { reply: { error: `mkdir ${dest}: not a directory` } };
    applyLayer(directory, entries, 'remove');
    return { reply: {} };
  }
  const failed =
    dest === '' || dest === '-'
      ? yield* writeAll(p, 1, bytes)
      : yield* writeFile(p, dest, bytes, 0o644);
  return { reply: failed ? { error: `open ${dest}: ${failed.message.toLowerCase()}` } : {} };
}

/** Answers what the daemon asks. */
export function* answerCall(
  files: ClientFiles,
  call: ClientCall,
  bytes: Uint8Array,
): Routine<Answer> {
  switch (call.method) {
    case 'walk':
      return yield* walked(files, call);
    case 'read':
      return yield* read(files, call);
    case 'secret':
      return yield* secret(files, call.id);
    case 'ssh':
      return { reply: files.keys.has(call.id) ? {} : { error: 'no such key' } };
    case 'save':
      return yield* save(files.process, call.output, bytes);
  }
}
