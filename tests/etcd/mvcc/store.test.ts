// The store against a small model: a map whose every past state is kept. Random puts, deletes, transactions and
// compactions; every readable revision must read as the model did then, and a watch must have told every change.

import { describe, expect, it } from 'vitest';
import { Content } from '../../../src/sim/core/content.ts';
import { type Random, randomStream } from '../../../src/sim/core/random.ts';
import { Simulation } from '../../../src/sim/core/simulation.ts';
import type { Routine } from '../../../src/sim/core/wait.ts';
import type { RequestOp } from '../../../src/sim/etcd/api.ts';
import { directClient, directState } from '../../../src/sim/etcd/direct.ts';
import { EtcdError } from '../../../src/sim/etcd/error.ts';
import { crc32c, hashKv } from '../../../src/sim/etcd/mvcc/hash.ts';

/** The answer of a routine that does not block. */
function now<T>(routine: Routine<T>): T {
  const step = routine.next('woken');
  if (!step.done) throw new Error('it blocked');
  return step.value;
}

function granted<T>(answer: T | EtcdError): T {
  if (answer instanceof EtcdError) throw new Error(answer.message);
  return answer;
}

const KEYS = ['a', 'a/1', 'a/2', 'b', 'b/1', 'c'];

function randomOp(random: Random, step: number): RequestOp {
  const key = random.pick(KEYS);
  if (random.fraction() < 0.7) return { put: { key, value: Content.ofText(`v${step}`) } };
  const rangeEnd = random.fraction() < 0.3 ? `${key}0` : '';
  return { deleteRange: { key, rangeEnd } };
}

function applyToModel(model: Map<string, string>, op: RequestOp): boolean {
  if ('put' in op) {
    model.set(op.put.key, op.put.value.text());
    return true;
  }
  if (!('deleteRange' in op)) return false;
  const { key, rangeEnd = '' } = op.deleteRange;
  const gone = [...model.keys()].filter((one) =>
    rangeEnd === '' ? one === key : one >= key && one < rangeEnd,
  );
  for (const one of gone) model.delete(one);
  return gone.length > 0;
}

describe('store', () => {
  it('reads every kept revision as it was, and tells watches every change', () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = randomStream(`mvcc ${seed}`);
      const state = directState();
      const client = directClient(new Simulation('mvcc'), state);
      const watch = client.watch({ key: '\0', rangeEnd: '\0' });
      const watched = new Map<string, string>();
      const model = new Map<string, string>();
      const history = new Map<number, string>([[1, '']]);
      let compacted = 0;
      for (let step = 0; step < 300; step++) {
        const op = randomOp(random, step);
        const wrote = applyToModel(model, op);
        const before = state.store.revision;
        const answer = granted(now(client.txn({ compare: [], success: [op], failure: [] })));
        expect(answer.header.revision).toBe(before + (wrote ? 1 : 0));
        history.set(state.store.revision, picture(model));
        for (let news = watch.poll(); news; news = watch.poll()) {
          for (const { type, kv } of news.events) {
            if (type === 'PUT') watched.set(kv.key, kv.value.text());
            else watched.delete(kv.key);
          }
        }
        expect(picture(watched), `seed ${seed} step ${step}`).toBe(picture(model));
        if (random.fraction() < 0.02) {
          compacted = Math.max(compacted + 1, 1 + random.int(state.store.revision));
          if (compacted <= state.store.revision)
            granted(now(client.compact({ revision: compacted })));
        }
      }
      for (const [revision, then] of history) {
        const read = now(client.range({ key: '\0', rangeEnd: '\0', revision }));
        if (revision < state.store.compacted) expect(read).toBeInstanceOf(EtcdError);
        else {
          const pairs = granted(read).kvs.map((kv) => `${kv.key}=${kv.value.text()}`);
          expect(pairs.join(' '), `seed ${seed} revision ${revision}`).toBe(then);
        }
      }
    }
  });

  it('hashes as the real one does', () => {
    const state = directState();
    const client = directClient(new Simulation('hash'), state);
    expect(hashKv(state.store, 1)).toBe(1084519789);
    for (const i of [1, 2, 3]) {
      granted(now(client.put({ key: `k${i}`, value: Content.ofText(`v${i}`) })));
    }
    expect(hashKv(state.store, 4)).toBe(4178063679);
    expect(crc32c(new Uint8Array())).toBe(0);
  });
});

function picture(model: ReadonlyMap<string, string>): string {
  return [...model]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}=${v}`)
    .join(' ');
}
