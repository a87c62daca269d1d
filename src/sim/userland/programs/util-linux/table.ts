// Tables as libsmartcols prints them: columns as wide as their longest cell, numbers to the right, the last one
// not filled up; with JSON, raw and pairs forms.

/** One column of a table. */
export interface TableColumn {
  readonly name: string;
  readonly align?: 'left' | 'right';
  /** A width that is used where header and cells are narrower (libsmartcols' width hint). */
  readonly hint?: number;
  /** JSON type: strings by default. */
  readonly type?: 'number' | 'string' | 'boolean';
}

export interface TableStyle {
  readonly headings: boolean;
  readonly form: 'table' | 'raw' | 'json' | 'pairs' | 'export';
  /** The name of the list in JSON. */
  readonly name: string;
}

/** A row: cells by column, and rows below it (trees). */
export interface TableRow {
  readonly cells: readonly string[];
  readonly children?: readonly TableRow[];
}

const TREE = { branch: '├─', last: '└─', down: '│ ', none: '  ' } as const;

/** The text of a table. `treeColumn`: which column shows the lines of a tree. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly TableRow[],
  style: TableStyle,
  treeColumn?: number,
): string {
  if (style.form === 'json') return json(columns, rows, style.name);
  const flat: string[][] = [];
  flatten(rows, '', treeColumn, style.form === 'table', flat);
  if (style.form === 'raw') return rawText(columns, flat, style);
  if (style.form === 'pairs') {
    return flat
      .map(
        (cells) => `${cells.map((cell, i) => `${columns[i]?.name ?? ''}="${cell}"`).join(' ')}\n`,
      )
      .join('');
  }
  const all = style.headings ? [columns.map(({ name }) => name), ...flat] : flat;
  const widths = columns.map(({ name, hint = 0 }, i) => {
    const content = Math.max(0, ...flat.map((cells) => (cells[i] ?? '').length));
    if (content < name.length) return name.length;
    return content < hint && name.length < hint ? hint : content;
  });
  return all.map((cells) => `${line(cells, columns, widths)}\n`).join('');
}

function line(
  cells: readonly string[],
  columns: readonly TableColumn[],
  widths: readonly number[],
): string {
  const parts = cells.map((cell, i) => {
    const width = widths[i] ?? 0;
    if (columns[i]?.align === 'right') return cell.padStart(width);
    return i === cells.length - 1 ? cell : cell.padEnd(width);
  });
  return parts.join(' ').replace(/ +$/, '');
}

function flatten(
  rows: readonly TableRow[],
  prefix: string,
  tree: number | undefined,
  lines: boolean,
  out: string[][],
  depth = 0,
): void {
  for (const [i, row] of rows.entries()) {
    const last = i === rows.length - 1;
    const mark = depth === 0 || !lines ? '' : prefix + (last ? TREE.last : TREE.branch);
    out.push(row.cells.map((cell, at) => (at === tree ? mark + cell : cell)));
    const below = depth === 0 ? '' : prefix + (last ? TREE.none : TREE.down);
    if (row.children) flatten(row.children, below, tree, lines, out, depth + 1);
  }
}

function rawText(
  columns: readonly TableColumn[],
  rows: readonly string[][],
  style: TableStyle,
): string {
  const escape = (cell: string): string =>
    cell.replace(/[\s\\]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const body = rows.map((cells) => `${cells.map(escape).join(' ')}\n`).join('');
  return (style.headings ? `${columns.map(({ name }) => name).join(' ')}\n` : '') + body;
}

function json(columns: readonly TableColumn[], rows: readonly TableRow[], name: string): string {
  const value = (cell: string, column: TableColumn | undefined): string => {
    if (cell === '') return 'null';
    if (column?.type === 'number' && /^-?\d+$/.test(cell)) return cell;
    if (column?.type === 'boolean') return cell === '1' ? 'true' : 'false';
    return JSON.stringify(cell);
  };
  const object = (row: TableRow, indent: string): string => {
    const fields = row.cells.map(
      (cell, i) =>
        `${indent}   "${(columns[i]?.name ?? '').toLowerCase()}": ${value(cell, columns[i])}`,
    );
    if (row.children && row.children.length > 0) {
      fields.push(
        `${indent}   "children": [\n${list(row.children, `${indent}      `)}\n${indent}   ]`,
      );
    }
    return `${indent}{\n${fields.join(',\n')}\n${indent}}`;
  };
  const list = (all: readonly TableRow[], indent: string): string =>
    all
      .map((row) => object(row, indent))
      .join(',')
      .replaceAll(`},${indent}{`, `},{`);
  return `{\n   "${name}": [\n${list(rows, '      ')}\n   ]\n}\n`;
}
