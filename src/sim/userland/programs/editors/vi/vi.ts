// vi as Debian's vim-tiny 9.0 is, with showmode and ruler on: its modes, the screen, the last line. No syntax
// colours, windows, macros or scripts.

import { decode, encode } from '../../../../core/text.ts';
import type { Routine } from '../../../../core/wait.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../../kernel/files/inode.ts';
import { type Main, notSimulated, program } from '../../../libc/stdio.ts';
import { spawn, waitFor } from '../../../libc/spawn.ts';
import { readFile, writeAll } from '../../../libc/whole-file.ts';
import { rowsOfLine, scrollTop, showLine, wrapLine } from '../display.ts';
import { ESCAPE, type Keyboard, openKeyboard, screenSize } from '../keyboard.ts';
import { exCommand, type ExHost, textLines } from './ex.ts';
import { NO_PATTERN, vimRegex } from './substitute.ts';
import { insertMode } from './insert.ts';
import { normalCommand, type Surroundings } from './normal.ts';
import { isModified, lineAt, newVi, type Vi } from './state.ts';
import { BUSYBOX_VI, type Style, VIM } from './style.ts';

/** The editor itself, under its usual names. */
const editor = (style: Style) =>
  function* (main: Main): Routine<number> {
    const parsed = parseArguments(main);
    if (typeof parsed === 'string') return yield* notSimulated(main, parsed);
    const { process } = main;
    if (!process.isTerminal(1)) main.err.put('Vim: Warning: Output is not to a terminal\n');
    if (!process.isTerminal(0)) main.err.put('Vim: Warning: Input is not from a terminal\n');
    const { path, command, readonly } = parsed;
    const stat = path === '' ? undefined : process.stat(path);
    const directory = stat && !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR;
    const bytes = path === '' || directory ? undefined : yield* readFile(process, path);
    const content = bytes && !isErrno(bytes) ? bytes : undefined;
    const vi = newVi(style, path, textLines(content ? decode(content) : ''), readonly);
    if (directory) vi.message = `"${path}" is a directory`;
    else if (bytes && isErrno(bytes) && bytes.name === 'EACCES') {
      vi.message = `"${path}" [Permission Denied]`;
    } else if (path !== '') vi.message = style.opened(path, content, vi.lines.length);
    if (content && process.access(path, 2)) vi.options.readonly = true;
    const keys = openKeyboard(main);
    yield* main.out.print('\x1b[?1049h');
    const ended = yield* edit(main, vi, keys, command);
    keys.restore();
    yield* main.out.print('\x1b[?1049l');
    yield* main.out.flush();
    if (ended) return 0;
    main.err.put('Vim: Error reading input, exiting...\nVim: Finished.\n');
    return 1;
  };

export const vi = program('vi', editor(VIM));
export const vim = program('vim', editor(VIM));
export const view = program('view', editor(VIM));
export const busyboxVi = program('busybox-vi', editor(BUSYBOX_VI));

function parseArguments(main: Main): { path: string; command: string; readonly: boolean } | string {
  let path = '';
  let command = '';
  let readonly = main.name === 'view';
  for (const word of main.args) {
    if (word.startsWith('+')) command = word === '+' ? '$' : word.slice(1);
    else if (word === '-R') readonly = true;
    else if (word.startsWith('-') && word !== '--') return `${main.name} ${word}`;
    else if (path === '') path = word;
    else return `${main.name} with several files`;
  }
  return { path, command, readonly };
}

/** Command after command until one ends the editor; false where the keys ended first. */
function* edit(main: Main, vi: Vi, keys: Keyboard, first: string): Routine<boolean> {
  const draw = (): Routine<void> => drawScreen(main, vi);
  const host: ExHost = {
    main,
    shell: (command) => runOnTerminal(main, keys, command),
    filter: (command, input) => filter(main, command, input),
  };
  const ex = (line: string): Routine<boolean> => exCommand(vi, host, line);
  const around: Surroundings = {
    keys,
    draw,
    insert: () => insertMode(vi, keys, draw),
    ask: (prompt) => askLine(main, vi, keys, prompt),
    *ex(line) {
      if (vi.mode.startsWith('visual')) {
        const rows = [vi.anchor.row, vi.at.row].toSorted((a, b) => a - b);
        vi.mode = 'normal';
        vi.marks.set('<', { row: rows[0] ?? 0, column: 0 });
        vi.marks.set('>', { row: rows[1] ?? 0, column: 0 });
      }
      return yield* ex(line);
    },
    setSearch(text, forward) {
      const regex = text === '' ? vi.search?.regex : vimRegex(vi, text);
      if (regex) vi.search = { regex, forward, text: text || (vi.search?.text ?? '') };
      else vi.message = text === '' ? NO_PATTERN : vi.style.notFound(text);
      return regex !== undefined;
    },
  };
  if (first !== '' && (yield* ex(first))) return true;
  for (;;) {
    yield* draw();
    vi.message = '';
    if (yield* normalCommand(vi, around)) return true;
    if (keys.ended) return false;
  }
}

/** The whole screen: lines, `~` below the last, message and ruler, and the cursor. */
function* drawScreen(main: Main, vi: Vi): Routine<void> {
  const size = screenSize(main);
  const gutter = vi.options.number ? Math.max(4, String(vi.lines.length).length + 1) : 0;
  vi.height = Math.max(1, size.rows - 1);
  vi.width = Math.max(8, size.columns - gutter);
  vi.top = scrollTop(vi.lines, vi.top, vi.at.row, vi.height, vi.width);
  const rows: string[] = [];
  let cursorRow = 0;
  for (let line = vi.top; line < vi.lines.length && rows.length < vi.height; line++) {
    if (line === vi.at.row) cursorRow = rows.length;
    const label = gutter ? `${String(line + 1).padStart(gutter - 1)} ` : '';
    wrapLine(lineAt(vi, line), vi.width).forEach((part, i) => {
      const shown = selected(vi, line) ? `\x1b[7m${part || ' '}\x1b[27m` : part;
      rows.push((i === 0 ? label : ' '.repeat(gutter)) + shown);
    });
  }
  const column = showLine(lineAt(vi, vi.at.row)).columns[vi.at.column] ?? 0;
  const fits = rows.slice(0, vi.height);
  while (fits.length < vi.height) fits.push('~');
  const status = statusLine(vi, size.columns);
  const text = [...fits, status].map((row) => `${row}\x1b[K`).join('\r\n');
  const y = cursorRow + Math.floor(column / vi.width) + 1;
  const x = gutter + (column % vi.width) + 1;
  main.out.put(`\x1b[?25l\x1b[H${text}\x1b[${Math.min(y, vi.height)};${x}H\x1b[?25h`);
  yield* main.out.flush();
}

function selected(vi: Vi, row: number): boolean {
  const [first, last] = [vi.anchor.row, vi.at.row].toSorted((a, b) => a - b);
  return vi.mode.startsWith('visual') && row >= (first ?? 0) && row <= (last ?? 0);
}

/** The message or the mode, and the ruler: line, column, and how far down the text is. */
function statusLine(vi: Vi, columns: number): string {
  const modeLine = vi.style.status(vi, isModified(vi));
  const text = vi.mode === 'normal' && vi.message !== '' ? vi.message : modeLine;
  if (!vi.style.ruler) return text.slice(0, columns - 1);
  const { row, column } = vi.at;
  const shown = (showLine(lineAt(vi, row)).columns[column] ?? 0) + 1;
  const place =
    lineAt(vi, row) === '' ? '0-1' : shown === column + 1 ? shown : `${column + 1}-${shown}`;
  const ruler = `${row + 1},${place}`.padEnd(14) + howFar(vi);
  const width = columns - 18;
  if (text.length > width) return text.slice(0, columns - 1);
  return text.padEnd(width) + ruler;
}

function howFar(vi: Vi): string {
  let used = 0;
  let line = vi.top;
  while (line < vi.lines.length && used < vi.height)
    used += rowsOfLine(lineAt(vi, line++), vi.width);
  const toEnd = line >= vi.lines.length && used <= vi.height;
  if (vi.top === 0) return toEnd ? 'All' : 'Top';
  if (toEnd) return 'Bot';
  return `${Math.floor((vi.top * 100) / Math.max(1, vi.lines.length - vi.height))}%`;
}

/** Reads a line on the last row; undefined after Esc or when all of it was erased. */
function* askLine(main: Main, vi: Vi, keys: Keyboard, prompt: string): Routine<string | undefined> {
  let typed = prompt === ':' && vi.mode.startsWith('visual') ? "'<,'>" : '';
  for (;;) {
    main.out.put(`\x1b[${vi.height + 1};1H\x1b[K${prompt}${typed}`);
    yield* main.out.flush();
    const key = yield* keys.next();
    if (key === '\r' || key === '\n') return typed;
    if (key === '' || key === ESCAPE || key === '\x03') return undefined;
    if (key === '\x7f' || key === '\b') {
      if (typed === '') return undefined;
      typed = typed.slice(0, -1);
    } else if (key === '\x15') typed = '';
    else if (key === '\x17') typed = typed.replace(/\S+\s*$/, '');
    else if (key >= ' ') typed += key;
  }
}

/** `:!command`: on the terminal as it was before, then Enter. */
function* runOnTerminal(main: Main, keys: Keyboard, command: string): Routine<void> {
  keys.restore();
  main.out.put(`\x1b[?1049l:!${command}\n`);
  yield* main.out.flush();
  const child = spawn(main.process, ['/bin/sh', '-c', command]);
  const ended = isErrno(child) ? undefined : yield* waitFor(main.process, child);
  if (ended && ended.code !== 0) main.out.put(`\nshell returned ${ended.code}\n`);
  main.out.put('\nPress ENTER or type command to continue');
  yield* main.out.flush();
  keys.raw();
  yield* keys.next();
  yield* main.out.print('\x1b[?1049h');
}

/** Runs a command with `input` on its standard input; what it wrote on its outputs. */
function* filter({ process }: Main, command: string, input: string): Routine<string> {
  const [given, got] = [process.pipe(true), process.pipe(true)];
  if (isErrno(given) || isErrno(got)) return '';
  const feeder = process.fork(function* (child) {
    child.close(given[0]);
    yield* writeAll(child, given[1], encode(input));
    return 0;
  });
  const child = spawn(process, ['/bin/sh', '-c', command], {
    prepare: (started) => {
      started.dup2(given[0], 0);
      started.dup2(got[1], 1);
      started.dup2(got[1], 2);
    },
  });
  for (const fd of [given[0], given[1], got[1]]) process.close(fd);
  const output = yield* process.readAll(got[0]);
  process.close(got[0]);
  for (const pid of [feeder, child]) if (!isErrno(pid)) yield* waitFor(process, pid);
  return isErrno(output) ? '' : decode(output);
}
