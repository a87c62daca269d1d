// The journal (systemd-journald(8)): what services print and what PID 1 says of them, in /run/log/journal. The real file is
// binary and indexed; here it is a line of JSON for each entry, with the fields' own names where they are kept.

import { decode, encode } from '../../core/text.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_WRONLY } from '../../kernel/files/open-file.ts';
import { readFile, writeAll } from '../libc/whole-file.ts';

export const JOURNAL = '/run/log/journal/system.journal';

export interface JournalEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** SYSLOG_IDENTIFIER */
  readonly who: string;
  /** _PID */
  readonly pid: number;
  /** UNIT or _SYSTEMD_UNIT */
  readonly unit: string;
  /** PRIORITY: 6 info, 4 warning, 3 error. */
  readonly priority: number;
  readonly message: string;
}

/** Appends entries. */
export function* appendJournal(
  process: Process,
  entries: readonly Omit<JournalEntry, 'at'>[],
): Routine<void> {
  const at = epochMilliseconds(process.now);
  const text = entries.map((entry) => `${JSON.stringify({ at, ...entry })}\n`).join('');
  let fd = process.open(JOURNAL, O_WRONLY | O_CREAT | O_APPEND, 0o640);
  if (isErrno(fd)) {
    for (const directory of ['/run/log', '/run/log/journal']) process.mkdir(directory, 0o755);
    fd = process.open(JOURNAL, O_WRONLY | O_CREAT | O_APPEND, 0o640);
  }
  if (isErrno(fd)) return;
  yield* writeAll(process, fd, encode(text));
  process.close(fd);
}

/** Every entry, the eldest first. */
export function* readJournal(process: Process): Routine<JournalEntry[]> {
  const bytes = yield* readFile(process, JOURNAL);
  if (isErrno(bytes)) return [];
  const lines = decode(bytes).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
}
