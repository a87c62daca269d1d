// What phusion/baseimage runs: my_init (a PID 1 that reaps orphans), runit's runsvdir and runsv, cron and syslog-ng.
// Left out: sshd, the insecure key, environment files beside container_environment, cron's jobs.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR } from '../../kernel/files/inode.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import { decodeStatus, spawn, waitFor } from '../../userland/libc/spawn.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';

function* say(main: Main, text: string): Routine<void> {
  main.err.put(`*** ${text}\n`);
  yield* main.err.flush();
}

function namesIn(p: Process, path: string, kind?: number): string[] {
  const entries = p.readdir(path);
  if (isErrno(entries)) return [];
  return entries
    .filter((entry) => kind === undefined || entry.kind === kind)
    .map(({ name }) => name)
    .filter((name) => name !== '.' && name !== '..')
    .sort();
}

/** Waits for one child and collects every orphan on the way; undefined where a signal asked for the end first. */
function* reapUntil(p: Process, pid: number, told: () => boolean): Routine<number | undefined> {
  while (!told()) {
    const ended = yield* p.wait(-1);
    if (!ended || isErrno(ended)) {
      if (isErrno(ended) && ended.name === 'ECHILD') return undefined;
      continue;
    }
    if (ended.pid === pid) return decodeStatus(ended.status).code;
  }
  return undefined;
}

function* endOf(main: Main, runit: number | undefined): Routine<void> {
  const { process: p } = main;
  if (runit !== undefined) {
    yield* say(main, `Shutting down runit daemon (PID ${runit})...`);
    p.kill(runit, SIGTERM);
    yield* waitFor(p, runit);
  }
  for (const name of namesIn(p, '/etc/my_init.post_shutdown.d'))
    yield* say(main, `Running /etc/my_init.post_shutdown.d/${name}...`);
  yield* say(main, 'Killing all processes...');
  p.kill(-1, SIGTERM);
  for (let more = true; more; ) {
    const ended = yield* p.wait(-1);
    more = !(isErrno(ended) && ended.name === 'ECHILD');
  }
}

export const myInit = program('my_init', function* (main) {
  const { process: p, args } = main;
  p.task.leader.process.argv = ['/usr/bin/python3', '-u', '/sbin/my_init', ...args];
  const flags = args.filter((word) => word.startsWith('--'));
  const command = args.slice(flags.includes('--') ? args.indexOf('--') + 1 : flags.length);
  let told = false;
  for (const signal of [SIGTERM, SIGINT]) {
    p.sigaction(signal, () => {
      told = true;
    });
  }
  if (!flags.includes('--skip-startup-files')) {
    for (const name of namesIn(p, '/etc/my_init.d')) {
      yield* say(main, `Running /etc/my_init.d/${name}...`);
      const pid = spawn(p, [`/etc/my_init.d/${name}`]);
      const code = isErrno(pid) ? 1 : yield* reapUntil(p, pid, () => told);
      if (code !== 0) {
        yield* say(main, `/etc/my_init.d/${name} failed with status ${code ?? 1}`);
        yield* endOf(main, undefined);
        return 1;
      }
    }
  }
  let runit: number | undefined;
  if (!flags.includes('--skip-runit')) {
    yield* say(main, 'Booting runit daemon...');
    const pid = spawn(p, ['/usr/bin/runsvdir', '-P', '/etc/service']);
    if (!isErrno(pid)) runit = pid;
    yield* say(main, `Runit started as PID ${runit}`);
  }
  let status = 2;
  if (command.length > 0) {
    yield* say(main, `Running ${command.join(' ')}...`);
    const pid = spawn(p, command);
    const code = isErrno(pid) ? 127 : yield* reapUntil(p, pid, () => told);
    if (code !== undefined) {
      yield* say(main, `${command[0]} exited with status ${code}.`);
      status = code;
    }
  } else if (runit === undefined) while (!told) yield* p.pause();
  else {
    const code = yield* reapUntil(p, runit, () => told);
    if (code !== undefined) {
      yield* say(main, `Runit exited with status ${code}`);
      runit = undefined;
      status = code;
    }
  }
  yield* endOf(main, runit);
  if (told) yield* say(main, 'Init system aborted.');
  return status;
});

/** Runs a loop that ends when SIGTERM comes. */
function untilTerminated(p: Process): () => boolean {
  let ended = false;
  p.sigaction(SIGTERM, () => {
    ended = true;
  });
  return () => ended;
}

const SCAN = 5 * SECOND;

export const runsvdir = program('runsvdir', function* (main) {
  const { process: p, args } = main;
  const [where = '/etc/service'] = args.filter((word) => !word.startsWith('-'));
  const over = untilTerminated(p);
  const running = new Map<string, number>();
  while (!over()) {
    for (const name of namesIn(p, where, S_IFDIR)) {
      if (running.has(name)) continue;
      const pid = spawn(p, ['runsv', name], {
        prepare: (child) => {
          child.chdir(where);
        },
      });
      if (!isErrno(pid)) running.set(name, pid);
    }
    yield* p.sleep(SCAN);
  }
  for (const pid of running.values()) p.kill(pid, SIGTERM);
  for (const pid of running.values()) yield* waitFor(p, pid);
  return 0;
});

export const runsv = program('runsv', function* (main) {
  const { process: p, args } = main;
  const [service = ''] = args;
  const refused = p.chdir(service);
  if (refused) {
    main.err.put(
      `runsv ${service}: fatal: unable to change to dir: ${refused.message.toLowerCase()}\n`,
    );
    return 111;
  }
  const over = untilTerminated(p);
  if (p.exists('down')) {
    while (!over()) yield* p.pause();
    return 0;
  }
  while (!over()) {
    const pid = spawn(p, ['./run']);
    if (isErrno(pid)) return 111;
    while (!over()) {
      const ended = yield* p.wait(pid);
      if (ended && !isErrno(ended)) break;
    }
    if (over()) {
      p.kill(pid, SIGTERM);
      yield* waitFor(p, pid);
    } else yield* p.sleep(SECOND);
  }
  return 0;
});

/** A daemon that has nothing to do: no job is due, nobody logs. */
function* idle(p: Process): Routine<number> {
  const over = untilTerminated(p);
  while (!over()) yield* p.pause();
  return 0;
}

export const cron = program('cron', function* (main) {
  if (!main.args.includes('-f')) return yield* notSimulated(main, 'cron in the background');
  return yield* idle(main.process);
});

export const syslogNg = program('syslog-ng', function* (main) {
  const { process: p, args } = main;
  if (args.includes('-V') || args.includes('--version')) {
    main.out.put('syslog-ng 4 (4.3.1)\n');
    return 0;
  }
  const pid = p.fork((child) => {
    child.setsid();
    return idle(child);
  });
  return isErrno(pid) ? 1 : 0;
});
