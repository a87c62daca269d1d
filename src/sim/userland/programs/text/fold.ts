// fold, expand, unexpand of GNU coreutils 9.1: lines broken at a width, tabs to spaces and back.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../libc/whole-file.ts';
import { type Command, gnu } from '../coreutils/gnu.ts';

/** Runs a function of one line's text over all lines of all operands. */
function* overLines(command: Command, change: (line: string) => string): Routine<number> {
  let status = 0;
  for (const path of command.operands.length ? command.operands : ['-']) {
    const bytes =
      path === '-' ? yield* command.input.rest() : yield* readFile(command.process, path);
    if (isErrno(bytes)) {
      yield* command.fileError(path, bytes);
      status = 1;
      continue;
    }
    const lines = decode(bytes).split('\n');
    yield* command.out.print(lines.map(change).join('\n'));
  }
  return status;
}

export const fold = gnu(
  {
    name: 'fold',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'bytes', short: 'b', long: 'bytes' },
      { key: 'spaces', short: 's', long: 'spaces' },
      { key: 'width', short: 'w', long: 'width', argument: 'required' },
    ],
    rewrite: (args) => args.map((word) => word.replace(/^-([bs]*)(\d+)$/, '-$1w$2')),
  },
  function* (command) {
    const text = command.options.value('width') ?? '80';
    const width = Number(text);
    if (!/^\d+$/.test(text) || width === 0) {
      yield* command.fail(`invalid number of columns: ‘${text}’`);
      return 1;
    }
    const spaces = command.options.has('spaces');
    const bytes = command.options.has('bytes');
    return yield* overLines(command, (line) => folded(line, width, spaces, bytes));
  },
);

function folded(line: string, width: number, spaces: boolean, bytes: boolean): string {
  const out: string[] = [];
  let held = '';
  for (const char of line) {
    if (columnsOf(held + char, bytes) > width && held !== '') {
      const blank = spaces ? Math.max(held.lastIndexOf(' '), held.lastIndexOf('\t')) : -1;
      const cut = blank >= 0 ? blank + 1 : held.length;
      out.push(held.slice(0, cut));
      held = held.slice(cut);
    }
    held += char;
  }
  return [...out, held].join('\n');
}

function columnsOf(text: string, bytes: boolean): number {
  if (bytes) return text.length;
  let column = 0;
  for (const char of text) {
    if (char === '\t') column += 8 - (column % 8);
    else if (char === '\b') column = Math.max(0, column - 1);
    else if (char === '\r') column = 0;
    else column++;
  }
  return column;
}

const TAB_OPTIONS = [
  { key: 'tabs', short: 't', long: 'tabs', argument: 'required' },
  { key: 'initial', short: 'i', long: 'initial' },
] as const;

/** The tab stops of -t: one distance, or a list. */
function tabStops(command: Command): ((column: number) => number) | string {
  const text = command.options.value('tabs') ?? '8';
  if (!/^[\d, ]+$/.test(text)) return `tab size contains invalid character(s): ‘${text}’`;
  const stops = text.split(/[, ]+/).map(Number);
  const [only = 8] = stops;
  if (stops.includes(0)) return 'tab size cannot be 0';
  if (stops.length === 1) return (column) => column + only - (column % only);
  return (column) => stops.find((stop) => stop > column) ?? column + 1;
}

export const expand = gnu(
  { name: 'expand', usage: ['[OPTION]... [FILE]...'], options: TAB_OPTIONS },
  function* (command) {
    const next = tabStops(command);
    if (typeof next === 'string') {
      yield* command.fail(next);
      return 1;
    }
    const initial = command.options.has('initial');
    return yield* overLines(command, (line) => {
      let out = '';
      for (const char of line) {
        const blank = /^[ \t]*$/.test(out);
        out +=
          char === '\t' && (blank || !initial) ? ' '.repeat(next(out.length) - out.length) : char;
      }
      return out;
    });
  },
);

export const unexpand = gnu(
  {
    name: 'unexpand',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'all', short: 'a', long: 'all' },
      { key: 'first', long: 'first-only' },
      { key: 'tabs', short: 't', long: 'tabs', argument: 'required' },
    ],
  },
  function* (command) {
    const next = tabStops(command);
    if (typeof next === 'string') {
      yield* command.fail(next);
      return 1;
    }
    const { options } = command;
    const all = !options.has('first') && (options.has('all') || options.has('tabs'));
    return yield* overLines(command, (line) => unexpanded(line, next, all));
  },
);

function unexpanded(line: string, next: (column: number) => number, all: boolean): string {
  let out = '';
  let column = 0;
  for (const part of line.match(/[ \t]+|[^ \t]+/g) ?? []) {
    if (!/^[ \t]/.test(part) || (!all && column > 0)) {
      out += part;
      column += part.length;
      continue;
    }
    let end = column;
    for (const char of part) end = char === '\t' ? next(end) : end + 1;
    const single = part === ' ' && column > 0;
    while (!single && next(column) <= end) {
      out += '\t';
      column = next(column);
    }
    out += ' '.repeat(end - column);
    column = end;
  }
  return out;
}
