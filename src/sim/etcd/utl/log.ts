// etcdutl's log: time, level, place, message and fields between tabs, on standard error.

import { rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';

/** Writes one line. */
export function* logLine(
  main: Main,
  place: string,
  text: string,
  fields: Readonly<Record<string, string | number | readonly string[]>>,
): Routine<void> {
  const parts = Object.entries(fields).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  main.err.put(`${rfc3339(main.process.now)}\tinfo\t${place}\t${text}\t{${parts.join(', ')}}\n`);
  yield* main.err.flush();
}
