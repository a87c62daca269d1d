// Copying one file or tree as cp, mv (between file systems) and install do, with what is preserved and how links
// are treated.

import type { Routine } from '../../../core/wait.ts';
import type { Stat } from '../../../kernel/calls/stat.ts';
import { ENOENT, ENOTDIR, EISDIR, type Errno, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/files/open-file.ts';
import { quoteAlways } from '../../libc/quote.ts';
import { joinPath, writeAll } from '../../libc/whole-file.ts';
import type { Command } from './gnu.ts';
import { confirm } from './remove.ts';

export interface CopyOptions {
  readonly recursive: boolean;
  /** Follow symlinks: everywhere, only named on the command line, or never. */
  readonly follow: 'always' | 'operands' | 'never';
  readonly preserve: {
    readonly mode: boolean;
    readonly owner: boolean;
    readonly times: boolean;
    readonly links: boolean;
    readonly attributes: boolean;
  };
  readonly overwrite: 'yes' | 'no' | 'ask' | 'newer';
  readonly force: boolean;
  readonly removeFirst: boolean;
  readonly verbose: boolean;
  readonly make: 'copy' | 'link' | 'symlink';
  readonly attributesOnly: boolean;
  readonly oneFileSystem: boolean;
  /** Suffix of a copy kept of what is overwritten. */
  readonly backup: string | undefined;
}

/** State of one run of cp. */
export interface Copying {
  readonly command: Command;
  readonly options: CopyOptions;
  /** Where an inode with several links was put, so that links stay links. */
  readonly copied: Map<string, string>;
  /** Files that this run made: a second operand may not overwrite them. */
  readonly made: Set<string>;
}

export function newCopying(command: Command, options: CopyOptions): Copying {
  return { command, options, copied: new Map(), made: new Set() };
}

const identity = (stat: Stat): string => `${stat.device}:${stat.inode}`;
const kindOf = (stat: Stat): number => stat.mode & S_IFMT;

/** Copies `from` to the name `to`; false where something failed (said on stderr). */
export function* copyPath(
  run: Copying,
  from: string,
  to: string,
  top = true,
  device?: number,
): Routine<boolean> {
  const { command, options } = run;
  const { process } = command;
  const follow = options.follow === 'always' || (options.follow === 'operands' && top);
  const source = follow ? process.stat(from) : process.lstat(from);
  if (isErrno(source)) {
    yield* command.fail(`cannot stat ${quoteAlways(from)}: ${source.message}`);
    return false;
  }
  if (options.oneFileSystem && device !== undefined && source.device !== device) return true;
  const directory = kindOf(source) === S_IFDIR;
  if (directory && !options.recursive) {
    yield* command.fail(`-r not specified; omitting directory ${quoteAlways(from)}`);
    return false;
  }
  const plain = kindOf(source) === S_IFREG && options.make === 'copy';
  const target = plain ? process.stat(to) : process.lstat(to);
  if (!isErrno(target)) {
    const answer = yield* replace(run, from, to, source, target);
    if (answer !== 'go on') return answer === 'skip';
  } else if (plain && target === ENOENT && !isErrno(process.lstat(to))) {
    yield* command.fail(`not writing through dangling symlink ${quoteAlways(to)}`);
    return false;
  }
  if (directory) return yield* copyDirectory(run, from, to, source, device);
  run.made.add(to);
  return yield* copyOne(run, from, to, source, isErrno(target) ? undefined : target);
}

function* replace(
  run: Copying,
  from: string,
  to: string,
  source: Stat,
  target: Stat,
): Routine<'go on' | 'skip' | 'fail'> {
  const { command, options } = run;
  const directory = kindOf(source) === S_IFDIR;
  if (identity(source) === identity(target) && !directory) {
    if (options.make === 'link') return 'skip';
    const sameName = !(options.removeFirst || options.backup) || from === to;
    if (sameName) {
      yield* command.fail(`${quoteAlways(from)} and ${quoteAlways(to)} are the same file`);
      return 'fail';
    }
  }
  if (directory && kindOf(target) !== S_IFDIR) {
    yield* command.fail(
      `cannot overwrite non-directory ${quoteAlways(to)} with directory ${quoteAlways(from)}`,
    );
    return 'fail';
  }
  if (directory) return 'go on';
  if (kindOf(target) === S_IFDIR) {
    yield* command.fail(`cannot overwrite directory ${quoteAlways(to)} with non-directory`);
    return 'fail';
  }
  if (options.overwrite === 'no') return 'skip';
  if (options.overwrite === 'newer' && target.mtime >= source.mtime) return 'skip';
  if (options.overwrite === 'ask') {
    if (!(yield* confirm(command, `overwrite ${quoteAlways(to)}? `))) return 'skip';
  }
  if (run.made.has(to)) {
    const names = `${quoteAlways(to)} with ${quoteAlways(from)}`;
    yield* command.fail(`will not overwrite just-created ${names}`);
    return 'fail';
  }
  if (options.backup !== undefined) command.process.rename(to, to + options.backup);
  else if (options.removeFirst || options.make !== 'copy' || kindOf(source) !== S_IFREG) {
    if (options.removeFirst || options.force) command.process.unlink(to);
  }
  return 'go on';
}

function* copyDirectory(
  run: Copying,
  from: string,
  to: string,
  source: Stat,
  device: number | undefined,
): Routine<boolean> {
  const { command } = run;
  const { process } = command;
  const inside = insideItself(command, from, to);
  const entries = process.readdir(from);
  if (isErrno(entries)) {
    yield* command.fail(`cannot access ${quoteAlways(from)}: ${entries.message}`);
    return false;
  }
  const existed = process.exists(to);
  if (!existed) {
    const failure = process.mkdir(to, (source.mode & 0o777) | 0o700);
    if (failure) {
      yield* command.fail(`cannot create directory ${quoteAlways(to)}: ${failure.message}`);
      return false;
    }
    yield* tell(run, from, to);
  }
  if (inside) {
    yield* command.fail(
      `cannot copy a directory, ${quoteAlways(from)}, into itself, ${quoteAlways(to)}`,
    );
    return false;
  }
  let good = true;
  for (const { name } of entries) {
    const within = device ?? source.device;
    const done = yield* copyPath(run, joinPath(from, name), joinPath(to, name), false, within);
    good &&= done;
  }
  if (!existed) setAttributes(run, from, to, source, true);
  return good;
}

function insideItself({ process }: Command, from: string, to: string): boolean {
  const real = process.realpath(from);
  const slash = to.replace(/\/+$/, '').lastIndexOf('/');
  const parent = process.realpath(slash < 0 ? '.' : to.slice(0, slash) || '/');
  if (isErrno(real) || isErrno(parent)) return false;
  return parent === real || parent.startsWith(real === '/' ? '/' : `${real}/`);
}

function* tell({ command, options }: Copying, from: string, to: string): Routine<void> {
  if (options.verbose) yield* command.out.print(`${quoteAlways(from)} -> ${quoteAlways(to)}\n`);
}

function* copyOne(
  run: Copying,
  from: string,
  to: string,
  source: Stat,
  target: Stat | undefined,
): Routine<boolean> {
  const { command, options } = run;
  const { process } = command;
  const earlier =
    options.preserve.links && source.nlink > 1 ? run.copied.get(identity(source)) : undefined;
  if (earlier !== undefined) {
    if (target) process.unlink(to);
    return yield* report(
      run,
      process.link(earlier, to),
      `cannot create hard link ${quoteAlways(to)} to ${quoteAlways(earlier)}`,
      from,
      to,
    );
  }
  if (source.nlink > 1) run.copied.set(identity(source), to);
  if (options.make !== 'copy') {
    const link = options.make === 'link' ? process.link(from, to) : process.symlink(from, to);
    const what = options.make === 'link' ? 'hard' : 'symbolic';
    const text = `cannot create ${what} link ${quoteAlways(to)} to ${quoteAlways(from)}`;
    return yield* report(run, link, text, from, to);
  }
  const kind = kindOf(source);
  if (kind === S_IFLNK) {
    const link = process.readlink(from);
    if (target) process.unlink(to);
    const failure = isErrno(link) ? link : process.symlink(link, to);
    const text = `cannot create symbolic link ${quoteAlways(to)}`;
    if (!(yield* report(run, failure, text, from, to))) return false;
    setAttributes(run, from, to, source, false);
    return true;
  }
  if (kind !== S_IFREG && options.recursive) {
    const failure = process.mknod(to, source.mode, source.rdev);
    const text = `cannot create special file ${quoteAlways(to)}`;
    if (!(yield* report(run, failure, text, from, to))) return false;
  } else if (!(yield* copyContents(run, from, to, source, target))) return false;
  setAttributes(run, from, to, source, false);
  return true;
}

function* report(
  run: Copying,
  failure: Errno | undefined,
  text: string,
  from: string,
  to: string,
): Routine<boolean> {
  if (failure) {
    yield* run.command.fail(`${text}: ${failure.message}`);
    return false;
  }
  yield* tell(run, from, to);
  return true;
}

function* copyContents(
  run: Copying,
  from: string,
  to: string,
  source: Stat,
  target: Stat | undefined,
): Routine<boolean> {
  const { command, options } = run;
  const { process } = command;
  const input = process.open(from);
  if (isErrno(input)) {
    yield* command.fail(`cannot open ${quoteAlways(from)} for reading: ${input.message}`);
    return false;
  }
  const truncate = options.attributesOnly ? 0 : O_TRUNC;
  const mode = source.mode & 0o777;
  let output = process.open(to, O_WRONLY | O_CREAT | truncate, mode);
  if (isErrno(output) && target && options.force && !process.unlink(to)) {
    output = process.open(to, O_WRONLY | O_CREAT, mode);
  }
  if (isErrno(output)) {
    process.close(input);
    const why = output === EISDIR && to.endsWith('/') ? ENOTDIR : output;
    yield* command.fail(`cannot create regular file ${quoteAlways(to)}: ${why.message}`);
    return false;
  }
  yield* tell(run, from, to);
  let failure: Errno | undefined;
  let failed = '';
  while (!options.attributesOnly && !failure) {
    const bytes = yield* process.read(input, 131_072);
    if (isErrno(bytes)) {
      failure = bytes;
      failed = `error reading ${quoteAlways(from)}`;
    } else if (bytes.length === 0) break;
    else {
      yield* process.work(bytes.length / 4);
      failure = yield* writeAll(process, output, bytes);
      failed = `error writing ${quoteAlways(to)}`;
    }
  }
  process.close(input);
  process.close(output);
  if (failure) yield* command.fail(`${failed}: ${failure.message}`);
  return failure === undefined;
}

function setAttributes(
  run: Copying,
  from: string,
  to: string,
  source: Stat,
  directory: boolean,
): void {
  const { process } = run.command;
  const { preserve } = run.options;
  const link = kindOf(source) === S_IFLNK;
  if (preserve.owner) process.chown(to, source.uid, source.gid, false);
  if (preserve.mode && !link) process.chmod(to, source.mode & 0o7777);
  else if (directory) {
    const mask = process.umask(0);
    process.umask(mask);
    process.chmod(to, source.mode & 0o777 & ~mask);
  }
  const capability =
    preserve.attributes && !link ? process.getxattr(from, 'security.capability') : undefined;
  if (capability && !isErrno(capability)) process.setxattr(to, 'security.capability', capability);
  if (preserve.times) process.utimes(to, source.atime, source.mtime, !link);
}
