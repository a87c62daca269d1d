// Back-off of restarts and image pulls (client-go flowcontrol.Backoff): 10 s, doubling to 300 s, forgotten after twice the
// longest wait without trouble.

import { SECOND } from '../../core/time.ts';

const FIRST = 10 * SECOND;
const LONGEST = 300 * SECOND;

interface Entry {
  readonly wait: number;
  readonly updated: number;
}

export class Backoff {
  private readonly entries = new Map<string, Entry>();

  /** The wait that applies to a key, in nanoseconds; 0 for none. */
  wait(key: string): number {
    return this.entries.get(key)?.wait ?? 0;
  }

  /** How long it still has to wait at `now` after something that happened at `since`; 0 where it may go on. */
  remaining(key: string, since: number, now: number): number {
    const entry = this.entries.get(key);
    if (!entry || since - entry.updated > 2 * LONGEST) return 0;
    return Math.max(0, since + entry.wait - now);
  }

  /** The next failure: the wait doubles. */
  next(key: string, now: number): void {
    const entry = this.entries.get(key);
    const fresh = !entry || now - entry.updated > 2 * LONGEST;
    this.entries.set(key, {
      wait: fresh ? FIRST : Math.min(LONGEST, entry.wait * 2),
      updated: now,
    });
  }

  /** The keys that begin with `prefix` are forgotten. */
  forget(prefix: string): void {
    for (const key of this.entries.keys()) if (key.startsWith(prefix)) this.entries.delete(key);
  }
}
