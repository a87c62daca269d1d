// Parameter expansion with its operators (bash(1), Parameter Expansion).

import type { Routine } from '../../../core/wait.ts';
import { fromBytes, toBytes } from '../bytes.ts';
import { arithmetic, assignElement, element, unboundStatus } from '../assign.ts';
import type { Shell } from '../shell.ts';
import type { ParameterPiece } from '../syntax/tree.ts';
import { readWord } from '../syntax/word.ts';
import { elements, indexes, tableEntries } from '../variables.ts';
import { ExpansionFailure } from './failure.ts';
import type { Fields } from './fields.ts';
import { changeCase, removePart, replacePart } from './operators.ts';
import { transform } from './transform.ts';
import { addPieces, expandText, unbound } from './words.ts';

/** What a name with its subscript stands for. */
interface Target {
  readonly name: string;
  /** The expanded subscript, where there is one and it is not `@` or `*`. */
  readonly index: string | undefined;
  /** All elements: `@` or `*`. */
  readonly all: '' | '@' | '*';
  readonly value: string | undefined;
  readonly values: readonly string[];
}

/** Expands `${…}` into fields. */
export function* expandParameter(fields: Fields, piece: ParameterPiece): Routine<void> {
  const { shell } = fields;
  const { operator, quoted } = piece;
  if (operator === 'bad') {
    if (!shell.dialect.extended) throw new ExpansionFailure('Bad substitution', 'shell', 2);
    throw new ExpansionFailure(`${piece.raw}: bad substitution`, 'line');
  }
  if (operator === 'names*' || operator === 'names@') {
    const names = shell.variables.list().filter((name) => name.startsWith(piece.name));
    fields.list(names, operator === 'names*', quoted);
    return;
  }
  const first = yield* targetOf(shell, piece.name, piece.index?.raw, piece);
  if (piece.prefix === '#') {
    addScalar(fields, quoted, String(lengthOf(shell, first)));
    return;
  }
  if (piece.prefix === '!' && first.all !== '' && first.name !== '@' && first.name !== '*') {
    fields.list(keysOf(shell, first.name), first.all === '*', quoted);
    return;
  }
  const target = piece.prefix === '!' ? yield* indirect(shell, first, piece) : first;
  if (/^:?[-=+?]$/.test(operator)) {
    yield* withDefault(fields, piece, target);
    return;
  }
  if (target.value === undefined && target.all === '' && shell.option('nounset')) {
    throw unbound(
      shell,
      target.index === undefined ? target.name : `${target.name}[${target.index}]`,
    );
  }
  yield* applied(fields, piece, target);
}

function addScalar(fields: Fields, quoted: boolean, value: string | undefined): void {
  if (quoted) fields.quoted(value ?? '');
  else if (value !== undefined) fields.split(value);
}

function* targetOf(
  shell: Shell,
  name: string,
  subscript: string | undefined,
  piece: ParameterPiece,
): Routine<Target> {
  if (name === '@' || name === '*') {
    const value = shell.parameter(name);
    return { name, index: undefined, all: name, value, values: shell.positional };
  }
  if (subscript === undefined) {
    const value = shell.parameter(name);
    return { name, index: undefined, all: '', value, values: value === undefined ? [] : [value] };
  }
  if (subscript === '@' || subscript === '*') {
    const values = allValues(shell, name);
    const value = values.length > 0 ? values.join(' ') : undefined;
    return { name, index: undefined, all: subscript, value, values };
  }
  const word = piece.index?.raw === subscript ? piece.index : readWord(subscript, 'word');
  const index = yield* expandText(shell, word);
  const value = element(shell, name, index);
  return { name, index, all: '', value, values: value === undefined ? [] : [value] };
}

/** The characters of a text as the locale has them: bytes in C. */
function charactersOf(shell: Shell, text: string): readonly string[] {
  const locale = shell.value('LC_ALL') || shell.value('LC_CTYPE') || shell.value('LANG');
  if (/utf-?8/i.test(locale) || /^[\0-\x7f]*$/.test(text)) return Array.from(text);
  return Array.from(toBytes(text), (byte) => fromBytes(Uint8Array.of(byte)));
}

function allValues(shell: Shell, name: string): readonly string[] {
  const variable = shell.variables.find(name);
  if (variable?.array) return elements(variable.array);
  if (variable?.table) return tableEntries(variable.table).map(([, value]) => value);
  const value = shell.parameter(name);
  return value === undefined ? [] : [value];
}

function keysOf(shell: Shell, name: string): readonly string[] {
  const variable = shell.variables.find(name);
  if (variable?.array) return indexes(variable.array).map(String);
  if (variable?.table) return tableEntries(variable.table).map(([key]) => key);
  return variable?.value === undefined ? [] : ['0'];
}

function lengthOf(shell: Shell, target: Target): number {
  if (target.all !== '') return target.values.length;
  if (target.value === undefined && shell.option('nounset')) throw unbound(shell, target.name);
  return charactersOf(shell, target.value ?? '').length;
}

/** `${!name}`: the parameter that the value names. A name reference gives the name itself. */
function* indirect(shell: Shell, first: Target, piece: ParameterPiece): Routine<Target> {
  const reference = shell.variables.findExact(first.name);
  if (reference?.reference && first.index === undefined) {
    const value = shell.variables.target(first.name);
    return { ...first, value, values: [value] };
  }
  const named = first.value;
  if (named === undefined || named === '') {
    if (piece.operator !== '') return { ...first, value: undefined, values: [] };
    if (!/^[A-Za-z_]/.test(piece.name)) return { ...first, value: undefined, values: [] };
    throw new ExpansionFailure(`${piece.name}: invalid indirect expansion`, 'line');
  }
  const parts = /^([A-Za-z_]\w*)(?:\[(.*)\])?$|^(\d+|[@*#?$!-])$/s.exec(named);
  if (!parts) throw new ExpansionFailure(`${named}: invalid variable name`, 'line');
  return yield* targetOf(shell, parts[1] ?? parts[3] ?? '', parts[2], piece);
}

/** `-`, `=`, `+`, `?` with and without the colon. */
function* withDefault(fields: Fields, piece: ParameterPiece, target: Target): Routine<void> {
  const { shell } = fields;
  const { operator, operand, quoted } = piece;
  const kind = operator.at(-1);
  const empty = target.all !== '' ? target.values.join('') === '' : target.value === '';
  const missing = target.value === undefined || (operator.startsWith(':') && empty);
  if (kind === '+' ? missing : !missing) {
    if (kind === '+') {
      if (quoted) fields.quoted('');
    } else addTarget(fields, piece, target, target.values);
    return;
  }
  const pieces = operand?.pieces ?? [];
  if (kind === '-' || kind === '+') {
    if (quoted && pieces.length === 0) fields.quoted('');
    yield* addPieces(fields, pieces, !quoted);
    return;
  }
  const text = operand ? yield* expandText(shell, operand) : '';
  if (kind === '?') {
    const said = text || (operator === ':?' ? 'parameter null or not set' : 'parameter not set');
    const shown = target.index === undefined ? target.name : `${target.name}[${target.index}]`;
    throw new ExpansionFailure(`${shown}: ${said}`, 'shell', unboundStatus(shell));
  }
  if (!/^[A-Za-z_]/.test(target.name)) {
    throw new ExpansionFailure(`$${target.name}: cannot assign in this way`, 'line');
  }
  if (target.index === undefined) shell.assign(target.name, text);
  else assignElement(shell, target.name, target.index, text, false);
  addScalar(fields, quoted, text);
}

function addTarget(
  fields: Fields,
  piece: ParameterPiece,
  target: Target,
  values: readonly string[],
): void {
  if (target.all !== '') fields.list(values, target.all === '*', piece.quoted);
  else addScalar(fields, piece.quoted, values[0]);
}

/** The operators that change values: each element of a list by itself. */
function* applied(fields: Fields, piece: ParameterPiece, target: Target): Routine<void> {
  const { shell } = fields;
  const { operator, operand, replacement } = piece;
  let { values } = target;
  if (operator === 'slice') {
    const offset = yield* integer(shell, target.name, operand);
    const length = replacement ? yield* integer(shell, target.name, replacement) : undefined;
    values = slice(shell, target, offset, length);
  } else if (operator.startsWith('/')) {
    const pattern = operand ? yield* expandText(shell, operand, 'pattern') : '';
    const mode = shell.shopt('patsub_replacement') ? 'replacement' : 'string';
    const by = replacement ? yield* expandText(shell, replacement, mode) : '';
    values = values.map((value) => replacePart(shell, value, operator, pattern, by));
  } else if (operator.startsWith('@')) {
    if (operator === '@bad') {
      if (target.value === undefined) return;
      throw new ExpansionFailure(`${piece.raw}: bad substitution`, 'line');
    }
    values = transform(shell, operator.slice(1), target.name, target.all, values);
  } else if (operator !== '') {
    const pattern = operand ? yield* expandText(shell, operand, 'pattern') : '';
    const change = /[\^,~]/.test(operator) ? changeCase : removePart;
    values = values.map((value) => change(value, operator, pattern));
  }
  addTarget(fields, piece, target, values);
}

/** An offset or length; where it is wrong, the message names the parameter. */
function* integer(shell: Shell, name: string, word: ParameterPiece['operand']): Routine<number> {
  const text = word ? yield* expandText(shell, word) : '';
  try {
    return Number(arithmetic(shell, text));
  } catch (thrown) {
    if (!(thrown instanceof ExpansionFailure) || thrown.reach === 'shell') throw thrown;
    throw new ExpansionFailure(`${name}: ${thrown.message}`, thrown.reach, thrown.status);
  }
}

function slice(
  shell: Shell,
  target: Target,
  offset: number,
  length: number | undefined,
): readonly string[] {
  if (target.all === '') {
    const characters = charactersOf(shell, target.value ?? '');
    const from = offset < 0 ? characters.length + offset : offset;
    if (from < 0 || from > characters.length) return target.value === undefined ? [] : [''];
    const to =
      length === undefined
        ? characters.length
        : length < 0
          ? characters.length + length
          : from + length;
    if (to < from) {
      throw new ExpansionFailure(`${length}: substring expression < 0`, 'line');
    }
    return [characters.slice(from, to).join('')];
  }
  if (length !== undefined && length < 0) {
    throw new ExpansionFailure(`${length}: substring expression < 0`, 'line');
  }
  if (target.name === '@' || target.name === '*') {
    const all = offset === 0 ? [shell.name, ...target.values] : target.values;
    const from = offset < 0 ? target.values.length + 1 + offset : offset;
    const begin = offset === 0 ? 0 : from - 1;
    return begin < 0 ? [] : all.slice(begin, length === undefined ? undefined : begin + length);
  }
  return sliceArray(shell, target, offset, length);
}

function sliceArray(
  shell: Shell,
  target: Target,
  offset: number,
  length: number | undefined,
): readonly string[] {
  const array = shell.variables.find(target.name)?.array;
  if (!array) {
    const from = offset < 0 ? target.values.length + offset : offset;
    return target.values.slice(from, length === undefined ? undefined : from + length);
  }
  const keys = indexes(array);
  const from = offset < 0 ? (keys.at(-1) ?? -1) + 1 + offset : offset;
  if (from < 0) return [];
  const chosen = keys.filter((key) => key >= from);
  return chosen.slice(0, length).map((key) => array.get(key) ?? '');
}
