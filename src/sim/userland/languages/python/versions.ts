// The interpreters that are installed somewhere: Debian's, and those of the images.

import type { ProgramFile } from '../../../kernel/program.ts';
import { python } from './program.ts';
import { imagePython, PYTHON_RELEASES } from './releases.ts';

/** /usr/bin/python3 of Debian 12. */
export const debianPython: ProgramFile = python('python3', '3.11.2', '/usr');

/** The interpreters of images. */
export const imagePythons: readonly ProgramFile[] = Object.entries(PYTHON_RELEASES).map(
  ([series, release]) => python(imagePython(series), release, '/usr/local'),
);
