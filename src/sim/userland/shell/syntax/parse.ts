// A script's text to what the shell runs. Parsed scripts are kept, for loops and functions that
// `eval` or substitute the same text again and again. Where the text is wrong, what comes before
// the wrong command still runs.

import type { ShellName } from '../dialect.ts';
import { type ParsedScript, readScript } from './diagnose.ts';

const KEPT = 512;
const LONGEST_KEPT = 20_000;
const kept = new Map<string, ParsedScript>();

/**
 * Parses a text whose first line has the number `firstLine`, as `shell` reads it. `extglob`: extended patterns are read
 * outside of `[[` too.
 */
export function parseScript(
  source: string,
  firstLine = 1,
  shell: ShellName = 'bash',
  extglob = true,
): ParsedScript {
  const key = `${firstLine}${shell}${extglob ? 'e' : ''} ${source}`;
  const known = kept.get(key);
  if (known) return known;
  const parsed = readScript(source, firstLine, { shell, extglob });
  if (source.length <= LONGEST_KEPT) {
    if (kept.size >= KEPT) kept.clear();
    kept.set(key, parsed);
  }
  return parsed;
}
