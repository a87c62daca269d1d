// read, mapfile (readarray) and getopts.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { assignArray, assignElement } from '../assign.ts';
import { fromBytes } from '../bytes.ts';
import { backslashQuote } from '../quote.ts';
import { runText } from '../run/text.ts';
import type { Shell } from '../shell.ts';
import { toArray } from '../assign.ts';
import { getopts } from './getopts.ts';
import type { Builtin } from './index.ts';
import { letters, say, wrongLetter } from './messages.ts';
import { readLine, readRest } from './read-line.ts';

const NAME = /^[A-Za-z_]\w*(\[.*\])?$/;

function* read(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, shell.dialect.extended ? 'ersa:d:i:n:N:p:t:u:' : 'rp:');
  if (parsed.wrong) return yield* wrongLetter(shell, 'read', parsed.wrong);
  const options = new Map(parsed.options);
  const names = parsed.operands;
  for (const name of names) {
    if (!NAME.test(name)) return yield* say(shell, 'read', `\`${name}': not a valid identifier`);
  }
  if (names.length === 0 && !shell.dialect.extended)
    return yield* say(shell, 'read', 'arg count', 2);
  const fd = Number(options.get('u') ?? 0);
  const { process } = shell;
  if (isErrno(process.fstat(fd))) {
    return yield* say(
      shell,
      'read',
      `${options.get('u') ?? fd}: invalid file descriptor: Bad file descriptor`,
    );
  }
  const timeout = options.get('t');
  if (timeout !== undefined && !/^\d*\.?\d*$/.test(timeout)) {
    return yield* say(shell, 'read', `${timeout}: invalid timeout specification`);
  }
  const count = options.get('n') ?? options.get('N');
  if (count !== undefined && !/^\d+$/.test(count))
    return yield* say(shell, 'read', `${count}: invalid number`);
  const prompt = options.get('p');
  const terminal = process.isTerminal(fd);
  if (prompt !== undefined && (terminal || !shell.dialect.extended)) yield* shell.print(2, prompt);
  const restore = terminal ? quiet(shell, fd, options) : undefined;
  const raw = options.has('r');
  const delimiter = options.has('d') ? (options.get('d') ?? '').charCodeAt(0) || 0 : 10;
  const line = yield* readLine(process, fd, {
    delimiter,
    exactly: options.has('N'),
    continues: !raw && !options.has('N'),
    until: timeout === undefined ? undefined : process.now + Number(timeout) * SECOND,
    interrupted: () => shell.interrupted || shell.traps.pending.length > 0,
    ...(count === undefined ? {} : { most: Number(count) }),
  });
  restore?.();
  if (line.failure) {
    return yield* say(shell, 'read', `read error: ${fd}: ${line.failure.message}`);
  }
  store(shell, line.text.replaceAll('\0', ''), names, options, raw);
  if (line.timedOut) return 142;
  return line.ended ? 1 : 0;
}

/** -s and -n change the terminal while reading; gives back what undoes it. */
function quiet(
  shell: Shell,
  fd: number,
  options: ReadonlyMap<string, string>,
): (() => void) | undefined {
  const silent = options.has('s');
  const byCharacter = options.has('n') || options.has('N') || options.has('d');
  if (!silent && !byCharacter) return undefined;
  const before = shell.process.ioctl(fd, 'TCGETS') as object;
  shell.process.ioctl(fd, 'TCSETS', {
    ...before,
    ...(silent ? { echo: false } : {}),
    ...(byCharacter ? { icanon: false } : {}),
  });
  return () => shell.process.ioctl(fd, 'TCSETS', before);
}

function store(
  shell: Shell,
  text: string,
  names: readonly string[],
  options: ReadonlyMap<string, string>,
  raw: boolean,
): void {
  const array = options.get('a');
  if (options.has('N')) {
    const [name = 'REPLY'] = names;
    put(shell, name, text);
    for (const rest of names.slice(1)) put(shell, rest, '');
    return;
  }
  const ifs = shell.separators;
  if (array !== undefined) {
    const values = splitFields(text, ifs, raw, Number.POSITIVE_INFINITY);
    assignArray(
      shell,
      array,
      values.map((value) => ({ key: undefined, append: false, value })),
      false,
    );
    return;
  }
  if (names.length === 0) {
    put(
      shell,
      'REPLY',
      raw ? text : text.replace(/\\(\n?)([\s\S]?)/g, (_, newline, c) => (newline ? c : c)),
    );
    return;
  }
  const values = splitFields(text, ifs, raw, names.length);
  for (const [i, name] of names.entries()) put(shell, name, values[i] ?? '');
}

function put(shell: Shell, name: string, value: string): void {
  const element = /^(\w+)\[(.*)\]$/s.exec(name);
  if (element) assignElement(shell, element[1] ?? '', element[2] ?? '', value, false);
  else shell.assign(name, value);
}

/**
 * Splits a line at IFS into at most `most` fields; the last takes the rest. Backslashes quote
 * unless `raw`.
 */
function splitFields(text: string, ifs: string, raw: boolean, most: number): string[] {
  const blank = (c: string | undefined): boolean =>
    c !== undefined && /[ \t\n]/.test(c) && ifs.includes(c);
  const fields: string[] = [];
  let at = 0;
  while (blank(text[at])) at++;
  while (at < text.length) {
    let field = '';
    const lastField = fields.length === most - 1;
    let keep = 0;
    const start = at;
    while (at < text.length) {
      const c = text[at] as string;
      if (c === '\\' && !raw) {
        const next = text[at + 1];
        if (next !== undefined && next !== '\n') field += next;
        at += 2;
        keep = field.length;
        continue;
      }
      if (ifs.includes(c) && !lastField) break;
      field += c;
      at++;
      if (!blank(c)) keep = field.length;
    }
    if (lastField) {
      fields.push(lastOf(field.slice(0, keep), text.slice(start), ifs, raw));
      return fields;
    }
    fields.push(field);
    while (blank(text[at])) at++;
    if (
      at < text.length &&
      ifs.includes(text[at] as string) &&
      !blank(text[at]) &&
      !blank(text[at - 1] === undefined ? '' : '')
    ) {
      at++;
      while (blank(text[at])) at++;
    }
  }
  return fields;
}

/** The last field: a single separator at its end belongs to it only where there are more. */
function lastOf(field: string, rest: string, ifs: string, raw: boolean): string {
  const last = field.at(-1);
  if (last === undefined || !raw || /[ \t\n]/.test(last) || !ifs.includes(last)) return field;
  const inner = field.slice(0, -1);
  const others = Array.from(inner).some((c) => ifs.includes(c));
  return others || rest.length === 0 ? field : inner;
}

function* mapfile(shell: Shell, words: readonly string[]): Routine<number> {
  const name = words[0] ?? 'mapfile';
  const parsed = letters(words, 'd:n:O:s:tu:C:c:');
  if (parsed.wrong) return yield* wrongLetter(shell, name, parsed.wrong);
  const options = new Map(parsed.options);
  const [array = 'MAPFILE'] = parsed.operands;
  if (!NAME.test(array)) return yield* say(shell, name, `\`${array}': not a valid identifier`);
  const fd = Number(options.get('u') ?? 0);
  if (isErrno(shell.process.fstat(fd))) {
    return yield* say(shell, name, `${fd}: invalid file descriptor: Bad file descriptor`);
  }
  const bytes = yield* readRest(shell.process, fd);
  const delimiter = options.has('d') ? options.get('d')?.charAt(0) || '\0' : '\n';
  const most = Number(options.get('n') ?? 0);
  const lines = linesOf(fromBytes(bytes), delimiter).slice(Number(options.get('s') ?? 0));
  const kept = most > 0 ? lines.slice(0, most) : lines;
  const origin = Number(options.get('O') ?? 0);
  const variable = shell.variables.make(array);
  if (!options.has('O')) assignArray(shell, array, [], false);
  const target = toArray(variable);
  const quantum = Number(options.get('c') ?? 5000);
  const callback = options.get('C');
  for (const [i, line] of kept.entries()) {
    const value = options.has('t') && line.endsWith(delimiter) ? line.slice(0, -1) : line;
    if (callback !== undefined && (i + 1) % quantum === 0) {
      yield* runText(shell, `${callback} ${origin + i} ${backslashQuote(value)}`);
    }
    target.set(origin + i, value);
  }
  return 0;
}

function linesOf(text: string, delimiter: string): string[] {
  const lines = text.split(delimiter);
  const last = lines.pop() ?? '';
  const whole = lines.map((line) => line + delimiter);
  return last === '' ? whole : [...whole, last];
}

export const readBuiltins: readonly Builtin[] = [
  { name: 'read', posix: true, run: read },
  { name: 'mapfile', run: mapfile },
  { name: 'readarray', run: mapfile },
  { name: 'getopts', posix: true, run: getopts },
];
