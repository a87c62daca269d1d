// nano's text: the lines, the cursor, what was cut, what can be undone.

import type { Routine } from '../../../../core/wait.ts';
import type { Main } from '../../../libc/stdio.ts';
import type { Keyboard } from '../keyboard.ts';

export interface Nano {
  readonly main: Main;
  readonly keys: Keyboard;
  path: string;
  lines: readonly string[];
  saved: readonly string[];
  row: number;
  column: number;
  top: number;
  /** Shown in brackets above the keys until the next one. */
  message: string;
  cut: readonly string[];
  /** The last key cut: the next cut adds to it. */
  cutting: boolean;
  undo: { lines: readonly string[]; row: number; column: number }[];
  redo: { lines: readonly string[]; row: number; column: number }[];
  search: string;
}

/** What a command wants: to leave, or to go on. */
export type Act = (nano: Nano) => Routine<'leave' | undefined>;

/** The line with the cursor. */
export const lineOf = (nano: Nano): string => nano.lines[nano.row] ?? '';

/** Puts the cursor somewhere within the text. */
export function move(nano: Nano, row: number, column: number): void {
  nano.row = Math.max(0, Math.min(row, nano.lines.length - 1));
  nano.column = Math.max(0, Math.min(column, lineOf(nano).length));
}

/** Replaces the lines, with what was there kept for M-U. */
export function change(nano: Nano, row: number, count: number, by: readonly string[]): void {
  nano.undo.push({ lines: nano.lines, row: nano.row, column: nano.column });
  nano.redo = [];
  const lines = [...nano.lines.slice(0, row), ...by, ...nano.lines.slice(row + count)];
  nano.lines = lines.length > 0 ? lines : [''];
}

/** What is typed goes into the line. */
export function type(nano: Nano, key: string): void {
  const line = lineOf(nano);
  change(nano, nano.row, 1, [line.slice(0, nano.column) + key + line.slice(nano.column)]);
  move(nano, nano.row, nano.column + key.length);
}

/** M-U and M-E. */
export const travel = (from: 'undo' | 'redo', to: 'undo' | 'redo'): Act =>
  acting((nano) => {
    const state = nano[from].pop();
    if (!state) {
      nano.message = `Nothing to ${from}`;
      return;
    }
    nano[to].push({ lines: nano.lines, row: nano.row, column: nano.column });
    nano.lines = state.lines;
    move(nano, state.row, state.column);
  });

/** An act that waits for nothing. */
export function acting(act: (nano: Nano) => void): Act {
  return function* (nano) {
    act(nano);
    return undefined;
  };
}

/** Backspace: the character before the cursor, or the line end. */
export function eraseBack(nano: Nano): void {
  const line = lineOf(nano);
  const { row, column } = nano;
  if (column > 0) {
    change(nano, row, 1, [line.slice(0, column - 1) + line.slice(column)]);
    move(nano, row, column - 1);
  } else if (row > 0) {
    const above = nano.lines[row - 1] ?? '';
    change(nano, row - 1, 2, [above + line]);
    move(nano, row - 1, above.length);
  }
}

/** ^D: the character under the cursor, or the line end. */
export function eraseHere(nano: Nano): void {
  const line = lineOf(nano);
  const { row, column } = nano;
  if (column < line.length) {
    change(nano, row, 1, [line.slice(0, column) + line.slice(column + 1)]);
  } else if (row + 1 < nano.lines.length) {
    change(nano, row, 2, [line + (nano.lines[row + 1] ?? '')]);
  }
}

/** Enter. */
export function breakLine(nano: Nano): void {
  const line = lineOf(nano);
  change(nano, nano.row, 1, [line.slice(0, nano.column), line.slice(nano.column)]);
  move(nano, nano.row + 1, 0);
}

/** ^K: takes the line out; one cut after another collects. */
export function cutLine(nano: Nano): void {
  nano.cut = [...(nano.cutting ? nano.cut : []), lineOf(nano)];
  nano.cutting = true;
  change(nano, nano.row, 1, []);
  move(nano, nano.row, 0);
}

/** ^U: puts what was cut above this line. */
export function paste(nano: Nano): void {
  if (nano.cut.length === 0) {
    nano.message = 'Cutbuffer is empty';
    return;
  }
  change(nano, nano.row, 0, nano.cut);
  move(nano, nano.row + nano.cut.length, 0);
}
