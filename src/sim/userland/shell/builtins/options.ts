// set, shopt, and alias: how the shell behaves.

import type { Routine } from '../../../core/wait.ts';
import { singleQuote } from '../quote.ts';
import {
  isSetOption,
  isShoptOption,
  SET_OPTIONS,
  SHOPT_OPTIONS,
  setOptionOf,
  switchOption,
} from '../settings.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';
import { listing } from './declare.ts';
import { letters, output, say, usage, wrongLetter } from './messages.ts';
import { printFunction } from '../syntax/print.ts';

function* setCommand(shell: Shell, words: readonly string[]): Routine<number> {
  if (words.length === 1) return yield* listAll(shell);
  let at = 1;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--' || word === '-') {
      if (word === '-') {
        switchOption(shell, 'xtrace', false);
        switchOption(shell, 'verbose', false);
      }
      shell.positional =
        word === '--' || at + 1 < words.length ? words.slice(at + 1) : shell.positional;
      return 0;
    }
    if (!/^[-+]/.test(word) || word === '+') break;
    const on = word.startsWith('-');
    for (const letter of word.slice(1)) {
      if (letter === 'o') {
        const name = words[++at];
        if (name === undefined) return yield* listOptions(shell, on);
        const status = yield* byName(shell, name, on);
        if (status !== 0) return status;
        continue;
      }
      const option = setOptionOf(letter);
      if (!option) {
        if (!shell.dialect.extended)
          return yield* say(shell, 'set', `Illegal option ${word.charAt(0)}${letter}`, 2);
        yield* say(shell, 'set', `${word.charAt(0)}${letter}: invalid option`);
        return yield* usage(shell, 'set');
      }
      switchOption(shell, option, on);
    }
  }
  if (at < words.length) shell.positional = words.slice(at);
  return 0;
}

function* byName(shell: Shell, name: string, on: boolean): Routine<number> {
  if (!isSetOption(name) || (name === 'pipefail' && shell.dialect.name === 'dash')) {
    if (!shell.dialect.extended) {
      shell.jump = { kind: 'exit' };
      shell.lastStatus = yield* say(shell, 'set', `Illegal option -o ${name}`, 2);
      return shell.lastStatus;
    }
    return yield* say(shell, 'set', `${name}: invalid option name`, 2);
  }
  switchOption(shell, name, on);
  return 0;
}

function* listOptions(shell: Shell, table: boolean): Routine<number> {
  const text = SET_OPTIONS.map(([name]) => {
    const on = shell.option(name);
    return table
      ? `${name.padEnd(15)}\t${on ? 'on' : 'off'}\n`
      : `set ${on ? '-' : '+'}o ${name}\n`;
  });
  return yield* output(shell, 'set', text.join(''));
}

function* listAll(shell: Shell): Routine<number> {
  let text = '';
  for (const name of shell.variables.list()) {
    const variable = shell.variables.findExact(name);
    const line = variable && listing(name, variable);
    if (line !== undefined) text += `${line}\n`;
  }
  for (const name of [...shell.functions.keys()].sort()) {
    const definition = shell.functions.get(name);
    if (definition && !shell.option('posix')) text += printFunction(definition);
  }
  return yield* output(shell, 'set', text);
}

function* shopt(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'pqsuo');
  if (parsed.wrong) return yield* wrongLetter(shell, 'shopt', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  const names = parsed.operands;
  if (flags.has('s') && flags.has('u')) {
    return yield* say(shell, 'shopt', 'cannot set and unset shell options simultaneously');
  }
  const ofSet = flags.has('o');
  const isOn = (name: string): boolean | undefined => {
    if (ofSet) return isSetOption(name) ? shell.option(name) : undefined;
    return isShoptOption(name) ? shell.shopt(name) : undefined;
  };
  const changes = flags.has('s') || flags.has('u');
  if (names.length > 0 && changes) return yield* change(shell, names, flags.has('s'), ofSet);
  const all =
    names.length > 0
      ? names
      : (ofSet ? SET_OPTIONS : SHOPT_OPTIONS).map(([name]) => name as string);
  let status = 0;
  let text = '';
  for (const name of all) {
    const on = isOn(name);
    if (on === undefined) {
      status = yield* say(shell, 'shopt', `${name}: invalid shell option name`);
      continue;
    }
    if (names.length > 0 && !on) status = 1;
    if (changes && on !== flags.has('s')) continue;
    text += optionLine(name, on, flags.has('p'), ofSet);
  }
  if (flags.has('q')) return status;
  return (yield* output(shell, 'shopt', text)) || status;
}

function optionLine(name: string, on: boolean, reusable: boolean, ofSet: boolean): string {
  if (!reusable) return `${name.padEnd(15)}\t${on ? 'on' : 'off'}\n`;
  return ofSet ? `set ${on ? '-' : '+'}o ${name}\n` : `shopt -${on ? 's' : 'u'} ${name}\n`;
}

function* change(
  shell: Shell,
  names: readonly string[],
  on: boolean,
  ofSet: boolean,
): Routine<number> {
  let status = 0;
  for (const name of names) {
    if (ofSet && isSetOption(name)) switchOption(shell, name, on);
    else if (!ofSet && isShoptOption(name)) {
      if (on) shell.settings.shopt.add(name);
      else shell.settings.shopt.delete(name);
    } else status = yield* say(shell, 'shopt', `${name}: invalid shell option name`);
  }
  return status;
}

function* alias(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = shell.dialect.extended
    ? letters(words, 'p')
    : { operands: words.slice(1), options: [] };
  if ('wrong' in parsed && parsed.wrong) return yield* wrongLetter(shell, 'alias', parsed.wrong);
  const line = (name: string, value: string): string =>
    `${shell.dialect.extended ? 'alias ' : ''}${name}=${singleQuote(value)}\n`;
  if (parsed.operands.length === 0) {
    const list = [...shell.aliases].sort(([a], [b]) => (a < b ? -1 : 1));
    return yield* output(shell, 'alias', list.map(([name, value]) => line(name, value)).join(''));
  }
  let status = 0;
  for (const operand of parsed.operands) {
    const equals = operand.indexOf('=');
    const name = operand.slice(0, equals);
    if (equals > 0 && shell.dialect.extended && /[\s$`'"\\/|&;<>()]/.test(name)) {
      status = yield* say(shell, 'alias', `\`${name}': invalid alias name`);
      continue;
    }
    if (equals > 0) {
      shell.aliases.set(name, operand.slice(equals + 1));
      continue;
    }
    const value = shell.aliases.get(operand);
    if (value !== undefined)
      status = (yield* output(shell, 'alias', line(operand, value))) || status;
    else
      status = yield* say(
        shell,
        'alias',
        `${operand}${shell.dialect.extended ? ':' : ''} not found`,
      );
  }
  return status;
}

function* unalias(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'a');
  if (parsed.wrong) return yield* wrongLetter(shell, 'unalias', parsed.wrong);
  if (parsed.options.length > 0) {
    shell.aliases.clear();
    return 0;
  }
  if (parsed.operands.length === 0) return yield* usage(shell, 'unalias');
  let status = 0;
  for (const name of parsed.operands) {
    if (!shell.aliases.delete(name)) status = yield* say(shell, 'unalias', `${name}: not found`);
  }
  return status;
}

export const optionBuiltins: readonly Builtin[] = [
  { name: 'set', posix: true, special: true, run: setCommand },
  { name: 'shopt', run: shopt },
  { name: 'alias', posix: true, run: alias },
  { name: 'unalias', posix: true, run: unalias },
];
