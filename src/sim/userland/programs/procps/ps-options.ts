// The command line of ps, which is three in one: UNIX options with a dash (may be grouped), BSD options without one,
// GNU long options with two. What they select and which columns they show.

import { LIST_OPTIONS, LONG_LISTS, PS_FORMATS } from './ps-formats.ts';

/** `name:width=heading` of a format. */
export interface AskedColumn {
  readonly name: string;
  readonly heading?: string;
  readonly width?: number;
}

/** What to show: each list is one that any process may match. */
export interface PsRequest {
  /** Everything (-e, -A, ax). */
  all: boolean;
  /** All but session leaders (-d), all with a terminal but session leaders (-a), BSD a and x. */
  notLeaders: boolean;
  withTerminal: boolean;
  bsdAll: boolean;
  bsdNoTerminal: boolean;
  negate: boolean;
  running: boolean;
  readonly pids: number[];
  readonly parents: number[];
  readonly sessions: number[];
  readonly groups: string[];
  readonly names: string[];
  readonly users: string[];
  readonly realUsers: string[];
  readonly terminals: string[];
  /** Columns with `name=heading` or `name`. */
  readonly columns: AskedColumn[];
  format: string;
  /** -c: class and priority; -M: labels; -y: no flags in the long form; -P: the processor. */
  readonly modifiers: Set<string>;
  threads: boolean;
  forest: boolean;
  noHeading: boolean;
  width: number | undefined;
  readonly sort: string[];
  environment: boolean;
  selected: boolean;
}

export function emptyRequest(): PsRequest {
  return {
    all: false,
    notLeaders: false,
    withTerminal: false,
    bsdAll: false,
    bsdNoTerminal: false,
    negate: false,
    running: false,
    pids: [],
    parents: [],
    sessions: [],
    groups: [],
    names: [],
    users: [],
    realUsers: [],
    terminals: [],
    columns: [],
    format: '',
    modifiers: new Set(),
    threads: false,
    forest: false,
    noHeading: false,
    width: undefined,
    sort: [],
    environment: false,
    selected: false,
  };
}

/** Sorts the words out; a text is what ps prints after `error: `. */
export function parsePs(words: readonly string[]): PsRequest | string {
  const request = emptyRequest();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const next = words[i + 1];
    const used = word.startsWith('--')
      ? longOption(request, word.slice(2), next)
      : word.startsWith('-')
        ? letters(request, word.slice(1), next, unixLetter)
        : /^\d/.test(word)
          ? bsdNumbers(request, word)
          : letters(request, word, next, bsdLetter);
    if (typeof used === 'string') return used;
    i += used;
  }
  return request;
}

type Letter = (request: PsRequest, letter: string) => boolean;

function letters(
  request: PsRequest,
  text: string,
  next: string | undefined,
  plain: Letter,
): number | string {
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    const takesList = plain === unixLetter ? letter in LIST_OPTIONS : 'poOUtk'.includes(letter);
    if (!takesList) {
      if (!plain(request, letter))
        return plain === unixLetter ? 'unsupported SysV option' : 'unsupported option (BSD syntax)';
      continue;
    }
    const rest = text.slice(at + 1);
    const list = rest !== '' ? rest : next;
    if (list === undefined) return missing(letter, plain === unixLetter);
    const failure = addList(request, letter, list, plain === unixLetter);
    if (typeof failure === 'string') return failure;
    return rest !== '' ? 0 : 1;
  }
  return 0;
}

function missing(letter: string, dash: boolean): string {
  if (letter === 'o' || letter === 'O')
    return `format specification must follow ${dash ? '-' : ''}${letter}`;
  return `list of ${LIST_OPTIONS[letter] ?? 'items'} must follow ${dash ? '-' : ''}${letter}`;
}

function longOption(request: PsRequest, text: string, next: string | undefined): number | string {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const plain: Readonly<Record<string, () => void>> = {
    forest: () => {
      request.forest = true;
    },
    'no-headers': () => {
      request.noHeading = true;
    },
    'no-headings': () => {
      request.noHeading = true;
    },
    noheaders: () => {
      request.noHeading = true;
    },
    noheader: () => {
      request.noHeading = true;
    },
    'no-heading': () => {
      request.noHeading = true;
    },
    headers: () => {},
    deselect: () => {
      request.negate = true;
    },
    cumulative: () => {},
  };
  if (Object.hasOwn(plain, name)) {
    plain[name]?.();
    return 0;
  }
  const letter = Object.hasOwn(LONG_LISTS, name) ? LONG_LISTS[name] : undefined;
  if (!letter) return 'unknown gnu long option';
  const value = equals < 0 ? next : text.slice(equals + 1);
  if (value === undefined) return `list of items must follow --${name}`;
  const failure = addList(request, letter, value, true);
  return typeof failure === 'string' ? failure : equals < 0 ? 1 : 0;
}

function addNumbers(list: number[], text: string, request: PsRequest): number | string {
  request.selected = true;
  for (const part of text.split(/[,\s]+/).filter((each) => each !== '')) {
    if (!/^\d+$/.test(part)) return 'process ID list syntax error';
    if (Number(part) === 0 || Number(part) > 4_194_304) return 'process ID out of range';
    list.push(Number(part));
  }
  return 0;
}

/** Numbers without a letter before them: processes, shown in BSD's format. */
function bsdNumbers(request: PsRequest, word: string): number | string {
  request.format ||= 'bsd';
  return addNumbers(request.pids, word, request);
}

function addList(request: PsRequest, letter: string, text: string, unix: boolean): number | string {
  const parts = text.split(/[,\s]+/).filter((part) => part !== '');
  switch (letter) {
    case 'p':
    case 'q':
      return addNumbers(request.pids, text, request);
    case 'P':
      return addNumbers(request.parents, text, request);
    case 's':
      return addNumbers(request.sessions, text, request);
    case 'o':
    case 'O':
      addColumns(request, text, letter === 'O');
      return 0;
    case 'k':
      request.sort.push(...parts);
      return 0;
    case 'w':
      request.width = Number(text);
      return 0;
    case 'r':
      return 0;
  }
  request.selected = true;
  if (letter === 'C') request.names.push(...parts);
  else if (letter === 'u') request.users.push(...parts);
  else if (letter === 'U') (unix ? request.realUsers : request.users).push(...parts);
  else if (letter === 'g') {
    if (parts.every((part) => /^\d+$/.test(part)))
      return addNumbers(request.sessions, text, request);
    request.groups.push(...parts);
  } else if (letter === 'G') request.groups.push(...parts);
  else if (letter === 't')
    request.terminals.push(...parts.map((part) => part.replace(/^\/dev\//, '')));
  return 0;
}

/** `pid,ppid=PARENT,user:12,args=`: a heading ends at the comma, as in none of the strict personalities. */
function addColumns(request: PsRequest, text: string, around: boolean): void {
  const columns = text
    .trim()
    .split(/,|\s+(?=[^=]*(?:=|$))/)
    .filter((part) => part !== '')
    .map(columnAsked);
  if (around) {
    const [pid = 'pid', ...others] = PS_FORMATS['default'] ?? [];
    request.columns.push(
      { name: pid },
      ...columns,
      { name: 'state' },
      ...others.map((name) => ({ name: name === 'ucmd' ? 'args' : name })),
    );
    return;
  }
  request.columns.push(...columns);
}

function columnAsked(text: string): AskedColumn {
  const [, name = '', width, heading] = /^([^=:]+)(?::(\d+))?(?:=(.*))?$/s.exec(text) ?? ['', text];
  return {
    name,
    ...(width === undefined ? {} : { width: Number(width) }),
    ...(heading === undefined ? {} : { heading }),
  };
}

function unixLetter(request: PsRequest, letter: string): boolean {
  switch (letter) {
    case 'e':
    case 'A':
      request.all = true;
      return true;
    case 'a':
      request.withTerminal = true;
      request.selected = true;
      return true;
    case 'd':
      request.notLeaders = true;
      request.selected = true;
      return true;
    case 'f':
      request.format = request.format === 'long' ? 'longFull' : 'full';
      return true;
    case 'F':
      request.format = 'extraFull';
      return true;
    case 'l':
      request.format = request.format === 'full' ? 'longFull' : 'long';
      return true;
    case 'j':
      request.format = 'job';
      return true;
    case 'H':
      request.forest = true;
      return true;
    case 'L':
    case 'T':
      request.threads = true;
      request.modifiers.add(letter);
      return true;
    case 'N':
      request.negate = true;
      return true;
    case 'y':
    case 'c':
    case 'M':
    case 'Z':
    case 'P':
      request.modifiers.add(letter === 'Z' ? 'M' : letter);
      return true;
    case 'w':
    case 'm':
      return true;
    case 'h':
      request.noHeading = true;
      return true;
    case 'x':
      request.bsdNoTerminal = true;
      return true;
    default:
      return false;
  }
}

function bsdLetter(request: PsRequest, letter: string): boolean {
  switch (letter) {
    case 'a':
      request.bsdAll = true;
      return true;
    case 'x':
      request.bsdNoTerminal = true;
      return true;
    case 'g':
    case 'w':
    case 'c':
    case 'm':
    case 'n':
    case 'S':
      return true;
    case 'Z':
      request.modifiers.add('M');
      request.format ||= 'bsd';
      return true;
    case 'u':
      request.format = 'user';
      return true;
    case 'f':
      request.forest = true;
      request.format ||= 'bsd';
      return true;
    case 'e':
      request.environment = true;
      request.format ||= 'bsd';
      return true;
    case 'j':
      request.format = 'bsdJob';
      return true;
    case 'l':
      request.format = 'bsdLong';
      return true;
    case 's':
      request.format = 'signals';
      return true;
    case 'v':
      request.format = 'virtual';
      return true;
    case 'r':
      request.running = true;
      return true;
    case 'h':
      request.noHeading = true;
      return true;
    case 'H':
    case 'L':
    case 'T':
      request.threads = true;
      return true;
    default:
      return false;
  }
}
