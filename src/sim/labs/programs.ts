// The programs of the labs' machines: every family, in one list. /usr/bin, execve's table and the coverage page
// derive from it.

import { coreutils } from '../userland/programs/coreutils/index.ts';
import { type ProgramFamily, programTable } from '../userland/programs/index.ts';
import { text } from '../userland/programs/text/index.ts';
import { shells } from '../userland/shell/index.ts';
import { placeholders } from './placeholders.ts';

/** All families. Each is named here once. */
export const families: readonly ProgramFamily[] = [coreutils, text, shells, placeholders];

/** Finds any program by its name. */
export const programs = programTable(families);
