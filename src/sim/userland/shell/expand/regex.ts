// POSIX extended regular expressions for =~, as the host's: bracket classes, and what needs
// escaping differs.

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: '\\x20-\\x7e',
  graph: '\\x21-\\x7e',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
};

/** The regular expression of an ERE; undefined where it is wrong. */
export function posixRegExp(source: string, ignoreCase: boolean): RegExp | undefined {
  let out = '';
  for (let i = 0; i < source.length; i++) {
    const c = source[i] as string;
    if (c === '\\' && i + 1 < source.length) {
      const next = source[++i] as string;
      out += /[A-Za-z0-9]/.test(next) ? wordEscape(next) : `\\${next}`;
    } else if (c === '[') {
      const set = bracket(source, i);
      if (!set) return undefined;
      out += set.text;
      i = set.end;
    } else if (c === '{' && !/^\{\d*,?\d*\}/.test(source.slice(i))) out += '\\{';
    else if (c === '}' && !/\{\d*,?\d*$/.test(source.slice(0, i))) out += '\\}';
    else out += c;
  }
  try {
    return new RegExp(out, ignoreCase ? 'si' : 's');
  } catch {
    return undefined;
  }
}

function wordEscape(letter: string): string {
  if (/[wWsSbB]/.test(letter)) return `\\${letter}`;
  return letter === '<' || letter === '>' ? '\\b' : letter;
}

function bracket(source: string, open: number): { text: string; end: number } | undefined {
  let i = open + 1;
  let out = '[';
  if (source[i] === '^') {
    out += '^';
    i++;
  }
  for (let first = true; ; first = false) {
    const c = source[i];
    if (c === undefined) return undefined;
    if (c === ']' && !first) return { text: `${out}]`, end: i };
    const named = /^\[:(\w+):\]/.exec(source.slice(i));
    if (named) {
      out += CLASSES[named[1] ?? ''] ?? '';
      i += named[0].length;
      continue;
    }
    out += /[\\[\]^]/.test(c) ? `\\${c}` : c;
    i++;
  }
}
