// grep's patterns made into one finder: several patterns, whole words, whole lines, fixed strings.

import { compileRegex, isRegexError, type Regex } from '../../regex/index.ts';

export interface PatternRules {
  readonly kind: 'basic' | 'extended' | 'fixed' | 'perl';
  readonly ignoreCase: boolean;
  readonly word: boolean;
  readonly line: boolean;
}

/** A stretch of a line: [from, to). */
export type Span = readonly [number, number];

export interface Finder {
  test(line: string): boolean;
  /** The non-empty matches from left to right, none overlapping. */
  all(line: string): Span[];
}

const WORD = /[\p{L}\p{N}_]/u;

/** Compiles the patterns; `error` as grep prints it. */
export function makeFinder(
  patterns: readonly string[],
  rules: PatternRules,
): Finder | { readonly error: string } {
  const regexes: Regex[] = [];
  for (const pattern of patterns) {
    const regex = compileOne(pattern, rules);
    if ('error' in regex) return { error: regex.error };
    regexes.push(regex);
  }
  return {
    test: (line) => next(regexes, rules, line, 0) !== undefined,
    all: (line) => allMatches(regexes, rules, line),
  };
}

function compileOne(pattern: string, rules: PatternRules): Regex | { readonly error: string } {
  const { kind, ignoreCase } = rules;
  if (kind === 'perl') return compilePerl(pattern, ignoreCase);
  const source = kind === 'fixed' ? pattern.replace(/[\\.[\]*^$]/g, '\\$&') : pattern;
  if (kind !== 'fixed' && /(?:^|[^\\[])\[:[^\]]*:\]/.test(source)) {
    return { error: 'character class syntax is [[:space:]], not [:space:]' };
  }
  const regex = compileRegex(source, {
    syntax: kind === 'extended' ? 'extended' : 'basic',
    ignoreCase,
    loneParenthesis: true,
  });
  if (!isRegexError(regex)) return regex;
  return { error: source === '[' ? 'Invalid regular expression' : regex.error };
}

function compilePerl(pattern: string, ignoreCase: boolean): Regex | { readonly error: string } {
  let search: RegExp;
  try {
    const translated = pattern.replace(
      /\\([AZzhK])/g,
      (whole, letter: string) => ({ A: '^', Z: '$', z: '$', h: '[ \\t]' })[letter] ?? whole,
    );
    const kept = translated.split('\\K');
    const source = kept.length > 1 ? `(?<=${kept[0]})${kept.slice(1).join('')}` : translated;
    const inline = /^\(\?i\)/.test(source);
    search = new RegExp(inline ? source.slice(4) : source, `g${ignoreCase || inline ? 'iu' : 'u'}`);
  } catch (thrown) {
    const open = String(thrown).includes('Unterminated group');
    return { error: open ? 'missing closing parenthesis' : 'unrecognized character follows \\' };
  }
  const exec = (text: string, from = 0) => {
    search.lastIndex = from;
    const match = search.exec(text);
    return match
      ? { start: match.index, end: match.index + match[0].length, groups: match.slice(1) }
      : undefined;
  };
  return {
    groups: 0,
    exec,
    matchAt(text, at) {
      const match = exec(text, at);
      return match?.start === at ? match : undefined;
    },
    test: (text) => exec(text) !== undefined,
  };
}

/** The leftmost (then longest) acceptable match of any pattern at or after `from`. */
function next(
  regexes: readonly Regex[],
  rules: PatternRules,
  line: string,
  from: number,
): Span | undefined {
  let best: Span | undefined;
  for (const regex of regexes) {
    const span = acceptable(regex, rules, line, from);
    if (span && (!best || span[0] < best[0] || (span[0] === best[0] && span[1] > best[1])))
      best = span;
  }
  return best;
}

function acceptable(
  regex: Regex,
  rules: PatternRules,
  line: string,
  from: number,
): Span | undefined {
  for (let at = from; at <= line.length; ) {
    const match = regex.exec(line, at);
    if (!match) return undefined;
    const { start, end } = match;
    if (rules.line) {
      if (start > 0) return undefined;
      if (end === line.length) return [start, end];
      const whole = regex.matchAt(line, 0);
      return whole && whole.end === line.length ? [0, line.length] : undefined;
    }
    if (!rules.word) return [start, end];
    const span = wordMatch(regex, line, start, end);
    if (span) return span;
    at = start + 1;
  }
  return undefined;
}

/** -w: no word letter before or after; a shorter match at the same place will do. */
function wordMatch(regex: Regex, line: string, start: number, end: number): Span | undefined {
  if (start > 0 && WORD.test(line.charAt(start - 1))) return undefined;
  for (let to = end; to >= start; to--) {
    if (to < line.length && WORD.test(line.charAt(to))) continue;
    if (to === end) return [start, end];
    const shorter = regex.matchAt(line.slice(0, to), start);
    if (shorter?.end === to && to > start) return [start, to];
  }
  return undefined;
}

function allMatches(regexes: readonly Regex[], rules: PatternRules, line: string): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at <= line.length; ) {
    const span = next(regexes, rules, line, at);
    if (!span) break;
    if (span[1] > span[0]) spans.push(span);
    at = span[1] > span[0] ? span[1] : span[0] + 1;
  }
  return spans;
}
