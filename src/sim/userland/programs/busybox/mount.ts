// busybox's mount: the list of mounts, mounts by operands or by /etc/fstab, binds, moves, remounts and propagation; a
// long option is an option of -o. A failure is said in busybox's words. Left out: -v, loop devices set up by itself,
// helpers (mount.TYPE), and remounting read-only what is write-protected.

import type { Routine } from '../../../core/wait.ts';
import { decode } from '../../../core/text.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { EPERM, type Errno, isErrno } from '../../../kernel/errno.ts';
import {
  MS_BIND,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '../../../kernel/files/mount.ts';
import { splitMountOptions } from '../../../kernel/files/mount-options.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { isOptionError, type OptionSpec, parseOptions } from '../../libc/options.ts';
import { type Main, program } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';
import { mergedOptions, readMounts } from '../util-linux/mount-table.ts';
import { BANNER } from './dialect.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'options', short: 'o', argument: 'required' },
  { key: 'types', short: 't', argument: 'required' },
  { key: 'readonly', short: 'r' },
  { key: 'readwrite', short: 'w' },
  { key: 'all', short: 'a' },
  { key: 'fake', short: 'f' },
  { key: 'ignored', short: 'nsi' },
  { key: 'match', short: 'O', argument: 'required' },
];

const USAGE = `${BANNER}\n\nUsage: mount [OPTIONS] [-o OPT] DEVICE NODE\n`;

/** Words of -o that change how mounts propagate; `rshared` means those below too. */
const PROPAGATION: Readonly<Record<string, number>> = {
  shared: MS_SHARED,
  slave: MS_SLAVE,
  private: MS_PRIVATE,
  unbindable: MS_UNBINDABLE,
};

/** The status of a mount(2) that failed: its -1. */
const FAILED = 255;

interface Job {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly flags: number;
  readonly data: string;
}

/** mount(2); read-only binds take a second call. */
function call(p: Process, { source, target, type, flags, data }: Job): Errno | undefined {
  const failure = p.mount(source, target, type, flags, data);
  const restricts = flags & ~(MS_BIND | MS_REC);
  if (failure || !(flags & MS_BIND) || flags & MS_REMOUNT || restricts === 0) return failure;
  return p.mount('none', target, '', MS_REMOUNT | MS_BIND | restricts);
}

function perform(main: Main, job: Job): number {
  const failure = call(main.process, job);
  if (!failure) return 0;
  if (failure === EPERM) {
    main.err.put('mount: permission denied (are you root?)\n');
    return 1;
  }
  main.err.put(`mount: mounting ${job.source} on ${job.target} failed: ${failure.message}\n`);
  return FAILED;
}

function* readFstab(process: Process): Routine<Job[]> {
  const bytes = yield* readFile(process, '/etc/fstab');
  if (isErrno(bytes)) return [];
  return decode(bytes)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    .map((line) => {
      const [source = '', target = '', type = '', options = 'defaults'] = line.trim().split(/\s+/);
      return { source, target, type: type === 'auto' ? '' : type, ...splitMountOptions(options) };
    });
}

function* list(main: Main, type: string | undefined): ProgramRun {
  const mounts = yield* readMounts(main.process);
  for (const entry of isErrno(mounts) ? [] : mounts) {
    if (type !== undefined && entry.type !== type) continue;
    yield* main.out.print(
      `${entry.source} on ${entry.target} type ${entry.type} (${mergedOptions(entry)})\n`,
    );
  }
  return 0;
}

/** Everything of /etc/fstab that is not mounted yet. */
function* mountAll(main: Main): ProgramRun {
  const mounts = yield* readMounts(main.process);
  const there = new Set(isErrno(mounts) ? [] : mounts.map(({ target }) => target));
  let status = 0;
  for (const job of yield* readFstab(main.process))
    if (job.type !== 'swap' && job.target !== '/' && !there.has(job.target))
      status = perform(main, job) || status;
  return status;
}

/** What one operand means: an entry of /etc/fstab, or of what is mounted where it is only changed. */
function* single(main: Main, word: string, job: Job): Routine<Job | undefined> {
  const at = main.process.realpath(word);
  const path = isErrno(at) ? word : at;
  if (job.flags & MS_REMOUNT) {
    const mounts = yield* readMounts(main.process);
    const found = isErrno(mounts) ? undefined : mounts.findLast(({ target }) => target === path);
    if (!found) return undefined;
    const flags = splitMountOptions(found.options).flags & ~MS_RDONLY;
    return { ...job, source: found.source, target: word, type: '', flags: job.flags | flags };
  }
  if (job.flags !== 0 && job.type === '') return { ...job, source: 'none', target: word };
  const found = (yield* readFstab(main.process)).find(
    ({ source, target }) => source === word || target === path,
  );
  return found && { ...found, flags: found.flags | job.flags };
}

/** The words of -o: what they say of propagation, and the rest. */
function wordsOf(text: string): { propagation: number; rest: string } {
  let propagation = 0;
  const rest = text.split(',').filter((word) => {
    const [, below = '', name = ''] = /^(?:make-)?(r?)([a-z]+)$/.exec(word) ?? [];
    const flag = PROPAGATION[name];
    if (flag !== undefined) propagation |= flag | (below === '' ? 0 : MS_REC);
    return flag === undefined;
  });
  return { propagation, rest: rest.join(',') };
}

/** `--bind` and its like as -o takes them. */
function longAsOptions(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.flatMap((word, i) =>
    word.startsWith('--') && word !== '--' && (end < 0 || i < end) ? ['-o', word.slice(2)] : [word],
  );
}

export const mount = program('busybox-mount', function* (main) {
  const options = parseOptions(longAsOptions(main.args), OPTIONS);
  if (isOptionError(options) || options.operands.length > 2) {
    main.err.put(`${isOptionError(options) ? `mount: ${options.error}\n` : ''}${USAGE}`);
    return 1;
  }
  if (options.has('all')) return yield* mountAll(main);
  const [source, target] = options.operands;
  if (source === undefined) return yield* list(main, options.value('types'));
  const { propagation, rest } = wordsOf(options.values('options').join(','));
  const words = splitMountOptions(rest);
  const flags = words.flags | propagation | (options.has('readonly') ? MS_RDONLY : 0);
  const type = options.value('types') ?? '';
  const given = { source, target: target ?? '', type, flags, data: words.data.trim() };
  const job = target === undefined ? yield* single(main, source, given) : given;
  if (!job) {
    main.err.put(`mount: can't find ${source} in /etc/fstab\n`);
    return 1;
  }
  return options.has('fake') ? 0 : perform(main, job);
});
