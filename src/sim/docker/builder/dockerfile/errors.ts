// Failures of a build: a text, and the lines of the Dockerfile that it is about.

/** Lines of a Dockerfile, counted from 1, both ends included. */
export interface Lines {
  readonly start: number;
  readonly end: number;
}

/** What stops a build. The front end throws it; whoever answers the client catches it. */
export class BuildError extends Error {
  readonly lines: readonly Lines[];
  /** How a step ended, where its process is what failed. */
  readonly exitCode: number | undefined;

  constructor(message: string, lines: readonly Lines[] = [], exitCode?: number) {
    super(message);
    this.lines = lines;
    this.exitCode = exitCode;
  }
}

/** The same failure with lines, unless it has its own. */
export function locate(thrown: unknown, lines: Lines): unknown {
  if (!(thrown instanceof BuildError) || thrown.lines.length > 0) return thrown;
  return new BuildError(thrown.message, [lines], thrown.exitCode);
}

/** Runs a part of the front end; what it throws is about these lines. */
export function about<T>(lines: Lines, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw locate(thrown, lines);
  }
}

/** Levenshtein's distance of two texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The option that is nearest to a text, at most two changes away; undefined where the text itself is one. */
export function nearest(
  text: string,
  options: readonly string[],
  caseSensitive: boolean,
): string | undefined {
  const folded = (word: string): string => (caseSensitive ? word : word.toLowerCase());
  let found: string | undefined;
  let least = 3;
  for (const option of options) {
    if (folded(option) === folded(text)) return undefined;
    const away = distance(folded(text), folded(option));
    if (away >= least) continue;
    least = away;
    found = option;
  }
  if (found === undefined || caseSensitive) return found;
  if (text === text.toLowerCase()) return found.toLowerCase();
  return text === text.toUpperCase() ? found.toUpperCase() : found.toLowerCase();
}

/** ` (did you mean X?)`, or nothing. */
export function hint(text: string, options: readonly string[], caseSensitive: boolean): string {
  const found = nearest(text, options, caseSensitive);
  return found === undefined ? '' : ` (did you mean ${found}?)`;
}
