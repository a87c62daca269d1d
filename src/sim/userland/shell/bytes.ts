// Text of the shell to bytes and back. Bytes that are no UTF-8 stand as U+DC80 to U+DCFF in
// strings, so that what a command prints survives `$( )`, `read` and printf '\xff'.

import { concatBytes, decode, encode } from '../../core/text.ts';

const ESCAPED = /[\udc80-\udcff]+/;

/** The bytes of a shell string. */
export function toBytes(text: string): Uint8Array {
  if (!ESCAPED.test(text)) return encode(text);
  const parts: Uint8Array[] = [];
  for (const part of text.split(/((?<![\ud800-\udbff])[\udc80-\udcff]+)/)) {
    if (ESCAPED.test(part) && part.charCodeAt(0) >= 0xdc80 && part.charCodeAt(0) <= 0xdcff) {
      parts.push(Uint8Array.from(part, (c) => c.charCodeAt(0) & 0xff));
    } else {
      parts.push(encode(part));
    }
  }
  return concatBytes(parts);
}

/** The shell string of bytes. */
export function fromBytes(bytes: Uint8Array): string {
  const text = decode(bytes);
  if (!text.includes('\ufffd')) return text;
  let out = '';
  let at = 0;
  while (at < bytes.length) {
    const length = validLength(bytes, at);
    if (length === 0) {
      out += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
      at++;
    } else {
      out += decode(bytes.subarray(at, at + length));
      at += length;
    }
  }
  return out;
}

function validLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || first >= 0xf5 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return decode(bytes.subarray(at, at + length)).includes('\ufffd') && !isReplacement(bytes, at)
    ? 0
    : length;
}

function isReplacement(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
}
