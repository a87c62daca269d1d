// What sed holds while it runs: its input, the two spaces, and its outputs; reading lines and writing them.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/files/open-file.ts';
import { Reader, Writer } from '../../libc/stdio.ts';
import { baseName, dirName, joinPath } from '../../libc/whole-file.ts';
import type { Command } from '../coreutils/gnu.ts';
import type { Regex } from '../../regex/index.ts';
import type { SedScript } from './sed-syntax.ts';

/** Everything that a running script holds. */
export interface Editing {
  readonly command: Command;
  readonly script: SedScript;
  readonly quiet: boolean;
  readonly end: string;
  readonly separate: boolean;
  /** Files still to be read; the one being read. */
  readonly paths: string[];
  path: string;
  reader: Reader | undefined;
  /** One line of look-ahead, so that `$` is known. */
  ahead: string | undefined;
  out: Writer;
  readonly files: Map<string, Writer>;
  readonly readers: Map<string, Reader>;
  line: number;
  pattern: string;
  hold: string;
  /** The line had its newline. */
  ended: boolean;
  appended: { readonly text: string; readonly ended: boolean }[];
  substituted: boolean;
  lastRegex: Regex | undefined;
  status: number;
  quit: number | undefined;
  missingNewline: boolean;
  inPlace: { readonly temporary: string; readonly target: string; readonly fd: number } | undefined;
}

/** Opens the files that w and s///w name, before the first line is read. */
export function* openOutputs(state: Editing): Routine<void> {
  for (const { letter, text, substitution } of state.script.commands) {
    const path = letter === 'w' || letter === 'W' ? text : substitution?.file;
    if (path === undefined || state.files.has(path)) continue;
    const { process } = state.command;
    if (path === '/dev/stdout') state.files.set(path, state.command.out);
    else if (path === '/dev/stderr') state.files.set(path, state.command.err);
    else {
      const fd = process.open(path, O_WRONLY | O_CREAT | O_TRUNC);
      if (isErrno(fd)) {
        yield* state.command.fail(`couldn't open file ${path}: ${fd.message}`);
        process.exit(4);
      } else state.files.set(path, new Writer(process, fd));
    }
  }
}

/** Reads the next line into `ahead`, from whatever file it comes; false at the end of all input. */
function* lookAhead(state: Editing): Routine<boolean> {
  while (state.ahead === undefined) {
    if (!state.reader) {
      if (state.paths.length === 0) return false;
      if (!(yield* openNext(state))) continue;
    }
    state.ahead = yield* (state.reader as Reader).line(state.end.charCodeAt(0));
    if (state.ahead !== undefined) return true;
    if (state.reader?.failure) {
      yield* state.command.fail(`couldn't read ${state.path}: ${state.reader.failure.message}`);
      state.status = 2;
    }
    if (state.separate) return false;
    state.reader = undefined;
  }
  return true;
}

/** Opens the next input file; false where there is none left. */
export function* openNext(state: Editing): Routine<boolean> {
  const { command } = state;
  const { process, options } = command;
  const path = state.paths.shift() ?? '-';
  state.path = path;
  if (path === '-' && !options.has('inplace')) {
    state.reader = command.input;
    return true;
  }
  const stat = process.stat(path);
  const directory = !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR;
  const fd = process.open(path);
  if (isErrno(fd) || directory) {
    const asIs = options.has('inplace')
      ? `couldn't edit ${path}: not a regular file`
      : `read error on ${path}: Is a directory`;
    yield* command.fail(isErrno(fd) ? `can't read ${path}: ${fd.message}` : asIs);
    state.status = directory ? 4 : 2;
    return false;
  }
  state.reader = new Reader(process, fd);
  if (options.has('inplace')) {
    const temporary = joinPath(dirName(path), `sed${String(process.pid).padStart(6, 'x')}`);
    const mode = isErrno(stat) ? 0o644 : stat.mode & 0o7777;
    const out = process.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (isErrno(out)) {
      yield* command.fail(`couldn't open temporary file ${temporary}: ${out.message}`);
      process.exit(4);
      return false;
    }
    process.chmod(temporary, mode);
    if (!isErrno(stat)) process.chown(temporary, stat.uid, stat.gid);
    state.inPlace = { temporary, target: path, fd: out };
    state.out = new Writer(process, out);
  }
  return true;
}

/** The end of a file that is edited in place (or separately): the new contents take the old name. */
export function* finishFile(state: Editing): Routine<void> {
  const { process, options } = state.command;
  state.reader = undefined;
  state.ahead = undefined;
  if (!state.inPlace) return;
  yield* state.out.flush();
  const { temporary, target, fd } = state.inPlace;
  process.close(fd);
  const suffix = options.value('inplace') ?? '';
  if (suffix !== '') {
    const name = suffix.includes('*')
      ? suffix.replaceAll('*', baseName(target))
      : baseName(target) + suffix;
    process.rename(target, name.includes('/') ? name : joinPath(dirName(target), name));
  }
  process.rename(temporary, target);
  state.inPlace = undefined;
  state.out = state.command.out;
  state.missingNewline = false;
}

/** Copies what is left of the input, as q does when it edits in place. */
export function* copyRest(state: Editing): Routine<void> {
  while (yield* nextLine(state)) yield* output(state, state.pattern, state.ended);
}

/** Reads the next line into the pattern space; false at the end. */
export function* nextLine(state: Editing): Routine<boolean> {
  if (!(yield* lookAhead(state)) || state.ahead === undefined) return false;
  const text = state.ahead;
  state.ahead = undefined;
  state.line++;
  state.ended = text.endsWith(state.end);
  state.pattern = state.ended ? text.slice(0, -1) : text;
  return true;
}

/** True while the last line of the input is in the pattern space: the address $. */
export function* isLast(state: Editing): Routine<boolean> {
  if (state.ahead !== undefined) return false;
  return !(yield* lookAhead(state));
}

/** Writes one line to standard output, or to the file that is edited in place. */
export function* output(
  state: Editing,
  text: string,
  ended = true,
  to: Writer = state.out,
): Routine<void> {
  if (to === state.out && state.missingNewline) {
    to.put('\n');
    state.missingNewline = false;
  }
  yield* to.print(ended ? text + state.end : text);
  if (to === state.out) state.missingNewline = !ended;
}

/** Writes what a, r and R have queued for the end of the cycle. */
export function* flushAppended(state: Editing): Routine<void> {
  for (const { text, ended } of state.appended.splice(0)) {
    if (state.missingNewline) {
      state.out.put('\n');
      state.missingNewline = false;
    }
    yield* state.out.print(text);
    if (!ended) state.missingNewline = false;
  }
}
