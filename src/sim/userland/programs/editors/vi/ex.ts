// The commands behind vi's colon: ranges, writing and quitting, substitution, global commands, settings, the shell.

import { encode, decode } from '../../../../core/text.ts';
import type { Routine } from '../../../../core/wait.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import { readFile, writeFile } from '../../../libc/whole-file.ts';
import type { Main } from '../../../libc/stdio.ts';
import { joinLines, keep, shift } from './operators.ts';
import { splitUnescaped, substitute, vimRegex } from './substitute.ts';
import { isModified, keepUndo, lineAt, moveTo, replaceLines, snapshot, type Vi } from './state.ts';

/** What ex needs from the program around it. */
export interface ExHost {
  readonly main: Main;
  /** Runs a command on the terminal and waits for Enter. */
  shell(command: string): Routine<void>;
  /** Runs a command with this input; what it wrote. */
  filter(command: string, input: string): Routine<string>;
}

interface Lines {
  readonly first: number;
  readonly last: number;
  /** A range was typed. */
  readonly given: boolean;
}

type Ex = (vi: Vi, host: ExHost, lines: Lines, rest: string, bang: boolean) => Routine<boolean>;

/** Runs one line typed behind the colon; true ends the editor. */
export function* exCommand(vi: Vi, host: ExHost, line: string): Routine<boolean> {
  const parsed = parseRange(vi, line.replace(/^[\s:]+/, ''));
  if (typeof parsed === 'string') {
    vi.message = parsed;
    return false;
  }
  const { lines, rest } = parsed;
  if (rest === '') {
    if (lines.given) moveTo(vi, lines.last, Math.max(0, lineAt(vi, lines.last).search(/\S|$/)));
    return false;
  }
  const found = /^([a-zA-Z]+|[!<>=&])(!?)\s*(.*)$/s.exec(rest);
  const word = found?.[1] ?? '';
  const name = NAMES.find(([least, full]) => word.startsWith(least) && full.startsWith(word))?.[1];
  // s and g take any character behind their name as the separator.
  const separated = /^([sgv])(!?)([^a-zA-Z0-9\s].*)$/s.exec(rest);
  const command = separated ? COMMANDS[separated[1] ?? ''] : name && COMMANDS[name];
  if (!command) {
    vi.message = vi.style.unknown(line);
    return false;
  }
  const before = snapshot(vi);
  const [bang, text] = separated
    ? [separated[2] === '!', separated[3] ?? '']
    : [found?.[2] === '!', found?.[3] ?? ''];
  const ended = yield* command(vi, host, lines, text, bang);
  keepUndo(vi, before);
  moveTo(vi, vi.at.row, vi.at.column);
  return ended;
}

/** Reads `%`, `3`, `.,$`, `'<,'>`, `/x/,+2` before a command. */
function parseRange(vi: Vi, line: string): { lines: Lines; rest: string } | string {
  if (line.startsWith('%')) {
    return {
      lines: { first: 0, last: vi.lines.length - 1, given: true },
      rest: line.slice(1).trimStart(),
    };
  }
  const places: number[] = [];
  let rest = line;
  for (;;) {
    const found = /^\s*(\d+|\.|\$|'.|\/(?:[^/\\]|\\.)*\/?)?((?:[+-]\d*)*)/.exec(rest);
    const [whole = '', base = '', offset = ''] = found ?? [];
    if (whole.trim() !== '') {
      const row = baseRow(vi, base);
      if (typeof row === 'string') return row;
      const by = [...offset.matchAll(/([+-])(\d*)/g)].reduce(
        (sum, [, sign, digits]) => sum + (sign === '-' ? -1 : 1) * Number(digits || 1),
        0,
      );
      places.push(row + by);
    }
    rest = rest.slice(whole.length).trimStart();
    if (!rest.startsWith(',')) break;
    if (places.length === 0) places.push(vi.at.row);
    rest = rest.slice(1);
  }
  const last = places.at(-1) ?? vi.at.row;
  const first = places.at(-2) ?? last;
  if (last >= vi.lines.length || first < 0) return 'E16: Invalid range';
  return {
    lines: {
      first: Math.min(first, last),
      last: Math.max(first, last, 0),
      given: places.length > 0,
    },
    rest,
  };
}

function baseRow(vi: Vi, base: string): number | string {
  if (base === '' || base === '.') return vi.at.row;
  if (base === '$') return vi.lines.length - 1;
  if (base.startsWith("'")) return vi.marks.get(base[1] ?? '')?.row ?? 'E20: Mark not set';
  if (!base.startsWith('/')) return Number(base) - 1;
  const regex = vimRegex(vi, base.slice(1).replace(/\/$/, ''));
  if (!regex) return vi.style.notFound(base.slice(1));
  const total = vi.lines.length;
  for (let i = 1; i <= total; i++) {
    const row = (vi.at.row + i) % total;
    if (regex.test(lineAt(vi, row))) return row;
  }
  return vi.style.notFound(base.slice(1));
}

/** Writes lines to a file: the message that follows, and whether it went well. */
function* writeLines(
  vi: Vi,
  { main }: ExHost,
  lines: Lines,
  path: string,
  bang: boolean,
): Routine<boolean> {
  const target = path || vi.path;
  if (target === '') {
    vi.message = 'E32: No file name';
    return false;
  }
  if (vi.options.readonly && !bang && target === vi.path) {
    vi.message = "E45: 'readonly' option is set (add ! to override)";
    return false;
  }
  const exists = !isErrno(main.process.stat(target));
  if (exists && path !== '' && path !== vi.path && !bang) {
    vi.message = 'E13: File exists (add ! to override)';
    return false;
  }
  const part = vi.lines.slice(lines.first, lines.last + 1);
  const bytes = encode(part.map((line) => `${line}\n`).join(''));
  if (yield* writeFile(main.process, target, bytes)) {
    vi.message = `"${target}" E212: Can't open file for writing`;
    return false;
  }
  if (vi.path === '') vi.path = target;
  if (target === vi.path && part.length === vi.lines.length) vi.saved = vi.lines;
  vi.message = vi.style.written(target, exists, part.length, bytes.length);
  return true;
}

const allLines = (vi: Vi): Lines => ({ first: 0, last: vi.lines.length - 1, given: false });

const write: Ex = function* (vi, host, lines, rest, bang) {
  if (rest.startsWith('!')) {
    const part = (lines.given ? vi.lines.slice(lines.first, lines.last + 1) : vi.lines).join('\n');
    vi.message = (yield* host.filter(rest.slice(1), `${part}\n`)).split('\n')[0] ?? '';
    return false;
  }
  yield* writeLines(vi, host, lines.given ? lines : allLines(vi), rest, bang);
  return false;
};

const quit: Ex = function* (vi, _, __, ___, bang) {
  if (!bang && isModified(vi)) {
    vi.message = vi.style.unsaved('q');
    return false;
  }
  return true;
};

const edit: Ex = function* (vi, { main }, _, rest, bang) {
  if (isModified(vi) && !bang) {
    vi.message = vi.style.unsaved('e');
    return false;
  }
  const path = rest || vi.path;
  const bytes = yield* readFile(main.process, path);
  vi.path = path;
  vi.lines = isErrno(bytes) ? [''] : textLines(decode(bytes));
  vi.saved = vi.lines;
  vi.message = vi.style.opened(path, isErrno(bytes) ? undefined : bytes, vi.lines.length);
  moveTo(vi, 0, 0);
  return false;
};

/** Text cut into lines, at least one. */
export function textLines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** g and v: runs a command on each line that matches, or on each that does not. */
const global = (inverted: boolean): Ex =>
  function* (vi, host, lines, rest, bang) {
    const [pattern = '', ...more] = splitUnescaped(rest.slice(1), rest[0] ?? '/');
    const regex = vimRegex(vi, pattern);
    const command = more.join(rest[0] ?? '/') || 'p';
    if (!regex) {
      vi.message = vi.style.notFound(pattern);
      return false;
    }
    const range = lines.given ? lines : allLines(vi);
    const wanted = vi.lines
      .map((line, row) => ({ row, line }))
      .filter(({ row }) => row >= range.first && row <= range.last)
      .filter(({ line }) => regex.test(line) !== (inverted || bang));
    if (wanted.length === 0) vi.message = vi.style.notFound(pattern);
    // From below, so that the lines still to come keep their numbers.
    for (const { row } of wanted.reverse()) {
      moveTo(vi, row, 0);
      yield* exCommand(vi, host, command);
    }
    return false;
  };

const set: Ex = function* (vi, _, __, rest) {
  for (const word of rest.split(/\s+/).filter((w) => w !== '')) {
    const [, no, name = '', value] = /^(no)?([a-z]+)!?(?:=(.*))?$/.exec(word) ?? [];
    const option = SETTINGS[name];
    if (!option) {
      vi.message = KEPT_WITHOUT_USE.has(name)
        ? `drydock: vi: set ${word} is not simulated`
        : `E518: Unknown option: ${word}`;
    } else if (option === 'shiftwidth') vi.options.shiftwidth = Number(value) || 8;
    else vi.options[option] = no === undefined;
  }
  return false;
};

const SETTINGS: Readonly<
  Record<string, 'number' | 'ignorecase' | 'readonly' | 'shiftwidth' | undefined>
> = {
  number: 'number',
  nu: 'number',
  ignorecase: 'ignorecase',
  ic: 'ignorecase',
  readonly: 'readonly',
  ro: 'readonly',
  shiftwidth: 'shiftwidth',
  sw: 'shiftwidth',
};

/** Options that vim knows and that change nothing here. */
const KEPT_WITHOUT_USE = new Set(
  'autoindent ai expandtab et tabstop ts softtabstop sts hlsearch hls incsearch is wrap list paste ruler ru showmode smartcase scs syntax mouse compatible cp'.split(
    ' ',
  ),
);

const linesOf = (vi: Vi, { first, last }: Lines): readonly string[] =>
  vi.lines.slice(first, last + 1);

const COMMANDS: Readonly<Record<string, Ex>> = {
  write,
  quit,
  edit,
  *s(vi, _, lines, rest) {
    substitute(vi, lines, rest);
    return false;
  },
  g: global(false),
  v: global(true),
  set,
  *wq(vi, host, lines, rest, bang) {
    return yield* writeLines(vi, host, lines.given ? lines : allLines(vi), rest, bang);
  },
  *xit(vi, host, _, rest, bang) {
    if (!isModified(vi) && rest === '') return true;
    return yield* writeLines(vi, host, allLines(vi), rest, bang);
  },
  *delete(vi, _, lines) {
    keep(vi, { lines: linesOf(vi, lines), whole: true }, '"');
    const count = lines.last - lines.first + 1;
    replaceLines(vi, lines.first, count, []);
    moveTo(vi, lines.first, 0);
    if (count > 2) vi.message = `${count} fewer lines`;
    return false;
  },
  *yank(vi, _, lines) {
    keep(vi, { lines: linesOf(vi, lines), whole: true }, '"');
    return false;
  },
  *join(vi, _, { first, last }) {
    joinLines(vi, first, last - first + 1);
    return false;
  },
  *read(vi, host, { last }, rest) {
    const text = rest.startsWith('!')
      ? yield* host.filter(rest.slice(1), '')
      : yield* readFile(host.main.process, rest || vi.path);
    if (typeof text !== 'string' && isErrno(text)) {
      vi.message = `E484: Can't open file ${rest}`;
      return false;
    }
    replaceLines(vi, last + 1, 0, textLines(typeof text === 'string' ? text : decode(text)));
    moveTo(vi, last + 1, 0);
    return false;
  },
  *'!'(vi, host, lines, rest) {
    if (!lines.given) {
      yield* host.shell(rest);
      return false;
    }
    const output = yield* host.filter(rest, `${linesOf(vi, lines).join('\n')}\n`);
    const made = output === '' ? [] : textLines(output);
    replaceLines(vi, lines.first, lines.last - lines.first + 1, made);
    moveTo(vi, lines.first, 0);
    return false;
  },
  *'<'(vi, _, { first, last }) {
    shift(vi, first, last, -1);
    return false;
  },
  *'>'(vi, _, { first, last }) {
    shift(vi, first, last, 1);
    return false;
  },
  *'='(vi, _, lines) {
    vi.message = String(lines.given ? lines.last + 1 : vi.lines.length);
    return false;
  },
  *nohlsearch() {
    return false;
  },
  *syntax(vi) {
    vi.message = 'E319: The command is not available in this version';
    return false;
  },
  *help(vi) {
    vi.message = 'drydock: vi: help is not simulated';
    return false;
  },
};

/** The shortest form of each command's name, and the name. */
const NAMES: readonly (readonly [string, string])[] = [
  ['wq', 'wq'],
  ['w', 'write'],
  ['q', 'quit'],
  ['x', 'xit'],
  ['e', 'edit'],
  ['se', 'set'],
  ['s', 's'],
  ['g', 'g'],
  ['v', 'v'],
  ['d', 'delete'],
  ['y', 'yank'],
  ['j', 'join'],
  ['r', 'read'],
  ['noh', 'nohlsearch'],
  ['sy', 'syntax'],
  ['h', 'help'],
  ['!', '!'],
  ['<', '<'],
  ['>', '>'],
  ['=', '='],
];
