// Redirections: files, duplicated and closed descriptors, here-documents, /dev/tcp. For a command
// that runs in the shell itself, what was there before is kept and put back.

import { limits } from '../../../core/limits.ts';
import type { Routine } from '../../../core/wait.ts';
import {
  EACCES,
  EEXIST,
  EISDIR,
  ENOENT,
  ENOTDIR,
  type Errno,
  isErrno,
} from '../../../kernel/errno.ts';
import { S_IFREG } from '../../../kernel/files/inode.ts';
import {
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from '../../../kernel/files/open-file.ts';
import { toBytes } from '../bytes.ts';
import { expandText, expandWords } from '../expand/words.ts';
import type { Shell } from '../shell.ts';
import type { Redirect } from '../syntax/tree.ts';
import { openConnection } from './connection.ts';
import { concluded, guardFailure } from './list.ts';

/** A descriptor as it was: `copy` undefined where it was closed. */
export interface Saved {
  readonly fd: number;
  readonly copy: number | undefined;
}

/** Descriptors that the shell keeps for itself begin here. */
const FIRST_SAVED = 10;

/** Runs `body` under redirections, and puts back what was there. */
export function* withRedirects(
  shell: Shell,
  redirects: readonly Redirect[],
  body: () => Routine<number>,
): Routine<number> {
  const saved: Saved[] = [];
  const refused = yield* guardFailure(shell, () => applyRedirects(shell, redirects, saved));
  try {
    if (refused !== 0) return yield* concluded(shell, refused);
    return yield* body();
  } finally {
    restore(shell, saved);
  }
}

/** Puts descriptors back. */
export function restore(shell: Shell, saved: readonly Saved[]): void {
  const { process } = shell;
  for (const { fd, copy } of [...saved].reverse()) {
    if (copy === undefined) process.close(fd);
    else {
      process.dup2(copy, fd);
      process.close(copy);
    }
  }
}

/**
 * Applies redirections in order. 1 after the message where one fails. `saved` collects what to put
 * back.
 */
export function* applyRedirects(
  shell: Shell,
  redirects: readonly Redirect[],
  saved: Saved[] | undefined,
): Routine<number> {
  for (const redirect of redirects) {
    const status = yield* applyOne(shell, redirect, saved);
    if (status !== 0) return status;
  }
  return 0;
}

function* applyOne(shell: Shell, redirect: Redirect, saved: Saved[] | undefined): Routine<number> {
  const { operator } = redirect;
  if (operator === '<<' || operator === '<<-' || operator === '<<<') {
    const text = yield* expandText(shell, redirect.target);
    const fd = yield* documentDescriptor(shell, operator === '<<<' ? `${text}\n` : text);
    if (isErrno(fd))
      return yield* shell.complain(`cannot create temp file for here-document: ${fd.message}`);
    return move(shell, fd, placeOf(shell, redirect, 0), saved);
  }
  const words = yield* expandWords(shell, [redirect.target]);
  const [target] = words;
  if (target === undefined || words.length !== 1) {
    return yield* shell.complain(`${redirect.target.raw}: ambiguous redirect`);
  }
  if (operator === '>&' || operator === '<&') {
    return yield* duplicate(shell, redirect, target, saved);
  }
  const fd = yield* openTarget(shell, operator, target);
  if (fd < 0) return 1;
  const both = operator === '&>' || operator === '&>>';
  const place = placeOf(shell, redirect, operator.startsWith('<') ? 0 : 1);
  move(shell, fd, place, saved);
  if (both) {
    keep(shell, 2, saved);
    shell.process.dup2(1, 2);
  }
  return 0;
}

/** The descriptor a redirection is for; `{name}` takes a free one from 10 on. */
function placeOf(shell: Shell, redirect: Redirect, standard: number): number {
  if (redirect.variable === undefined) return redirect.fd ?? standard;
  let fd = FIRST_SAVED;
  while (shell.process.task.files.descriptor(fd)) fd++;
  shell.assign(redirect.variable, String(fd));
  return fd;
}

function keep(shell: Shell, fd: number, saved: Saved[] | undefined): void {
  if (!saved || saved.some((entry) => entry.fd === fd)) return;
  const copy = shell.process.dup(fd, FIRST_SAVED, true);
  saved.push({ fd, copy: isErrno(copy) ? undefined : copy });
}

function move(shell: Shell, from: number, to: number, saved: Saved[] | undefined): number {
  if (from === to) {
    if (saved) saved.push({ fd: to, copy: undefined });
    return 0;
  }
  if (to < FIRST_SAVED) keep(shell, to, saved);
  shell.process.dup2(from, to);
  shell.process.close(from);
  return 0;
}

function* duplicate(
  shell: Shell,
  redirect: Redirect,
  target: string,
  saved: Saved[] | undefined,
): Routine<number> {
  const { process } = shell;
  const standard = redirect.operator === '<&' ? 0 : 1;
  if (target === '-') {
    const fd = redirect.variable
      ? Number(shell.value(redirect.variable))
      : (redirect.fd ?? standard);
    keep(shell, fd, saved);
    process.close(fd);
    return 0;
  }
  const parts = /^(\d+)(-?)$/.exec(target);
  if (!parts) {
    const plain = redirect.operator === '>&' && redirect.fd === undefined && !redirect.variable;
    if (!plain) return yield* shell.complain(`${redirect.target.raw}: ambiguous redirect`);
    const fd = yield* openTarget(shell, '>', target);
    if (fd < 0) return 1;
    move(shell, fd, 1, saved);
    keep(shell, 2, saved);
    process.dup2(1, 2);
    return 0;
  }
  const from = Number(parts[1]);
  if (!process.task.files.descriptor(from)) {
    return yield* shell.complain(`${from}: Bad file descriptor`);
  }
  const place = placeOf(shell, redirect, standard);
  if (from !== place) {
    keep(shell, place, saved);
    process.dup2(from, place);
    if (parts[2]) process.close(from);
  }
  return 0;
}

/** Opens a redirection's file; -1 after the message. */
function* openTarget(shell: Shell, operator: string, path: string): Routine<number> {
  const { process } = shell;
  const network = shell.dialect.extended ? /^\/dev\/(tcp|udp)\/([^/]+)\/([^/]+)$/.exec(path) : null;
  if (network) {
    const [, protocol = '', host = '', port = ''] = network;
    return yield* openConnection(shell, path, protocol, host, port);
  }
  const reads = operator === '<';
  let flags = O_RDONLY;
  if (operator === '<>') flags = O_RDWR | O_CREAT;
  else if (operator === '>>' || operator === '&>>') flags = O_WRONLY | O_CREAT | O_APPEND;
  else if (!reads) flags = O_WRONLY | O_CREAT | O_TRUNC;
  const guards = shell.option('noclobber') && (operator === '>' || operator === '&>');
  if (guards) {
    const stat = process.stat(path);
    if (!isErrno(stat) && (stat.mode & 0o170000) === S_IFREG) {
      yield* shell.complain(clobberText(shell, path));
      return -1;
    }
  }
  const fd = process.open(path, flags);
  if (!isErrno(fd)) return fd;
  yield* shell.complain(openFailure(shell, path, fd, reads));
  return -1;
}

function clobberText(shell: Shell, path: string): string {
  if (shell.dialect.extended) return `${path}: cannot overwrite existing file`;
  return openFailure(shell, path, EEXIST, false);
}

function openFailure(shell: Shell, path: string, failure: Errno, reads: boolean): string {
  if (shell.dialect.extended) return `${path}: ${failure.message}`;
  if (shell.dialect.name === 'ash') {
    const why =
      failure === ENOENT ? (reads ? 'no such file' : 'nonexistent directory') : failure.message;
    return `can't ${reads ? 'open' : 'create'} ${path}: ${why}`;
  }
  const known = new Map<Errno, string>([
    [ENOENT, reads ? 'No such file' : 'Directory nonexistent'],
    [EACCES, EACCES.message],
    [EISDIR, EISDIR.message],
    [ENOTDIR, reads ? ENOTDIR.message : 'Directory nonexistent'],
  ]);
  return `cannot ${reads ? 'open' : 'create'} ${path}: ${known.get(failure) ?? failure.message}`;
}

/**
 * A descriptor to read a here-document from: a pipe where it fits, else a file that has no name any
 * more.
 */
function* documentDescriptor(shell: Shell, text: string): Routine<number | Errno> {
  const { process } = shell;
  const bytes = toBytes(text);
  if (bytes.length < limits.pipeBytes) {
    const pipe = process.pipe();
    if (isErrno(pipe)) return pipe;
    if (bytes.length > 0) yield* process.write(pipe[1], bytes);
    process.close(pipe[1]);
    return pipe[0];
  }
  const path = `/tmp/sh-thd.${process.pid}.${shell.line}`;
  const out = process.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600);
  if (isErrno(out)) return out;
  yield* process.write(out, bytes);
  process.close(out);
  const fd = process.open(path, O_RDONLY);
  process.unlink(path);
  return fd;
}
