// busybox' init: runs what /etc/inittab says, reaps orphans, and ends everything when it is told to halt (SIGUSR1),
// power off (SIGUSR2) or reboot (SIGTERM). As PID 1 of a container a halt ends the container.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { O_RDWR } from '../../../kernel/files/open-file.ts';
import { SIGTERM, SIGUSR1, SIGUSR2 } from '../../../kernel/signals.ts';
import { program } from '../../libc/stdio.ts';
import { execvp } from '../../libc/spawn.ts';
import { readFile } from '../../libc/whole-file.ts';

interface Entry {
  readonly terminal: string;
  readonly action: string;
  readonly command: string;
}

/** What init does where there is no table. */
const USUAL: readonly Entry[] = [
  { terminal: '', action: 'sysinit', command: '/etc/init.d/rcS' },
  { terminal: 'console', action: 'askfirst', command: '-/bin/sh' },
];

function* entries(p: Process): Routine<readonly Entry[]> {
  const bytes = yield* readFile(p, '/etc/inittab');
  if (isErrno(bytes)) return USUAL;
  return decode(bytes)
    .split('\n')
    .map((line) => /^([^#:]*):[^:]*:(\w+):(.+)$/.exec(line.trim()))
    .flatMap((found) =>
      found ? [{ terminal: found[1] ?? '', action: found[2] ?? '', command: found[3] ?? '' }] : [],
    );
}

/** Starts an entry on its terminal; its number. */
function start(p: Process, { terminal, action, command }: Entry): number | undefined {
  const pid = p.fork(function* (child) {
    child.setsid();
    const fd = child.open(`/dev/${terminal || 'console'}`, O_RDWR);
    if (!isErrno(fd)) {
      for (const target of [0, 1, 2]) child.dup2(fd, target);
      if (fd > 2) child.close(fd);
    }
    if (action === 'askfirst') yield* askFirst(child);
    const words = command.replace(/^-/, '').split(/\s+/);
    execvp(child, words);
    return 127;
  });
  return isErrno(pid) ? undefined : pid;
}

function* askFirst(child: Process): Routine<void> {
  const text = '\nPlease press Enter to activate this console. ';
  yield* child.write(
    1,
    Uint8Array.from(text, (char) => char.charCodeAt(0)),
  );
  for (;;) {
    const bytes = yield* child.read(0, 1);
    if (isErrno(bytes) && bytes.name === 'EINTR') continue;
    if (isErrno(bytes) || bytes.length === 0) {
      // Nobody will ever press it: as on a console that was hung up.
      yield* child.pause();
      continue;
    }
    if (bytes[0] === 10) return;
  }
}

export const init = program('busybox-init', function* (main) {
  const { process: p } = main;
  if (p.pid !== 1) {
    main.err.put('init: must be run as PID 1\n');
    return 1;
  }
  p.task.leader.process.argv = ['init'];
  let halting = false;
  for (const signal of [SIGUSR1, SIGUSR2, SIGTERM])
    p.sigaction(signal, () => {
      halting = true;
    });
  const table = yield* entries(p);
  for (const action of ['sysinit', 'wait'])
    for (const entry of table.filter((one) => one.action === action)) {
      const pid = start(p, entry);
      if (pid !== undefined) yield* p.wait(pid);
    }
  for (const entry of table.filter((one) => one.action === 'once')) start(p, entry);
  const kept = new Map<number, Entry>();
  for (const entry of table)
    if (entry.action === 'respawn' || entry.action === 'askfirst') {
      const pid = start(p, entry);
      if (pid !== undefined) kept.set(pid, entry);
    }
  while (!halting) {
    const ended = yield* p.wait(-1);
    if (isErrno(ended)) {
      if (ended.name === 'EINTR') continue;
      yield* p.pause();
      continue;
    }
    const entry = ended && kept.get(ended.pid);
    if (!ended || !entry) continue;
    kept.delete(ended.pid);
    yield* p.sleep(1_000_000_000);
    const pid = halting ? undefined : start(p, entry);
    if (pid !== undefined) kept.set(pid, entry);
  }
  p.kill(-1, 15);
  yield* p.sleep(1_000_000_000);
  p.kill(-1, 9);
  return 0;
});
