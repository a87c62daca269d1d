// The tables of mounts: what is mounted, from /proc/PID/mountinfo, and what may be, from /etc/fstab (fstab(5)).

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { splitMountOptions } from '../../../kernel/files/mount-options.ts';
import { readFile } from '../../libc/whole-file.ts';

/** One line of mountinfo. */
export interface MountEntry {
  readonly id: number;
  readonly parent: number;
  /** `0:42`. */
  readonly device: string;
  /** What of the file system is mounted. */
  readonly root: string;
  readonly target: string;
  readonly options: string;
  /** `shared:1`, `master:2`, `unbindable`. */
  readonly optional: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: string;
}

/** One line of fstab, or what a command line asks for in its place. */
export interface MountRequest {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  /** Flags of mount(2). */
  readonly flags: number;
  /** What is left for the file system. */
  readonly data: string;
}

/** Reads a table of what may be mounted. */
export function* readFstab(process: Process, path = '/etc/fstab'): Routine<MountRequest[] | Errno> {
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) return bytes;
  return decode(bytes)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    .map((line) => {
      const [source = '', target = '', type = 'auto', options = 'defaults'] = line
        .trim()
        .split(/\s+/);
      return { source, target, type, ...splitMountOptions(options) };
    });
}

function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Reads a table; `path` is /proc/self/mountinfo unless said otherwise. */
export function* readMounts(
  process: Process,
  path = '/proc/self/mountinfo',
): Routine<MountEntry[] | Errno> {
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) return bytes;
  return decode(bytes)
    .split('\n')
    .filter((line) => line !== '')
    .map(entryOf);
}

function entryOf(line: string): MountEntry {
  const words = line.split(' ');
  const dash = words.indexOf('-');
  const word = (index: number): string => unescape(words[index] ?? '');
  return {
    id: Number(words[0]),
    parent: Number(words[1]),
    device: word(2),
    root: word(3),
    target: word(4),
    options: word(5),
    optional: words.slice(6, dash),
    type: word(dash + 1),
    source: word(dash + 2),
    superOptions: word(dash + 3),
  };
}

/** `rw,nosuid,size=1m`: mount options and file system options in one, without saying rw or ro twice. */
export function mergedOptions(entry: MountEntry): string {
  const own = entry.options.split(',');
  const others = entry.superOptions
    .split(',')
    .filter((word) => word !== 'rw' && word !== 'ro' && word !== '');
  const readOnly = own[0] === 'ro' || entry.superOptions.split(',')[0] === 'ro';
  return [readOnly ? 'ro' : 'rw', ...own.slice(1), ...others].join(',');
}

/** `private,slave`: how propagation reads. */
export function propagationOf(entry: MountEntry): string {
  const has = (name: string): boolean => entry.optional.some((word) => word.startsWith(name));
  const words = [has('shared:') ? 'shared' : 'private'];
  if (has('master:')) words.push('slave');
  if (has('unbindable')) words.push('unbindable');
  return words.join(',');
}

/** `tmpfs[/sub]`: the source, with the part of it that is seen where that is not all. */
export function sourceOf(entry: MountEntry): string {
  return entry.root === '/' ? entry.source : `${entry.source}[${entry.root}]`;
}

/** A mount as mount(8) lists it. */
export function listedMount(entry: MountEntry): string {
  return `${entry.source} on ${entry.target} type ${entry.type} (${mergedOptions(entry)})\n`;
}
