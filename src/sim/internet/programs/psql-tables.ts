// Results as psql draws them: aligned, unaligned, expanded.

import type { Relation } from '../sql/query.ts';
import type { Value } from '../sql/syntax.ts';

export function shown(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return String(value);
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return ' '.repeat(Math.max(0, left)) + text + ' '.repeat(Math.max(0, width - text.length - left));
}

export interface Style {
  readonly title: string | undefined;
  readonly tuplesOnly: boolean;
  /** In place of the count of rows. */
  readonly footer: string | undefined;
}

export function countLine(count: number): string {
  return `(${count} row${count === 1 ? '' : 's'})\n`;
}

/** The aligned form; a cell of several lines continues with a `+`. */
export function aligned(
  { columns, numeric, rows }: Relation,
  { title, tuplesOnly, footer }: Style,
): string {
  const cells = rows.map((row) => row.map((value) => shown(value).split('\n')));
  const widths = columns.map((name, i) =>
    Math.max(
      tuplesOnly ? 0 : name.length,
      ...cells.flatMap((row) => row[i]?.map((line) => line.length) ?? []),
    ),
  );
  let out = '';
  if (!tuplesOnly) {
    const total = widths.reduce((sum, width) => sum + width + 3, -1);
    if (title !== undefined)
      out += `${' '.repeat(Math.max(0, Math.floor((total - title.length) / 2)))}${title}\n`;
    out += `${columns.map((name, i) => ` ${centred(name, widths[i] ?? 0)} `).join('|')}\n`;
    out += `${widths.map((width) => '-'.repeat(width + 2)).join('+')}\n`;
  }
  for (const row of cells) {
    const height = Math.max(1, ...row.map((lines) => lines.length));
    for (let line = 0; line < height; line++) {
      const parts = row.map((lines, i) => {
        const width = widths[i] ?? 0;
        const text = lines[line] ?? '';
        const more = line + 1 < lines.length;
        const last = i === row.length - 1;
        const padded = numeric[i] ? text.padStart(width) : text.padEnd(width);
        if (more) return ` ${padded}+`;
        return last ? ` ${numeric[i] ? padded : text}` : ` ${padded} `;
      });
      out += `${parts.join('|')}\n`;
    }
  }
  if (!tuplesOnly) out += footer ?? countLine(rows.length);
  return `${out}\n`;
}

/** Fields with a separator between them. */
export function unaligned(
  { columns, rows }: Relation,
  separator: string,
  tuplesOnly: boolean,
): string {
  const lines = rows.map((row) => row.map(shown).join(separator));
  if (!tuplesOnly) lines.unshift(columns.join(separator));
  return lines.map((line) => `${line}\n`).join('') + (tuplesOnly ? '' : countLine(rows.length));
}

/** One row below the other (\\x). */
export function expanded({ columns, rows }: Relation): string {
  if (rows.length === 0) return '(0 rows)\n\n';
  const width = Math.max(...columns.map((name) => name.length));
  const value = Math.max(...rows.flatMap((row) => row.map((cell) => shown(cell).length)), 0);
  return `${rows
    .map((row, i) => {
      const head = `-[ RECORD ${i + 1} ]`;
      const rule = head.padEnd(width + 1, '-');
      const line = rule.length > width + 1 ? rule : `${rule}+`;
      return `${line.padEnd(width + 3 + value, '-')}\n${columns.map((name, c) => `${name.padEnd(width)} | ${shown(row[c] ?? null)}\n`).join('')}`;
    })
    .join('')}\n`;
}
