// Patches as text: unified and normal diffs, split into files and hunks. Context diffs and ed scripts are left out.
// Lines are byte strings, each with its newline if it had one.

/** One hunk: lines marked ' ', '-' or '+'. Places count from 1. */
export interface Hunk {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/** The changes of one file. Names are undefined in a normal diff without headings. */
export interface FilePatch {
  readonly old: string | undefined;
  readonly young: string | undefined;
  /** The lines that name the files, as they stand. */
  readonly heading: readonly string[];
  /** Line of the patch where the first hunk stands. */
  readonly line: number;
  readonly hunks: Hunk[];
}

/** Every file's patch, or patch's own words for what is wrong. */
export function parsePatch(lines: readonly string[]): FilePatch[] | { readonly error: string } {
  const files: FilePatch[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i] ?? '';
    const unified = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    const normal = /^(\d+)(?:,(\d+))?([acd])(\d+)(?:,(\d+))?\n?$/.exec(line);
    if (line.startsWith('--- ') && (lines[i + 1] ?? '').startsWith('+++ ')) {
      const heading = lines.slice(i, i + 2);
      files.push({
        old: nameOf(heading[0]),
        young: nameOf(heading[1]),
        heading,
        line: i + 3,
        hunks: [],
      });
      i += 2;
      continue;
    }
    if (!unified && !normal) {
      i++;
      continue;
    }
    if (files.length === 0)
      files.push({ old: undefined, young: undefined, heading: [], line: i + 1, hunks: [] });
    const taken = unified ? unifiedHunk(lines, i, unified) : normalHunk(lines, i, normal ?? []);
    if (typeof taken === 'number')
      return { error: `malformed patch at line ${taken + 1}: ${lines[taken] ?? '\n'}` };
    files.at(-1)?.hunks.push(taken.hunk);
    i = taken.next;
  }
  const useful = files.filter((file) => file.hunks.length > 0);
  return useful.length > 0 ? useful : { error: 'Only garbage was found in the patch input.' };
}

function nameOf(line: string | undefined): string {
  const text = (line ?? '').slice(4).replace(/\n$/, '');
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(text);
  return quoted ? (quoted[1] ?? '').replace(/\\(.)/g, '$1') : (text.split('\t')[0] ?? '').trimEnd();
}

interface Taken {
  readonly hunk: Hunk;
  readonly next: number;
}

function unifiedHunk(
  lines: readonly string[],
  start: number,
  match: readonly (string | undefined)[],
): Taken | number {
  let left = Number(match[2] ?? 1);
  let right = Number(match[4] ?? 1);
  const out: string[] = [];
  let i = start + 1;
  while (left > 0 || right > 0) {
    const line = lines[i];
    if (line === undefined) return i;
    const mark = line === '\n' ? ' ' : line.charAt(0);
    if (mark === '\\') chomp(out);
    else if (mark === ' ' || mark === '-' || mark === '+') {
      if (mark !== '+') left--;
      if (mark !== '-') right--;
      out.push(line === '\n' ? ' \n' : line);
    } else return i;
    if (left < 0 || right < 0) return i;
    i++;
  }
  if (lines[i]?.startsWith('\\')) {
    chomp(out);
    i++;
  }
  const from = Number(match[1]) + (match[2] === '0' ? 1 : 0);
  return { hunk: { from, to: Number(match[3]) + (match[4] === '0' ? 1 : 0), lines: out }, next: i };
}

/** `\ No newline at end of file` takes the newline from the line before it. */
function chomp(lines: string[]): void {
  const last = lines.pop();
  if (last !== undefined) lines.push(last.replace(/\n$/, ''));
}

function normalHunk(
  lines: readonly string[],
  start: number,
  match: readonly (string | undefined)[],
): Taken | number {
  const [, from = '0', fromEnd = from, letter = 'c', to = '0', toEnd = to] = match;
  const out: string[] = [];
  let i = start + 1;
  const take = (count: number, lead: string, mark: string): boolean => {
    for (let n = 0; n < count; n++, i++) {
      const line = lines[i] ?? '';
      if (!line.startsWith(lead)) return false;
      out.push(mark + line.slice(lead.length));
      if (lines[i + 1]?.startsWith('\\')) {
        chomp(out);
        i++;
      }
    }
    return true;
  };
  if (letter !== 'a' && !take(Number(fromEnd) - Number(from) + 1, '< ', '-')) return i;
  if (letter === 'c' && lines[i++] !== '---\n') return i - 1;
  if (letter !== 'd' && !take(Number(toEnd) - Number(to) + 1, '> ', '+')) return i;
  const shift = letter === 'a' ? 1 : 0;
  return {
    hunk: { from: Number(from) + shift, to: Number(to) + (letter === 'd' ? 1 : 0), lines: out },
    next: i,
  };
}

/** The hunk that undoes a hunk. */
export function reversed(hunk: Hunk): Hunk {
  const swap: Readonly<Record<string, string>> = { '-': '+', '+': '-' };
  const lines = hunk.lines.map((line) => (swap[line.charAt(0)] ?? ' ') + line.slice(1));
  return { from: hunk.to, to: hunk.from, lines };
}

/** Where a hunk fits, and with how much of its context let go. */
export interface Fit {
  readonly at: number;
  readonly fuzz: number;
}

/** Looks for a hunk's old lines near index `guess`, with at most `fuzz` lines of context dropped at either end. */
export function findHunk(
  file: readonly string[],
  hunk: Hunk,
  guess: number,
  lowest: number,
  fuzz: number,
): Fit | undefined {
  const old = hunk.lines.filter((line) => !line.startsWith('+')).map((line) => line.slice(1));
  const lead = contextLength(hunk.lines);
  const trail = contextLength([...hunk.lines].reverse());
  const context = Math.max(lead, trail);
  for (let dropped = 0; dropped <= Math.min(fuzz, context); dropped++) {
    const head = Math.max(0, dropped + lead - context);
    const tail = Math.max(0, dropped + trail - context);
    const wanted = old.slice(head, old.length - tail);
    const fits = (at: number): boolean =>
      at >= lowest &&
      at + head + wanted.length <= file.length &&
      wanted.every((line, i) => file[at + head + i] === line);
    const anchoredStart = lead < trail && dropped === 0 && hunk.from <= 1;
    const anchoredEnd = trail < lead && dropped === 0;
    for (let offset = 0; offset <= file.length + Math.abs(guess); offset++) {
      for (const at of offset === 0 ? [guess] : [guess + offset, guess - offset]) {
        if (anchoredStart && at !== 0) continue;
        if (anchoredEnd && at + old.length !== file.length) continue;
        if (fits(at)) return { at, fuzz: dropped };
      }
    }
  }
  return undefined;
}

function contextLength(lines: readonly string[]): number {
  const first = lines.findIndex((line) => !line.startsWith(' '));
  return first < 0 ? lines.length : first;
}

/** A hunk as a reject file shows it. */
export function hunkText({ from, to, lines }: Hunk): string {
  const count = (mark: string): number => lines.filter((line) => !line.startsWith(mark)).length;
  const range = (at: number, size: number): string =>
    size === 1 ? String(at) : `${size === 0 ? at - 1 : at},${size}`;
  const body = lines.map((line) =>
    line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`,
  );
  return `@@ -${range(from, count('+'))} +${range(to, count('-'))} @@\n${body.join('')}`;
}
