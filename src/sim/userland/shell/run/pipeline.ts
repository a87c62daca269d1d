// Pipelines: each part a process of its own, joined by pipes; `!`, `time`, PIPESTATUS and pipefail.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Shell } from '../shell.ts';
import { printNode } from '../syntax/print.ts';
import type { Node, Pipeline } from '../syntax/tree.ts';
import { concludeForeground } from './foreground.ts';
import { failed, runNode } from './list.ts';
import { forkShell, runForked } from './subshell.ts';
import { timed } from './time.ts';

/** Runs a pipeline with its prefixes. */
export function* runPipeline(shell: Shell, node: Pipeline): Routine<number> {
  if (node.time !== 'no') return yield* timed(shell, node.time, () => runNegated(shell, node));
  return yield* runNegated(shell, node);
}

function* runNegated(shell: Shell, node: Pipeline): Routine<number> {
  if (node.negate) shell.guarded++;
  let status = yield* runParts(shell, node);
  if (node.negate) {
    shell.guarded--;
    if (!shell.jump) {
      status = status === 0 ? 1 : 0;
      shell.lastStatus = status;
    }
  }
  return status;
}

function* runParts(shell: Shell, node: Pipeline): Routine<number> {
  const [only] = node.commands;
  if (node.commands.length === 0) return 0;
  if (node.commands.length === 1 && only) return yield* runNode(shell, only);
  const started = yield* startParts(shell, node);
  if (!started) return shell.lastStatus;
  const text = shell.option('monitor') ? node.commands.map(printNode).join(' | ') : '';
  const statuses = yield* concludeForeground(shell, started.pids, text || partText(node));
  if (started.lastStatus !== undefined) statuses.push(started.lastStatus);
  const last = statuses.at(-1) ?? 0;
  const failing = statuses.findLast((status) => status !== 0);
  const status = shell.option('pipefail') ? (failing ?? 0) : last;
  if (shell.jump?.kind !== 'discard') shell.lastStatus = status;
  shell.pipeStatus = statuses;
  if (status !== 0 && shell.guarded === 0) yield* failed(shell);
  return shell.lastStatus;
}

function partText(node: Pipeline): string {
  return node.commands.map(printNode).join(' | ');
}

interface Started {
  readonly pids: number[];
  /** Status of the last part where it ran in this shell (shopt lastpipe). */
  readonly lastStatus: number | undefined;
}

/** Forks every part. Undefined where a fork failed. */
export function* startParts(
  shell: Shell,
  node: Pipeline,
  background = false,
): Routine<Started | undefined> {
  const { process } = shell;
  const pids: number[] = [];
  let input: number | undefined;
  for (const [i, command] of node.commands.entries()) {
    const final = i === node.commands.length - 1;
    if (final && !background && shell.shopt('lastpipe') && !shell.option('monitor')) {
      return { pids, lastStatus: yield* runLast(shell, command, input) };
    }
    const pipe = final ? undefined : process.pipe();
    if (pipe !== undefined && isErrno(pipe)) {
      yield* shell.complain(`pipe error: ${pipe.message}`);
      return undefined;
    }
    const from: number | undefined = input;
    const body = function* (sub: Shell): Routine<number> {
      connect(sub, from, pipe, node.both[i] === true);
      sub.loops = 0;
      return yield* runForked(sub, command);
    };
    const group = shell.option('monitor') ? (pids[0] ?? 0) : undefined;
    const pid = yield* forkShell(shell, body, { group, background });
    if (input !== undefined) process.close(input);
    if (pipe) process.close(pipe[1]);
    input = pipe?.[0];
    if (pid === undefined) {
      if (input !== undefined) process.close(input);
      return undefined;
    }
    if (i === 0 && group !== undefined && !background) process.setForeground(shell.terminal, pid);
    pids.push(pid);
  }
  return { pids, lastStatus: undefined };
}

function connect(
  sub: Shell,
  input: number | undefined,
  pipe: readonly [number, number] | undefined,
  both: boolean,
): void {
  const { process } = sub;
  if (input !== undefined) {
    process.dup2(input, 0);
    process.close(input);
  }
  if (!pipe) return;
  process.dup2(pipe[1], 1);
  if (both) process.dup2(pipe[1], 2);
  process.close(pipe[0]);
  process.close(pipe[1]);
}

function* runLast(shell: Shell, command: Node, input: number | undefined): Routine<number> {
  const { process } = shell;
  const saved = process.dup(0, 10, true);
  if (input !== undefined) {
    process.dup2(input, 0);
    process.close(input);
  }
  const status = yield* runNode(shell, command);
  if (!isErrno(saved)) {
    process.dup2(saved, 0);
    process.close(saved);
  }
  return status;
}
