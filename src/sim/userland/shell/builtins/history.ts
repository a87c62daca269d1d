// history and fc -l.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/files/open-file.ts';
import type { Shell } from '../shell.ts';
import { History } from '../readline/history.ts';
import type { Builtin } from './index.ts';
import { letters, output, say, wrongLetter } from './messages.ts';

function historyOf(shell: Shell): History {
  shell.history ??= new History();
  return shell.history;
}

function* history(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'acd:nrwps');
  if (parsed.wrong) return yield* wrongLetter(shell, 'history', parsed.wrong);
  const options = new Map(parsed.options);
  const list = historyOf(shell);
  if (options.has('c')) list.clear();
  const removed = options.get('d');
  if (removed !== undefined && !list.remove(Number(removed))) {
    return yield* say(shell, 'history', `${removed}: history position out of range`);
  }
  if (options.has('s')) {
    if (shell.interactive) list.removeLast();
    list.add(parsed.operands.join(' '));
    return 0;
  }
  if (options.has('p')) return yield* output(shell, 'history', `${parsed.operands.join('\n')}\n`);
  const files = [...options.keys()].filter((letter) => 'anrw'.includes(letter));
  if (files.length > 1) return yield* say(shell, 'history', 'cannot use more than one of -anrw');
  const [file] = files;
  if (file !== undefined) return yield* historyFile(shell, list, file, parsed.operands[0]);
  if (options.size > 0) return 0;
  const [count] = parsed.operands;
  if (count !== undefined && !/^\d+$/.test(count)) {
    return yield* say(shell, 'history', `${count}: numeric argument required`);
  }
  const from = count === undefined ? 0 : Math.max(0, list.all.length - Number(count));
  const lines = list.all
    .slice(from)
    .map((line, i) => `${String(list.base + from + i).padStart(5)}  ${line}\n`);
  return yield* output(shell, 'history', lines.join(''));
}

/** -a appends what the file lacks, -n reads what the list lacks, -r reads all, -w writes all. */
function* historyFile(
  shell: Shell,
  list: History,
  letter: string,
  given: string | undefined,
): Routine<number> {
  const { process } = shell;
  const path = given ?? shell.value('HISTFILE');
  if (path === '') return 1;
  if (letter === 'a' || letter === 'w') {
    const lines = letter === 'w' ? list.all : list.unsaved > 0 ? list.all.slice(-list.unsaved) : [];
    if (letter === 'a' && lines.length === 0) return 0;
    const how = letter === 'a' ? O_APPEND : O_TRUNC;
    const fd = process.open(path, O_WRONLY | O_CREAT | how, 0o600);
    if (isErrno(fd)) return 1;
    yield* shell.process.write(fd, encode(lines.map((line) => `${line}\n`).join('')));
    process.close(fd);
    list.linesRead += letter === 'a' ? lines.length : 0;
    list.unsaved = 0;
    return 0;
  }
  const fd = process.open(path);
  if (isErrno(fd)) return 1;
  const bytes = yield* process.readAll(fd);
  process.close(fd);
  if (isErrno(bytes)) return 1;
  const lines = decode(bytes)
    .split('\n')
    .filter((line) => line !== '');
  const { unsaved } = list;
  for (const line of letter === 'n' ? lines.slice(list.linesRead) : lines) list.add(line);
  list.linesRead = lines.length;
  list.unsaved = unsaved;
  return 0;
}

function* fc(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'e:lnrs');
  if (parsed.wrong && !/^-\d/.test(parsed.wrong))
    return yield* wrongLetter(shell, 'fc', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  if (!flags.has('l')) {
    yield* shell.print(2, 'drydock: fc without -l is not simulated\n');
    return 125;
  }
  const list = historyOf(shell);
  const [first, last] = parsed.operands.map(Number);
  const from =
    first === undefined
      ? Math.max(list.base, list.size - 16)
      : first < 0
        ? list.size + first
        : first;
  const to = last ?? list.size - (shell.interactive ? 1 : 0);
  let rows: string[] = [];
  for (let number = from; number <= to; number++) {
    const line = list.get(number);
    if (line !== undefined) rows.push(`${flags.has('n') ? '' : number}\t ${line}\n`);
  }
  if (flags.has('r')) rows = rows.reverse();
  return yield* output(shell, 'fc', rows.join(''));
}

export const historyBuiltins: readonly Builtin[] = [
  { name: 'history', run: history },
  { name: 'fc', run: fc },
];
