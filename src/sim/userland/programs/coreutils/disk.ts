// du, df, dd.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import {
  O_APPEND,
  O_DIRECT,
  O_CREAT,
  O_EXCL,
  O_TRUNC,
  O_WRONLY,
} from '../../../kernel/files/open-file.ts';
import { fixed } from '../../libc/format.ts';
import { globPattern } from '../../libc/glob.ts';
import { quoteAlways, quoteValue } from '../../libc/quote.ts';
import { baseName, joinPath, readFile, writeAll } from '../../libc/whole-file.ts';
import { type Command, gnu, parseSize } from './gnu.ts';
import { humanSize } from './list-format.ts';

interface Usage {
  readonly command: Command;
  readonly counted: Set<string>;
  readonly show: (bytes: number) => string;
  readonly most: number;
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
  if (shown && depth <= run.most)
    yield* out.print(`${run.show(sum)}\t${path}${options.has('null') ? '\0' : '\n'}`);
  return sum;
}

/** A line of /proc/self/mounts. */
interface MountLine {
  readonly source: string;
  readonly target: string;
  readonly type: string;
}

export const df = gnu(
  {
    name: 'df',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'all', short: 'a', long: 'all' },
      { key: 'block', short: 'B', long: 'block-size', argument: 'required' },
      { key: 'human', short: 'h', long: 'human-readable' },
      { key: 'si', short: 'H', long: 'si' },
      { key: 'inodes', short: 'i', long: 'inodes' },
      { key: 'k', short: 'k' },
      { key: 'm', short: 'm' },
      { key: 'local', short: 'l', long: 'local' },
      { key: 'posix', short: 'P', long: 'portability' },
      { key: 'type', short: 't', long: 'type', argument: 'required' },
      { key: 'types', short: 'T', long: 'print-type' },
      { key: 'exclude', short: 'x', long: 'exclude-type', argument: 'required' },
      { key: 'output', long: 'output', argument: 'optional' },
      { key: 'total', long: 'total' },
    ],
  },
  function* (command) {
    const { process, options, operands, out } = command;
    const mounts = yield* readMounts(command);
    const wanted: { line: MountLine; path: string }[] = [];
    let status = 0;
    for (const path of operands) {
      const found = process.statfs(path);
      const real = process.realpath(path);
      if (isErrno(found) || isErrno(real)) {
        const error = isErrno(found) ? found : (real as Errno);
        yield* command.fail(`${path}: ${error.message}`);
        status = 1;
        continue;
      }
      const line = mounts.findLast(
        (m) => real === m.target || m.target === '/' || real.startsWith(`${m.target}/`),
      );
      const best =
        mounts
          .filter(
            (m) => real === m.target || real.startsWith(m.target === '/' ? '/' : `${m.target}/`),
          )
          .sort((a, b) => a.target.length - b.target.length)
          .at(-1) ?? line;
      if (best) wanted.push({ line: best, path });
    }
    if (operands.length === 0) {
      for (const line of mounts) {
        const found = process.statfs(line.target);
        const empty = isErrno(found) || found.use.total === 0;
        const kept = options.has('all') || (!empty && !HIDDEN.has(line.type));
        if (kept) wanted.push({ line, path: line.target });
      }
    }
    const [only, not] = [options.values('type'), options.values('exclude')];
    const rows = wanted.filter(
      ({ line }) => (only.length === 0 || only.includes(line.type)) && !not.includes(line.type),
    );
    if (rows.length === 0 && status === 0) {
      yield* command.fail('no file systems processed');
      return 1;
    }
    if (rows.length) yield* out.print(dfTable(command, rows));
    return status;
  },
);

const HIDDEN = new Set([
  'proc',
  'sysfs',
  'cgroup2',
  'devpts',
  'mqueue',
  'nsfs',
  'securityfs',
  'debugfs',
  'tracefs',
  'bpf',
  'pstore',
]);

function* readMounts({ process }: Command): Routine<MountLine[]> {
  const bytes = yield* readFile(process, '/proc/self/mounts');
  const plain = (text: string): string =>
    text.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
  if (isErrno(bytes)) return [{ source: '/dev/vda1', target: '/', type: 'ext4' }];
  return decode(bytes)
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [source = '', target = '', type = ''] = line.split(' ');
      return { source: plain(source), target: plain(target), type };
    });
}

function dfTable(
  { process, options }: Command,
  rows: readonly { line: MountLine; path: string }[],
): string {
  const inodes = options.has('inodes');
  const scale = options.last('human', 'si', 'm', 'k', 'block', 'posix');
  const blockText = options.value('block') ?? '1K';
  const unit =
    scale === 'm'
      ? 1024 ** 2
      : scale === 'block'
        ? (parseSize(/^\d/.test(blockText) ? blockText : `1${blockText}`) ?? 1024)
        : 1024;
  const human = scale === 'human' ? 1024 : scale === 'si' ? 1000 : undefined;
  const amount = (bytes: number): string =>
    inodes
      ? human
        ? humanSize(bytes, human)
        : String(bytes)
      : human
        ? humanSize(bytes, human)
        : String(Math.ceil(bytes / unit));
  const sizeTitle = human
    ? 'Size'
    : scale === 'm'
      ? '1M-blocks'
      : scale === 'block'
        ? `${blockText}-blocks`
        : options.has('posix')
          ? '1024-blocks'
          : '1K-blocks';
  const titles = [
    'Filesystem',
    ...(options.has('types') ? ['Type'] : []),
    ...(inodes
      ? ['Inodes', 'IUsed', 'IFree', 'IUse%']
      : [
          sizeTitle,
          'Used',
          human ? 'Avail' : 'Available',
          options.has('posix') ? 'Capacity' : 'Use%',
        ]),
    'Mounted on',
  ];
  const table = [titles];
  for (const { line } of rows) {
    const found = process.statfs(line.target);
    const use = isErrno(found) ? { total: 0, used: 0, files: 0 } : found.use;
    const total = inodes ? 2_621_440 : use.total;
    const used = inodes ? use.files : use.used;
    const percent = total === 0 ? '-' : `${Math.ceil((used / total) * 100)}%`;
    table.push([
      line.source,
      ...(options.has('types') ? [line.type] : []),
      amount(total),
      amount(used),
      amount(total - used),
      percent,
      line.target,
    ]);
  }
  const widths = titles.map((_, i) =>
    Math.max(
      i === 0 ? 14 : i >= titles.length - 1 ? 0 : 5,
      ...table.map((row) => row[i]?.length ?? 0),
    ),
  );
  const left = options.has('types') ? 2 : 1;
  return table
    .map(
      (row) =>
        `${row
          .map((cell, i) => {
            const last = i === row.length - 1;
            const width = /%$|^Capacity$/.test(titles[i] ?? '')
              ? Math.max(4, ...table.map((r) => r[i]?.length ?? 0))
              : (widths[i] ?? 0);
            return last
              ? cell
              : i < left
                ? cell.padEnd(i === 0 ? width : Math.max(4, ...table.map((r) => r[i]?.length ?? 0)))
                : cell.padStart(width);
          })
          .join(' ')}\n`,
    )
    .join('');
}

export const dd = gnu({ name: 'dd', usage: ['[OPERAND]...', 'OPTION'] }, function* (command) {
  const words = new Map<string, string>();
  for (const word of command.operands) {
    const at = word.indexOf('=');
    const key = word.slice(0, Math.max(0, at));
    if (!/^(if|of|bs|ibs|obs|count|skip|seek|iseek|oseek|conv|status|iflag|oflag|cbs)$/.test(key)) {
      return yield* command.usage(`unrecognized operand ${quoteValue(word)}`);
    }
    words.set(key, word.slice(at + 1));
  }
  const numbers: Record<string, number> = {};
  for (const key of ['bs', 'ibs', 'obs', 'count', 'skip', 'seek', 'iseek', 'oseek']) {
    const text = words.get(key);
    if (text === undefined) continue;
    const value = text
      .split('x')
      .map(parseSize)
      .reduce<number | undefined>(
        (a, b) => (a === undefined || b === undefined ? undefined : a * b),
        1,
      );
    if (value === undefined || (value === 0 && key.endsWith('bs'))) {
      yield* command.fail(`invalid number: ${quoteValue(text)}`);
      return 1;
    }
    numbers[key] = value;
  }
  return yield* copyBlocks(command, words, numbers);
});

function* copyBlocks(
  command: Command,
  words: ReadonlyMap<string, string>,
  numbers: Readonly<Record<string, number>>,
): Routine<number> {
  const { process } = command;
  const conversions = new Set((words.get('conv') ?? '').split(',').filter(Boolean));
  const [from, to] = [words.get('if'), words.get('of')];
  const size = numbers['bs'] ?? numbers['ibs'] ?? 512;
  const outSize = numbers['bs'] ?? numbers['obs'] ?? 512;
  const input = from === undefined ? 0 : process.open(from);
  if (isErrno(input)) {
    yield* command.fail(`failed to open ${quoteAlways(from ?? '')}: ${input.message}`);
    return 1;
  }
  const seek = numbers['seek'] ?? numbers['oseek'] ?? 0;
  const outputFlags = (words.get('oflag') ?? '').split(',');
  const append = outputFlags.includes('append') ? O_APPEND : 0;
  const direct = outputFlags.includes('direct') ? O_DIRECT : 0;
  const flags =
    O_WRONLY |
    append |
    direct |
    (conversions.has('nocreat') ? 0 : O_CREAT) |
    (conversions.has('excl') ? O_EXCL : 0) |
    (conversions.has('notrunc') || seek > 0 || append ? 0 : O_TRUNC);
  const output = to === undefined ? 1 : process.open(to, flags);
  if (isErrno(output)) {
    yield* command.fail(`failed to open ${quoteAlways(to ?? '')}: ${output.message}`);
    return 1;
  }
  if (seek > 0) {
    if (!conversions.has('notrunc')) process.ftruncate(output, seek * outSize);
    process.lseek(output, seek * outSize, 0);
  }
  const started = process.now;
  const skip = (numbers['skip'] ?? numbers['iseek'] ?? 0) * size;
  if (skip > 0 && isErrno(process.lseek(input, skip, 1))) {
    for (let left = skip; left > 0; ) {
      const bytes = yield* process.read(input, Math.min(left, 65_536));
      if (isErrno(bytes) || bytes.length === 0) break;
      left -= bytes.length;
    }
  }
  const counts = { full: 0, partial: 0, bytes: 0 };
  const most = (words.get('iflag') ?? '').includes('count_bytes')
    ? Math.ceil((numbers['count'] ?? 0) / size)
    : (numbers['count'] ?? Number.POSITIVE_INFINITY);
  let failure: string | undefined;
  while (counts.full + counts.partial < most && !failure) {
    const block = yield* readBlock(
      process,
      input,
      size,
      (words.get('iflag') ?? '').includes('fullblock'),
    );
    if (isErrno(block))
      failure = `error reading ${quoteAlways(from ?? 'standard input')}: ${block.message}`;
    else if (block.length === 0) break;
    else {
      if (block.length === size) counts.full++;
      else counts.partial++;
      yield* process.work(block.length / 4 + 500);
      const bytes = convertBlock(block, conversions, size);
      const error = yield* writeAll(process, output, bytes);
      if (error)
        failure = `error writing ${quoteAlways(to ?? 'standard output')}: ${error.message}`;
      else counts.bytes += bytes.length;
    }
  }
  if (failure) yield* command.fail(failure);
  if (words.get('status') !== 'none') {
    const records = `${counts.full}+${counts.partial}`;
    command.err.put(`${records} records in\n${records} records out\n`);
    if (words.get('status') !== 'noxfer')
      command.err.put(rate(counts.bytes, process.now - started));
    yield* command.err.flush();
  }
  return failure ? 1 : 0;
}

function* readBlock(
  process: Command['process'],
  fd: number,
  size: number,
  whole: boolean,
): Routine<Uint8Array | Errno> {
  const first = yield* process.read(fd, size);
  if (isErrno(first) || first.length === 0 || first.length === size) return first;
  const out = new Uint8Array(size);
  out.set(first);
  let length = first.length;
  const stat = process.fstat(fd);
  const regular =
    !isErrno(stat) && ((stat.mode & S_IFMT) === 0o100000 || (stat.mode & S_IFMT) === 0o020000);
  while ((whole || regular) && length < size) {
    const more = yield* process.read(fd, size - length);
    if (isErrno(more)) return more;
    if (more.length === 0) break;
    out.set(more, length);
    length += more.length;
  }
  return out.subarray(0, length);
}

function convertBlock(
  block: Uint8Array,
  conversions: ReadonlySet<string>,
  size: number,
): Uint8Array {
  let bytes = block;
  if (conversions.has('ucase')) bytes = bytes.map((b) => (b >= 97 && b <= 122 ? b - 32 : b));
  if (conversions.has('lcase')) bytes = bytes.map((b) => (b >= 65 && b <= 90 ? b + 32 : b));
  if (conversions.has('swab')) bytes = bytes.map((_, i) => bytes[i ^ 1] ?? bytes[i] ?? 0);
  if (!conversions.has('sync') || bytes.length === size) return bytes;
  const full = new Uint8Array(size);
  full.set(bytes);
  return full;
}

function rate(bytes: number, nanoseconds: number): string {
  const seconds = Math.max(nanoseconds, 1000) / 1e9;
  const unit = (value: number, base: 1000 | 1024): string => {
    const letters =
      base === 1000 ? ['B', 'kB', 'MB', 'GB', 'TB'] : ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let power = 0;
    let left = value;
    while (left >= base && power < letters.length - 1) {
      left /= base;
      power++;
    }
    return `${left < 10 && power > 0 ? left.toFixed(1) : Math.round(left)} ${letters[power]}`;
  };
  const exact = bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const sizes = [
    ...(bytes >= 1000 ? [unit(bytes, 1000)] : []),
    ...(bytes >= 1024 ? [unit(bytes, 1024)] : []),
  ];
  const shown = sizes.length ? `${exact} (${sizes.join(', ')})` : exact;
  return `${shown} copied, ${fixed(seconds, 6).replace(/0+$/, '').replace(/\.$/, '')} s, ${unit(bytes / seconds, 1000)}/s\n`;
}
