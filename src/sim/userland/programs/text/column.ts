// column (util-linux 2.38): lists in columns and tables. Left out: trees (-r), hiding, wrapping and truncating columns.

import { decode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { readFile } from '../../libc/whole-file.ts';
import { type Command, gnu } from '../coreutils/gnu.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'table', short: 't', long: 'table' },
  { key: 'separator', short: 's', long: 'separator', argument: 'required' },
  { key: 'output', short: 'o', long: 'output-separator', argument: 'required' },
  { key: 'names', short: 'N', long: 'table-columns', argument: 'required' },
  { key: 'right', short: 'R', long: 'table-right', argument: 'required' },
  { key: 'limit', short: 'l', long: 'table-columns-limit', argument: 'required' },
  { key: 'noheadings', short: 'd', long: 'table-noheadings' },
  { key: 'width', short: 'c', long: 'output-width', argument: 'required' },
  { key: 'rows', short: 'x', long: 'fillrows' },
  { key: 'empty', short: 'L', long: 'keep-empty-lines' },
  { key: 'json', short: 'J', long: 'json' },
  { key: 'name', short: 'n', long: 'table-name', argument: 'required' },
];

export const column = gnu(
  {
    name: 'column',
    usage: ['[options] [<file>...]'],
    options: OPTIONS,
    version: 'from util-linux 2.38.1',
    missing: [
      'hide',
      'noextreme',
      'truncate',
      'wrap',
      'order',
      'header-repeat',
      'empty-lines',
      'maxout',
    ].map((name) => ({ key: name, long: `table-${name}` })),
  },
  function* (command) {
    let text = '';
    let status = 0;
    if (command.operands.length === 0) text = decode(yield* command.input.rest());
    for (const path of command.operands) {
      const bytes =
        path === '-' ? yield* command.input.rest() : yield* readFile(command.process, path);
      if (isErrno(bytes)) {
        yield* command.fail(`${path}: ${bytes.message}`);
        status = 1;
      } else text += decode(bytes);
    }
    const keep = command.options.has('empty');
    const lines = text
      .replace(/\n$/, '')
      .split('\n')
      .filter((line) => keep || line.trim() !== '');
    if (lines.length === 0) return status;
    if (command.options.has('json') && !command.options.has('names')) {
      yield* command.fail('option --table-columns required for --json');
      return 1;
    }
    const table = command.options.has('table') || command.options.has('json');
    yield* command.out.print(table ? tableText(command, lines) : listText(command, lines));
    return status;
  },
);

/** As ls sets names in columns, with tabs between. */
function listText({ options }: Command, lines: readonly string[]): string {
  const width = Number(options.value('width') ?? 80);
  const longest = Math.max(...lines.map((line) => line.length));
  const cell = (longest + 8) & ~7;
  const columns = Math.max(1, Math.floor(width / cell));
  const rows = Math.ceil(lines.length / columns);
  const across = options.has('rows');
  let out = '';
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      const at = across ? row * columns + i : i * rows + row;
      const line = lines[at];
      if (line === undefined) break;
      const next = across
        ? at + 1 < lines.length && i + 1 < columns
        : i + 1 < columns && at + rows < lines.length;
      out += next ? line + '\t'.repeat(Math.ceil((cell - line.length) / 8)) : line;
    }
    out += '\n';
  }
  return out;
}

function cellsOf({ options }: Command, line: string): string[] {
  const separator = options.value('separator');
  const limit = Number(options.value('limit') ?? Number.POSITIVE_INFINITY);
  if (separator === undefined) {
    const cells = line.trim().split(/[ \t]+/);
    return cells.length > limit
      ? [...cells.slice(0, limit - 1), cells.slice(limit - 1).join(' ')]
      : cells;
  }
  const cells: string[] = [];
  let cell = '';
  for (const char of line) {
    if (separator.includes(char) && cells.length + 1 < limit) {
      cells.push(cell);
      cell = '';
    } else cell += char;
  }
  return [...cells, cell];
}

function tableText(command: Command, lines: readonly string[]): string {
  const { options } = command;
  const body = lines.map((line) => cellsOf(command, line));
  const names = options.value('names')?.split(',');
  if (options.has('json')) return jsonText(body, names ?? [], options.value('name') ?? 'table');
  const rows = names && !options.has('noheadings') ? [names, ...body] : body;
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  );
  const right = new Set(options.value('right')?.split(','));
  const between = options.value('output') ?? '  ';
  const text = rows.map((row) =>
    widths
      .map((width, i) => {
        const cell = row[i] ?? '';
        if (right.has(String(i + 1)) || right.has(names?.[i] ?? '') || right.has('0'))
          return cell.padStart(width);
        return i === count - 1 ? cell : cell.padEnd(width);
      })
      .join(between),
  );
  return `${text.join('\n')}\n`;
}

function jsonText(
  rows: readonly (readonly string[])[],
  names: readonly string[],
  name: string,
): string {
  const objects = rows.map((row) => {
    const fields = names.map(
      (key, i) =>
        `         "${key.toLowerCase()}": ${row[i] === undefined ? 'null' : JSON.stringify(row[i])}`,
    );
    return `{\n${fields.join(',\n')}\n      }`;
  });
  return `{\n   "${name}": [\n      ${objects.join(',')}\n   ]\n}\n`;
}
