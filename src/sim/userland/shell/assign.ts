// Assigning to variables: attributes (-i, -l, -u, -r, -n), arrays, and the variables that bash
// computes when looked at.

import { epochMilliseconds } from '../../core/time.ts';
import { evaluate, type ArithmeticScope } from './expand/arithmetic.ts';
import { ExpansionFailure, roomFor, roomForWords } from './expand/failure.ts';
import type { Call, Shell } from './shell.ts';
import { indexes, newVariable, scalar, type Variable } from './variables.ts';

/** What arithmetic reads and writes of a shell. */
export function arithmeticScope(shell: Shell): ArithmeticScope {
  return {
    read(name, index) {
      if (index === undefined) {
        const value = shell.parameter(name);
        if (value === undefined && shell.option('nounset')) {
          throw new ExpansionFailure(`${name}: unbound variable`, 'shell', unboundStatus(shell));
        }
        return value ?? '';
      }
      return element(shell, name, index) ?? '';
    },
    write(name, index, value) {
      if (index === undefined) assignScalar(shell, name, value);
      else assignElement(shell, name, index, value, false);
    },
  };
}

/**
 * The status of a shell that ends on an unset parameter: 127 where all of it came from -c without -e, else 1.
 */
export function unboundStatus(shell: Shell): number {
  if (shell.dialect.name !== 'bash') return 2;
  const alone = shell.level === 0 && !shell.interactive && !shell.option('errexit');
  return alone && shell.readFlags === 'c' ? 127 : 1;
}

/** An arithmetic expression's value in a shell. */
export function arithmetic(shell: Shell, text: string): number | bigint {
  return evaluate(text, arithmeticScope(shell));
}

function checkWritable(variable: Variable, name: string): void {
  if (variable.readonly) throw new ExpansionFailure(`${name}: readonly variable`, 'line');
}

/** The value as the variable's attributes want it. */
function shaped(shell: Shell, variable: Variable, value: string): string {
  if (variable.integer) return String(arithmetic(shell, value));
  if (variable.fold === 'lower') return value.toLowerCase();
  if (variable.fold === 'upper') return value.toUpperCase();
  return value;
}

/** malloc(3) asks the kernel anew for each piece of this size, and gives it back. */
const MAPPED = 128 * 1024;

function mapped(value: string): number {
  return value.length >= MAPPED ? value.length : 0;
}

/** `name=value`, or `name+=value`. */
export function assignScalar(shell: Shell, given: string, value: string, append = false): void {
  const reference = shell.variables.findExact(given);
  const wanted = reference?.reference ? shell.variables.target(given) : given;
  const subscript = wanted.includes('[') ? /^(\w+)\[(.*)\]$/.exec(wanted) : null;
  if (subscript) {
    assignElement(shell, subscript[1] ?? '', subscript[2] ?? '', value, append);
    return;
  }
  if (reference?.reference && wanted === given) {
    reference.value = value;
    return;
  }
  const variable = shell.variables.make(wanted);
  if (variable.readonly) checkWritable(variable, wanted);
  if (variable.array || variable.table) {
    assignElement(shell, wanted, '0', value, append);
    return;
  }
  let next = value;
  if (append) {
    const before = scalar(variable) ?? '';
    roomFor(before.length + value.length);
    next = variable.integer ? `${before || '0'}+(${value})` : before + value;
  }
  if (variable.integer || variable.fold) next = shaped(shell, variable, next);
  if (variable.assign) variable.assign(next);
  else {
    shell.memoryOwed += mapped(next) - mapped(variable.value ?? '');
    variable.value = next;
  }
  if (shell.option('allexport')) variable.exported = true;
  if (variable.exported) shell.variables.changed();
  if (wanted === 'PATH') shell.hash.clear();
  if (wanted === 'OPTIND') shell.optionPlace = 1;
}

/** The key or index that a subscript's text stands for; negative indexes count from the end. */
export function resolveIndex(
  shell: Shell,
  name: string,
  variable: Variable | undefined,
  text: string,
): number {
  const index = Number(arithmetic(shell, text));
  if (index >= 0) return index;
  const highest = variable?.array
    ? (indexes(variable.array).at(-1) ?? -1)
    : variable?.value !== undefined
      ? 0
      : -1;
  const counted = highest + 1 + index;
  if (counted < 0) throw new ExpansionFailure(`${name}: bad array subscript`, 'command');
  return counted;
}

/** `${name[index]}`; undefined where it is unset. */
export function element(shell: Shell, name: string, index: string): string | undefined {
  const variable = shell.variables.find(name);
  if (variable?.table) return variable.table.get(index);
  if (variable?.array) return variable.array.get(resolveIndex(shell, name, variable, index));
  const plain = scalar(variable);
  return resolveIndex(shell, name, variable, index) === 0 ? plain : undefined;
}

/** `name[index]=value`. */
export function assignElement(
  shell: Shell,
  name: string,
  index: string,
  value: string,
  append: boolean,
): void {
  const variable = shell.variables.make(name);
  checkWritable(variable, name);
  if (index === '') {
    throw new ExpansionFailure(`${name}[${index}]: bad array subscript`, 'command');
  }
  if (variable.table) {
    const before = append ? (variable.table.get(index) ?? '') : '';
    variable.table.set(index, joined(shell, variable, before, value, append));
    return;
  }
  const at = resolveIndex(shell, `${name}[${index}]`, variable, index);
  const array = toArray(variable);
  const before = append ? (array.get(at) ?? '') : '';
  array.set(at, joined(shell, variable, before, value, append));
}

function joined(
  shell: Shell,
  variable: Variable,
  before: string,
  value: string,
  append: boolean,
): string {
  roomFor(before.length + value.length);
  if (append && variable.integer) return shaped(shell, variable, `${before || '0'}+(${value})`);
  return shaped(shell, variable, before + value);
}

/** Makes a variable an indexed array, its value element 0. */
export function toArray(variable: Variable): Map<number, string> {
  if (!variable.array) {
    variable.array = new Map();
    if (variable.value !== undefined) variable.array.set(0, variable.value);
    variable.value = undefined;
  }
  return variable.array;
}

/** One expanded element of `( … )`. */
export interface Element {
  readonly key: string | undefined;
  readonly append: boolean;
  readonly value: string;
}

/** `name=( … )` or `name+=( … )`. */
export function assignArray(
  shell: Shell,
  name: string,
  list: readonly Element[],
  append: boolean,
): void {
  const variable = shell.variables.make(name);
  checkWritable(variable, name);
  if (variable.table) {
    if (!append) variable.table = new Map();
    assignTable(name, variable.table, list);
    return;
  }
  const array = append ? toArray(variable) : new Map<number, string>();
  variable.array = array;
  variable.value = undefined;
  let next = append ? (indexes(array).at(-1) ?? -1) + 1 : 0;
  roomForWords(array.size + list.length);
  for (const { key, value, append: more } of list) {
    const at = key === undefined ? next : resolveIndex(shell, name, variable, key);
    const before = more ? (array.get(at) ?? '') : '';
    array.set(at, joined(shell, variable, before, value, more));
    next = at + 1;
  }
}

function assignTable(name: string, table: Map<string, string>, list: readonly Element[]): void {
  const paired = list.length > 0 && list[0]?.key === undefined;
  if (paired) {
    for (let i = 0; i < list.length; i += 2)
      table.set(list[i]?.value ?? '', list[i + 1]?.value ?? '');
    return;
  }
  for (const { key, value, append } of list) {
    if (key === undefined) {
      throw new ExpansionFailure(
        `${name}: ${value}: must use subscript when assigning associative array`,
        'command',
      );
    }
    table.set(key, append ? (table.get(key) ?? '') + value : value);
  }
}

/** Variables that are computed, and those every shell sets itself. */
export function defineDynamic(shell: Shell): void {
  if (!shell.dialect.extended) {
    dynamic(shell, 'LINENO', () => String(shell.line));
    return;
  }
  const now = (): number => epochMilliseconds(shell.process.now);
  dynamic(
    shell,
    'LINENO',
    () => String(shell.line),
    (value) => {
      shell.linesRead = Number.parseInt(value, 10) || 0;
    },
  );
  dynamic(
    shell,
    'RANDOM',
    () => String(nextRandom(shell)),
    (value) => {
      shell.random = Number.parseInt(value, 10) || 0;
    },
  );
  dynamic(shell, 'SRANDOM', () => String(shell.process.task.kernel.entropy.int(0x7fffffff)));
  dynamic(
    shell,
    'SECONDS',
    () => String(Math.floor((shell.process.now - shell.startedAt) / 1e9)),
    (value) => {
      shell.startedAt = shell.process.now - (Number.parseInt(value, 10) || 0) * 1e9;
    },
  );
  dynamic(shell, 'EPOCHSECONDS', () => String(Math.floor(now() / 1000)));
  dynamic(shell, 'EPOCHREALTIME', () => (now() / 1000).toFixed(6));
  dynamic(shell, 'BASHPID', () => String(shell.process.pid));
  dynamic(shell, 'BASH_SUBSHELL', () => String(shell.level));
  dynamic(shell, 'SHELLOPTS', () => [...shell.settings.set].sort().join(':'));
  dynamic(shell, 'BASHOPTS', () => [...shell.settings.shopt].sort().join(':'));
  const calls = (): readonly Call[] => [...shell.calls].reverse();
  const bottom = (value: string): readonly string[] => (shell.isScript ? [value] : []);
  computedArray(shell, 'FUNCNAME', () =>
    shell.calls.length === 0 ? [] : [...calls().map((call) => call.name), ...bottom('main')],
  );
  computedArray(shell, 'BASH_SOURCE', () => [
    ...calls().map((call) => call.source),
    ...bottom(shell.name),
  ]);
  computedArray(shell, 'BASH_LINENO', () => [
    ...calls().map((call) => String(call.line)),
    ...bottom('0'),
  ]);
  computedArray(shell, 'PIPESTATUS', () => shell.pipeStatus.map(String));
}

/** An array that is computed at every look. */
function computedArray(shell: Shell, name: string, values: () => readonly string[]): void {
  const variable = newVariable();
  Object.defineProperty(variable, 'array', {
    configurable: true,
    enumerable: true,
    get: () => new Map(values().map((value, i) => [i, value])),
    set: () => undefined,
  });
  shell.variables.put(name, variable);
}

function dynamic(
  shell: Shell,
  name: string,
  compute: () => string,
  assign: (value: string) => void = () => undefined,
): void {
  const before = shell.variables.findExact(name);
  if (before && !before.compute) return;
  shell.variables.put(name, { ...newVariable(), compute, assign });
}

/** bash's generator (Park and Miller's), 15 bits. */
function nextRandom(shell: Shell): number {
  const seed = shell.random === 0 ? 123459876 : shell.random;
  const high = Math.trunc(seed / 127773);
  const low = seed % 127773;
  let next = 16807 * low - 2836 * high;
  if (next < 0) next += 0x7fffffff;
  shell.random = next;
  return ((next >> 16) ^ (next & 0xffff)) & 0x7fff;
}
