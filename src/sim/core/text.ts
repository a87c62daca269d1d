// UTF-8, both ways. The two web classes are the only host objects that the simulator uses; they are pure.

interface Encoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
interface Decoder {
  decode(bytes: Uint8Array): string;
}
declare const TextEncoder: new () => Encoder;
declare const TextDecoder: new (label: string, options: { ignoreBOM: boolean }) => Decoder;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Texts up to this length are encoded here where they are ASCII: to ask the host costs more. */
const SHORT = 64;

/** The UTF-8 bytes of a string. */
export function encode(text: string): Uint8Array {
  return (text.length <= SHORT ? asciiBytes(text) : undefined) ?? encoder.encode(text);
}

function asciiBytes(text: string): Uint8Array | undefined {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    out[i] = code;
  }
  return out;
}

/** How many bytes `encode` would make. */
export function encodedLength(text: string): number {
  // Most texts are short and ASCII: they are measured without being encoded.
  if (text.length > 256) return encode(text).length;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return encode(text).length;
  return text.length;
}

/** The string of UTF-8 bytes; what is not valid becomes U+FFFD. */
export function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A string with one character (U+0000 to U+00FF) per byte: compares and sorts as the bytes do. */
export function binaryString(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 8192) {
    out += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return out;
}

/** The bytes of a string made by `binaryString`. */
export function binaryBytes(text: string): Uint8Array {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Joins byte arrays. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
