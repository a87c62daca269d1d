// What a stream holds between its two ends: chunks of bytes, and messages that are handed on whole. A reader of bytes gets
// a message's bytes; a reader of messages gets it by reference.

import { Content } from '../../core/content.ts';
import { concatBytes } from '../../core/text.ts';
import type { Chunk } from './packet.ts';

const EMPTY = new Uint8Array(0);

/** A chunk of bytes. The array is shared from here on: it must not be changed. */
export function byteChunk(bytes: Uint8Array): Chunk {
  return { size: bytes.length, bytes, message: undefined };
}

/** A chunk that is one message; `size` is what it counts for. */
export function messageChunk(message: Content, size: number): Chunk {
  return { size: Math.max(1, size), bytes: undefined, message };
}

/** The bytes of a chunk, made where it is a message. */
export function bytesOf(chunk: Chunk): Uint8Array {
  return chunk.bytes ?? chunk.message?.bytes() ?? EMPTY;
}

export class ChunkQueue {
  private chunks: Chunk[] = [];
  private head = 0;
  /** Bytes that wait, as they are counted. */
  size = 0;

  get empty(): boolean {
    return this.head >= this.chunks.length;
  }

  put(chunk: Chunk): void {
    this.chunks.push(chunk);
    this.size += chunk.size;
  }

  /** The next chunk whole. */
  takeChunk(): Chunk | undefined {
    const chunk = this.chunks[this.head];
    if (!chunk) return undefined;
    this.head++;
    this.size -= chunk.size;
    this.compact();
    return chunk;
  }

  /** The next chunk as content. */
  takeContent(): Content | undefined {
    const chunk = this.takeChunk();
    return chunk && (chunk.message ?? Content.ofBytes(bytesOf(chunk)));
  }

  /** Up to `count` bytes, from as many chunks as it takes; `peek` leaves them. */
  takeBytes(count: number, peek = false): Uint8Array {
    const parts: Uint8Array[] = [];
    const before = [...(peek ? this.chunks.slice(this.head) : [])];
    let left = count;
    while (left > 0) {
      const chunk = this.chunks[this.head];
      if (!chunk) break;
      const bytes = bytesOf(chunk);
      this.size -= chunk.size;
      if (bytes.length <= left) {
        parts.push(bytes);
        left -= bytes.length;
        this.head++;
        continue;
      }
      parts.push(bytes.subarray(0, left));
      const rest = byteChunk(bytes.subarray(left));
      this.chunks[this.head] = rest;
      this.size += rest.size;
      left = 0;
    }
    this.compact();
    if (peek) this.restore(before);
    const [only] = parts;
    return parts.length === 1 && only ? only : concatBytes(parts);
  }

  private restore(chunks: Chunk[]): void {
    this.chunks = chunks;
    this.head = 0;
    this.size = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  }

  clear(): void {
    this.restore([]);
  }

  private compact(): void {
    if (this.head === this.chunks.length) {
      if (this.head === 1) this.chunks.pop();
      else this.chunks = [];
      this.head = 0;
    } else if (this.head > 64) {
      this.chunks = this.chunks.slice(this.head);
      this.head = 0;
    }
  }
}
