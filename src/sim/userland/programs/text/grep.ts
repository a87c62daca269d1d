// grep 3.8, egrep, fgrep: lines that match a pattern. Perl patterns (-P) are run by the host's own matcher.

import { binaryString, decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { EISDIR, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import { globPattern } from '../../libc/glob.ts';
import { Reader } from '../../libc/stdio.ts';
import { baseName, joinPath, readFile } from '../../libc/whole-file.ts';
import { type Command, gnu } from '../coreutils/gnu.ts';
import { GREP_MISSING, GREP_OPTIONS } from './grep-options.ts';
import { type Finder, makeFinder } from './grep-patterns.ts';

/** What a run was asked for. */
interface Search {
  readonly command: Command;
  readonly finder: Finder;
  readonly invert: boolean;
  readonly output: 'lines' | 'count' | 'list' | 'unlisted' | 'quiet';
  readonly only: boolean;
  readonly number: boolean;
  readonly offset: boolean;
  readonly names: boolean;
  readonly before: number;
  readonly after: number;
  readonly context: boolean;
  readonly most: number;
  readonly colour: boolean;
  readonly end: number;
  readonly text: boolean;
  readonly nameEnd: string;
  status: number;
  selected: boolean;
}

function program(name: string, fixed: 'extended' | 'fixed' | undefined) {
  const spec = {
    name,
    usage: ['[OPTION]... PATTERNS [FILE]...'],
    options: GREP_OPTIONS,
    missing: GREP_MISSING,
    usageStatus: 2,
    usageLine: 'Usage: grep [OPTION]... PATTERNS [FILE]...',
    version: '(GNU grep) 3.8',
  };
  return gnu(
    {
      ...spec,
      rewrite: (args) =>
        args.flatMap((word) => (/^-\d+$/.test(word) ? [`-C${word.slice(1)}`] : [word])),
    },
    (command) => run(command, fixed),
  );
}

export const grep = program('grep', undefined);
export const egrep = program('egrep', 'extended');
export const fgrep = program('fgrep', 'fixed');

function* run(command: Command, fixed: 'extended' | 'fixed' | undefined): Routine<number> {
  const { options } = command;
  if (options.has('version')) {
    yield* command.out.print('grep (GNU grep) 3.8\n');
    return 0;
  }
  const operands = [...command.operands];
  const patterns = yield* patternsOf(command, operands);
  if (typeof patterns === 'number') return patterns;
  if (options.has('extended') && patterns.some((pattern) => /^[*+?]/.test(pattern))) {
    yield* command.fail(`warning: ${patterns[0]?.charAt(0)} at start of expression`);
  }
  const finder = makeFinder(patterns, {
    kind:
      fixed ??
      (options.last('extended', 'fixed', 'basic', 'perl') as 'extended' | undefined) ??
      'basic',
    ignoreCase: options.last('ignore', 'noignore') === 'ignore',
    word: options.has('word'),
    line: options.has('line'),
  });
  if ('error' in finder) {
    yield* command.fail(finder.error);
    return 2;
  }
  for (const key of ['after', 'before', 'context', 'most'] as const) {
    const value = options.value(key);
    if (value === undefined || /^-?\d+$/.test(value)) continue;
    yield* command.fail(
      key === 'most' ? 'invalid max count' : `${value}: invalid context length argument`,
    );
    return 2;
  }
  const recursive = options.has('recursive') || options.has('follow');
  const paths = operands.length ? operands : [recursive ? '.' : '-'];
  const search = searchOf(command, finder, paths.length > 1 || recursive);
  if (search.most === 0) return 1;
  for (const path of paths) {
    yield* searchPath(search, path, recursive, operands.length > 0, true);
    if (search.output === 'quiet' && search.selected) return 0;
  }
  if (search.status && !(search.output === 'quiet' && search.selected)) return search.status;
  return search.selected ? 0 : 1;
}

function* patternsOf(command: Command, operands: string[]): Routine<string[] | number> {
  const { options, process } = command;
  const patterns: string[] = [];
  for (const [key, value] of options.list) {
    if (key === 'pattern') patterns.push(...value.split('\n'));
    if (key !== 'file') continue;
    const bytes = value === '-' ? yield* command.input.rest() : yield* readFile(process, value);
    if (isErrno(bytes)) {
      yield* command.fail(`${value}: ${bytes.message}`);
      return 2;
    }
    const text = decode(bytes);
    if (text !== '') patterns.push(...text.replace(/\n$/, '').split('\n'));
  }
  if (options.has('pattern') || options.has('file')) return patterns;
  const first = operands.shift();
  return first === undefined ? yield* command.usage() : first.split('\n');
}

function searchOf(command: Command, finder: Finder, several: boolean): Search {
  const { options, process } = command;
  const context = options.value('context');
  const number = (key: string): number => Number(options.value(key) ?? context ?? 0);
  const last = options.last('list', 'unlisted');
  const most = Number(options.value('most') ?? Number.POSITIVE_INFINITY);
  const colour = options.value('color');
  const names = options.last('names', 'nonames');
  return {
    command,
    finder,
    invert: options.has('invert'),
    output: options.has('quiet')
      ? 'quiet'
      : last === 'list'
        ? 'list'
        : last
          ? 'unlisted'
          : options.has('count')
            ? 'count'
            : 'lines',
    only: options.has('only'),
    number: options.has('number'),
    offset: options.has('offset'),
    names: names ? names === 'names' : several,
    before: number('before'),
    context: ['before', 'after', 'context'].some((key) => options.has(key)),
    after: number('after'),
    most: most < 0 ? Number.POSITIVE_INFINITY : most,
    colour:
      colour !== undefined &&
      (/^(always|yes|force)$/.test(colour) ||
        (/^(auto|tty|if-tty|)$/.test(colour) &&
          process.isTerminal(1) &&
          process.environment.get('TERM') !== 'dumb')),
    end: options.has('nulldata') ? 0 : 10,
    text: options.has('text') || options.value('binary') === 'text',
    nameEnd: options.has('null') ? '\0' : '',
    status: 0,
    selected: false,
  };
}

/** True where --include, --exclude and --exclude-dir leave a file in. */
function wanted({ command }: Search, path: string, directory: boolean, top: boolean): boolean {
  const { options } = command;
  const name = top ? path.replace(/(.)\/+$/, '$1') : baseName(path);
  const hit = (pattern: string): boolean => {
    const glob = globPattern(pattern.replace(/\/+$/, ''));
    return glob.test(name) || glob.test(baseName(name));
  };
  if (directory) return !options.values('excludedir').some(hit);
  const verdicts = options.list.filter(([key]) => key === 'include' || key === 'exclude');
  const matched = verdicts.findLast(([, pattern]) => hit(pattern));
  if (matched) return matched[0] === 'include';
  return verdicts[0]?.[0] !== 'include';
}

function* searchPath(
  search: Search,
  path: string,
  recursive: boolean,
  named: boolean,
  top: boolean,
): Routine<void> {
  const { command } = search;
  const { process, options } = command;
  const stat =
    path === '-'
      ? process.fstat(0)
      : top || options.has('follow')
        ? process.stat(path)
        : process.lstat(path);
  const quiet = options.has('nomessages');
  if (isErrno(stat)) {
    search.status = 2;
    if (!quiet) yield* command.fail(`${path}: ${stat.message}`);
    return;
  }
  const directory = (stat.mode & S_IFMT) === S_IFDIR;
  if ((!top || named) && path !== '-' && !wanted(search, path, directory, top)) return;
  if (directory) {
    if (recursive) yield* searchDirectory(search, path, named || !top);
    else if (options.value('directories') !== 'skip') {
      if (!quiet) yield* command.fail(`${path}: ${EISDIR.message}`);
      search.status = 2;
    }
    return;
  }
  if (!top && (stat.mode & S_IFMT) !== S_IFREG) return;
  const shown =
    path === '-'
      ? (options.value('label') ?? '(standard input)')
      : named || top
        ? path
        : path.replace(/^\.\//, '');
  const fd = path === '-' ? 0 : process.open(path);
  if (isErrno(fd)) {
    search.status = 2;
    if (!quiet) yield* command.fail(`${path}: ${fd.message}`);
    return;
  }
  const reader = fd === 0 ? command.input : new Reader(process, fd);
  yield* searchFile(search, reader, shown);
  if (reader.failure) {
    search.status = 2;
    if (!quiet) yield* command.fail(`${shown}: ${reader.failure.message}`);
  }
  if (fd !== 0) process.close(fd);
}

function* searchDirectory(search: Search, path: string, named: boolean): Routine<void> {
  const { command } = search;
  const items = command.process.readdir(path);
  if (isErrno(items)) {
    search.status = 2;
    if (!command.options.has('nomessages')) yield* command.fail(`${path}: ${items.message}`);
    return;
  }
  for (const { name } of items) {
    yield* searchPath(search, named ? joinPath(path, name) : name, true, named, false);
    if (search.output === 'quiet' && search.selected) return;
  }
}

const SEPARATOR = '--';
/** What decoding makes of bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** One line of output: its text, its place, and whether it was selected. */
interface Shown {
  readonly text: string;
  /** Its bytes, which need not be UTF-8. */
  readonly bytes: Uint8Array;
  readonly line: number;
  readonly offset: number;
}

function* searchFile(search: Search, reader: Reader, name: string): Routine<void> {
  const { command, finder, end } = search;
  const { out, process } = command;
  let count = 0;
  let line = 0;
  let offset = 0;
  let trailing = 0;
  let lastShown = 0;
  let binary = false;
  const held: Shown[] = [];
  while (!out.failure) {
    const bytes = yield* reader.lineBytes(end);
    if (!bytes) break;
    yield* process.work(bytes.length * 2);
    line++;
    if (!binary && !search.text && end === 10 && bytes.includes(0)) binary = true;
    const ended = bytes.at(-1) === end;
    const content = ended ? bytes.subarray(0, -1) : bytes;
    const text = binary ? binaryString(content) : decode(content);
    const selected = count < search.most && finder.test(text) !== search.invert;
    const shown: Shown = { text, bytes: content, line, offset };
    offset += bytes.length;
    if (selected) {
      count++;
      search.selected = true;
      if (search.output === 'quiet' || search.output === 'list' || search.output === 'unlisted')
        break;
      if (search.output === 'lines') {
        if (binary) {
          yield* out.flush();
          yield* out.print(`grep: ${name}: binary file matches\n`);
          return;
        }
        if (search.context && lastShown > 0 && line - held.length > lastShown + 1)
          yield* out.print(groupSeparator(search));
        for (const earlier of held.splice(0)) yield* printLine(search, name, earlier, false);
        yield* printLine(search, name, shown, true);
        lastShown = line;
        trailing = search.after;
      }
    } else if (trailing > 0 && search.output === 'lines' && !binary) {
      trailing--;
      yield* printLine(search, name, shown, false);
      lastShown = line;
    } else if (search.before > 0) {
      held.push(shown);
      if (held.length > search.before) held.shift();
    }
    if (count >= search.most && trailing === 0) break;
  }
  yield* report(search, name, count);
}

function* report(search: Search, name: string, count: number): Routine<void> {
  const { out } = search.command;
  const shown = search.colour ? `\x1b[35m\x1b[K${name}\x1b[m\x1b[K` : name;
  const colon = search.colour ? '\x1b[36m\x1b[K:\x1b[m\x1b[K' : ':';
  const end = search.nameEnd || '\n';
  if (search.output === 'count') {
    yield* out.print(`${search.names ? shown + (search.nameEnd || colon) : ''}${count}\n`);
  } else if (search.output === 'list' && count > 0) yield* out.print(shown + end);
  else if (search.output === 'unlisted') {
    if (count === 0) yield* out.print(shown + end);
  }
}

function groupSeparator(search: Search): string {
  const { options } = search.command;
  if (options.has('noseparator')) return '';
  const separator = options.value('separator') ?? SEPARATOR;
  return search.colour ? `\x1b[36m\x1b[K${separator}\x1b[m\x1b[K\n` : `${separator}\n`;
}

function prefix(search: Search, name: string, line: number, offset: number, mark: string): string {
  const paint = (code: string, text: string): string =>
    search.colour ? `\x1b[${code}m\x1b[K${text}\x1b[m\x1b[K` : text;
  const tab = search.command.options.has('tab') ? '\t' : '';
  let out = '';
  if (search.names) out += paint('35', name) + (search.nameEnd || paint('36', mark));
  if (search.number)
    out += paint('32', tab ? String(line).padStart(4) : String(line)) + paint('36', mark);
  if (search.offset) out += paint('32', String(offset)) + paint('36', mark);
  return out === '' ? '' : out + tab;
}

function* printLine(search: Search, name: string, shown: Shown, selected: boolean): Routine<void> {
  const { out } = search.command;
  const { text, line } = shown;
  const end = search.end === 0 ? '\0' : '\n';
  const mark = selected ? ':' : '-';
  if (search.only) {
    if (!selected || search.invert) return;
    for (const [from, to] of search.finder.all(text)) {
      const part = text.slice(from, to);
      const painted = search.colour ? `\x1b[01;31m\x1b[K${part}\x1b[m\x1b[K` : part;
      yield* out.print(prefix(search, name, line, shown.offset + from, mark) + painted + end);
    }
    return;
  }
  if (text.includes(REPLACEMENT) && !search.colour) {
    out.put(prefix(search, name, line, shown.offset, mark));
    out.put(shown.bytes);
    yield* out.print(end);
    return;
  }
  const body = search.colour && selected && !search.invert ? paintMatches(search, text) : text;
  yield* out.print(prefix(search, name, line, shown.offset, mark) + body + end);
}

function paintMatches(search: Search, text: string): string {
  let out = '';
  let at = 0;
  for (const [from, to] of search.finder.all(text)) {
    out += `${text.slice(at, from)}\x1b[01;31m\x1b[K${text.slice(from, to)}\x1b[m\x1b[K`;
    at = to;
  }
  return out + text.slice(at);
}
