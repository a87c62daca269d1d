// Reading one line with editing (readline(3), emacs keys): moving, killing and yanking, history,
// incremental search, completion. The terminal is in raw mode meanwhile; Ctrl-C still comes as a
// signal.

import type { Routine } from '../../../core/wait.ts';
import { decode } from '../../../core/text.ts';
import { EINTR, isErrno } from '../../../kernel/errno.ts';
import type { Termios } from '../../../kernel/terminal/termios.ts';
import type { WindowSize } from '../../../kernel/terminal/terminal.ts';
import type { Shell } from '../shell.ts';
import { EditBuffer } from './buffer.ts';
import { commonPrefix, completionsFor, inColumns } from './complete.ts';
import { Display } from './display.ts';
import { type Key, readKeys } from './keys.ts';

/** What was typed: a line, the end of the input (Ctrl-D), or Ctrl-C. */
export type Typed =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'interrupted' };

type Outcome = 'more' | 'line' | 'end';

/** A list longer than this is asked for before it is shown. */
const ASK_FROM = 100;

/** Reads a line behind a prompt. Keys typed ahead are kept in the shell for the next one. */
export function* editLine(shell: Shell, prompt: string): Routine<Typed> {
  const { process } = shell;
  const before = process.ioctl(0, 'TCGETS') as Termios;
  if (isErrno(before)) return { kind: 'end' };
  process.ioctl(0, 'TCSETS', { ...before, icanon: false, echo: false, icrnl: false, ixon: false });
  const size = process.ioctl(0, 'TIOCGWINSZ') as WindowSize;
  const editor = new Editor(shell, prompt, size.columns);
  try {
    return yield* editor.run();
  } finally {
    process.ioctl(0, 'TCSETS', before);
  }
}

class Editor {
  private readonly shell: Shell;
  private readonly prompt: string;
  private readonly columns: number;
  private readonly display: Display;
  private readonly buffer = new EditBuffer();
  /** Place in the history; its size stands for the new line. */
  private place: number;
  private fresh = '';
  private lastKey = '';
  private search: { text: string; place: number; failing: boolean } | undefined;

  constructor(shell: Shell, prompt: string, columns: number) {
    this.shell = shell;
    this.prompt = prompt;
    this.columns = columns;
    this.display = new Display(columns);
    this.place = shell.history?.all.length ?? 0;
  }

  *run(): Routine<Typed> {
    const { shell } = this;
    yield* this.redraw();
    let typed = shell.typedAhead;
    shell.typedAhead = '';
    for (;;) {
      const { keys, rest } = readKeys(typed);
      for (const [i, key] of keys.entries()) {
        const outcome = yield* this.press(key);
        this.lastKey = key.name;
        if (outcome === 'more') continue;
        shell.typedAhead =
          keys
            .slice(i + 1)
            .map(sourceOf)
            .join('') + rest;
        if (outcome === 'line') {
          this.search = undefined;
          yield* this.redraw();
          yield* shell.print(1, this.display.finish());
        }
        return outcome === 'end' ? { kind: 'end' } : { kind: 'line', text: this.buffer.text };
      }
      if (keys.length > 0) yield* this.redraw();
      const bytes = yield* shell.process.read(0, 4096);
      if (shell.interrupted) {
        shell.interrupted = false;
        yield* shell.print(1, '^C\n');
        return { kind: 'interrupted' };
      }
      if (bytes === EINTR) {
        typed = rest;
        continue;
      }
      if (isErrno(bytes) || bytes.length === 0) return { kind: 'end' };
      typed = rest + decode(bytes);
    }
  }

  private *redraw(): Routine<void> {
    const { search } = this;
    const prompt = search
      ? `(${search.failing ? 'failed ' : ''}reverse-i-search)\`${search.text}': `
      : this.prompt;
    yield* this.shell.print(1, this.display.draw(prompt, this.buffer.text, this.buffer.before));
  }

  private *press(key: Key): Routine<Outcome> {
    if (this.search && this.searchKey(key)) return 'more';
    if (key.name === '') {
      this.buffer.insert(key.text);
      return 'more';
    }
    switch (key.name) {
      case 'enter':
      case 'C-o':
        return 'line';
      case 'C-d':
        if (this.buffer.length === 0) return 'end';
        this.buffer.cut(this.buffer.cursor, this.buffer.cursor + 1, false);
        return 'more';
      case 'tab':
        yield* this.complete();
        return 'more';
      case 'C-l':
        yield* this.shell.print(1, '\x1b[H\x1b[2J');
        this.display.reset();
        return 'more';
      case 'C-r':
        this.search = { text: '', place: this.history.length, failing: false };
        return 'more';
    }
    if (!this.move(key.name) && !this.change(key.name)) yield* this.bell(this.recall(key.name));
    return 'more';
  }

  private *bell(done: boolean): Routine<void> {
    if (!done) yield* this.shell.print(1, '\x07');
  }

  private get history(): readonly string[] {
    return this.shell.history?.all ?? [];
  }

  private move(name: string): boolean {
    const { buffer } = this;
    switch (name) {
      case 'left':
      case 'C-b':
        buffer.cursor = Math.max(0, buffer.cursor - 1);
        return true;
      case 'right':
      case 'C-f':
        buffer.cursor = Math.min(buffer.length, buffer.cursor + 1);
        return true;
      case 'home':
      case 'C-a':
        buffer.cursor = 0;
        return true;
      case 'end':
      case 'C-e':
        buffer.cursor = buffer.length;
        return true;
      case 'M-b':
        buffer.cursor = buffer.wordStart();
        return true;
      case 'M-f':
        buffer.cursor = buffer.wordEnd();
        return true;
      default:
        return false;
    }
  }

  private change(name: string): boolean {
    const { buffer } = this;
    switch (name) {
      case 'backspace':
      case 'C-h':
        return buffer.cut(buffer.cursor - 1, buffer.cursor, false);
      case 'delete':
        return buffer.cut(buffer.cursor, Math.min(buffer.length, buffer.cursor + 1), false);
      case 'C-k':
        buffer.cut(buffer.cursor, buffer.length, true);
        return true;
      case 'C-u':
        buffer.cut(0, buffer.cursor, true);
        return true;
      case 'C-w':
        buffer.cut(buffer.blankWordStart(), buffer.cursor, true);
        return true;
      case 'M-backspace':
        buffer.cut(buffer.wordStart(), buffer.cursor, true);
        return true;
      case 'M-d':
        buffer.cut(buffer.cursor, buffer.wordEnd(), true);
        return true;
      case 'C-y':
        buffer.yank();
        return true;
      case 'C-t':
        return buffer.transpose();
      case 'M-u':
        buffer.changeWord((word) => word.toUpperCase());
        return true;
      case 'M-l':
        buffer.changeWord((word) => word.toLowerCase());
        return true;
      case 'M-c':
        buffer.changeWord((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
        return true;
      case 'M-.':
      case 'M-_': {
        const words = (this.history.at(-1) ?? '').trim().split(/\s+/);
        buffer.insert(words.at(-1) ?? '');
        return true;
      }
      case 'C-_':
        return buffer.undo();
      case 'paste-begin':
      case 'paste-end':
      case 'C-g':
        return true;
      default:
        return false;
    }
  }

  /** Keys that fetch a line of the history; false where there is none. */
  private recall(name: string): boolean {
    const steps: Readonly<Record<string, number>> = {
      up: this.place - 1,
      'C-p': this.place - 1,
      down: this.place + 1,
      'C-n': this.place + 1,
      'M-<': 0,
      'M->': this.history.length,
    };
    const wanted = steps[name];
    if (wanted === undefined || wanted < 0 || wanted > this.history.length) return false;
    if (this.place === this.history.length) this.fresh = this.buffer.text;
    this.place = wanted;
    this.buffer.set(wanted === this.history.length ? this.fresh : (this.history[wanted] ?? ''));
    return true;
  }

  /** A key during Ctrl-R; false where it ended the search and means something itself. */
  private searchKey(key: Key): boolean {
    const { search } = this;
    if (!search) return false;
    if (key.name === 'C-g') {
      this.search = undefined;
      this.buffer.set('');
      return true;
    }
    if (key.name === 'backspace' || key.name === 'C-h') {
      this.find(search.text.slice(0, -1), this.history.length);
      return true;
    }
    if (key.name === 'C-r') {
      this.find(search.text, search.place - 1);
      return true;
    }
    if (key.name === '') {
      this.find(search.text + key.text, search.place);
      return true;
    }
    this.search = undefined;
    this.display.reset();
    this.display.draw('', '', '');
    return false;
  }

  private find(text: string, from: number): void {
    for (let place = Math.min(from, this.history.length - 1); place >= 0; place--) {
      const line = this.history[place] ?? '';
      const at = line.lastIndexOf(text);
      if (at < 0) continue;
      this.search = { text, place, failing: false };
      this.place = place;
      this.buffer.set(line, Array.from(line.slice(0, at)).length);
      return;
    }
    this.search = { text, place: this.search?.place ?? this.history.length, failing: true };
  }

  private *complete(): Routine<void> {
    const { buffer, shell } = this;
    const found = yield* completionsFor(shell, buffer.before);
    const { words } = found;
    if (words.length === 0) {
      yield* this.bell(false);
      return;
    }
    const typed = Array.from(buffer.before).slice(found.from).join('');
    const common = commonPrefix(words);
    const whole = words.length === 1 ? common + found.suffix : common;
    if (whole.length > typed.length || (words.length === 1 && whole !== typed)) {
      buffer.cut(found.from, buffer.cursor, false);
      buffer.insert(whole);
      return;
    }
    if (this.lastKey !== 'tab') {
      yield* this.bell(false);
      return;
    }
    yield* shell.print(1, '\n');
    if (words.length < ASK_FROM || (yield* this.asked(words.length))) {
      yield* shell.print(1, inColumns(found.shown, this.columns));
    }
    this.display.reset();
  }

  private *asked(count: number): Routine<boolean> {
    yield* this.shell.print(1, `Display all ${count} possibilities? (y or n)`);
    for (;;) {
      const bytes = yield* this.shell.process.read(0, 1);
      if (isErrno(bytes) || bytes.length === 0) return false;
      const answer = decode(bytes).toLowerCase();
      if (!/[yn \x7f\x03]/.test(answer)) continue;
      yield* this.shell.print(1, '\n');
      return answer === 'y' || answer === ' ';
    }
  }
}

/** What a key was typed as, to be read again by the next line. */
function sourceOf(key: Key): string {
  if (key.name === '') return key.text;
  if (key.name === 'enter') return '\r';
  if (key.name === 'tab') return '\t';
  if (key.name === 'backspace') return '\x7f';
  if (/^C-.$/.test(key.name)) return String.fromCharCode(key.name.charCodeAt(2) - 96);
  return '';
}
