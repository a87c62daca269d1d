// Simple commands: expansion, then assignments, then function, builtin or program (bash(1), SIMPLE
// COMMAND EXPANSION).

import type { Routine } from '../../../core/wait.ts';
import { assignArray, assignElement, assignScalar, type Element } from '../assign.ts';
import { type Builtin, findBuiltin } from '../builtins/index.ts';
import { asFailure, ExpansionFailure } from '../expand/failure.ts';
import { expandInto, expandNow, expandText, expandWords, textNow } from '../expand/words.ts';
import { singleQuote, traceQuote } from '../quote.ts';
import type { Shell } from '../shell.ts';
import { printAssignment } from '../syntax/print.ts';
import type { ArrayElement, Assignment, Simple } from '../syntax/tree.ts';
import { newVariable, type Variable } from '../variables.ts';
import { environmentOf } from './environment.ts';
import { execProgram, findCommand, runApplet } from './external.ts';
import { concludeForeground } from './foreground.ts';
import { callFunction } from './functions.ts';
import { concluded } from './list.ts';
import { applyRedirects, restore, type Saved } from './redirect.ts';
import { forkShell } from './subshell.ts';
import { closeSubstitutions } from './substitute.ts';
import { traceLine, traceWords } from './trace.ts';
import { runTrap } from './traps.ts';

/** An assignment with its value expanded. */
export interface ReadyAssignment {
  readonly name: string;
  readonly index: string | undefined;
  readonly append: boolean;
  readonly value: string | readonly Element[];
}

/** A command ready to run. */
export interface ReadyCommand {
  readonly words: string[];
  readonly assignments: readonly ReadyAssignment[];
  /** Arguments of declare and its like that are assignments, by their place in `words`. */
  readonly declared: ReadonlyMap<number, ReadyAssignment> | undefined;
}

const NONE: readonly ReadyAssignment[] = [];

/** Runs a simple command. `last`: the shell ends with it, so that a program may take its place. */
export function* runSimple(shell: Shell, node: Simple, last: boolean): Routine<number> {
  shell.line = node.line;
  const opened = shell.processSubstitutions.length;
  let status: number;
  try {
    if (node.quickAssignments && !shell.option('xtrace') && shell.traps.actions.size === 0) {
      status = assignNow(shell, node);
    } else status = yield* expandAndRun(shell, node, last);
  } catch (thrown) {
    status = yield* shell.fail(asFailure(thrown));
    if (shell.jump) return status;
  }
  if (shell.processSubstitutions.length > opened) closeSubstitutions(shell, opened);
  if (shell.jump?.kind === 'discard') return shell.lastStatus;
  shell.lastStatus = status;
  if (shell.pipeStatus.length !== 1 || shell.pipeStatus[0] !== status) shell.pipeStatus = [status];
  if (status !== 0 && shell.guarded === 0 && !shell.jump) return yield* concluded(shell, status);
  return status;
}

/** Plain assignments, without a routine. */
function assignNow(shell: Shell, node: Simple): number {
  for (const { name, append, value } of node.assignments) {
    if ('raw' in value) assignScalar(shell, name, textNow(shell, value) ?? '', append);
  }
  return 0;
}

function* expandAndRun(shell: Shell, node: Simple, last: boolean): Routine<number> {
  const { traps } = shell;
  if (traps.actions.size > 0 && traps.running === 0) {
    const debug = traps.actions.get('DEBUG');
    if (debug) yield* runTrap(shell, debug);
  }
  shell.substitutionStatus = undefined;
  const command = yield* expandCommand(shell, node);
  if (command.words.length === 0) return yield* assignOnly(shell, node, command);
  if (shell.option('xtrace')) yield* trace(shell, node, command);
  return yield* runReady(shell, node, command, last);
}

function* expandCommand(shell: Shell, node: Simple): Routine<ReadyCommand> {
  const words: string[] = [];
  let declared: Map<number, ReadyAssignment> | undefined;
  for (const argument of node.words) {
    if ('assignment' in argument) {
      const ready = yield* readyAssignment(shell, argument.assignment);
      declared ??= new Map();
      declared.set(words.length, ready);
      words.push(declaredText(ready));
    } else if (argument.literal !== undefined) words.push(argument.literal);
    else if (argument.quick) expandNow(shell, argument, words);
    else yield* expandInto(shell, argument, words);
  }
  if (node.assignments.length === 0 || words.length === 0)
    return { words, assignments: NONE, declared };
  const assignments: ReadyAssignment[] = [];
  for (const assignment of node.assignments) {
    assignments.push(yield* readyAssignment(shell, assignment));
  }
  return { words, assignments, declared };
}

function declaredText(ready: ReadyAssignment): string {
  const index = ready.index === undefined ? '' : `[${ready.index}]`;
  const value = typeof ready.value === 'string' ? ready.value : '';
  return `${ready.name}${index}${ready.append ? '+=' : '='}${value}`;
}

function* readyAssignment(shell: Shell, assignment: Assignment): Routine<ReadyAssignment> {
  const { name, append, value } = assignment;
  const index = assignment.index ? yield* expandText(shell, assignment.index) : undefined;
  const ready =
    'raw' in value ? yield* expandText(shell, value) : yield* readyElements(shell, value);
  return { name, index, append, value: ready };
}

function* readyElements(shell: Shell, list: readonly ArrayElement[]): Routine<Element[]> {
  const ready: Element[] = [];
  for (const { key, append, words } of list) {
    const [first] = words;
    if (key && first) {
      const at = yield* expandText(shell, key);
      ready.push({ key: at, append, value: yield* expandText(shell, first) });
    } else {
      const values = yield* expandWords(shell, words);
      for (const value of values) ready.push({ key: undefined, append: false, value });
    }
  }
  return ready;
}

/** Performs an assignment; throws where it cannot be done. */
export function perform(shell: Shell, ready: ReadyAssignment): void {
  const { name, index, append, value } = ready;
  if (typeof value !== 'string') assignArray(shell, name, value, append);
  else if (index !== undefined) assignElement(shell, name, index, value, append);
  else assignScalar(shell, name, value, append);
}

/** A command without words: assignments stay, redirections are made and undone. */
function* assignOnly(shell: Shell, node: Simple, command: ReadyCommand): Routine<number> {
  for (const assignment of node.assignments) {
    const ready = yield* readyAssignment(shell, assignment);
    if (shell.option('xtrace')) yield* traceLine(shell, tracedAssignment(shell, assignment, ready));
    perform(shell, ready);
  }
  if (node.redirects.length > 0) {
    const saved: Saved[] = [];
    const refused = yield* applyRedirects(shell, node.redirects, saved);
    restore(shell, saved);
    if (refused !== 0) return refused;
  }
  const status = shell.substitutionStatus ?? 0;
  if (command.words.length === 0 && node.words.length > 0) shell.lastArgument = '';
  return status;
}

/** `name=value` as the trace shows it: arrays as written. */
function tracedAssignment(shell: Shell, assignment: Assignment, ready: ReadyAssignment): string {
  if (!shell.dialect.extended) return declaredText(ready);
  if (typeof ready.value !== 'string') return printAssignment(assignment);
  const head = declaredText({ ...ready, value: '' });
  return ready.value === '' ? head : head + traceQuote(ready.value);
}

function* trace(shell: Shell, node: Simple, command: ReadyCommand): Routine<void> {
  for (const [i, assignment] of node.assignments.entries()) {
    const ready = command.assignments[i];
    if (ready) yield* traceLine(shell, tracedAssignment(shell, assignment, ready));
  }
  const { declared, words } = command;
  if (!declared || !shell.dialect.extended) {
    yield* traceLine(shell, traceWords(shell, words));
    return;
  }
  const isArray = (i: number): boolean => typeof declared.get(i)?.value === 'object';
  for (const ready of declared.values()) {
    if (typeof ready.value === 'string') continue;
    const list = ready.value.map(({ key, value }) => {
      return `${key === undefined ? '' : `[${key}]=`}${singleQuote(value)}`;
    });
    yield* traceLine(shell, `${ready.name}=(${list.join(' ')})`);
  }
  const shown = words.map((word, i) => (isArray(i) ? (declared.get(i)?.name ?? word) : word));
  yield* traceLine(shell, traceWords(shell, shown));
  if (words[0] !== 'export' && words[0] !== 'readonly') return;
  for (const ready of declared.values()) {
    if (typeof ready.value !== 'string') continue;
    yield* traceLine(shell, declaredText({ ...ready, value: traceQuote(ready.value) }));
  }
}

function* runReady(
  shell: Shell,
  node: Simple,
  command: ReadyCommand,
  last: boolean,
): Routine<number> {
  const name = command.words[0] as string;
  shell.lastArgument = command.words.at(-1) ?? '';
  const definition = shell.functions.get(name);
  if (definition) {
    return yield* withOwnRedirects(shell, node, () => {
      const prepare = (): void => {
        for (const assignment of command.assignments) {
          shell.variables.makeLocal(assignment.name).exported = true;
          perform(shell, assignment);
        }
      };
      return callFunction(shell, definition, command.words.slice(1), prepare);
    });
  }
  const builtin = findBuiltin(shell, name);
  if (builtin) return yield* runBuiltin(shell, node, command, builtin);
  return yield* runExternal(shell, node, command, last);
}

function* withOwnRedirects(
  shell: Shell,
  node: Simple,
  body: () => Routine<number>,
): Routine<number> {
  if (node.redirects.length === 0) return yield* body();
  const saved: Saved[] = [];
  try {
    const refused = yield* applyRedirects(shell, node.redirects, saved);
    if (refused !== 0) return refused;
    return yield* body();
  } finally {
    restore(shell, saved);
  }
}

function* runBuiltin(
  shell: Shell,
  node: Simple,
  command: ReadyCommand,
  builtin: Builtin,
): Routine<number> {
  if (builtin.name === 'exec') return yield* runExec(shell, node, command, builtin);
  if (node.redirects.length === 0 && command.assignments.length === 0) {
    const result = builtin.run(shell, command.words, command.declared);
    return typeof result === 'number' ? result : yield* result;
  }
  return yield* withOwnRedirects(shell, node, function* () {
    const before = setTemporarily(shell, command.assignments);
    try {
      const result = builtin.run(shell, command.words, command.declared);
      return typeof result === 'number' ? result : yield* result;
    } finally {
      putBack(shell, before);
    }
  });
}

/** exec keeps its redirections. */
function* runExec(
  shell: Shell,
  node: Simple,
  command: ReadyCommand,
  builtin: Builtin,
): Routine<number> {
  const refused = yield* applyRedirects(shell, node.redirects, undefined);
  if (refused !== 0) {
    if (!shell.interactive) shell.jump = { kind: 'exit' };
    return refused;
  }
  const before = setTemporarily(shell, command.assignments);
  const result = builtin.run(shell, command.words, command.declared);
  const status = typeof result === 'number' ? result : yield* result;
  putBack(shell, before);
  return status;
}

type Hidden = readonly (readonly [string, Variable | undefined])[];

/** Assignments before a command hold while it runs. */
export function setTemporarily(shell: Shell, assignments: readonly ReadyAssignment[]): Hidden {
  if (assignments.length === 0) return [];
  const hidden: [string, Variable | undefined][] = [];
  for (const assignment of assignments) {
    const before = shell.variables.findExact(assignment.name);
    if (before?.readonly)
      throw new ExpansionFailure(`${assignment.name}: readonly variable`, 'line');
    hidden.push([assignment.name, before]);
    const fresh = newVariable(assignment.append ? before?.value : undefined);
    fresh.exported = true;
    shell.variables.put(assignment.name, fresh);
    perform(shell, assignment);
  }
  return hidden;
}

export function putBack(shell: Shell, hidden: Hidden): void {
  for (const [name, variable] of [...hidden].reverse()) {
    if (variable) shell.variables.put(name, variable);
    else shell.variables.remove(name);
    if (name === 'PATH') shell.hash.clear();
  }
}

/** A shell with traps stays, to run them. Ignored signals stay ignored in the program. */
function catchesSignals(shell: Shell): boolean {
  const { actions } = shell.traps;
  if (actions.size > 0) for (const action of actions.values()) if (action !== '') return true;
  return false;
}

function* runExternal(
  shell: Shell,
  node: Simple,
  command: ReadyCommand,
  last: boolean,
): Routine<number> {
  const body = function* (sub: Shell): Routine<number> {
    const refused = yield* applyRedirects(sub, node.redirects, undefined);
    if (refused !== 0) return refused;
    setTemporarily(sub, command.assignments);
    return yield* execWords(sub, command.words);
  };
  if (last && !shell.interactive && !catchesSignals(shell)) {
    const status = yield* body(shell);
    shell.jump = { kind: 'exit' };
    shell.lastStatus = status;
    return status;
  }
  const name = command.words[0] as string;
  if (command.assignments.length === 0 && !shell.dialect.applet?.(name)) findCommand(shell, name);
  const group = shell.option('monitor') ? 0 : undefined;
  const pid = yield* forkShell(shell, body, { group });
  if (pid === undefined) return shell.lastStatus;
  if (group !== undefined) shell.process.setForeground(shell.terminal, pid);
  const statuses = yield* concludeForeground(shell, [pid], node.text);
  return statuses[0] ?? 0;
}

/** Runs a program in place of this process; 127 where there is none. */
export function* execWords(shell: Shell, words: readonly string[]): Routine<number> {
  const name = words[0] ?? '';
  const applet = shell.dialect.applet?.(name);
  const status = applet && (yield* runApplet(shell, applet, words));
  if (status !== undefined) return status;
  const path = name === '' ? undefined : findCommand(shell, name);
  if (path === undefined) {
    const handler = shell.functions.get('command_not_found_handle');
    if (handler) return yield* callFunction(shell, handler, words, () => undefined);
    return yield* shell.complain(shell.dialect.notFound(name), 127);
  }
  return yield* execProgram(shell, path, words, environmentOf(shell, path));
}
