// cmp 3.8 (GNU diffutils): where two files first differ, or every byte in which they do.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { visible } from '../coreutils/cat.ts';
import { type Command, gnu, openOperand, parseSize } from '../coreutils/gnu.ts';
import { plainError } from './diff-files.ts';

/** What limits the comparison: bytes skipped at the start of each file, and how many count. */
interface Extent {
  readonly skips: readonly [number, number];
  readonly limit: number;
}

export const cmp = gnu(
  {
    name: 'cmp',
    usage: ['[OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]'],
    usageStatus: 2,
    named: true,
    version: '(GNU diffutils) 3.8',
    options: [
      { key: 'print', short: 'b', long: 'print-bytes' },
      { key: 'skip', short: 'i', long: 'ignore-initial', argument: 'required' },
      { key: 'verbose', short: 'l', long: 'verbose' },
      { key: 'limit', short: 'n', long: 'bytes', argument: 'required' },
      { key: 'silent', short: 's', long: 'quiet silent' },
    ],
  },
  function* (command) {
    const { operands, options } = command;
    if (options.has('verbose') && options.has('silent')) {
      return yield* command.usage('options -l and -s are incompatible');
    }
    const extent = extentOf(command);
    if (typeof extent === 'string') return yield* command.usage(extent);
    if (operands.length === 0) {
      return yield* command.usage(`missing operand after '${command.args.at(-1) ?? command.name}'`);
    }
    if (operands.length > 4) return yield* command.usage(`extra operand '${operands[4] ?? ''}'`);
    const paths = [operands[0] ?? '-', operands[1] ?? '-'] as const;
    const files: Uint8Array[] = [];
    for (const [i, path] of paths.entries()) {
      const bytes = yield* readSide(
        command,
        path,
        i > 0 && paths[0] === path ? files[0] : undefined,
      );
      if (!bytes) return 2;
      const skip = extent.skips[i] ?? 0;
      files.push(bytes.subarray(skip, skip + extent.limit));
    }
    const [a = new Uint8Array(0), b = a] = files;
    return yield* compareBytes(command, paths, a, b, extent);
  },
);

function extentOf({ options, operands }: Command): Extent | string {
  const given = options.value('skip');
  const [first = '0', second = first] = given?.split(':') ?? [
    operands[2] ?? '0',
    operands[3] ?? '0',
  ];
  const skips = [parseSize(first), parseSize(second)];
  for (const [i, skip] of skips.entries()) {
    if (skip === undefined)
      return `invalid --ignore-initial value '${given ?? operands[2 + i] ?? ''}'`;
  }
  const text = options.value('limit');
  const limit = text === undefined ? Number.MAX_SAFE_INTEGER : parseSize(text);
  if (limit === undefined) return `invalid --bytes value '${text ?? ''}'`;
  return { skips: [skips[0] ?? 0, skips[1] ?? 0], limit };
}

/** Every byte of a file; `again` where it is the file already read. */
function* readSide(
  command: Command,
  path: string,
  again: Uint8Array | undefined,
): Routine<Uint8Array | undefined> {
  if (again && path === '-') return again;
  const quiet = command.options.has('silent');
  const reader = openOperand(command, path);
  const bytes = isErrno(reader) ? reader : yield* reader.rest();
  const failure = isErrno(reader) ? reader : reader.failure;
  if (isErrno(bytes) || failure) {
    if (!quiet && failure) yield* plainError(command, path, failure);
    return undefined;
  }
  return bytes;
}

function* compareBytes(
  command: Command,
  paths: readonly [string, string],
  a: Uint8Array,
  b: Uint8Array,
  extent: Extent,
): Routine<number> {
  const { options, out } = command;
  const length = Math.min(a.length, b.length);
  yield* command.process.work(length / 4);
  const all = options.has('verbose');
  const numberWidth = all ? String(Math.min(extent.limit, Math.max(a.length, b.length))).length : 0;
  let differ = false;
  let line = 1;
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    if (x !== y) {
      differ = true;
      if (options.has('silent')) return 1;
      if (!all) {
        yield* out.print(
          `${paths[0]} ${paths[1]} differ: byte ${i + 1}, line ${line}${pair(options.has('print'), x, y)}\n`,
        );
        return 1;
      }
      const columns = options.has('print')
        ? `${octal(x)} ${visible(x).padEnd(4)} ${octal(y)} ${visible(y)}`
        : `${octal(x)} ${octal(y)}`;
      out.put(`${String(i + 1).padStart(numberWidth)} ${columns}\n`);
    }
    if (x === 10) line++;
  }
  if (a.length === b.length) return differ ? 1 : 0;
  if (options.has('silent')) return 1;
  const shorter = a.length < b.length ? a : b;
  const name = shorter === a ? paths[0] : paths[1];
  yield* command.fail(`EOF on ${name}${whereItEnds(shorter, all)}`);
  return 1;
}

const octal = (byte: number): string => byte.toString(8).padStart(3);

function pair(shown: boolean, x: number, y: number): string {
  return shown ? ` is ${octal(x)} ${visible(x)} ${octal(y)} ${visible(y)}` : '';
}

function whereItEnds(bytes: Uint8Array, all: boolean): string {
  if (bytes.length === 0) return ' which is empty';
  if (all) return ` after byte ${bytes.length}`;
  const lines = bytes.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
  const whole = bytes.at(-1) === 10;
  return ` after byte ${bytes.length}, ${whole ? `line ${lines}` : `in line ${lines + 1}`}`;
}
