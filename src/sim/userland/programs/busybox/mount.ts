// busybox's mount: the list of mounts, mounts by operands or by /etc/fstab, binds, moves, remounts and propagation; a
// long option is an option of -o. A failure is said in busybox's words. Left out: loop devices set up by itself,
// helpers (mount.TYPE), and remounting read-only what is write-protected.

import type { Routine } from '../../../core/wait.ts';
import { EPERM, isErrno } from '../../../kernel/errno.ts';
import {
  MS_PRIVATE,
  MS_RDONLY,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '../../../kernel/files/mount.ts';
import { splitMountOptions } from '../../../kernel/files/mount-options.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { type Main, program } from '../../libc/stdio.ts';
import {
  listedMount,
  type MountRequest,
  readFstab,
  readMounts,
} from '../util-linux/mount-table.ts';
import { BANNER } from './dialect.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'options', short: 'o', argument: 'required' },
  { key: 'types', short: 't', argument: 'required' },
  { key: 'fstab', short: 'T', argument: 'required' },
  { key: 'readonly', short: 'r' },
  { key: 'readwrite', short: 'w' },
  { key: 'all', short: 'a' },
  { key: 'fake', short: 'f' },
  { key: 'ignored', short: 'nsi' },
  { key: 'match', short: 'O', argument: 'required' },
];

const USAGE = `${BANNER}\n\nUsage: mount [OPTIONS] [-o OPT] DEVICE NODE\n`;

/** The status of a mount(2) that failed: its -1. */
const FAILED = 255;
const PROPAGATION = MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE;

function complain(main: Main, text: string): 1 {
  main.err.put(`mount: ${text}\n`);
  return 1;
}

function perform(main: Main, { source, target, type, flags, data }: MountRequest): number {
  const failure = main.process.mount(source, target, type, flags, data);
  if (!failure) return 0;
  if (failure === EPERM) return complain(main, 'permission denied (are you root?)');
  complain(main, `mounting ${source} on ${target} failed: ${failure.message}`);
  return FAILED;
}

function* list(main: Main, type: string | undefined): ProgramRun {
  const mounts = yield* readMounts(main.process);
  for (const entry of isErrno(mounts) ? [] : mounts)
    if (type === undefined || entry.type === type) yield* main.out.print(listedMount(entry));
  return 0;
}

/** The lines of fstab, where it can be read. */
function* fstabOf(main: Main, options: ParsedOptions): Routine<MountRequest[] | undefined> {
  const path = options.value('fstab') ?? '/etc/fstab';
  const entries = yield* readFstab(main.process, path);
  if (!isErrno(entries)) return entries;
  complain(main, `can't read '${path}': ${entries.message}`);
  return undefined;
}

/** Everything of /etc/fstab that is not mounted yet. */
function* mountAll(main: Main, options: ParsedOptions): ProgramRun {
  const entries = yield* fstabOf(main, options);
  if (!entries) return 1;
  const mounts = yield* readMounts(main.process);
  const there = new Set(isErrno(mounts) ? [] : mounts.map(({ target }) => target));
  let status = 0;
  for (const one of entries)
    if (one.type !== 'swap' && one.target !== '/' && !there.has(one.target))
      status = perform(main, one) || status;
  return status;
}

/** One operand: a mount whose propagation or options change, or an entry of fstab. */
function* single(
  main: Main,
  options: ParsedOptions,
  word: string,
  asked: MountRequest,
): ProgramRun {
  const { process } = main;
  if (asked.flags & PROPAGATION) {
    const failure = process.mount('', word, '', asked.flags, '');
    return failure ? complain(main, `${word}: ${failure.message}`) : 0;
  }
  const at = process.realpath(word);
  const path = isErrno(at) ? word : at;
  if (asked.flags & MS_REMOUNT) {
    const mounts = yield* readMounts(process);
    const found = isErrno(mounts) ? undefined : mounts.findLast(({ target }) => target === path);
    if (!found) return complain(main, `can't find ${word} in /proc/mounts`);
    const flags = asked.flags | (splitMountOptions(found.options).flags & ~MS_RDONLY);
    return perform(main, { ...asked, source: found.source, target: word, flags });
  }
  const entries = yield* fstabOf(main, options);
  if (!entries) return 1;
  const found = entries.find(({ source, target }) => source === word || target === path);
  if (!found) {
    const table = options.value('fstab') ?? '/etc/fstab';
    return complain(main, `can't find ${word} in ${table}`);
  }
  return perform(main, { ...found, flags: found.flags | asked.flags });
}

/** `--bind`, `--make-rslave` and their like as -o takes them. */
function longAsOptions(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.flatMap((word, i) =>
    word.startsWith('--') && word !== '--' && (end < 0 || i < end) ? ['-o', word.slice(2)] : [word],
  );
}

/** What the words of -o say. Propagation is asked for by `make-` and its name; the bare names mean nothing. */
function mountWords(lists: readonly string[]): { flags: number; data: string } {
  const words = lists.flatMap((list) => list.split(','));
  const bare = words.filter((word) => /^r?(shared|slave|private|unbindable)$/.test(word));
  const known = words.filter((word) => !bare.includes(word));
  const { flags, data } = splitMountOptions(
    known.map((word) => word.replace(/^make-/, '')).join(','),
  );
  return { flags, data: [data.trim(), ...bare].filter((word) => word !== '').join(',') };
}

export const mount = program('busybox-mount', function* (main) {
  const options = parseOptions(longAsOptions(main.args), OPTIONS);
  if (isOptionError(options) || options.operands.length > 2) {
    main.err.put(`${isOptionError(options) ? `mount: ${options.error}\n` : ''}${USAGE}`);
    return 1;
  }
  if (options.has('all')) return yield* mountAll(main, options);
  const [source, target] = options.operands;
  if (source === undefined) return yield* list(main, options.value('types'));
  const words = mountWords(options.values('options'));
  const asked = {
    source,
    target: target ?? '',
    type: options.value('types') ?? '',
    flags: words.flags | (options.has('readonly') ? MS_RDONLY : 0),
    data: words.data,
  };
  if (options.has('fake')) return 0;
  return target === undefined ? yield* single(main, options, source, asked) : perform(main, asked);
});
