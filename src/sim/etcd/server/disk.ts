// What a member keeps in its data directory: the write-ahead log with raft's entries and state, and the backend.
// Both outlive the process; a member that starts again goes on from them.

import type { Configuration, Entry, HardState } from '../raft/message.ts';
import type { Backend } from './backend.ts';

/** The write-ahead log: who the member is, raft's hard state, and the entries after the last snapshot. */
export interface WriteAheadLog {
  readonly memberId: bigint;
  readonly clusterId: bigint;
  hardState: HardState;
  entries: Entry[];
  snapshotIndex: number;
  snapshotTerm: number;
  /** The members that the cluster begins with, until the backend knows them. */
  readonly configuration: Configuration;
}

export interface Disk {
  readonly wal: WriteAheadLog;
  readonly backend: Backend;
}

/** Writes entries; they replace what stands from the first one's index on. */
export function appendToWal(wal: WriteAheadLog, entries: readonly Entry[]): void {
  const first = entries[0];
  if (first === undefined) return;
  const keep = first.index - wal.snapshotIndex - 1;
  if (keep < wal.entries.length) wal.entries.length = Math.max(0, keep);
  for (const entry of entries) wal.entries.push(entry);
}

/** Forgets entries up to `index`; the backend has them. */
export function trimWal(wal: WriteAheadLog, index: number): void {
  const drop = index - wal.snapshotIndex;
  const last = wal.entries[drop - 1];
  if (last === undefined) return;
  wal.entries = wal.entries.slice(drop);
  wal.snapshotIndex = index;
  wal.snapshotTerm = last.term;
}
