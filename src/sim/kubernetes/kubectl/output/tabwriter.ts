// Go's text/tabwriter: cells ended by tabs; a column is a run of neighbouring lines that have it.

export interface TabOptions {
  readonly minimum: number;
  readonly padding: number;
}

/** What kubectl's tables are printed with (printers.GetNewTabWriter). */
export const TABLE: TabOptions = { minimum: 6, padding: 3 };
/** What kubectl describe is printed with. */
export const DESCRIBE: TabOptions = { minimum: 0, padding: 2 };

/** Aligns the cells of a text. */
export function tabulate(text: string, { minimum, padding }: TabOptions): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths: number[][] = lines.map(() => []);
  for (let column = 0; ; column++) {
    let any = false;
    for (let start = 0; start < lines.length; start++) {
      if ((lines[start]?.length ?? 0) <= column + 1) continue;
      any = true;
      let end = start;
      let width = minimum;
      for (; end < lines.length && (lines[end]?.length ?? 0) > column + 1; end++) {
        width = Math.max(width, [...(lines[end]?.[column] ?? '')].length + padding);
      }
      for (let i = start; i < end; i++) widths[i]?.push(width);
      start = end;
    }
    if (!any) break;
  }
  return lines
    .map((cells, i) =>
      cells
        .map((cell, j) => (j === cells.length - 1 ? cell : pad(cell, widths[i]?.[j] ?? 0)))
        .join(''),
    )
    .join('\n');
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length));
}
