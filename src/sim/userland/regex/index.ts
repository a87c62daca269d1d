// Regular expressions as grep, sed, awk, find and expr use them: POSIX patterns run on the host's matcher, with the
// leftmost-longest rule put right where alternatives could make a difference.

import { type Node, parseRegex, type RegexError, type RegexSyntax } from './parse.ts';

export type { RegexError, RegexSyntax } from './parse.ts';

export interface RegexOptions {
  readonly syntax: RegexSyntax;
  readonly ignoreCase?: boolean;
  /** ^ and $ also match around newlines (sed's M). */
  readonly multiline?: boolean;
  /** An extended pattern's `)` without a `(` stands for itself (grep). */
  readonly loneParenthesis?: boolean;
}

/** Where a pattern matched, and its groups' texts (undefined where a group took no part). */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

export interface Regex {
  /** How many groups the pattern has. */
  readonly groups: number;
  /** The leftmost, longest match at or after `from`. */
  exec(text: string, from?: number): RegexMatch | undefined;
  /** The longest match that begins exactly at `at`. */
  matchAt(text: string, at: number): RegexMatch | undefined;
  test(text: string): boolean;
}

/** True where compiling failed. */
export function isRegexError(value: Regex | RegexError): value is RegexError {
  return 'error' in value;
}

/** Compiles a pattern. */
export function compileRegex(pattern: string, options: RegexOptions): Regex | RegexError {
  const parsed = parseRegex(pattern, options.syntax, options.loneParenthesis ?? false);
  if ('error' in parsed) return parsed;
  const source = emit(parsed.root, options);
  const flags = (options.syntax === 'awk' ? '' : 'u') + (options.ignoreCase ? 'i' : '');
  const search = new RegExp(source, `${flags}g`);
  const sticky = new RegExp(source, `${flags}y`);
  const lengthen = longestMayDiffer(parsed.root, true) ? longest(source, `${flags}y`) : undefined;
  const found = (match: RegExpExecArray | null, text: string): RegexMatch | undefined => {
    if (!match) return undefined;
    const better = lengthen?.(text, match) ?? match;
    return { start: better.index, end: better.index + better[0].length, groups: better.slice(1) };
  };
  return {
    groups: parsed.groups,
    exec(text, from = 0) {
      search.lastIndex = from;
      return found(search.exec(text), text);
    },
    matchAt(text, at) {
      sticky.lastIndex = at;
      return found(sticky.exec(text), text);
    },
    test(text) {
      search.lastIndex = 0;
      return search.test(text);
    },
  };
}

/** Looks for a longer match at the same place, from the end of the text down. */
function longest(source: string, flags: string) {
  return (text: string, match: RegExpExecArray): RegExpExecArray => {
    const least = match.index + match[0].length;
    for (let end = text.length; end > least; end--) {
      const left = text.length - end;
      const ends = new RegExp(`(?:${source})(?=[^]{${left}}$)`, flags);
      ends.lastIndex = match.index;
      const longer = ends.exec(text);
      if (longer) return longer;
    }
    return match;
  };
}

/** Nodes that match one character, and nodes that match none. */
const ANCHORS = ['start', 'end', 'assertion'];
const SINGLE = ['char', 'any', 'class', ...ANCHORS];

/** The first characters an expression can begin with, as a string; undefined where that is not a plain list. */
function firstChar(node: Node): string | undefined {
  switch (node.kind) {
    case 'char':
      return node.char;
    case 'group':
      return firstChar(node.body);
    case 'sequence':
      return node.parts[0] ? firstChar(node.parts[0]) : undefined;
    case 'repeat':
      return node.least > 0 ? firstChar(node.body) : undefined;
    default:
      return undefined;
  }
}

function literal(node: Node): string | undefined {
  if (node.kind === 'char') return node.char;
  if (node.kind !== 'sequence') return undefined;
  const parts = node.parts.map(literal);
  return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
}

/** True where taking the first alternative that fits could give a shorter match than POSIX's longest. */
function longestMayDiffer(node: Node, last: boolean): boolean {
  switch (node.kind) {
    case 'group':
      return longestMayDiffer(node.body, last);
    case 'repeat':
      return longestMayDiffer(node.body, false);
    case 'sequence':
      return node.parts.some((part, i) =>
        longestMayDiffer(part, last && i === node.parts.length - 1),
      );
    case 'either': {
      if (node.options.some((option) => longestMayDiffer(option, last))) return true;
      const firsts = node.options.map(firstChar);
      if (
        firsts.every((c) => c !== undefined) &&
        new Set(firsts.map((c) => c?.toLowerCase())).size === firsts.length
      ) {
        return false;
      }
      const single = node.options.every((option) => SINGLE.includes(option.kind));
      if (single && !node.options.some((option) => ANCHORS.includes(option.kind))) return false;
      return !(last && node.options.every((option) => literal(option) !== undefined));
    }
    default:
      return false;
  }
}

function emit(node: Node, options: RegexOptions): string {
  switch (node.kind) {
    case 'char':
      return escapeChar(node.char);
    case 'any':
      return '[^]';
    case 'class':
    case 'assertion':
      return node.source;
    case 'start':
      return options.multiline ? '(?<![^\\n])' : '(?<![^])';
    case 'end':
      return options.multiline ? '(?![^\\n])' : '(?![^])';
    case 'group':
      return `(${emit(node.body, options)})`;
    case 'reference':
      return `\\${node.number}(?:)`;
    case 'repeat':
      return emitRepeat(node, options);
    case 'sequence':
      return node.parts.map((part) => emit(part, options)).join('');
    case 'either':
      return `(?:${orderedOptions(node.options)
        .map((option) => emit(option, options))
        .join('|')})`;
  }
}

/** Fixed strings go longest first, so that the first that fits is the longest. */
function orderedOptions(options: readonly Node[]): readonly Node[] {
  const texts = options.map(literal);
  if (texts.some((text) => text === undefined)) return options;
  return options
    .map((option, i) => ({ option, length: texts[i]?.length ?? 0 }))
    .sort((a, b) => b.length - a.length)
    .map(({ option }) => option);
}

function emitRepeat(node: Extract<Node, { kind: 'repeat' }>, options: RegexOptions): string {
  const { least, most, body } = node;
  const inner = emit(body, options);
  const atom = ['char', 'any', 'class', 'group'].includes(body.kind) ? inner : `(?:${inner})`;
  if (body.kind === 'start' || body.kind === 'end' || body.kind === 'assertion')
    return least > 0 ? inner : '';
  if (least === 0 && most === 1) return `${atom}?`;
  if (most === Number.POSITIVE_INFINITY)
    return least === 0 ? `${atom}*` : least === 1 ? `${atom}+` : `${atom}{${least},}`;
  return `${atom}{${least},${most}}`;
}

function escapeChar(char: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
