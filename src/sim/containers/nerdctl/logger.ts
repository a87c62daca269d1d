// The json-file log of a container: written by nerdctl as the shim's logging program (detached) or by nerdctl itself
// (attached), read by `nerdctl logs`. Rotation is left out.

import { decode, encode } from '../../core/text.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_WRONLY } from '../../kernel/files/open-file.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type { Tee } from '../programs/ctr/app.ts';
import { type Call, DATA_STORE, fatal, findContainer, logPath, taskOf } from './call.ts';

/** The word after the program's name by which the shim calls it. */
export const LOGGING = '_NERDCTL_INTERNAL_LOGGING';
export const LOG_URI = `binary:///usr/local/bin/nerdctl?${LOGGING}=${DATA_STORE}`;

interface LogLine {
  readonly log: string;
  readonly stream: 'stdout' | 'stderr';
  readonly time: string;
}

/** Splits what arrives into lines; the rest is kept until more comes. */
function lineWriter(p: Process, path: string, stream: LogLine['stream']) {
  let kept = '';
  const put = function* (lines: readonly string[]): Routine<void> {
    const fd = p.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600);
    if (isErrno(fd)) return;
    for (const log of lines) {
      const line: LogLine = { log, stream, time: rfc3339Fraction(p.now, 9) };
      yield* p.write(fd, encode(`${JSON.stringify(line)}\n`));
    }
    p.close(fd);
  };
  return {
    *take(bytes: Uint8Array): Routine<void> {
      const parts = (kept + decode(bytes)).split('\n');
      kept = parts.pop() ?? '';
      if (parts.length > 0) yield* put(parts.map((part) => `${part}\n`));
    },
    *end(): Routine<void> {
      if (kept !== '') yield* put([kept]);
    },
  };
}

/** Runs as the shim's logging program: descriptor 3 is standard output, 4 standard error. */
export function* keepLog(main: Main): Routine<number> {
  const { process: p } = main;
  const namespace = p.environment.get('CONTAINER_NAMESPACE') ?? '';
  const path = logPath(namespace, p.environment.get('CONTAINER_ID') ?? '');
  const copy = function* (thread: Process, fd: number, stream: LogLine['stream']): Routine<number> {
    const lines = lineWriter(thread, path, stream);
    for (;;) {
      const bytes = yield* thread.read(fd, 32_768);
      if (isErrno(bytes) || bytes.length === 0) break;
      yield* lines.take(bytes);
    }
    yield* lines.end();
    return 0;
  };
  p.thread((thread) => copy(thread, 4, 'stderr'));
  return yield* copy(p, 3, 'stdout');
}

/** Keeps the log of a container that runs attached. */
export function teeInto(p: Process, path: string): Tee {
  const writers = {
    stdout: lineWriter(p, path, 'stdout'),
    stderr: lineWriter(p, path, 'stderr'),
  };
  return (stream, bytes) => {
    p.thread(function* () {
      yield* writers[stream].take(bytes);
      return 0;
    });
  };
}

export function* logs(call: Call): Routine<number> {
  const { main, given, args } = call;
  const container = yield* findContainer(call, args[0] ?? '');
  if (typeof container === 'string') return yield* fatal(main, container);
  const path = logPath(call.namespace, container.id);
  const tail = given.text('tail') === 'all' ? '' : given.text('tail');
  let shown = 0;
  for (let first = true; ; first = false) {
    const bytes = yield* readFile(main.process, path);
    const lines = isErrno(bytes) ? [] : decode(bytes).split('\n').slice(0, -1);
    const from = first && tail !== '' ? Math.max(0, lines.length - Number(tail)) : shown;
    for (const line of lines.slice(from)) show(call, JSON.parse(line) as LogLine);
    shown = lines.length;
    yield* main.out.flush();
    yield* main.err.flush();
    const task = given.is('follow') ? yield* taskOf(call, container.id) : undefined;
    if (task?.status !== 'RUNNING') return 0;
    yield* main.process.sleep(200_000_000);
  }
}

function show({ main, given }: Call, { log, stream, time }: LogLine): void {
  const text = given.is('timestamps') ? `${time} ${log}` : log;
  if (stream === 'stderr') main.err.put(text);
  else main.out.put(text);
}
