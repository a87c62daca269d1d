// mkdir, touch, mknod, mkfifo, mktemp, truncate.

import { epochMilliseconds, START_OF_TIME } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { EEXIST, ENOENT, isErrno } from '../../../kernel/errno.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT } from '../../../kernel/files/inode.ts';
import { O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, O_WRONLY } from '../../../kernel/files/open-file.ts';
import { parseDate } from '../../libc/getdate.ts';
import { parseMode } from '../../libc/modes.ts';
import { quoteAlways, quoteName, quoteValue } from '../../libc/quote.ts';
import { joinPath } from '../../libc/whole-file.ts';
import { type Command, extraOperand, gnu, parseSize } from './gnu.ts';

function maskOf({ process }: Command): number {
  const mask = process.umask(0);
  process.umask(mask);
  return mask;
}

export const mkdir = gnu(
  {
    name: 'mkdir',
    usage: ['[OPTION]... DIRECTORY...'],
    options: [
      { key: 'mode', short: 'm', long: 'mode', argument: 'required' },
      { key: 'parents', short: 'p', long: 'parents' },
      { key: 'verbose', short: 'v', long: 'verbose' },
    ],
    missing: [{ key: 'Z', short: 'Z', long: 'context', argument: 'optional' }],
  },
  function* (command) {
    const { process, options, operands } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    const wanted = options.value('mode');
    const change = wanted === undefined ? undefined : parseMode(wanted, maskOf(command));
    if (wanted !== undefined && !change) {
      yield* command.fail(`invalid mode ${quoteAlways(wanted)}`);
      return 1;
    }
    let status = 0;
    for (const path of operands) {
      if (!(yield* makeDirectory(command, path))) {
        status = 1;
        continue;
      }
      if (change) process.chmod(path, change(0o777, true));
    }
    return status;
  },
);

function* makeDirectory(command: Command, path: string): Routine<boolean> {
  const { process, options } = command;
  const make = function* (at: string): Routine<boolean> {
    const failure = process.mkdir(at);
    const stat = failure === EEXIST && options.has('parents') ? process.stat(at) : undefined;
    if (stat && !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR) return true;
    if (failure) {
      yield* command.fail(`cannot create directory ${quoteValue(at)}: ${failure.message}`);
      return false;
    }
    if (options.has('verbose')) {
      yield* command.out.print(`${command.name}: created directory ${quoteAlways(at)}\n`);
    }
    return true;
  };
  if (options.has('parents')) {
    const trimmed = path.replace(/(.)\/+$/, '$1');
    for (let at = trimmed.indexOf('/', 1); at > 0; at = trimmed.indexOf('/', at + 1)) {
      const part = trimmed.slice(0, at);
      if (part.endsWith('/') || process.exists(part)) {
        const stat = process.stat(part);
        if (isErrno(stat) || (stat.mode & S_IFMT) === S_IFDIR) continue;
      }
      if (!(yield* make(part))) return false;
    }
  }
  return yield* make(path);
}

/** Virtual time of a calendar time in milliseconds. */
function virtualTime(milliseconds: number): number {
  return (milliseconds - START_OF_TIME) * 1e6;
}

export const touch = gnu(
  {
    name: 'touch',
    usage: ['[OPTION]... FILE...'],
    options: [
      { key: 'atime', short: 'a' },
      { key: 'nocreate', short: 'c', long: 'no-create' },
      { key: 'date', short: 'd', long: 'date', argument: 'required' },
      { key: 'f', short: 'f' },
      { key: 'nofollow', short: 'h', long: 'no-dereference' },
      { key: 'mtime', short: 'm' },
      { key: 'reference', short: 'r', long: 'reference', argument: 'required' },
      { key: 'stamp', short: 't', argument: 'required' },
      { key: 'time', long: 'time', argument: 'required' },
    ],
  },
  function* (command) {
    const { process, options, operands } = command;
    const times = yield* touchTimes(command);
    if (typeof times === 'number') return times;
    if (operands.length === 0) return yield* command.usage('missing file operand');
    const word = options.value('time');
    const onlyAccess = options.has('atime') || /^(access|atime|use)$/.test(word ?? '');
    const onlyModify = options.has('mtime') || /^(modify|mtime)$/.test(word ?? '');
    let status = 0;
    for (const path of operands) {
      const stat = process.stat(path);
      if (isErrno(stat)) {
        if (options.has('nocreate') && stat === ENOENT) continue;
        const flags = O_WRONLY | O_CREAT | O_NONBLOCK;
        const fd = options.has('nocreate') ? stat : process.open(path, flags);
        if (isErrno(fd)) {
          yield* command.fail(`cannot touch ${quoteAlways(path)}: ${fd.message}`);
          status = 1;
          continue;
        }
        process.close(fd);
      }
      const atime = onlyModify && !onlyAccess ? undefined : times.atime;
      const mtime = onlyAccess && !onlyModify ? undefined : times.mtime;
      const failure = process.utimes(path, atime, mtime, !options.has('nofollow'));
      if (failure) {
        yield* command.fail(`cannot touch ${quoteAlways(path)}: ${failure.message}`);
        status = 1;
      }
    }
    return status;
  },
);

function* touchTimes(command: Command): Routine<{ atime: number; mtime: number } | number> {
  const { process, options } = command;
  const reference = options.value('reference');
  let times = { atime: process.now, mtime: process.now };
  if (reference !== undefined) {
    const stat = process.stat(reference);
    if (isErrno(stat)) {
      yield* command.fail(`failed to get attributes of ${quoteAlways(reference)}: ${stat.message}`);
      return 1;
    }
    times = { atime: stat.atime, mtime: stat.mtime };
  }
  const date = options.value('date');
  const stamp = options.value('stamp');
  const here = epochMilliseconds(process.now);
  if (date !== undefined) {
    const parsed = parseDate(date, here);
    if (parsed === undefined) {
      yield* command.fail(`invalid date format ${quoteValue(date)}`);
      return 1;
    }
    times = { atime: virtualTime(parsed), mtime: virtualTime(parsed) };
  } else if (stamp !== undefined) {
    const match = /^((?:\d\d)?\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(stamp);
    if (!match) {
      yield* command.fail(`invalid date format ${quoteValue(stamp)}`);
      return 1;
    }
    const [, y = '', month, day, hour, minute, second = '0'] = match;
    const short = Number(y) + (Number(y) < 69 ? 2000 : 1900);
    const year = y === '' ? new Date(here).getUTCFullYear() : y.length > 2 ? Number(y) : short;
    const at = Date.UTC(
      year,
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    times = { atime: virtualTime(at), mtime: virtualTime(at) };
  }
  return times;
}

/** A node's mode option, or an exit status. */
function* nodeMode(command: Command): Routine<number | undefined> {
  const text = command.options.value('mode');
  const change = parseMode(text ?? 'a=rw', text === undefined ? 0 : maskOf(command));
  if (!change) {
    yield* command.fail('invalid mode');
    return undefined;
  }
  return change(0o666, false);
}

const MODE_OPTION = [{ key: 'mode', short: 'm', long: 'mode', argument: 'required' }] as const;

export const mkfifo = gnu(
  { name: 'mkfifo', usage: ['[OPTION]... NAME...'], options: MODE_OPTION },
  function* (command) {
    const { process, operands, options } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    const mode = yield* nodeMode(command);
    if (mode === undefined) return 1;
    let status = 0;
    for (const path of operands) {
      const failure = process.mknod(path, S_IFIFO | mode);
      if (failure) {
        yield* command.fail(`cannot create fifo ${quoteAlways(path)}: ${failure.message}`);
        status = 1;
      } else if (options.has('mode')) process.chmod(path, mode);
    }
    return status;
  },
);

export const mknod = gnu(
  { name: 'mknod', usage: ['[OPTION]... NAME TYPE [MAJOR MINOR]'], options: MODE_OPTION },
  function* (command) {
    const { process, operands, options } = command;
    const [path, type = '', major, minor, extra] = operands;
    if (path === undefined) return yield* command.usage('missing operand');
    if (operands.length === 1)
      return yield* command.usage(`missing operand after ${quoteValue(path)}`);
    const device = type !== '' && !type.startsWith('p');
    if (device && minor === undefined) {
      yield* command.fail(`missing operand after ${quoteValue(operands.at(-1) ?? '')}`);
      if (operands.length === 2)
        command.err.put('Special files require major and minor device numbers.\n');
      return yield* command.usage();
    }
    const surplus = device ? extra : major;
    if (surplus !== undefined) return yield* extraOperand(command, surplus);
    if (!/^[bcup]$/.test(type)) {
      return yield* command.usage(`invalid device type ${quoteValue(type)}`);
    }
    const mode = yield* nodeMode(command);
    if (mode === undefined) return 1;
    const kind = type === 'p' ? S_IFIFO : type === 'b' ? S_IFBLK : S_IFCHR;
    const rdev = device ? Number(major) * 256 + Number(minor) : 0;
    if (Number.isNaN(rdev)) {
      const bad = Number.isNaN(Number(major))
        ? `major device number ${quoteValue(major ?? '')}`
        : `minor device number ${quoteValue(minor ?? '')}`;
      yield* command.fail(`invalid ${bad}`);
      return 1;
    }
    const failure = process.mknod(path, kind | mode, rdev);
    if (failure) {
      yield* command.fail(`${quoteName(path)}: ${failure.message}`);
      return 1;
    }
    if (options.has('mode')) process.chmod(path, mode);
    return 0;
  },
);

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export const mktemp = gnu(
  {
    name: 'mktemp',
    usage: ['[OPTION]... [TEMPLATE]'],
    options: [
      { key: 'directory', short: 'd', long: 'directory' },
      { key: 'dry', short: 'u', long: 'dry-run' },
      { key: 'quiet', short: 'q', long: 'quiet' },
      { key: 'suffix', long: 'suffix', argument: 'required' },
      { key: 'tmpdir', short: 'p', argument: 'required' },
      { key: 'tmpdirs', long: 'tmpdir', argument: 'optional' },
      { key: 't', short: 't' },
    ],
  },
  function* (command) {
    const { process, options, operands } = command;
    if (operands.length > 1) return yield* command.usage('too many templates');
    const [given] = operands;
    const inTmp = given === undefined || ['t', 'tmpdir', 'tmpdirs'].some((k) => options.has(k));
    const suffix = options.value('suffix') ?? '';
    const template = (given ?? 'tmp.XXXXXXXXXX') + suffix;
    const match = /^(.*?)(X{3,})([^X]*)$/.exec(template);
    if (!match) {
      yield* command.fail(`too few X's in template ${quoteValue(template)}`);
      return 1;
    }
    const [, head = '', marks = '', tail = ''] = match;
    const named = options.value('tmpdir') ?? options.value('tmpdirs');
    const directory = named || process.environment.get('TMPDIR') || '/tmp';
    const random = process.simulation.random.fork(`mktemp ${process.pid} ${process.now}`);
    for (let tries = 0; tries < 100; tries++) {
      const filled = [...marks].map(() => LETTERS.charAt(random.int(LETTERS.length))).join('');
      const name = head + filled + tail;
      const path = inTmp ? joinPath(directory, name) : name;
      const failure = makeTemporary(command, path);
      if (!failure) {
        yield* command.out.print(`${path}\n`);
        return 0;
      }
      if (failure !== EEXIST) {
        const what = options.has('directory') ? 'directory' : 'file';
        const shown = quoteValue(inTmp ? joinPath(directory, template) : template);
        if (!options.has('quiet')) {
          yield* command.fail(`failed to create ${what} via template ${shown}: ${failure.message}`);
        }
        return 1;
      }
    }
    return 1;
  },
);

function makeTemporary({ process, options }: Command, path: string) {
  if (options.has('dry')) return process.exists(path) ? EEXIST : undefined;
  if (options.has('directory')) return process.mkdir(path, 0o700);
  const fd = process.open(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
  if (isErrno(fd)) return fd;
  process.close(fd);
  return undefined;
}

export const truncate = gnu(
  {
    name: 'truncate',
    usage: ['OPTION... FILE...'],
    options: [
      { key: 'nocreate', short: 'c', long: 'no-create' },
      { key: 'reference', short: 'r', long: 'reference', argument: 'required' },
      { key: 'size', short: 's', long: 'size', argument: 'required' },
    ],
    missing: [{ key: 'o', short: 'o', long: 'io-blocks' }],
  },
  function* (command) {
    const { process, options, operands } = command;
    const text = options.value('size');
    const reference = options.value('reference');
    if (text === undefined && reference === undefined) {
      return yield* command.usage(
        `you must specify either ${quoteValue('--size')} or ${quoteValue('--reference')}`,
      );
    }
    if (operands.length === 0) return yield* command.usage('missing file operand');
    const match = /^\s*([-+<>/%]?)(.*)$/.exec(text ?? '0');
    let amount = parseSize(match?.[2] ?? '');
    if (amount === undefined) {
      yield* command.fail(`Invalid number: ${quoteValue(match?.[2] ?? '')}`);
      return 1;
    }
    if (reference !== undefined) {
      const stat = process.stat(reference);
      if (isErrno(stat)) {
        yield* command.fail(`cannot stat ${quoteAlways(reference)}: ${stat.message}`);
        return 1;
      }
      amount += stat.size;
    }
    let status = 0;
    for (const path of operands) {
      const create = options.has('nocreate') ? 0 : O_CREAT;
      const fd = process.open(path, O_WRONLY | create);
      if (isErrno(fd)) {
        if (options.has('nocreate') && fd === ENOENT) continue;
        yield* command.fail(`cannot open ${quoteAlways(path)} for writing: ${fd.message}`);
        status = 1;
        continue;
      }
      const stat = process.fstat(fd);
      const before = isErrno(stat) ? 0 : stat.size;
      const failure = process.ftruncate(fd, newSize(match?.[1] ?? '', before, amount));
      if (failure) {
        const failed = `failed to truncate ${quoteAlways(path)} at ${amount} bytes`;
        yield* command.fail(`${failed}: ${failure.message}`);
        status = 1;
      }
      process.close(fd);
    }
    return status;
  },
);

function newSize(operator: string, before: number, amount: number): number {
  switch (operator) {
    case '+':
      return before + amount;
    case '-':
      return Math.max(0, before - amount);
    case '<':
      return Math.min(before, amount);
    case '>':
      return Math.max(before, amount);
    case '/':
      return before - (before % amount);
    case '%':
      return Math.ceil(before / amount) * amount;
    default:
      return amount;
  }
}
