// The tests of find(1) that look at a file's name, type, owner, mode, size and times.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFLNK, S_IFMT } from '../../../kernel/files/inode.ts';
import { readAccounts } from '../../libc/accounts.ts';
import { parseDate } from '../../libc/getdate.ts';
import { globPattern } from '../../libc/glob.ts';
import { FILE_TYPES, parseMode } from '../../libc/modes.ts';
import { quoteValue } from '../../libc/quote.ts';
import { baseName } from '../../libc/whole-file.ts';
import { BadExpression, type Found, type Test } from './find-run.ts';

const UNIT_SIZES: Readonly<Record<string, number>> = {
  b: 512,
  c: 1,
  w: 2,
  k: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
};

/** Holds for every file. */
export const always: Test = function* () {
  return true;
};
export const never: Test = function* () {
  return false;
};

/** A test that waits for nothing. */
export function plain(test: (file: Found) => boolean): Test {
  return function* (file) {
    return test(file);
  };
}

/** `+n`, `-n`, `n`: more, less, or just that. */
export function compared(sign: string, value: number, wanted: number): boolean {
  return sign === '+' ? value > wanted : sign === '-' ? value < wanted : value === wanted;
}

/** -name, -path, -lname and those that ignore case. */
export function named(process: Process, name: string, text: string): Test {
  const pattern = globPattern(text, { ignoreCase: name.startsWith('-i') });
  if (name.endsWith('lname')) {
    return plain(({ path, stat }) => {
      const target = (stat.mode & S_IFMT) === S_IFLNK ? process.readlink(path) : undefined;
      return typeof target === 'string' && pattern.test(target);
    });
  }
  if (name.endsWith('path') || name.endsWith('wholename'))
    return plain(({ path }) => pattern.test(path));
  return plain(({ path }) => pattern.test(baseName(path)));
}

/** -type and -xtype. */
export function typed(process: Process, name: string, letters: string): Test {
  const kinds = letters.split(',').map((letter) => {
    const type = FILE_TYPES.find((t) => t.find === letter);
    if (!type) throw new BadExpression(`Unknown argument to ${name}: ${letter}`);
    return type.kind as number;
  });
  if (name === '-type') return plain(({ stat }) => kinds.includes(stat.mode & S_IFMT));
  return plain(({ path, stat }) => {
    const target = process.stat(path);
    return kinds.includes((isErrno(target) ? stat : target).mode & S_IFMT);
  });
}

/** -user and -group. */
export function* owned(process: Process, name: string, text: string): Routine<Test> {
  const accounts = yield* readAccounts(process);
  const user = name === '-user';
  const id = user ? accounts.userByName(text)?.uid : accounts.groupByName(text)?.gid;
  const number = id ?? (/^\d+$/.test(text) ? Number(text) : undefined);
  if (number === undefined) {
    throw new BadExpression(
      user
        ? `${quoteValue(text)} is not the name of a known user`
        : `${quoteValue(text)} is not the name of an existing group`,
    );
  }
  return plain(({ stat }) => (user ? stat.uid : stat.gid) === number);
}

/** -perm. */
export function permitted(text: string): Test {
  const [, sign = '', rest = ''] = /^([-/]?)(.*)$/.exec(text) ?? [];
  const change = parseMode(rest, 0);
  if (!change) throw new BadExpression(`invalid mode ${quoteValue(text)}`);
  const bits = change(0, false);
  return plain(({ stat }) => {
    const mode = stat.mode & 0o7777;
    if (sign === '-') return (mode & bits) === bits;
    return sign === '/' ? bits === 0 || (mode & bits) !== 0 : mode === bits;
  });
}

/** -size. */
export function sized(text: string): Test {
  if (text === '') throw new BadExpression('invalid null argument to -size');
  const last = text.slice(-1);
  if (!/[bcwkMG\d]/.test(last)) throw new BadExpression(`invalid -size type \`${last}'`);
  const match = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(text);
  if (!match) throw new BadExpression(`Invalid argument \`${text}' to -size`);
  const unit = UNIT_SIZES[match[3] || 'b'] ?? 512;
  const wanted = Number(match[2]);
  return plain(({ stat }) => compared(match[1] ?? '', Math.ceil(stat.size / unit), wanted));
}

/** -newer, -anewer, -cnewer, -newerXY and -samefile. */
export function comparedWith(process: Process, name: string, text: string): Test {
  const ours =
    name.startsWith('-a') || name === '-newerat'
      ? 'atime'
      : name.startsWith('-c') || name === '-newerct'
        ? 'ctime'
        : 'mtime';
  if (name.startsWith('-newer') && name.length === 8) {
    const at = parseDate(text, epochMilliseconds(process.now));
    if (at === undefined)
      throw new BadExpression(
        `I cannot figure out how to interpret ${quoteValue(text)} as a date or time`,
      );
    return plain(({ stat }) => epochMilliseconds(stat[ours]) > at);
  }
  const other = process.stat(text);
  if (isErrno(other)) throw new BadExpression(`${quoteValue(text)}: ${other.message}`);
  if (name === '-samefile')
    return plain(({ stat }) => stat.inode === other.inode && stat.device === other.device);
  return plain(({ stat }) => stat[ours] > other.mtime);
}
