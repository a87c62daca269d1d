// Path resolution (path_resolution(7)): from a path to a place, through symlinks, mounts, `..` and search
// permission of every directory on the way.

import { limits } from '../../core/limits.ts';
import { EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, type Errno, isErrno } from '../errno.ts';
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, capableOver } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from './inode.ts';
import { type Location, parentOf, uncovered } from './mount.ts';

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

/** The last step of a path: the directory, the name in it, and what is there now (seen through mounts). */
export interface LastStep {
  readonly directory: Location;
  readonly name: string;
  readonly found: Location | undefined;
  /** The path ended in `/` (or `.`): only a directory will do. */
  readonly mustBeDirectory: boolean;
}

/** EACCES where `task` may not do `wanted` (MAY_*) to an inode: mode bits, then the capabilities that override. */
export function permission(task: Task, inode: Inode, wanted: number): Errno | undefined {
  const who = task.credentials;
  let bits = inode.mode & 7;
  if (who.fsuid === inode.uid) bits = (inode.mode >> 6) & 7;
  else if (who.fsgid === inode.gid || who.groups.includes(inode.gid)) bits = (inode.mode >> 3) & 7;
  if ((bits & wanted) === wanted) return undefined;
  if (capableOver(task, inode, CAP_DAC_OVERRIDE)) {
    const needsX = (wanted & MAY_EXEC) !== 0 && !inode.isDirectory;
    if (!needsX || (inode.mode & 0o111) !== 0) return undefined;
  }
  const readOnly = wanted === MAY_READ || (inode.isDirectory && (wanted & MAY_WRITE) === 0);
  if (readOnly && capableOver(task, inode, CAP_DAC_READ_SEARCH)) return undefined;
  return EACCES;
}

const SLASH = 0x2f;

interface Walk {
  readonly task: Task;
  links: number;
}

/** The place that a path names. `followLast`: a symlink at the end is followed. */
export function resolve(
  task: Task,
  path: string,
  followLast = true,
  from?: Location,
): Location | Errno {
  const walk: Walk = { task, links: 0 };
  const last = walkTo(walk, path, from, followLast);
  if (isErrno(last)) return last;
  if (!last.found) return ENOENT;
  if (last.mustBeDirectory && !last.found.inode.isDirectory) return ENOTDIR;
  return last.found;
}

/** The directory and name that a path ends in, for calls that make or remove entries. */
export function resolveLast(
  task: Task,
  path: string,
  followLast = false,
  from?: Location,
): LastStep | Errno {
  return walkTo({ task, links: 0 }, path, from, followLast);
}

function walkTo(
  walk: Walk,
  path: string,
  from: Location | undefined,
  followLast: boolean,
): LastStep | Errno {
  if (path === '') return ENOENT;
  if (path.length >= limits.pathBytes) return ENAMETOOLONG;
  const { task } = walk;
  let at: Location = path.charCodeAt(0) === SLASH ? task.fs.root : (from ?? task.fs.cwd);
  const names = namesOf(path);
  const mustBeDirectory =
    path.charCodeAt(path.length - 1) === SLASH || names[names.length - 1] === '.';
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (!at.inode.isDirectory) return ENOTDIR;
    if (name.length > limits.nameBytes) return ENAMETOOLONG;
    const refused = permission(task, at.inode, MAY_EXEC);
    if (refused) return refused;
    const isLast = i === names.length - 1;
    let found = entryOf(task, at, name);
    if (found?.inode.isSymlink && (!isLast || followLast || mustBeDirectory)) {
      const led = followLink(walk, at, name, found);
      if (isErrno(led)) return led;
      if (isLast) return { ...led, mustBeDirectory };
      found = led.found;
    } else if (isLast) return { directory: at, name, found, mustBeDirectory };
    if (!found) return ENOENT;
    at = found;
  }
  return { directory: at, name: '.', found: at, mustBeDirectory: true };
}

/** Paths taken apart. Their names are one string each wherever they come from: hashed once, and found by being the same. */
const takenApart = new Map<string, readonly string[]>();
const knownNames = new Map<string, string>();
const KNOWN_PATHS = 2048;
const KNOWN_NAMES = 8192;

/** The names of a path, without what lies between slashes that follow one another. */
function namesOf(path: string): readonly string[] {
  const known = takenApart.get(path);
  if (known) return known;
  const names: string[] = [];
  for (let start = 0; start < path.length; ) {
    const slash = path.indexOf('/', start);
    const stop = slash < 0 ? path.length : slash;
    if (stop > start) names.push(sameName(path.slice(start, stop)));
    start = stop + 1;
  }
  if (takenApart.size >= KNOWN_PATHS) takenApart.clear();
  takenApart.set(path, names);
  return names;
}

function sameName(name: string): string {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  if (knownNames.size >= KNOWN_NAMES) knownNames.clear();
  knownNames.set(name, name);
  return name;
}

/** What a name in a directory stands for, seen through mounts; undefined where there is nothing. */
function entryOf(task: Task, at: Location, name: string): Location | undefined {
  if (name === '.') return at;
  if (name === '..') {
    const { root } = task.fs;
    return at.inode === root.inode && at.mount === root.mount ? at : parentOf(at);
  }
  const inode = at.inode.lookup(name, task);
  return inode && uncovered({ mount: at.mount, inode, directory: at.inode, name });
}

/** Where a symlink leads: to the last step of its target's path, or by itself (/proc/PID/fd and its like). */
function followLink(walk: Walk, at: Location, name: string, link: Location): LastStep | Errno {
  if (++walk.links > limits.symlinks) return ELOOP;
  const magic = link.inode.follow(walk.task);
  if (isErrno(magic)) return magic;
  if (magic !== undefined) return { directory: at, name, found: magic, mustBeDirectory: false };
  const target = link.inode.readlink(walk.task);
  return isErrno(target) ? target : walkTo(walk, target, at, true);
}
