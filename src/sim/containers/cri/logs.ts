// Container logs: each line with its time, its stream and whether it was cut, as the kubelet reads them
// (`2026-03-02T09:00:01.000000000Z stdout F text`).

import { concatBytes, encode } from '../../core/text.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_RDONLY, O_WRONLY } from '../../kernel/files/open-file.ts';
import { makeDirectories } from '../containerd/daemon.ts';
import type { Container } from './store.ts';

const LONGEST_LINE = 16_384;

/** Copies one stream of a container into its log, until the stream ends. */
export function* copyToLog(
  p: Process,
  container: Container,
  stream: 'stdout' | 'stderr',
  fifo: string,
): Routine<void> {
  const from = p.open(fifo, O_RDONLY);
  if (isErrno(from)) return;
  let log = openLog(p, container.logPath);
  let held: Uint8Array = new Uint8Array(0);
  for (;;) {
    const bytes = yield* p.read(from, 32_768);
    if (isErrno(bytes) || bytes.length === 0) break;
    for (const watcher of container.watchers) watcher(stream, bytes);
    held = held.length === 0 ? bytes : concatBytes([held, bytes]);
    const cut = lastCut(held);
    if (cut === 0) continue;
    if (log !== undefined && !p.exists(container.logPath)) {
      p.close(log);
      log = openLog(p, container.logPath);
    }
    if (log !== undefined) yield* writeLines(p, log, stream, held.subarray(0, cut));
    held = held.slice(cut);
  }
  if (held.length > 0 && log !== undefined) yield* writeLines(p, log, stream, held);
  if (log !== undefined) p.close(log);
  p.close(from);
}

function openLog(p: Process, path: string): number | undefined {
  if (path === '') return undefined;
  makeDirectories(p, path.slice(0, path.lastIndexOf('/')), 0o755);
  const fd = p.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o640);
  return isErrno(fd) ? undefined : fd;
}

/** How much of what is held can be written now: whole lines, or a piece as long as lines may be. */
function lastCut(held: Uint8Array): number {
  const newline = held.lastIndexOf(10);
  return newline >= 0 ? newline + 1 : held.length >= LONGEST_LINE ? LONGEST_LINE : 0;
}

function* writeLines(p: Process, log: number, stream: string, bytes: Uint8Array): Routine<void> {
  const parts: Uint8Array[] = [];
  const time = rfc3339Fraction(p.now, 9);
  let at = 0;
  while (at < bytes.length) {
    const newline = bytes.indexOf(10, at);
    const end = newline < 0 ? bytes.length : newline;
    const piece = bytes.subarray(at, Math.min(end, at + LONGEST_LINE));
    const full = newline >= 0 && at + piece.length === end;
    parts.push(encode(`${time} ${stream} ${full ? 'F' : 'P'} `), piece, encode('\n'));
    at += piece.length + (full ? 1 : 0);
  }
  yield* p.write(log, concatBytes(parts));
}

/** Starts the log anew (ReopenContainerLog after a rotation). */
export function reopenLog(p: Process, container: Container): void {
  const fd = openLog(p, container.logPath);
  if (fd !== undefined) p.close(fd);
}
