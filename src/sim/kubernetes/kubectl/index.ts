// kubectl 1.36.3: one program, its commands in one tree.

import type { Coverage, ProgramFile } from '../../kernel/program.ts';
import { program } from '../../userland/libc/stdio.ts';
import { runCommand } from './command.ts';
import { type Declared, declaredTree } from './declared.ts';
import { ROOT } from './root.ts';
import { usageText } from './usage.ts';

let tree: Declared | undefined;

const commands = (): Declared => {
  tree ??= declaredTree(ROOT);
  return tree;
};

export const kubectl: ProgramFile = {
  ...program('kubectl', (main) => runCommand(commands(), main, usageText)),
  coverage: () => leavesOf(commands()).map(coverageOf),
};

function leavesOf(command: Declared): readonly Declared[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function coverageOf({ path, behaviour, flags }: Declared): Coverage {
  return { command: path, simulated: behaviour !== undefined, options: flags.length, missing: [] };
}
