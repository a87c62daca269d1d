// The tests that `[`, `test` and `[[` share: files, strings, variables, options.

import { isErrno } from '../../../kernel/errno.ts';
import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../../../kernel/files/inode.ts';
import { isSetOption } from '../settings.ts';
import type { Shell } from '../shell.ts';
import { scalar } from '../variables.ts';

/** Letters of unary tests. */
export const UNARY = new Set('abcdefghknoprstuvwxzGLNORS'.split('').map((letter) => `-${letter}`));
export const BINARY = new Set([
  '=',
  '==',
  '!=',
  '<',
  '>',
  '-eq',
  '-ne',
  '-lt',
  '-le',
  '-gt',
  '-ge',
  '-nt',
  '-ot',
  '-ef',
]);

const KINDS: Readonly<Record<string, number>> = {
  '-b': S_IFBLK,
  '-c': S_IFCHR,
  '-d': S_IFDIR,
  '-f': S_IFREG,
  '-p': S_IFIFO,
  '-S': S_IFSOCK,
};
const ACCESS: Readonly<Record<string, number>> = { '-r': 4, '-w': 2, '-x': 1 };
const MODE_BITS: Readonly<Record<string, number>> = { '-g': 0o2000, '-k': 0o1000, '-u': 0o4000 };

/** A unary test; undefined for an operator that is none. */
export function unaryTest(shell: Shell, operator: string, operand: string): boolean | undefined {
  const { process } = shell;
  switch (operator) {
    case '-z':
      return operand === '';
    case '-n':
      return operand !== '';
    case '-t':
      return /^\d+$/.test(operand) && process.isTerminal(Number(operand));
    case '-o':
      return isSetOption(operand) && shell.option(operand);
    case '-v':
      return isSet(shell, operand);
    case '-R':
      return shell.variables.findExact(operand)?.reference === true;
    case '-h':
    case '-L': {
      const stat = process.lstat(operand);
      return !isErrno(stat) && (stat.mode & S_IFMT) === S_IFLNK;
    }
  }
  if (operator === '-x' || operator === '-r' || operator === '-w') {
    return process.access(operand, ACCESS[operator] ?? 0) === undefined;
  }
  return UNARY.has(operator) ? statTest(shell, operator, operand) : undefined;
}

function statTest(shell: Shell, operator: string, path: string): boolean {
  const stat = shell.process.stat(path);
  if (isErrno(stat)) return false;
  const kind = KINDS[operator];
  if (kind !== undefined) return (stat.mode & S_IFMT) === kind;
  const bit = MODE_BITS[operator];
  if (bit !== undefined) return (stat.mode & bit) !== 0;
  switch (operator) {
    case '-s':
      return stat.size > 0;
    case '-O':
      return stat.uid === shell.process.euid;
    case '-G':
      return stat.gid === shell.process.egid;
    case '-N':
      return stat.mtime > stat.atime;
    default:
      return true;
  }
}

function isSet(shell: Shell, name: string): boolean {
  const parts = /^(\w+)\[(.*)\]$/s.exec(name);
  if (!parts) return shell.parameter(name) !== undefined;
  const variable = shell.variables.find(parts[1] ?? '');
  const index = parts[2] ?? '';
  if (index === '@' || index === '*') return (variable?.array ?? variable?.table)?.size !== 0;
  if (variable?.table) return variable.table.has(index);
  if (variable?.array) return variable.array.has(Number(index));
  return index === '0' && scalar(variable) !== undefined;
}

/** -nt, -ot, -ef; undefined for other operators. */
export function fileComparison(
  shell: Shell,
  operator: string,
  left: string,
  right: string,
): boolean | undefined {
  if (operator !== '-nt' && operator !== '-ot' && operator !== '-ef') return undefined;
  const a = shell.process.stat(left);
  const b = shell.process.stat(right);
  if (operator === '-ef') {
    return !isErrno(a) && !isErrno(b) && a.inode === b.inode && a.device === b.device;
  }
  const [newer, older] = operator === '-nt' ? [a, b] : [b, a];
  if (isErrno(newer)) return false;
  return isErrno(older) || newer.mtime > older.mtime;
}
