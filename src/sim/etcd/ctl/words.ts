// Lines typed into etcdctl (txn, watch -i) as words: double and single quotes hold words together.

import { fromBytes } from '../../userland/shell/bytes.ts';

const WORD = /"(?:[^"\\]|\\.)*"|'[^']*'|[^'"\s]\S*[^'"\s]?/g;

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** The words of a line. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(WORD)].map(([word]) => {
    if (word.startsWith("'")) return word.slice(1, -1);
    return word.startsWith('"') ? (unquoted(word) ?? word) : word;
  });
}

/** What a Go string literal in double or back quotes means; undefined where it is none. */
export function unquoted(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  let bad = false;
  const body = literal.slice(1, -1);
  const text = body.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([0-7]{3})|(.))/g,
    (_, hex?: string, unicode?: string, octal?: string, letter?: string) => {
      if (hex) return fromBytes(Uint8Array.of(Number.parseInt(hex, 16)));
      if (unicode) return String.fromCharCode(Number.parseInt(unicode, 16));
      if (octal) return fromBytes(Uint8Array.of(Number.parseInt(octal, 8)));
      const meaning = ESCAPES[letter ?? ''];
      if (meaning === undefined) bad = true;
      return meaning ?? '';
    },
  );
  return bad ? undefined : text;
}
