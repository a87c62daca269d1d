// kubectl 1.36.3: one program, its commands in one tree.

import type { Routine } from '../../core/wait.ts';
import type { Coverage, ProgramFile } from '../../kernel/program.ts';
import { program } from '../../userland/libc/stdio.ts';
import { runCommand } from './command.ts';
import { type Declared, declaredTree } from './declared.ts';
import { helpTexts } from './help-texts.ts';
import { ROOT } from './root.ts';
import { usageText } from './usage.ts';

let tree: Declared | undefined;

const commands = (): Declared => {
  tree ??= declaredTree(ROOT);
  return tree;
};

export const kubectl: ProgramFile = {
  ...program('kubectl', (main) => runCommand(commands(), main, usage)),
  coverage: () => leavesOf(commands()).map(coverageOf),
};

/** The help text of the last command of a path. */
function* usage(path: readonly Declared[]): Routine<string> {
  const whole = declaredTree(ROOT, yield* helpTexts());
  const same = [whole];
  for (const { name } of path.slice(1)) {
    const next = same.at(-1)?.commands.find((one) => one.name === name);
    if (next) same.push(next);
  }
  return usageText(same);
}

function leavesOf(command: Declared): readonly Declared[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function coverageOf({ path, behaviour, flags }: Declared): Coverage {
  return { command: path, simulated: behaviour !== undefined, options: flags.length, missing: [] };
}
