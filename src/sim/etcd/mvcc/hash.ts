// The hash of a store's history (`endpoint hashkv`): CRC-32C over the backend's key bucket, each version under
// its revision as the real backend encodes it. So two members can be told to hold the same.

import { binaryBytes, concatBytes, encode } from '../../core/text.ts';
import type { StoredKeyValue } from './keytree.ts';
import type { Store } from './store.ts';

const TABLE = new Uint32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** CRC-32C (Castagnoli) of `bytes`, going on from the CRC of what came before. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The hash of every kept version up to `revision`. */
export function hashKv(store: Store, revision: number): number {
  let crc = crc32c(encode('key'));
  for (const version of store.versions()) {
    if (version.modRevision > revision) break;
    if (version.version === 0 && version.modRevision === store.compacted) continue;
    crc = crc32c(revisionBytes(version), crc);
    crc = crc32c(keyValueBytes(version), crc);
  }
  return crc;
}

/** The backend's key of a version: main and sub revision, big-endian, `t` after a tombstone's. */
function revisionBytes(version: StoredKeyValue): Uint8Array {
  const deleted = version.version === 0;
  const bytes = new Uint8Array(deleted ? 18 : 17);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(version.modRevision));
  bytes[8] = 0x5f;
  view.setBigUint64(9, BigInt(version.sub));
  if (deleted) bytes[17] = 0x74;
  return bytes;
}

/** mvccpb.KeyValue as protobuf. */
export function keyValueBytes(version: StoredKeyValue): Uint8Array {
  const key = bytesField(1, binaryBytes(version.key));
  if (version.version === 0) return key;
  return concatBytes([
    key,
    numberField(2, BigInt(version.createRevision)),
    numberField(3, BigInt(version.modRevision)),
    numberField(4, BigInt(version.version)),
    bytesField(5, version.value.bytes()),
    numberField(6, version.lease),
  ]);
}

function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  return concatBytes([Uint8Array.of((field << 3) | 2, ...varint(BigInt(bytes.length))), bytes]);
}

function numberField(field: number, value: bigint): Uint8Array {
  return value === 0n ? new Uint8Array() : Uint8Array.of(field << 3, ...varint(value));
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}
