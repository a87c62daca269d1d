// file 5.44: the type of each file, from its inode and its first bytes. Not simulated: other magic files (-m, -C) and
// looking into compressed files (-z, -Z).

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
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
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { dirName, joinPath, readFile } from '../../libc/whole-file.ts';
import { type FileType, fileType } from './file-types.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'brief', short: 'b', long: 'brief' },
  { key: 'mime', short: 'i', long: 'mime' },
  { key: 'mimeType', long: 'mime-type' },
  { key: 'encoding', long: 'mime-encoding' },
  { key: 'follow', short: 'L', long: 'dereference' },
  { key: 'noFollow', short: 'h', long: 'no-dereference' },
  { key: 'separator', short: 'F', long: 'separator', argument: 'required' },
  { key: 'files', short: 'f', long: 'files-from', argument: 'required' },
  { key: 'noPad', short: 'N', long: 'no-pad' },
  { key: 'special', short: 's', long: 'special-files' },
  { key: 'keepGoing', short: 'k', long: 'keep-going' },
  { key: 'error', short: 'E' },
  { key: 'zero', short: '0', long: 'print0' },
  { key: 'raw', short: 'r', long: 'raw' },
  { key: 'noBuffer', short: 'n', long: 'no-buffer' },
  { key: 'preserve', short: 'p', long: 'preserve-date' },
  { key: 'version', short: 'v', long: 'version' },
];

const MISSING: readonly OptionSpec[] = [
  { key: 'uncompress', short: 'zZ', long: 'uncompress uncompress-noreport' },
  { key: 'magic', short: 'm', long: 'magic-file', argument: 'required' },
  { key: 'compile', short: 'C', long: 'compile' },
  { key: 'check', short: 'c', long: 'checking-printout' },
  { key: 'debug', short: 'd', long: 'debug' },
  { key: 'list', short: 'l', long: 'list' },
  { key: 'exclude', short: 'e', long: 'exclude exclude-quiet', argument: 'required' },
  { key: 'parameter', short: 'P', long: 'parameter', argument: 'required' },
  { key: 'sandbox', short: 'S', long: 'no-sandbox' },
  { key: 'extension', long: 'extension apple' },
  { key: 'help', long: 'help' },
];

const USAGE = `Usage: file [-bcCdEhikLlNnprsSvzZ0] [--apple] [--extension] [--mime-encoding]
            [--mime-type] [-e <testname>] [-F <separator>]  [-f <namefile>]
            [-m <magicfiles>] [-P <parameter=value>] [--exclude-quiet]
            <file> ...
       file -C [-m <magicfiles>]
       file [--help]
`;

export const file = program('file', function* (main) {
  const options = parseOptions(main.args, [...OPTIONS, ...MISSING]);
  if (isOptionError(options)) {
    main.err.put(`file: ${options.error}\n${USAGE}`);
    return 1;
  }
  if (options.has('version')) {
    main.out.put('file-5.44\nmagic file from /etc/magic:/usr/share/misc/magic\n');
    return 0;
  }
  const missing = MISSING.find((option) => options.has(option.key));
  if (missing) return yield* notSimulated(main, `file --${missing.long?.split(' ')[0] ?? ''}`);
  const paths: string[] = [];
  for (const list of options.values('files')) {
    const bytes = list === '-' ? yield* main.input.rest() : yield* readFile(main.process, list);
    if (!isErrno(bytes))
      paths.push(
        ...decode(bytes)
          .split('\n')
          .filter((line) => line !== ''),
      );
  }
  paths.push(...options.operands);
  if (paths.length === 0) {
    main.err.put(USAGE);
    return 1;
  }
  const shown = paths.map((path) => (path === '-' ? '/dev/stdin' : path));
  const width = options.has('noPad') ? 0 : Math.max(...shown.map((name) => name.length));
  let status = 0;
  for (const [i, path] of paths.entries()) {
    const type = yield* examine(main, path, options);
    const failed = type.mime === '';
    if (failed && options.has('error')) status = 1;
    const name = shown[i] ?? path;
    const separator = (options.has('zero') ? '\0' : '') + (options.value('separator') ?? ':');
    const lead = options.has('brief')
      ? ''
      : `${name}${separator} ${' '.repeat(Math.max(0, width - name.length))}`;
    const text =
      failed && options.has('error')
        ? type.text.replace('cannot open', 'ERROR: cannot stat')
        : wanted(type, options);
    yield* main.out.print(`${lead}${text}\n`);
  }
  return status;
});

function wanted(type: FileType, options: ParsedOptions): string {
  if (type.mime === '') return type.text;
  const form = options.last('mime', 'mimeType', 'encoding');
  if (form === 'mime') return `${type.mime}; charset=${type.charset}`;
  return form === 'mimeType' ? type.mime : form === 'encoding' ? type.charset : type.text;
}

const inode = (text: string, mime: string): FileType => ({
  text,
  mime: `inode/${mime}`,
  charset: 'binary',
});

/** A path's type; an empty MIME type where it cannot be looked at. */
function* examine(main: Main, path: string, options: ParsedOptions): Routine<FileType> {
  const { process } = main;
  if (path === '-') return fileType(yield* main.input.rest());
  const follow =
    options.last('follow', 'noFollow') === 'follow' ||
    (process.environment.has('POSIXLY_CORRECT') && !options.has('noFollow'));
  const stat = follow ? process.stat(path) : process.lstat(path);
  if (isErrno(stat))
    return { text: `cannot open \`${path}' (${stat.message})`, mime: '', charset: '' };
  const bits = [
    [0o4000, 'setuid'],
    [0o2000, 'setgid'],
    [0o1000, 'sticky'],
  ] as const;
  const prefix = bits
    .filter(([bit]) => stat.mode & bit)
    .map(([, name]) => `${name}, `)
    .join('');
  const device = `(${stat.rdev >> 8}/${stat.rdev & 255})`;
  switch (stat.mode & S_IFMT) {
    case S_IFDIR:
      return inode(`${prefix}directory`, 'directory');
    case S_IFLNK:
      return symlink(main, path);
    case S_IFIFO:
      return inode(`${prefix}fifo (named pipe)`, 'fifo');
    case S_IFSOCK:
      return inode(`${prefix}socket`, 'socket');
    case S_IFCHR:
      if (!options.has('special'))
        return inode(`${prefix}character special ${device}`, 'chardevice');
      break;
    case S_IFBLK:
      if (!options.has('special')) return inode(`${prefix}block special ${device}`, 'blockdevice');
      break;
    case S_IFREG:
    default:
  }
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) {
    const readable = stat.mode & 0o111 ? 'executable, ' : '';
    return {
      text: `${prefix}${readable}regular file, no read permission`,
      mime: 'application/octet-stream',
      charset: 'binary',
    };
  }
  yield* process.work(Math.min(bytes.length, 1_048_576));
  const type = fileType(bytes);
  return { ...type, text: prefix + type.text };
}

function symlink({ process }: Main, path: string): FileType {
  const target = process.readlink(path);
  const text = isErrno(target) ? '' : target;
  const broken =
    isErrno(process.stat(text.startsWith('/') ? text : joinPath(dirName(path), text))) &&
    !process.exists(path);
  return inode(`${broken ? 'broken ' : ''}symbolic link to ${text}`, 'symlink');
}
