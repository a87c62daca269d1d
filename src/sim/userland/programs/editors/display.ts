// Lines of text as rows of a screen: tabs to every eighth column, control characters as ^X, long lines over several
// rows or cut off.

const TAB = 8;

/** A line as it is shown, and the column at which each of its characters (and its end) begins. */
export interface Shown {
  readonly text: string;
  readonly columns: readonly number[];
}

/** Expands tabs and control characters. */
export function showLine(line: string): Shown {
  let text = '';
  const columns: number[] = [];
  for (const char of line) {
    for (let unit = 0; unit < char.length; unit++) columns.push(text.length);
    if (char === '\t') text += ' '.repeat(TAB - (text.length % TAB));
    else if (char < ' ') text += `^${String.fromCharCode(char.charCodeAt(0) + 64)}`;
    else text += char;
  }
  columns.push(text.length);
  return { text, columns };
}

/** How many rows a line takes on a screen of that width. */
export function rowsOfLine(line: string, width: number): number {
  return Math.max(1, Math.ceil(showLine(line).text.length / width));
}

/** The pieces of a line, one for each row. */
export function wrapLine(line: string, width: number): string[] {
  const { text } = showLine(line);
  const rows: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += width) rows.push(text.slice(at, at + width));
  return rows;
}

/** The first line to show so that the one with the cursor is on the screen. */
export function scrollTop(
  lines: readonly string[],
  top: number,
  row: number,
  height: number,
  width: number,
): number {
  if (row < top) return row;
  let used = 0;
  let first = row + 1;
  while (first > 0) {
    used += rowsOfLine(lines[first - 1] ?? '', width);
    if (used > height) break;
    first--;
  }
  return Math.max(top, Math.min(first, row));
}
