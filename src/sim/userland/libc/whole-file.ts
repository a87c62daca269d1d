// Reading and writing a file in one go, and searching directories, for programs that hold a whole file in memory.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { ENOTDIR, type Errno, isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '../../kernel/files/open-file.ts';

/** Every byte of a file. */
export function* readFile(process: Process, path: string): Routine<Uint8Array | Errno> {
  const fd = process.open(path, O_RDONLY);
  if (isErrno(fd)) return fd;
  const bytes = yield* process.readAll(fd);
  process.close(fd);
  return bytes;
}

/** Makes or empties a file and writes `bytes` to it. */
export function* writeFile(
  process: Process,
  path: string,
  bytes: Uint8Array,
  mode = 0o666,
): Routine<Errno | undefined> {
  const fd = process.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (isErrno(fd)) return fd;
  const failure = yield* writeAll(process, fd, bytes);
  process.close(fd);
  return failure;
}

/** Writes all of `bytes`, in as many calls as it takes. */
export function* writeAll(
  process: Process,
  fd: number,
  bytes: Uint8Array,
): Routine<Errno | undefined> {
  let done = 0;
  while (done < bytes.length) {
    const count = yield* process.write(fd, done ? bytes.subarray(done) : bytes);
    if (isErrno(count)) return count;
    done += count;
  }
  return undefined;
}

/** mkdir -p: makes a directory and those above it; what is there already is left. */
export function makeDirectories(process: Process, path: string, mode = 0o777): Errno | undefined {
  const there = process.stat(path);
  if (!isErrno(there)) return (there.mode & S_IFMT) === S_IFDIR ? undefined : ENOTDIR;
  const above = dirName(path);
  const failed = above === path ? undefined : makeDirectories(process, above, mode);
  return failed ?? process.mkdir(path, mode);
}

/** `directory/name`, without a second slash. */
export function joinPath(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** The last component, without trailing slashes (basename(1)). */
export function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === '') return path === '' ? '' : '/';
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** The path without its last component (dirname(1)). */
export function dirName(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === '') return path.startsWith('/') ? '/' : '.';
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return '.';
  return trimmed.slice(0, slash).replace(/\/+$/, '') || '/';
}
