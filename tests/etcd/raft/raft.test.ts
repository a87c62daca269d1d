// Raft under random loss, partitions, crashes and changes of leader: whatever happens, no two members ever
// apply different entries at one index, and once the network heals everybody agrees.

import { describe, expect, it } from 'vitest';
import { type Random, randomStream } from '../../../src/sim/core/random.ts';
import type { Entry, HardState, Message, Snapshot } from '../../../src/sim/etcd/raft/message.ts';
import { Raft } from '../../../src/sim/etcd/raft/raft.ts';
import { transferTo } from '../../../src/sim/etcd/raft/step.ts';

interface Disk {
  hardState: HardState;
  entries: Entry[];
  snapshot: { index: number; term: number };
}

class Cluster {
  readonly rafts = new Map<bigint, Raft>();
  readonly disks = new Map<bigint, Disk>();
  readonly chosen = new Map<number, string>();
  readonly cut = new Set<bigint>();
  loss = 0;
  private flying: Message[] = [];
  private readonly random: Random;
  private readonly ids: bigint[];

  constructor(random: Random, size: number) {
    this.random = random;
    this.ids = Array.from({ length: size }, (_, i) => BigInt(i + 1));
    for (const id of this.ids) {
      const hardState = { term: 0, vote: 0n, committed: 0 };
      this.disks.set(id, { hardState, entries: [], snapshot: { index: 0, term: 0 } });
      this.boot(id);
    }
  }

  boot(id: bigint): void {
    const disk = this.disks.get(id) as Disk;
    const raft: Raft = new Raft({
      id,
      configuration: { voters: this.ids, learners: [] },
      hardState: disk.hardState,
      entries: disk.entries,
      snapshotIndex: disk.snapshot.index,
      snapshotTerm: disk.snapshot.term,
      electionTicks: 10,
      heartbeatTicks: 1,
      random: this.random.fork(`raft ${id} ${this.random.int(1e9)}`),
      snapshot: (): Snapshot => ({
        index: raft.log.applied,
        term: raft.log.termAt(raft.log.applied) ?? 0,
        configuration: raft.configuration(),
        data: undefined,
      }),
    });
    this.rafts.set(id, raft);
  }

  round(): void {
    for (const raft of this.rafts.values()) raft.tick();
    for (let i = 0; i < 4; i++) {
      for (const raft of this.rafts.values()) this.drain(raft);
      const now = this.flying;
      this.flying = [];
      for (const message of now) {
        if (this.cut.has(message.from) || this.cut.has(message.to)) continue;
        if (this.random.fraction() < this.loss) continue;
        if (this.random.fraction() < this.loss) this.flying.push(message);
        else this.rafts.get(message.to)?.step(message);
      }
    }
  }

  drain(raft: Raft): void {
    const ready = raft.ready();
    const disk = this.disks.get(raft.id) as Disk;
    if (ready.snapshot) {
      disk.snapshot = { index: ready.snapshot.index, term: ready.snapshot.term };
      disk.entries = [];
    }
    const first = ready.entries[0];
    if (first) {
      disk.entries = [...disk.entries.filter((one) => one.index < first.index), ...ready.entries];
    }
    if (ready.hardState) disk.hardState = ready.hardState;
    for (const entry of ready.committed) {
      const said = `${entry.term}:${String(entry.data)}`;
      expect(this.chosen.get(entry.index) ?? said).toBe(said);
      this.chosen.set(entry.index, said);
    }
    this.flying.push(...ready.messages);
  }

  leaders(): Raft[] {
    return [...this.rafts.values()].filter((raft) => raft.role === 'leader');
  }

  pick(): Raft {
    return this.rafts.get(this.random.pick(this.ids)) as Raft;
  }
}

function disturb(cluster: Cluster, random: Random, step: number): void {
  const raft = cluster.pick();
  const what = random.int(100);
  if (what < 30) raft.propose({ data: step });
  else if (what < 33) cluster.cut.add(raft.id);
  else if (what < 38) cluster.cut.delete(raft.id);
  else if (what < 40) cluster.boot(raft.id);
  else if (what < 41 && raft.role === 'leader') transferTo(raft, cluster.pick().id);
  else if (what < 43) raft.log.compact(raft.log.applied);
}

describe('raft', () => {
  for (const size of [1, 2, 3, 5]) {
    it(`never commits two entries at one index (${size} members)`, () => {
      for (let seed = 0; seed < 40; seed++) {
        const random = randomStream(`raft ${size} ${seed}`);
        const cluster = new Cluster(random, size);
        cluster.loss = random.fraction() * 0.3;
        for (let step = 0; step < 400; step++) {
          disturb(cluster, random, step);
          cluster.round();
        }
        cluster.loss = 0;
        cluster.cut.clear();
        for (let step = 0; step < 100; step++) cluster.round();
        expect(cluster.leaders().length, `seed ${seed}`).toBe(1);
        cluster.leaders()[0]?.propose({ data: 'last' });
        for (let step = 0; step < 10; step++) cluster.round();
        const last = [...cluster.rafts.values()].map((raft) => raft.log.applied);
        expect(new Set(last).size, `seed ${seed}: applied ${last.join(' ')}`).toBe(1);
        expect(cluster.chosen.get(last[0] as number)).toMatch(/:last$/);
      }
    });
  }

  it('confirms a read only with a quorum, and a leader that is alone steps down', () => {
    const cluster = new Cluster(randomStream('reads'), 3);
    for (let step = 0; step < 40; step++) cluster.round();
    const [leader] = cluster.leaders();
    if (leader === undefined) throw new Error('no leader');
    leader.readIndex(7);
    cluster.cut.add(leader.id);
    for (let step = 0; step < 5; step++) cluster.round();
    expect(leader.ready().reads).toEqual([]);
    for (let step = 0; step < 30; step++) cluster.round();
    expect(leader.role).not.toBe('leader');
    expect(cluster.leaders().length).toBe(1);
  });
});
