// Backslash escapes as echo -e, printf and tr read them.

import { concatBytes, encode } from '../../../core/text.ts';

const LETTERS: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '"': 34,
};

/** One escape at `at` (the backslash): its bytes and how many characters it took; `stop` for \c. */
export interface Escape {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly stop?: boolean;
}

/** Reads one escape. `zeroOctal`: octal numbers are written \0nnn (echo, %b), otherwise \nnn. */
export function readEscape(text: string, at: number, zeroOctal: boolean): Escape {
  const letter = text.charAt(at + 1);
  if (letter === 'c') return { bytes: new Uint8Array(0), length: 2, stop: true };
  const rest = text.slice(at + 1, at + 10);
  const octal = (zeroOctal ? /^0([0-7]{0,3})/ : /^([0-7]{1,3})/).exec(rest);
  if (octal) return byte(Number.parseInt(octal[1] || '0', 8), octal[0].length + 1);
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex) return byte(Number.parseInt(hex[1] ?? '0', 16), hex[0].length + 1);
  const unicode = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest);
  if (unicode) {
    const code = Number.parseInt(unicode[1] ?? unicode[2] ?? '0', 16);
    const bytes = code <= 0x10ffff ? encode(String.fromCodePoint(code)) : new Uint8Array(0);
    return { bytes, length: unicode[0].length + 1 };
  }
  const known = LETTERS[letter];
  if (known !== undefined && !(zeroOctal && letter === '"')) return byte(known, 2);
  return { bytes: encode(`\\${letter}`), length: letter === '' ? 1 : 2 };
}

function byte(value: number, length: number): Escape {
  return { bytes: Uint8Array.of(value & 255), length };
}

/** The bytes of echo -e's (and %b's) text; `stopped` where \c cut it short. */
export function unescapeEcho(text: string): { bytes: Uint8Array; stopped: boolean } {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    parts.push(encode(text.slice(from, at)));
    const escape = readEscape(text, at, true);
    parts.push(escape.bytes);
    from = at + escape.length;
    if (escape.stop) return { bytes: concatBytes(parts), stopped: true };
  }
  parts.push(encode(text.slice(from)));
  return { bytes: concatBytes(parts), stopped: false };
}
