// cut, paste, comm: lines and their fields.

import { binaryBytes, binaryString, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { quoteValue } from '../../libc/quote.ts';
import { type Command, extraOperand, filesOf, gnu, openOperand } from './gnu.ts';

/** Ranges of a list as cut reads it: [first, last] from 1; last is Infinity for `N-`. */
type Ranges = readonly (readonly [number, number])[];

function parseRanges(text: string, what: string): Ranges | string {
  const ranges: [number, number][] = [];
  for (const part of text.split(/[, \t]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    const [, from = '', dash, to = ''] = match ?? [];
    if (!match) {
      const bad = /[^\d-].*/.exec(part)?.[0];
      if (bad) return `invalid ${what === 'field' ? 'field value' : what} ${quoteValue(bad)}`;
      return `invalid ${what === 'field' ? 'field range' : 'byte or character range'}`;
    }
    if (from === '' && to === '') {
      if (dash) return 'invalid range with no endpoint: -';
      return what === 'field'
        ? 'fields are numbered from 1'
        : 'byte/character positions are numbered from 1';
    }
    const first = from === '' ? 1 : Number(from);
    const last = dash ? (to === '' ? Number.POSITIVE_INFINITY : Number(to)) : first;
    if (first === 0 || last === 0) {
      return what === 'field'
        ? 'fields are numbered from 1'
        : 'byte/character positions are numbered from 1';
    }
    if (last < first) return 'invalid decreasing range';
    ranges.push([first, last]);
  }
  return ranges.sort((a, b) => a[0] - b[0]);
}

const inside = (ranges: Ranges, at: number): boolean => ranges.some(([a, b]) => at >= a && at <= b);

export const cut = gnu(
  {
    name: 'cut',
    usage: ['OPTION... [FILE]...'],
    options: [
      { key: 'bytes', short: 'b', long: 'bytes', argument: 'required' },
      { key: 'characters', short: 'c', long: 'characters', argument: 'required' },
      { key: 'delimiter', short: 'd', long: 'delimiter', argument: 'required' },
      { key: 'fields', short: 'f', long: 'fields', argument: 'required' },
      { key: 'n', short: 'n' },
      { key: 'complement', long: 'complement' },
      { key: 'only', short: 's', long: 'only-delimited' },
      { key: 'output', long: 'output-delimiter', argument: 'required' },
      { key: 'zero', short: 'z', long: 'zero-terminated' },
    ],
  },
  function* (command) {
    const { options, out } = command;
    const kinds = options.list.filter(([key]) => ['bytes', 'characters', 'fields'].includes(key));
    if (kinds.length > 1) return yield* command.usage('only one list may be specified');
    const [kind] = kinds;
    if (!kind)
      return yield* command.usage('you must specify a list of bytes, characters, or fields');
    const byField = kind[0] === 'fields';
    const given = options.value('delimiter');
    if (given !== undefined && encode(given).length > 1) {
      return yield* command.usage('the delimiter must be a single character');
    }
    if (!byField && given !== undefined) {
      return yield* command.usage(
        'an input delimiter may be specified only when operating on fields',
      );
    }
    if (!byField && options.has('only')) {
      return yield* command.usage(
        'suppressing non-delimited lines makes sense\n\tonly when operating on fields',
      );
    }
    const ranges = parseRanges(kind[1], byField ? 'field' : 'byte/character position');
    if (typeof ranges === 'string') return yield* command.usage(ranges);
    const settings: CutSettings = {
      ranges,
      byField,
      delimiter: given === undefined ? '\t' : given === '' ? '\0' : given,
      complement: options.has('complement'),
      only: options.has('only'),
      output: options.has('output')
        ? binaryString(encode(options.value('output') ?? ''))
        : undefined,
    };
    const end = options.has('zero') ? 0 : 10;
    let status = 0;
    for (const path of filesOf(command)) {
      const reader = openOperand(command, path);
      if (isErrno(reader)) {
        yield* command.fileError(path, reader);
        status = 1;
        continue;
      }
      for (;;) {
        const bytes = yield* reader.lineBytes(end);
        if (!bytes || out.failure) break;
        const whole = bytes.at(-1) === end ? bytes.subarray(0, -1) : bytes;
        const text = cutLine(binaryString(whole), settings);
        yield* command.process.work(whole.length * 4);
        if (text !== undefined) yield* out.print(binaryBytes(text + String.fromCharCode(end)));
      }
      if (reader.failure) {
        yield* command.fileError(path, reader.failure);
        status = 1;
      }
    }
    return status;
  },
);

interface CutSettings {
  readonly ranges: Ranges;
  readonly byField: boolean;
  readonly delimiter: string;
  readonly complement: boolean;
  readonly only: boolean;
  readonly output: string | undefined;
}

function cutLine(line: string, settings: CutSettings): string | undefined {
  const { ranges, byField, delimiter, complement, output } = settings;
  if (byField) {
    if (!line.includes(delimiter)) return settings.only ? undefined : line;
    const kept = line.split(delimiter).filter((_, i) => inside(ranges, i + 1) !== complement);
    return kept.join(output ?? delimiter);
  }
  let text = '';
  let before = false;
  for (let i = 0; i < line.length; i++) {
    const wanted = inside(ranges, i + 1) !== complement;
    const starts =
      !before ||
      (!complement &&
        ranges.some(
          ([first]) => first === i + 1 && !ranges.some(([a, b]) => a < first && b >= first),
        ));
    if (wanted && starts && text !== '' && output !== undefined) text += output;
    if (wanted) text += line.charAt(i);
    before = wanted;
  }
  return text;
}

/** All lines of a file without their ends; undefined (said on stderr) where it cannot be read. */
function* linesOf(command: Command, path: string, end = 10): Routine<string[] | undefined> {
  const reader = openOperand(command, path);
  if (isErrno(reader)) {
    yield* command.fileError(path, reader);
    return undefined;
  }
  const text = binaryString(yield* reader.rest());
  if (reader.failure) {
    yield* command.fileError(path, reader.failure);
    return undefined;
  }
  const lines = text.split(String.fromCharCode(end));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export const paste = gnu(
  {
    name: 'paste',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'delimiters', short: 'd', long: 'delimiters', argument: 'required' },
      { key: 'serial', short: 's', long: 'serial' },
      { key: 'zero', short: 'z', long: 'zero-terminated' },
    ],
  },
  function* (command) {
    const { options, out } = command;
    const list = delimiterList(options.value('delimiters') ?? '\t');
    const end = options.has('zero') ? '\0' : '\n';
    const paths = filesOf(command);
    const files: string[][] = [];
    const dashes = paths.filter((path) => path === '-').length;
    let status = 0;
    for (const path of paths) {
      if (path === '-' && dashes > 1) {
        files.push([]);
        continue;
      }
      const lines = yield* linesOf(command, path, end.charCodeAt(0));
      if (lines) files.push(lines);
      else if (!options.has('serial')) return 1;
      else status = 1;
    }
    if (dashes > 1) yield* dealStandardInput(command, paths, files, options.has('serial'));
    if (options.has('serial')) {
      for (const lines of files) out.put(binaryBytes(joinWith(lines, list) + end));
      return status;
    }
    const rows = Math.max(0, ...files.map((lines) => lines.length));
    for (let row = 0; row < rows; row++) {
      yield* out.print(
        binaryBytes(
          joinWith(
            files.map((lines) => lines[row] ?? ''),
            list,
          ) + end,
        ),
      );
    }
    return status;
  },
);

/** Several `-` take lines of standard input in turn. */
function* dealStandardInput(
  command: Command,
  paths: readonly string[],
  files: string[][],
  serial: boolean,
): Routine<void> {
  const lines = (yield* linesOf(command, '-')) ?? [];
  const columns = paths.flatMap((path, i) => (path === '-' ? [i] : []));
  if (serial) {
    files[columns[0] ?? 0] = lines;
    return;
  }
  lines.forEach((line, i) => files[columns[i % columns.length] ?? 0]?.push(line));
}

function delimiterList(text: string): string[] {
  const list: string[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text.charAt(i) !== '\\') list.push(binaryString(encode(text.charAt(i))));
    else {
      const letter = text.charAt(++i);
      list.push(
        { '0': '', n: '\n', t: '\t', b: '\b', f: '\f', r: '\r', v: '\v' }[letter] ?? letter,
      );
    }
  }
  return list.length ? list : [''];
}

function joinWith(parts: readonly string[], list: readonly string[]): string {
  return parts.reduce(
    (text, part, i) => (i === 0 ? part : text + (list[(i - 1) % list.length] ?? '') + part),
    '',
  );
}

export const comm = gnu(
  {
    name: 'comm',
    usage: ['[OPTION]... FILE1 FILE2'],
    options: [
      { key: '1', short: '1' },
      { key: '2', short: '2' },
      { key: '3', short: '3' },
      { key: 'check', long: 'check-order' },
      { key: 'nocheck', long: 'nocheck-order' },
      { key: 'delimiter', long: 'output-delimiter', argument: 'required' },
      { key: 'total', long: 'total' },
      { key: 'zero', short: 'z', long: 'zero-terminated' },
    ],
  },
  function* (command) {
    const { options, operands, out } = command;
    const [one, two, extra] = operands;
    if (one === undefined) return yield* command.usage('missing operand');
    if (two === undefined) return yield* command.usage(`missing operand after ${quoteValue(one)}`);
    if (extra !== undefined) return yield* extraOperand(command, extra);
    const end = options.has('zero') ? '\0' : '\n';
    const a = yield* linesOf(command, one, end.charCodeAt(0));
    const b = a && (yield* linesOf(command, two, end.charCodeAt(0)));
    if (!a || !b) return 1;
    const tab = options.value('delimiter') ?? '\t';
    const lead = [
      '',
      options.has('1') ? '' : tab,
      (options.has('1') ? '' : tab) + (options.has('2') ? '' : tab),
    ];
    const totals = [0, 0, 0];
    const put = (column: 0 | 1 | 2, line: string): void => {
      totals[column] = (totals[column] ?? 0) + 1;
      if (!options.has(String(column + 1))) out.put(binaryBytes((lead[column] ?? '') + line + end));
    };
    for (let i = 0, j = 0; i < a.length || j < b.length; ) {
      const [x, y] = [a[i], b[j]];
      if (y === undefined || (x !== undefined && x < y)) {
        put(0, x ?? '');
        i++;
      } else if (x === undefined || y < x) {
        put(1, y);
        j++;
      } else {
        put(2, x);
        i++;
        j++;
      }
    }
    if (options.has('total')) out.put(`${totals.join(tab)}${tab}total${end}`);
    if (options.has('nocheck')) return 0;
    let disorder = false;
    for (const [n, lines] of [a, b].entries()) {
      if (!lines.some((line, i) => i > 0 && line < (lines[i - 1] ?? ''))) continue;
      yield* command.fail(`file ${n + 1} is not in sorted order`);
      disorder = true;
    }
    if (disorder) yield* command.fail('input is not in sorted order');
    return disorder ? 1 : 0;
  },
);
