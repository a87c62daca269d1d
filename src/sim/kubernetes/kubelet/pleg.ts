// The pod life cycle event generator (pleg/generic.go): the kubelet learns what became of containers by looking at all
// of them once a second. Here a look is made only at those seconds at which something is to be seen: the runtime's own
// events say so, the evented PLEG of the real one is off.

import type { Simulation } from '../../core/simulation.ts';
import { SECOND } from '../../core/time.ts';

/** genericPlegRelistPeriod. */
const PERIOD = SECOND;

export class Pleg {
  private readonly simulation: Simulation;
  private readonly began: number;
  private readonly tell: (uid: string) => void;
  private readonly changed = new Set<string>();

  /** Begins to look now; `tell` is called at a look for each pod of which something changed since the one before. */
  constructor(simulation: Simulation, tell: (uid: string) => void) {
    this.simulation = simulation;
    this.began = simulation.now;
    this.tell = tell;
  }

  /** The first look after `time`. */
  after(time: number): number {
    return this.began + (Math.floor((time - this.began) / PERIOD) + 1) * PERIOD;
  }

  /** Something happened to a container or sandbox of a pod: the next look finds it. */
  notice(uid: string): void {
    this.changed.add(uid);
    if (this.changed.size > 1) return;
    this.simulation.at(this.after(this.simulation.now), () => this.relist());
  }

  private relist(): void {
    const uids = [...this.changed];
    this.changed.clear();
    for (const uid of uids) this.tell(uid);
  }
}
