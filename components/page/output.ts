// How output is cut for showing: shared by the page that the build makes and by the live one.

/** Lines that a long output shows before the rest is folded. */
export const FOLD_AFTER = 14;

/** Output longer than this is folded; a fold that hides a line or two would hide nothing. */
export const FOLD_OVER = FOLD_AFTER + 4;

/** The lines of a text; a last line without its newline counts. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** True for the line in which the simulator says what it does not do. */
export function isUnsimulated(line: string): boolean {
  return line.startsWith('drydock: ');
}
