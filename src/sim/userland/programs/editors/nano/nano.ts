// nano 7.2: a title, the text, and two lines of keys. Moving, typing, cutting and pasting lines, searching,
// replacing, reading in, writing out and leaving; undo; no justification, spell checking, colours or several files.

import { decode, encode } from '../../../../core/text.ts';
import type { Routine } from '../../../../core/wait.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../../kernel/files/inode.ts';
import { notSimulated, program } from '../../../libc/stdio.ts';
import { baseName, readFile, writeFile } from '../../../libc/whole-file.ts';
import { ESCAPE, openKeyboard, screenSize } from '../keyboard.ts';
import { ask, askYes, draw, SHORTCUTS } from './screen.ts';
import {
  type Act,
  acting,
  breakLine,
  change,
  cutLine,
  eraseBack,
  eraseHere,
  lineOf,
  move,
  type Nano,
  paste,
  travel,
  type,
} from './text.ts';

/** "1 line", "2 lines". */
const counted = (count: number): string => `${count} line${count === 1 ? '' : 's'}`;

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n');

export const nano = program('nano', function* (main) {
  const flag = main.args.find((word) => word.startsWith('-') && !/^-[wlmi]+$/.test(word));
  const files = main.args.filter((word) => !word.startsWith('-') && !word.startsWith('+'));
  if (flag !== undefined || files.length > 1) {
    return yield* notSimulated(main, `nano ${main.args.join(' ')}`);
  }
  if (!main.process.isTerminal(0) || !main.process.isTerminal(1)) {
    main.err.put('Standard input is not a terminal\n');
    return 1;
  }
  const path = files[0] ?? '';
  const start = Number(main.args.find((word) => /^\+\d+$/.test(word))?.slice(1) ?? 1);
  const keys = openKeyboard(main);
  const state: Nano = {
    main,
    keys,
    path,
    lines: [''],
    saved: [''],
    row: 0,
    column: 0,
    top: 0,
    message: '',
    cut: [],
    cutting: false,
    undo: [],
    redo: [],
    search: '',
  };
  if (path !== '') yield* load(state);
  move(state, start - 1, 0);
  yield* main.out.print('\x1b[?1049h');
  yield* run(state);
  keys.restore();
  yield* main.out.print('\x1b[?1049l');
  yield* main.out.flush();
  return 0;
});

function* load(nano: Nano): Routine<void> {
  const { process } = nano.main;
  const stat = process.stat(nano.path);
  if (!isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR) {
    nano.message = `"${nano.path}" is a directory`;
    nano.path = '';
    return;
  }
  const bytes = yield* readFile(process, nano.path);
  if (isErrno(bytes)) {
    const missing = bytes.name === 'ENOENT';
    nano.message = missing ? 'New File' : `Error reading ${nano.path}: ${bytes.message}`;
    return;
  }
  nano.lines = linesOf(decode(bytes));
  nano.saved = nano.lines;
  nano.message = `Read ${counted(bytes.length === 0 ? 0 : nano.lines.length)}`;
}

function* run(nano: Nano): Routine<void> {
  for (;;) {
    yield* draw(nano, SHORTCUTS);
    nano.message = '';
    let key = yield* nano.keys.next();
    // Esc is Alt for the key after it.
    if (key === ESCAPE) key += yield* nano.keys.next();
    if (key === '') return;
    const cutBefore = nano.cutting;
    const act = KEYS[key];
    if (act) {
      if ((yield* act(nano)) === 'leave') return;
    } else if (key >= ' ' || key === '\t') type(nano, key);
    else if (!key.startsWith('\x1b')) nano.message = 'Unbound key';
    if (nano.cutting === cutBefore && key !== '\x0b') nano.cutting = false;
  }
}

function* writeOut(nano: Nano): Routine<boolean> {
  const path = yield* ask(nano, 'File Name to Write', nano.path);
  if (path === undefined || path === '') {
    nano.message = 'Cancelled';
    return false;
  }
  const other = path !== nano.path && !isErrno(nano.main.process.stat(path));
  if (other && (yield* askYes(nano, `File "${baseName(path)}" exists; OVERWRITE?`)) !== 'y') {
    return false;
  }
  const lines = nano.lines.at(-1) === '' ? nano.lines.slice(0, -1) : nano.lines;
  const bytes = encode(lines.map((line) => `${line}\n`).join(''));
  const failure = yield* writeFile(nano.main.process, path, bytes);
  if (failure) {
    nano.message = `Error writing ${path}: ${failure.message}`;
    return false;
  }
  nano.path = path;
  nano.saved = nano.lines;
  nano.message = `Wrote ${counted(lines.length)}`;
  return true;
}

const leave: Act = function* (nano) {
  if (nano.lines === nano.saved) return 'leave';
  const answer = yield* askYes(nano, 'Save modified buffer?');
  if (answer === 'n') return 'leave';
  return answer === 'y' && (yield* writeOut(nano)) ? 'leave' : undefined;
};

/** The next place with the text, around the end; false where it is nowhere. */
function findNext(nano: Nano, text: string, from: number): boolean {
  const wanted = text.toLowerCase();
  for (let i = 0; i <= nano.lines.length; i++) {
    const row = (nano.row + i) % nano.lines.length;
    const at = (nano.lines[row] ?? '').toLowerCase().indexOf(wanted, i === 0 ? from : 0);
    if (at < 0) continue;
    if (row < nano.row || (row === nano.row && i > 0)) nano.message = 'Search Wrapped';
    move(nano, row, at);
    return true;
  }
  nano.message = `"${text}" not found`;
  return false;
}

const whereIs: Act = function* (nano) {
  const before = nano.search === '' ? '' : ` [${nano.search}]`;
  const text = yield* ask(nano, `Search${before}`);
  if (text === undefined) return undefined;
  nano.search = text || nano.search;
  if (nano.search !== '') findNext(nano, nano.search, nano.column + 1);
  return undefined;
};

const replace: Act = function* (nano) {
  const text = yield* ask(nano, 'Search (to replace)');
  if (!text) return undefined;
  const by = yield* ask(nano, 'Replace with');
  if (by === undefined) return undefined;
  let all = false;
  let count = 0;
  let from = nano.column;
  for (let left = nano.lines.length * 1000; left > 0; left--) {
    const row = nano.row;
    if (!findNext(nano, text, from) || nano.row < row) break;
    const answer: 'y' | 'n' | 'a' | undefined = all
      ? 'y'
      : yield* askYes(nano, 'Replace this instance?', true);
    if (answer === undefined) break;
    all ||= answer === 'a';
    from = nano.column + (answer === 'n' ? 1 : by.length);
    if (answer === 'n') continue;
    const line = lineOf(nano);
    const rest = line.slice(nano.column + text.length);
    change(nano, nano.row, 1, [line.slice(0, nano.column) + by + rest]);
    move(nano, nano.row, from);
    count++;
  }
  nano.message = `Replaced ${count} occurrence${count === 1 ? '' : 's'}`;
  return undefined;
};

const readIn: Act = function* (nano) {
  const path = yield* ask(nano, 'File to insert [from ./]');
  if (!path) return undefined;
  const bytes = yield* readFile(nano.main.process, path);
  if (isErrno(bytes)) {
    nano.message = `Error reading ${path}: ${bytes.message}`;
    return undefined;
  }
  const lines = linesOf(decode(bytes));
  change(nano, nano.row, 0, lines);
  move(nano, nano.row + lines.length, 0);
  nano.message = `Read ${counted(lines.length)}`;
  return undefined;
};

const goToLine: Act = function* (nano) {
  const typed = yield* ask(nano, 'Enter line number, column number');
  const [row, column] = (typed ?? '').split(',').map(Number);
  if (row) move(nano, row - 1, (column || 1) - 1);
  else if (typed !== undefined) nano.message = 'Invalid line or column number';
  return undefined;
};

function whereAmI(nano: Nano): void {
  const sizes = nano.lines.map((line) => line.length + 1);
  const before = sizes.slice(0, nano.row).reduce((a, b) => a + b, 0) + nano.column;
  const total = sizes.reduce((a, b) => a + b, 0) - 1;
  const share = (part: number, whole: number): string =>
    `${part}/${whole} (${whole === 0 ? 0 : Math.floor((100 * part) / whole)}%)`;
  nano.message =
    `line ${share(nano.row + 1, nano.lines.length)}, ` +
    `col ${share(nano.column + 1, lineOf(nano).length + 1)}, char ${share(before, total)}`;
}

const sayMissing = (what: string): Act =>
  acting((nano) => {
    nano.message = `drydock: nano: ${what} is not simulated`;
  });

const pageUp = acting((nano) => move(nano, nano.row - screenSize(nano.main).rows + 6, 0));
const pageDown = acting((nano) => move(nano, nano.row + screenSize(nano.main).rows - 6, 0));
const up = acting((nano) => move(nano, nano.row - 1, nano.column));
const down = acting((nano) => move(nano, nano.row + 1, nano.column));
const home = acting((nano) => move(nano, nano.row, 0));
const end = acting((nano) => move(nano, nano.row, lineOf(nano).length));
const left = acting((nano) => {
  if (nano.column > 0) move(nano, nano.row, nano.column - 1);
  else if (nano.row > 0) move(nano, nano.row - 1, Number.MAX_SAFE_INTEGER);
});
const right = acting((nano) => {
  if (nano.column < lineOf(nano).length) move(nano, nano.row, nano.column + 1);
  else if (nano.row + 1 < nano.lines.length) move(nano, nano.row + 1, 0);
});

/** What each key does; all others are typed. */
const KEYS: Readonly<Record<string, Act>> = {
  '\x18': leave,
  *'\x0f'(nano) {
    yield* writeOut(nano);
    return undefined;
  },
  '\x17': whereIs,
  '\x1bw': acting((nano) => void findNext(nano, nano.search, nano.column + 1)),
  '\x1c': replace,
  '\x12': readIn,
  '\x1f': goToLine,
  '\x1bg': goToLine,
  '\x03': acting(whereAmI),
  '\x0b': acting(cutLine),
  '\x15': acting(paste),
  '\x1b6': acting((nano) => {
    nano.cut = [...(nano.cutting ? nano.cut : []), lineOf(nano)];
    nano.cutting = true;
    move(nano, nano.row + 1, nano.column);
  }),
  '\x1bu': travel('undo', 'redo'),
  '\x1be': travel('redo', 'undo'),
  '\x7f': acting(eraseBack),
  '\b': acting(eraseBack),
  '\x04': acting(eraseHere),
  '\x1b[3~': acting(eraseHere),
  '\r': acting(breakLine),
  '\x1b[A': up,
  '\x1bOA': up,
  '\x10': up,
  '\x1b[B': down,
  '\x1bOB': down,
  '\x0e': down,
  '\x1b[C': right,
  '\x1bOC': right,
  '\x06': right,
  '\x1b[D': left,
  '\x1bOD': left,
  '\x02': left,
  '\x01': home,
  '\x1b[H': home,
  '\x1b[1~': home,
  '\x05': end,
  '\x1b[F': end,
  '\x1b[4~': end,
  '\x19': pageUp,
  '\x1b[5~': pageUp,
  '\x16': pageDown,
  '\x1b[6~': pageDown,
  '\x1b\\': acting((nano) => move(nano, 0, 0)),
  '\x1b/': acting((nano) => move(nano, nano.lines.length - 1, Number.MAX_SAFE_INTEGER)),
  '\x07': sayMissing('help'),
  '\x14': sayMissing('execute'),
  '\n': sayMissing('justify'),
};
