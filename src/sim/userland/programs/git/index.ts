// git, which is a package of its own.

import { MILLISECOND } from '../../../core/time.ts';
import type { ProgramFamily } from '../index.ts';
import { git } from './git.ts';

export const gitFamily: ProgramFamily = { name: 'git', startup: 3 * MILLISECOND, programs: [git] };
