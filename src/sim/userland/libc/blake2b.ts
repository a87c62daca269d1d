// BLAKE2b (RFC 7693) without a key, at its full length of 512 bits: what b2sum computes.

const MASK = (1n << 64n) - 1n;

const IV: readonly bigint[] = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
];

/** The order in which each round takes the message's words; rounds 10 and 11 repeat the first two. */
const SIGMA: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/** The four columns and the four diagonals of the state. */
const LANES: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

const rotate = (x: bigint, n: bigint): bigint => ((x >> n) | (x << (64n - n))) & MASK;

/** The digest of bytes: 64 bytes. */
export function blake2b(bytes: Uint8Array): Uint8Array {
  const h = [...IV];
  h[0] = (h[0] ?? 0n) ^ 0x01010040n;
  const blocks = Math.max(1, Math.ceil(bytes.length / 128));
  for (let i = 0; i < blocks; i++) {
    const block = new Uint8Array(128);
    block.set(bytes.subarray(i * 128, i * 128 + 128));
    const last = i === blocks - 1;
    compress(h, block, BigInt(last ? bytes.length : (i + 1) * 128), last);
  }
  const out = new DataView(new ArrayBuffer(64));
  h.forEach((word, i) => out.setBigUint64(i * 8, word, true));
  return new Uint8Array(out.buffer);
}

function compress(h: bigint[], block: Uint8Array, counter: bigint, last: boolean): void {
  const view = new DataView(block.buffer);
  const v = [...h, ...IV];
  v[12] = (v[12] ?? 0n) ^ counter;
  if (last) v[14] = (v[14] ?? 0n) ^ MASK;
  for (let round = 0; round < 12; round++) {
    const order = SIGMA[round % 10] ?? [];
    for (const [i, lane] of LANES.entries()) {
      const x = view.getBigUint64((order[2 * i] ?? 0) * 8, true);
      const y = view.getBigUint64((order[2 * i + 1] ?? 0) * 8, true);
      mix(v, lane, x, y);
    }
  }
  for (let i = 0; i < 8; i++) h[i] = (h[i] ?? 0n) ^ (v[i] ?? 0n) ^ (v[i + 8] ?? 0n);
}

function mix(
  v: bigint[],
  lane: readonly [number, number, number, number],
  x: bigint,
  y: bigint,
): void {
  let [a, b, c, d] = lane.map((i) => v[i] ?? 0n) as [bigint, bigint, bigint, bigint];
  a = (a + b + x) & MASK;
  d = rotate(d ^ a, 32n);
  c = (c + d) & MASK;
  b = rotate(b ^ c, 24n);
  a = (a + b + y) & MASK;
  d = rotate(d ^ a, 16n);
  c = (c + d) & MASK;
  b = rotate(b ^ c, 63n);
  for (const [k, value] of [a, b, c, d].entries()) v[lane[k] ?? 0] = value;
}
