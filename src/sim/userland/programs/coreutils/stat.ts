// stat: what an inode, or its file system (-f), says, in full, in short (-t) or by a format.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Stat } from '../../../kernel/calls/stat.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFLNK, S_IFMT } from '../../../kernel/files/inode.ts';
import { pathOf } from '../../../kernel/files/mount.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { FILE_TYPES, modeLetters } from '../../libc/modes.ts';
import { quoteAlways, quoteIn } from '../../libc/quote.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { readEscape } from './escapes.ts';
import { type Command, gnu } from './gnu.ts';

/** What a format can ask for. */
interface Subject {
  readonly command: Command;
  readonly path: string;
  readonly stat: Stat;
  readonly accounts: Accounts;
}

export const stat = gnu(
  {
    name: 'stat',
    usage: ['[OPTION]... FILE...'],
    options: [
      { key: 'follow', short: 'L', long: 'dereference' },
      { key: 'filesystem', short: 'f', long: 'file-system' },
      { key: 'format', short: 'c', long: 'format', argument: 'required' },
      { key: 'printf', long: 'printf', argument: 'required' },
      { key: 'terse', short: 't', long: 'terse' },
      { key: 'cached', long: 'cached', argument: 'required' },
    ],
  },
  function* (command) {
    const { process, options, operands, out } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    const accounts = yield* readAccounts(process);
    let status = 0;
    for (const path of operands) {
      if (options.has('filesystem')) {
        if (!(yield* statFileSystem(command, path))) status = 1;
        continue;
      }
      const found =
        path === '-'
          ? process.fstat(0)
          : options.has('follow')
            ? process.stat(path)
            : process.lstat(path);
      if (isErrno(found)) {
        yield* command.fail(`cannot statx ${quoteAlways(path)}: ${found.message}`);
        status = 1;
        continue;
      }
      const subject: Subject = { command, path, stat: found, accounts };
      const which = options.last('format', 'printf');
      if (which) {
        const text = expand(options.value(which) ?? '', subject, which === 'printf');
        yield* out.print(which === 'printf' ? text : `${text}\n`);
      } else if (options.has('terse')) {
        yield* out.print(
          `${expand('%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o', subject, false)}\n`,
        );
      } else yield* out.print(full(subject));
    }
    return status;
  },
);

function full(subject: Subject): string {
  const kind = subject.stat.mode & S_IFMT;
  const device = kind === 0o020000 || kind === 0o060000;
  const links = device ? '%-5h Device type: %t,%T' : '%h';
  const lines = [
    '  File: %N'.replace('%N', kind === S_IFLNK ? linkName(subject) : subject.path),
    '  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F',
    `Device: %Hd,%Ld\tInode: %-11i Links: ${links}`,
    'Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)',
    'Access: %x',
    'Modify: %y',
    'Change: %z',
    ' Birth: %w',
  ];
  return `${lines.map((line, i) => (i === 0 ? line : expand(line, subject, false))).join('\n')}\n`;
}

function linkName({ command, path }: Subject): string {
  const target = command.process.readlink(path);
  return isErrno(target) ? path : `${path} -> ${target}`;
}

function expand(format: string, subject: Subject, escapes: boolean): string {
  let out = '';
  for (let i = 0; i < format.length; ) {
    const rest = format.slice(i);
    const match = /^%([-+#0 ']*)(\d*)(?:\.(\d+))?([HL]?[a-zA-Z%])/.exec(rest);
    if (match) {
      const [whole, flags = '', width, precision, letter = ''] = match;
      let text = letter === '%' ? '%' : value(letter, subject, flags.includes('#'));
      if (precision !== undefined) text = text.slice(0, Number(precision));
      const size = Number(width || 0);
      out += flags.includes('-')
        ? text.padEnd(size)
        : text.padStart(size, flags.includes('0') ? '0' : ' ');
      i += whole.length;
    } else if (escapes && rest.startsWith('\\')) {
      const escape = readEscape(format, i, false);
      out += String.fromCharCode(...escape.bytes);
      i += escape.length;
    } else {
      out += rest.charAt(0);
      i++;
    }
  }
  return out;
}

function value(letter: string, subject: Subject, hash: boolean): string {
  const { stat, accounts, path, command } = subject;
  const time = (at: number): string =>
    strftime('%Y-%m-%d %H:%M:%S.%N %z', momentOf(epochMilliseconds(at)));
  const seconds = (at: number): string => String(Math.floor(epochMilliseconds(at) / 1000));
  const birth = Math.min(stat.ctime, stat.mtime);
  switch (letter) {
    case 'a':
      return (hash && stat.mode & 0o7777 ? '0' : '') + (stat.mode & 0o7777).toString(8);
    case 'A':
      return modeLetters(stat.mode);
    case 'b':
      return String(stat.blocks);
    case 'B':
      return '512';
    case 'C':
      return '?';
    case 'd':
      return String(stat.device);
    case 'D':
      return stat.device.toString(16);
    case 'Hd':
      return String(stat.device >> 8);
    case 'Ld':
      return String(stat.device & 255);
    case 'f':
      return stat.mode.toString(16);
    case 'F': {
      const text =
        FILE_TYPES.find((type) => type.kind === (stat.mode & S_IFMT))?.text ?? 'weird file';
      return text === 'regular file' && stat.size === 0 ? 'regular empty file' : text;
    }
    case 'g':
      return String(stat.gid);
    case 'G':
      return accounts.groupById(stat.gid)?.name ?? 'UNKNOWN';
    case 'h':
      return String(stat.nlink);
    case 'i':
      return String(stat.inode);
    case 'm': {
      const found = command.process.statfs(path);
      const { root } = command.process.task.fs;
      return isErrno(found) ? '?' : pathOf({ mount: found.mount, inode: found.mount.root }, root);
    }
    case 'n':
      return path;
    case 'N': {
      const quoted = quoteIn('shell-escape-always', path);
      const target = command.process.readlink(path);
      const link = (stat.mode & S_IFMT) === S_IFLNK && !isErrno(target);
      return link ? `${quoted} -> ${quoteIn('shell-escape-always', target)}` : quoted;
    }
    case 'o':
      return '4096';
    case 'r':
      return String(stat.rdev);
    case 'R':
      return stat.rdev.toString(16);
    case 's':
      return String(stat.size);
    case 't':
      return (stat.rdev >> 8).toString(16);
    case 'T':
      return (stat.rdev & 255).toString(16);
    case 'u':
      return String(stat.uid);
    case 'U':
      return accounts.userById(stat.uid)?.name ?? 'UNKNOWN';
    case 'w':
      return time(birth);
    case 'W':
      return seconds(birth);
    case 'x':
      return time(stat.atime);
    case 'X':
      return seconds(stat.atime);
    case 'y':
      return time(stat.mtime);
    case 'Y':
      return seconds(stat.mtime);
    case 'z':
      return time(stat.ctime);
    case 'Z':
      return seconds(stat.ctime);
    default:
      return '?';
  }
}

/** Magic numbers and stat's names of file system types. */
const TYPES: Readonly<Record<string, readonly [string, string]>> = {
  ext4: ['ef53', 'ext2/ext3'],
  tmpfs: ['1021994', 'tmpfs'],
  overlay: ['794c7630', 'overlayfs'],
  proc: ['9fa0', 'proc'],
  sysfs: ['62656572', 'sysfs'],
  cgroup2: ['63677270', 'cgroup2fs'],
  devpts: ['1cd1', 'devpts'],
  devtmpfs: ['1021994', 'tmpfs'],
  nsfs: ['6e736673', 'nsfs'],
  mqueue: ['19800202', 'mqueue'],
};

function* statFileSystem(command: Command, path: string): Routine<boolean> {
  const { process, options, out } = command;
  const found = process.statfs(path);
  if (isErrno(found)) {
    yield* command.fail(
      `cannot read file system information for ${quoteAlways(path)}: ${found.message}`,
    );
    return false;
  }
  const { use, mount } = found;
  const [magic, name] = TYPES[mount.fs.type] ?? ['0', `UNKNOWN (0x0)`];
  const blocks = (bytes: number): string => String(Math.floor(bytes / 4096));
  const free = use.total - use.used;
  const table: Readonly<Record<string, string>> = {
    n: path,
    i: mount.fs.device.toString(16),
    l: '255',
    t: magic,
    T: name,
    s: '4096',
    S: '4096',
    b: blocks(use.total),
    f: blocks(free),
    a: blocks(free),
    c: String(use.files + 1_000_000),
    d: '1000000',
  };
  const format = options.value('format') ?? options.value('printf');
  if (format !== undefined) {
    const text = format.replace(/%([a-zA-Z])/g, (_, letter: string) => table[letter] ?? '?');
    yield* out.print(`${text}\n`);
    return true;
  }
  const t = (letter: string, width: number): string => (table[letter] ?? '').padEnd(width);
  yield* out.print(
    `  File: "${path}"\n    ID: ${t('i', 8)} Namelen: ${t('l', 7)} Type: ${name}\n` +
      `Block size: ${t('s', 10)} Fundamental block size: ${table['S']}\n` +
      `Blocks: Total: ${t('b', 10)} Free: ${t('f', 10)} Available: ${table['a']}\n` +
      `Inodes: Total: ${t('c', 10)} Free: ${table['d']}\n`,
  );
  return true;
}
