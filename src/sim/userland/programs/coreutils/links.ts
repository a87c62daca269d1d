// ln, link, readlink, realpath.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { ELOOP, ENOENT, ENOTDIR, type Errno, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../../../kernel/files/inode.ts';
import { quoteAlways, quoteName } from '../../libc/quote.ts';
import { baseName, dirName, joinPath } from '../../libc/whole-file.ts';
import { type Command, extraOperand, gnu } from './gnu.ts';
import { confirm } from './remove.ts';

/** Which components must exist: all, all but the last, none. */
export type MustExist = 'all' | 'parents' | 'none';

/** canonicalize_filename_mode(): the absolute path without symlinks, `.` and `..`. */
export function canonicalize(process: Process, path: string, must: MustExist): string | Errno {
  if (path === '') return ENOENT;
  const cwd = process.getcwd();
  if (!path.startsWith('/') && isErrno(cwd)) return cwd;
  let done = path.startsWith('/') || isErrno(cwd) ? '/' : cwd;
  const left = path.split('/').reverse();
  let links = 0;
  while (left.length > 0) {
    const name = left.pop() ?? '';
    const lastOne = left.every((part) => part === '');
    if (name === '' || name === '.') continue;
    if (name === '..') {
      done = dirName(done);
      continue;
    }
    const next = joinPath(done, name);
    const stat = process.lstat(next);
    if (isErrno(stat)) {
      const tolerable = must === 'none' || (must === 'parents' && lastOne && stat === ENOENT);
      if (!tolerable) return stat;
      done = next;
      continue;
    }
    const kind = stat.mode & S_IFMT;
    if (kind === S_IFLNK) {
      if (++links > 40) {
        if (must !== 'none') return ELOOP;
        done = next;
        continue;
      }
      const target = process.readlink(next);
      if (isErrno(target)) return target;
      if (target.startsWith('/')) done = '/';
      left.push(...target.split('/').reverse());
      continue;
    }
    if (kind !== S_IFDIR && left.length > 0 && must !== 'none') return ENOTDIR;
    done = next;
  }
  return done;
}

export const readlink = gnu(
  {
    name: 'readlink',
    usage: ['[OPTION]... FILE...'],
    options: [
      { key: 'f', short: 'f', long: 'canonicalize' },
      { key: 'e', short: 'e', long: 'canonicalize-existing' },
      { key: 'm', short: 'm', long: 'canonicalize-missing' },
      { key: 'n', short: 'n', long: 'no-newline' },
      { key: 'q', short: 'qs', long: 'quiet silent' },
      { key: 'v', short: 'v', long: 'verbose' },
      { key: 'z', short: 'z', long: 'zero' },
    ],
  },
  function* (command) {
    const { process, options, operands, out } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    if (options.has('n') && operands.length > 1) {
      yield* command.fail('ignoring --no-newline with multiple arguments');
    }
    const mode = options.last('f', 'e', 'm');
    const must = mode === 'e' ? 'all' : mode === 'm' ? 'none' : 'parents';
    const end = options.has('z') ? '\0' : options.has('n') && operands.length === 1 ? '' : '\n';
    let status = 0;
    for (const path of operands) {
      const answer = mode ? canonicalize(process, path, must) : process.readlink(path);
      if (isErrno(answer)) {
        status = 1;
        if (options.last('v', 'q') === 'v') yield* command.fileError(path, answer);
      } else yield* out.print(answer + end);
    }
    return status;
  },
);

export const realpath = gnu(
  {
    name: 'realpath',
    usage: ['[OPTION]... FILE...'],
    options: [
      { key: 'e', short: 'e', long: 'canonicalize-existing' },
      { key: 'm', short: 'm', long: 'canonicalize-missing' },
      { key: 'L', short: 'L', long: 'logical' },
      { key: 'P', short: 'P', long: 'physical' },
      { key: 'q', short: 'q', long: 'quiet' },
      { key: 'relative', long: 'relative-to', argument: 'required' },
      { key: 'base', long: 'relative-base', argument: 'required' },
      { key: 's', short: 's', long: 'strip no-symlinks' },
      { key: 'z', short: 'z', long: 'zero' },
    ],
  },
  function* (command) {
    const { process, options, operands, out } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    const must = options.has('e') ? 'all' : options.has('m') ? 'none' : 'parents';
    const find = (path: string): string | Errno =>
      options.last('s', 'P') === 's' ? lexical(process, path) : canonicalize(process, path, must);
    const to = options.value('relative') ?? options.value('base');
    const anchor = to === undefined ? undefined : find(to);
    if (isErrno(anchor)) {
      yield* command.fileError(to ?? '', anchor);
      return 1;
    }
    const baseOption = options.value('base');
    const base = baseOption === undefined ? undefined : find(baseOption);
    let status = 0;
    for (const path of operands) {
      const answer = find(path);
      if (isErrno(answer)) {
        status = 1;
        if (!options.has('q')) yield* command.fileError(path, answer);
        continue;
      }
      const outside = typeof base === 'string' && !`${answer}/`.startsWith(`${base}/`);
      const text = anchor === undefined || outside ? answer : relativePath(anchor, answer);
      yield* out.print(text + (options.has('z') ? '\0' : '\n'));
    }
    return status;
  },
);

function lexical(process: Process, path: string): string | Errno {
  const cwd = process.getcwd();
  if (isErrno(cwd)) return cwd;
  const kept: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** The way from one absolute directory to another name. */
export function relativePath(from: string, to: string): string {
  const a = from.split('/').filter(Boolean);
  const b = to.split('/').filter(Boolean);
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/') || '.';
}

export const ln = gnu(
  {
    name: 'ln',
    usage: [
      '[OPTION]... [-T] TARGET LINK_NAME',
      '[OPTION]... TARGET',
      '[OPTION]... TARGET... DIRECTORY',
      '[OPTION]... -t DIRECTORY TARGET...',
    ],
    options: [
      { key: 's', short: 's', long: 'symbolic' },
      { key: 'f', short: 'f', long: 'force' },
      { key: 'i', short: 'i', long: 'interactive' },
      { key: 'n', short: 'n', long: 'no-dereference' },
      { key: 'L', short: 'L', long: 'logical' },
      { key: 'P', short: 'P', long: 'physical' },
      { key: 'r', short: 'r', long: 'relative' },
      { key: 'target', short: 't', long: 'target-directory', argument: 'required' },
      { key: 'T', short: 'T', long: 'no-target-directory' },
      { key: 'v', short: 'v', long: 'verbose' },
      { key: 'd', short: 'dF', long: 'directory' },
    ],
    missing: [
      { key: 'b', short: 'b' },
      { key: 'backup', long: 'backup', argument: 'optional' },
      { key: 'S', short: 'S', long: 'suffix', argument: 'required' },
    ],
  },
  function* (command) {
    const { process, options, operands } = command;
    const [first] = operands;
    if (first === undefined) return yield* command.usage('missing file operand');
    const given = options.value('target');
    if (options.has('T')) {
      const [, name, extra] = operands;
      if (name === undefined) {
        return yield* command.usage(`missing destination file operand after ${quoteAlways(first)}`);
      }
      if (extra !== undefined) return yield* extraOperand(command, extra);
      return (yield* makeLink(command, first, name)) ? 0 : 1;
    }
    if (given === undefined && operands.length === 1) {
      return (yield* makeLink(command, first, baseName(first))) ? 0 : 1;
    }
    const last = given ?? operands.at(-1) ?? '';
    const stat = options.has('n') ? process.lstat(last) : process.stat(last);
    const directory = !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR;
    const targets = given === undefined ? operands.slice(0, -1) : operands;
    if (!directory && (given !== undefined || targets.length > 1)) {
      const why = isErrno(stat) ? stat : ENOTDIR;
      yield* command.fail(`target ${quoteAlways(last)}: ${why.message}`);
      return 1;
    }
    let status = 0;
    for (const target of targets) {
      const name = directory ? joinPath(last, baseName(target)) : last;
      if (!(yield* makeLink(command, target, name))) status = 1;
    }
    return status;
  },
);

function* makeLink(command: Command, target: string, name: string): Routine<boolean> {
  const { process, options } = command;
  const symbolic = options.has('s');
  if (!symbolic) {
    const stat = process.lstat(target);
    if (isErrno(stat)) {
      yield* command.fail(`failed to access ${quoteAlways(target)}: ${stat.message}`);
      return false;
    }
    if ((stat.mode & S_IFMT) === S_IFDIR) {
      yield* command.fail(`${quoteName(target)}: hard link not allowed for directory`);
      return false;
    }
  }
  const force = options.last('f', 'i');
  const existing = process.lstat(name);
  if (force && !isErrno(existing)) {
    if ((existing.mode & S_IFMT) === S_IFDIR) {
      yield* command.fail(`${quoteName(name)}: cannot overwrite directory`);
      return false;
    }
    if (force === 'i' && !(yield* confirm(command, `replace ${quoteAlways(name)}? `))) return true;
    const source = process.stat(target);
    if (
      !symbolic &&
      !isErrno(source) &&
      source.inode === existing.inode &&
      source.device === existing.device
    ) {
      yield* command.fail(`${quoteAlways(target)} and ${quoteAlways(name)} are the same file`);
      return false;
    }
    process.unlink(name);
  }
  const to = symbolic && options.has('r') ? relativeTarget(process, target, name) : target;
  const failure = symbolic ? process.symlink(to, name) : linkTo(command, target, name);
  if (failure) {
    const what = symbolic ? 'symbolic' : 'hard';
    const arrow = !symbolic && failure.name !== 'EEXIST' ? ` => ${quoteAlways(target)}` : '';
    yield* command.fail(
      `failed to create ${what} link ${quoteAlways(name)}${arrow}: ${failure.message}`,
    );
    return false;
  }
  if (options.has('v')) {
    yield* command.out.print(`${quoteAlways(name)} ${symbolic ? '->' : '=>'} ${quoteAlways(to)}\n`);
  }
  return true;
}

function linkTo({ process, options }: Command, target: string, name: string): Errno | undefined {
  if (options.last('L', 'P') !== 'L') return process.link(target, name);
  const real = process.realpath(target);
  return isErrno(real) ? real : process.link(real, name);
}

function relativeTarget(process: Process, target: string, name: string): string {
  const directory = canonicalize(process, dirName(name), 'none');
  const to = canonicalize(process, target, 'none');
  return isErrno(directory) || isErrno(to) ? target : relativePath(directory, to);
}

export const link = gnu({ name: 'link', usage: ['FILE1 FILE2', 'OPTION'] }, function* (command) {
  const [from, to, extra] = command.operands;
  if (from === undefined) return yield* command.usage('missing operand');
  if (to === undefined) return yield* command.usage(`missing operand after ${quoteAlways(from)}`);
  if (extra !== undefined) return yield* extraOperand(command, extra);
  const failure = command.process.link(from, to);
  if (!failure) return 0;
  yield* command.fail(
    `cannot create link ${quoteAlways(to)} to ${quoteAlways(from)}: ${failure.message}`,
  );
  return 1;
});
