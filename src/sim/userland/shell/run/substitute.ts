// Command substitution: a forked shell writes into a pipe, and what comes out, without its last
// newlines, is the text. Process substitution: the pipe itself is handed to a command as a file
// name.

import { concatBytes } from '../../../core/text.ts';
import { limits } from '../../../core/limits.ts';
import type { Routine } from '../../../core/wait.ts';
import { EINTR, isErrno } from '../../../kernel/errno.ts';
import { fromBytes } from '../bytes.ts';
import { ExpansionFailure, roomFor } from '../expand/failure.ts';
import { expandText } from '../expand/words.ts';
import type { Shell } from '../shell.ts';
import { parseScript } from '../syntax/parse.ts';
import type { ProcessPiece } from '../syntax/tree.ts';
import { exitStatus } from './jobs.ts';
import { forkShell } from './subshell.ts';
import { runText } from './text.ts';

/**
 * The output of a script run in a subshell. Its status is kept for a command that is nothing but
 * assignments.
 */
export function* substitute(shell: Shell, source: string): Routine<string> {
  const file = yield* readFileForm(shell, source);
  if (file !== undefined) return file;
  const { process } = shell;
  const pipe = process.pipe();
  if (isErrno(pipe))
    throw new ExpansionFailure(
      `cannot make pipe for command substitution: ${pipe.message}`,
      'line',
    );
  if (shell.depth >= limits.shellDepth) {
    throw new ExpansionFailure(
      `maximum substitution level exceeded (${limits.shellDepth})`,
      'line',
    );
  }
  const { line } = shell;
  const pid = yield* forkShell(shell, (sub) => {
    sub.process.dup2(pipe[1], 1);
    sub.process.close(pipe[0]);
    if (pipe[1] !== 1) sub.process.close(pipe[1]);
    sub.depth++;
    sub.traceDepth++;
    sub.loops = 0;
    if (!sub.shopt('inherit_errexit') && !sub.option('posix') && sub.dialect.extended) {
      sub.settings.set.delete('errexit');
    }
    return runText(sub, source, {
      line,
      last: true,
      context: 'command substitution',
      showLine: true,
    });
  });
  process.close(pipe[1]);
  if (pid === undefined) {
    process.close(pipe[0]);
    throw new ExpansionFailure('', 'shell', shell.lastStatus);
  }
  let bytes: Uint8Array;
  try {
    bytes = yield* readToEnd(shell, pipe[0]);
  } finally {
    process.close(pipe[0]);
  }
  const status = yield* statusOf(shell, pid);
  shell.substitutionStatus = status;
  return withoutNewlines(fromBytes(bytes));
}

function* readToEnd(shell: Shell, fd: number): Routine<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = yield* shell.process.read(fd, 65_536);
    if (part === EINTR) continue;
    if (isErrno(part) || part.length === 0) return concatBytes(parts);
    size += part.length;
    roomFor(size);
    parts.push(part);
  }
}

function* statusOf(shell: Shell, pid: number): Routine<number> {
  for (;;) {
    const result = yield* shell.process.wait(pid);
    if (result === EINTR) continue;
    if (result === undefined || isErrno(result)) return 127;
    if ((result.status & 0x7f) === 2 && shell.interactive) shell.interrupted = true;
    return exitStatus(result.status);
  }
}

function withoutNewlines(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '\n') end--;
  const cut = end === text.length ? text : text.slice(0, end);
  return cut.includes('\0') ? cut.replaceAll('\0', '') : cut;
}

/** `$(<file)`: the file's text without a process; undefined where the script is something else. */
function* readFileForm(shell: Shell, source: string): Routine<string | undefined> {
  if (!/^\s*<[^<(&>]/.test(source) || !shell.dialect.extended) return undefined;
  const { list } = parseScript(source);
  const node = list[0]?.node;
  if (list.length !== 1 || node?.kind !== 'simple' || node.words.length > 0) return undefined;
  const [redirect] = node.redirects;
  if (node.redirects.length !== 1 || redirect?.operator !== '<') return undefined;
  const path = yield* expandText(shell, redirect.target);
  const fd = shell.process.open(path);
  if (isErrno(fd)) {
    yield* shell.complain(`${path}: ${fd.message}`);
    shell.substitutionStatus = 1;
    return '';
  }
  const bytes = yield* readToEnd(shell, fd);
  shell.process.close(fd);
  shell.substitutionStatus = 0;
  return withoutNewlines(fromBytes(bytes));
}

/** Where bash puts the ends of process substitutions, counting down. */
const HIGHEST = 63;

/** `<( … )` and `>( … )`: the name of this shell's end. */
export function* processSubstitution(shell: Shell, piece: ProcessPiece): Routine<string> {
  const { process } = shell;
  const pipe = process.pipe();
  if (isErrno(pipe)) throw new ExpansionFailure(`cannot make pipe: ${pipe.message}`, 'line');
  const reads = piece.direction === '<';
  const [mine, theirs] = reads ? pipe : [pipe[1], pipe[0]];
  const pid = yield* forkShell(
    shell,
    (sub) => {
      sub.process.dup2(theirs, reads ? 1 : 0);
      for (const fd of [mine, theirs]) sub.process.close(fd);
      for (const fd of shell.processSubstitutions) sub.process.close(fd);
      sub.loops = 0;
      return runText(sub, piece.source, { line: sub.line, last: true });
    },
    { background: true },
  );
  process.close(theirs);
  if (pid === undefined) {
    process.close(mine);
    throw new ExpansionFailure('', 'line');
  }
  let fd = HIGHEST;
  while (process.task.files.descriptor(fd) && fd > 10) fd--;
  process.dup2(mine, fd);
  process.close(mine);
  shell.processSubstitutions.push(fd);
  shell.lastBackground = pid;
  shell.jobs.adoptSilent(pid);
  return `/dev/fd/${fd}`;
}

/** Closes the ends that a command's process substitutions left open. */
export function closeSubstitutions(shell: Shell, from: number): void {
  while (shell.processSubstitutions.length > from) {
    const fd = shell.processSubstitutions.pop();
    if (fd !== undefined) shell.process.close(fd);
  }
}
