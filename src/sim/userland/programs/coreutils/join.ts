// join: lines of two sorted files that have a field in common.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { quoteValue } from '../../libc/quote.ts';
import { type Command, extraOperand, gnu, openOperand } from './gnu.ts';

/** A line cut into fields. */
type Record = readonly string[];

interface JoinSettings {
  readonly separator: string | undefined;
  readonly fields: readonly [number, number];
  readonly fold: boolean;
  /** Pairs of file (0 for the common field) and field number, from 1. */
  readonly format: readonly (readonly [number, number])[] | undefined;
  readonly empty: string;
  readonly unpaired: readonly [boolean, boolean];
  readonly paired: boolean;
}

export const join = gnu(
  {
    name: 'join',
    usage: ['[OPTION]... FILE1 FILE2'],
    options: [
      { key: 'a', short: 'a', argument: 'required' },
      { key: 'e', short: 'e', argument: 'required' },
      { key: 'i', short: 'i', long: 'ignore-case' },
      { key: 'j', short: 'j', argument: 'required' },
      { key: 'o', short: 'o', argument: 'required' },
      { key: 't', short: 't', argument: 'required' },
      { key: 'v', short: 'v', argument: 'required' },
      { key: '1', short: '1', argument: 'required' },
      { key: '2', short: '2', argument: 'required' },
      { key: 'check', long: 'check-order' },
      { key: 'nocheck', long: 'nocheck-order' },
      { key: 'header', long: 'header' },
    ],
    missing: [{ key: 'z', short: 'z', long: 'zero-terminated' }],
  },
  function* (command) {
    const [one, two, extra] = command.operands;
    if (one === undefined) return yield* command.usage('missing operand');
    if (two === undefined) return yield* command.usage(`missing operand after ${quoteValue(one)}`);
    if (extra !== undefined) return yield* extraOperand(command, extra);
    const settings = settingsOf(command);
    if (typeof settings === 'string') {
      yield* command.fail(settings);
      return 1;
    }
    const a = yield* records(command, one, settings);
    const b = a && (yield* records(command, two, settings));
    if (!a || !b) return 1;
    if (command.options.has('header')) {
      const [x, y] = [a.shift(), b.shift()];
      if (x || y) put(command, settings, x, y);
    }
    return yield* merge(command, settings, [a, b]);
  },
);

function settingsOf({ options }: Command): JoinSettings | string {
  const number = (key: string): number => Number(options.value(key) ?? options.value('j') ?? 1);
  for (const key of ['1', '2', 'j']) {
    const text = options.value(key);
    if (text !== undefined && !/^[1-9]\d*$/.test(text))
      return `invalid field number: ${quoteValue(text)}`;
  }
  for (const key of ['a', 'v']) {
    const bad = options.values(key).find((text) => text !== '1' && text !== '2');
    if (bad !== undefined) return `invalid file number: ${quoteValue(bad)}`;
  }
  const format: [number, number][] = [];
  for (const word of options.values('o').flatMap((list) => list.split(/[\s,]+/))) {
    if (word === '0') format.push([0, 0]);
    else {
      const match = /^([12])\.([1-9]\d*)$/.exec(word);
      if (!match) return `invalid field specifier: ${quoteValue(word)}`;
      format.push([Number(match[1]), Number(match[2])]);
    }
  }
  const wants = (file: string): boolean =>
    options.values('a').includes(file) || options.values('v').includes(file);
  const separator = options.value('t');
  return {
    separator: separator === '\\0' ? '\0' : separator,
    fields: [number('1') - 1, number('2') - 1],
    fold: options.has('i'),
    format: format.length ? format : undefined,
    empty: options.value('e') ?? '',
    unpaired: [wants('1'), wants('2')],
    paired: !options.has('v'),
  };
}

function* records(
  command: Command,
  path: string,
  settings: JoinSettings,
): Routine<Record[] | undefined> {
  const reader = openOperand(command, path);
  if (isErrno(reader)) {
    yield* command.fileError(path, reader);
    return undefined;
  }
  const lines = decode(yield* reader.rest()).split('\n');
  if (lines.at(-1) === '') lines.pop();
  const { separator } = settings;
  return lines.map((line) =>
    separator === undefined
      ? line.replace(/^[ \t]+/, '').split(/[ \t]+/)
      : separator === ''
        ? [line]
        : line.split(separator),
  );
}

function put(command: Command, settings: JoinSettings, a?: Record, b?: Record): void {
  const { fields, format, empty } = settings;
  const common = a?.[fields[0]] ?? b?.[fields[1]] ?? '';
  const rest = (record: Record | undefined, field: number): string[] =>
    (record ?? []).filter((_, i) => i !== field);
  const cells = format
    ? format.map(([file, field]) =>
        file === 0 ? common : ((file === 1 ? a : b)?.[field - 1] ?? ''),
      )
    : [common, ...rest(a, fields[0]), ...rest(b, fields[1])];
  const text = cells.map((cell) => (cell === '' ? empty : cell)).join(settings.separator || ' ');
  command.out.put(encode(`${text}\n`));
}

function* merge(
  command: Command,
  settings: JoinSettings,
  files: readonly [readonly Record[], readonly Record[]],
): Routine<number> {
  const [a, b] = files;
  const key = (record: Record | undefined, file: 0 | 1): string => {
    const text = record?.[settings.fields[file]] ?? '';
    return settings.fold ? text.toUpperCase() : text;
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [x, y] = [key(a[i], 0), key(b[j], 1)];
    if (j >= b.length || (i < a.length && x < y)) {
      if (settings.unpaired[0]) put(command, settings, a[i]);
      i++;
    } else if (i >= a.length || y < x) {
      if (settings.unpaired[1]) put(command, settings, undefined, b[j]);
      j++;
    } else {
      let [p, q] = [i, j];
      while (p < a.length && key(a[p], 0) === x) p++;
      while (q < b.length && key(b[q], 1) === x) q++;
      if (settings.paired) {
        for (const left of a.slice(i, p))
          for (const right of b.slice(j, q)) put(command, settings, left, right);
      }
      [i, j] = [p, q];
    }
    yield* command.out.flush();
  }
  return yield* disorder(command, settings, files, key);
}

function* disorder(
  command: Command,
  settings: JoinSettings,
  files: readonly [readonly Record[], readonly Record[]],
  key: (record: Record | undefined, file: 0 | 1) => string,
): Routine<number> {
  if (command.options.has('nocheck')) return 0;
  let status = 0;
  for (const file of [0, 1] as const) {
    const at = files[file].findIndex(
      (record, i) => i > 0 && key(record, file) < key(files[file][i - 1], file),
    );
    if (at < 0) continue;
    const line = files[file][at]?.join(settings.separator ?? ' ') ?? '';
    yield* command.fail(`${command.operands[file]}:${at + 1}: is not sorted: ${line}`);
    status = 1;
  }
  if (status) yield* command.fail('input is not in sorted order');
  return status;
}
