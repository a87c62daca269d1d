// Tab completion: commands in command position, variables behind `$`, users behind `~`, files
// everywhere else, and what `complete` has registered for a command.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR } from '../../../kernel/files/inode.ts';
import { assignArray } from '../assign.ts';
import { candidates } from '../builtins/completion.ts';
import { byBytes } from '../expand/glob.ts';
import { accounts, expandTilde } from '../expand/tilde.ts';
import { callFunction } from '../run/functions.ts';
import type { Completion, Shell } from '../shell.ts';
import { elements } from '../variables.ts';
import { commandNames } from './names.ts';

export interface Completions {
  /** Where the word begins that is being completed (in characters). */
  readonly from: number;
  /** What the word may become, sorted. */
  readonly words: readonly string[];
  /** How each is shown in a list. */
  readonly shown: readonly string[];
  /** What follows a single one: a space, or nothing after a directory. */
  readonly suffix: string;
}

const BREAK = /[\s;|&<>()=:`]/;

/** What the text before the cursor can be completed to. */
export function* completionsFor(shell: Shell, before: string): Routine<Completions> {
  let start = before.length;
  while (start > 0 && !(BREAK.test(before[start - 1] as string) && before[start - 2] !== '\\'))
    start--;
  const word = before.slice(start);
  const from = Array.from(before.slice(0, start)).length;
  const variable = /^(.*\$\{?)(\w*)$/.exec(word);
  if (variable) {
    const [, head = '', name = ''] = variable;
    const close = head.endsWith('{') ? '}' : '';
    const names = shell.variables.list().filter((known) => known.startsWith(name));
    return {
      from,
      words: names.map((known) => head + known + close),
      shown: names.map((known) => `$${known}`),
      suffix: ' ',
    };
  }
  if (/^~[\w-]*$/.test(word)) {
    const users = accounts(shell.process)
      .map(([name]) => `~${name}`)
      .filter((name) => name.startsWith(word) && name !== '~undefined');
    return { from, words: users.sort(byBytes), shown: users, suffix: '/' };
  }
  const command = commandBefore(before.slice(0, start));
  if (command === undefined && !word.includes('/')) {
    const names = commandNames(shell).filter((name) => name.startsWith(word));
    return { from, words: names, shown: names, suffix: ' ' };
  }
  const special = command === undefined ? undefined : shell.completions.get(command.name);
  if (special) {
    const found = yield* programmed(shell, special, command?.name ?? '', before, word);
    if (found.length > 0)
      return {
        from,
        words: found,
        shown: found,
        suffix: special.options.includes('nospace') ? '' : ' ',
      };
  }
  return files(shell, word, from, command === undefined || command.name === 'cd');
}

/** The command whose arguments are being typed; undefined in command position. */
function commandBefore(text: string): { name: string } | undefined {
  const part = text.slice(
    Math.max(...[';', '|', '&', '(', '`', '\n'].map((c) => text.lastIndexOf(c))) + 1,
  );
  const words = part
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '' && !/^\w+=/.test(word));
  const rest = words.filter(
    (word) =>
      !['if', 'then', 'do', 'else', 'while', 'until', '!', '{', 'time', 'sudo'].includes(word),
  );
  return rest[0] === undefined ? undefined : { name: rest[0] };
}

function files(shell: Shell, word: string, from: number, onlyDirectories: boolean): Completions {
  const plain = word.replace(/\\(.)/g, '$1').replace(/^["']/, '');
  const slash = plain.lastIndexOf('/');
  const directory = slash < 0 ? '' : plain.slice(0, slash + 1);
  const prefix = plain.slice(slash + 1);
  const real = directory.startsWith('~')
    ? directory.replace(/^~([^/]*)/, (_, user: string) => expandTilde(shell, user))
    : directory;
  const list = shell.process.readdir(real === '' ? '.' : real);
  if (isErrno(list)) return { from, words: [], shown: [], suffix: '' };
  const words: string[] = [];
  const shown: string[] = [];
  const matching = list.filter(
    ({ name }) => name.startsWith(prefix) && (prefix !== '' || !name.startsWith('.')),
  );
  for (const { name } of matching.sort((a, b) => byBytes(a.name, b.name))) {
    const stat = shell.process.stat(real + name);
    const isDirectory = !isErrno(stat) && (stat.mode & 0o170000) === S_IFDIR;
    if (onlyDirectories && !isDirectory && !word.includes('/')) continue;
    const quoted = directory + name.replace(/[ "'`$\\|&;()<>*?[\]!#]/g, '\\$&');
    words.push(isDirectory ? `${quoted}/` : quoted);
    shown.push(isDirectory ? `${name}/` : name);
  }
  const single = words.length === 1 && words[0]?.endsWith('/');
  return { from, words, shown, suffix: single ? '' : ' ' };
}

/** Asks what `complete` registered: its word list, actions and function. */
function* programmed(
  shell: Shell,
  completion: Completion,
  command: string,
  line: string,
  word: string,
): Routine<string[]> {
  const found = completion.words.filter((candidate) => candidate.startsWith(word));
  for (const action of completion.actions.split(' ')) {
    if (action)
      found.push(
        ...candidates(shell, action, word).filter((candidate) => candidate.startsWith(word)),
      );
  }
  const definition =
    completion.function === undefined ? undefined : shell.functions.get(completion.function);
  if (!definition) return found;
  const words = line.trimStart().split(/\s+/);
  const list = (values: readonly string[]): { key: undefined; append: false; value: string }[] =>
    values.map((value) => ({ key: undefined, append: false, value }));
  assignArray(shell, 'COMP_WORDS', list(words), false);
  shell.assign('COMP_CWORD', String(words.length - 1));
  shell.assign('COMP_LINE', line);
  shell.assign('COMP_POINT', String(line.length));
  assignArray(shell, 'COMPREPLY', [], false);
  const status = shell.lastStatus;
  yield* callFunction(shell, definition, [command, word, words.at(-2) ?? ''], () => undefined);
  shell.lastStatus = status;
  const reply = shell.variables.find('COMPREPLY')?.array;
  return [...found, ...(reply ? elements(reply) : [])];
}

/** The beginning that all share. */
export function commonPrefix(words: readonly string[]): string {
  const [first = ''] = words;
  let end = first.length;
  for (const word of words) {
    while (!word.startsWith(first.slice(0, end))) end--;
  }
  return first.slice(0, end);
}

/** Names in columns, as a terminal shows them. */
export function inColumns(names: readonly string[], width: number): string {
  const widest = Math.max(...names.map((name) => name.length)) + 2;
  const columns = Math.max(1, Math.floor(width / widest));
  const rows = Math.ceil(names.length / columns);
  let out = '';
  for (let row = 0; row < rows; row++) {
    let line = '';
    for (let i = row; i < names.length; i += rows) {
      const name = names[i] ?? '';
      line += i + rows < names.length ? name.padEnd(widest) : name;
    }
    out += `${line}\n`;
  }
  return out;
}
