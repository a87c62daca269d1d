// vi's motions: where a key takes the cursor, and what an operator before it would cover.

import type { Routine } from '../../../../core/wait.ts';
import type { Keyboard } from '../keyboard.ts';
import { lineAt, type Position, type Vi } from './state.ts';

export interface Target extends Position {
  /** The operator takes whole lines. */
  readonly lines?: boolean;
  /** The operator takes the character under the target too. */
  readonly inclusive?: boolean;
  /** j and k keep the column that they aim for. */
  readonly keepWanted?: boolean;
}

type Motion = (vi: Vi, count: number | undefined) => Target | undefined;

const at = (row: number, column: number, more: Partial<Target> = {}): Target => ({
  row,
  column,
  ...more,
});

/** Up or down by lines, to the column that was aimed for. */
const vertical =
  (step: 1 | -1): Motion =>
  (vi, count = 1) => {
    const row = vi.at.row + step * count;
    if (row < 0 || row >= vi.lines.length) return undefined;
    return at(row, vi.wanted, { lines: true, keepWanted: true });
  };

/** To the first character that is not blank, `by` lines further on. */
const firstNonBlank = (vi: Vi, row: number): Target | undefined =>
  row < 0 || row >= vi.lines.length
    ? undefined
    : at(row, Math.max(0, lineAt(vi, row).search(/\S|$/)), { lines: true });

const horizontal =
  (step: 1 | -1): Motion =>
  (vi, count = 1) => {
    const column = vi.at.column + step * count;
    if (column < 0 && vi.at.column === 0) return undefined;
    return at(vi.at.row, Math.max(0, column));
  };

const kindOf = (char: string | undefined, big: boolean): 'blank' | 'word' | 'other' => {
  if (char === undefined || /\s/.test(char)) return 'blank';
  return big || /[\p{L}\p{N}_]/u.test(char) ? 'word' : 'other';
};

/** The next place after (or before) this one, over line ends; an empty line is a place. */
function step(vi: Vi, { row, column }: Position, by: 1 | -1): Position | undefined {
  const next = column + by;
  if (next >= 0 && next < Math.max(1, lineAt(vi, row).length)) return { row, column: next };
  const other = row + by;
  if (other < 0 || other >= vi.lines.length) return undefined;
  return { row: other, column: by > 0 ? 0 : Math.max(0, lineAt(vi, other).length - 1) };
}

const isEmptyLine = (vi: Vi, { row }: Position): boolean => lineAt(vi, row) === '';

function wordForward(vi: Vi, from: Position, big: boolean): Position {
  const kind = (place: Position) => kindOf(lineAt(vi, place.row)[place.column], big);
  const start = kind(from);
  let place = from;
  let left = start === 'blank';
  for (;;) {
    const next = step(vi, place, 1);
    if (!next) return { row: place.row, column: lineAt(vi, place.row).length };
    if (next.row !== place.row) left = true;
    place = next;
    if (isEmptyLine(vi, place)) return place;
    if (kind(place) === 'blank') left = true;
    else if (left || kind(place) !== start) return place;
  }
}

function wordEdge(vi: Vi, from: Position, big: boolean, by: 1 | -1): Position {
  const kind = (place: Position) => kindOf(lineAt(vi, place.row)[place.column], big);
  let place = step(vi, from, by);
  while (place && kind(place) === 'blank') {
    if (by < 0 && isEmptyLine(vi, place)) return place;
    place = step(vi, place, by);
  }
  if (!place) return from;
  const own = kind(place);
  for (;;) {
    const next = step(vi, place, by);
    if (!next || next.row !== place.row || kind(next) !== own) return place;
    place = next;
  }
}

const repeated =
  (once: (vi: Vi, from: Position) => Position, inclusive = false): Motion =>
  (vi, count = 1) => {
    let place: Position = vi.at;
    for (let i = 0; i < count; i++) place = once(vi, place);
    return at(place.row, place.column, { inclusive });
  };

const paragraph =
  (by: 1 | -1): Motion =>
  (vi, count = 1) => {
    let { row } = vi.at;
    for (let i = 0; i < count; i++) {
      while (lineAt(vi, row) === '' && row + by >= 0 && row + by < vi.lines.length) row += by;
      while (lineAt(vi, row) !== '' && row + by >= 0 && row + by < vi.lines.length) row += by;
    }
    return at(row, lineAt(vi, row) === '' ? 0 : by > 0 ? lineAt(vi, row).length : 0);
  };

const PAIRS = '()[]{}';

const matching: Motion = (vi) => {
  const line = lineAt(vi, vi.at.row);
  let start = vi.at.column;
  while (start < line.length && !PAIRS.includes(line[start] ?? ' ')) start++;
  const index = PAIRS.indexOf(line[start] ?? ' ');
  if (index < 0) return undefined;
  const by = index % 2 === 0 ? 1 : -1;
  const other = PAIRS[index + by];
  let depth = 0;
  let place: Position | undefined = { row: vi.at.row, column: start };
  while (place) {
    const char = lineAt(vi, place.row)[place.column];
    if (char === PAIRS[index]) depth++;
    else if (char === other && --depth === 0)
      return at(place.row, place.column, { inclusive: true });
    place = step(vi, place, by);
  }
  return undefined;
};

/** n and N: the next place that the last pattern matches, around the end of the text. */
export function searchNext(vi: Vi, forward: boolean): Target | undefined {
  const { search } = vi;
  if (!search) return undefined;
  const { row, column } = vi.at;
  const total = vi.lines.length;
  for (let i = 0; i <= total; i++) {
    const line = (row + (forward ? i : -i) + total * 2) % total;
    const found: number[] = [];
    const text = lineAt(vi, line);
    for (let from = 0; from <= text.length; ) {
      const match = search.regex.exec(text, from);
      if (!match) break;
      found.push(match.start);
      from = Math.max(match.end, match.start + 1);
    }
    const usable = found.filter((start) =>
      i === 0 ? (forward ? start > column : start < column) : true,
    );
    const first = forward ? usable[0] : usable.at(-1);
    if (first !== undefined) return at(line, first);
  }
  return undefined;
}

/** f, F, t and T: to a character of this line. */
export function findInLine(vi: Vi, key: string, char: string, count = 1): Target | undefined {
  const line = lineAt(vi, vi.at.row);
  const forward = key === 'f' || key === 't';
  let column = vi.at.column;
  for (let i = 0; i < count; i++) {
    column = forward ? line.indexOf(char, column + 1) : line.lastIndexOf(char, column - 1);
    if (column < 0 || (!forward && vi.at.column === 0)) return undefined;
  }
  if (key === 't') column--;
  if (key === 'T') column++;
  return at(vi.at.row, column, { inclusive: forward });
}

const OPPOSITE: Readonly<Record<string, string>> = { f: 'F', F: 'f', t: 'T', T: 't' };

const onScreen =
  (place: (vi: Vi) => number): Motion =>
  (vi) =>
    firstNonBlank(vi, place(vi));
const lastShown = (vi: Vi): number => Math.min(vi.lines.length, vi.top + vi.height) - 1;

/** Motions of one key. */
const MOTIONS: Readonly<Record<string, Motion>> = {
  h: horizontal(-1),
  l: horizontal(1),
  j: vertical(1),
  k: vertical(-1),
  0: (vi) => at(vi.at.row, 0),
  '^': (vi) => at(vi.at.row, Math.max(0, lineAt(vi, vi.at.row).search(/\S|$/))),
  $: (vi, count = 1) =>
    at(vi.at.row + count - 1, Number.MAX_SAFE_INTEGER, { inclusive: true, keepWanted: true }),
  w: repeated((vi, from) => wordForward(vi, from, false)),
  W: repeated((vi, from) => wordForward(vi, from, true)),
  b: repeated((vi, from) => wordEdge(vi, from, false, -1)),
  B: repeated((vi, from) => wordEdge(vi, from, true, -1)),
  e: repeated((vi, from) => wordEdge(vi, from, false, 1), true),
  E: repeated((vi, from) => wordEdge(vi, from, true, 1), true),
  G: (vi, count) => firstNonBlank(vi, Math.min(count ?? vi.lines.length, vi.lines.length) - 1),
  '{': paragraph(-1),
  '}': paragraph(1),
  '%': matching,
  '+': (vi, count = 1) => firstNonBlank(vi, vi.at.row + count),
  '-': (vi, count = 1) => firstNonBlank(vi, vi.at.row - count),
  _: (vi, count = 1) => firstNonBlank(vi, vi.at.row + count - 1),
  H: onScreen((vi) => vi.top),
  M: onScreen((vi) => Math.floor((vi.top + lastShown(vi)) / 2)),
  L: onScreen(lastShown),
  n: (vi) => searchNext(vi, vi.search?.forward ?? true),
  N: (vi) => searchNext(vi, !(vi.search?.forward ?? true)),
};

/** Other keys for the same motions. */
const SAME: Readonly<Record<string, string>> = {
  '\x1b[A': 'k',
  '\x1bOA': 'k',
  '\x10': 'k',
  '\x1b[B': 'j',
  '\x1bOB': 'j',
  '\n': 'j',
  '\x0e': 'j',
  '\x1b[C': 'l',
  '\x1bOC': 'l',
  ' ': 'l',
  '\x1b[D': 'h',
  '\x1bOD': 'h',
  '\b': 'h',
  '\x7f': 'h',
  '\x1b[H': '0',
  '\x1b[1~': '0',
  '\x1b[F': '$',
  '\x1b[4~': '$',
  '\r': '+',
};

/** True for keys that begin a motion. */
export function isMotion(key: string): boolean {
  return (SAME[key] ?? key) in MOTIONS || /^[fFtT;,g'`]$/.test(key);
}

/** Reads the rest of a motion and says where it leads; undefined where it leads nowhere. */
export function* readMotion(
  vi: Vi,
  keys: Keyboard,
  typed: string,
  count: number | undefined,
): Routine<Target | undefined> {
  const key = SAME[typed] ?? typed;
  if (/^[fFtT]$/.test(key)) {
    vi.find = { key, char: yield* keys.next() };
    return findInLine(vi, key, vi.find.char, count);
  }
  if (key === ';' || key === ',') {
    if (!vi.find) return undefined;
    const way = key === ';' ? vi.find.key : (OPPOSITE[vi.find.key] ?? '');
    return findInLine(vi, way, vi.find.char, count);
  }
  if (key === 'g') {
    const second = yield* keys.next();
    return second === 'g' ? firstNonBlank(vi, (count ?? 1) - 1) : undefined;
  }
  if (key === "'" || key === '`') {
    const mark = vi.marks.get(yield* keys.next());
    if (!mark) {
      vi.message = 'E20: Mark not set';
      return undefined;
    }
    return key === "'" ? firstNonBlank(vi, mark.row) : at(mark.row, mark.column);
  }
  return MOTIONS[key]?.(vi, count);
}
