// The server's tables as kubectl prints them: which columns, kinds before names, namespaces, labels, alignment.

import type { KubeObject } from '../rest.ts';
import { TABLE, tabulate } from './tabwriter.ts';

export interface TableDocument {
  readonly columnDefinitions?:
    | readonly { readonly name: string; readonly type?: string; readonly priority?: number }[]
    | null;
  readonly rows?: readonly TableRow[];
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object?: KubeObject | null;
}

export interface TableStyle {
  readonly wide: boolean;
  readonly noHeaders: boolean;
  readonly withNamespace: boolean;
  /** `deployment.apps`: put before names. */
  readonly kind: string;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  /** A first column, with the word for each row. */
  readonly event?: string;
}

/** The lines of a table as tab-separated cells, its heading first unless left out. */
export function tableCells(table: TableDocument, style: TableStyle): string[] {
  const columns = table.columnDefinitions ?? [];
  const shown = columns.flatMap((column, i) =>
    style.wide || (column.priority ?? 0) === 0 ? [i] : [],
  );
  const lines: string[] = [];
  if (!style.noHeaders) {
    const heading = shown.map((i) => (columns[i]?.name ?? '').toUpperCase());
    if (style.event !== undefined) heading.unshift('EVENT');
    if (style.withNamespace) heading.splice(style.event === undefined ? 0 : 1, 0, 'NAMESPACE');
    heading.push(...style.labelColumns.map(labelHeading));
    if (style.showLabels) heading.push('LABELS');
    lines.push(heading.join('\t'));
  }
  for (const row of table.rows ?? [])
    lines.push(
      rowCells(
        row,
        columns.map(({ name }) => name),
        shown,
        style,
      ),
    );
  return lines;
}

function labelHeading(label: string): string {
  return label.slice(label.lastIndexOf('/') + 1).toUpperCase();
}

function rowCells(
  row: TableRow,
  names: readonly string[],
  shown: readonly number[],
  style: TableStyle,
): string {
  const cells = shown.map((i) => {
    const cell = cellText(row.cells[i]);
    return style.kind !== '' && names[i]?.toLowerCase() === 'name' && i === 0
      ? `${style.kind}/${cell}`
      : cell;
  });
  const metadata = row.object?.metadata;
  if (style.withNamespace) cells.unshift(metadata?.namespace ?? '');
  if (style.event !== undefined) cells.unshift(style.event);
  cells.push(...style.labelColumns.map((label) => metadata?.labels?.[label] ?? ''));
  if (style.showLabels) cells.push(labelsText(metadata?.labels));
  return cells.join('\t');
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '<none>';
  const text = String(cell);
  const end = /[\f\n\r]/.exec(text);
  return end ? `${text.slice(0, end.index)}...` : text;
}

/** Labels as one word: `a=1,b=2`, `<none>`. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.length === 0
    ? '<none>'
    : keys.map((key) => `${key}=${labels?.[key] ?? ''}`).join(',');
}

/** Lines of cells, aligned. */
export function alignTable(lines: readonly string[]): string {
  return lines.length === 0 ? '' : tabulate(`${lines.join('\n')}\n`, TABLE);
}
