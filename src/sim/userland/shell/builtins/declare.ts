// declare (typeset), local, export, readonly, unset: attributes of variables, and what is listed of
// them.

import type { Routine } from '../../../core/wait.ts';
import { assignArray, assignScalar, resolveIndex, toArray } from '../assign.ts';
import { attributeLetters } from '../expand/transform.ts';
import { doubleQuote, listQuote } from '../quote.ts';
import { perform } from '../run/simple.ts';
import type { Shell } from '../shell.ts';
import { printFunction } from '../syntax/print.ts';
import { indexes, tableEntries, type Variable } from '../variables.ts';
import type { Builtin, Declared } from './index.ts';
import { letters, output, say, wrongLetter } from './messages.ts';

const IDENTIFIER = /^[A-Za-z_]\w*(\[.*\])?$/s;

/** `declare -x name="value"`, as -p prints it. */
export function declaration(name: string, variable: Variable): string {
  const flags = attributeLetters(variable);
  const head = `declare -${flags || '-'} ${name}`;
  if (variable.array) {
    const list = indexes(variable.array).map(
      (i) => `[${i}]=${doubleQuote(variable.array?.get(i) ?? '')}`,
    );
    return `${head}=(${list.join(' ')})`;
  }
  if (variable.table) {
    const list = tableEntries(variable.table).map(
      ([key, value]) => `[${tableKey(key)}]=${doubleQuote(value)} `,
    );
    return `${head}=(${list.join('')})`;
  }
  const value = variable.compute ? variable.compute() : variable.value;
  return value === undefined ? head : `${head}=${doubleQuote(value)}`;
}

function tableKey(key: string): string {
  return /^[\w./-]+$/.test(key) ? key : doubleQuote(key);
}

/** `name=value`, as `set` and `declare` list variables. */
export function listing(name: string, variable: Variable): string | undefined {
  if (variable.array || variable.table)
    return declaration(name, variable).replace(/^declare -\S* /, '');
  const value = variable.compute ? variable.compute() : variable.value;
  return value === undefined ? undefined : `${name}=${listQuote(value)}`;
}

function* declare(
  shell: Shell,
  words: readonly string[],
  declared: Declared | undefined,
): Routine<number> {
  const command = words[0] ?? 'declare';
  const parsed = letters(words, 'aAfFgiIlnprtux', true);
  if (parsed.wrong) return yield* wrongLetter(shell, command, parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  const inFunction = shell.calls.some((call) => call.name !== 'source');
  if (command === 'local' && !inFunction) {
    if (shell.dialect.extended) return yield* say(shell, 'local', 'can only be used in a function');
    shell.jump = { kind: 'exit' };
    shell.lastStatus = yield* say(shell, 'local', 'not in a function', 2);
    return shell.lastStatus;
  }
  const first = words.length - parsed.operands.length;
  if (flags.has('f') || flags.has('F'))
    return yield* declareFunctions(shell, command, parsed.operands, flags);
  if (flags.has('p') || parsed.operands.length === 0) {
    return yield* listVariables(shell, command, parsed.operands, flags);
  }
  let status = 0;
  for (const [i, operand] of parsed.operands.entries()) {
    const local = inFunction && !flags.has('g');
    const ready = declared?.get(first + i);
    status = (yield* declareOne(shell, command, operand, ready, flags, local)) || status;
  }
  return status;
}

type Ready = Parameters<typeof perform>[1] | undefined;

function* declareOne(
  shell: Shell,
  command: string,
  operand: string,
  ready: Ready,
  flags: ReadonlySet<string>,
  local: boolean,
): Routine<number> {
  const parts = /^([^=+[]+)(\[.*?\])?(\+?=)?([\s\S]*)$/.exec(operand);
  const name = parts?.[1] ?? operand;
  if (!IDENTIFIER.test(name)) {
    return yield* say(shell, command, `\`${operand}': not a valid identifier`);
  }
  const before = shell.variables.find(name);
  if (before?.readonly && (parts?.[3] !== undefined || flags.has('+r'))) {
    return yield* say(shell, command, `${name}: readonly variable`);
  }
  if (flags.has('n') && parts?.[3] !== undefined) {
    const referred = parts[4] ?? '';
    if (referred === name && !local) {
      return yield* say(shell, command, `${name}: nameref variable self references not allowed`);
    }
    if (referred !== '' && !IDENTIFIER.test(referred)) {
      const what = 'invalid variable name for name reference';
      return yield* say(shell, command, `\`${referred}': ${what}`);
    }
    if (referred === name) yield* say(shell, command, `warning: ${name}: circular name reference`);
  }
  const variable = local
    ? shell.variables.makeLocal(name)
    : flags.has('n') || flags.has('+n')
      ? shell.variables.makeExact(name)
      : shell.variables.make(name);
  if (flags.has('A') && variable.array) {
    return yield* say(shell, command, `${name}: cannot convert indexed to associative array`);
  }
  if (flags.has('a') && variable.table) {
    return yield* say(shell, command, `${name}: cannot convert associative to indexed array`);
  }
  setAttributes(variable, flags);
  if (ready && typeof ready.value !== 'string') assignArray(shell, name, ready.value, ready.append);
  else if (ready) perform(shell, ready);
  else if (parts?.[3] !== undefined) assignScalar(shell, name, parts[4] ?? '', parts[3] === '+=');
  if (flags.has('n')) variable.reference = true;
  if (flags.has('+n')) variable.reference = false;
  if (flags.has('r')) variable.readonly = true;
  shell.variables.changed();
  return 0;
}

function setAttributes(variable: Variable, flags: ReadonlySet<string>): void {
  if (flags.has('A')) variable.table ??= new Map();
  else if (flags.has('a')) toArray(variable);
  if (flags.has('i')) variable.integer = true;
  if (flags.has('+i')) variable.integer = false;
  if (flags.has('l')) variable.fold = 'lower';
  if (flags.has('u')) variable.fold = 'upper';
  if (flags.has('+l') || flags.has('+u')) variable.fold = undefined;
  if (flags.has('x')) variable.exported = true;
  if (flags.has('+x')) variable.exported = false;
}

function* declareFunctions(
  shell: Shell,
  command: string,
  names: readonly string[],
  flags: ReadonlySet<string>,
): Routine<number> {
  const all = names.length > 0 ? names : [...shell.functions.keys()].sort();
  let status = 0;
  let text = '';
  for (const name of all) {
    const definition = shell.functions.get(name);
    if (!definition) status = 1;
    else if (flags.has('F')) text += names.length > 0 ? `${name}\n` : `declare -f ${name}\n`;
    else text += printFunction(definition);
  }
  return (yield* output(shell, command, text)) || status;
}

function* listVariables(
  shell: Shell,
  command: string,
  names: readonly string[],
  flags: ReadonlySet<string>,
): Routine<number> {
  let status = 0;
  let text = '';
  if (names.length > 0) {
    for (const name of names) {
      const variable = shell.variables.findExact(name);
      if (variable) text += `${declaration(name, variable)}\n`;
      else status = yield* say(shell, command, `${name}: not found`);
    }
    return (yield* output(shell, command, text)) || status;
  }
  const wanted = [...flags].filter((flag) => /^[aAilnrux]$/.test(flag));
  const all = command === 'local' ? shell.variables.localNames() : shell.variables.list();
  for (const name of all) {
    const variable = shell.variables.findExact(name);
    if (!variable) continue;
    const letter = attributeLetters(variable);
    if (!wanted.every((flag) => letter.includes(flag))) continue;
    const line =
      flags.size > 0 || command === 'local' ? declaration(name, variable) : listing(name, variable);
    if (line !== undefined) text += `${line}\n`;
  }
  if (flags.size === 0 && command !== 'local') {
    for (const name of [...shell.functions.keys()].sort()) {
      const definition = shell.functions.get(name);
      if (definition) text += printFunction(definition);
    }
  }
  return yield* output(shell, command, text);
}

/** export and readonly. */
function* mark(
  shell: Shell,
  words: readonly string[],
  declared: Declared | undefined,
): Routine<number> {
  const command = words[0] === 'readonly' ? 'readonly' : 'export';
  const parsed = letters(words, command === 'export' ? 'fnp' : 'aAfp');
  if (parsed.wrong) return yield* wrongLetter(shell, command, parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  if (parsed.operands.length === 0) {
    if (!flags.has('f')) return yield* listMarked(shell, command);
    return yield* listMarkedFunctions(shell, command);
  }
  const first = words.length - parsed.operands.length;
  let status = 0;
  for (const [i, operand] of parsed.operands.entries()) {
    const found = /^([^=+[]*)(\+?=)?([\s\S]*)$/.exec(operand);
    const name = found?.[1] ?? operand;
    if (flags.has('f')) {
      if (!shell.functions.has(name))
        status = yield* say(shell, command, `${name}: not a function`);
      else if (command === 'readonly') shell.readonlyFunctions.add(name);
      else shell.exportedFunctions[flags.has('n') ? 'delete' : 'add'](name);
      continue;
    }
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      if (!shell.dialect.extended)
        return yield* say(shell, command, `${name}: bad variable name`, 2);
      status = yield* say(shell, command, `\`${operand}': not a valid identifier`);
      continue;
    }
    const variable = shell.variables.make(name);
    if (flags.has('A')) variable.table ??= new Map();
    else if (flags.has('a')) toArray(variable);
    const ready = declared?.get(first + i);
    if (variable.readonly && found?.[2] !== undefined) {
      status = yield* say(shell, command, `${name}: readonly variable`);
      continue;
    }
    if (ready) perform(shell, ready);
    else if (found?.[2] !== undefined) assignScalar(shell, name, found[3] ?? '', found[2] === '+=');
    if (command === 'readonly') variable.readonly = true;
    else variable.exported = !flags.has('n');
    shell.variables.changed();
  }
  return status;
}

function* listMarkedFunctions(shell: Shell, command: string): Routine<number> {
  const [names, flag] =
    command === 'export' ? [shell.exportedFunctions, 'x'] : [shell.readonlyFunctions, 'r'];
  let text = '';
  for (const name of [...names].sort()) {
    const definition = shell.functions.get(name);
    if (definition) text += `${printFunction(definition)}declare -f${flag} ${name}\n`;
  }
  return yield* output(shell, command, text);
}

function* listMarked(shell: Shell, command: 'export' | 'readonly'): Routine<number> {
  let text = '';
  for (const name of shell.variables.list()) {
    const variable = shell.variables.findExact(name);
    if (!variable || !(command === 'export' ? variable.exported : variable.readonly)) continue;
    if (shell.dialect.extended) text += `${declaration(name, variable)}\n`;
    else
      text +=
        variable.value === undefined
          ? `${command} ${name}\n`
          : `${command} ${name}='${variable.value}'\n`;
  }
  return yield* output(shell, command, text);
}

function* unset(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'fvn');
  if (parsed.wrong) return yield* wrongLetter(shell, 'unset', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  let status = 0;
  for (const name of parsed.operands) status = (yield* unsetOne(shell, name, flags)) || status;
  return status;
}

function* unsetOne(shell: Shell, name: string, flags: ReadonlySet<string>): Routine<number> {
  const fixed = shell.readonlyFunctions.has(name);
  if (fixed && (flags.has('f') || (!flags.has('v') && !shell.variables.findExact(name)))) {
    return yield* say(shell, 'unset', `${name}: cannot unset: readonly function`);
  }
  if (flags.has('f')) {
    shell.functions.delete(name);
    return 0;
  }
  const element = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(name);
  const base = element?.[1] ?? name;
  if (!/^[A-Za-z_]\w*$/.test(base)) {
    if (!flags.has('v') && shell.functions.delete(name)) return 0;
    return yield* say(shell, 'unset', `\`${name}': not a valid identifier`);
  }
  const target = flags.has('n') ? base : shell.variables.target(base);
  const variable = shell.variables.findExact(target);
  if (variable?.readonly)
    return yield* say(shell, 'unset', `${base}: cannot unset: readonly variable`);
  if (!variable) {
    if (!flags.has('v')) shell.functions.delete(name);
    return 0;
  }
  if (!element) {
    shell.variables.remove(target);
    if (target === 'PATH') shell.hash.clear();
    return 0;
  }
  const index = element[2] ?? '';
  if (index === '@' || index === '*') shell.variables.remove(target);
  else if (variable.table) variable.table.delete(index.replace(/^(["'])(.*)\1$/s, '$2'));
  else if (variable.array) variable.array.delete(resolveIndex(shell, base, variable, index));
  return 0;
}

export const declareBuiltins: readonly Builtin[] = [
  { name: 'declare', run: declare },
  { name: 'typeset', run: declare },
  { name: 'local', posix: true, run: declare },
  { name: 'export', posix: true, special: true, run: mark },
  { name: 'readonly', posix: true, special: true, run: mark },
  { name: 'unset', posix: true, special: true, run: unset },
];
