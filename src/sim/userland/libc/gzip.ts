// gzip (RFC 1952) and the inflating half of deflate (RFC 1951). What we write are stored blocks: the bytes of our
// images are small stand-ins whose real compressed size their descriptors declare.

import { concatBytes, decode, encode } from '../../core/text.ts';

const STORED_BLOCK = 65_535;

let crcTable: Uint32Array | undefined;

function table(): Uint32Array {
  if (crcTable) return crcTable;
  crcTable = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    crcTable[n] = c >>> 0;
  }
  return crcTable;
}

function crc32(bytes: Uint8Array): number {
  const t = table();
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    crc = (crc >>> 8) ^ (t[(crc ^ (bytes[i] as number)) & 255] as number);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** True where bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** A gzip member without name and time. */
export function gzip(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)];
  let at = 0;
  do {
    const block = bytes.subarray(at, at + STORED_BLOCK);
    at += block.length;
    const n = block.length;
    const last = at >= bytes.length ? 1 : 0;
    parts.push(Uint8Array.of(last, n & 255, n >> 8, ~n & 255, (~n >> 8) & 255), block);
  } while (at < bytes.length);
  const tail = new DataView(new ArrayBuffer(8));
  tail.setUint32(0, crc32(bytes), true);
  tail.setUint32(4, bytes.length >>> 0, true);
  parts.push(new Uint8Array(tail.buffer));
  return concatBytes(parts);
}

/** Go's words for what is wrong with a compressed stream. */
export type GzipFailure = 'gzip: invalid header' | 'gzip: invalid checksum' | 'unexpected EOF';

/** A stream as it is, or what a gzip file holds (moby's compression.DecompressStream). */
export function decompressed(bytes: Uint8Array): Uint8Array | GzipFailure {
  return isGzip(bytes) ? gunzip(bytes) : bytes;
}

/** The contents of a gzip file; members after the first are joined. */
export function gunzip(bytes: Uint8Array): Uint8Array | GzipFailure {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 18 || bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b) {
      return parts.length > 0 ? concatBytes(parts) : 'gzip: invalid header';
    }
    const start = skipHeader(bytes, at);
    const bits = new Bits(bytes, start);
    const out = inflate(bits);
    if (!out) return 'unexpected EOF';
    at = bits.byteOffset();
    if (at + 8 > bytes.length) return 'unexpected EOF';
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
    if (view.getUint32(0, true) !== crc32(out)) return 'gzip: invalid checksum';
    parts.push(out);
    at += 8;
  }
  return parts.length === 1 && parts[0] ? parts[0] : concatBytes(parts);
}

function skipHeader(bytes: Uint8Array, from: number): number {
  const flags = bytes[from + 3] ?? 0;
  let at = from + 10;
  if (flags & 4) at += 2 + (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
  if (flags & 8) at = bytes.indexOf(0, at) + 1;
  if (flags & 16) at = bytes.indexOf(0, at) + 1;
  return flags & 2 ? at + 2 : at;
}

/** A reader of bits, least significant first. */
class Bits {
  private readonly bytes: Uint8Array;
  private at: number;
  private hold = 0;
  private count = 0;
  ended = false;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  take(n: number): number {
    while (this.count < n) {
      if (this.at >= this.bytes.length) {
        this.ended = true;
        return 0;
      }
      this.hold |= (this.bytes[this.at++] as number) << this.count;
      this.count += 8;
    }
    const value = this.hold & ((1 << n) - 1);
    this.hold >>>= n;
    this.count -= n;
    return value;
  }

  /** Drops the rest of the byte and takes whole bytes. */
  raw(length: number): Uint8Array | undefined {
    this.at -= this.count >> 3;
    this.hold = 0;
    this.count = 0;
    if (this.at + length > this.bytes.length) return undefined;
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  byteOffset(): number {
    return this.at - (this.count >> 3);
  }
}

interface Huffman {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

function huffman(lengths: readonly number[]): Huffman {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  counts[0] = 0;
  const offsets = new Uint16Array(16);
  for (let i = 1; i < 16; i++) offsets[i] = (offsets[i - 1] ?? 0) + (counts[i - 1] ?? 0);
  const symbols = new Uint16Array(lengths.length);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    symbols[offsets[length] ?? 0] = symbol;
    offsets[length] = (offsets[length] ?? 0) + 1;
  }
  return { counts, symbols };
}

function symbolOf(bits: Bits, code: Huffman): number {
  let value = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length < 16; length++) {
    value |= bits.take(1);
    const count = code.counts[length] ?? 0;
    if (value - count < first) return code.symbols[index + (value - first)] ?? 0;
    index += count;
    first = (first + count) << 1;
    value <<= 1;
    if (bits.ended) return -1;
  }
  return -1;
}

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
];
const LENGTH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Output {
  bytes = new Uint8Array(4096);
  length = 0;

  room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
  copyBack(distance: number, length: number): void {
    this.room(length);
    for (let i = 0; i < length; i++, this.length++) {
      this.bytes[this.length] = this.bytes[this.length - distance] ?? 0;
    }
  }
}

function inflate(bits: Bits): Uint8Array | undefined {
  const out = new Output();
  for (;;) {
    const last = bits.take(1);
    const kind = bits.take(2);
    const good = kind === 0 ? stored(bits, out) : kind === 3 ? false : compressed(bits, out, kind);
    if (!good || bits.ended) return undefined;
    if (last) return out.bytes.subarray(0, out.length);
  }
}

/**
 * Deflate blocks that a sender flushed (Z_SYNC_FLUSH), as far as `bytes` go; `before` is what was inflated before them or
 * a preset dictionary. Undefined where they are damaged.
 */
export function inflateBlocks(bytes: Uint8Array, before: Uint8Array): Uint8Array | undefined {
  const out = new Output();
  out.room(before.length);
  out.bytes.set(before);
  out.length = before.length;
  const bits = new Bits(bytes, 0);
  while (bits.byteOffset() < bytes.length) {
    bits.take(1);
    const kind = bits.take(2);
    const good = kind === 0 ? stored(bits, out) : kind === 3 ? false : compressed(bits, out, kind);
    if (!good || bits.ended) return undefined;
  }
  return out.bytes.subarray(before.length, out.length);
}

function stored(bits: Bits, out: Output): boolean {
  const head = bits.raw(4);
  const block = head && bits.raw((head[0] ?? 0) + (head[1] ?? 0) * 256);
  if (!block) return false;
  out.room(block.length);
  out.bytes.set(block, out.length);
  out.length += block.length;
  return true;
}

function compressed(bits: Bits, out: Output, kind: number): boolean {
  const codes = kind === 1 ? fixedCodes() : dynamicCodes(bits);
  if (!codes) return false;
  for (;;) {
    const symbol = symbolOf(bits, codes.literals);
    if (symbol < 0) return false;
    if (symbol === 256) return true;
    if (symbol < 256) {
      out.room(1);
      out.bytes[out.length++] = symbol;
      continue;
    }
    const length = (LENGTH_BASE[symbol - 257] ?? 0) + bits.take(LENGTH_BITS[symbol - 257] ?? 0);
    const place = symbolOf(bits, codes.distances);
    if (place < 0) return false;
    const distance = (DISTANCE_BASE[place] ?? 0) + bits.take(place < 4 ? 0 : (place >> 1) - 1);
    if (distance > out.length) return false;
    out.copyBack(distance, length);
  }
}

function fixedCodes(): { literals: Huffman; distances: Huffman } {
  const lengths: number[] = [];
  for (let i = 0; i < 288; i++) lengths.push(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
  return { literals: huffman(lengths), distances: huffman(new Array<number>(30).fill(5)) };
}

function dynamicCodes(bits: Bits): { literals: Huffman; distances: Huffman } | undefined {
  const literalCount = bits.take(5) + 257;
  const distanceCount = bits.take(5) + 1;
  const codeCount = bits.take(4) + 4;
  const codeLengths = new Array<number>(19).fill(0);
  for (let i = 0; i < codeCount; i++) codeLengths[ORDER[i] ?? 0] = bits.take(3);
  const code = huffman(codeLengths);
  const lengths: number[] = [];
  while (lengths.length < literalCount + distanceCount) {
    const symbol = symbolOf(bits, code);
    if (symbol < 0) return undefined;
    if (symbol < 16) lengths.push(symbol);
    else {
      const previous = symbol === 16 ? (lengths.at(-1) ?? 0) : 0;
      const times =
        symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
      for (let i = 0; i < times; i++) lengths.push(previous);
    }
  }
  return {
    literals: huffman(lengths.slice(0, literalCount)),
    distances: huffman(lengths.slice(literalCount, literalCount + distanceCount)),
  };
}

/** What a gzip file's header says beside the data. */
export interface GzipHeader {
  readonly name?: string;
  /** Seconds since 1970; 0 where it is not told. */
  readonly mtime?: number;
  /** 2 best, 4 fastest, 0 otherwise. */
  readonly extra?: number;
}

/** A gzip member as gzip(1) on Unix writes it, with the name and time of the file. */
export function gzipFile(
  bytes: Uint8Array,
  { name, mtime = 0, extra = 0 }: GzipHeader = {},
): Uint8Array {
  const member = gzip(bytes);
  const head = member.slice(0, 10);
  head[3] = name === undefined ? 0 : 8;
  new DataView(head.buffer).setUint32(4, mtime >>> 0, true);
  head[8] = extra;
  head[9] = 3;
  const nameBytes = name === undefined ? new Uint8Array(0) : encode(`${name}\0`);
  return concatBytes([head, nameBytes, member.subarray(10)]);
}

/** The header of a gzip file, and the checksum and length (modulo 2^32) at its end; undefined where it is none. */
export function gzipHeader(bytes: Uint8Array):
  | {
      name: string | undefined;
      mtime: number;
      extra: number;
      system: number;
      crc: number;
      length: number;
    }
  | undefined {
  if (!isGzip(bytes) || bytes.length < 18) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = bytes[3] ?? 0;
  const start = flags & 4 ? 12 + view.getUint16(10, true) : 10;
  const end = bytes.indexOf(0, start);
  return {
    name: flags & 8 && end > 0 ? decode(bytes.subarray(start, end)) : undefined,
    mtime: view.getUint32(4, true),
    extra: bytes[8] ?? 0,
    system: bytes[9] ?? 255,
    crc: view.getUint32(bytes.length - 8, true),
    length: view.getUint32(bytes.length - 4, true),
  };
}
