// The files of a data directory as bytes: an image of the database, and the write-ahead log, as JSON where the real
// ones are bbolt pages and protobuf records. A snapshot carries a digest of its bytes at its end.

import { Content } from '../../core/content.ts';
import { concatBytes, decode, encode } from '../../core/text.ts';
import { base64 } from '../../core/base64.ts';
import { fromBase64 } from '../wire/base64.ts';
import { sha1 } from './sha1.ts';
import type { BackendImage } from './backend.ts';
import type { WriteAheadLog } from './disk.ts';

const PAGE = 4_096;
/** Bytes of the digest at the end of a snapshot. */
export const DIGEST = 32;

/** An image as a database file, a whole number of pages. */
export function encodeImage(image: BackendImage): Uint8Array {
  return pad(encode(toText({ database: image })));
}

/** The image in a database file or a snapshot; undefined where it is none. */
export function decodeImage(bytes: Uint8Array): BackendImage | undefined {
  const body = hasDigest(bytes) ? bytes.subarray(0, bytes.length - DIGEST) : bytes;
  const value = fromText(decode(body)) as { database?: BackendImage } | undefined;
  return value?.database;
}

/** A database file with its digest behind it, as `snapshot save` stores it. */
export function withDigest(bytes: Uint8Array): Uint8Array {
  return concatBytes([bytes, digestOf(bytes)]);
}

/** True where a file has the length of pages and a digest. */
export function hasDigest(bytes: Uint8Array): boolean {
  return bytes.length % 512 === DIGEST;
}

/** True where a snapshot's digest is that of its bytes. */
export function digestHolds(bytes: Uint8Array): boolean {
  const body = bytes.subarray(0, bytes.length - DIGEST);
  const held = bytes.subarray(bytes.length - DIGEST);
  return digestOf(body).every((byte, i) => byte === held[i]);
}

function digestOf(bytes: Uint8Array): Uint8Array {
  const first = sha1(bytes);
  return concatBytes([first, sha1(first).subarray(0, DIGEST - first.length)]);
}

export function encodeWal(wal: WriteAheadLog): Uint8Array {
  return pad(encode(toText({ wal })));
}

export function decodeWal(bytes: Uint8Array): WriteAheadLog | undefined {
  const value = fromText(decode(bytes)) as { wal?: WriteAheadLog } | undefined;
  return value?.wal;
}

function pad(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / PAGE) * PAGE).fill(0x0a);
  out.set(bytes);
  return out;
}

function toText(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'bigint') return { $id: one.toString() };
    if (one instanceof Content) return { $bytes: base64(one.bytes()) };
    return one === Number.POSITIVE_INFINITY ? { $never: true } : one;
  });
}

function fromText(text: string): unknown {
  try {
    return JSON.parse(text, (_, one: Record<string, unknown> | null) => {
      if (typeof one !== 'object' || one === null) return one;
      if (typeof one['$id'] === 'string') return BigInt(one['$id']);
      if (typeof one['$bytes'] === 'string') {
        return Content.ofBytes(fromBase64(one['$bytes']) ?? new Uint8Array());
      }
      return one['$never'] === true ? Number.POSITIVE_INFINITY : one;
    });
  } catch {
    return undefined;
  }
}
