// Programs: finding them on PATH, running them, and what is said where that fails.

import type { Routine } from '../../../core/wait.ts';
import { E2BIG, EACCES, ENOENT, ENOEXEC, type Errno, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFREG } from '../../../kernel/files/inode.ts';
import { decode } from '../../../core/text.ts';
import type { Applet } from '../dialect.ts';
import type { Shell } from '../shell.ts';
import { environmentOf } from './environment.ts';
import { runScriptText } from '../script.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a command would be run from; undefined where PATH has none. Remembers what it found. */
export function findCommand(shell: Shell, name: string, remember = true): string | undefined {
  if (name.includes('/')) return name;
  const path = shell.parameter('PATH') ?? (shell.dialect.extended ? '' : DEFAULT_PATH);
  if (shell.hashedPath !== path) {
    shell.hash.clear();
    shell.hashedPath = path;
  }
  const known = shell.hash.get(name);
  if (known && !isGone(shell, known.path)) {
    if (remember) known.hits++;
    return known.path;
  }
  const [found] = findAll(shell, name, path);
  if (found !== undefined && remember && found.startsWith('/')) {
    shell.hash.set(name, { path: found, hits: 1 });
  }
  return found;
}

/** dash, and bash with checkhash, search again where a remembered program is gone. */
function isGone(shell: Shell, path: string): boolean {
  const checks = !shell.dialect.extended || shell.shopt('checkhash');
  return checks && isErrno(shell.process.stat(path));
}

/** Every executable of that name on PATH; failing that, a file that is not executable. */
export function findAll(shell: Shell, name: string, path: string): string[] {
  const found: string[] = [];
  let refused: string | undefined;
  for (const directory of path.split(':')) {
    const candidate = directory === '' ? `./${name}` : `${directory.replace(/\/$/, '')}/${name}`;
    const stat = shell.process.stat(candidate);
    if (isErrno(stat) || (stat.mode & 0o170000) !== S_IFREG) continue;
    if (shell.process.access(candidate, 1) === undefined) found.push(candidate);
    else refused ??= candidate;
  }
  return found.length === 0 && refused !== undefined ? [refused] : found;
}

/**
 * Replaces the process by a program; comes back (with a status) only where that fails or the file
 * is a script.
 */
export function* execProgram(
  shell: Shell,
  path: string,
  argv: readonly string[],
  environment: ReadonlyMap<string, string>,
): Routine<number> {
  const failure = shell.process.exec(path, argv, environment);
  if (failure === ENOEXEC) return yield* runWithoutInterpreter(shell, path, argv);
  return yield* shell.complain(execFailure(shell, path, failure), failure === ENOENT ? 127 : 126);
}

/**
 * Runs a command that is part of the shell's own executable, which /proc leads to. Comes back with undefined where
 * there is no /proc: PATH is searched then.
 */
export function* runApplet(
  shell: Shell,
  applet: Applet,
  words: readonly string[],
): Routine<number | undefined> {
  if (applet.inside) return yield* applet.inside(shell.process, words);
  shell.process.exec('/proc/self/exe', words, environmentOf(shell));
  return undefined;
}

function execFailure(shell: Shell, path: string, failure: Errno): string {
  const stat = shell.process.stat(path);
  if (!shell.dialect.extended) {
    if (failure === ENOENT) return shell.dialect.notFound(path);
    return `${path}: ${failure.message}`;
  }
  if (!isErrno(stat) && (stat.mode & 0o170000) === S_IFDIR) return `${path}: Is a directory`;
  if (failure === ENOENT && !isErrno(stat))
    return `${path}: cannot execute: required file not found`;
  const interpreter = failure === EACCES && !isErrno(stat) ? interpreterOf(shell, path) : undefined;
  if (interpreter !== undefined && shell.process.access(path, 1) === undefined) {
    return `${path}: ${interpreter}bad interpreter: ${failure.message}`;
  }
  if (failure === E2BIG) return `${path}: ${failure.message}`;
  return `${path}: ${failure.message}`;
}

function interpreterOf(shell: Shell, path: string): string | undefined {
  const head = readHead(shell, path);
  const interpreter = head && /^#![ \t]*(\S+)/.exec(head)?.[1];
  return interpreter ? `${interpreter}: ` : undefined;
}

/** The first bytes of a file as text; plain files never block. */
function readHead(shell: Shell, path: string): string | undefined {
  const fd = shell.process.open(path);
  if (isErrno(fd)) return undefined;
  const step = shell.process.read(fd, 128).next();
  shell.process.close(fd);
  return step.done && !isErrno(step.value) ? decode(step.value) : undefined;
}

/** A file without `#!` is taken as a script of this shell, unless it looks binary. */
function* runWithoutInterpreter(
  shell: Shell,
  path: string,
  argv: readonly string[],
): Routine<number> {
  const head = readHead(shell, path) ?? '';
  const firstLine = head.split('\n', 1)[0] ?? '';
  if (/\0/.test(firstLine) || head.startsWith('\x7fELF')) {
    const what = shell.dialect.extended
      ? 'cannot execute binary file: Exec format error'
      : 'Exec format error';
    return yield* shell.complain(`${path}: ${what}`, 126);
  }
  const fd = shell.process.open(path);
  if (isErrno(fd)) return yield* shell.complain(`${path}: ${fd.message}`, 126);
  const bytes = yield* shell.process.readAll(fd);
  shell.process.close(fd);
  const text = isErrno(bytes) ? '' : decode(bytes);
  return yield* runScriptText(shell, text, path, argv.slice(1));
}
