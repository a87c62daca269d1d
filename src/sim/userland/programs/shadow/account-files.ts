// Changing /etc/passwd, /etc/group and /etc/shadow: lines of fields between colons.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { readFile, writeFile } from '../../libc/whole-file.ts';

/** The lines of a file, each as its fields. */
export function* readLines(process: Process, path: string): Routine<string[][]> {
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) return [];
  return decode(bytes)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'));
}

/** Writes the lines back. */
export function* writeLines(
  process: Process,
  path: string,
  lines: readonly (readonly string[])[],
): Routine<Errno | undefined> {
  return yield* writeFile(
    process,
    path,
    encode(lines.map((fields) => `${fields.join(':')}\n`).join('')),
  );
}

/** Adds a line at the end of a file. */
export function* addLine(
  process: Process,
  path: string,
  fields: readonly string[],
): Routine<Errno | undefined> {
  return yield* writeLines(process, path, [...(yield* readLines(process, path)), fields]);
}

/** Takes the lines of a name out; whether there was one. */
export function* removeName(process: Process, path: string, name: string): Routine<boolean> {
  const lines = yield* readLines(process, path);
  const kept = lines.filter(([first]) => first !== name);
  if (kept.length === lines.length) return false;
  yield* writeLines(process, path, kept);
  return true;
}

/** Days since 1970, as /etc/shadow counts them. */
export function dayOf(milliseconds: number): string {
  return String(Math.floor(milliseconds / 86_400_000));
}
