// du: what the files of a tree take on the disk.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import { globPattern } from '../../libc/glob.ts';
import { quoteAlways, quoteValue } from '../../libc/quote.ts';
import { baseName, joinPath } from '../../libc/whole-file.ts';
import { type Command, gnu, parseSize } from './gnu.ts';
import { humanSize } from './list-format.ts';

interface Usage {
  readonly command: Command;
  readonly counted: Set<string>;
  readonly show: (bytes: number) => string;
  readonly most: number;
  /** --threshold: smaller entries are not shown, where it is negative larger ones. */
  readonly least: number;
  readonly exclude: readonly RegExp[];
  status: number;
}

export const du = gnu(
  {
    name: 'du',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'all', short: 'a', long: 'all' },
      { key: 'apparent', long: 'apparent-size' },
      { key: 'bytes', short: 'b', long: 'bytes' },
      { key: 'block', short: 'B', long: 'block-size', argument: 'required' },
      { key: 'total', short: 'c', long: 'total' },
      { key: 'depth', short: 'd', long: 'max-depth', argument: 'required' },
      { key: 'human', short: 'h', long: 'human-readable' },
      { key: 'k', short: 'k' },
      { key: 'm', short: 'm' },
      { key: 'follow', short: 'L', long: 'dereference' },
      { key: 'summary', short: 's', long: 'summarize' },
      { key: 'si', long: 'si' },
      { key: 'links', short: 'l', long: 'count-links' },
      { key: 'separate', short: 'S', long: 'separate-dirs' },
      { key: 'onefs', short: 'x', long: 'one-file-system' },
      { key: 'null', short: '0', long: 'null' },
      { key: 'threshold', short: 't', long: 'threshold', argument: 'required' },
      { key: 'exclude', long: 'exclude', argument: 'required' },
    ],
    missing: [
      { key: 'time', long: 'time', argument: 'optional' },
      { key: 'inodes', long: 'inodes' },
    ],
  },
  function* (command) {
    const { options, operands, out } = command;
    const depth = options.value('depth');
    if (depth !== undefined && !/^\d+$/.test(depth)) {
      return yield* command.usage(`invalid maximum depth ${quoteValue(depth)}`);
    }
    const fault = yield* summaryFault(command, depth);
    if (fault !== undefined) return fault;
    const least = thresholdOf(options.value('threshold'));
    if (least === undefined) {
      const value = quoteValue(options.value('threshold') ?? '');
      yield* command.fail(`invalid --threshold argument ${value}`);
      return 1;
    }
    const scale = options.last('human', 'si', 'k', 'm', 'bytes', 'block');
    const block =
      parseSize(
        /^\d/.test(options.value('block') ?? '')
          ? (options.value('block') ?? '')
          : `1${options.value('block') ?? 'K'}`,
      ) ?? 1024;
    const unit =
      scale === 'm' ? 1024 ** 2 : scale === 'bytes' ? 1 : scale === 'block' ? block : 1024;
    const run: Usage = {
      command,
      counted: new Set(),
      status: 0,
      least,
      most: options.has('summary') ? 0 : Number(depth ?? Number.POSITIVE_INFINITY),
      exclude: options.values('exclude').map((pattern) => globPattern(pattern)),
      show: (bytes) =>
        scale === 'human'
          ? humanSize(bytes)
          : scale === 'si'
            ? humanSize(bytes, 1000)
            : String(Math.ceil(bytes / unit)),
    };
    let total = 0;
    for (const path of operands.length ? operands : ['.'])
      total += (yield* usageOf(run, path, 0)) ?? 0;
    if (options.has('total')) yield* out.print(`${run.show(total)}\ttotal\n`);
    return run.status;
  },
);

/** What is said where -s stands beside -a or a depth; the status where du does not go on. */
function* summaryFault(command: Command, depth: string | undefined): Routine<number | undefined> {
  const { options } = command;
  if (!options.has('summary')) return undefined;
  if (options.has('all')) return yield* command.usage('cannot both summarize and show all entries');
  if (depth === undefined) return undefined;
  if (Number(depth) === 0) {
    yield* command.fail('warning: summarizing is the same as using --max-depth=0');
    return undefined;
  }
  return yield* command.usage(`warning: summarizing conflicts with --max-depth=${Number(depth)}`);
}

/** The bytes of --threshold; undefined where it is no size, or a negative nothing. */
function thresholdOf(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  const size = parseSize(text.replace(/^[-+]/, ''));
  if (size === undefined || (size === 0 && text.startsWith('-'))) return undefined;
  return text.startsWith('-') ? -size : size;
}

function* usageOf(
  run: Usage,
  path: string,
  depth: number,
  device?: number,
): Routine<number | undefined> {
  const { command } = run;
  const { process, options, out } = command;
  if (run.exclude.some((pattern) => pattern.test(baseName(path)) || pattern.test(path)))
    return undefined;
  const stat = options.has('follow') ? process.stat(path) : process.lstat(path);
  if (isErrno(stat)) {
    yield* command.fail(`cannot access ${quoteAlways(path)}: ${stat.message}`);
    run.status = 1;
    return undefined;
  }
  if (options.has('onefs') && device !== undefined && stat.device !== device) return 0;
  const directory = (stat.mode & S_IFMT) === S_IFDIR;
  const id = `${stat.device}:${stat.inode}`;
  if (!options.has('links') && (stat.nlink > 1 || depth === 0)) {
    if (run.counted.has(id)) return undefined;
    run.counted.add(id);
  }
  const apparent = options.has('apparent') || options.has('bytes');
  const own = apparent ? stat.size : stat.blocks * 512;
  let sum = own;
  if (directory) {
    const entries = process.readdir(path);
    if (isErrno(entries)) {
      yield* command.fail(`cannot read directory ${quoteAlways(path)}: ${entries.message}`);
      run.status = 1;
    } else {
      for (const entry of entries) {
        const below = yield* usageOf(run, joinPath(path, entry.name), depth + 1, stat.device);
        if (below !== undefined && !(options.has('separate') && entry.kind === S_IFDIR))
          sum += below;
      }
    }
  }
  yield* process.work(1000);
  const shown = directory || options.has('all') || depth === 0;
  const fits = run.least < 0 ? sum <= -run.least : sum >= run.least;
  if (shown && fits && depth <= run.most)
    yield* out.print(`${run.show(sum)}\t${path}${options.has('null') ? '\0' : '\n'}`);
  return sum;
}
