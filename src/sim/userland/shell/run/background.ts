// `command &`: a job beside the shell.

import { O_RDONLY } from '../../../kernel/files/open-file.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Shell } from '../shell.ts';
import { printNode } from '../syntax/print.ts';
import type { Statement } from '../syntax/tree.ts';
import { startParts } from './pipeline.ts';
import { forkShell, runForked } from './subshell.ts';

/** Starts a job; status 0. */
export function* runBackground(shell: Shell, statement: Statement): Routine<number> {
  const { node } = statement;
  const monitor = shell.option('monitor');
  let pids: number[];
  if (node.kind === 'pipeline' && node.commands.length > 1 && !node.negate && node.time === 'no') {
    const started = yield* startParts(shell, node, true);
    if (!started) return shell.lastStatus;
    pids = started.pids;
  } else {
    const body = function* (sub: Shell): Routine<number> {
      if (!monitor) readNothing(sub);
      sub.loops = 0;
      return yield* runForked(sub, node);
    };
    const pid = yield* forkShell(shell, body, { background: true, group: monitor ? 0 : undefined });
    if (pid === undefined) return shell.lastStatus;
    pids = [pid];
  }
  const job = shell.jobs.add(pids, monitor ? (pids[0] ?? 0) : 0, printNode(node), true);
  shell.lastBackground = pids.at(-1);
  shell.lastStatus = 0;
  if (shell.interactive) yield* shell.print(2, `[${job.id}] ${pids.at(-1)}\n`);
  return 0;
}

/** Without job control a background command reads from /dev/null. */
function readNothing(shell: Shell): void {
  const fd = shell.process.open('/dev/null', O_RDONLY);
  if (isErrno(fd)) return;
  if (fd !== 0) {
    shell.process.dup2(fd, 0);
    shell.process.close(fd);
  }
}
