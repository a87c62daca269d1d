// kubectl 1.36.3: one program, its commands in one tree.

import type { ProgramFamily } from '../../userland/programs/index.ts';
import { program } from '../../userland/libc/stdio.ts';
import { runCommand } from './command.ts';
import { ROOT } from './root.ts';
import { usageText } from './usage.ts';

export const kubectl = program('kubectl', (main) => runCommand(ROOT, main, usageText));

/** The programs that come with Kubernetes' client. */
export const kubectlPrograms: ProgramFamily = { name: 'kubectl', programs: [kubectl] };
