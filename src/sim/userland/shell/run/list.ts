// Running lists and compound commands: `;`, `&`, `&&`, `||`, if, loops, case, groups, subshells.
// Jumps (break, return, exit) are a note in the shell's state that every list looks at after each
// command.

import type { Routine } from '../../../core/wait.ts';
import { arithmetic } from '../assign.ts';
import { asFailure, ExpansionFailure } from '../expand/failure.ts';
import { isTrue } from '../expand/arithmetic.ts';
import { matches } from '../expand/pattern.ts';
import { expandText, expandWords } from '../expand/words.ts';
import type { Shell } from '../shell.ts';
import type {
  AndOr,
  ArithmeticCommand,
  ArithmeticFor,
  Block,
  Case,
  Conditional,
  For,
  If,
  List,
  Node,
  While,
  Word,
} from '../syntax/tree.ts';
import { runBackground } from './background.ts';
import { runConditional } from './conditional.ts';
import { defineFunction } from './functions.ts';
import { runPipeline } from './pipeline.ts';
import { withRedirects } from './redirect.ts';
import { runSelect } from './select.ts';
import { runSimple } from './simple.ts';
import { runCoproc, runSubshell } from './subshell.ts';
import { traceHead } from './trace.ts';
import { runPendingTraps, runTrap } from './traps.ts';

/** Processor time of one command of a script, nanoseconds. */
const COMMAND_COST = 5_000;

/** Runs the commands of a list one after another. `last`: the shell ends with it. */
export function* runList(shell: Shell, list: List, last = false): Routine<number> {
  let status = 0;
  for (let i = 0; i < list.length; i++) {
    const statement = list[i] as List[number];
    const { node } = statement;
    const final = last && i === list.length - 1 && mayReplace(shell, list);
    if (statement.background) status = yield* runBackground(shell, statement);
    else if (node.kind === 'simple') status = yield* runSimple(shell, node, final);
    else status = yield* runNode(shell, node, final);
    yield* shell.process.work(COMMAND_COST);
    if (shell.memoryOwed !== 0) yield* settleMemory(shell);
    if (shell.traps.pending.length > 0) yield* runPendingTraps(shell);
    if (shell.interrupted) shell.jump ??= { kind: 'discard' };
    if (shell.jump) return shell.lastStatus;
  }
  return status;
}

/** Asks the kernel for what long values took. Where it has no more and kills nobody, the next allocation fails. */
function* settleMemory(shell: Shell): Routine<void> {
  const owed = shell.memoryOwed;
  shell.memoryOwed = 0;
  yield* shell.process.allocate(owed);
}

/**
 * True where the last command of a list may take the shell's place: bash forks for it after `&`,
 * and where it has redirections and other commands stand before it.
 */
function mayReplace(shell: Shell, list: List): boolean {
  if (list.length === 1 || !shell.dialect.extended) return true;
  if (list.at(-2)?.background) return false;
  const node = list.at(-1)?.node;
  return node?.kind !== 'simple' || node.redirects.length === 0;
}

/** Runs any command. */
export function* runNode(shell: Shell, node: Node, last = false): Routine<number> {
  switch (node.kind) {
    case 'simple':
      return yield* runSimple(shell, node, last);
    case 'and-or':
      return yield* runAndOr(shell, node, last);
    case 'pipeline':
      return yield* runPipeline(shell, node);
    case 'redirected':
      return yield* withRedirects(shell, node.redirects, () => runNode(shell, node.command));
    case 'group':
      return yield* runList(shell, node.body, last && !shell.dialect.extended);
    case 'if':
      return yield* runIf(shell, node);
    case 'while':
    case 'until':
      return yield* runWhile(shell, node);
    case 'for':
      return yield* runFor(shell, node);
    case 'select':
      return yield* guardFailure(shell, () => runSelect(shell, node));
    case 'case':
      return yield* guardFailure(shell, () => runCase(shell, node));
    case 'arithmetic-for':
      return yield* guardFailure(shell, () => runArithmeticFor(shell, node));
    case 'function':
      return yield* defineFunction(shell, node);
    case 'coproc':
      return yield* runCoproc(shell, node);
    case 'subshell':
    case 'conditional':
    case 'arithmetic':
      return yield* runChecked(shell, node);
  }
}

/** Commands whose failure set -e looks at. */
function* runChecked(shell: Shell, node: Block | Conditional | ArithmeticCommand): Routine<number> {
  shell.line = node.line;
  const status = yield* guardFailure(shell, () => {
    if (node.kind === 'conditional') return runConditional(shell, node);
    return node.kind === 'arithmetic'
      ? runArithmetic(shell, node.expression, '((')
      : runSubshell(shell, node.body);
  });
  return yield* concluded(shell, status);
}

/** Runs something that expands words, and reports where that fails. */
export function* guardFailure(shell: Shell, body: () => Routine<number>): Routine<number> {
  try {
    return yield* body();
  } catch (thrown) {
    return yield* shell.fail(asFailure(thrown));
  }
}

/** Keeps a command's status, and does what set -e and the ERR trap ask for. */
export function* concluded(shell: Shell, status: number): Routine<number> {
  shell.lastStatus = status;
  if (shell.pipeStatus.length !== 1 || shell.pipeStatus[0] !== status) shell.pipeStatus = [status];
  if (status !== 0 && shell.guarded === 0) yield* failed(shell);
  return shell.lastStatus;
}

/** A command failed where nobody looks at its status. */
export function* failed(shell: Shell): Routine<void> {
  const action = shell.traps.actions.get('ERR');
  if (action && shell.traps.running === 0) yield* runTrap(shell, action);
  if (shell.option('errexit') && !shell.jump) shell.jump = { kind: 'exit' };
}

/** The value of `(( ))` as a status. bash names the command in messages. */
function* runArithmetic(shell: Shell, expression: Word, command: string): Routine<number> {
  const text = expression.literal ?? (yield* expandText(shell, expression));
  yield* traceHead(shell, `(( ${text} ))`);
  try {
    return isTrue(arithmetic(shell, text)) ? 0 : 1;
  } catch (thrown) {
    if (
      !(thrown instanceof ExpansionFailure) ||
      (thrown.reach !== 'command' && thrown.reach !== 'line')
    )
      throw thrown;
    throw new ExpansionFailure(`${command}: ${thrown.message}`, 'command', 1);
  }
}

function* runAndOr(shell: Shell, node: AndOr, last: boolean): Routine<number> {
  let status = 0;
  for (let i = 0; i < node.commands.length; i++) {
    const operator = node.operators[i - 1];
    if (operator === '&&' ? status !== 0 : operator === '||' && status === 0) continue;
    const final = i === node.commands.length - 1;
    if (!final) shell.guarded++;
    status = yield* runNode(shell, node.commands[i] as Node, last && final);
    if (!final) shell.guarded--;
    if (shell.jump) return shell.lastStatus;
  }
  return status;
}

/** A condition: its failure is looked at. */
function* runCondition(shell: Shell, list: List): Routine<number> {
  shell.guarded++;
  const status = yield* runList(shell, list);
  shell.guarded--;
  return status;
}

function* runIf(shell: Shell, node: If): Routine<number> {
  for (const branch of node.branches) {
    const status = yield* runCondition(shell, branch.condition);
    if (shell.jump) return shell.lastStatus;
    if (status === 0) return yield* runList(shell, branch.body);
  }
  if (node.otherwise) return yield* runList(shell, node.otherwise);
  shell.lastStatus = 0;
  return 0;
}

/** After a loop's body: true where the loop is to be left. */
export function leavesLoop(shell: Shell): boolean {
  const { jump } = shell;
  if (!jump) return false;
  if (jump.kind !== 'break' && jump.kind !== 'continue') return true;
  if (jump.levels > 1) {
    jump.levels--;
    return true;
  }
  shell.jump = undefined;
  return jump.kind === 'break';
}

function* runWhile(shell: Shell, node: While): Routine<number> {
  let status = 0;
  shell.loops++;
  for (;;) {
    const condition = yield* runCondition(shell, node.condition);
    if (shell.jump && leavesLoop(shell)) break;
    if ((condition === 0) !== (node.kind === 'while')) break;
    status = yield* runList(shell, node.body);
    if (shell.jump && leavesLoop(shell)) break;
  }
  shell.loops--;
  if (!shell.jump) shell.lastStatus = status;
  return shell.jump ? shell.lastStatus : status;
}

function* runFor(shell: Shell, node: For): Routine<number> {
  let words: readonly string[] = shell.positional;
  shell.line = node.line;
  if (!/^[A-Za-z_]\w*$/.test(node.name)) {
    return yield* shell.complain(`\`${node.name}': not a valid identifier`);
  }
  if (node.words) {
    const given = node.words;
    let expanded: string[] = [];
    const refused = yield* guardFailure(shell, function* () {
      expanded = yield* expandWords(shell, given);
      return 0;
    });
    if (refused !== 0) return refused;
    words = expanded;
  }
  let status = 0;
  shell.loops++;
  for (const word of words) {
    const refused = yield* guardFailure(shell, () => assignWord(shell, node.name, word));
    if (refused !== 0) {
      status = refused;
      break;
    }
    yield* traceHead(shell, forHead(node));
    status = yield* runList(shell, node.body);
    if (shell.jump && leavesLoop(shell)) break;
  }
  shell.loops--;
  if (!shell.jump) shell.lastStatus = status;
  return status;
}

/** A loop's head as written. */
export function forHead(node: For): string {
  const words = node.words?.map((word) => word.raw).join(' ') ?? '"$@"';
  return `${node.kind} ${node.name} in ${words}`;
}

function* assignWord(shell: Shell, name: string, value: string): Routine<number> {
  shell.assign(name, value);
  return 0;
}

function* runArithmeticFor(shell: Shell, node: ArithmeticFor): Routine<number> {
  shell.line = node.line;
  let status = 0;
  const numberOf = function* (word: Word): Routine<number> {
    return yield* runArithmetic(shell, word, '((');
  };
  yield* numberOf(node.initialize);
  shell.loops++;
  const endless = node.test.raw.trim() === '';
  while (endless || (yield* numberOf(node.test)) === 0) {
    status = yield* runList(shell, node.body);
    if (shell.jump && leavesLoop(shell)) break;
    if (node.body.length === 0) yield* shell.process.work(COMMAND_COST);
    yield* numberOf(node.update);
  }
  shell.loops--;
  if (!shell.jump) shell.lastStatus = status;
  return status;
}

function* runCase(shell: Shell, node: Case): Routine<number> {
  shell.line = node.line;
  const text = yield* expandText(shell, node.word);
  yield* traceHead(shell, `case ${node.word.raw} in`);
  const rules = { ignoreCase: shell.shopt('nocasematch') };
  let status = 0;
  let falls = false;
  for (const item of node.items) {
    let hit = falls;
    for (const word of item.patterns) {
      if (hit) break;
      hit = matches(text, yield* expandText(shell, word, 'pattern'), rules);
    }
    if (!hit) continue;
    status = item.body.length > 0 ? yield* runList(shell, item.body) : 0;
    if (shell.jump) return shell.lastStatus;
    if (item.end === ';;') break;
    falls = item.end === ';&';
  }
  shell.lastStatus = status;
  return status;
}
