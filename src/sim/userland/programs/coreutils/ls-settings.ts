// What ls was asked for: its options, their values and defaults (which depend on whether output is a terminal).

import type { Routine } from '../../../core/wait.ts';
import { globPattern } from '../../libc/glob.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { QUOTING_STYLES, type QuotingStyle, quoteValue } from '../../libc/quote.ts';
import { type Command, parseSize } from './gnu.ts';
import type { LongOptions } from './list-format.ts';

/** Everything that a run of ls was asked for. */
export interface Settings extends LongOptions {
  readonly layout: 'long' | 'columns' | 'across' | 'commas' | 'one';
  readonly hidden: 'none' | 'almost' | 'all';
  readonly quoting: QuotingStyle;
  readonly hideControls: boolean;
  readonly marks: 'none' | 'slash' | 'file-type' | 'classify';
  readonly colour: boolean;
  readonly inode: boolean;
  readonly blocks: boolean;
  readonly recursive: boolean;
  readonly itself: boolean;
  readonly sort: string;
  readonly reverse: boolean;
  readonly directoriesFirst: boolean;
  readonly width: number;
  readonly follow: 'always' | 'operands' | 'directories' | 'never';
  readonly ignore: readonly RegExp[];
  readonly end: string;
  readonly ends: boolean;
}

export const LS_OPTIONS: readonly OptionSpec[] = [
  { key: 'a', short: 'a', long: 'all' },
  { key: 'A', short: 'A', long: 'almost-all' },
  { key: 'author', long: 'author' },
  { key: 'b', short: 'b', long: 'escape' },
  { key: 'blocksize', long: 'block-size', argument: 'required' },
  { key: 'B', short: 'B', long: 'ignore-backups' },
  { key: 'c', short: 'c' },
  { key: 'C', short: 'C' },
  { key: 'color', long: 'color', argument: 'optional' },
  { key: 'd', short: 'd', long: 'directory' },
  { key: 'f', short: 'f' },
  { key: 'F', short: 'F', long: 'classify', argument: 'optional' },
  { key: 'filetype', long: 'file-type' },
  { key: 'format', long: 'format', argument: 'required' },
  { key: 'fulltime', long: 'full-time' },
  { key: 'g', short: 'g' },
  { key: 'dirsfirst', long: 'group-directories-first' },
  { key: 'G', short: 'G', long: 'no-group' },
  { key: 'h', short: 'h', long: 'human-readable' },
  { key: 'si', long: 'si' },
  { key: 'H', short: 'H', long: 'dereference-command-line' },
  { key: 'hide', long: 'hide', argument: 'required' },
  { key: 'indicator', long: 'indicator-style', argument: 'required' },
  { key: 'i', short: 'i', long: 'inode' },
  { key: 'I', short: 'I', long: 'ignore', argument: 'required' },
  { key: 'k', short: 'k', long: 'kibibytes' },
  { key: 'l', short: 'l' },
  { key: 'L', short: 'L', long: 'dereference' },
  { key: 'm', short: 'm' },
  { key: 'n', short: 'n', long: 'numeric-uid-gid' },
  { key: 'N', short: 'N', long: 'literal' },
  { key: 'o', short: 'o' },
  { key: 'p', short: 'p' },
  { key: 'q', short: 'q', long: 'hide-control-chars' },
  { key: 'showcontrol', long: 'show-control-chars' },
  { key: 'Q', short: 'Q', long: 'quote-name' },
  { key: 'quoting', long: 'quoting-style', argument: 'required' },
  { key: 'r', short: 'r', long: 'reverse' },
  { key: 'R', short: 'R', long: 'recursive' },
  { key: 's', short: 's', long: 'size' },
  { key: 'S', short: 'S' },
  { key: 'sort', long: 'sort', argument: 'required' },
  { key: 'time', long: 'time', argument: 'required' },
  { key: 'timestyle', long: 'time-style', argument: 'required' },
  { key: 't', short: 't' },
  { key: 'T', short: 'T', long: 'tabsize', argument: 'required' },
  { key: 'u', short: 'u' },
  { key: 'U', short: 'U' },
  { key: 'v', short: 'v' },
  { key: 'w', short: 'w', long: 'width', argument: 'required' },
  { key: 'x', short: 'x' },
  { key: 'X', short: 'X' },
  { key: 'one', short: '1' },
  { key: 'zero', long: 'zero' },
];

export const LS_MISSING: readonly OptionSpec[] = [
  { key: 'Z', short: 'Z', long: 'context' },
  { key: 'D', short: 'D', long: 'dired' },
  { key: 'hyperlink', long: 'hyperlink', argument: 'optional' },
];

/** Values that an option takes, with their synonyms, in the order in which the error lists them. */
const CHOICES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  color: [
    ['always', 'yes', 'force'],
    ['never', 'no', 'none'],
    ['auto', 'tty', 'if-tty'],
  ],
  classify: [
    ['always', 'yes', 'force'],
    ['never', 'no', 'none'],
    ['auto', 'tty', 'if-tty'],
  ],
  format: [
    ['verbose', 'long'],
    ['commas'],
    ['horizontal', 'across'],
    ['vertical'],
    ['single-column'],
  ],
  sort: [['none'], ['time'], ['size'], ['extension'], ['version'], ['width']],
  time: [
    ['atime', 'access', 'use'],
    ['ctime', 'status'],
    ['birth', 'creation'],
    ['mtime', 'modification'],
  ],
  'quoting-style': QUOTING_STYLES.map((style) => [style]),
  'indicator-style': [['none'], ['slash'], ['file-type'], ['classify']],
};

/** One of a fixed set of values of an option: the first of its synonyms; undefined where it is none of them. */
function choice(option: string, value: string): string | undefined {
  const groups = CHOICES[option] ?? [];
  const exact = groups.find((group) => group.includes(value));
  if (exact) return exact[0];
  const starts = groups.filter((group) => group.some((word) => word.startsWith(value)));
  return starts.length === 1 && value !== '' ? starts[0]?.[0] : undefined;
}

/** Says what is wrong with the value of an option that has a fixed set; the exit status then. */
export function* badChoice(command: Command): Routine<number | undefined> {
  const { options } = command;
  const named = {
    color: 'color',
    F: 'classify',
    format: 'format',
    sort: 'sort',
    time: 'time',
    quoting: 'quoting-style',
    indicator: 'indicator-style',
  };
  for (const [key, name] of Object.entries(named)) {
    const value = options.value(key);
    if (value === undefined || (value === '' && (key === 'color' || key === 'F'))) continue;
    if (choice(name, value) !== undefined) continue;
    yield* command.fail(`invalid argument ${quoteValue(value)} for ${quoteValue(`--${name}`)}`);
    const lines = (CHOICES[name] ?? []).map((group) => `  - ${group.map(quoteValue).join(', ')}\n`);
    command.err.put(`Valid arguments are:\n${lines.join('')}`);
    yield* command.usage();
    return 1;
  }
  return undefined;
}

/** The settings of a run; `preset` is what dir and vdir begin with. */
export function settingsOf(command: Command, preset: 'columns' | 'long' | undefined): Settings {
  const { options, process } = command;
  const terminal = process.isTerminal(1);
  const layout = layoutOf(command, preset, terminal);
  const timeWord = options.last('c', 'u', 'time');
  const word = timeWord === 'time' ? choice('time', options.value('time') ?? '') : timeWord;
  const time =
    word === 'c' || word === 'ctime'
      ? 'ctime'
      : word === 'u' || word === 'atime'
        ? 'atime'
        : 'mtime';
  const human = options.has('si') ? 1000 : options.has('h') ? 1024 : 0;
  const backups = options.has('B') ? [/~$/] : [];
  const all = options.last('a', 'A', 'f');
  return {
    layout,
    hidden: all === 'A' ? 'almost' : all ? 'all' : 'none',
    quoting: quotingOf(command, terminal, preset),
    hideControls: options.has('q') || terminal,
    marks: marksOf(command, terminal),
    colour:
      colourWanted(options.value('color'), terminal) && !options.has('f') && hasColours(command),
    inode: options.has('i'),
    blocks: options.has('s'),
    recursive: options.has('R') && !options.has('d'),
    itself: options.has('d'),
    sort: sortOf(command, layout, timeWord !== undefined),
    reverse: options.has('r'),
    directoriesFirst: options.has('dirsfirst'),
    width: widthOf(command),
    follow:
      options.last('L', 'H') === 'L'
        ? 'always'
        : options.has('H')
          ? 'operands'
          : layout === 'long' || options.has('d') || options.has('F')
            ? 'never'
            : 'directories',
    ignore: [
      ...backups,
      ...[...options.values('I'), ...options.values('hide')].map((p) => globPattern(p)),
    ],
    end: options.has('zero') ? '\0' : '\n',
    ends: false,
    human,
    numeric: options.has('n'),
    owner: !options.has('g'),
    group: !options.has('o') && !options.has('G'),
    author: options.has('author'),
    time,
    timeStyle: options.has('fulltime')
      ? 'full-iso'
      : (options.value('timestyle') ?? process.environment.get('TIME_STYLE') ?? 'locale'),
    blockSize: options.has('k') ? 1 : blockSizeOf(options.value('blocksize')),
  };
}

function blockSizeOf(text: string | undefined): number {
  if (text === undefined) return 1;
  return parseSize(/^\d/.test(text) ? text : `1${text}`) || 1;
}

function layoutOf(
  { options }: Command,
  preset: 'columns' | 'long' | undefined,
  terminal: boolean,
): Settings['layout'] {
  const last = options.list.findLast(([key]) =>
    ['l', 'g', 'n', 'o', 'fulltime', 'C', 'x', 'm', 'one', 'format', 'zero'].includes(key),
  );
  const longGiven = options.list.some(([key]) => ['l', 'g', 'n', 'o', 'fulltime'].includes(key));
  switch (last?.[0]) {
    case 'l':
    case 'g':
    case 'n':
    case 'o':
    case 'fulltime':
      return 'long';
    case 'one':
      return longGiven ? 'long' : 'one';
    case 'zero':
      return longGiven ? 'long' : 'one';
    case 'C':
      return 'columns';
    case 'x':
      return 'across';
    case 'm':
      return 'commas';
    case 'format':
      return (
        ({ verbose: 'long', commas: 'commas', horizontal: 'across', vertical: 'columns' } as const)[
          choice('format', last[1]) as 'verbose'
        ] ?? 'one'
      );
    default:
      return preset ?? (terminal ? 'columns' : 'one');
  }
}

function quotingOf(
  { options, process }: Command,
  terminal: boolean,
  preset: 'columns' | 'long' | undefined,
): QuotingStyle {
  switch (options.last('b', 'N', 'Q', 'quoting', 'zero')) {
    case 'b':
      return 'escape';
    case 'N':
    case 'zero':
      return 'literal';
    case 'Q':
      return 'c';
    case 'quoting':
      return choice('quoting-style', options.value('quoting') ?? '') as QuotingStyle;
    default:
      break;
  }
  const wanted = process.environment.get('QUOTING_STYLE');
  const known = QUOTING_STYLES.find((style) => style === wanted);
  return known ?? (preset ? 'escape' : terminal ? 'shell-escape' : 'literal');
}

function colourWanted(value: string | undefined, terminal: boolean): boolean {
  if (value === undefined) return false;
  const meaning = value === '' ? 'always' : choice('color', value);
  return meaning === 'always' || (meaning === 'auto' && terminal);
}

/** Colours are used where the terminal's type (or LS_COLORS) says that there are any. */
function hasColours({ process }: Command): boolean {
  const { environment } = process;
  return environment.has('LS_COLORS') || !/^(dumb|unknown|)$/.test(environment.get('TERM') ?? '');
}

function marksOf({ options }: Command, terminal: boolean): Settings['marks'] {
  const last = options.last('F', 'p', 'filetype', 'indicator');
  if (last === 'F') return colourWanted(options.value('F') ?? '', terminal) ? 'classify' : 'none';
  if (last === 'p') return 'slash';
  if (last === 'filetype') return 'file-type';
  return last
    ? (choice('indicator-style', options.value('indicator') ?? '') as Settings['marks'])
    : 'none';
}

function sortOf({ options }: Command, layout: string, timeGiven: boolean): string {
  const last = options.list.findLast(([key]) =>
    ['S', 't', 'U', 'v', 'X', 'f', 'sort'].includes(key),
  );
  switch (last?.[0]) {
    case 'S':
      return 'size';
    case 't':
      return 'time';
    case 'v':
      return 'version';
    case 'X':
      return 'extension';
    case 'U':
    case 'f':
      return 'none';
    case 'sort':
      return choice('sort', last[1]) ?? 'name';
    default:
      return timeGiven && layout !== 'long' ? 'time' : 'name';
  }
}

function widthOf({ options, process }: Command): number {
  const given = options.value('w');
  if (given !== undefined) return Number(given) || 65_536;
  const size = process.ioctl(1, 'TIOCGWINSZ');
  if (size && typeof size === 'object' && 'columns' in size && typeof size.columns === 'number') {
    if (size.columns > 0) return size.columns;
  }
  return Number(process.environment.get('COLUMNS')) || 80;
}
