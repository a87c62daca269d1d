// What vi holds: the lines, the cursor, registers, what can be undone. Lines are never changed in place, so that a
// snapshot for undo is the array itself.

import type { Regex } from '../../../regex/index.ts';
import type { Style } from './style.ts';

export interface Position {
  readonly row: number;
  readonly column: number;
}

export interface Register {
  readonly lines: readonly string[];
  /** Whole lines (yy, dd), put below; else a piece of text, put into the line. */
  readonly whole: boolean;
}

export type Mode = 'normal' | 'insert' | 'replace' | 'visual' | 'visual line';

interface Snapshot {
  readonly lines: readonly string[];
  readonly at: Position;
}

export interface Vi {
  readonly style: Style;
  path: string;
  lines: readonly string[];
  at: Position;
  /** The column that j and k aim for. */
  wanted: number;
  /** First line on the screen. */
  top: number;
  mode: Mode;
  /** Where a visual selection began. */
  anchor: Position;
  /** What the last line says. */
  message: string;
  /** The lines as they are in the file. */
  saved: readonly string[];
  readonly registers: Map<string, Register>;
  readonly marks: Map<string, Position>;
  undo: Snapshot[];
  redo: Snapshot[];
  search: { regex: Regex; forward: boolean; text: string } | undefined;
  /** The last f, F, t or T. */
  find: { key: string; char: string } | undefined;
  /** The keys of the last change, for `.`. */
  change: readonly string[];
  readonly options: { number: boolean; ignorecase: boolean; shiftwidth: number; readonly: boolean };
  height: number;
  width: number;
}

/** An editor on these lines (at least one). */
export function newVi(style: Style, path: string, lines: readonly string[], readonly: boolean): Vi {
  return {
    style,
    path,
    lines,
    at: { row: 0, column: 0 },
    wanted: 0,
    top: 0,
    mode: 'normal',
    anchor: { row: 0, column: 0 },
    message: '',
    saved: lines,
    registers: new Map(),
    marks: new Map(),
    undo: [],
    redo: [],
    search: undefined,
    find: undefined,
    change: [],
    options: { number: false, ignorecase: false, shiftwidth: 8, readonly },
    height: 23,
    width: 80,
  };
}

/** The text of a line; an index beyond the ends gives ''. */
export function lineAt(vi: Vi, row: number): string {
  return vi.lines[row] ?? '';
}

/** True where the text is not what the file holds. */
export function isModified(vi: Vi): boolean {
  return vi.lines !== vi.saved;
}

/** Puts the cursor somewhere, within the text and (outside of insert mode) on a character. */
export function moveTo(vi: Vi, row: number, column: number, keepWanted = false): void {
  const to = Math.max(0, Math.min(row, vi.lines.length - 1));
  const past = vi.mode === 'insert' || vi.mode === 'replace' ? 0 : 1;
  const last = Math.max(0, lineAt(vi, to).length - past);
  vi.at = { row: to, column: Math.max(0, Math.min(column, last)) };
  if (!keepWanted) vi.wanted = vi.at.column;
}

/** Replaces `count` lines from `row` on; a text is never without a line. */
export function replaceLines(vi: Vi, row: number, count: number, by: readonly string[]): void {
  const lines = [...vi.lines.slice(0, row), ...by, ...vi.lines.slice(row + count)];
  vi.lines = lines.length > 0 ? lines : [''];
}

/** The text between two positions, the second not included. */
export function textBetween(vi: Vi, from: Position, to: Position): string[] {
  if (from.row === to.row) return [lineAt(vi, from.row).slice(from.column, to.column)];
  return [
    lineAt(vi, from.row).slice(from.column),
    ...vi.lines.slice(from.row + 1, to.row),
    lineAt(vi, to.row).slice(0, to.column),
  ];
}

/** Puts `text` in the place of what stands between two positions; where it ends. */
export function replaceText(
  vi: Vi,
  from: Position,
  to: Position,
  text: readonly string[],
): Position {
  const head = lineAt(vi, from.row).slice(0, from.column);
  const tail = lineAt(vi, to.row).slice(to.column);
  const last = text.length - 1;
  const made = text.map((part, i) => (i === 0 ? head : '') + part + (i === last ? tail : ''));
  replaceLines(vi, from.row, to.row - from.row + 1, made);
  const column = (text[last] ?? '').length + (last === 0 ? from.column : 0);
  return { row: from.row + last, column };
}

/** Remembers the state before a change. */
export function snapshot(vi: Vi): Snapshot {
  return { lines: vi.lines, at: vi.at };
}

/** Keeps a snapshot for `u` where the text has changed since. */
export function keepUndo(vi: Vi, before: Snapshot): void {
  if (before.lines === vi.lines) return;
  vi.undo.push(before);
  vi.redo = [];
}

/** u and ^R: goes to the last state of `from`, and keeps the present one in `to`. */
export function travel(vi: Vi, from: 'undo' | 'redo', to: 'undo' | 'redo'): boolean {
  const state = vi[from].pop();
  if (!state) return false;
  vi[to].push({ lines: vi.lines, at: state.at });
  vi.lines = state.lines;
  moveTo(vi, state.at.row, state.at.column);
  return true;
}
