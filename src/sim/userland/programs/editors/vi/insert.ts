// vi's insert and replace modes: what is typed goes into the text until Esc.

import type { Routine } from '../../../../core/wait.ts';
import { ESCAPE, type Keyboard } from '../keyboard.ts';
import { lineAt, moveTo, replaceLines, replaceText, type Vi } from './state.ts';

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  A: [-1, 0],
  B: [1, 0],
  C: [0, 1],
  D: [0, -1],
};

/** Reads keys until Esc (or ^C); `draw` shows the screen after each. */
export function* insertMode(vi: Vi, keys: Keyboard, draw: () => Routine<void>): Routine<void> {
  for (;;) {
    yield* draw();
    const key = yield* keys.next();
    if (key === '' || key === ESCAPE || key === '\x03') break;
    typeKey(vi, key);
  }
  vi.mode = 'normal';
  moveTo(vi, vi.at.row, vi.at.column - 1);
}

function typeKey(vi: Vi, key: string): void {
  const arrow = /^\x1b[[O]([ABCD])$/.exec(key)?.[1];
  const by = arrow && ARROWS[arrow];
  const { row, column } = vi.at;
  if (by) moveTo(vi, row + by[0], (by[0] ? vi.wanted : column) + by[1], by[0] !== 0);
  else if (/^\x1b(\[H|\[1~)$/.test(key)) moveTo(vi, row, 0);
  else if (/^\x1b(\[F|\[4~)$/.test(key)) moveTo(vi, row, lineAt(vi, row).length);
  else if (key === '\x1b[3~') {
    replaceText(vi, vi.at, { row, column: Math.min(column + 1, lineAt(vi, row).length) }, ['']);
  } else if (key === '\x7f' || key === '\b') eraseBack(vi, 1);
  else if (key === '\x17') eraseBack(vi, /(\S+\s*|\s+)$/.exec(head(vi))?.[0].length ?? 1);
  else if (key === '\x15') eraseBack(vi, Math.max(1, column));
  else if (key === '\r' || key === '\n') insertText(vi, ['', '']);
  else if (key === '\t' || key >= ' ') typeCharacter(vi, key);
}

const head = (vi: Vi): string => lineAt(vi, vi.at.row).slice(0, vi.at.column);

function typeCharacter(vi: Vi, key: string): void {
  const { row, column } = vi.at;
  if (vi.mode === 'replace' && column < lineAt(vi, row).length) {
    replaceText(vi, vi.at, { row, column: column + 1 }, ['']);
  }
  insertText(vi, [key]);
}

/** Puts text at the cursor, which ends behind it. */
export function insertText(vi: Vi, text: readonly string[]): void {
  const end = replaceText(vi, vi.at, vi.at, text);
  moveTo(vi, end.row, end.column);
}

function eraseBack(vi: Vi, count: number): void {
  const { row, column } = vi.at;
  if (column > 0) {
    const from = { row, column: Math.max(0, column - count) };
    replaceText(vi, from, vi.at, ['']);
    moveTo(vi, row, from.column);
  } else if (row > 0) {
    const above = lineAt(vi, row - 1);
    replaceLines(vi, row - 1, 2, [above + lineAt(vi, row)]);
    moveTo(vi, row - 1, above.length);
  }
}
