// vi's normal and visual modes: counts, registers, operators with their motions, and the commands of one key.

import type { Routine } from '../../../../core/wait.ts';
import { ESCAPE, type Keyboard } from '../keyboard.ts';
import { isMotion, readMotion, searchNext, type Target } from './motions.ts';
import * as operators from './operators.ts';
import type { Range } from './operators.ts';
import {
  keepUndo,
  lineAt,
  moveTo,
  type Mode,
  replaceLines,
  replaceText,
  snapshot,
} from './state.ts';
import { travel, type Vi } from './state.ts';

/** What normal mode needs from around it. */
export interface Surroundings {
  readonly keys: Keyboard;
  draw(): Routine<void>;
  /** Inserts until Esc. */
  insert(): Routine<void>;
  /** Reads a line behind `:`, `/` or `?` on the last row; undefined after Esc. */
  ask(prompt: string): Routine<string | undefined>;
  /** Runs an ex command; true ends the editor. */
  ex(line: string): Routine<boolean>;
  /** Compiles a pattern and makes it the last one; false where it is broken. */
  setSearch(text: string, forward: boolean): boolean;
}

interface Given {
  readonly count: number | undefined;
  readonly register: string;
}

type Command = (vi: Vi, around: Surroundings, given: Given) => Routine<boolean | undefined>;

/** Reads and does one command; true ends the editor. */
export function* normalCommand(vi: Vi, around: Surroundings): Routine<boolean> {
  const { keys } = around;
  keys.taken();
  const before = snapshot(vi);
  const began = vi.mode;
  const { given, key } = yield* prefix(keys);
  if (key === '') return false;
  if (key === '.') {
    keys.again(vi.change);
    return false;
  }
  const ended = yield* dispatch(vi, around, key, given);
  const typed = keys.taken();
  if (key === 'u' || key === '\x12' || key === ':') return ended;
  if (before.lines !== vi.lines && began === 'normal') vi.change = typed;
  keepUndo(vi, before);
  return ended;
}

/** A count and a register's name before a command. */
function* prefix(keys: Keyboard): Routine<{ given: Given; key: string }> {
  let digits = '';
  let register = '"';
  for (;;) {
    const key = yield* keys.next();
    if (/^[1-9]$/.test(key) || (digits !== '' && key === '0')) digits += key;
    else if (key === '"') register = yield* keys.next();
    else return { given: { count: digits === '' ? undefined : Number(digits), register }, key };
  }
}

function* dispatch(vi: Vi, around: Surroundings, key: string, given: Given): Routine<boolean> {
  const command = COMMANDS[key];
  if (vi.mode.startsWith('visual') && (yield* visualCommand(vi, around, key, given))) return false;
  if (command) return (yield* command(vi, around, given)) === true;
  if (key in OPERATORS) {
    yield* operate(vi, around, key, given);
    return false;
  }
  if (isMotion(key)) {
    const target = yield* readMotion(vi, around.keys, key, given.count);
    if (target) go(vi, target);
  }
  return false;
}

function go(vi: Vi, target: Target): void {
  if (target.column === Number.MAX_SAFE_INTEGER) vi.wanted = target.column;
  moveTo(vi, target.row, target.column, target.keepWanted === true);
}

type Operator = (vi: Vi, range: Range, register: string) => void;

const OPERATORS: Readonly<Record<string, Operator>> = {
  d: operators.remove,
  c: operators.change,
  y: operators.yank,
  '<': (vi, { from, to }) => operators.shift(vi, from.row, to.row, -1),
  '>': (vi, { from, to }) => operators.shift(vi, from.row, to.row, 1),
};

/** An operator: its motion, or itself for whole lines; then what it does. */
function* operate(vi: Vi, around: Surroundings, key: string, given: Given): Routine<void> {
  const after = yield* prefix(around.keys);
  const counts = [given.count, after.given.count].filter((n) => n !== undefined);
  const count = counts.length > 0 ? counts.reduce((a, b) => a * b, 1) : undefined;
  const range = yield* operand(vi, around.keys, key, after.key, count);
  if (!range) return;
  OPERATORS[key]?.(vi, range, given.register);
  if (vi.mode === 'insert') yield* around.insert();
}

function* operand(
  vi: Vi,
  keys: Keyboard,
  key: string,
  motion: string,
  count: number | undefined,
): Routine<Range | undefined> {
  const { row } = vi.at;
  if (motion === key) {
    const last = Math.min(vi.lines.length, row + (count ?? 1)) - 1;
    return { from: { row, column: 0 }, to: { row: last, column: 0 }, whole: true };
  }
  if (motion === 'i' || motion === 'a') return textObject(vi, motion, yield* keys.next());
  if (!isMotion(motion)) return undefined;
  // `cw` on a word changes the word, not the blank behind it.
  const onWord = /\S/.test(lineAt(vi, row)[vi.at.column] ?? '');
  const used = key === 'c' && onWord ? ({ w: 'e', W: 'E' }[motion] ?? motion) : motion;
  const target = yield* readMotion(vi, keys, used, count);
  return target && operators.rangeOf(vi, target, used);
}

const QUOTES = '"\'`';
const BRACKETS: Readonly<Record<string, string>> = { '(': '()', ')': '()', b: '()', '[': '[]' };
const BRACES: Readonly<Record<string, string>> = { ']': '[]', '{': '{}', '}': '{}', B: '{}' };

/** iw, aw, i" and the like, within one line. */
function textObject(vi: Vi, kind: string, key: string): Range | undefined {
  const { row, column } = vi.at;
  const line = lineAt(vi, row);
  const inner = (from: number, to: number): Range => ({
    from: { row, column: from },
    to: { row, column: to },
    whole: false,
  });
  if (key === 'w' || key === 'W') {
    const pattern = key === 'W' ? /\S+|\s+/g : /[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]+/gu;
    const word = [...line.matchAll(pattern)].find((m) => m.index + m[0].length > column);
    if (!word) return undefined;
    const end = word.index + word[0].length;
    const blanks = kind === 'a' ? (/^\s*/.exec(line.slice(end))?.[0].length ?? 0) : 0;
    return inner(word.index, end + blanks);
  }
  const pair = QUOTES.includes(key) ? key + key : (BRACKETS[key] ?? BRACES[key]);
  if (!pair) return undefined;
  const open = line.lastIndexOf(pair[0] ?? '', column);
  const from = open >= 0 ? open : line.indexOf(pair[0] ?? '', column);
  const to = line.indexOf(pair[1] ?? '', Math.max(from + 1, column));
  if (from < 0 || to < 0) return undefined;
  return kind === 'i' ? inner(from + 1, to) : inner(from, to + 1);
}

/** What visual mode does with a key; false where normal mode shall have it. */
function* visualCommand(vi: Vi, around: Surroundings, key: string, given: Given): Routine<boolean> {
  const { anchor, at, mode } = vi;
  if (key === ESCAPE || key === '\x03' || key === (mode === 'visual' ? 'v' : 'V')) {
    vi.mode = 'normal';
    moveTo(vi, at.row, at.column);
    return true;
  }
  const named = { x: 'd', X: 'd', s: 'c', '\x1b[3~': 'd' }[key] ?? key;
  if (key === 'o') {
    vi.anchor = at;
    moveTo(vi, anchor.row, anchor.column);
    return true;
  }
  const operator = OPERATORS[named];
  if (!operator) return !isMotion(key) && key !== ':' && key !== 'v' && key !== 'V';
  const backwards = at.row < anchor.row || (at.row === anchor.row && at.column < anchor.column);
  const [from, end] = backwards ? [at, anchor] : [anchor, at];
  const whole = mode === 'visual line';
  vi.mode = 'normal';
  operator(vi, { from, to: { row: end.row, column: end.column + 1 }, whole }, given.register);
  if ((vi.mode as Mode) === 'insert') yield* around.insert();
  return true;
}

/** Begins to insert at a column. */
function* insertAt(vi: Vi, around: Surroundings, column: number): Routine<undefined> {
  vi.mode = 'insert';
  moveTo(vi, vi.at.row, column);
  yield* around.insert();
  return undefined;
}

function* openLine(vi: Vi, around: Surroundings, row: number): Routine<undefined> {
  replaceLines(vi, row, 0, ['']);
  vi.mode = 'insert';
  moveTo(vi, row, 0);
  yield* around.insert();
  return undefined;
}

/** A command that needs nothing but the state. */
const plain = (act: (vi: Vi, given: Given) => void): Command =>
  function* (vi, _, given) {
    act(vi, given);
    return undefined;
  };

/** A command that is short for another: D is d$. */
const shortFor = (keys: readonly string[]): Command =>
  function* (_, { keys: keyboard }, { count, register }) {
    const digits = count === undefined ? [] : [...String(count)];
    keyboard.again([...(register === '"' ? [] : ['"', register]), ...digits, ...keys]);
    return undefined;
  };

const scroll = (rows: (vi: Vi) => number): Command =>
  plain((vi, { count = 1 }) => {
    const by = rows(vi) * count;
    vi.top = Math.max(0, Math.min(vi.top + by, vi.lines.length - 1));
    moveTo(vi, vi.at.row + by, vi.wanted, true);
  });

const search = (prompt: '/' | '?'): Command =>
  function* (vi, around) {
    const text = yield* around.ask(prompt);
    if (text === undefined || !around.setSearch(text, prompt === '/')) return undefined;
    const target = searchNext(vi, prompt === '/');
    if (target) go(vi, target);
    else vi.message = vi.style.notFound(vi.search?.text ?? text);
    return undefined;
  };

/** * and #: the next place with the word under the cursor. */
const wordSearch = (forward: boolean): Command =>
  function* (vi, around) {
    const words = [...lineAt(vi, vi.at.row).matchAll(/[\p{L}\p{N}_]+/gu)];
    const word = words.find((found) => found.index + found[0].length > vi.at.column);
    if (!word) {
      vi.message = 'E348: No string under cursor';
      return undefined;
    }
    around.setSearch(`\\<${word[0]}\\>`, forward);
    moveTo(vi, vi.at.row, word.index);
    const target = searchNext(vi, forward);
    if (target) go(vi, target);
    return undefined;
  };

const COMMANDS: Readonly<Record<string, Command>> = {
  i: (vi, around) => insertAt(vi, around, vi.at.column),
  I: (vi, around) => insertAt(vi, around, Math.max(0, lineAt(vi, vi.at.row).search(/\S|$/))),
  a: (vi, around) => insertAt(vi, around, vi.at.column + 1),
  A: (vi, around) => insertAt(vi, around, lineAt(vi, vi.at.row).length),
  '\x1b[2~': (vi, around) => insertAt(vi, around, vi.at.column),
  o: (vi, around) => openLine(vi, around, vi.at.row + 1),
  O: (vi, around) => openLine(vi, around, vi.at.row),
  *R(vi, around) {
    vi.mode = 'replace';
    yield* around.insert();
    return undefined;
  },
  x: shortFor(['d', 'l']),
  '\x1b[3~': shortFor(['d', 'l']),
  X: shortFor(['d', 'h']),
  D: shortFor(['d', '$']),
  C: shortFor(['c', '$']),
  s: shortFor(['c', 'l']),
  S: shortFor(['c', 'c']),
  Y: shortFor(['y', 'y']),
  *r(vi, { keys }, { count = 1 }) {
    const char = yield* keys.next();
    const { row, column } = vi.at;
    if (char === ESCAPE || column + count > lineAt(vi, row).length) return undefined;
    const text = char === '\r' ? ['', ''] : [char.repeat(count)];
    replaceText(vi, vi.at, { row, column: column + count }, text);
    moveTo(vi, char === '\r' ? row + 1 : row, char === '\r' ? 0 : column + count - 1);
    return undefined;
  },
  '~': plain((vi, { count = 1 }) => {
    const { row, column } = vi.at;
    const piece = lineAt(vi, row).slice(column, column + count);
    const turned = [...piece].map((c) =>
      c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase(),
    );
    replaceText(vi, vi.at, { row, column: column + piece.length }, [turned.join('')]);
    moveTo(vi, row, column + piece.length);
  }),
  J: plain((vi, { count = 2 }) => operators.joinLines(vi, vi.at.row, count)),
  p: plain((vi, { count = 1, register }) => void operators.put(vi, register, true, count)),
  P: plain((vi, { count = 1, register }) => void operators.put(vi, register, false, count)),
  u: plain((vi) => {
    vi.message = travel(vi, 'undo', 'redo') ? '' : 'Already at oldest change';
  }),
  '\x12': plain((vi) => {
    vi.message = travel(vi, 'redo', 'undo') ? '' : 'Already at newest change';
  }),
  v: plain((vi) => {
    vi.mode = 'visual';
    vi.anchor = vi.at;
  }),
  V: plain((vi) => {
    vi.mode = 'visual line';
    vi.anchor = vi.at;
  }),
  *m(vi, { keys }) {
    vi.marks.set(yield* keys.next(), vi.at);
    return undefined;
  },
  *Z(_, around) {
    const key = yield* around.keys.next();
    if (key === 'Z') return yield* around.ex('x');
    return key === 'Q' ? yield* around.ex('q!') : undefined;
  },
  *':'(_, around) {
    const line = yield* around.ask(':');
    return line === undefined ? undefined : yield* around.ex(line);
  },
  '/': search('/'),
  '?': search('?'),
  '*': wordSearch(true),
  '#': wordSearch(false),
  '\x06': scroll((vi) => vi.height - 2),
  '\x1b[6~': scroll((vi) => vi.height - 2),
  '\x02': scroll((vi) => 2 - vi.height),
  '\x1b[5~': scroll((vi) => 2 - vi.height),
  '\x04': scroll((vi) => Math.floor(vi.height / 2)),
  '\x15': scroll((vi) => -Math.floor(vi.height / 2)),
  '\x03': plain((vi) => {
    vi.message = 'Type  :qa!  and press <Enter> to abandon all changes and exit Vim';
  }),
  '\x07': plain((vi) => {
    const { row, column } = vi.at;
    const share = Math.floor(((row + 1) * 100) / vi.lines.length);
    vi.message = `"${vi.path || '[No Name]'}" line ${row + 1} of ${vi.lines.length} --${share}%-- col ${column + 1}`;
  }),
};
