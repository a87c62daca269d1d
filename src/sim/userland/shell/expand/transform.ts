// `${v@Q}` and its like: quoting, case, prompts, attributes.

import { doubleQuote, readableQuote } from '../quote.ts';
import { promptText } from '../readline/prompt.ts';
import type { Shell } from '../shell.ts';
import { replaceEscapes } from '../syntax/ansi.ts';
import { indexes, tableEntries, type Variable } from '../variables.ts';

/** The letters of `declare` for a variable's attributes, in bash's order. */
export function attributeLetters(variable: Variable): string {
  const flags: readonly (readonly [boolean, string])[] = [
    [variable.array !== undefined, 'a'],
    [variable.table !== undefined, 'A'],
    [variable.integer, 'i'],
    [variable.reference, 'n'],
    [variable.readonly, 'r'],
    [variable.exported, 'x'],
    [variable.fold === 'lower', 'l'],
    [variable.fold === 'upper', 'u'],
  ];
  return flags.map(([on, letter]) => (on ? letter : '')).join('');
}

/** `name='value'` with `declare` before it where there are attributes, as `${v@A}` writes it. */
function assignment(shell: Shell, name: string, values: readonly string[]): string[] {
  const variable = shell.variables.find(name);
  if (!variable) return [];
  const letters = attributeLetters(variable);
  if (variable.array || variable.table) {
    const list = variable.array
      ? indexes(variable.array).map((i) => `[${i}]=${doubleQuote(variable.array?.get(i) ?? '')}`)
      : tableEntries(variable.table ?? new Map()).map(
          ([key, value]) => `[${key}]=${doubleQuote(value)}`,
        );
    const end = variable.table && list.length > 0 ? ' ' : '';
    return [`declare -${letters} ${name}=(${list.join(' ')}${end})`];
  }
  const value = `${name}=${readableQuote(values[0] ?? '')}`;
  return [letters ? `declare -${letters} ${value}` : value];
}

/** Applies one transformation to all values. */
export function transform(
  shell: Shell,
  letter: string,
  name: string,
  all: string,
  values: readonly string[],
): readonly string[] {
  switch (letter) {
    case 'Q':
      return values.map(readableQuote);
    case 'E':
      return values.map((value) => replaceEscapes(value, 'ansi').text);
    case 'P':
      return values.map((value) => promptText(shell, value));
    case 'U':
      return values.map((value) => value.toUpperCase());
    case 'L':
      return values.map((value) => value.toLowerCase());
    case 'u':
      return values.map((value) => value.charAt(0).toUpperCase() + value.slice(1));
    case 'A':
      return assignment(shell, name, values);
    case 'a': {
      const variable = shell.variables.find(name);
      return variable ? [attributeLetters(variable)] : [];
    }
    default:
      return all === '' ? values.map(readableQuote) : keyed(shell, name, letter, values);
  }
}

/** `@K` and `@k`: keys and values in turn. */
function keyed(
  shell: Shell,
  name: string,
  letter: string,
  values: readonly string[],
): readonly string[] {
  const variable = shell.variables.find(name);
  const keys = variable?.array
    ? indexes(variable.array).map(String)
    : tableEntries(variable?.table ?? new Map()).map(([key]) => key);
  const pairs = keys.map((key, i): [string, string] => [key, values[i] ?? '']);
  if (letter === 'k') return pairs.flat();
  return [pairs.map(([key, value]) => `${key} ${doubleQuote(value)}`).join(' ')];
}
