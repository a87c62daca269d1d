// How GNU programs show names in messages and listings (gnulib quotearg): the shell-escape styles, the C style and
// the typographic quotes of a UTF-8 locale.

import { encode } from '../../core/text.ts';

export const QUOTING_STYLES = [
  'literal',
  'shell',
  'shell-always',
  'shell-escape',
  'shell-escape-always',
  'c',
  'c-maybe',
  'escape',
  'locale',
  'clocale',
] as const;

export type QuotingStyle = (typeof QUOTING_STYLES)[number];

const SPECIAL = /[\s"$&'()*;<>?[\\^`{|!=]/;
const CONTROLS: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** True for a character that a terminal does not show. */
function unprintable(char: string): boolean {
  return char < ' ' || char === '\x7f' || (char >= '\x80' && char < '\xa0') || char === '\ufffd';
}

function needsShellQuotes(text: string): boolean {
  return text === '' || SPECIAL.test(text) || /^[#~]/.test(text) || [...text].some(unprintable);
}

/** `'x'` always: names in messages that say which file (quoteaf). */
export function quoteAlways(text: string): string {
  return shellEscape(text);
}

/** The name as it is, quoted only where a shell or a reader would stumble: names before `: error` (quotef). */
export function quoteName(text: string): string {
  return needsShellQuotes(text) || text.includes(':') ? shellEscape(text) : text;
}

/** ‘x’: values that a message speaks of (quote). */
export function quoteValue(text: string): string {
  return `‘${escapeC(text, '’')}’`;
}

/** A name in one of ls's styles. */
export function quoteIn(style: QuotingStyle, text: string): string {
  switch (style) {
    case 'literal':
      return text;
    case 'shell':
      return needsShellQuotes(text) ? plainShell(text) : text;
    case 'shell-always':
      return plainShell(text);
    case 'shell-escape':
      return needsShellQuotes(text) ? shellEscape(text) : text;
    case 'shell-escape-always':
      return shellEscape(text);
    case 'c':
      return `"${escapeC(text, '"')}"`;
    case 'c-maybe': {
      const escaped = escapeC(text, '"');
      return escaped === text ? text : `"${escaped}"`;
    }
    case 'escape':
      return escapeC(text, ' ');
    case 'locale':
      return quoteValue(text);
    case 'clocale':
      return `"${escapeC(text, '"')}"`;
  }
}

function plainShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `'a b'`, `"it's"` where only a single quote is odd, and `'a'$'\n''b'` for what cannot be shown. */
function shellEscape(text: string): string {
  const odd = [...text].some(unprintable);
  if (!odd && text.includes("'") && !/["$`\\!]/.test(text)) return `"${text}"`;
  let out = "'";
  let dollar = false;
  for (const char of text) {
    if (unprintable(char)) {
      if (!dollar) out += "'$'";
      dollar = true;
      out += escapeOne(char);
    } else {
      if (dollar) out += "''";
      dollar = false;
      out += char === "'" ? "'\\''" : char;
    }
  }
  return `${out}'`;
}

function escapeOne(char: string): string {
  const control = CONTROLS[char];
  if (control) return control;
  return [...encode(char)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

function escapeC(text: string, also: string): string {
  let out = '';
  for (const char of text) {
    if (unprintable(char)) out += escapeOne(char);
    else out += char === '\\' || char === also ? `\\${char}` : char;
  }
  return out;
}
