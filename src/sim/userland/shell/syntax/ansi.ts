// Backslash escapes of $'…', echo -e, printf's format and %b: what each of them knows differs in
// octal, \c and \".

/** Where the escapes stand. */
export type EscapePlace = 'ansi' | 'echo' | 'format' | 'b';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** A text with its escapes replaced; `stopped` where \c ended it. */
export interface Unescaped {
  readonly text: string;
  readonly stopped: boolean;
}

/**
 * Replaces escapes. Bytes from 0x80 (`\xff`) stand as U+DC80 to U+DCFF, which output turns back
 * into bytes.
 */
export function replaceEscapes(source: string, place: EscapePlace): Unescaped {
  if (!source.includes('\\')) return { text: source, stopped: false };
  let text = '';
  for (let i = 0; i < source.length; i++) {
    const c = source[i] as string;
    if (c !== '\\' || i === source.length - 1) {
      text += c;
      continue;
    }
    const rest = source.slice(i + 1, i + 12);
    const known = SIMPLE[rest[0] as string];
    const quote =
      /^["'?]/.test(rest) && (place === 'ansi' || (place === 'format' && rest[0] === '"'));
    if (known !== undefined) {
      text += known;
      i++;
    } else if (quote) {
      text += rest[0];
      i++;
    } else if (rest[0] === 'c' && place === 'ansi' && rest.length > 1) {
      text += String.fromCharCode(rest.charCodeAt(1) & 0x1f);
      i += 2;
    } else if (rest[0] === 'c' && (place === 'echo' || place === 'b')) {
      return { text, stopped: true };
    } else {
      const numeric = numericEscape(rest, place);
      if (numeric) {
        text += numeric.text;
        i += numeric.length;
      } else {
        text += c;
      }
    }
  }
  return { text, stopped: false };
}

function numericEscape(
  rest: string,
  place: EscapePlace,
): { text: string; length: number } | undefined {
  const octal =
    place === 'echo'
      ? /^0([0-7]{0,3})/.exec(rest)
      : place === 'b'
        ? /^0?([0-7]{1,3})/.exec(rest)
        : /^([0-7]{1,3})/.exec(rest);
  if (octal)
    return { text: byteText(Number.parseInt(octal[1] || '0', 8) & 255), length: octal[0].length };
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex) return { text: byteText(Number.parseInt(hex[1] ?? '', 16)), length: hex[0].length };
  const unicode = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest);
  if (!unicode) return undefined;
  const code = Number.parseInt(unicode[1] ?? unicode[2] ?? '', 16);
  return { text: code <= 0x10ffff ? String.fromCodePoint(code) : '', length: unicode[0].length };
}

function byteText(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}
