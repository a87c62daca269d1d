// tar 1.34 (GNU): create, append, list and extract, plain or through gzip. Updating, comparing, deleting members, other
// compressors and the pax form for writing are left out.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { gunzip, gzipFile, isGzip } from '../../libc/gzip.ts';
import { isOptionError, type ParsedOptions, parseOptions } from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { readFile, writeAll, writeFile } from '../../libc/whole-file.ts';
import { fileIdentity, newPacking, pack } from './tar-create.ts';
import { extractMembers } from './tar-extract.ts';
import { closeArchive, decodeArchive, type TarContents } from './tar-format.ts';
import {
  excludes,
  memberChoice,
  oldStyle,
  TAR_MISSING,
  TAR_OPTIONS,
  type TarItem,
  tarItems,
} from './tar-options.ts';
import { newTarRun, type TarRun } from './tar-run.ts';

const HINT = "Try 'tar --help' or 'tar --usage' for more information.\n";
const MODES = ['create', 'append', 'list', 'extract'] as const;

export const tar = program('tar', function* (main) {
  const usage = function* (text: string): ProgramRun {
    main.err.put(`tar: ${text}\n${HINT}`);
    yield* main.err.flush();
    return 2;
  };
  const args = oldStyle(main.args);
  if ('error' in args) return yield* usage(args.error);
  const options = parseOptions(args, [...TAR_OPTIONS, ...TAR_MISSING]);
  if (isOptionError(options)) return yield* usage(options.error);
  if (options.has('version')) {
    main.out.put('tar (GNU tar) 1.34\n');
    return 0;
  }
  const missing = TAR_MISSING.find(
    (option) => options.has(option.key) && !plainFormat(options, option.key),
  );
  if (missing) {
    return yield* notSimulated(
      main,
      `tar ${missing.long ? `--${missing.long.split(' ')[0] ?? ''}` : `-${missing.short ?? ''}`}`,
    );
  }
  const modes = MODES.filter((key) => options.has(key));
  const [mode] = modes;
  if (!mode)
    return yield* usage(
      "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options",
    );
  if (modes.length > 1) {
    return yield* usage(
      "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option",
    );
  }
  if (!/^\d+$/.test(options.value('strip') ?? '0')) {
    return yield* usage(`${options.value('strip') ?? ''}: Invalid number of elements`);
  }
  const items = tarItems(args);
  if (mode === 'create' && !items.some(([kind]) => kind !== 'directory')) {
    return yield* usage('Cowardly refusing to create an empty archive');
  }
  const file = options.value('file') ?? '-';
  const namesToStderr =
    mode === 'create' || mode === 'append' ? file === '-' : options.has('stdout');
  const run = newTarRun(main, options, namesToStderr, mode === 'list' ? 1 : 0);
  if (mode === 'create' || mode === 'append')
    return yield* create(run, file, items, mode === 'append');
  return yield* read(run, file, items, mode === 'extract');
});

/** --format=gnu asks for what is written anyway. */
const plainFormat = (options: ParsedOptions, key: string): boolean =>
  key === 'format' && /^(gnu|oldgnu)$/.test(options.value('format') ?? '');

function* fatal(main: Main, text: string): ProgramRun {
  yield* main.out.flush();
  main.err.put(`${text}\ntar: Error is not recoverable: exiting now\n`);
  yield* main.err.flush();
  return 2;
}

function* finish(run: TarRun): ProgramRun {
  yield* run.main.out.flush();
  if (run.main.out.failure) yield* run.problem('stdout: write error');
  if (run.main.out.failure) return 2;
  if (run.status() !== 0) yield* run.note('Exiting with failure status due to previous errors');
  return run.status();
}

function* patterns(run: TarRun): Routine<string[]> {
  const out = run.options.values('exclude');
  for (const list of run.options.values('excludeFrom'))
    out.push(...(yield* listedNames(run, list)));
  return out;
}

/** The lines of a file of names; `-` is standard input. */
function* listedNames(run: TarRun, path: string): Routine<string[]> {
  const bytes =
    path === '-' ? yield* run.main.input.rest() : yield* readFile(run.main.process, path);
  if (isErrno(bytes)) {
    yield* run.problem(`${path}: Cannot open: ${bytes.message}`);
    return [];
  }
  return decode(bytes)
    .split('\n')
    .filter((line) => line !== '');
}

function* create(
  run: TarRun,
  file: string,
  items: readonly TarItem[],
  append: boolean,
): ProgramRun {
  const { main, options } = run;
  const { process } = main;
  if (file === '-' && process.isTerminal(1)) {
    return yield* fatal(
      main,
      'tar: Refusing to write archive contents to terminal (missing -f option?)',
    );
  }
  const zipped = options.has('gzip') || (options.has('auto') && /\.(tar\.gz|tgz|taz)$/.test(file));
  if (append && zipped) return yield* fatal(main, 'tar: Cannot update compressed archives');
  let before: Uint8Array = new Uint8Array(0);
  if (append && file !== '-' && process.exists(file)) {
    const old = yield* readFile(process, file);
    if (isErrno(old)) return yield* fatal(main, `tar: ${file}: Cannot open: ${old.message}`);
    before = old.subarray(0, decodeArchive(old).end);
  }
  const home = process.getcwd();
  const failure = file === '-' ? undefined : yield* writeFile(process, file, before);
  if (failure) return yield* fatal(main, cannotOpen(file, failure, zipped));
  const stat = file === '-' ? undefined : process.stat(file);
  const packing = yield* newPacking(
    run,
    excludes(yield* patterns(run)),
    stat && !isErrno(stat) ? fileIdentity(stat) : undefined,
  );
  const place = file === '-' || file.startsWith('/') || isErrno(home) ? file : `${home}/${file}`;
  for (const [kind, value] of items) {
    if (kind === 'directory') {
      const refused = process.chdir(value);
      if (refused) return yield* fatal(main, `tar: ${value}: Cannot open: ${refused.message}`);
      continue;
    }
    for (const name of kind === 'files' ? yield* listedNames(run, value) : [value])
      yield* pack(packing, name);
  }
  const archive = closeArchive(before.length > 0 ? [before, ...packing.parts] : packing.parts);
  const bytes = zipped ? gzipFile(archive) : archive;
  const lost =
    file === '-' ? yield* writeAll(process, 1, bytes) : yield* writeFile(process, place, bytes);
  if (lost) return yield* fatal(main, `tar: ${file}: Cannot write: ${lost.message}`);
  return yield* finish(run);
}

/** The compressor is a child of tar's and says itself what it cannot open. */
function cannotOpen(file: string, error: Errno, zipped: boolean): string {
  const text = `${file}: Cannot open: ${error.message}`;
  if (!zipped) return `tar: ${text}`;
  return `tar (child): ${text}\ntar (child): Error is not recoverable: exiting now\ntar: Child returned status 2`;
}

function* read(run: TarRun, file: string, items: readonly TarItem[], extract: boolean): ProgramRun {
  const { main, options } = run;
  const { process } = main;
  if (file === '-' && process.isTerminal(0)) {
    return yield* fatal(
      main,
      'tar: Refusing to read archive contents from terminal (missing -f option?)',
    );
  }
  const bytes = file === '-' ? yield* main.input.rest() : yield* readFile(process, file);
  if (isErrno(bytes)) {
    const text =
      bytes.name === 'EISDIR'
        ? `tar: ${file}: Cannot read: ${bytes.message}\ntar: At beginning of tape, quitting now`
        : cannotOpen(file, bytes, options.has('gzip'));
    return yield* fatal(main, text);
  }
  const contents = yield* opened(run, bytes, file === '-');
  if (typeof contents === 'number') return contents;
  const names: string[] = [];
  for (const [kind, value] of items) {
    if (kind === 'name') names.push(value);
    if (kind === 'files') names.push(...(yield* listedNames(run, value)));
    const refused = kind === 'directory' && extract ? process.chdir(value) : undefined;
    if (refused) return yield* fatal(main, `tar: ${value}: Cannot open: ${refused.message}`);
  }
  const choice = memberChoice(names, options);
  const excluded = excludes(yield* patterns(run));
  const members = contents.members.filter(
    (member) => choice.chosen(member.name) && !excluded(member.name),
  );
  if (extract) yield* extractMembers(run, members);
  else for (const member of members) yield* run.announce(member);
  if (contents.problem === 'cut off') return yield* fatal(main, 'tar: Unexpected EOF in archive');
  if (contents.problem === 'not tar')
    yield* run.problem(
      contents.members.length > 0
        ? 'Skipping to next header'
        : 'This does not look like a tar archive',
    );
  yield* reportUnused(run, choice.unused());
  return yield* finish(run);
}

/** Unpacks gzip where that was asked or is plain to see, and reads the members. */
function* opened(run: TarRun, bytes: Uint8Array, piped: boolean): Routine<TarContents | number> {
  const { main, options } = run;
  if (!options.has('gzip') && !isGzip(bytes)) return decodeArchive(bytes);
  if (!options.has('gzip') && piped)
    return yield* fatal(main, 'tar: Archive is compressed. Use -z option');
  const plain = isGzip(bytes)
    ? gunzip(bytes)
    : bytes.length === 0
      ? 'unexpected EOF'
      : 'gzip: invalid header';
  yield* main.process.work(bytes.length * 4);
  if (typeof plain !== 'string') return decodeArchive(plain);
  const reason =
    plain === 'gzip: invalid header'
      ? 'not in gzip format'
      : plain === 'unexpected EOF'
        ? 'unexpected end of file'
        : 'invalid compressed data--crc error';
  return yield* fatal(main, `\ngzip: stdin: ${reason}\ntar: Child returned status 1`);
}

function* reportUnused(run: TarRun, unused: readonly string[]): Routine<void> {
  const wild = run.options.last('wildcards', 'noWildcards');
  if (wild === undefined && unused.some((name) => /[*?[]/.test(name))) {
    yield* run.note('Pattern matching characters used in file names');
    yield* run.note(
      'Use --wildcards to enable pattern matching, or --no-wildcards to suppress this warning',
    );
  }
  for (const name of unused) yield* run.problem(`${name}: Not found in archive`);
}
