// What diff knows of its two sides before it compares them: a file, standard input, a directory, or nothing (-N).

import { binaryString } from '../../../core/text.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Stat } from '../../../kernel/calls/stat.ts';
import { ENOENT, type Errno, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import { FILE_TYPES } from '../../libc/modes.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { readFile } from '../../libc/whole-file.ts';
import type { Command } from '../coreutils/gnu.ts';

/** One side; `stat` is undefined where the file is absent and stands for an empty one. */
export interface DiffSide {
  readonly path: string;
  readonly stat: Stat | undefined;
}

/** Looks at one side: absent is no failure where -N lets it be. */
export function diffSide(command: Command, path: string, absentIsEmpty: boolean): DiffSide | Errno {
  const stat = path === '-' ? command.process.fstat(0) : command.process.stat(path);
  if (!isErrno(stat)) return { path, stat };
  return stat === ENOENT && absentIsEmpty && isErrno(command.process.lstat(path))
    ? { path, stat: undefined }
    : stat;
}

export function isDirectory({ stat }: DiffSide): boolean {
  return stat !== undefined && (stat.mode & S_IFMT) === S_IFDIR;
}

/** `regular file`, `directory`, … as diff names types; an empty file is one of its own. */
export function typeName({ stat }: DiffSide): string {
  if (!stat) return 'regular empty file';
  const type = FILE_TYPES.find(({ kind }) => kind === (stat.mode & S_IFMT))?.text ?? 'weird file';
  return type === 'regular file' && stat.size === 0 ? 'regular empty file' : type;
}

/** Every byte of a side. */
export function* contentsOf(command: Command, side: DiffSide): Routine<Uint8Array | Errno> {
  if (!side.stat) return new Uint8Array(0);
  if (side.path !== '-') return yield* readFile(command.process, side.path);
  const bytes = yield* command.input.rest();
  return command.input.failure ?? bytes;
}

/** The lines of a file, each with its newline if it had one. */
export function linesOf(bytes: Uint8Array): string[] {
  const lines = binaryString(bytes).split('\n');
  const last = lines.pop() ?? '';
  const whole = lines.map((line) => `${line}\n`);
  if (last !== '') whole.push(last);
  return whole;
}

/** `--- name<TAB>time`: how unified and context forms head a side. */
export function sideHeading(
  command: Command,
  mark: string,
  side: DiffSide,
  label: string | undefined,
): string {
  if (label !== undefined) return `${mark} ${label}\n`;
  const now = command.process.task.kernel.simulation.now;
  const changed = side.path === '-' ? now : side.stat?.mtime;
  const moment =
    changed === undefined ? { seconds: 0, nanoseconds: 0 } : momentOf(epochMilliseconds(changed));
  const name = /[\s"\\]/.test(side.path) ? `"${side.path.replace(/["\\]/g, '\\$&')}"` : side.path;
  return `${mark} ${name}\t${strftime('%Y-%m-%d %H:%M:%S.%N %z', moment)}\n`;
}

/** `diff: file: reason`; diffutils never quote names in errors. */
export function plainError(command: Command, path: string, error: Errno): Routine<void> {
  return command.fail(`${path}: ${error.message}`);
}
