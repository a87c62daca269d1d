// The interpreters that are installed somewhere: Debian's, and those of the images.

import type { ProgramFile } from '../../../kernel/program.ts';
import { python } from './program.ts';

/** /usr/bin/python3 of Debian 12. */
export const debianPython: ProgramFile = python('python3', '3.11.2', '/usr');

/** The releases that images of Python hold, by their series. */
export const PYTHON_RELEASES: Readonly<Record<string, string>> = {
  '3.10': '3.10.19',
  '3.11': '3.11.14',
  '3.12': '3.12.12',
  '3.13': '3.13.11',
  '3.14': '3.14.2',
};

/** What an image's interpreter is called in the table of programs. */
export function imagePython(series: string): string {
  return `python-${series}`;
}

/** The interpreters of images. */
export const imagePythons: readonly ProgramFile[] = Object.entries(PYTHON_RELEASES).map(
  ([series, release]) => python(imagePython(series), release, '/usr/local'),
);
