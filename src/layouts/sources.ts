// The simulator's source files as the build finds them on disk, for the chapter that shows them.

import { globSync, readFileSync } from 'node:fs';

const ROOT = 'src/sim/';

/** Paths under src/sim of all source files, without what is generated. */
export function sourcePaths(): string[] {
  return globSync(`${ROOT}**/*.ts`)
    .map((path) => path.slice(ROOT.length))
    .filter((path) => !path.includes('generated/'))
    .sort();
}

/** The text of a file under src/sim; empty where there is none. */
export function sourceText(path: string): string {
  try {
    return readFileSync(ROOT + path, 'utf8');
  } catch {
    return '';
  }
}

/** The path on the site of the page that shows a file under src/sim. */
export function sourceAddress(path: string): string {
  return `/how-it-works/${path.replace(/\.ts$/, '')}/`;
}
