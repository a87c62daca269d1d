// vi's patterns and :s: a basic regular expression with vim's additions, replaced once or throughout a line.

import { compileRegex, isRegexError, type Regex } from '../../../regex/index.ts';
import { lineAt, moveTo, replaceLines, type Vi } from './state.ts';

/** Said where an empty pattern has none before it. */
export const NO_PATTERN = 'E35: No previous regular expression';

/** A pattern as vim's 'magic' reads it, which is near to a basic regular expression. */
export function vimRegex(vi: Vi, pattern: string): Regex | undefined {
  const source = pattern.replaceAll('\\=', '\\?').replaceAll('\\d', '[0-9]');
  const ignoreCase = vi.options.ignorecase || pattern.includes('\\c');
  const regex = compileRegex(source.replaceAll('\\c', ''), { syntax: 'basic', ignoreCase });
  return isRegexError(regex) ? undefined : regex;
}

/** :s, with the separator and all that follows in `rest`; undefined flags mean once in each line. */
export function substitute(
  vi: Vi,
  lines: { readonly first: number; readonly last: number },
  rest: string,
): void {
  const separator = rest[0] ?? '/';
  const [pattern = '', replacement = '', flags = ''] = splitUnescaped(rest.slice(1), separator);
  const regex = pattern === '' ? vi.search?.regex : vimRegex(vi, pattern);
  if (!regex) {
    vi.message = pattern === '' ? NO_PATTERN : vi.style.notFound(pattern);
    return;
  }
  vi.search = { regex, forward: true, text: pattern || (vi.search?.text ?? '') };
  let count = 0;
  let changedLines = 0;
  let lastRow = -1;
  for (let row = lines.last; row >= lines.first; row--) {
    const { text, times } = substituteLine(
      lineAt(vi, row),
      regex,
      replacement,
      flags.includes('g'),
    );
    if (times === 0) continue;
    count += times;
    changedLines++;
    if (lastRow < 0) lastRow = row;
    if (!flags.includes('n')) replaceLines(vi, row, 1, text.split('\n'));
  }
  if (count === 0) {
    if (!flags.includes('e')) vi.message = vi.style.notFound(vi.search.text);
    return;
  }
  if (!flags.includes('n')) moveTo(vi, lastRow, 0);
  const matches = flags.includes('n');
  if (matches || changedLines > 2) {
    const what = matches ? (count === 1 ? 'match' : 'matches') : 'substitutions';
    vi.message = `${count} ${what} on ${changedLines} line${changedLines === 1 ? '' : 's'}`;
  }
}

function substituteLine(
  line: string,
  regex: Regex,
  replacement: string,
  all: boolean,
): { text: string; times: number } {
  let out = '';
  let from = 0;
  let times = 0;
  while (from <= line.length) {
    const match = regex.exec(line, from);
    if (!match) break;
    const whole = line.slice(match.start, match.end);
    out += line.slice(from, match.start) + expand(replacement, whole, match.groups);
    times++;
    if (match.end > match.start) from = match.end;
    else {
      out += line[match.end] ?? '';
      from = match.end + 1;
    }
    if (!all) break;
  }
  return { text: out + line.slice(Math.min(from, line.length)), times };
}

/** A replacement with &, \1 and \r filled in. */
function expand(
  replacement: string,
  whole: string,
  groups: readonly (string | undefined)[],
): string {
  return replacement.replace(/\\(.)|&/gs, (escaped, char: string | undefined) => {
    if (char === undefined) return escaped === '&' ? whole : '';
    if (/\d/.test(char)) return char === '0' ? whole : (groups[Number(char) - 1] ?? '');
    return { r: '\n', n: '\0', t: '\t' }[char] ?? char;
  });
}

/** Cuts a text at a separator that no backslash precedes, into at most three parts. */
export function splitUnescaped(text: string, separator: string): string[] {
  const parts = [''];
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === separator && parts.length < 3) parts.push('');
    else {
      const last = parts.length - 1;
      const escaped = char === '\\' && i + 1 < text.length;
      const next = escaped ? (text[++i] ?? '') : '';
      parts[last] += escaped ? (next === separator ? next : char + next) : char;
    }
  }
  return parts;
}
