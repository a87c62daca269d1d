// rm, rmdir, unlink.

import type { Routine } from '../../../core/wait.ts';
import { EISDIR, ENOENT, ENOTDIR, type Errno, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import { FILE_TYPES } from '../../libc/modes.ts';
import { quoteAlways, quoteValue } from '../../libc/quote.ts';
import { joinPath } from '../../libc/whole-file.ts';
import { type Command, extraOperand, gnu } from './gnu.ts';

interface Removal {
  readonly force: boolean;
  readonly recursive: boolean;
  readonly emptyDirectories: boolean;
  readonly verbose: boolean;
  readonly ask: boolean;
}

/** yesno(): asks on stderr, reads a line of standard input. */
export function* confirm(command: Command, question: string): Routine<boolean> {
  yield* command.out.flush();
  command.err.put(`${command.name}: ${question}`);
  yield* command.err.flush();
  return /^[yY]/.test((yield* command.input.line()) ?? '');
}

export const rm = gnu(
  {
    name: 'rm',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'force', short: 'f', long: 'force' },
      { key: 'ask', short: 'i' },
      { key: 'once', short: 'I' },
      { key: 'interactive', long: 'interactive', argument: 'optional' },
      { key: 'recursive', short: 'rR', long: 'recursive' },
      { key: 'dir', short: 'd', long: 'dir' },
      { key: 'verbose', short: 'v', long: 'verbose' },
      { key: 'one', long: 'one-file-system' },
      { key: 'root', long: 'no-preserve-root' },
      { key: 'keeproot', long: 'preserve-root', argument: 'optional' },
    ],
  },
  function* (command) {
    const { options, operands } = command;
    const force = options.last('force', 'ask', 'once', 'interactive') === 'force';
    if (operands.length === 0) return force ? 0 : yield* command.usage('missing operand');
    const removal: Removal = {
      force,
      recursive: options.has('recursive'),
      emptyDirectories: options.has('dir'),
      verbose: options.has('verbose'),
      ask: options.last('force', 'ask') === 'ask',
    };
    if (options.has('once') && (operands.length > 3 || removal.recursive)) {
      const count = `${operands.length} argument${operands.length > 1 ? 's' : ''}`;
      const how = removal.recursive ? ' recursively' : '';
      if (!(yield* confirm(command, `remove ${count}${how}? `))) return 0;
    }
    let status = 0;
    for (const path of operands) {
      if (!(yield* mayRemove(command, path, removal.recursive, options.has('root')))) status = 1;
      else if (!(yield* removePath(command, path, removal))) status = 1;
    }
    return status;
  },
);

function* mayRemove(
  command: Command,
  path: string,
  recursive: boolean,
  rootToo: boolean,
): Routine<boolean> {
  if (!recursive) return true;
  if (/(^|\/)\.\.?\/*$/.test(path)) {
    yield* command.fail(`refusing to remove '.' or '..' directory: skipping ${quoteAlways(path)}`);
    return false;
  }
  if (!rootToo && command.process.realpath(path) === '/' && !path.includes('..')) {
    yield* command.fail(`it is dangerous to operate recursively on ${quoteAlways(path)}`);
    yield* command.fail('use --no-preserve-root to override this failsafe');
    return false;
  }
  return true;
}

/** Removes a file or a tree; false where something is left (said on stderr). */
export function* removePath(command: Command, path: string, removal: Removal): Routine<boolean> {
  const { process } = command;
  const stat = process.lstat(path);
  if (isErrno(stat)) {
    if (removal.force && (stat === ENOENT || stat === ENOTDIR)) return true;
    return yield* cannotRemove(command, path, stat);
  }
  const kind = stat.mode & S_IFMT;
  if (kind === S_IFDIR) {
    if (!removal.recursive && !removal.emptyDirectories) {
      return yield* cannotRemove(command, path, EISDIR);
    }
    return yield* removeDirectory(command, path, removal);
  }
  if (removal.ask) {
    const type = FILE_TYPES.find((t) => t.kind === kind)?.text ?? 'file';
    const what = kind === S_IFREG && stat.size === 0 ? 'regular empty file' : type;
    if (!(yield* confirm(command, `remove ${what} ${quoteAlways(path)}? `))) return true;
  }
  const failure = kind === S_IFLNK && path.endsWith('/') ? ENOTDIR : process.unlink(path);
  if (failure) return yield* cannotRemove(command, path, failure);
  if (removal.verbose) yield* command.out.print(`removed ${quoteAlways(path)}\n`);
  return true;
}

function* cannotRemove(command: Command, path: string, error: Errno): Routine<boolean> {
  yield* command.fail(`cannot remove ${quoteAlways(path)}: ${error.message}`);
  return false;
}

function* removeDirectory(command: Command, path: string, removal: Removal): Routine<boolean> {
  const { process } = command;
  if (removal.recursive) {
    const entries = process.readdir(path);
    if (isErrno(entries)) {
      if (!process.rmdir(path)) return true;
      return yield* cannotRemove(command, path, entries);
    }
    if (removal.ask && entries.length > 0) {
      const question = `descend into directory ${quoteAlways(path)}? `;
      if (!(yield* confirm(command, question))) return true;
    }
    let clean = true;
    for (const { name } of entries) {
      if (!(yield* removePath(command, joinPath(path, name), removal))) clean = false;
    }
    if (!clean) return false;
  }
  if (removal.ask && !(yield* confirm(command, `remove directory ${quoteAlways(path)}? `))) {
    return true;
  }
  const failure = process.rmdir(path);
  if (failure) return yield* cannotRemove(command, path, failure);
  if (removal.verbose) yield* command.out.print(`removed directory ${quoteAlways(path)}\n`);
  return true;
}

export const rmdir = gnu(
  {
    name: 'rmdir',
    usage: ['[OPTION]... DIRECTORY...'],
    options: [
      { key: 'parents', short: 'p', long: 'parents' },
      { key: 'verbose', short: 'v', long: 'verbose' },
      { key: 'ignore', long: 'ignore-fail-on-non-empty' },
    ],
  },
  function* (command) {
    const { process, options, operands } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    let status = 0;
    for (const operand of operands) {
      let path = operand;
      for (;;) {
        if (options.has('verbose')) {
          yield* command.out.print(`rmdir: removing directory, ${quoteAlways(path)}\n`);
        }
        const failure = process.rmdir(path);
        if (failure && !(options.has('ignore') && failure.name === 'ENOTEMPTY')) {
          const what = path === operand ? '' : 'directory ';
          yield* command.fail(`failed to remove ${what}${quoteAlways(path)}: ${failure.message}`);
          status = 1;
        }
        const slash = path.replace(/\/+$/, '').lastIndexOf('/');
        if (failure || !options.has('parents') || slash <= 0) break;
        path = path.slice(0, slash).replace(/\/+$/, '');
      }
    }
    return status;
  },
);

export const unlink = gnu({ name: 'unlink', usage: ['FILE', 'OPTION'] }, function* (command) {
  const [path, extra] = command.operands;
  if (path === undefined) return yield* command.usage('missing operand');
  if (extra !== undefined) return yield* extraOperand(command, extra);
  const failure = command.process.unlink(path);
  if (!failure) return 0;
  yield* command.fail(`cannot unlink ${quoteAlways(path)}: ${failure.message}`);
  return 1;
});

export const shred = gnu(
  {
    name: 'shred',
    usage: ['[OPTION]... FILE...'],
    options: [
      { key: 'remove', short: 'u' },
      { key: 'iterations', short: 'n', long: 'iterations', argument: 'required' },
      { key: 'zero', short: 'z', long: 'zero' },
    ],
    missing: [
      { key: 'v', short: 'v', long: 'verbose' },
      { key: 's', short: 's', long: 'size', argument: 'required' },
    ],
  },
  function* (command) {
    const { process, options, operands } = command;
    if (operands.length === 0) return yield* command.usage('missing file operand');
    const passes = options.value('iterations') ?? '3';
    if (!/^\d+$/.test(passes)) {
      yield* command.fail(`invalid number of passes: ${quoteValue(passes)}`);
      return 1;
    }
    let status = 0;
    for (const path of operands) {
      const fd = process.open(path, 1);
      if (isErrno(fd)) {
        yield* command.fail(`${path}: failed to open for writing: ${fd.message}`);
        status = 1;
        continue;
      }
      const stat = process.fstat(fd);
      const size = isErrno(stat) ? 0 : stat.size;
      const noise = options.has('zero') ? new Uint8Array(size) : randomBytes(process, size);
      yield* process.write(fd, noise);
      process.close(fd);
      if (options.has('remove')) process.unlink(path);
    }
    return status;
  },
);

function randomBytes(process: Command['process'], size: number): Uint8Array {
  const random = process.simulation.random.fork(`shred ${process.pid} ${process.now}`);
  return Uint8Array.from({ length: size }, () => random.int(256));
}
