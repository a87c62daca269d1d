// Message digests beside SHA-256 (which core has): MD5, SHA-1, SHA-224, SHA-384, SHA-512 (RFC 1321, FIPS 180-4).

import { sha256 } from '../../core/sha256.ts';

export type Sha2Name = 'sha224' | 'sha256' | 'sha384' | 'sha512';

function padded(bytes: Uint8Array, block: 64 | 128, little: boolean): DataView {
  const lengthBytes = block / 8;
  const size = Math.ceil((bytes.length + 1 + lengthBytes) / block) * block;
  const out = new Uint8Array(size);
  out.set(bytes);
  out[bytes.length] = 0x80;
  const view = new DataView(out.buffer);
  view.setBigUint64(size - 8, BigInt(bytes.length) * 8n, little);
  return view;
}

const rotate = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const MD5_CONSTANTS = Array.from(
  { length: 64 },
  (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0,
);

/** MD5: 16 bytes. */
export function md5(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes, 64, true);
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  for (let at = 0; at < view.byteLength; at += 64) {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mix =
        round === 0
          ? (b & c) | (~b & d)
          : round === 1
            ? (d & b) | (~d & c)
            : round === 2
              ? b ^ c ^ d
              : c ^ (b | ~d);
      const word =
        round === 0
          ? i
          : round === 1
            ? (5 * i + 1) % 16
            : round === 2
              ? (3 * i + 5) % 16
              : (7 * i) % 16;
      const sum = (a + mix + (MD5_CONSTANTS[i] ?? 0) + view.getInt32(at + word * 4, true)) | 0;
      [a, d, c] = [d, c, b];
      b = (b + rotate(sum, MD5_SHIFTS[round * 4 + (i % 4)] ?? 0)) | 0;
    }
    [a, b, c, d].forEach((word, i) => {
      state[i] = ((state[i] ?? 0) + word) | 0;
    });
  }
  return wordsOf(state, true);
}

function wordsOf(state: Int32Array, little: boolean): Uint8Array {
  const out = new DataView(new ArrayBuffer(state.length * 4));
  state.forEach((word, i) => out.setInt32(i * 4, word, little));
  return new Uint8Array(out.buffer);
}

/** SHA-1: 20 bytes. */
export function sha1(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes, 64, false);
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const w = new Int32Array(80);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 80; i++) {
      w[i] =
        i < 16
          ? view.getInt32(at + i * 4)
          : rotate((w[i - 3] ?? 0) ^ (w[i - 8] ?? 0) ^ (w[i - 14] ?? 0) ^ (w[i - 16] ?? 0), 1);
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
    for (let i = 0; i < 80; i++) {
      const [mix, constant] =
        i < 20
          ? [(b & c) | (~b & d), 0x5a827999]
          : i < 40
            ? [b ^ c ^ d, 0x6ed9eba1]
            : i < 60
              ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
              : [b ^ c ^ d, 0xca62c1d6];
      const next = (rotate(a, 5) + mix + e + constant + (w[i] ?? 0)) | 0;
      [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
    }
    [a, b, c, d, e].forEach((word, i) => {
      state[i] = ((state[i] ?? 0) + word) | 0;
    });
  }
  return wordsOf(state, false);
}

/** The fractional bits of roots of the first primes: the constants of SHA-2, exactly. */
function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) if (found.every((p) => n % p !== 0n)) found.push(n);
  return found;
}

function root(value: bigint, power: bigint): bigint {
  let low = 0n;
  let high = value;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** power <= value) low = middle;
    else high = middle - 1n;
  }
  return low;
}

const fraction = (prime: bigint, power: bigint, bits: bigint): bigint =>
  root(prime << (bits * power), power) & ((1n << bits) - 1n);

const MASK = (1n << 64n) - 1n;
let constants512: BigUint64Array | undefined;

function sha512Blocks(bytes: Uint8Array, start: readonly bigint[]): bigint[] {
  constants512 ??= BigUint64Array.from(primes(80).map((p) => fraction(p, 3n, 64n)));
  const view = padded(bytes, 128, false);
  const state = [...start];
  const w = new BigUint64Array(80);
  const right = (x: bigint, n: bigint): bigint => ((x >> n) | (x << (64n - n))) & MASK;
  for (let at = 0; at < view.byteLength; at += 128) {
    for (let i = 0; i < 16; i++) w[i] = view.getBigUint64(at + i * 8);
    for (let i = 16; i < 80; i++) {
      const [x, y] = [w[i - 15] ?? 0n, w[i - 2] ?? 0n];
      const s0 = right(x, 1n) ^ right(x, 8n) ^ (x >> 7n);
      const s1 = right(y, 19n) ^ right(y, 61n) ^ (y >> 6n);
      w[i] = (w[i - 16] ?? 0n) + s0 + (w[i - 7] ?? 0n) + s1;
    }
    let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state;
    for (let i = 0; i < 80; i++) {
      const s1 = right(e, 14n) ^ right(e, 18n) ^ right(e, 41n);
      const t1 =
        (h + s1 + ((e & f) ^ (~e & MASK & g)) + (constants512[i] ?? 0n) + (w[i] ?? 0n)) & MASK;
      const s0 = right(a, 28n) ^ right(a, 34n) ^ right(a, 39n);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & MASK, c, b, a, (t1 + t2) & MASK];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i] = ((state[i] ?? 0n) + word) & MASK;
    });
  }
  return state;
}

/** The second 32 bits of the roots' fractions: SHA-224's start. */
const SHA224_START = [
  0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
];

function sha224(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes, 64, false);
  const k = Int32Array.from(primes(64).map((p) => Number(fraction(p, 3n, 32n)) | 0));
  const state = Int32Array.from(SHA224_START);
  const w = new Int32Array(64);
  const right = (x: number, n: number): number => rotate(x, 32 - n);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const [x, y] = [w[i - 15] ?? 0, w[i - 2] ?? 0];
      w[i] =
        (w[i - 16] ?? 0) +
        (right(x, 7) ^ right(x, 18) ^ (x >>> 3)) +
        (w[i - 7] ?? 0) +
        (right(y, 17) ^ right(y, 19) ^ (y >>> 10));
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    for (let i = 0; i < 64; i++) {
      const t1 =
        (h +
          (right(e, 6) ^ right(e, 11) ^ right(e, 25)) +
          ((e & f) ^ (~e & g)) +
          (k[i] ?? 0) +
          (w[i] ?? 0)) |
        0;
      const t2 = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i] = ((state[i] ?? 0) + word) | 0;
    });
  }
  return wordsOf(state, false).subarray(0, 28);
}

/** A digest of the SHA-2 family. */
export function sha2(name: Sha2Name, bytes: Uint8Array): Uint8Array {
  if (name === 'sha256') return fromHex(sha256(bytes));
  if (name === 'sha224') return sha224(bytes);
  const list = primes(16);
  const start = name === 'sha512' ? list.slice(0, 8) : list.slice(8);
  const state = sha512Blocks(
    bytes,
    start.map((p) => fraction(p, 2n, 64n)),
  );
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((word, i) => out.setBigUint64(i * 8, word));
  return new Uint8Array(out.buffer).subarray(0, name === 'sha512' ? 64 : 48);
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
