// AES (FIPS 197) in the chaining mode CBC with PKCS #7 padding, over bytes. Tables are computed, not listed.

const BLOCK = 16;
/** Key lengths in bytes: AES-128, AES-192, AES-256. */
export const AES_KEY_SIZES: readonly number[] = [16, 24, 32];

const SBOX = new Uint8Array(256);
const INVERSE_SBOX = new Uint8Array(256);

/** Times x in the field of AES. */
function double(a: number): number {
  return ((a << 1) ^ (a & 0x80 ? 0x11b : 0)) & 0xff;
}

/** The product in the field of AES. */
function times(a: number, b: number): number {
  let product = 0;
  for (let left = a, right = b; right !== 0; right >>= 1, left = double(left)) {
    if (right & 1) product ^= left;
  }
  return product;
}

function fillTables(): void {
  for (let p = 1, q = 1, first = true; first || p !== 1; first = false) {
    p = times(p, 3);
    q = times(q, 0xf6);
    const turned = q ^ turn(q, 1) ^ turn(q, 2) ^ turn(q, 3) ^ turn(q, 4);
    SBOX[p] = turned ^ 0x63;
  }
  SBOX[0] = 0x63;
  for (const [i, value] of SBOX.entries()) INVERSE_SBOX[value] = i;
}

function turn(byte: number, by: number): number {
  return ((byte << by) | (byte >> (8 - by))) & 0xff;
}

fillTables();

/** The round keys one after another (KeyExpansion). */
function expandKey(key: Uint8Array): Uint8Array {
  const words = key.length / 4;
  const rounds = words + 6;
  const keys = new Uint8Array(BLOCK * (rounds + 1));
  keys.set(key);
  let constant = 1;
  for (let i = words; i < 4 * (rounds + 1); i++) {
    let word = Array.from(keys.slice(4 * (i - 1), 4 * i));
    if (i % words === 0) {
      word = [...word.slice(1), ...word.slice(0, 1)].map((byte) => SBOX[byte] ?? 0);
      word[0] = (word[0] ?? 0) ^ constant;
      constant = double(constant);
    } else if (words > 6 && i % words === 4) word = word.map((byte) => SBOX[byte] ?? 0);
    for (let j = 0; j < 4; j++) {
      keys[4 * i + j] = (keys[4 * (i - words) + j] ?? 0) ^ (word[j] ?? 0);
    }
  }
  return keys;
}

function addKey(state: Uint8Array, keys: Uint8Array, round: number): void {
  for (let i = 0; i < BLOCK; i++) state[i] = (state[i] ?? 0) ^ (keys[BLOCK * round + i] ?? 0);
}

/** Row r of the state moves r places, to the left where `by` is 1. */
function substituteAndShift(state: Uint8Array, box: Uint8Array, by: 1 | -1): void {
  const before = state.slice();
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      const from = 4 * ((column + by * row + 4) % 4) + row;
      state[4 * column + row] = box[before[from] ?? 0] ?? 0;
    }
  }
}

function mixColumns(state: Uint8Array, factors: readonly number[]): void {
  const before = state.slice();
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let i = 0; i < 4; i++) {
        sum ^= times(before[4 * column + i] ?? 0, factors[(i - row + 4) % 4] ?? 0);
      }
      state[4 * column + row] = sum;
    }
  }
}

const MIX = [2, 3, 1, 1];
const UNMIX = [14, 11, 13, 9];

function encryptBlock(state: Uint8Array, keys: Uint8Array): void {
  const rounds = keys.length / BLOCK - 1;
  addKey(state, keys, 0);
  for (let round = 1; round <= rounds; round++) {
    substituteAndShift(state, SBOX, 1);
    if (round < rounds) mixColumns(state, MIX);
    addKey(state, keys, round);
  }
}

function decryptBlock(state: Uint8Array, keys: Uint8Array): void {
  const rounds = keys.length / BLOCK - 1;
  for (let round = rounds; round >= 1; round--) {
    addKey(state, keys, round);
    if (round < rounds) mixColumns(state, UNMIX);
    substituteAndShift(state, INVERSE_SBOX, -1);
  }
  addKey(state, keys, 0);
}

/** Encrypts and pads; the result begins with the initialisation vector of 16 bytes. */
export function aesCbcEncrypt(key: Uint8Array, vector: Uint8Array, plain: Uint8Array): Uint8Array {
  const keys = expandKey(key);
  const padding = BLOCK - (plain.length % BLOCK);
  const result = new Uint8Array(BLOCK + plain.length + padding).fill(padding);
  result.set(vector);
  result.set(plain, BLOCK);
  for (let at = BLOCK; at < result.length; at += BLOCK) {
    const block = result.subarray(at, at + BLOCK);
    for (let i = 0; i < BLOCK; i++) block[i] = (block[i] ?? 0) ^ (result[at - BLOCK + i] ?? 0);
    encryptBlock(block, keys);
  }
  return result;
}

/** Decrypts what begins with its initialisation vector; undefined where length or padding are wrong. */
export function aesCbcDecrypt(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < 2 * BLOCK || sealed.length % BLOCK !== 0) return undefined;
  const keys = expandKey(key);
  const plain = sealed.slice(BLOCK);
  for (let at = 0; at < plain.length; at += BLOCK) {
    const block = plain.subarray(at, at + BLOCK);
    decryptBlock(block, keys);
    for (let i = 0; i < BLOCK; i++) block[i] = (block[i] ?? 0) ^ (sealed[at + i] ?? 0);
  }
  const padding = plain[plain.length - 1] ?? 0;
  if (padding === 0 || padding > BLOCK) return undefined;
  if (!plain.subarray(plain.length - padding).every((byte) => byte === padding)) return undefined;
  return plain.slice(0, plain.length - padding);
}
