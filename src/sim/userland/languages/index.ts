// Interpreters of languages, and the programs that come with them. Debian's python3 is on every machine; the others
// are where images put them.

import type { ProgramFamily } from '../programs/index.ts';
import { imageNodes } from './javascript/versions.ts';
import { debianPython, imagePythons } from './python/versions.ts';

export const pythonFamily: ProgramFamily = {
  name: 'python',
  programs: [debianPython],
};

export const languageFamily: ProgramFamily = {
  name: 'languages of images',
  elsewhere: true,
  programs: [...imageNodes, ...imagePythons],
};
