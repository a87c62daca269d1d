// Reading a line as a shell must: not one byte more than the line, so that the next command finds
// the rest.

import type { Routine } from '../../../core/wait.ts';
import { concatBytes } from '../../../core/text.ts';
import { EINTR, type Errno, isErrno } from '../../../kernel/errno.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { fromBytes } from '../bytes.ts';

export interface LineRules {
  /** The byte that ends the line: newline. */
  readonly delimiter?: number;
  /** Characters at the most. */
  readonly most?: number;
  /** The delimiter does not end it (read -N). */
  readonly exactly?: boolean;
  /** Virtual time at which it gives up. */
  readonly until?: number | undefined;
  /** A backslash before the delimiter goes on with the next line. */
  readonly continues?: boolean;
  /** Asked after a signal: true gives up. */
  readonly interrupted?: () => boolean;
}

export interface LineRead {
  readonly text: string;
  /** The end of the input came first. */
  readonly ended: boolean;
  readonly timedOut: boolean;
  readonly failure: Errno | undefined;
}

const CHUNK = 4096;

/** Reads one line without its delimiter. */
export function* readLine(process: Process, fd: number, rules: LineRules): Routine<LineRead> {
  const delimiter = rules.delimiter ?? 10;
  const seekable = !isErrno(process.lseek(fd, 0, 1)) && isPlain(process, fd);
  const parts: number[] = [];
  let characters = 0;
  const done = (ended: boolean, timedOut = false, failure?: Errno): LineRead => ({
    text: fromBytes(Uint8Array.from(parts)),
    ended,
    timedOut,
    failure,
  });
  for (;;) {
    if (rules.most !== undefined && characters >= rules.most && complete(parts)) return done(false);
    if (rules.until !== undefined) {
      const ready = yield* process.poll([{ fd, events: 'in' }], rules.until);
      if (ready === 0) return done(false, true);
    }
    const bytes = yield* process.read(fd, seekable ? CHUNK : 1);
    if (bytes === EINTR) {
      if (rules.interrupted?.()) return done(true);
      continue;
    }
    if (isErrno(bytes)) return done(true, false, bytes);
    if (bytes.length === 0) return done(true);
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      const stop = byte === delimiter && !rules.exactly;
      if (stop && !(rules.continues && oddBackslashes(parts))) {
        if (seekable) process.lseek(fd, i + 1 - bytes.length, 1);
        return done(false);
      }
      parts.push(byte);
      if ((byte & 0xc0) !== 0x80) characters++;
      if (rules.most !== undefined && characters >= rules.most && complete(parts)) {
        if (seekable) process.lseek(fd, i + 1 - bytes.length, 1);
        return done(false);
      }
    }
  }
}

function isPlain(process: Process, fd: number): boolean {
  const stat = process.fstat(fd);
  return !isErrno(stat) && (stat.mode & 0o170000) === 0o100000;
}

/** The bytes end with a whole character. */
function complete(bytes: readonly number[]): boolean {
  for (let back = 1; back <= 4; back++) {
    const byte = bytes.at(-back);
    if (byte === undefined || byte < 0x80) return true;
    if (byte >= 0xc0) return back >= (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2);
  }
  return true;
}

function oddBackslashes(bytes: readonly number[]): boolean {
  let count = 0;
  while (bytes[bytes.length - 1 - count] === 0x5c) count++;
  return count % 2 === 1;
}

/** All of a descriptor's bytes. */
export function* readRest(process: Process, fd: number): Routine<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = yield* process.read(fd, 65_536);
    if (part === EINTR) continue;
    if (isErrno(part) || part.length === 0) return concatBytes(parts);
    parts.push(part);
  }
}
