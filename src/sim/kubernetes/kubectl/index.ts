// kubectl 1.36.3: one program, its commands in one tree.

import { program } from '../../userland/libc/stdio.ts';
import type { ProgramFamily } from '../../userland/programs/index.ts';
import { runCommand } from './command.ts';
import { type Declared, declaredTree } from './declared.ts';
import { ROOT } from './root.ts';
import { usageText } from './usage.ts';

let tree: Declared | undefined;

export const kubectl = program('kubectl', (main) => {
  tree ??= declaredTree(ROOT);
  return runCommand(tree, main, usageText);
});

/** The programs that come with Kubernetes' client. */
export const kubectlPrograms: ProgramFamily = { name: 'kubectl', programs: [kubectl] };
