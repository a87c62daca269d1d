// What commands print: failures, tables, --format.

import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { compileTemplate, TemplateError } from '../../userland/template/execute.ts';
import { goJson } from '../../userland/template/values.ts';
import type { Call } from './command.ts';

/** Prints a line on stderr. */
export function* complain(main: Main, text: string): Routine<void> {
  yield* main.out.flush();
  main.err.put(`${text}\n`);
  yield* main.err.flush();
}

/** Prints a failure and gives the status. */
export function* fail(call: Call, text: string, status = 1): Routine<number> {
  yield* complain(call.main, text);
  return status;
}

/** A failure of `docker run` and of what checks flags like it. */
export function* failRun(call: Call, text: string, status = 125): Routine<number> {
  yield* complain(call.main, `docker: ${text}\n\nRun '${call.called} --help' for more information`);
  return status;
}

/** Rows under a header, columns three apart (text/tabwriter). */
export function tabulate(rows: readonly (readonly string[])[], least = 10): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries())
      if (i < row.length - 1) widths[i] = Math.max(widths[i] ?? least, cell.length + 3);
  return rows
    .map(
      (row) =>
        `${row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell)).join('')}\n`,
    )
    .join('');
}

/** How a list is shown: its Go type, columns of the default table, header words of fields. */
export interface ListView {
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  /** The field of -q. */
  readonly quiet?: string;
  readonly plainName?: string;
}

/** Prints rows as --format, --quiet and the default say. */
export function* printList(
  call: Call,
  view: ListView,
  rows: readonly Record<string, unknown>[],
  settings: { format: string; quiet?: boolean },
): Routine<number> {
  const { main } = call;
  const { format } = settings;
  if (settings.quiet && view.quiet !== undefined && (format === '' || format === 'table')) {
    for (const row of rows) main.out.put(`${String(row[view.quiet])}\n`);
    return 0;
  }
  if (format === 'json') {
    for (const row of rows) main.out.put(`${goJson(row)}\n`);
    return 0;
  }
  if (format === '' || format === 'table') {
    const cells = rows.map((row) => view.columns.map((name) => String(row[name] ?? '')));
    main.out.put(tabulate([view.columns.map((name) => view.headers[name] ?? ''), ...cells]));
    return 0;
  }
  return yield* printTemplate(call, view, rows, format);
}

/** `\t` and `\n` as they are typed in a shell's quotes. */
function unescaped(format: string): string {
  return format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function* printTemplate(
  call: Call,
  view: ListView,
  rows: readonly Record<string, unknown>[],
  format: string,
): Routine<number> {
  const { main } = call;
  const table = /^table(?=\s|\{|$)/.test(format);
  const source = unescaped(table ? format.slice(5).trim() : format);
  const lines: string[] = [];
  try {
    const template = compileTemplate(source, { type: view.type });
    for (const row of rows) lines.push(template.execute(row));
    if (!table) {
      for (const line of lines) main.out.put(`${line}\n`);
      return 0;
    }
    const header = compileTemplate(
      source.replace(
        /\{\{\s*(json|upper|lower|title|truncate|pad|split|join)\b([^}]*)\}\}/g,
        (_, _name, rest: string) => `{{${/\.\w+/.exec(rest)?.[0] ?? '""'}}}`,
      ),
      { type: view.type },
    ).execute(view.headers);
    main.out.put(tabulate([header, ...lines].map((line) => line.split('\t'))));
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    if (!thrown.message.includes('executing')) {
      return yield* fail(
        call,
        `failed to parse template: ${thrown.message}`.replace(
          'failed to parse template: ',
          'template parsing error: ',
        ),
        64,
      );
    }
    return yield* fail(call, `failed to execute template: ${thrown.message}`);
  }
}

/** Cuts to a width with an ellipsis. */
export function ellipsis(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
