// Copying between file systems as fsutil's copy does: wildcards, directories' contents, owners, modes, times, links;
// archives are unpacked where ADD asks for it. Every path stays below its root.

import type { Process } from '../../kernel/calls/process.ts';
import type { Stat } from '../../kernel/calls/stat.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../kernel/files/inode.ts';
import { writeWholeFile } from '../../containers/containerd/daemon.ts';
import { applyLayer, contentsOf } from '../../containers/images/layer.ts';
import { readTar, type TarEntry } from '../../containers/images/tar.ts';
import { gunzip, isGzip } from '../../userland/libc/gzip.ts';
import { inodeAtPath } from '../daemon/archive.ts';
import { BuildError } from './dockerfile/errors.ts';
import { cleanPath, joinPath, parentOf } from './dockerfile/paths.ts';
import type { CopyAction } from './llb.ts';
import { patternForm, PatternMatcher } from './patterns.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const isDirectory = (stat: Stat): boolean => (stat.mode & S_IFMT) === S_IFDIR;
const isLink = (stat: Stat): boolean => (stat.mode & S_IFMT) === S_IFLNK;

/** A path below a root with its symbolic links followed within the root. */
export function rootPath(p: Process, root: string, path: string, followLast = true): string {
  let at = '';
  const rest = cleanPath(`/${path}`)
    .split('/')
    .filter((part) => part !== '');
  for (let links = 0; rest.length > 0; ) {
    const part = rest.shift() ?? '';
    if (part === '..') {
      at = at === '' ? '' : at.slice(0, at.lastIndexOf('/'));
      continue;
    }
    const next = `${at}/${part}`;
    const target = p.readlink(`${root}${next}`);
    if (isErrno(target) || (rest.length === 0 && !followLast) || ++links > 40) {
      at = next;
      continue;
    }
    if (target.startsWith('/')) at = '';
    rest.unshift(...target.split('/').filter((word) => word !== '' && word !== '.'));
  }
  return `${root}${at}`;
}

/** The sources that a copy means, below their root, sorted. */
export function resolveSources(p: Process, root: string, action: CopyAction): string[] {
  const path = cleanPath(action.source);
  if (!action.wildcard || !/[*?[\\]/.test(path)) return [path];
  let found = [''];
  for (const part of path.split('/').filter((word) => word !== '')) {
    const next: string[] = [];
    const form = /[*?[\\]/.test(part) ? patternForm(part) : undefined;
    for (const directory of found) {
      if (!form) {
        if (!isErrno(p.lstat(`${root}${directory}/${part}`))) next.push(`${directory}/${part}`);
        continue;
      }
      const items = p.readdir(`${root}${directory === '' ? '/' : directory}`);
      if (isErrno(items)) continue;
      for (const { name } of items)
        if (name !== '.' && name !== '..' && form.test(name)) next.push(`${directory}/${name}`);
    }
    found = next;
  }
  return found.sort();
}

/** Makes a directory and those above it; what is new has this owner and mode. */
export function makeAll(p: Process, path: string, owner: Owner | undefined, mode = 0o755): boolean {
  const stat = p.stat(path);
  if (!isErrno(stat)) return isDirectory(stat);
  if (!makeAll(p, parentOf(path), owner, mode)) return false;
  if (p.mkdir(path, mode)) return false;
  p.chmod(path, mode);
  if (owner) p.chown(path, owner.uid, owner.gid);
  return true;
}

/** Octal or symbolic (`u+x,go-w`) modes. */
export function changedMode(chmod: string, mode: number, directory: boolean): number {
  if (/^[0-7]+$/.test(chmod)) return Number.parseInt(chmod, 8);
  let bits = mode & 0o7777;
  for (const clause of chmod.split(',')) {
    const match = /^([ugoa]*)(.*)$/.exec(clause);
    const who = match?.[1] || 'a';
    for (const [, sign = '', letters = ''] of (match?.[2] ?? '').matchAll(/([+=-])([rwxXst]*)/g)) {
      let mask = 0;
      for (const [name, shift] of [
        ['u', 6],
        ['g', 3],
        ['o', 0],
      ] as const) {
        if (!who.includes(name) && !who.includes('a')) continue;
        if (sign === '=') bits &= ~(7 << shift);
        if (letters.includes('r')) mask |= 4 << shift;
        if (letters.includes('w')) mask |= 2 << shift;
        const run =
          letters.includes('x') || (letters.includes('X') && (directory || (mode & 0o111) !== 0));
        if (run) mask |= 1 << shift;
      }
      if (letters.includes('s') && /[ua]/.test(who)) mask |= 0o4000;
      if (letters.includes('s') && /[ga]/.test(who)) mask |= 0o2000;
      if (letters.includes('t')) mask |= 0o1000;
      bits = sign === '-' ? bits & ~mask : bits | mask;
    }
  }
  return bits;
}

class Copier {
  private readonly exclude: PatternMatcher | undefined;
  private readonly include: PatternMatcher | undefined;

  private readonly p: Process;
  private readonly action: CopyAction;
  private readonly owner: Owner | undefined;

  constructor(p: Process, action: CopyAction, owner: Owner | undefined) {
    this.p = p;
    this.action = action;
    this.owner = owner;
    this.exclude = action.exclude.length > 0 ? new PatternMatcher(action.exclude) : undefined;
    this.include = action.include.length > 0 ? new PatternMatcher(action.include) : undefined;
  }

  private wanted(path: string): boolean {
    if (path === '') return true;
    return !this.exclude?.matches(path) && (this.include?.matches(path) ?? true);
  }

  /** Owner, mode and times as the source has them, or as the instruction says. */
  private settle(stat: Stat, target: string): void {
    const { p, owner, action } = this;
    p.chown(target, owner?.uid ?? stat.uid, owner?.gid ?? stat.gid, false);
    if (!isLink(stat)) {
      const mode = stat.mode & 0o7777;
      p.chmod(
        target,
        action.chmod === '' ? mode : changedMode(action.chmod, mode, isDirectory(stat)),
      );
    }
    p.utimes(target, stat.mtime, stat.mtime, false);
  }

  private file(source: string, target: string, stat: Stat): void {
    const { p } = this;
    const before = p.lstat(target);
    if (!isErrno(before)) {
      if (isDirectory(before))
        throw new BuildError(`cannot copy to non-file: ${target.replace(/^.*?\/tmp\/[^/]+/, '')}`);
      p.unlink(target);
    }
    if (isLink(stat)) {
      const link = p.readlink(source);
      if (!isErrno(link)) p.symlink(link, target);
    } else if ((stat.mode & S_IFMT) === S_IFREG) {
      const inode = inodeAtPath(p, source);
      if (!inode || !writeWholeFile(p, target, contentsOf(inode), 0o600))
        throw new BuildError(`failed to copy files: open ${target}: no such file or directory`);
    } else p.mknod(target, stat.mode, stat.rdev);
    this.settle(stat, target);
  }

  /** Copies a file or a tree; `top` is what the instruction names itself. */
  copy(source: string, path: string, target: string, top: boolean): void {
    const { p } = this;
    const stat = p.lstat(source);
    if (isErrno(stat)) throw new BuildError(`lstat ${source}: ${stat.message.toLowerCase()}`);
    if (!isDirectory(stat)) {
      if (!this.wanted(path)) return;
      makeAll(p, parentOf(target), this.owner);
      return void this.file(source, target, stat);
    }
    if (path !== '' && this.exclude?.matches(path) && !this.exclude.hasExceptions) return;
    const before = p.stat(target);
    if (!isErrno(before) && !isDirectory(before))
      throw new BuildError(
        `cannot copy to non-directory: ${target.replace(/^.*?\/buildkit\/tmp\/[^/]+/, '')}`,
      );
    const made = isErrno(before) && (this.wanted(path) || top);
    if (made) makeAll(p, target, this.owner);
    const items = p.readdir(source);
    for (const { name } of isErrno(items) ? [] : items.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (name === '.' || name === '..') continue;
      this.copy(
        `${source}/${name}`,
        path === '' ? name : `${path}/${name}`,
        `${target}/${name}`,
        false,
      );
    }
    if (made || (!top && this.wanted(path))) this.settle(stat, target);
  }
}

function archiveEntries(bytes: Uint8Array): TarEntry[] | undefined {
  const plain = isGzip(bytes) ? gunzip(bytes) : bytes;
  if (typeof plain === 'string' || plain.length < 512) return undefined;
  const entries = readTar(plain);
  return typeof entries === 'string' || entries.length === 0 ? undefined : entries;
}

/** Unpacks an archive into the destination; false where the source is none. */
function unpack(
  p: Process,
  source: string,
  root: string,
  action: CopyAction,
  owner?: Owner,
): boolean {
  const stat = p.stat(source);
  if (isErrno(stat) || (stat.mode & S_IFMT) !== S_IFREG) return false;
  const inode = inodeAtPath(p, source);
  const entries = inode && archiveEntries(contentsOf(inode));
  if (!entries) return false;
  const target = rootPath(p, root, action.destination);
  makeAll(p, target, owner);
  const directory = inodeAtPath(p, target);
  const owned = owner ? entries.map((entry) => ({ ...entry, ...owner })) : entries;
  if (directory) applyLayer(directory, owned, 'remove');
  return true;
}

/** Carries a copy out between two mounted roots. */
export function copyFiles(
  p: Process,
  action: CopyAction,
  from: string,
  to: string,
  owner: Owner | undefined,
): void {
  const destination = action.destination;
  for (const path of resolveSources(p, from, action)) {
    const source = rootPath(p, from, path);
    if (action.unpack && unpack(p, source, to, action, owner)) continue;
    const mode = /^[0-7]+$/.test(action.chmod) ? Number.parseInt(action.chmod, 8) : 0o755;
    const above = destination.endsWith('/') ? destination : parentOf(destination);
    const place = rootPath(p, to, above);
    if (!makeAll(p, place, owner, mode))
      throw new BuildError(`mkdir ${above.replace(/(.)\/$/, '$1')}: not a directory`);
    let target = rootPath(p, to, destination);
    const stat = p.stat(source);
    if (isErrno(stat)) {
      if (!action.required) continue;
      throw new BuildError(`lstat ${path}: ${stat.message.toLowerCase()}`);
    }
    const there = p.stat(target);
    const intoDirectory = !isErrno(there) && isDirectory(there);
    if (isDirectory(stat) ? !action.contentsOnly && !isErrno(there) : intoDirectory)
      target = `${target}/${path.slice(path.lastIndexOf('/') + 1)}`;
    if (action.include.length > 0 && action.required) {
      const wanted = joinPath(path, action.include[0] ?? '');
      if (isErrno(p.lstat(rootPath(p, from, wanted))))
        throw new BuildError(`lstat ${wanted}: no such file or directory`);
    }
    new Copier(p, action, owner).copy(source, '', target, true);
  }
}
