// The expression of find(1): tests, actions and operators, parsed into a tree of routines.

import { DAY, MINUTE } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import { readAccounts } from '../../libc/accounts.ts';
import { quoteValue } from '../../libc/quote.ts';
import { baseName, dirName } from '../../libc/whole-file.ts';
import { compileRegex, isRegexError } from '../../regex/index.ts';
import { listLine, printFormat } from './find-print.ts';
import { BadExpression, batched, type Find, remove, runCommand, type Test } from './find-run.ts';
import {
  always,
  compared,
  comparedWith,
  named,
  never,
  owned,
  permitted,
  plain,
  sized,
  typed,
} from './find-tests.ts';

const COMPARED = /^([-+]?)(\d+)$/;

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
        return named(this.find.main.process, name, this.argument(name));
      case '-regex':
      case '-iregex':
        return this.regex(name, this.argument(name));
      case '-regextype':
        this.argument(name);
        return always;
      case '-type':
      case '-xtype':
        return typed(this.find.main.process, name, this.argument(name));
      case '-maxdepth':
      case '-mindepth':
        return this.depth(name, this.argument(name));
      case '-user':
      case '-group':
        return yield* owned(this.find.main.process, name, this.argument(name));
      case '-perm':
        return permitted(this.argument(name));
      case '-size':
        return sized(this.argument(name));
      case '-newer':
      case '-anewer':
      case '-cnewer':
      case '-newermt':
      case '-newerat':
      case '-newerct':
      case '-samefile':
        return comparedWith(this.find.main.process, name, this.argument(name));
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
