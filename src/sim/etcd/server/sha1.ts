// SHA-1 (FIPS 180-4), from which etcd makes the ids of members and clusters.

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** The twenty bytes of a message's digest. */
export function sha1(message: Uint8Array): Uint8Array {
  const blocks = Math.ceil((message.length + 9) / 64);
  const padded = new Uint8Array(blocks * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(block * 64 + i * 4);
    for (let i = 16; i < 80; i++) words[i] = rotate(mix(words, i), 1);
    compress(state, words);
  }
  const out = new Uint8Array(20);
  const outView = new DataView(out.buffer);
  for (const [i, word] of state.entries()) outView.setInt32(i * 4, word);
  return out;
}

function mix(words: Int32Array, i: number): number {
  const at = (back: number): number => words[i - back] ?? 0;
  return at(3) ^ at(8) ^ at(14) ^ at(16);
}

function compress(state: number[], words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let i = 0; i < 80; i++) {
    const [f, k] =
      i < 20
        ? [(b & c) | (~b & d), 0x5a827999]
        : i < 40
          ? [b ^ c ^ d, 0x6ed9eba1]
          : i < 60
            ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
            : [b ^ c ^ d, 0xca62c1d6];
    const next = (rotate(a, 5) + f + e + k + (words[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  const out = [a, b, c, d, e];
  for (const [i, word] of out.entries()) state[i] = ((state[i] ?? 0) + word) | 0;
}
