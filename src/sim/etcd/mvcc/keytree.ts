// The tree of keys: etcd's in-memory index (a B-tree there, a B-tree of height two here) from key to the
// history of that key, in byte order.

import type { KeyValue } from '../api.ts';

/** A version of a key as the store keeps it: the revision's second number beside it. */
export interface StoredKeyValue extends KeyValue {
  /** Position within the transaction that wrote it. */
  readonly sub: number;
}

/** All kept versions of one key, oldest first. Tombstones have version 0. */
export interface KeyHistory {
  readonly key: string;
  versions: StoredKeyValue[];
}

/** Entries a block holds before it is split in two. */
const BLOCK = 512;

/** Keys in byte order. Point lookups go through a hash table, ranges through sorted blocks. */
export class KeyTree {
  private readonly byKey = new Map<string, KeyHistory>();
  private readonly blocks: KeyHistory[][] = [[]];

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): KeyHistory | undefined {
    return this.byKey.get(key);
  }

  /** Adds a key that is not there yet. */
  add(history: KeyHistory): void {
    this.byKey.set(history.key, history);
    const at = this.blockOf(history.key);
    const block = this.blocks[at] as KeyHistory[];
    const last = block[block.length - 1];
    if (last === undefined || last.key < history.key) block.push(history);
    else block.splice(lowerBound(block, history.key), 0, history);
    if (block.length > BLOCK) this.blocks.splice(at + 1, 0, block.splice(BLOCK / 2));
  }

  clear(): void {
    this.byKey.clear();
    this.blocks.splice(0, this.blocks.length, []);
  }

  remove(key: string): void {
    if (!this.byKey.delete(key)) return;
    const at = this.blockOf(key);
    const block = this.blocks[at] as KeyHistory[];
    block.splice(lowerBound(block, key), 1);
    if (block.length === 0 && this.blocks.length > 1) this.blocks.splice(at, 1);
  }

  /** Visits the keys in [key, end) in order; "" as `end` means the one key, "\0" to the end. */
  scan(key: string, end: string, visit: (history: KeyHistory) => void): void {
    if (end === '') {
      const one = this.byKey.get(key);
      if (one) visit(one);
      return;
    }
    const open = end === '\0';
    for (let b = this.blockOf(key); b < this.blocks.length; b++) {
      const block = this.blocks[b] as KeyHistory[];
      const first = block[0];
      let i = first !== undefined && first.key >= key ? 0 : lowerBound(block, key);
      for (; i < block.length; i++) {
        const history = block[i] as KeyHistory;
        if (!open && history.key >= end) return;
        visit(history);
      }
    }
  }

  /** The block in which `key` is or would be: the last one that does not begin after it. */
  private blockOf(key: string): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = (this.blocks[middle] as KeyHistory[])[0];
      if (first !== undefined && first.key <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lowerBound(block: readonly KeyHistory[], key: string): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((block[middle] as KeyHistory).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The version of a key that was in force at a revision; undefined where there was none or it was deleted. */
export function versionAt(history: KeyHistory, revision: number): StoredKeyValue | undefined {
  const { versions } = history;
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i] as StoredKeyValue;
    if (version.modRevision <= revision) return version.version === 0 ? undefined : version;
  }
  return undefined;
}
