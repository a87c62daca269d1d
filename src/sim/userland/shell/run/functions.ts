// Functions: defining them, and calling them with their own positional parameters and local variables.

import { limits } from '../../../core/limits.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';
import type { FunctionDefinition } from '../syntax/tree.ts';
import { runNode } from './list.ts';
import { runTrap } from './traps.ts';

/** Defines a function. */
export function defineFunction(shell: Shell, node: FunctionDefinition): number {
  shell.functions.set(node.name, node);
  shell.lastStatus = 0;
  return 0;
}

/** Calls a function. `prepare` runs inside its scope (assignments before the call). */
export function* callFunction(
  shell: Shell,
  definition: FunctionDefinition,
  args: readonly string[],
  prepare: () => void,
): Routine<number> {
  if (shell.depth >= limits.shellDepth) {
    shell.jump = { kind: 'discard' };
    const what = `${definition.name}: maximum function nesting level exceeded (${limits.shellDepth})`;
    return yield* shell.complain(what);
  }
  const { positional, loops, line } = shell;
  shell.depth++;
  shell.loops = 0;
  shell.positional = args;
  shell.calls.push({ name: definition.name, line, source: shell.name });
  shell.variables.enterFunction();
  prepare();
  let status = yield* runNode(shell, definition.body);
  if (shell.jump?.kind === 'return') {
    shell.jump = undefined;
    status = shell.lastStatus;
  }
  const action = shell.traps.actions.get('RETURN');
  if (action && shell.option('functrace') && !shell.jump) yield* runTrap(shell, action);
  shell.variables.leaveFunction();
  shell.calls.pop();
  shell.positional = positional;
  shell.loops = loops;
  shell.line = line;
  shell.depth--;
  shell.lastStatus = status;
  return status;
}
