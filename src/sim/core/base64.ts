// Base64 (RFC 4648), plain and for URLs (without padding), between bytes and text.

import { decode, encode } from './text.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PLAIN = encode(`${LETTERS}+/`);
const URL_SAFE = encode(`${LETTERS}-_`);
const PAD = 0x3d;

/** What each character code of either alphabet stands for; -1 outside of them. */
const VALUES = new Int8Array(128).fill(-1);
for (const alphabet of [PLAIN, URL_SAFE]) {
  for (const [value, letter] of alphabet.entries()) VALUES[letter] = value;
}

// By way of bytes: a text that grows letter by letter is a chain of as many pieces.
function write(bytes: Uint8Array, alphabet: Uint8Array, padded: boolean): string {
  const { length } = bytes;
  const out = new Uint8Array(padded ? Math.ceil(length / 3) * 4 : Math.ceil((length * 4) / 3));
  if (padded) out.fill(PAD, out.length - 2);
  let at = 0;
  for (let i = 0; i < length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const letters = Math.min(3, length - i) + 1;
    for (let j = 0; j < letters; j++) out[at++] = alphabet[(group >> (18 - 6 * j)) & 63] ?? 0;
  }
  return decode(out);
}

/** The bytes in base64. */
export function base64(bytes: Uint8Array): string {
  return write(bytes, PLAIN, true);
}

/** A text's UTF-8 bytes in base64. */
export function base64Text(text: string): string {
  return base64(encode(text));
}

/** The bytes in base64 for URLs, without padding. */
export function base64Url(bytes: Uint8Array): string {
  return write(bytes, URL_SAFE, false);
}

/** The bytes of either alphabet's base64; characters outside it are passed over. */
export function fromBase64(text: string): Uint8Array {
  const out = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? -1;
    if (value < 0) continue;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out[at++] = (bits >> count) & 0xff;
    }
  }
  return out.slice(0, at);
}

/** The text whose UTF-8 bytes are written in base64. */
export function textOfBase64(text: string): string {
  return decode(fromBase64(text));
}
