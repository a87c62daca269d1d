// less 590 and more (util-linux 2.38): files page by page on a terminal, and as they are anywhere else. Of less'
// commands: lines and pages up and down, ends, search and quit; colours, marks, tags and several files at once are left
// out.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import type { WindowSize } from '../../../kernel/terminal/terminal.ts';
import { isOptionError, type OptionSpec, parseOptions } from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';
import { compileRegex, isRegexError, type Regex } from '../../regex/index.ts';

const LESS_OPTIONS: readonly OptionSpec[] = [
  { key: 'numbers', short: 'N', long: 'LINE-NUMBERS' },
  { key: 'oneScreen', short: 'F', long: 'quit-if-one-screen' },
  { key: 'chop', short: 'S', long: 'chop-long-lines' },
  { key: 'raw', short: 'rR', long: 'raw-control-chars RAW-CONTROL-CHARS' },
  { key: 'quiet', short: 'qQXeEiIMmsKfcnwJgG' },
];

export const less = program('less', function* (main) {
  const options = parseOptions(main.args, LESS_OPTIONS);
  if (isOptionError(options)) return yield* notSimulated(main, `less ${main.args.join(' ')}`);
  const parts: Uint8Array[] = [];
  if (options.operands.length === 0 || options.operands[0] === '-') {
    if (main.process.isTerminal(0)) {
      main.err.put('Missing filename ("less --help" for help)\n');
      return 1;
    }
    parts.push(yield* main.input.rest());
  }
  const terminal = main.process.isTerminal(1);
  const unread = (text: string): void => {
    if (terminal) main.err.put(text);
    else parts.push(encode(text));
  };
  for (const path of options.operands.filter((operand) => operand !== '-')) {
    const stat = main.process.stat(path);
    const directory = !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR;
    const bytes = directory ? undefined : yield* readFile(main.process, path);
    if (bytes === undefined) unread(`${path} is a directory\n`);
    else if (isErrno(bytes)) unread(`${path}: ${bytes.message}\n`);
    else parts.push(bytes);
  }
  if (!terminal) {
    for (const part of parts) yield* main.out.print(part);
    return 0;
  }
  if (parts.length === 0) return 1;
  const text = parts.map(decode).join('');
  yield* page(
    main,
    text,
    options.operands[0] ?? '',
    options.has('numbers'),
    options.has('oneScreen'),
  );
  return 0;
});

export const more = program('more', function* (main) {
  const { process, out } = main;
  const options = parseOptions(main.args, [{ key: 'accepted', short: 'dlfpcsue' }]);
  if (isOptionError(options)) return yield* notSimulated(main, `more ${main.args.join(' ')}`);
  const piped = !process.isTerminal(0);
  const named = options.operands.length > 1 || piped;
  if (!piped && options.operands.length === 0) {
    main.err.put("more: bad usage\nTry 'more --help' for more information.\n");
    return 1;
  }
  let text = piped ? decode(yield* main.input.rest()) : '';
  for (const path of options.operands) {
    const stat = process.stat(path);
    const directory = !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR;
    const bytes = directory ? undefined : yield* readFile(process, path);
    if (bytes === undefined) text += `\n*** ${path}: directory ***\n\n`;
    else if (isErrno(bytes)) {
      main.err.put(`more: cannot open ${path}: ${bytes.message}\n`);
    } else text += `${named ? `::::::::::::::\n${path}\n::::::::::::::\n` : ''}${decode(bytes)}`;
  }
  if (process.isTerminal(1)) yield* morePages(main, text);
  else yield* out.print(text);
  return 0;
});

/** Keys, one or an escape sequence at a time, from the terminal in raw mode; `restore` gives it back. */
function keyboard({ process }: Main) {
  const opened = process.isTerminal(0) ? 0 : process.open('/dev/tty');
  const fd = isErrno(opened) ? 1 : opened;
  const before = process.ioctl(fd, 'TCGETS') as object;
  process.ioctl(fd, 'TCSETS', { ...before, icanon: false, echo: false });
  return {
    *key(): Routine<string> {
      const bytes = yield* process.read(fd, 16);
      return isErrno(bytes) ? '' : decode(bytes);
    },
    restore(): void {
      process.ioctl(fd, 'TCSETS', before);
    },
  };
}

function rowsOf({ process }: Main): WindowSize {
  return process.ioctl(1, 'TIOCGWINSZ') as WindowSize;
}

/** A line as rows of the screen. */
function wrapped(line: string, columns: number): string[] {
  const chars = [...line.replaceAll('\t', '        ')];
  const rows: string[] = [];
  for (let at = 0; at === 0 || at < chars.length; at += columns)
    rows.push(chars.slice(at, at + columns).join(''));
  return rows;
}

function* morePages(main: Main, text: string): Routine<void> {
  const { rows, columns } = rowsOf(main);
  const lines = text
    .replace(/\n$/, '')
    .split('\n')
    .flatMap((line) => wrapped(line, columns));
  const size = encode(text).length;
  const keys = keyboard(main);
  let at = 0;
  let step = rows - 1;
  while (text !== '') {
    const shown = lines.slice(at, at + step);
    at += shown.length;
    yield* main.out.print(`${shown.join('\n')}\n`);
    yield* main.out.flush();
    if (at >= lines.length) break;
    const passed = encode(lines.slice(0, at).join('\n')).length + 1;
    main.out.put(`\x1b[7m--More--(${Math.floor((100 * passed) / size)}%)\x1b[27m`);
    yield* main.out.flush();
    const key = yield* keys.key();
    main.out.put('\r\x1b[K');
    if (key === '' || /^[qQ\x03]/.test(key)) break;
    step = key === '\n' || key === '\r' ? 1 : rows - 1;
  }
  yield* main.out.flush();
  keys.restore();
}

/** less' screen: the page from line `top` on, redrawn after each command. */
function* page(
  main: Main,
  text: string,
  name: string,
  numbers: boolean,
  oneScreen: boolean,
): Routine<void> {
  const { rows, columns } = rowsOf(main);
  const source = text.replace(/\n$/, '').split('\n');
  const lines = source.flatMap((line, i) =>
    wrapped(numbers ? `${String(i + 1).padStart(7)} ${line}` : line, columns),
  );
  const height = rows - 1;
  if (oneScreen && lines.length <= height) return yield* main.out.print(text);
  const last = Math.max(0, lines.length - height);
  const keys = keyboard(main);
  let top = 0;
  let pattern: Regex | undefined;
  let prompt = name === '' ? ':' : name;
  yield* main.out.print('\x1b[?1049h');
  for (;;) {
    const end = top >= last;
    const shown = lines.slice(top, top + height);
    const filler = new Array<string>(height - shown.length).fill('~');
    const status = end ? '\x1b[7m(END)\x1b[27m' : prompt === ':' ? ':' : `\x1b[7m${prompt}\x1b[27m`;
    main.out.put(`\x1b[H\x1b[J${[...shown, ...filler].join('\n')}\n${status}`);
    yield* main.out.flush();
    prompt = ':';
    const key = yield* keys.key();
    if (key === '' || /^[qQZ]/.test(key)) break;
    if (key.startsWith('/')) pattern = yield* readPattern(main, keys, key.slice(1));
    const move =
      key.startsWith('/') || key === 'n'
        ? searchFrom(lines, pattern, top)
        : MOVES[key]?.(top, height, last);
    if (move === undefined) {
      if (key.startsWith('/') || key === 'n') prompt = 'Pattern not found  (press RETURN)';
    } else top = Math.max(0, Math.min(move, Math.max(last, top)));
  }
  yield* main.out.print('\x1b[?1049l');
  yield* main.out.flush();
  keys.restore();
}

type Move = (top: number, height: number, last: number) => number;

const lineDown: Move = (top, _, last) => Math.min(last, top + 1);
const lineUp: Move = (top) => top - 1;
const pageDown: Move = (top, height, last) => Math.min(last, top + height);
const pageUp: Move = (top, height) => top - height;

/** Where each key takes the top line. */
const MOVES: Readonly<Record<string, Move>> = {
  ' ': pageDown,
  f: pageDown,
  '\x06': pageDown,
  '\x1b[6~': pageDown,
  b: pageUp,
  '\x02': pageUp,
  '\x1b[5~': pageUp,
  j: lineDown,
  e: lineDown,
  '\n': lineDown,
  '\r': lineDown,
  '\x1b[B': lineDown,
  '\x1bOB': lineDown,
  k: lineUp,
  y: lineUp,
  '\x1b[A': lineUp,
  '\x1bOA': lineUp,
  d: (top, height, last) => Math.min(last, top + Math.floor(height / 2)),
  u: (top, height) => top - Math.floor(height / 2),
  g: () => 0,
  '<': () => 0,
  '\x1b[H': () => 0,
  G: (_, __, last) => last,
  '>': (_, __, last) => last,
  '\x1b[F': (_, __, last) => last,
};

/** The pattern typed after `/`, echoed on the last line. */
function* readPattern(
  main: Main,
  keys: { key(): Routine<string> },
  start: string,
): Routine<Regex | undefined> {
  let typed = start;
  for (;;) {
    main.out.put(`\r\x1b[K/${typed}`);
    yield* main.out.flush();
    if (/[\r\n]/.test(typed)) break;
    const key = yield* keys.key();
    if (key === '' || key === '\x1b' || key === '\x03') return undefined;
    typed = key === '\x7f' ? typed.slice(0, -1) : typed + key;
  }
  const regex = compileRegex(typed.replace(/[\r\n].*$/s, ''), { syntax: 'extended' });
  return isRegexError(regex) ? undefined : regex;
}

/** The next line after the top one that matches. */
function searchFrom(
  lines: readonly string[],
  pattern: Regex | undefined,
  top: number,
): number | undefined {
  if (!pattern) return undefined;
  const at = lines.findIndex((line, i) => i > top && pattern.test(line));
  return at < 0 ? undefined : at;
}
