// sort and shuf. Random orders come from the machine's entropy.

import { binaryBytes, binaryString, decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { quoteName, quoteValue } from '../../libc/quote.ts';
import { writeFile } from '../../libc/whole-file.ts';
import { type Command, filesOf, gnu, openOperand } from './gnu.ts';
import {
  compareValues,
  type Key,
  keyText,
  noOrdering,
  ORDERING_LETTERS,
  type Ordering,
  parseKey,
  type SortValue,
  sortValue,
} from './sort-keys.ts';

const ORDERINGS = [
  { key: 'b', short: 'b', long: 'ignore-leading-blanks' },
  { key: 'd', short: 'd', long: 'dictionary-order' },
  { key: 'f', short: 'f', long: 'ignore-case' },
  { key: 'g', short: 'g', long: 'general-numeric-sort' },
  { key: 'i', short: 'i', long: 'ignore-nonprinting' },
  { key: 'M', short: 'M', long: 'month-sort' },
  { key: 'h', short: 'h', long: 'human-numeric-sort' },
  { key: 'n', short: 'n', long: 'numeric-sort' },
  { key: 'R', short: 'R', long: 'random-sort' },
  { key: 'r', short: 'r', long: 'reverse' },
  { key: 'V', short: 'V', long: 'version-sort' },
] as const;

/** A line with the values of its keys. */
interface Item {
  readonly line: string;
  readonly values: readonly SortValue[];
}

interface Rules {
  readonly keys: readonly Key[];
  readonly global: Ordering;
  readonly separator: string | undefined;
  readonly stable: boolean;
  readonly unique: boolean;
}

export const sort = gnu(
  {
    name: 'sort',
    usage: ['[OPTION]... [FILE]...', '[OPTION]... --files0-from=F'],
    usageStatus: 2,
    options: [
      ...ORDERINGS,
      { key: 'check', short: 'c' },
      { key: 'quietcheck', short: 'C' },
      { key: 'checks', long: 'check', argument: 'optional' },
      { key: 'sort', long: 'sort', argument: 'required' },
      { key: 'key', short: 'k', long: 'key', argument: 'required' },
      { key: 'merge', short: 'm', long: 'merge' },
      { key: 'output', short: 'o', long: 'output', argument: 'required' },
      { key: 'stable', short: 's', long: 'stable' },
      { key: 'size', short: 'S', long: 'buffer-size', argument: 'required' },
      { key: 'separator', short: 't', long: 'field-separator', argument: 'required' },
      { key: 'temporary', short: 'T', long: 'temporary-directory', argument: 'required' },
      { key: 'parallel', long: 'parallel', argument: 'required' },
      { key: 'unique', short: 'u', long: 'unique' },
      { key: 'zero', short: 'z', long: 'zero-terminated' },
    ],
    missing: [
      { key: 'debug', long: 'debug' },
      { key: 'files0', long: 'files0-from', argument: 'required' },
    ],
  },
  function* (command) {
    const { options, operands, process } = command;
    const rules = rulesOf(command);
    if (typeof rules === 'string') {
      yield* command.fail(rules);
      return 2;
    }
    const end = options.has('zero') ? '\0' : '\n';
    const check = options.has('check') || options.has('quietcheck') || options.has('checks');
    if (check && operands.length > 1) {
      yield* command.fail(`extra operand ${quoteValue(operands[1] ?? '')} not allowed with -c`);
      return 2;
    }
    const lines = yield* readLines(command, filesOf(command), end);
    if (!lines) return 2;
    if (check) return yield* checkOrder(command, rules, lines);
    const sorted = sortLines(lines, rules);
    yield* process.work(lines.length * 600);
    const bytes = binaryBytes(sorted.map((line) => line + end).join(''));
    const output = options.value('output');
    if (output !== undefined) {
      const failure = yield* writeFile(process, output, bytes);
      if (!failure) return 0;
      yield* command.fail(`open failed: ${quoteName(output)}: ${failure.message}`);
      return 2;
    }
    yield* command.out.print(bytes);
    return 0;
  },
);

function rulesOf({ options }: Command): Rules | string {
  const global = noOrdering();
  for (const [letter, name] of Object.entries(ORDERING_LETTERS))
    if (options.has(letter)) global[name] = true;
  const word = options.value('sort');
  if (word !== undefined) {
    const name = (
      {
        'general-numeric': 'general',
        'human-numeric': 'human',
        month: 'month',
        numeric: 'numeric',
        random: 'random',
        version: 'version',
      } as const
    )[word];
    if (!name) return `invalid argument ${quoteValue(word)} for ${quoteValue('--sort')}`;
    global[name] = true;
  }
  const separator = options.value('separator');
  if (separator === '') return 'empty tab';
  if (separator !== undefined && separator !== '\\0' && encode(separator).length > 1) {
    return `multi-character tab ${quoteValue(separator)}`;
  }
  const keys: Key[] = [];
  for (const text of options.values('key')) {
    const key = parseKey(text, global);
    if (typeof key === 'string') return key;
    keys.push(key);
  }
  for (const ordering of [global, ...keys.map((key) => key.ordering)]) {
    const clash = [...'ghMnRV'].filter((letter) => ordering[ORDERING_LETTERS[letter] ?? 'numeric']);
    if (clash.length > 1 && !(clash.join('') === 'RV')) {
      return `options '-${clash.join('')}' are incompatible`;
    }
  }
  return {
    keys,
    global,
    stable: options.has('stable'),
    unique: options.has('unique'),
    separator: separator === '\\0' ? '\0' : separator,
  };
}

function* readLines(
  command: Command,
  paths: readonly string[],
  end: string,
): Routine<string[] | undefined> {
  const lines: string[] = [];
  for (const path of paths) {
    const reader = openOperand(command, path);
    if (isErrno(reader)) {
      yield* command.fail(`cannot read: ${quoteName(path)}: ${reader.message}`);
      return undefined;
    }
    const bytes = yield* reader.rest();
    if (reader.failure) {
      yield* command.fail(`read failed: ${quoteName(path)}: ${reader.failure.message}`);
      return undefined;
    }
    yield* command.process.work(bytes.length);
    const found = binaryString(bytes).split(end);
    if (found.at(-1) === '') found.pop();
    for (const line of found) lines.push(line);
  }
  return lines;
}

function itemOf(line: string, rules: Rules): Item {
  const { keys, global, separator } = rules;
  if (keys.length === 0) {
    const text = global.blanks ? line.replace(/^[ \t]+/, '') : line;
    return { line, values: [sortValue(text, global)] };
  }
  return {
    line,
    values: keys.map((key) => sortValue(keyText(line, key, separator), key.ordering)),
  };
}

function compareKeys(a: Item, b: Item, rules: Rules): number {
  const { keys, global } = rules;
  for (let i = 0; i < a.values.length; i++) {
    const ordering = keys[i]?.ordering ?? global;
    const order = compareValues(a.values[i] ?? '', b.values[i] ?? '', ordering);
    if (order !== 0) return ordering.reverse ? -order : order;
  }
  return 0;
}

function compareItems(a: Item, b: Item, rules: Rules): number {
  const order = compareKeys(a, b, rules);
  if (order !== 0 || rules.stable || rules.unique) return order;
  const last = a.line < b.line ? -1 : a.line > b.line ? 1 : 0;
  return rules.global.reverse ? -last : last;
}

function isPlain({ keys, global }: Rules): boolean {
  return (
    keys.length === 0 && !Object.entries(global).some(([name, on]) => on && name !== 'reverse')
  );
}

function sortLines(lines: readonly string[], rules: Rules): readonly string[] {
  if (isPlain(rules)) {
    const sorted = [...(rules.unique ? new Set(lines) : lines)].sort(byBytes);
    return rules.global.reverse ? sorted.reverse() : sorted;
  }
  const items = lines.map((line) => itemOf(line, rules));
  if (rules.global.random || rules.keys.some((key) => key.ordering.random))
    return randomOrder(lines);
  items.sort((a, b) => compareItems(a, b, rules));
  const kept = rules.unique
    ? items.filter((item, i) => i === 0 || compareKeys(items[i - 1] ?? item, item, rules) !== 0)
    : items;
  return kept.map((item) => item.line);
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Equal lines stay together: ordered by a hash of each. */
function randomOrder(lines: readonly string[]): readonly string[] {
  const hash = (text: string): number => {
    let h = 2166136261;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
    return h;
  };
  return [...lines].sort((a, b) => hash(a) - hash(b) || byBytes(a, b));
}

function* checkOrder(command: Command, rules: Rules, lines: readonly string[]): Routine<number> {
  let before: Item | undefined;
  for (const [i, line] of lines.entries()) {
    const item = itemOf(line, rules);
    const order = before ? compareItems(before, item, rules) : -1;
    if (order > 0 || (order === 0 && rules.unique)) {
      const quiet =
        command.options.has('quietcheck') ||
        /^(quiet|silent)$/.test(command.options.value('checks') ?? '');
      if (!quiet) {
        const name = command.operands[0] ?? '-';
        yield* command.fail(`${name}:${i + 1}: disorder: ${decode(binaryBytes(line))}`);
      }
      return 1;
    }
    before = item;
  }
  return 0;
}

export const shuf = gnu(
  {
    name: 'shuf',
    usage: ['[OPTION]... [FILE]', '-e [OPTION]... [ARG]...', '-i LO-HI [OPTION]...'],
    options: [
      { key: 'echo', short: 'e', long: 'echo' },
      { key: 'range', short: 'i', long: 'input-range', argument: 'required' },
      { key: 'count', short: 'n', long: 'head-count', argument: 'required' },
      { key: 'output', short: 'o', long: 'output', argument: 'required' },
      { key: 'repeat', short: 'r', long: 'repeat' },
      { key: 'zero', short: 'z', long: 'zero-terminated' },
    ],
    missing: [{ key: 'source', long: 'random-source', argument: 'required' }],
  },
  function* (command) {
    const { options, operands, process } = command;
    const end = options.has('zero') ? '\0' : '\n';
    const range = options.value('range');
    const count = options.value('count');
    if (count !== undefined && !/^\d+$/.test(count)) {
      yield* command.fail(`invalid line count: ${quoteValue(count)}`);
      return 1;
    }
    let lines: string[] | undefined;
    if (range !== undefined) {
      const match = /^(\d+)-(\d+)$/.exec(range);
      const [lo, hi] = [Number(match?.[1]), Number(match?.[2])];
      if (!match || hi < lo - 1) {
        yield* command.fail(`invalid input range: ${quoteValue(range)}`);
        return 1;
      }
      lines = Array.from({ length: hi - lo + 1 }, (_, i) => String(lo + i));
    } else if (options.has('echo')) lines = operands.map((word) => binaryString(encode(word)));
    else lines = yield* readLines(command, filesOf(command).slice(0, 1), end);
    if (!lines) return 1;
    const random = process.simulation.random.fork(`shuf ${process.pid} ${process.now}`);
    const most =
      count === undefined
        ? options.has('repeat')
          ? Number.POSITIVE_INFINITY
          : lines.length
        : Number(count);
    for (let i = 0; i < most && lines.length > 0 && !command.out.failure; i++) {
      const at = random.int(lines.length);
      const picked = lines[at] ?? '';
      if (!options.has('repeat')) {
        const last = lines.pop();
        if (last !== undefined && at < lines.length) lines[at] = last;
      }
      yield* command.out.print(binaryBytes(picked + end));
    }
    return 0;
  },
);
