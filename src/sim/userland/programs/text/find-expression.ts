// The expression of find(1): tests, actions and operators, parsed into a tree of routines.

import { DAY, epochMilliseconds, MINUTE } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Stat } from '../../../kernel/calls/stat.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import { readAccounts } from '../../libc/accounts.ts';
import { parseDate } from '../../libc/getdate.ts';
import { globPattern } from '../../libc/glob.ts';
import { FILE_TYPES, parseMode } from '../../libc/modes.ts';
import { quoteValue } from '../../libc/quote.ts';
import { spawn, waitFor } from '../../libc/spawn.ts';
import type { Main } from '../../libc/stdio.ts';
import { baseName, dirName } from '../../libc/whole-file.ts';
import { compileRegex, isRegexError } from '../../regex/index.ts';
import { listLine, printFormat } from './find-print.ts';

/** A file that is being looked at. */
export interface Found {
  readonly path: string;
  readonly stat: Stat;
  readonly depth: number;
  /** The starting point it was found under. */
  readonly start: string;
}

/** A run of find. */
export interface Find {
  readonly main: Main;
  /** -prune: the directory is not to be entered. */
  pruned: boolean;
  quit: boolean;
  status: number;
  depthFirst: boolean;
  least: number;
  most: number;
  oneDevice: boolean;
  follow: boolean;
  /** What is left to do at the end: -exec … +. */
  readonly finish: (() => Routine<void>)[];
}

export type Test = (file: Found) => Routine<boolean>;

/** Thrown while parsing; the text after `find: `. */
export class BadExpression extends Error {}

const COMPARED = /^([-+]?)(\d+)$/;

const UNIT_SIZES: Readonly<Record<string, number>> = {
  b: 512,
  c: 1,
  w: 2,
  k: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
};

const NO_ARGUMENT = [
  '-print',
  '-print0',
  '-ls',
  '-delete',
  '-prune',
  '-quit',
  '-true',
  '-false',
  '-empty',
  '-depth',
  '-d',
  '-mount',
  '-xdev',
  '-readable',
  '-writable',
  '-executable',
  '-nouser',
  '-nogroup',
  '-follow',
  '-noleaf',
  '-daystart',
  '-ignore_readdir_race',
  '-warn',
  '-nowarn',
];

export class ExpressionParser {
  private readonly words: readonly string[];
  private readonly find: Find;
  private at = 0;
  /** An action was named: no -print is added. */
  acts = false;

  constructor(words: readonly string[], find: Find) {
    this.words = words;
    this.find = find;
  }

  *parse(): Routine<Test> {
    if (this.words.length === 0) return always;
    const test = yield* this.list();
    const word = this.words[this.at];
    if (word === ')') throw new BadExpression("invalid expression; you have too many ')'");
    return test;
  }

  private *list(): Routine<Test> {
    let left = yield* this.or();
    while (this.words[this.at] === ',') {
      this.at++;
      const [a, b] = [left, yield* this.or()];
      left = function* (file) {
        yield* a(file);
        return yield* b(file);
      };
    }
    return left;
  }

  private *or(): Routine<Test> {
    let left = yield* this.and();
    while (['-o', '-or'].includes(this.words[this.at] ?? '')) {
      const operator = this.words[this.at++] ?? '';
      if (this.at >= this.words.length) {
        throw new BadExpression(`expected an expression after '${operator}'`);
      }
      const [a, b] = [left, yield* this.and()];
      left = function* (file) {
        return (yield* a(file)) || (yield* b(file));
      };
    }
    return left;
  }

  private *and(): Routine<Test> {
    let left = yield* this.not();
    for (;;) {
      const word = this.words[this.at];
      if (word === undefined || [')', '-o', '-or', ','].includes(word)) return left;
      if (word === '-a' || word === '-and') this.at++;
      const [a, b] = [left, yield* this.not()];
      left = function* (file) {
        return (yield* a(file)) && (yield* b(file));
      };
    }
  }

  private *not(): Routine<Test> {
    const word = this.words[this.at];
    if (word === '!' || word === '-not') {
      this.at++;
      const inner = yield* this.not();
      return function* (file) {
        return !(yield* inner(file));
      };
    }
    if (word === '(') {
      this.at++;
      if (this.words[this.at] === ')')
        throw new BadExpression('invalid expression; empty parentheses are not allowed.');
      const inner = yield* this.list();
      if (this.words[this.at++] !== ')') {
        throw new BadExpression(
          "invalid expression; I was expecting to find a ')' somewhere but did not see one.",
        );
      }
      return inner;
    }
    return yield* this.primary();
  }

  private argument(name: string): string {
    const word = this.words[this.at];
    if (word === undefined) throw new BadExpression(`missing argument to \`${name}'`);
    this.at++;
    return word;
  }

  private *primary(): Routine<Test> {
    const name = this.words[this.at++] ?? '';
    if (!name.startsWith('-')) {
      throw new BadExpression(`paths must precede expression: \`${name}'`);
    }
    if (NO_ARGUMENT.includes(name)) return yield* this.simple(name);
    switch (name) {
      case '-exec':
      case '-execdir':
      case '-ok':
      case '-okdir':
        return this.exec(name);
      case '-name':
      case '-iname':
      case '-path':
      case '-wholename':
      case '-ipath':
      case '-iwholename':
      case '-lname':
      case '-ilname':
        return this.named(name, this.argument(name));
      case '-regex':
      case '-iregex':
        return this.regex(name, this.argument(name));
      case '-regextype':
        this.argument(name);
        return always;
      case '-type':
      case '-xtype':
        return this.type(name, this.argument(name));
      case '-maxdepth':
      case '-mindepth':
        return this.depth(name, this.argument(name));
      case '-user':
      case '-group':
        return yield* this.owner(name, this.argument(name));
      case '-perm':
        return this.permission(this.argument(name));
      case '-size':
        return this.size(this.argument(name));
      case '-newer':
      case '-anewer':
      case '-cnewer':
      case '-newermt':
      case '-newerat':
      case '-newerct':
      case '-samefile':
        return this.reference(name, this.argument(name));
      case '-printf': {
        this.acts = true;
        return yield* printFormat(this.find.main, this.argument(name));
      }
      default:
        return this.number(name);
    }
  }

  private *simple(name: string): Routine<Test> {
    const { find } = this;
    const { main } = find;
    const { process, out } = main;
    switch (name) {
      case '-print':
      case '-print0': {
        this.acts = true;
        const end = name === '-print' ? '\n' : '\0';
        return function* ({ path }) {
          yield* out.print(path + end);
          return true;
        };
      }
      case '-ls': {
        this.acts = true;
        const accounts = yield* readAccounts(process);
        return function* (file) {
          yield* out.print(listLine(main, file, accounts));
          return true;
        };
      }
      case '-delete':
        this.acts = true;
        find.depthFirst = true;
        return (file) => remove(find, file);
      case '-prune':
        return function* () {
          find.pruned = true;
          return true;
        };
      case '-quit':
        this.acts = true;
        return function* () {
          find.quit = true;
          return true;
        };
      case '-false':
        return never;
      case '-depth':
      case '-d':
        find.depthFirst = true;
        return always;
      case '-mount':
      case '-xdev':
        find.oneDevice = true;
        return always;
      case '-follow':
        find.follow = true;
        return always;
      case '-empty':
        return plain(({ path, stat }) => {
          if ((stat.mode & S_IFMT) === S_IFREG) return stat.size === 0;
          const items = (stat.mode & S_IFMT) === S_IFDIR ? process.readdir(path) : undefined;
          return items !== undefined && !isErrno(items) && items.length === 0;
        });
      case '-readable':
        return plain(({ path }) => process.access(path, 4) === undefined);
      case '-writable':
        return plain(({ path }) => process.access(path, 2) === undefined);
      case '-executable':
        return plain(({ path }) => process.access(path, 1) === undefined);
      case '-nouser':
      case '-nogroup': {
        const accounts = yield* readAccounts(process);
        return plain(({ stat }) =>
          name === '-nouser' ? !accounts.userById(stat.uid) : !accounts.groupById(stat.gid),
        );
      }
      default:
        return always;
    }
  }

  private named(name: string, text: string): Test {
    const pattern = globPattern(text, { ignoreCase: name.startsWith('-i') });
    const { process } = this.find.main;
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

  private regex(name: string, text: string): Test {
    const type = this.words.indexOf('-regextype');
    const extended = type >= 0 && /extended|egrep|awk/.test(this.words[type + 1] ?? '');
    const regex = compileRegex(text, {
      syntax: extended ? 'extended' : 'basic',
      ignoreCase: name === '-iregex',
    });
    if (isRegexError(regex))
      throw new BadExpression(`failed to compile regular expression '${text}': ${regex.error}`);
    return plain(({ path }) => regex.matchAt(path, 0)?.end === path.length);
  }

  private type(name: string, letters: string): Test {
    const kinds = letters.split(',').map((letter) => {
      const type = FILE_TYPES.find((t) => t.find === letter);
      if (!type) throw new BadExpression(`Unknown argument to ${name}: ${letter}`);
      return type.kind as number;
    });
    const { process } = this.find.main;
    if (name === '-type') return plain(({ stat }) => kinds.includes(stat.mode & S_IFMT));
    return plain(({ path, stat }) => {
      const target = process.stat(path);
      return kinds.includes((isErrno(target) ? stat : target).mode & S_IFMT);
    });
  }

  private depth(name: string, text: string): Test {
    if (!/^\d+$/.test(text)) {
      throw new BadExpression(
        `Expected a positive decimal integer argument to ${name}, but got ${quoteValue(text)}`,
      );
    }
    if (name === '-maxdepth') this.find.most = Number(text);
    else this.find.least = Number(text);
    return always;
  }

  private *owner(name: string, text: string): Routine<Test> {
    const accounts = yield* readAccounts(this.find.main.process);
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

  private permission(text: string): Test {
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

  private size(text: string): Test {
    const match = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(text);
    if (!match) throw new BadExpression(`Invalid argument \`${text}' to -size`);
    const unit = UNIT_SIZES[match[3] || 'b'] ?? 512;
    const wanted = Number(match[2]);
    return plain(({ stat }) => compared(match[1] ?? '', Math.ceil(stat.size / unit), wanted));
  }

  private reference(name: string, text: string): Test {
    const { process } = this.find.main;
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

  private number(name: string): Test {
    const times: Readonly<Record<string, readonly ['atime' | 'mtime' | 'ctime', number]>> = {
      '-mtime': ['mtime', DAY],
      '-atime': ['atime', DAY],
      '-ctime': ['ctime', DAY],
      '-mmin': ['mtime', MINUTE],
      '-amin': ['atime', MINUTE],
      '-cmin': ['ctime', MINUTE],
    };
    const time = times[name];
    if (!time && !['-links', '-inum', '-uid', '-gid'].includes(name)) {
      throw new BadExpression(`unknown predicate \`${name}'`);
    }
    const text = this.argument(name);
    const match = COMPARED.exec(text);
    if (!match) throw new BadExpression(`invalid argument \`${text}' to \`${name}'`);
    const [, sign = '', digits] = match;
    const wanted = Number(digits);
    const { process } = this.find.main;
    if (time) {
      const [field, unit] = time;
      return plain(({ stat }) => {
        const age = (process.now - stat[field]) / unit;
        const whole = unit === MINUTE ? Math.ceil(age) : Math.floor(age);
        return compared(sign, whole, wanted);
      });
    }
    const key = ({ '-links': 'nlink', '-inum': 'inode', '-uid': 'uid', '-gid': 'gid' } as const)[
      name as '-links'
    ];
    return plain(({ stat }) => compared(sign, stat[key], wanted));
  }

  private exec(name: string): Test {
    const { find } = this;
    const from = this.at;
    let end = from;
    while (end < this.words.length && this.words[end] !== ';') {
      if (this.words[end] === '+' && this.words[end - 1] === '{}' && end > from) break;
      end++;
    }
    if (end >= this.words.length || end === from)
      throw new BadExpression(`missing argument to \`${name}'`);
    const argv = this.words.slice(from, end);
    this.at = end + 1;
    this.acts = true;
    const batch = this.words[end] === '+';
    const directory = name.endsWith('dir');
    if (batch) return batched(find, argv.slice(0, -1));
    return function* ({ path }) {
      const shown = directory ? `./${baseName(path)}` : path;
      if (name.startsWith('-ok')) {
        yield* find.main.out.flush();
        find.main.err.put(`< ${argv[0]} ... ${path} > ? `);
        yield* find.main.err.flush();
        if (!/^[yY]/.test((yield* find.main.input.line()) ?? '')) return false;
      }
      return (
        (yield* runCommand(
          find,
          argv.map((word) => word.replaceAll('{}', shown)),
          directory ? dirName(path) : undefined,
        )) === 0
      );
    };
  }
}

const always: Test = function* () {
  return true;
};
const never: Test = function* () {
  return false;
};

function plain(test: (file: Found) => boolean): Test {
  return function* (file) {
    return test(file);
  };
}

function compared(sign: string, value: number, wanted: number): boolean {
  return sign === '+' ? value > wanted : sign === '-' ? value < wanted : value === wanted;
}

function* remove(find: Find, { path, stat }: Found): Routine<boolean> {
  const { process } = find.main;
  if (path === '.') return true;
  const directory = (stat.mode & S_IFMT) === S_IFDIR;
  const failure = directory ? process.rmdir(path) : process.unlink(path);
  if (!failure) return true;
  yield* find.main.out.flush();
  yield* find.main.fail(`cannot delete ${quoteValue(path)}: ${failure.message}`);
  find.status = 1;
  return false;
}

function* runCommand(find: Find, argv: readonly string[], directory?: string): Routine<number> {
  const { main } = find;
  yield* main.out.flush();
  const pid = spawn(main.process, argv, {
    prepare: (child) => {
      if (directory !== undefined) child.chdir(directory);
    },
    *failed(_child, error) {
      yield* main.fail(`${quoteValue(argv[0] ?? '')}: ${error.message}`);
      return 1;
    },
  });
  if (isErrno(pid)) {
    yield* main.fail(`cannot fork: ${pid.message}`);
    return 1;
  }
  const ended = yield* waitFor(main.process, pid);
  return ended.signal ? 128 + ended.signal : ended.code;
}

/** -exec … +: paths are gathered and given together, at the end or when there are very many. */
function batched(find: Find, argv: readonly string[]): Test {
  let paths: string[] = [];
  const run = function* (): Routine<void> {
    if (paths.length === 0) return;
    const list = paths;
    paths = [];
    if (yield* runCommand(find, [...argv, ...list])) find.status = 1;
  };
  find.finish.push(run);
  return function* ({ path }) {
    paths.push(path);
    if (paths.length >= 5000) yield* run();
    return true;
  };
}
