// Base64 (RFC 4648) as JSON carries bytes, read strictly.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...ALPHABET].map((letter, i) => [letter, i]));

/** The bytes of base64 (the URL alphabet is taken too); undefined where it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  const letters = text.replace(/=+$/, '').replace(/-/g, '+').replace(/_/g, '/');
  if (letters.length % 4 === 1) return undefined;
  const out = new Uint8Array(Math.floor((letters.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of letters) {
    const value = VALUES.get(letter);
    if (value === undefined) return undefined;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (held >> bits) & 0xff;
    }
  }
  return out;
}
