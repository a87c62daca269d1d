// File name generation (bash(1), Pathname Expansion): directory by directory, sorted, hidden names
// only where the pattern says so, `**` with globstar.

import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR } from '../../../kernel/files/inode.ts';
import type { Shell } from '../shell.ts';
import { isPattern, matches, unquotePattern } from './pattern.ts';

/** The names that match a pattern, sorted; none where nothing does. */
export function expandGlob(shell: Shell, pattern: string): string[] {
  const absolute = pattern.startsWith('/');
  const parts = pattern.split(/\/+/).filter((part, i, all) => part !== '' || i === all.length - 1);
  if (absolute && parts.length > 0 && parts[0] === '') parts.shift();
  const found: string[] = [];
  descend(shell, absolute ? '/' : '', parts, 0, found);
  return withoutIgnored(shell, [...new Set(found)]).sort(byBytes);
}

/** GLOBIGNORE: names that match none of its patterns; `.` and `..` never stay. */
function withoutIgnored(shell: Shell, found: string[]): string[] {
  const ignored = shell.value('GLOBIGNORE');
  if (ignored === '') return found;
  const patterns = ignored.split(':').filter((pattern) => pattern !== '');
  return found.filter((path) => !patterns.some((pattern) => matches(path, pattern)));
}

/** The C locale's order. */
export function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function descend(
  shell: Shell,
  base: string,
  parts: readonly string[],
  at: number,
  found: string[],
): void {
  const part = parts[at];
  if (part === undefined) {
    if (base !== '') found.push(base);
    return;
  }
  const last = at === parts.length - 1;
  if (part === '') {
    if (isDirectory(shell, base)) found.push(base.endsWith('/') ? base : `${base}/`);
    return;
  }
  if (part === '**' && shell.shopt('globstar')) {
    everyLevel(shell, base, parts, at, found);
    return;
  }
  if (!isPattern(part)) {
    const path = join(base, unquotePattern(part));
    if (last ? !isErrno(shell.process.lstat(path)) : isDirectory(shell, path)) {
      descend(shell, path, parts, at + 1, found);
    }
    return;
  }
  const ignoreCase = shell.shopt('nocaseglob');
  for (const { name } of entries(shell, base)) {
    if (!visible(shell, name, part) || !matches(name, part, { ignoreCase })) continue;
    const path = join(base, name);
    if (last || isDirectory(shell, path)) descend(shell, path, parts, at + 1, found);
  }
}

/** `**`: this directory and all below; as the last part, all files too. */
function everyLevel(
  shell: Shell,
  base: string,
  parts: readonly string[],
  at: number,
  found: string[],
): void {
  const last = at === parts.length - 1;
  if (!last && !(base === '' && parts[at + 1] === '')) descend(shell, base, parts, at + 1, found);
  else if (base !== '' && base !== '/') found.push(`${base}/`);
  for (const { name, kind } of entries(shell, base)) {
    if (!visible(shell, name, '*')) continue;
    const path = join(base, name);
    if (kind === S_IFDIR) {
      if (last) found.push(path);
      const below: string[] = [];
      everyLevel(shell, path, parts, at, below);
      found.push(...below.filter((entry) => !last || entry !== `${path}/`));
    } else if (last) found.push(path);
  }
}

function visible(shell: Shell, name: string, pattern: string): boolean {
  if (!name.startsWith('.')) return true;
  if (name === '.' || name === '..') return false;
  const dotted = shell.shopt('dotglob') || shell.value('GLOBIGNORE') !== '';
  return dotted || pattern.startsWith('.') || pattern.startsWith('\\.');
}

function entries(shell: Shell, base: string): readonly { name: string; kind: number }[] {
  const list = shell.process.readdir(base === '' ? '.' : base);
  return isErrno(list) ? [] : list;
}

function isDirectory(shell: Shell, path: string): boolean {
  const stat = shell.process.stat(path === '' ? '.' : path);
  return !isErrno(stat) && (stat.mode & 0o170000) === S_IFDIR;
}

function join(base: string, name: string): string {
  return base === '' || base.endsWith('/') ? base + name : `${base}/${name}`;
}
