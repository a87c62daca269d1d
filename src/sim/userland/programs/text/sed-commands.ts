// sed's commands: which lines each is for, and what it does.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { popen, waitFor } from '../../libc/spawn.ts';
import { Reader } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';
import type { Address, SedCommand } from './sed-syntax.ts';
import { listForm, substitute } from './sed-substitute.ts';
import { type Editing, flushAppended, isLast, nextLine, output } from './sed-state.ts';

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

export function* cycle(state: Editing): Routine<void> {
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
      if (command.text !== '') yield* output(state, command.text.replace(/\n$/, ''));
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
  if (command.text !== '' && (!command.to || command.negated || !command.active))
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
