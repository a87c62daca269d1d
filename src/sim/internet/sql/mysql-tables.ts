// Results as MySQL's client draws them: a box, one row below the other (\\G), or fields between tabs.

import type { Relation } from './query.ts';
import type { Value } from './syntax.ts';

export function shown(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}

/** The box around a result. */
export function boxed({ columns, numeric, rows }: Relation, names = true): string {
  const texts = rows.map((row) => row.map(shown));
  const widths = columns.map((name, i) =>
    Math.max(names ? name.length : 0, ...texts.map((row) => row[i]?.length ?? 0)),
  );
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (cells: readonly string[], right: readonly boolean[]): string =>
    `|${cells
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        return ` ${right[i] ? cell.padStart(width) : cell.padEnd(width)} `;
      })
      .join('|')}|\n`;
  const head = names ? line(columns, []) + rule : '';
  return rule + head + texts.map((row) => line(row, numeric)).join('') + rule;
}

/** Rows one below the other, as \\G shows them. */
export function vertical({ columns, rows }: Relation): string {
  const width = Math.max(...columns.map((name) => name.length));
  return rows
    .map((row, i) => {
      const title = `${'*'.repeat(27)} ${i + 1}. row ${'*'.repeat(27)}\n`;
      return (
        title +
        columns.map((name, c) => `${name.padStart(width)}: ${shown(row[c] ?? null)}\n`).join('')
      );
    })
    .join('');
}

/** Fields between tabs, as what goes to a file or a pipe. */
export function tabbed({ columns, rows }: Relation, names: boolean): string {
  const escape = (value: Value): string =>
    shown(value).replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  const lines = rows.map((row) => row.map(escape).join('\t'));
  if (names) lines.unshift(columns.join('\t'));
  return lines.map((line) => `${line}\n`).join('');
}
