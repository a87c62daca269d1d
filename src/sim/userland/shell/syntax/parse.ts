// A script's text to what the shell runs. Parsed scripts are kept, for loops and functions that
// `eval` or substitute the same text again and again. Where the text is wrong, what comes before
// the wrong command still runs.

import { parse } from 'unbash';
import { TreeBuilder } from './build.ts';
import { findSyntaxError, type Refusal } from './diagnose.ts';
import type { List } from './tree.ts';

export interface ParsedScript {
  readonly list: List;
  /** What stops it, once `list` has run. */
  readonly error: Refusal | undefined;
  /** Here-documents that the end of the text cut off: [line, delimiter]. */
  readonly cutDocuments: readonly { readonly line: number; readonly word: string }[];
}

const KEPT = 512;
const LONGEST_KEPT = 20_000;
const kept = new Map<string, ParsedScript>();

/**
 * Parses a text whose first line has the number `firstLine`. `braces`: brace expansion (bash, not
 * sh). `extglob`: extended patterns are read outside of `[[` too.
 */
export function parseScript(
  source: string,
  firstLine = 1,
  braces = true,
  extglob = true,
): ParsedScript {
  const key = `${firstLine}${braces ? 'b' : 's'}${extglob ? 'e' : ''} ${source}`;
  const known = kept.get(key);
  if (known) return known;
  const parsed = parseAnew(source, firstLine, braces, extglob);
  if (source.length <= LONGEST_KEPT) {
    if (kept.size >= KEPT) kept.clear();
    kept.set(key, parsed);
  }
  return parsed;
}

function parseAnew(
  source: string,
  firstLine: number,
  braces: boolean,
  extglob: boolean,
): ParsedScript {
  const { error, cutDocuments } = findSyntaxError(source, firstLine, !braces, extglob);
  const sound = error ? source.slice(0, error.commandAt) : source;
  const script = parse(sound);
  return {
    list: new TreeBuilder(sound, firstLine, braces).list(script.commands),
    error,
    cutDocuments,
  };
}
