// Base64 of texts, as the API's headers carry JSON.

import { decode, encode } from '../core/text.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The base64 form of a text's UTF-8. */
export function encodeBase64(text: string): string {
  const bytes = encode(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    const four = [18, 12, 6, 0].map((shift) => ALPHABET[(bits >> shift) & 63] ?? '');
    out += four
      .map((letter, n) =>
        (n === 2 && b === undefined) || (n === 3 && c === undefined) ? '=' : letter,
      )
      .join('');
  }
  return out;
}

/** The text of a base64 form. */
export function decodeBase64(text: string): string {
  const out: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text.replace(/=+$/, '')) {
    bits = (bits << 6) | Math.max(0, ALPHABET.indexOf(letter));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push((bits >> held) & 255);
  }
  return decode(Uint8Array.from(out));
}
