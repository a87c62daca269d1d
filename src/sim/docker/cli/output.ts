// What commands print: failures, tables, --format.

import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { compileTemplate, TemplateError } from '../../userland/template/execute.ts';
import { goJson } from '../../userland/template/values.ts';
import { NOT_HAD } from './api.ts';
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
  return text.startsWith(NOT_HAD) ? 125 : status;
}

/** A failure of `docker run` and of what checks flags like it. */
export function* failRun(call: Call, text: string, status = 125): Routine<number> {
  if (text.startsWith(NOT_HAD)) return yield* fail(call, text);
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

/** What Go's json.Marshal makes of letters that HTML would read. */
export function escapedHtml(json: string): string {
  const escapes: Record<string, string> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };
  return json.replace(/[<>&]/g, (letter) => escapes[letter] ?? letter);
}

/** A row marshals itself. */
const escapedJson = (value: unknown): string => escapedHtml(goJson(value));

/** The function json of templates: whole rows marshal themselves, fields are written as they are. */
const rowJson = ([value]: readonly unknown[]): string =>
  typeof value === 'object' && value !== null ? escapedJson(value) : goJson(value);

/** What cannot be rendered, and the status that it gives. */
export interface RenderFailure {
  readonly failure: string;
  readonly status: number;
}

/** Rows as --format, --quiet and the default say. */
export function renderList(
  view: ListView,
  rows: readonly Record<string, unknown>[],
  settings: { format: string; quiet?: boolean },
): string | RenderFailure {
  const { format } = settings;
  const { quiet } = view;
  if (settings.quiet && quiet !== undefined && (format === '' || format === 'table'))
    return rows.map((row) => `${String(row[quiet])}\n`).join('');
  if (format === 'json') return rows.map((row) => `${escapedJson(row)}\n`).join('');
  if (format === '' || format === 'table') {
    const cells = rows.map((row) => view.columns.map((name) => String(row[name] ?? '')));
    return tabulate([view.columns.map((name) => view.headers[name] ?? ''), ...cells]);
  }
  return renderTemplate(view, rows, format);
}

/** Prints what was rendered, or why it could not be. */
export function* printRendered(call: Call, rendered: string | RenderFailure): Routine<number> {
  if (typeof rendered !== 'string') return yield* fail(call, rendered.failure, rendered.status);
  call.main.out.put(rendered);
  return 0;
}

/** Prints rows as --format, --quiet and the default say. */
export function* printList(
  call: Call,
  view: ListView,
  rows: readonly Record<string, unknown>[],
  settings: { format: string; quiet?: boolean },
): Routine<number> {
  return yield* printRendered(call, renderList(view, rows, settings));
}

/** `\t` and `\n` as they are typed in a shell's quotes. */
function unescaped(format: string): string {
  return format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function renderTemplate(
  view: ListView,
  rows: readonly Record<string, unknown>[],
  format: string,
): string | RenderFailure {
  const table = /^table(?=\s|\{|$)/.test(format);
  const source = unescaped(table ? format.slice(5).trim() : format);
  try {
    const template = compileTemplate(source, { type: view.type, functions: { json: rowJson } });
    const lines = rows.map((row) => template.execute(row));
    if (!table) return lines.map((line) => `${line}\n`).join('');
    const header = compileTemplate(
      source.replace(
        /\{\{\s*(json|upper|lower|title|truncate|pad|split|join)\b([^}]*)\}\}/g,
        (_, _name, rest: string) => `{{${/\.\w+/.exec(rest)?.[0] ?? '""'}}}`,
      ),
      { type: view.type },
    ).execute(withHeaderLabel(view.headers));
    return tabulate([header, ...lines].map((line) => line.split('\t')));
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    return { failure: `template parsing error: ${thrown.message}`, status: 1 };
  }
}

/** A row with the method Label, which is no field. */
export function withLabel<T extends Record<string, unknown>>(
  row: T,
  labels: Readonly<Record<string, string>> | null | undefined,
): T {
  const value = (name: unknown): string => labels?.[String(name)] ?? '';
  return Object.defineProperty(row, 'Label', { value, enumerable: false });
}

/** The header words, with the method Label: the last part of a label's name. */
function withHeaderLabel(headers: ListView['headers']): Readonly<Record<string, unknown>> {
  const value = (name: unknown): string =>
    (String(name).split('.').at(-1) ?? '').replace(/[-_]/g, ' ');
  return Object.defineProperty({ ...headers }, 'Label', { value, enumerable: false });
}

/** What `docker ps` finds wrong with a template before it asks for anything. */
export function wrongTemplate(
  view: ListView,
  sample: Record<string, unknown>,
  format: string,
): string | undefined {
  if (format === '') return undefined;
  let parsed = false;
  try {
    const template = compileTemplate(format, { type: view.type });
    parsed = true;
    template.execute(sample);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    return `failed to ${parsed ? 'execute' : 'parse'} template: ${thrown.message}`;
  }
}

/** Cuts to a width with an ellipsis. */
export function ellipsis(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
