// File modes in words: the ten letters of ls -l, and the octal and symbolic modes that chmod, mkdir -m, install,
// umask and find -perm understand.

import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../../kernel/files/inode.ts';

/** What a type of file is called by ls, find -type, and stat -c %F. */
export const FILE_TYPES = [
  { kind: S_IFREG, letter: '-', find: 'f', text: 'regular file' },
  { kind: S_IFDIR, letter: 'd', find: 'd', text: 'directory' },
  { kind: S_IFLNK, letter: 'l', find: 'l', text: 'symbolic link' },
  { kind: S_IFCHR, letter: 'c', find: 'c', text: 'character special file' },
  { kind: S_IFBLK, letter: 'b', find: 'b', text: 'block special file' },
  { kind: S_IFIFO, letter: 'p', find: 'p', text: 'fifo' },
  { kind: S_IFSOCK, letter: 's', find: 's', text: 'socket' },
] as const;

/** `-rw-r--r--`. */
export function modeLetters(mode: number): string {
  const type = FILE_TYPES.find((t) => t.kind === (mode & S_IFMT))?.letter ?? '?';
  return type + permissionLetters(mode);
}

/** `rw-r--r--`, with s and t where the set-id and sticky bits are. */
export function permissionLetters(mode: number): string {
  let out = '';
  for (const [shift, special, letter] of [
    [6, 0o4000, 's'],
    [3, 0o2000, 's'],
    [0, 0o1000, 't'],
  ] as const) {
    const bits = (mode >> shift) & 7;
    const x = (bits & 1) !== 0;
    out += (bits & 4 ? 'r' : '-') + (bits & 2 ? 'w' : '-');
    if (mode & special) out += x ? letter : letter.toUpperCase();
    else out += x ? 'x' : '-';
  }
  return out;
}

/** A parsed mode: what it makes of a file's bits. `directory` counts for `X` and for keeping set-id bits. */
export type ModeChange = (before: number, directory: boolean) => number;

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };
const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/;

/** Understands `644`, `u+x,go=rX`, `a=u`. Undefined where it is no mode. `umask` counts where no class is named. */
export function parseMode(text: string, umask: number): ModeChange | undefined {
  if (/^[0-7]+$/.test(text)) {
    const bits = Number.parseInt(text, 8);
    if (bits > 0o7777) return undefined;
    const keep = text.length < 5 ? 0o6000 : 0;
    return (before, directory) => (directory ? bits | (before & keep) : bits);
  }
  if (/^[-+=][0-7]+$/.test(text)) return octalClause(text);
  const changes: ModeChange[] = [];
  for (const clause of text.split(',')) {
    const match = CLAUSE.exec(clause);
    if (!match) return undefined;
    changes.push(clauseChange(match[1] ?? '', match[2] ?? '', umask));
  }
  return (before, directory) => changes.reduce((mode, change) => change(mode, directory), before);
}

function octalClause(text: string): ModeChange | undefined {
  const bits = Number.parseInt(text.slice(1), 8);
  if (bits > 0o7777) return undefined;
  if (text.startsWith('+')) return (before) => before | bits;
  if (text.startsWith('-')) return (before) => before & ~bits;
  return () => bits;
}

function clauseChange(who: string, actions: string, umask: number): ModeChange {
  const named = [...who].reduce((sum, letter) => sum | (WHO[letter] ?? 0), 0);
  const mask = who === '' ? 0o7777 : named;
  const allowed = who === '' ? 0o7777 & ~umask : 0o7777;
  const steps = [...actions.matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g)];
  return (before, directory) => {
    let mode = before & 0o7777;
    for (const [, operator, letters] of steps) {
      const bits = permissionBits(letters ?? '', mode, directory) & mask & allowed;
      if (operator === '+') mode |= bits;
      else if (operator === '-') mode &= ~bits;
      else mode = (mode & ~(mask & (directory ? 0o1777 : 0o7777))) | bits;
    }
    return mode;
  };
}

function permissionBits(letters: string, mode: number, directory: boolean): number {
  if (/^[ugo]$/.test(letters)) {
    const shift = letters === 'u' ? 6 : letters === 'g' ? 3 : 0;
    return ((mode >> shift) & 7) * 0o111;
  }
  let bits = 0;
  for (const letter of letters) {
    if (letter === 'r') bits |= 0o444;
    else if (letter === 'w') bits |= 0o222;
    else if (letter === 'x') bits |= 0o111;
    else if (letter === 'X') bits |= directory || mode & 0o111 ? 0o111 : 0;
    else if (letter === 's') bits |= 0o6000;
    else bits |= 0o1000;
  }
  return bits;
}
