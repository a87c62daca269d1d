// The foreground's terminal: bytes go between the caller's streams and the controlling side of a container's terminal.

import type { Routine } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { OpenFile } from '../../kernel/files/open-file.ts';
import type { Termios } from '../../kernel/terminal/termios.ts';

/** Starts relaying; the routine it gives waits until all output has gone and puts the caller's terminal right. */
export function relayTerminal(p: Process, master: OpenFile): () => Routine<void> {
  const before = p.isTerminal(0) ? (p.ioctl(0, 'TCGETS') as Termios) : undefined;
  if (before) {
    p.ioctl(0, 'TCSETS', rawMode(before));
    master.ioctl(p.task, 'TIOCSWINSZ', p.ioctl(0, 'TIOCGWINSZ'));
    p.sigaction(28, () => void master.ioctl(p.task, 'TIOCSWINSZ', p.ioctl(0, 'TIOCGWINSZ')));
  }
  const drained = new WaitQueue();
  let finished = false;
  p.thread(function* (thread) {
    for (;;) {
      const bytes = yield* master.read(thread.task, 4096);
      if (isErrno(bytes) || bytes.length === 0) break;
      yield* thread.write(1, bytes);
    }
    finished = true;
    drained.wake();
    return 0;
  });
  p.thread(function* (thread) {
    for (;;) {
      const bytes = yield* thread.read(0, 4096);
      if (isErrno(bytes) || bytes.length === 0) return 0;
      yield* master.write(thread.task, bytes);
    }
  });
  return function* (): Routine<void> {
    const until = p.now + 100_000_000;
    while (!finished && p.now < until) yield { on: [drained], until };
    if (before) p.ioctl(0, 'TCSETS', before);
  };
}

/** cfmakeraw(3). */
export function rawMode(settings: Termios): Termios {
  return {
    ...settings,
    echo: false,
    icanon: false,
    isig: false,
    icrnl: false,
    ixon: false,
    onlcr: false,
  };
}
