// The replicated log: entries after a snapshot, and how far they are committed and applied.

import type { Entry, Snapshot } from './message.ts';

export class RaftLog {
  /** Entries from `first` on, without gaps. */
  private entries: Entry[];
  /** Index and term of what lies before the first entry. */
  private baseIndex: number;
  private baseTerm: number;
  committed: number;
  applied: number;

  constructor(entries: readonly Entry[], baseIndex: number, baseTerm: number, committed: number) {
    this.entries = [...entries];
    this.baseIndex = baseIndex;
    this.baseTerm = baseTerm;
    this.committed = Math.max(committed, baseIndex);
    this.applied = baseIndex;
  }

  get firstIndex(): number {
    return this.baseIndex + 1;
  }

  get lastIndex(): number {
    return this.baseIndex + this.entries.length;
  }

  get lastTerm(): number {
    return this.entries[this.entries.length - 1]?.term ?? this.baseTerm;
  }

  /** The term of an entry; undefined where it is compacted away or not there yet. */
  termAt(index: number): number | undefined {
    if (index === this.baseIndex) return this.baseTerm;
    return this.entries[index - this.baseIndex - 1]?.term;
  }

  /** Up to `count` entries from `index` on. */
  from(index: number, count = Number.POSITIVE_INFINITY): Entry[] {
    const start = index - this.baseIndex - 1;
    return this.entries.slice(start, start + count);
  }

  /** True where a log that ends at these is at least as new as this one. */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    if (lastTerm !== this.lastTerm) return lastTerm > this.lastTerm;
    return lastIndex >= this.lastIndex;
  }

  append(entry: Entry): void {
    this.entries.push(entry);
  }

  /**
   * Takes over a leader's entries after (index, term). Gives the first index written, which is one past the
   * end where nothing was new; undefined where the log does not match there.
   */
  follow(index: number, term: number, entries: readonly Entry[]): number | undefined {
    if (this.termAt(index) !== term) return undefined;
    for (const [i, entry] of entries.entries()) {
      if (this.termAt(entry.index) === entry.term) continue;
      if (entry.index <= this.committed) {
        throw new Error(`raft: entry ${entry.index} conflicts with a committed one`);
      }
      this.entries.length = entry.index - this.baseIndex - 1;
      this.entries.push(...entries.slice(i));
      return entry.index;
    }
    return this.lastIndex + 1;
  }

  /** Entries that are committed and not applied; they count as applied from now on. */
  takeCommitted(): Entry[] {
    if (this.applied >= this.committed) return [];
    const ready = this.from(this.applied + 1, this.committed - this.applied);
    this.applied = this.committed;
    return ready;
  }

  /** Forgets entries up to `index`, which must be applied. */
  compact(index: number): void {
    const term = this.termAt(index);
    if (term === undefined || index > this.applied || index <= this.baseIndex) return;
    this.entries = this.from(index + 1);
    this.baseIndex = index;
    this.baseTerm = term;
  }

  /** Begins anew after a snapshot. */
  restore(snapshot: Snapshot): void {
    this.entries = [];
    this.baseIndex = snapshot.index;
    this.baseTerm = snapshot.term;
    this.committed = snapshot.index;
    this.applied = snapshot.index;
  }
}
