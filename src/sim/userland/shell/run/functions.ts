// Functions: defining them, and calling them with their own positional parameters and local
// variables.

import { limits } from '../../../core/limits.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';
import type { FunctionDefinition } from '../syntax/tree.ts';
import { runNode } from './list.ts';
import { runTrap } from './traps.ts';

/** The source of functions that came in no file: from the environment, from -c. */
const IMPORTED = 'environment';

/** Defines a function. */
export function* defineFunction(shell: Shell, node: FunctionDefinition): Routine<number> {
  if (/['"$`\\]/.test(node.name)) {
    shell.lastStatus = 1;
    return yield* shell.complain(`\`${node.name}': not a valid identifier`);
  }
  if (shell.readonlyFunctions.has(node.name)) {
    shell.lastStatus = 1;
    return yield* shell.complain(`${node.name}: readonly function`);
  }
  shell.functions.set(node.name, { ...node, source: sourceOf(shell) });
  shell.lastStatus = 0;
  return 0;
}

/** The file that commands come from just now; bash's words where there is none. */
function sourceOf(shell: Shell): string {
  const running = shell.calls.at(-1)?.source;
  if (running !== undefined) return running;
  if (shell.isScript) return shell.name;
  return shell.readFlags === 'c' ? IMPORTED : 'main';
}

/** Calls a function. `prepare` runs inside its scope (assignments before the call). */
export function* callFunction(
  shell: Shell,
  definition: FunctionDefinition,
  args: readonly string[],
  prepare: () => void,
): Routine<number> {
  const allowed = Number.parseInt(shell.value('FUNCNEST'), 10) || 0;
  if (allowed > 0 && shell.calls.filter((call) => call.name !== 'source').length >= allowed) {
    return yield* tooDeep(shell, definition.name, ` (${allowed})`);
  }
  if (shell.depth >= limits.shellDepth) {
    return yield* tooDeep(shell, definition.name);
  }
  const { positional, loops, line, depth, guarded } = shell;
  const calls = shell.calls.length;
  shell.depth++;
  shell.loops = 0;
  shell.positional = args;
  shell.calls.push({ name: definition.name, line, source: definition.source ?? IMPORTED });
  shell.variables.enterFunction();
  try {
    prepare();
    return yield* runBody(shell, definition);
  } catch (thrown) {
    if (!isOverflow(thrown) || depth > SHALLOW) throw thrown;
    shell.guarded = guarded;
    return yield* tooDeep(shell, definition.name);
  } finally {
    shell.variables.leaveFunction();
    shell.calls.length = calls;
    shell.positional = positional;
    shell.loops = loops;
    shell.line = line;
    shell.depth = depth;
  }
}

/** Calls that are left to unwind before a stack of the host that ran out can be reported. */
const SHALLOW = 50;

function isOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && /call stack/i.test(thrown.message);
}

function* tooDeep(shell: Shell, name: string, limit = ''): Routine<number> {
  shell.jump = { kind: 'discard' };
  shell.lastStatus = 1;
  return yield* shell.complain(`${name}: maximum function nesting level exceeded${limit}`);
}

function* runBody(shell: Shell, definition: FunctionDefinition): Routine<number> {
  let status = yield* runNode(shell, definition.body);
  if (shell.jump?.kind === 'return') {
    shell.jump = undefined;
    status = shell.lastStatus;
  }
  const action = shell.traps.actions.get('RETURN');
  if (action && shell.option('functrace') && !shell.jump) yield* runTrap(shell, action);
  shell.lastStatus = status;
  return status;
}
