// Sizes of the messages in which fsutil sends files (protocol buffers): what `transferring context: 98B` counts.

import { encode } from '../../core/text.ts';
import type { FileStat } from './session.ts';

/** Bytes of a number as a varint. */
function varint(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

const field = (value: number): number => (value === 0 ? 0 : 1 + varint(value));
const lengthField = (length: number): number => (length === 0 ? 0 : 1 + varint(length) + length);

/** The packet that announces a file. */
export function statPacket(stat: FileStat): number {
  const size =
    lengthField(encode(stat.path).length) +
    field(stat.mode) +
    field(stat.size) +
    field(stat.mtime) +
    lengthField(encode(stat.linkname).length);
  return 1 + varint(size) + size;
}

const CHUNK = 32 * 1024;

/** The packets with a file's content and the one that ends it. */
export function dataPackets(id: number, length: number): number {
  let size = 2 + field(id);
  for (let rest = length; rest > 0; rest -= CHUNK)
    size += 2 + field(id) + lengthField(Math.min(rest, CHUNK));
  return size;
}

/** The packet that ends the list (empty) and the one that ends the exchange. */
export const LAST_PACKETS = 2;
