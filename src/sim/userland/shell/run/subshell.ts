// Forked copies of the shell: subshells, the parts of pipelines, background lists. A fork that
// fails is tried again for a while, as bash does.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { EAGAIN, type Errno, isErrno } from '../../../kernel/errno.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { SIGCHLD, SIGINT, SIGQUIT, signalInfo, signals } from '../../../kernel/signals.ts';
import type { Shell } from '../shell.ts';
import type { Coproc, List, Node } from '../syntax/tree.ts';
import { assignArray } from '../assign.ts';
import { concludeForeground } from './foreground.ts';
import { guardFailure, runList, runNode } from './list.ts';
import { withRedirects } from './redirect.ts';
import { runExitTrap } from './traps.ts';

export interface ForkRules {
  /** Runs beside the shell: without job control it ignores INT and QUIT. */
  readonly background?: boolean;
  /** Process group to join under job control; 0: a group of its own. */
  readonly group?: number | undefined;
}

/** Waits before another try of fork, in seconds. */
const RETRIES = [1, 2, 4, 8];

/**
 * Forks; the child runs `body` with a copy of the shell. The child's number; undefined where no
 * process could be had.
 */
export function* forkShell(
  shell: Shell,
  body: (sub: Shell) => Routine<number>,
  rules: ForkRules = {},
): Routine<number | undefined> {
  for (let attempt = 0; ; attempt++) {
    const pid = forkOnce(shell, body, rules);
    if (!isErrno(pid)) return pid;
    const pause = RETRIES[attempt];
    if (!shell.dialect.extended || pid !== EAGAIN || pause === undefined) {
      yield* forkFailed(shell, pid);
      return undefined;
    }
    yield* shell.complain(`fork: retry: ${pid.message}`);
    yield* shell.process.sleep(pause * SECOND);
  }
}

function* forkFailed(shell: Shell, failure: Errno): Routine<void> {
  shell.lastStatus = 254;
  shell.jump = { kind: shell.interactive ? 'discard' : 'exit' };
  if (shell.dialect.name === 'bash') yield* shell.complain(`fork: ${failure.message}`);
  else if (shell.dialect.name === 'ash') {
    shell.lastStatus = 2;
    yield* shell.complain(`can't fork: ${failure.message}`);
  } else {
    shell.lastStatus = 2;
    yield* shell.print(2, `${shell.caller}: 0: Cannot fork\n`);
  }
}

function forkOnce(
  shell: Shell,
  body: (sub: Shell) => Routine<number>,
  rules: ForkRules,
): number | Errno {
  const copy = shell.copy();
  const monitor = shell.option('monitor') && rules.group !== undefined;
  const pid = shell.process.fork((child) => {
    adopt(copy, shell, child, rules);
    return childMain(copy, body);
  });
  if (!isErrno(pid)) shell.jobs.own.add(pid);
  if (!isErrno(pid) && monitor) shell.process.setpgid(pid, rules.group ?? 0);
  return pid;
}

/** Makes a copy the shell of a forked process: signals as a child has them. */
function adopt(copy: Shell, parent: Shell, child: Process, rules: ForkRules): void {
  copy.process = child;
  copy.interactive = false;
  copy.jump = undefined;
  const monitor = parent.option('monitor');
  copy.settings.set.delete('monitor');
  for (const signal of signals) {
    const handler = child.signalAction(signal.number);
    const ignoredByTrap =
      parent.traps.actions.get(signal.name) === '' || parent.traps.hardIgnored.has(signal.name);
    if (typeof handler === 'function') child.sigaction(signal.number, 'default');
    else if (handler === 'ignore' && parent.interactive && !ignoredByTrap) {
      child.sigaction(signal.number, 'default');
    }
  }
  if (rules.background && !monitor) {
    for (const number of [SIGINT, SIGQUIT]) {
      child.sigaction(number, 'ignore');
      copy.traps.hardIgnored.add(signalInfo(number)?.name ?? '');
    }
  }
  watchChildren(copy);
}

/** Collects background children as they end. */
export function watchChildren(shell: Shell): void {
  shell.process.sigaction(
    SIGCHLD,
    () => {
      shell.jobs.collect(shell.process);
      if (shell.traps.actions.has('CHLD')) shell.traps.pending.push(SIGCHLD);
    },
    true,
  );
}

function* childMain(shell: Shell, body: (sub: Shell) => Routine<number>): Routine<number> {
  const status = yield* guardFailure(shell, () => body(shell));
  if (!shell.jump) shell.lastStatus = status;
  return yield* runExitTrap(shell);
}

/**
 * Runs a command in a process that was forked for it alone: `( … )` needs no second one, and a
 * program takes its place.
 */
export function* runForked(shell: Shell, node: Node): Routine<number> {
  const alone = node.kind === 'simple' || !shell.dialect.extended;
  if (node.kind === 'redirected' && node.command.kind === 'subshell') {
    const { body } = node.command;
    return yield* withRedirects(shell, node.redirects, () => runList(shell, body, true));
  }
  if (node.kind === 'subshell') return yield* runList(shell, node.body, true);
  return yield* runNode(shell, node, alone);
}

/** `( … )`. */
export function* runSubshell(shell: Shell, body: List): Routine<number> {
  const group = shell.option('monitor') ? 0 : undefined;
  const pid = yield* forkShell(shell, (sub) => runList(sub, body, true), { group });
  if (pid === undefined) return shell.lastStatus;
  const statuses = yield* concludeForeground(shell, [pid], '( ... )');
  return statuses.at(-1) ?? 0;
}

/** `coproc NAME command`: two pipes, their ends in the array NAME, the process in NAME_PID. */
export function* runCoproc(shell: Shell, node: Coproc): Routine<number> {
  const { process } = shell;
  const input = process.pipe();
  const output = process.pipe();
  if (isErrno(input) || isErrno(output)) return 1;
  const body: Node = node.body;
  const pid = yield* forkShell(
    shell,
    (sub) => {
      sub.process.dup2(input[0], 0);
      sub.process.dup2(output[1], 1);
      for (const fd of [...input, ...output]) sub.process.close(fd);
      return runNode(sub, body, true);
    },
    { background: true },
  );
  process.close(input[0]);
  process.close(output[1]);
  if (pid === undefined) return shell.lastStatus;
  const reader = process.dup(output[0], 60, true);
  const writer = process.dup(input[1], 60, true);
  process.close(output[0]);
  process.close(input[1]);
  const ends = [reader, writer].map((fd) => ({ key: undefined, append: false, value: String(fd) }));
  assignArray(shell, node.name, ends, false);
  shell.assign(`${node.name}_PID`, String(pid));
  shell.lastBackground = pid;
  shell.jobs.add([pid], 0, `coproc ${node.name}`, true);
  return 0;
}
