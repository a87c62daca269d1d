// The daemon's events: kept for `--since`, streamed to who listens.

import { epochSeconds, START_OF_TIME } from '../../core/time.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Strings } from './types.ts';

/** events.Message */
export interface DockerEvent {
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Strings };
  readonly scope: 'local';
  readonly time: number;
  readonly timeNano: number;
}

/** The daemon keeps this many. */
const KEPT = 256;

export class EventLog {
  readonly kept: DockerEvent[] = [];
  readonly arrived = new WaitQueue();
  /** How many there were before those that are kept. */
  dropped = 0;
  private readonly process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  /** Tells of something that happened. */
  add(type: string, action: string, id: string, attributes: Strings): void {
    const { now } = this.process;
    const sorted = Object.fromEntries(
      Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    const old = type === 'container' || type === 'image';
    const from = type === 'container' ? { from: attributes.image ?? '' } : {};
    this.kept.push({
      ...(old ? { status: action, id, ...from } : {}),
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: sorted },
      scope: 'local',
      time: epochSeconds(now),
      timeNano: START_OF_TIME * 1_000_000 + now,
    });
    if (this.kept.length > KEPT) {
      this.kept.shift();
      this.dropped++;
    }
    this.process.simulation.because(`docker: ${type} ${action}`, {
      kind: type,
      name: attributes.name ?? id,
    });
    this.arrived.wake();
  }

  /** Events from number `from` on, waiting for the next where there is none. */
  *next(from: number, until: number | undefined): Routine<DockerEvent | undefined> {
    for (;;) {
      const event = this.kept[from - this.dropped];
      if (event) return event;
      if (until !== undefined && this.process.now >= until) return undefined;
      yield { on: [this.arrived], until };
    }
  }
}
