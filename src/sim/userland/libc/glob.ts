// Shell patterns on one name (fnmatch(3)): `*`, `?`, `[…]` with classes, backslash.

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  cntrl: '\\x00-\\x1f\\x7f',
  print: '\\x20-\\x7e\\u00a0-\\uffff',
  graph: '\\x21-\\x7e\\u00a1-\\uffff',
};

/** How `/` and letters are treated. */
export interface GlobRules {
  /** FNM_PATHNAME: `*` and `?` do not match a slash. */
  readonly pathname?: boolean;
  readonly ignoreCase?: boolean;
}

/** A regular expression that matches what the pattern matches, whole. */
export function globPattern(pattern: string, rules: GlobRules = {}): RegExp {
  let out = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === '*') out += rules.pathname ? '[^/]*' : '[^]*';
    else if (char === '?') out += rules.pathname ? '[^/]' : '[^]';
    else if (char === '\\' && i + 1 < pattern.length) out += literal(pattern.charAt(++i));
    else if (char === '[') {
      const bracket = readBracket(pattern, i);
      if (bracket) {
        out += bracket.source;
        i = bracket.end;
      } else out += '\\[';
    } else out += literal(char);
  }
  return new RegExp(`^(?:${out})$`, rules.ignoreCase ? 'iu' : 'u');
}

function literal(char: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}

function readBracket(pattern: string, start: number): { source: string; end: number } | undefined {
  let at = start + 1;
  let negated = false;
  if (pattern.charAt(at) === '!' || pattern.charAt(at) === '^') {
    negated = true;
    at++;
  }
  let body = '';
  for (let first = true; at < pattern.length; first = false) {
    const char = pattern.charAt(at);
    if (char === ']' && !first) return { source: `[${negated ? '^' : ''}${body}]`, end: at };
    const named = /^\[:(\w+):\]/.exec(pattern.slice(at));
    if (named) {
      body += CLASSES[named[1] ?? ''] ?? '';
      at += named[0].length;
      continue;
    }
    const actual = char === '\\' ? pattern.charAt(++at) : char;
    const range = actual === '-' && !first && pattern.charAt(at + 1) !== ']';
    body += range ? '-' : /[\\\]^[\-&~|(){}/]/.test(actual) ? `\\${actual}` : actual;
    at++;
  }
  return undefined;
}
