// sed 4.9: the stream editor. The script is read by sed-script.ts; here it runs over lines.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/files/open-file.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { popen, waitFor } from '../../libc/spawn.ts';
import { Reader, Writer } from '../../libc/stdio.ts';
import { baseName, dirName, joinPath, readFile } from '../../libc/whole-file.ts';
import { type Command, gnu } from '../coreutils/gnu.ts';
import type { Regex } from '../../regex/index.ts';
import {
  type Address,
  parseScript,
  type ScriptSource,
  type SedCommand,
  type SedScript,
} from './sed-script.ts';
import { listForm, substitute } from './sed-substitute.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'quiet', short: 'n', long: 'quiet silent' },
  { key: 'expression', short: 'e', long: 'expression', argument: 'required' },
  { key: 'file', short: 'f', long: 'file', argument: 'required' },
  { key: 'extended', short: 'Er', long: 'regexp-extended' },
  { key: 'inplace', short: 'i', long: 'in-place', argument: 'optional' },
  { key: 'length', short: 'l', long: 'line-length', argument: 'required' },
  { key: 'posix', long: 'posix' },
  { key: 'separate', short: 's', long: 'separate' },
  { key: 'sandbox', long: 'sandbox' },
  { key: 'unbuffered', short: 'u', long: 'unbuffered' },
  { key: 'zero', short: 'z', long: 'null-data' },
  { key: 'follow', long: 'follow-symlinks' },
];

/** Everything that a running script holds. */
interface Editing {
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

export const sed = gnu(
  {
    name: 'sed',
    usage: ['[OPTION]... {script-only-if-no-other-script} [input-file]...'],
    options: OPTIONS,
    missing: [{ key: 'debug', long: 'debug' }],
    version: '(GNU sed) 4.9',
    rewrite: (args) => args.map((word) => (word === '-s' ? '--separate' : word)),
  },
  function* (command) {
    const operands = [...command.operands];
    const sources = yield* scriptSources(command, operands);
    if (typeof sources === 'number') return sources;
    const { options } = command;
    const script = parseScript(sources, options.has('extended'));
    if ('error' in script) {
      yield* command.fail(script.error);
      return 1;
    }
    const state: Editing = {
      command,
      script,
      quiet: options.has('quiet') || script.quiet,
      end: options.has('zero') ? '\0' : '\n',
      separate: options.has('separate') || options.has('inplace'),
      paths: operands.length ? operands : ['-'],
      path: '-',
      reader: undefined,
      ahead: undefined,
      out: command.out,
      files: new Map(),
      readers: new Map(),
      line: 0,
      pattern: '',
      hold: '',
      ended: true,
      appended: [],
      substituted: false,
      lastRegex: undefined,
      status: 0,
      quit: undefined,
      missingNewline: false,
      inPlace: undefined,
    };
    yield* openOutputs(state);
    yield* edit(state);
    for (const file of state.files.values()) yield* file.flush();
    return state.quit || state.status;
  },
);

function* scriptSources(command: Command, operands: string[]): Routine<ScriptSource[] | number> {
  const { options, process } = command;
  const sources: ScriptSource[] = [];
  let number = 0;
  for (const [key, value] of options.list) {
    if (key === 'expression') sources.push({ text: value, name: `-e expression #${++number}` });
    if (key !== 'file') continue;
    const bytes = value === '-' ? yield* command.input.rest() : yield* readFile(process, value);
    if (isErrno(bytes)) {
      yield* command.fail(`couldn't open file ${value}: ${bytes.message}`);
      return 1;
    }
    sources.push({ text: decode(bytes).replace(/^#!.*\n/, ''), name: `file ${value}` });
  }
  if (sources.length > 0) return sources;
  const text = operands.shift();
  if (text === undefined) {
    command.err.put('Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n\n');
    command.err.put("Try 'sed --help' for more information.\n");
    return 1;
  }
  return [{ text, name: '-e expression #1' }];
}

function* openOutputs(state: Editing): Routine<void> {
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

function* openNext(state: Editing): Routine<boolean> {
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
    state.status = options.has('inplace') && directory ? 4 : 2;
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
function* finishFile(state: Editing): Routine<void> {
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

function* edit(state: Editing): Routine<void> {
  for (;;) {
    if (state.separate) {
      while (!state.reader && state.paths.length > 0) yield* openNext(state);
      if (!state.reader) return;
      state.line = 0;
      for (const command of state.script.commands) command.active = false;
    }
    while (state.quit === undefined && (yield* nextLine(state))) {
      yield* cycle(state);
      if (state.out.failure) return;
    }
    if (state.quit !== undefined && state.inPlace) yield* copyRest(state);
    if (!state.separate) return;
    yield* finishFile(state);
    if (state.quit !== undefined) return;
  }
}

function* copyRest(state: Editing): Routine<void> {
  while (yield* nextLine(state)) yield* output(state, state.pattern, state.ended);
}

function* nextLine(state: Editing): Routine<boolean> {
  if (!(yield* lookAhead(state)) || state.ahead === undefined) return false;
  const text = state.ahead;
  state.ahead = undefined;
  state.line++;
  state.ended = text.endsWith(state.end);
  state.pattern = state.ended ? text.slice(0, -1) : text;
  return true;
}

function* isLast(state: Editing): Routine<boolean> {
  if (state.ahead !== undefined) return false;
  return !(yield* lookAhead(state));
}

function* output(
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

function* flushAppended(state: Editing): Routine<void> {
  for (const { text, ended } of state.appended.splice(0)) {
    if (state.missingNewline && text !== '') {
      state.out.put('\n');
      state.missingNewline = false;
    }
    yield* state.out.print(text);
    if (!ended) state.missingNewline = false;
  }
}

function* matches(state: Editing, address: Address): Routine<boolean> {
  switch (address.kind) {
    case 'line':
      return state.line === address.line;
    case 'last':
      return yield* isLast(state);
    case 'step':
      return address.step <= 0
        ? state.line === address.first
        : state.line >= address.first && (state.line - address.first) % address.step === 0;
    case 'match': {
      const regex = address.regex ?? state.lastRegex;
      if (address.regex) state.lastRegex = address.regex;
      return regex?.test(state.pattern) ?? false;
    }
    default:
      return false;
  }
}

function* selected(state: Editing, command: SedCommand): Routine<boolean> {
  const { from, to } = command;
  if (!from) return true;
  if (!to) return yield* matches(state, from);
  if (command.active) {
    if (to.kind === 'match' || to.kind === 'last') {
      if (yield* matches(state, to)) command.active = false;
      return true;
    }
    if (state.line >= command.until) command.active = false;
    return state.line <= command.until || from.kind === 'line';
  }
  const zero = from.kind === 'line' && from.line === 0;
  if (zero && state.line === 1 && to.kind === 'match') {
    command.active = !(yield* matches(state, to));
    return true;
  }
  if (!(yield* matches(state, from))) return false;
  command.active = true;
  if (to.kind === 'line') command.until = to.line;
  else if (to.kind === 'plus') command.until = state.line + to.count;
  else if (to.kind === 'multiple')
    command.until = to.count > 0 ? Math.ceil(state.line / to.count) * to.count : state.line;
  else return true;
  if (command.until <= state.line) command.active = false;
  return true;
}

function* cycle(state: Editing): Routine<void> {
  const { commands } = state.script;
  let steps = 0;
  state.substituted = false;
  let restart = true;
  while (restart) {
    restart = false;
    for (let at = 0; at < commands.length; ) {
      const command = commands[at] as SedCommand;
      if (++steps % 64 === 0) yield* state.command.process.work(20_000);
      if ((yield* selected(state, command)) === command.negated) {
        at = command.letter === '{' ? command.target + 1 : at + 1;
        continue;
      }
      const jump = yield* run(state, command);
      if (jump === 'delete') {
        yield* flushAppended(state);
        return;
      }
      if (jump === 'restart') {
        restart = true;
        yield* flushAppended(state);
        break;
      }
      if (jump === 'end') break;
      at = jump === 'jump' ? command.target : at + 1;
    }
  }
  yield* state.command.process.work(state.pattern.length * 4 + 200);
  if (!state.quiet && state.quit !== -1) yield* output(state, state.pattern, state.ended);
  if (state.quit === -1) state.quit = 0;
  yield* flushAppended(state);
}

type Jump = 'next' | 'jump' | 'end' | 'delete' | 'restart';

function* run(state: Editing, command: SedCommand): Routine<Jump> {
  const { letter } = command;
  switch (letter) {
    case 's':
      return yield* runSubstitution(state, command);
    case 'p':
      yield* output(state, state.pattern, true);
      return 'next';
    case 'P':
      yield* output(state, state.pattern.split('\n')[0] ?? '');
      return 'next';
    case 'd':
      return 'delete';
    case 'D': {
      const newline = state.pattern.indexOf('\n');
      if (newline < 0) return 'delete';
      state.pattern = state.pattern.slice(newline + 1);
      return 'restart';
    }
    case 'b':
      return 'jump';
    case 't':
      if (!state.substituted) return 'next';
      state.substituted = false;
      return 'jump';
    case 'T':
      if (!state.substituted) return 'jump';
      state.substituted = false;
      return 'next';
    case 'h':
      state.hold = state.pattern;
      return 'next';
    case 'H':
      state.hold += `\n${state.pattern}`;
      return 'next';
    case 'g':
      state.pattern = state.hold;
      return 'next';
    case 'G':
      state.pattern += `\n${state.hold}`;
      return 'next';
    case 'x':
      [state.pattern, state.hold] = [state.hold, state.pattern];
      return 'next';
    case 'y':
      state.pattern = [...state.pattern]
        .map((char) => command.translation?.get(char) ?? char)
        .join('');
      return 'next';
    case 'z':
      state.pattern = '';
      return 'next';
    case 'q':
      state.quit = command.number ?? 0;
      return 'end';
    case 'Q':
      state.quit = command.number ?? 0;
      return 'delete';
    case 'a':
      state.appended.push({ text: command.text, ended: true });
      return 'next';
    case 'i':
      yield* output(state, command.text.replace(/\n$/, ''));
      return 'next';
    case 'c':
      return yield* change(state, command);
    case '=':
      yield* state.out.print(`${state.line}\n`);
      return 'next';
    case 'l':
      yield* output(
        state,
        listForm(
          state.pattern,
          command.number ?? Number(state.command.options.value('length') ?? 70),
        ),
      );
      return 'next';
    case 'F':
      yield* output(state, state.path);
      return 'next';
    default:
      return yield* runWithFiles(state, command);
  }
}

function* change(state: Editing, command: SedCommand): Routine<Jump> {
  if (!command.to || command.negated || !command.active)
    yield* output(state, command.text.replace(/\n$/, ''));
  return 'delete';
}

function* runWithFiles(state: Editing, command: SedCommand): Routine<Jump> {
  const { process } = state.command;
  switch (command.letter) {
    case 'n':
      if (yield* isLast(state)) {
        state.quit ??= 0;
        return 'end';
      }
      if (!state.quiet) yield* output(state, state.pattern, state.ended);
      yield* flushAppended(state);
      yield* nextLine(state);
      return 'next';
    case 'N': {
      if (yield* isLast(state)) return 'end';
      yield* flushAppended(state);
      const before = state.pattern;
      yield* nextLine(state);
      state.pattern = `${before}\n${state.pattern}`;
      return 'next';
    }
    case 'r': {
      const bytes =
        command.text === '/dev/stdin'
          ? yield* state.command.input.rest()
          : yield* readFile(process, command.text);
      if (!isErrno(bytes)) state.appended.push({ text: decode(bytes), ended: false });
      return 'next';
    }
    case 'R': {
      let reader = state.readers.get(command.text);
      if (!reader) {
        const fd = process.open(command.text);
        if (isErrno(fd)) return 'next';
        reader = new Reader(process, fd);
        state.readers.set(command.text, reader);
      }
      const line = yield* reader.line();
      if (line !== undefined)
        state.appended.push({ text: line.endsWith('\n') ? line : `${line}\n`, ended: true });
      return 'next';
    }
    case 'w':
    case 'W': {
      const file = state.files.get(command.text);
      const text = command.letter === 'w' ? state.pattern : (state.pattern.split('\n')[0] ?? '');
      if (file) yield* output(state, text, true, file);
      if (file) yield* file.flush();
      return 'next';
    }
    case 'e':
      yield* execute(state, command.text);
      return 'next';
    default:
      return 'next';
  }
}

function* runSubstitution(state: Editing, command: SedCommand): Routine<Jump> {
  const { substitution } = command;
  if (!substitution) return 'next';
  const regex = substitution.regex ?? state.lastRegex;
  if (!regex) {
    yield* state.command.fail('-e expression #1, char 0: no previous regular expression');
    return state.command.process.exit(1);
  }
  state.lastRegex = regex;
  const result = substitute(state.pattern, regex, substitution);
  if (result === undefined) return 'next';
  state.pattern = result;
  state.substituted = true;
  if (substitution.run) {
    const text = yield* shellOutput(state, state.pattern);
    state.pattern = text.replace(/\n$/, '');
  }
  if (substitution.print) yield* output(state, state.pattern);
  const file = substitution.file === undefined ? undefined : state.files.get(substitution.file);
  if (file) {
    yield* output(state, state.pattern, true, file);
    yield* file.flush();
  }
  return 'next';
}

function* execute(state: Editing, text: string): Routine<void> {
  if (text === '') state.pattern = (yield* shellOutput(state, state.pattern)).replace(/\n$/, '');
  else state.out.put(yield* shellOutput(state, text));
}

function* shellOutput(state: Editing, text: string): Routine<string> {
  const { process } = state.command;
  yield* state.out.flush();
  const child = popen(process, text, 'r');
  if (isErrno(child)) return '';
  const bytes = yield* process.readAll(child.fd);
  process.close(child.fd);
  yield* waitFor(process, child.pid);
  return isErrno(bytes) ? '' : decode(bytes);
}
