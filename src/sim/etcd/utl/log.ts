// etcdutl's log: time, level, place, message and fields between tabs, on standard error.

import { rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';

/** Writes one line. */
export function* logLine(
  main: Main,
  place: string,
  text: string,
  fields: Readonly<Record<string, string | number | boolean | readonly string[]>>,
): Routine<void> {
  const parts = Object.entries(fields).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  const object = parts.length === 0 ? '' : `\t{${parts.join(', ')}}`;
  main.err.put(`${rfc3339(main.process.now)}\tinfo\t${place}\t${text}${object}\n`);
  yield* main.err.flush();
}

/** The lines by which bbolt tells that it opens a database file. */
export function* logOpening(main: Main, path: string, memoryMap: number): Routine<void> {
  const logger = `0x${main.process.simulation.random.fork('addresses').hex(12)}`;
  const options =
    'Timeout: 0s, NoGrowSync: false, NoFreelistSync: true, PreLoadFreelist: false, FreelistType: , ' +
    `ReadOnly: false, MmapFlags: 8000, InitialMmapSize: ${memoryMap}, PageSize: 0, NoSync: false, ` +
    `OpenFile: 0x0, Mlock: false, Logger: ${logger}`;
  const opening = `Opening db file (${path}) with mode -rw------- and with options: {${options}}`;
  yield* logLine(main, 'bbolt\tbackend/backend.go:203', opening, {});
  const opened = `Opening bbolt db (${path}) successfully`;
  yield* logLine(main, 'bbolt\tbbolt@v1.4.3/db.go:322', opened, {});
}
