// jobs, fg, bg, wait, disown, suspend.

import type { Routine } from '../../../core/wait.ts';
import { SIGCONT, SIGSTOP } from '../../../kernel/signals.ts';
import { forgetDone, waitForJob } from '../run/foreground.ts';
import { exitStatus, type Job, jobLine, jobStatus, stateOf } from '../run/jobs.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';
import { letters, output, say, wrongLetter } from './messages.ts';

/** The job a word names; a number after the message. */
function* jobOf(shell: Shell, name: string, word: string): Routine<Job | number> {
  const job = /^\d+$/.test(word) ? shell.jobs.byPid(Number(word)) : shell.jobs.find(word);
  if (job === 'ambiguous')
    return yield* say(shell, name, `${word.replace(/^%/, '')}: ambiguous job spec`);
  if (job === undefined) return yield* say(shell, name, `${word}: no such job`);
  return job;
}

function* jobs(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'lnprsx');
  if (parsed.wrong) return yield* wrongLetter(shell, 'jobs', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  let list = shell.jobs.list;
  if (parsed.operands.length > 0) {
    list = [];
    for (const word of parsed.operands) {
      const job = yield* jobOf(shell, 'jobs', word);
      if (typeof job === 'number') return job;
      list = [...list, job];
    }
  }
  let text = '';
  const shown: Job[] = [];
  for (const job of list) {
    const state = stateOf(job);
    if (flags.has('r') && state !== 'running') continue;
    if (flags.has('s') && state !== 'stopped') continue;
    if (flags.has('n') && job.notified) continue;
    text += flags.has('p')
      ? `${job.processes[0]?.pid}\n`
      : jobLine(shell.jobs, job, flags.has('l'));
    shown.push(job);
  }
  for (const job of shown) {
    job.notified = true;
    if (stateOf(job) === 'done' && !job.foreign) shell.jobs.remove(job);
  }
  return yield* output(shell, 'jobs', text);
}

function* foreground(shell: Shell, words: readonly string[]): Routine<number> {
  if (!shell.option('monitor')) return yield* say(shell, 'fg', 'no job control');
  const job = yield* resumable(shell, 'fg', words[1]);
  if (typeof job === 'number') return job;
  yield* shell.print(1, `${job.text}\n`);
  shell.jobs.makeCurrent(job);
  shell.process.setForeground(shell.terminal, job.group);
  resume(shell, job);
  const statuses = yield* waitForJob(shell, job);
  return statuses.at(-1) ?? 0;
}

function* resumable(shell: Shell, name: string, word: string | undefined): Routine<Job | number> {
  if (word === undefined) {
    return shell.jobs.current ?? (yield* say(shell, name, 'current: no such job'));
  }
  const job = yield* jobOf(shell, name, word);
  if (typeof job !== 'number' && stateOf(job) === 'done') {
    return yield* say(shell, name, 'job has terminated');
  }
  return job;
}

function resume(shell: Shell, job: Job): void {
  for (const process of job.processes) process.stopped = 0;
  shell.process.kill(-job.group, SIGCONT);
}

function* background(shell: Shell, words: readonly string[]): Routine<number> {
  if (!shell.option('monitor')) return yield* say(shell, 'bg', 'no job control');
  const wanted = words.length > 1 ? words.slice(1) : [undefined];
  let status = 0;
  for (const word of wanted) {
    const job = yield* resumable(shell, 'bg', word);
    if (typeof job === 'number') {
      status = job;
      continue;
    }
    if (stateOf(job) === 'running') {
      status = yield* say(shell, 'bg', `job ${job.id} already in background`, 0);
      continue;
    }
    const mark = job === shell.jobs.current ? '+' : job === shell.jobs.previous ? '-' : ' ';
    resume(shell, job);
    yield* shell.print(1, `[${job.id}]${mark} ${job.text} &\n`);
  }
  return status;
}

function* wait(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'fnp:');
  if (parsed.wrong) return yield* wrongLetter(shell, 'wait', parsed.wrong);
  const options = new Map(parsed.options);
  const name = options.get('p');
  if (options.has('n')) return yield* waitAny(shell, parsed.operands, name);
  if (parsed.operands.length === 0) {
    for (;;) {
      const pending = shell.jobs.list.find((job) => !job.foreign && stateOf(job) === 'running');
      if (!pending) break;
      if (!(yield* pause(shell))) return interruptedStatus(shell);
    }
    yield* forgetDone(shell);
    return 0;
  }
  let status = 0;
  for (const word of parsed.operands) status = yield* waitWord(shell, word, name);
  return status;
}

/** Sleeps until a child changes; false where a trapped signal came. */
function* pause(shell: Shell): Routine<boolean> {
  const { process } = shell;
  yield { on: [process.task.leader.process.childChanged] };
  shell.jobs.collect(process);
  return shell.traps.pending.length === 0 && !shell.interrupted;
}

function interruptedStatus(shell: Shell): number {
  return 128 + (shell.traps.pending[0] ?? 2);
}

function* waitWord(shell: Shell, word: string, name: string | undefined): Routine<number> {
  if (word.startsWith('%')) {
    const job = shell.jobs.find(word);
    if (job === undefined || job === 'ambiguous')
      return yield* say(
        shell,
        'wait',
        shell.dialect.extended ? `${word}: no such job` : `No such job: ${word}`,
        shell.dialect.extended ? 127 : 2,
      );
    return yield* waitJob(shell, job, name);
  }
  if (!/^\d+$/.test(word)) {
    return yield* say(shell, 'wait', `\`${word}': not a pid or valid job spec`);
  }
  const pid = Number(word);
  const job = shell.jobs.byPid(pid);
  if (job && !job.foreign) {
    const member = job.processes.find((process) => process.pid === pid);
    while (member && member.status === undefined) {
      if (!(yield* pause(shell))) return interruptedStatus(shell);
    }
    if (name) shell.assign(name, word);
    const status = exitStatus(member?.status ?? 0);
    if (stateOf(job) === 'done') yield* forgetDone(shell);
    return status;
  }
  while (shell.jobs.isSilent(pid)) {
    if (!(yield* pause(shell))) return interruptedStatus(shell);
  }
  const known = shell.jobs.ended.get(pid);
  if (known !== undefined) return exitStatus(known);
  return yield* say(shell, 'wait', `pid ${word} is not a child of this shell`, 127);
}

function* waitJob(shell: Shell, job: Job, name: string | undefined): Routine<number> {
  while (stateOf(job) === 'running') {
    if (!(yield* pause(shell))) return interruptedStatus(shell);
  }
  if (name) shell.assign(name, String(job.processes.at(-1)?.pid ?? ''));
  if (stateOf(job) === 'stopped')
    return 128 + (job.processes.find((one) => one.stopped)?.stopped ?? 0);
  const status = exitStatus(jobStatus(job));
  yield* forgetDone(shell);
  return status;
}

/** wait -n: the next job that ends. */
function* waitAny(
  shell: Shell,
  words: readonly string[],
  name: string | undefined,
): Routine<number> {
  const wanted: Job[] = [];
  for (const word of words) {
    const job = yield* jobOf(shell, 'wait', word);
    if (typeof job === 'number') return 127;
    wanted.push(job);
  }
  const candidates = wanted.length > 0 ? wanted : shell.jobs.list.filter((job) => !job.foreign);
  if (candidates.length === 0) return 127;
  for (;;) {
    const done = candidates.find((job) => stateOf(job) === 'done');
    if (done) {
      if (name) shell.assign(name, String(done.processes.at(-1)?.pid ?? ''));
      shell.jobs.remove(done);
      return exitStatus(jobStatus(done));
    }
    if (!(yield* pause(shell))) return interruptedStatus(shell);
  }
}

function* disown(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'har');
  if (parsed.wrong) return yield* wrongLetter(shell, 'disown', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  let list: Job[] = [];
  if (parsed.operands.length > 0) {
    for (const word of parsed.operands) {
      const job = yield* jobOf(shell, 'disown', word);
      if (typeof job === 'number') return job;
      list.push(job);
    }
  } else if (flags.has('a') || flags.has('r')) list = [...shell.jobs.list];
  else {
    const { current } = shell.jobs;
    if (!current) return yield* say(shell, 'disown', 'current: no such job');
    list = [current];
  }
  for (const job of list) {
    if (flags.has('r') && stateOf(job) !== 'running') continue;
    if (flags.has('h')) job.noHangup = true;
    else {
      shell.jobs.remove(job);
      for (const { pid, status } of job.processes)
        if (status === undefined) shell.jobs.adoptSilent(pid);
    }
  }
  return 0;
}

function* suspend(shell: Shell, words: readonly string[]): Routine<number> {
  if (!shell.option('monitor'))
    return yield* say(shell, 'suspend', 'cannot suspend: no job control');
  if (shell.login && words[1] !== '-f')
    return yield* say(shell, 'suspend', 'cannot suspend a login shell');
  shell.process.raise(SIGSTOP);
  yield { on: [], until: shell.process.now };
  return 0;
}

export const jobBuiltins: readonly Builtin[] = [
  { name: 'jobs', posix: true, run: jobs },
  { name: 'fg', posix: true, run: foreground },
  { name: 'bg', posix: true, run: background },
  { name: 'wait', posix: true, run: wait },
  { name: 'disown', run: disown },
  { name: 'suspend', run: suspend },
];
