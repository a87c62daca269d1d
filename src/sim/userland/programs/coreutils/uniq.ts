// uniq: neighbouring lines that are the same.

import { binaryBytes, binaryString } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/files/open-file.ts';
import { quoteName } from '../../libc/quote.ts';
import { type Reader, Writer } from '../../libc/stdio.ts';
import { type Command, extraOperand, gnu, openOperand } from './gnu.ts';

export const uniq = gnu(
  {
    name: 'uniq',
    usage: ['[OPTION]... [INPUT [OUTPUT]]'],
    options: [
      { key: 'count', short: 'c', long: 'count' },
      { key: 'repeated', short: 'd', long: 'repeated' },
      { key: 'all', short: 'D' },
      { key: 'allrepeated', long: 'all-repeated', argument: 'optional' },
      { key: 'group', long: 'group', argument: 'optional' },
      { key: 'fields', short: 'f', long: 'skip-fields', argument: 'required' },
      { key: 'ignore', short: 'i', long: 'ignore-case' },
      { key: 'skip', short: 's', long: 'skip-chars', argument: 'required' },
      { key: 'unique', short: 'u', long: 'unique' },
      { key: 'zero', short: 'z', long: 'zero-terminated' },
      { key: 'check', short: 'w', long: 'check-chars', argument: 'required' },
    ],
  },
  function* (command) {
    const { options, operands, process } = command;
    const [input = '-', output, extra] = operands;
    if (extra !== undefined) return yield* extraOperand(command, extra);
    for (const [key, what] of [
      ['fields', 'fields to skip'],
      ['skip', 'bytes to skip'],
      ['check', 'bytes to compare'],
    ] as const) {
      const text = options.value(key);
      if (text === undefined || /^\d+$/.test(text)) continue;
      yield* command.fail(`${text}: invalid number of ${what}`);
      return 1;
    }
    const wrong = groupingRefused(command);
    if (wrong !== undefined) return yield* command.usage(wrong);
    const reader = openOperand(command, input);
    if (isErrno(reader)) {
      yield* command.fileError(input, reader);
      return 1;
    }
    let { out } = command;
    if (output !== undefined && output !== '-') {
      const fd = process.open(output, O_WRONLY | O_CREAT | O_TRUNC);
      if (isErrno(fd)) {
        yield* command.fileError(output, fd);
        return 1;
      }
      out = new Writer(process, fd);
    }
    yield* uniqueLines(command, reader, out);
    yield* out.flush();
    if (!reader.failure) return 0;
    yield* command.fail(`error reading ${quoteName(input)}: ${reader.failure.message}`);
    return 1;
  },
);

const GROUPINGS = ['prepend', 'append', 'separate', 'both'];
const DELIMITERS = ['none', 'prepend', 'separate'];

/** What is wrong with --group, --all-repeated and what they stand with. */
function groupingRefused({ options }: Command): string | undefined {
  for (const [key, long, known] of [
    ['group', 'group', GROUPINGS],
    ['allrepeated', 'all-repeated', DELIMITERS],
  ] as const) {
    const given = options.value(key);
    if (!options.has(key) || !given || known.includes(given)) continue;
    const list = known.map((name) => `\n  - ‘${name}’`).join('');
    return `invalid argument ‘${given}’ for ‘--${long}’\nValid arguments are:${list}`;
  }
  const chosen = ['count', 'repeated', 'all', 'allrepeated', 'unique'].some((key) =>
    options.has(key),
  );
  if (options.has('group') && chosen) return '--group is mutually exclusive with -c/-d/-D/-u';
  if (options.has('count') && (options.has('all') || options.has('allrepeated')))
    return 'printing all duplicated lines and repeat counts is meaningless';
  return undefined;
}

/** Where empty lines go around groups. */
interface Delimiting {
  readonly whole: boolean;
  readonly before: boolean;
  readonly between: boolean;
  readonly after: boolean;
}

function delimiting({ options }: Command): Delimiting {
  const way = options.has('group')
    ? options.value('group') || 'separate'
    : options.has('allrepeated')
      ? options.value('allrepeated') || 'none'
      : 'none';
  return {
    whole: options.has('group'),
    before: way === 'prepend' || way === 'both',
    between: way === 'separate' || way === 'append' || way === 'both',
    after: way === 'append' || way === 'both',
  };
}

function* uniqueLines(command: Command, reader: Reader, out: Writer): Routine<void> {
  const { options } = command;
  const end = options.has('zero') ? '\0' : '\n';
  const part = comparedPart(command);
  const around = delimiting(command);
  const all = options.has('all') || options.has('allrepeated') || around.whole;
  let shown = 0;
  const group: string[] = [];
  let before: string | undefined;
  const flush = function* (): Routine<void> {
    const [first] = group;
    if (first === undefined) return;
    const repeated = group.length > 1;
    if (all) {
      if (repeated || around.whole) {
        const gap = shown++ > 0 ? around.before || around.between : around.before;
        if (gap) yield* out.print(binaryBytes(end));
        for (const line of group) yield* out.print(binaryBytes(line + end));
      }
    } else if (repeated ? !options.has('unique') : !options.has('repeated')) {
      const count = options.has('count') ? `${String(group.length).padStart(7)} ` : '';
      yield* out.print(binaryBytes(count + first + end));
    }
    group.length = 0;
  };
  for (;;) {
    const bytes = yield* reader.lineBytes(end.charCodeAt(0));
    if (!bytes) break;
    yield* command.process.work(bytes.length);
    const text = binaryString(bytes);
    const line = text.endsWith(end) ? text.slice(0, -1) : text;
    const key = part(line);
    if (before !== key) yield* flush();
    before = key;
    if (group.length < 2 || all || options.has('count')) group.push(line);
  }
  yield* flush();
  if (shown > 0 && around.after) yield* out.print(binaryBytes(end));
}

function comparedPart({ options }: Command): (line: string) => string {
  const fields = Number(options.value('fields') ?? 0);
  const skip = Number(options.value('skip') ?? 0);
  const check = options.value('check');
  const fold = options.has('ignore');
  const skipFields = new RegExp(`^(?:[ \\t]*[^ \\t]*){0,${fields}}`);
  return (line) => {
    let text = fields > 0 ? line.replace(skipFields, '') : line;
    if (skip > 0) text = text.slice(skip);
    if (check !== undefined) text = text.slice(0, Number(check));
    return fold ? text.toLowerCase() : text;
  };
}
