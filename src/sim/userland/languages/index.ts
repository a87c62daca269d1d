// Interpreters of languages, and the programs that come with them. Debian's python3 is on every machine; the others
// are where images put them.

import type { ProgramFamily } from '../programs/index.ts';
import { debianPython } from './python/versions.ts';

export const pythonFamily: ProgramFamily = {
  name: 'python',
  programs: [debianPython],
};
