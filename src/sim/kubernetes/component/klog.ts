// klog's lines on standard error: `I0302 09:00:01.000000       1 file.go:12] message`.

import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';

/** Severities by their letters. */
export type Severity = 'I' | 'W' | 'E' | 'F';

/** Writes one line. `where` is the file and line that the real component names. */
export function* klog(
  main: Main,
  severity: Severity,
  where: string,
  message: string,
): Routine<void> {
  const date = new Date(epochMilliseconds(main.process.now));
  const [, month = '', day = '', time = ''] =
    /^\d+-(\d+)-(\d+)T([\d:]+)/.exec(date.toISOString()) ?? [];
  const micros = String(Math.floor(main.process.now / 1000) % 1_000_000).padStart(6, '0');
  const pid = String(main.process.pid).padStart(7);
  main.err.put(`${severity}${month}${day} ${time}.${micros} ${pid} ${where}] ${message}\n`);
  yield* main.err.flush();
}
