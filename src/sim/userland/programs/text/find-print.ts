// find -printf and -ls.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFLNK, S_IFMT } from '../../../kernel/files/inode.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { FILE_TYPES, modeLetters } from '../../libc/modes.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import type { Main } from '../../libc/stdio.ts';
import { baseName } from '../../libc/whole-file.ts';
import { listTime } from '../coreutils/list-format.ts';
import type { Found, Test } from './find-run.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  '\\': '\\',
  '0': '\0',
  a: '\x07',
  r: '\r',
};
const DIRECTIVE = /%([-+ #0]*)(\d*)(?:\.(\d+))?([AaCcTt]?[a-zA-Z%@+])/g;

/** Makes the action of -printf. */
export function* printFormat(main: Main, format: string): Routine<Test> {
  const accounts = yield* readAccounts(main.process);
  const unescaped = format.replace(/\\(\d{1,3}|.)/g, (_, c: string) =>
    /^[0-7]{2,3}$/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : (ESCAPES[c] ?? `\\${c}`),
  );
  return function* (file) {
    const text = unescaped.replace(
      DIRECTIVE,
      (whole, flags: string, width: string, precision: string | undefined, code: string) => {
        const [letter = '', extra = ''] = /^[ACT].$/.test(code)
          ? [code.charAt(0), code.charAt(1)]
          : [code.charAt(0)];
        const value = directive(main, file, accounts, letter, extra);
        if (value === undefined) return whole;
        const cut = precision === undefined ? value : value.slice(0, Number(precision));
        const padded = flags.includes('-')
          ? cut.padEnd(Number(width))
          : cut.padStart(Number(width), flags.includes('0') ? '0' : ' ');
        return padded + (/^[ACT].$/.test(code) ? '' : code.slice(1));
      },
    );
    yield* main.out.print(text);
    return true;
  };
}

function directive(
  main: Main,
  file: Found,
  accounts: Accounts,
  letter: string,
  extra: string,
): string | undefined {
  const { stat, path, start } = file;
  switch (letter) {
    case '%':
      return '%';
    case 'p':
      return path;
    case 'f':
      return baseName(path);
    case 'h':
      return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
    case 'P':
      return path.slice(start.length).replace(/^\//, '');
    case 'H':
      return start;
    case 'd':
      return String(file.depth);
    case 's':
      return String(stat.size);
    case 'b':
      return String(stat.blocks);
    case 'k':
      return String(stat.blocks / 2);
    case 'm':
      return (stat.mode & 0o7777).toString(8);
    case 'M':
      return modeLetters(stat.mode);
    case 'u':
      return accounts.userById(stat.uid)?.name ?? String(stat.uid);
    case 'g':
      return accounts.groupById(stat.gid)?.name ?? String(stat.gid);
    case 'U':
      return String(stat.uid);
    case 'G':
      return String(stat.gid);
    case 'i':
      return String(stat.inode);
    case 'n':
      return String(stat.nlink);
    case 'D':
      return String(stat.device);
    case 'y':
      return FILE_TYPES.find((type) => type.kind === (stat.mode & S_IFMT))?.find ?? 'U';
    case 'l': {
      const target = (stat.mode & S_IFMT) === S_IFLNK ? main.process.readlink(path) : '';
      return isErrno(target) ? '' : target;
    }
    case 't':
    case 'a':
    case 'c':
      return timeOf(file, letter === 't' ? 'T' : letter.toUpperCase(), 'whole');
    case 'T':
    case 'A':
    case 'C':
      return timeOf(file, letter, extra);
    default:
      return undefined;
  }
}

function timeOf({ stat }: Found, letter: string, form: string): string {
  const at = letter === 'T' ? stat.mtime : letter === 'A' ? stat.atime : stat.ctime;
  const moment = momentOf(epochMilliseconds(at));
  const fraction = `${String(moment.nanoseconds).padStart(9, '0')}0`;
  if (form === '@') return `${moment.seconds}.${fraction}`;
  if (form === '+') return `${strftime('%Y-%m-%d+%H:%M:%S', moment)}.${fraction}`;
  if (form === 'whole') return strftime(`%a %b %e %H:%M:%S.${fraction} %Y`, moment);
  if (form === 'S' || form === 'T' || form === 'X')
    return `${strftime(`%${form}`, moment)}.${fraction}`;
  return strftime(`%${form}`, moment);
}

/** The line of -ls, which is ls -dils. */
export function listLine(main: Main, { path, stat }: Found, accounts: Accounts): string {
  const user = accounts.userById(stat.uid)?.name ?? String(stat.uid);
  const group = accounts.groupById(stat.gid)?.name ?? String(stat.gid);
  const target = (stat.mode & S_IFMT) === S_IFLNK ? main.process.readlink(path) : undefined;
  const link = typeof target === 'string' ? ` -> ${target}` : '';
  const time = listTime(stat.mtime, main.process.now, 'locale');
  const head = `${String(stat.inode).padStart(9)} ${String(stat.blocks / 2).padStart(6)} ${modeLetters(stat.mode)}`;
  return `${head} ${String(stat.nlink).padStart(3)} ${user.padEnd(8)} ${group.padEnd(8)} ${String(stat.size).padStart(8)} ${time} ${path}${link}\n`;
}
