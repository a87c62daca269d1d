// gzip 1.12, gunzip and zcat: files in and out of gzip form. What is written is stored, not deflated, so sizes do not
// shrink; what is read may be deflated. -N, -S beyond its plain use, and --rsyncable are left out.

import { epochMilliseconds, epochSeconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { ELOOP, ENOENT, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import { gunzip as inflate, gzipFile, gzipHeader, isGzip } from '../../libc/gzip.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { baseName, joinPath, readFile, writeFile } from '../../libc/whole-file.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'stdout', short: 'c', long: 'stdout to-stdout' },
  { key: 'decompress', short: 'd', long: 'decompress uncompress' },
  { key: 'force', short: 'f', long: 'force' },
  { key: 'help', short: 'h', long: 'help' },
  { key: 'keep', short: 'k', long: 'keep' },
  { key: 'list', short: 'l', long: 'list' },
  { key: 'noName', short: 'n', long: 'no-name' },
  { key: 'quiet', short: 'q', long: 'quiet silent' },
  { key: 'recursive', short: 'r', long: 'recursive' },
  { key: 'suffix', short: 'S', long: 'suffix', argument: 'required' },
  { key: 'test', short: 't', long: 'test' },
  { key: 'verbose', short: 'v', long: 'verbose' },
  { key: 'version', short: 'V', long: 'version' },
  { key: 'fast', short: '1', long: 'fast' },
  { key: 'level', short: '2345678' },
  { key: 'best', short: '9', long: 'best' },
  { key: 'synchronous', long: 'synchronous' },
  { key: 'name', short: 'N', long: 'name' },
  { key: 'rsyncable', long: 'rsyncable' },
  { key: 'license', short: 'L', long: 'license' },
];

const HELP = `Usage: gzip [OPTION]... [FILE]...
Compress or uncompress FILEs (by default, compress FILES in-place).

Mandatory arguments to long options are mandatory for short options too.

  -c, --stdout      write on standard output, keep original files unchanged
  -d, --decompress  decompress
  -f, --force       force overwrite of output file and compress links
  -h, --help        give this help
  -k, --keep        keep (don't delete) input files
  -l, --list        list compressed file contents
  -L, --license     display software license
  -n, --no-name     do not save or restore the original name and timestamp
  -N, --name        save or restore the original name and timestamp
  -q, --quiet       suppress all warnings
  -r, --recursive   operate recursively on directories
      --rsyncable   make rsync-friendly archive
  -S, --suffix=SUF  use suffix SUF on compressed files
      --synchronous synchronous output (safer if system crashes, but slower)
  -t, --test        test compressed file integrity
  -v, --verbose     verbose mode
  -V, --version     display version number
  -1, --fast        compress faster
  -9, --best        compress better

With no FILE, or when FILE is -, read standard input.

Report bugs to <bug-gzip@gnu.org>.
`;

interface Run {
  readonly main: Main;
  readonly options: ParsedOptions;
  readonly action: 'compress' | 'decompress' | 'test' | 'list';
  readonly toStdout: boolean;
  readonly suffix: string;
  /** 1 after an error, 2 after no more than warnings. */
  status: number;
  compressed: number;
  plain: number;
  listed: number;
}

function gzipProgram(name: string, preset: readonly string[]) {
  return program(name, function* (given) {
    const main = { ...given, name: 'gzip' };
    const options = parseOptions([...preset, ...main.args], OPTIONS);
    if (isOptionError(options)) {
      main.err.put(`gzip: ${options.error}\nTry \`gzip --help' for more information.\n`);
      return 1;
    }
    if (options.has('help')) {
      main.out.put(HELP);
      return 0;
    }
    if (options.has('version')) {
      main.out.put('gzip 1.12\n');
      return 0;
    }
    const missing = (['name', 'rsyncable', 'license'] as const).find((key) => options.has(key));
    if (missing) return yield* notSimulated(main, `${name} --${missing}`);
    const action = options.has('list')
      ? 'list'
      : options.has('test')
        ? 'test'
        : options.has('decompress')
          ? 'decompress'
          : 'compress';
    const run: Run = {
      main,
      options,
      action,
      toStdout: options.has('stdout'),
      suffix: options.value('suffix') ?? '.gz',
      status: 0,
      compressed: 0,
      plain: 0,
      listed: 0,
    };
    for (const path of options.operands.length ? options.operands : ['-']) {
      if (path === '-') yield* standardInput(run);
      else yield* oneFile(run, path);
    }
    if (run.listed > 1) listLine(run, run.compressed, run.plain, '(totals)');
    return run.status;
  });
}

export const gzip = gzipProgram('gzip', []);
export const gunzip = gzipProgram('gunzip', ['-d']);
export const zcat = gzipProgram('zcat', ['-cd']);

function* say(run: Run, text: string, status: 1 | 2, quiet = false): Routine<void> {
  if (run.status !== 1) run.status = status;
  if (quiet && run.options.has('quiet')) return;
  yield* run.main.out.flush();
  run.main.err.put(text);
  yield* run.main.err.flush();
}

function* standardInput(run: Run): Routine<void> {
  const { main, options } = run;
  const terminal = main.process.isTerminal(run.action === 'compress' ? 1 : 0);
  if (terminal && !options.has('force')) {
    const what = run.action === 'compress' ? 'written to' : 'read from';
    yield* say(
      run,
      `gzip: compressed data not ${what} a terminal. Use -f to force ${run.action === 'compress' ? '' : 'de'}compression.\n` +
        'For help, type: gzip -h\n',
      1,
    );
    return;
  }
  const bytes = yield* main.input.rest();
  if (run.action === 'compress') {
    main.out.put(gzipFile(bytes, { extra: extraOf(options) }));
    return;
  }
  if (run.action === 'list') return yield* listOne(run, bytes, 'stdout');
  const plain = yield* expanded(run, bytes, 'stdin');
  if (plain && run.action === 'decompress') main.out.put(plain);
}

const extraOf = (options: ParsedOptions): number =>
  options.has('best') ? 2 : options.has('fast') ? 4 : 0;

/** The contents of compressed bytes; what is wrong is said. */
function* expanded(run: Run, bytes: Uint8Array, name: string): Routine<Uint8Array | undefined> {
  if (!isGzip(bytes)) {
    if (run.options.has('force') && run.toStdout) return bytes;
    const text = bytes.length < 2 ? 'unexpected end of file' : 'not in gzip format';
    yield* say(run, `\ngzip: ${name}: ${text}\n`, 1);
    return undefined;
  }
  const plain = inflate(bytes);
  yield* run.main.process.work(bytes.length * 4);
  if (typeof plain !== 'string') return plain;
  const text =
    plain === 'gzip: invalid checksum'
      ? 'invalid compressed data--crc error'
      : 'unexpected end of file';
  yield* say(run, `\ngzip: ${name}: ${text}\n`, 1);
  return undefined;
}

/** Works on one named file, or on what is in a directory under -r. */
function* oneFile(run: Run, given: string): Routine<void> {
  const { main, options, suffix } = run;
  const { process } = main;
  let path = given;
  let stat = process.lstat(path);
  if (stat === ENOENT && run.action !== 'compress' && !path.endsWith(suffix)) {
    path += suffix;
    stat = process.lstat(path);
  }
  if (isErrno(stat)) return yield* say(run, `gzip: ${path}: ${stat.message}\n`, 1);
  const inPlace = !run.toStdout && run.action !== 'list' && run.action !== 'test';
  if ((stat.mode & S_IFMT) === S_IFLNK) {
    if (inPlace && !options.has('force'))
      return yield* say(run, `gzip: ${path}: ${ELOOP.message}\n`, 1);
    stat = process.stat(path);
    if (isErrno(stat)) return yield* say(run, `gzip: ${path}: ${stat.message}\n`, 1);
  }
  const kind = stat.mode & S_IFMT;
  if (kind === S_IFDIR) {
    if (!options.has('recursive'))
      return yield* say(run, `gzip: ${path} is a directory -- ignored\n`, 2, true);
    const entries = process.readdir(path);
    if (isErrno(entries)) return yield* say(run, `gzip: ${path}: ${entries.message}\n`, 1);
    for (const { name } of entries) yield* oneFile(run, joinPath(path, name));
    return;
  }
  if (kind !== S_IFREG && inPlace) {
    return yield* say(
      run,
      `gzip: ${path} is not a directory or a regular file - ignored\n`,
      2,
      true,
    );
  }
  if (run.action === 'compress' && path.endsWith(suffix) && !run.toStdout) {
    if (!options.has('quiet'))
      yield* tell(run, `gzip: ${path} already has ${suffix} suffix -- unchanged\n`);
    return;
  }
  if (
    run.action === 'decompress' &&
    inPlace &&
    !/\.(gz|tgz|taz|Z|z)$/.test(path) &&
    !path.endsWith(suffix)
  ) {
    return yield* say(run, `gzip: ${path}: unknown suffix -- ignored\n`, 2, true);
  }
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) return yield* say(run, `gzip: ${path}: ${bytes.message}\n`, 1);
  yield* convert(run, path, bytes, {
    mtime: stat.mtime,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
  });
}

interface Attributes {
  readonly mtime: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function* convert(
  run: Run,
  path: string,
  bytes: Uint8Array,
  attributes: Attributes,
): Routine<void> {
  const { main, options, action } = run;
  if (action === 'list') return yield* listOne(run, bytes, targetName(path, run.suffix));
  const name = options.has('noName') ? undefined : baseName(path);
  const mtime = options.has('noName') ? 0 : epochSeconds(attributes.mtime);
  const result =
    action === 'compress'
      ? gzipFile(bytes, { ...(name === undefined ? {} : { name }), mtime, extra: extraOf(options) })
      : yield* expanded(run, bytes, path);
  if (!result) return;
  const [small, large] =
    action === 'compress' ? [result.length, bytes.length] : [bytes.length, result.length];
  const verbose = options.has('verbose');
  if (action === 'test') {
    if (verbose) yield* tell(run, `${path}:\t OK\n`);
    return;
  }
  if (run.toStdout) {
    yield* main.out.print(result);
    if (verbose) yield* tell(run, `${path}:\t${ratio(small, large, name)}\n`);
    return;
  }
  const to = action === 'compress' ? path + run.suffix : targetName(path, run.suffix);
  if (!(yield* put(run, path, to, result, attributes))) return;
  const kept = options.has('keep');
  if (verbose)
    yield* tell(
      run,
      `${path}:\t${ratio(small, large, name)} -- ${kept ? 'created' : 'replaced with'} ${to}\n`,
    );
}

/** Writes the new file with the old one's attributes, and removes the old. */
function* put(
  run: Run,
  from: string,
  to: string,
  bytes: Uint8Array,
  { mtime, mode, uid, gid }: Attributes,
): Routine<boolean> {
  const { process } = run.main;
  if (!isErrno(process.lstat(to)) && !run.options.has('force')) {
    yield* say(run, `gzip: ${to} already exists;\tnot overwritten\n`, 2);
    return false;
  }
  const failure = yield* writeFile(process, to, bytes, 0o600);
  if (failure) {
    yield* say(run, `gzip: ${to}: ${failure.message}\n`, 1);
    return false;
  }
  process.chown(to, uid, gid);
  process.chmod(to, mode);
  process.utimes(to, undefined, mtime);
  if (!run.options.has('keep')) process.unlink(from);
  return true;
}

function* tell(run: Run, text: string): Routine<void> {
  run.main.err.put(text);
  yield* run.main.err.flush();
}

function targetName(path: string, suffix: string): string {
  if (/\.(tgz|taz)$/.test(path)) return path.replace(/\.(tgz|taz)$/, '.tar');
  return path.endsWith(suffix) ? path.slice(0, -suffix.length) : path.replace(/\.(gz|Z|z)$/, '');
}

/** ` 53.0%`: how much smaller; the header (with its name) and the trailer do not count. */
function ratio(compressed: number, plain: number, name = ''): string {
  const frame = 18 + (name === '' ? 0 : name.length + 1);
  const percent = plain === 0 ? 0 : (100 * (plain - compressed + frame)) / plain;
  return `${percent.toFixed(1).padStart(5)}%`;
}

function listOne(run: Run, bytes: Uint8Array, name: string): Routine<void> {
  const header = gzipHeader(bytes);
  if (!header) return say(run, `\ngzip: ${name}: not in gzip format\n`, 1);
  return list(run, header, bytes.length, name);
}

function* list(
  run: Run,
  header: { readonly crc: number; readonly length: number; readonly mtime: number },
  size: number,
  name: string,
): Routine<void> {
  const { main, options } = run;
  const verbose = options.has('verbose');
  if (run.listed++ === 0) {
    main.out.put(
      `${verbose ? 'method  crc     date  time  ' : ''}         compressed        uncompressed  ratio uncompressed_name\n`,
    );
  }
  if (verbose) {
    const at = header.mtime
      ? header.mtime * 1000
      : epochMilliseconds(main.process.task.kernel.simulation.now);
    main.out.put(
      `defla ${header.crc.toString(16).padStart(8, '0')} ${strftime('%b %e %H:%M', momentOf(at))} `,
    );
  }
  run.compressed += size;
  run.plain += header.length;
  listLine(run, size, header.length, name);
}

function listLine(run: Run, compressed: number, plain: number, name: string): void {
  const columns = [compressed, plain].map((size) => String(size).padStart(19)).join(' ');
  run.main.out.put(`${columns} ${ratio(compressed, plain)} ${name}\n`);
}
