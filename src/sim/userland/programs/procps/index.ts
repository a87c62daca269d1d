// procps 4.0.2 and psmisc 23.6: looking at processes and the machine.

import type { ProgramFamily } from '../index.ts';
import { ps } from './ps.ts';

export const procps: ProgramFamily = { name: 'procps', programs: [ps] };
