// Base64, plain and for URLs (without padding), between bytes and text.

import { decode, encode } from '../../core/text.ts';

const PLAIN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = `${PLAIN.slice(0, 62)}-_`;

function write(bytes: Uint8Array, alphabet: string, padded: boolean): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63);
    if (left > 1) out += alphabet.charAt((group >> 6) & 63);
    else if (padded) out += '=';
    if (left > 2) out += alphabet.charAt(group & 63);
    else if (padded) out += '=';
  }
  return out;
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
  const out: number[] = [];
  let bits = 0;
  let count = 0;
  for (const c of text) {
    const value = c === '-' ? 62 : c === '_' ? 63 : PLAIN.indexOf(c);
    if (value < 0) continue;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push((bits >> count) & 0xff);
    }
  }
  return Uint8Array.from(out);
}

/** The text whose UTF-8 bytes are written in base64. */
export function textOfBase64(text: string): string {
  return decode(fromBase64(text));
}
