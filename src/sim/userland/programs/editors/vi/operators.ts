// vi's operators on what a motion covers: d, c, y, < and >; and p, P that put back what they took.

import {
  lineAt,
  moveTo,
  type Position,
  type Register,
  replaceLines,
  replaceText,
} from './state.ts';
import { textBetween, type Vi } from './state.ts';
import type { Target } from './motions.ts';

/** What an operator works on; `to` is not included. */
export interface Range {
  readonly from: Position;
  readonly to: Position;
  readonly whole: boolean;
}

const before = (a: Position, b: Position): boolean =>
  a.row < b.row || (a.row === b.row && a.column < b.column);

/** The range between the cursor and a motion's target, in order. `motion` is the key, for w's exceptions. */
export function rangeOf(vi: Vi, target: Target, motion: string): Range {
  const cursor = vi.at;
  const [from, end] = before(target, cursor) ? [target, cursor] : [cursor, target];
  if (target.lines) return { from, to: end, whole: true };
  let to: Position = { row: end.row, column: Math.min(end.column, lineAt(vi, end.row).length) };
  if (target.inclusive && end === target) {
    to = { row: to.row, column: Math.min(to.column + 1, lineAt(vi, to.row).length) };
  }
  // `dw` on the last word of a line takes no line end.
  if (/^[wW]$/.test(motion) && to.row > from.row && to.column === 0) {
    to = { row: to.row - 1, column: lineAt(vi, to.row - 1).length };
  }
  return { from, to, whole: false };
}

/** The text of a range as a register holds it. */
function taken(vi: Vi, { from, to, whole }: Range): Register {
  return whole
    ? { lines: vi.lines.slice(from.row, to.row + 1), whole }
    : { lines: textBetween(vi, from, to), whole };
}

/** Keeps a text in the unnamed register and, if one was named, in that; capitals append. */
export function keep(vi: Vi, register: Register, name: string): void {
  vi.registers.set('"', register);
  if (name === '"') return;
  const lower = name.toLowerCase();
  const old = name === lower ? undefined : vi.registers.get(lower);
  const lines = old ? [...old.lines, ...register.lines] : register.lines;
  vi.registers.set(lower, { lines, whole: register.whole || old?.whole === true });
}

/** y: copies; the cursor goes to the beginning. */
export function yank(vi: Vi, range: Range, name: string): void {
  keep(vi, taken(vi, range), name);
  const count = range.to.row - range.from.row + 1;
  if (range.whole && count > 2) vi.message = `${count} lines yanked`;
  moveTo(vi, range.from.row, range.whole ? vi.at.column : range.from.column);
}

/** d: takes out. */
export function remove(vi: Vi, range: Range, name: string): void {
  keep(vi, taken(vi, range), name);
  const { from, to, whole } = range;
  if (!whole) {
    if (from.row === to.row && from.column === to.column) return;
    replaceText(vi, from, to, ['']);
    moveTo(vi, from.row, from.column);
    return;
  }
  const count = to.row - from.row + 1;
  replaceLines(vi, from.row, count, []);
  if (count > 2) vi.message = `${count} fewer lines`;
  const row = Math.min(from.row, vi.lines.length - 1);
  moveTo(vi, row, Math.max(0, lineAt(vi, row).search(/\S|$/)));
}

/** c: takes out, and begins to insert in its place. */
export function change(vi: Vi, range: Range, name: string): void {
  keep(vi, taken(vi, range), name);
  vi.mode = 'insert';
  const { from, to, whole } = range;
  if (whole) replaceLines(vi, from.row, to.row - from.row + 1, ['']);
  else replaceText(vi, from, to, ['']);
  moveTo(vi, from.row, whole ? 0 : from.column);
}

/** < and >: moves lines by 'shiftwidth' columns. */
export function shift(vi: Vi, first: number, last: number, by: number): void {
  const width = vi.options.shiftwidth;
  const moved = vi.lines.slice(first, last + 1).map((line) => {
    const text = line.trimStart();
    if (text === '') return line;
    const indent = line.slice(0, line.length - text.length);
    const columns = [...indent].reduce((sum, c) => (c === '\t' ? (sum | 7) + 1 : sum + 1), 0);
    const wanted = Math.max(0, columns + by * width);
    return '\t'.repeat(Math.floor(wanted / 8)) + ' '.repeat(wanted % 8) + text;
  });
  replaceLines(vi, first, last - first + 1, moved);
  moveTo(vi, first, Math.max(0, lineAt(vi, first).search(/\S|$/)));
}

/** p and P: puts a register after or before the cursor. */
export function put(vi: Vi, name: string, after: boolean, count: number): boolean {
  const register = vi.registers.get(name.toLowerCase());
  if (!register) {
    vi.message = `E353: Nothing in register ${name}`;
    return false;
  }
  const { row, column } = vi.at;
  if (register.whole) {
    const lines = Array.from({ length: count }, () => register.lines).flat();
    const to = row + (after ? 1 : 0);
    replaceLines(vi, to, 0, lines);
    if (lines.length > 2) vi.message = `${lines.length} more lines`;
    moveTo(vi, to, Math.max(0, lineAt(vi, to).search(/\S|$/)));
    return true;
  }
  const start = { row, column: Math.min(lineAt(vi, row).length, column + (after ? 1 : 0)) };
  let text = register.lines;
  for (let i = 1; i < count; i++) {
    const last = text.at(-1) ?? '';
    text = [...text.slice(0, -1), last + (register.lines[0] ?? ''), ...register.lines.slice(1)];
  }
  const end = replaceText(vi, start, start, text);
  if (text.length > 1) moveTo(vi, start.row, start.column);
  else moveTo(vi, end.row, end.column - 1);
  return true;
}

/** J: joins `count` lines with one blank between them. */
export function joinLines(vi: Vi, row: number, count: number): void {
  const lines = vi.lines.slice(row, row + Math.max(2, count));
  let text = lines[0] ?? '';
  let column = text.length;
  for (const line of lines.slice(1)) {
    const rest = line.trimStart();
    column = text.length;
    const blank = rest === '' || rest.startsWith(')') || /\s$/.test(text) || text === '';
    text += (blank ? '' : ' ') + rest;
  }
  replaceLines(vi, row, lines.length, [text]);
  moveTo(vi, row, column);
}
