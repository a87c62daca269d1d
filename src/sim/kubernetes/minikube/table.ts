// Tables as tablewriter draws them: rounded lines, headings in the middle.

/** How many cells a text takes on a terminal. */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    cells += code === 0xfe0f ? 0 : code >= 0x2600 ? 2 : 1;
  }
  return cells;
}

function rule(widths: readonly number[], left: string, middle: string, right: string): string {
  return `${left}${widths.map((one) => '─'.repeat(one + 2)).join(middle)}${right}\n`;
}

function centered(text: string, wide: number): string {
  const space = wide - cellsOf(text);
  const left = Math.floor(space / 2);
  return `${' '.repeat(left)}${text}${' '.repeat(space - left)}`;
}

function padded(text: string, wide: number): string {
  return `${text}${' '.repeat(Math.max(0, wide - cellsOf(text)))}`;
}

/** A table; cells may have several lines. */
export function drawTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const split = rows.map((row) => headings.map((_, i) => (row[i] ?? '').split('\n')));
  const widths = headings.map((heading, i) =>
    Math.max(cellsOf(heading), ...split.flatMap((row) => (row[i] ?? []).map(cellsOf))),
  );
  const line = (cells: readonly string[]): string => `│ ${cells.join(' │ ')} │\n`;
  let text = rule(widths, '┌', '┬', '┐');
  text += line(headings.map((heading, i) => centered(heading, widths[i] ?? 0)));
  text += rule(widths, '├', '┼', '┤');
  for (const row of split) {
    const height = Math.max(...row.map((cell) => cell.length));
    for (let at = 0; at < height; at++)
      text += line(row.map((cell, i) => padded(cell[at] ?? '', widths[i] ?? 0)));
  }
  return text + rule(widths, '└', '┴', '┘');
}
