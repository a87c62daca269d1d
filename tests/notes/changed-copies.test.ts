// Three changed copies of every tenth example: with another name, image, port or number an example gives the result that
// follows from the change. DRYDOCK_COPIES_SEED chooses other changes, DRYDOCK_COPIES_FROM (0 to 9) other examples.

import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/sim/core/random.ts';
import { SECOND } from '../../src/sim/core/time.ts';
import { openLab } from '../../src/sim/labs/index.ts';
import type { FencedStep } from '../../src/worker/block.ts';
import { PAGE_SEED } from '../../src/worker/lab.ts';
import { runStep } from '../../src/worker/results.ts';
import {
  asOriginal,
  type Change,
  changeable,
  changedSteps,
  drawChange,
  type Surroundings,
} from './changes.ts';
import { type Example, examplesOf, notesInOrder } from './examples.ts';
import { differences, transcript } from './judge.ts';

const SEED = process.env.DRYDOCK_COPIES_SEED ?? 'copies';
const FROM = Number(process.env.DRYDOCK_COPIES_FROM ?? 9);
const COPIES = 3;
/** Milliseconds that four runs of a note may take on a machine that does other things besides. */
const PATIENCE = 300_000;
/** Of the examples, so many at the least have something of the reader's own that can be another. */
const CHANGEABLE = 0.75;

const known = new Map<string, Surroundings>();

/** What is there in a lab that is on. containerd reads what it has of a namespace when it is first asked. */
function surroundings(name: string): Surroundings {
  let found = known.get(name);
  if (!found) {
    const { machines, looks, session, simulation } = openLab(name, PAGE_SEED);
    session.start('for n in default moby k8s.io; do ctr -n $n images ls; done');
    simulation.advance({ until: simulation.now + SECOND, done: () => !session.running });
    const images = looks.images?.().flatMap((image) => image.names) ?? [];
    found = { machines: machines.map((machine) => machine.name), images: new Set(images) };
    known.set(name, found);
  }
  return found;
}

/** What every step printed in a lab that was switched on for them. */
function run(steps: readonly FencedStep[]): string[] {
  const lab = openLab(steps[0]?.lab ?? '', PAGE_SEED);
  return steps.map((step) => transcript(step, runStep(lab, step)));
}

/** The changes of an example's copies: of different kinds, where it allows several. */
function changesOf({ name, steps }: Example): Change[] {
  const random = randomStream(SEED).fork(name);
  const options = [...changeable(steps, surroundings(steps[0]?.lab ?? '')).values()];
  if (options.length === 0) return [];
  const first = random.int(options.length);
  return Array.from({ length: COPIES }, (_, copy) => {
    const list = options[(first + copy) % options.length] ?? [];
    return drawChange(steps, list, random.fork(String(copy)));
  });
}

/** How a copy differs from what follows, with all that is needed to see it again; empty where it is right. */
function told({ name, steps }: Example, change: Change, original: readonly string[]): string {
  const copy = run(changedSteps(steps, change));
  const wrong = original.flatMap((text, i) => {
    const found = differences(asOriginal(text, change), asOriginal(copy[i] ?? '', change));
    const texts = ['the example:', text, 'the copy:', copy[i] ?? ''];
    return found.length > 0 ? [`step ${steps[i]?.id}:`, ...found, ...texts] : [];
  });
  const what = `${name} with ${change.kind} ${change.to} in place of ${change.from}`;
  return wrong.length > 0 ? [`DRYDOCK_COPIES_SEED=${SEED}: ${what}`, ...wrong].join('\n') : '';
}

const examples = notesInOrder()
  .flatMap(examplesOf)
  .filter((_, i) => i % 10 === FROM);
const drawn = examples.map((example) => ({ example, changes: changesOf(example) }));
console.log(`changed copies: DRYDOCK_COPIES_SEED=${SEED}`);

describe('changed copies give what follows from the change', () => {
  test.each(drawn.filter(({ changes }) => changes.length > 0))(
    '$example.name',
    { timeout: PATIENCE },
    (one) => {
      const original = run(one.example.steps);
      const wrong = one.changes.map((change) => told(one.example, change, original));
      expect(wrong.filter(Boolean).join('\n\n')).toBe('');
    },
  );

  test('nearly every example has something to change', () => {
    const some = drawn.filter(({ changes }) => changes.length > 0);
    expect(some.length).toBeGreaterThan(drawn.length * CHANGEABLE);
  });
});

describe('the judge', () => {
  const change: Change = { kind: 'name', from: 'web', to: 'gannet', follows: [] };
  const judged = (original: string, copy: string): string[] =>
    differences(asOriginal(original, change), asOriginal(copy, change));

  test('lets pass what follows from a name by itself', () => {
    expect(
      judged(
        '$ x\nNAME   AGE\napi   3s\nweb-7d9f8c6b5-x2k4v   4s',
        '$ x\nNAME      AGE\ngannet-6c8b7d5f4-q9m2z   5s\napi      3s',
      ),
    ).toEqual([]);
  });
  test.each([
    ['a name that stayed', '$ x\npod/web created', '$ x\npod/wed created'],
    ['another number', '$ x\nweb   2/2', '$ x\ngannet   1/2'],
    ['another status', '$ x\n[exit 1]', '$ x'],
    ['a line too many', '$ x\nweb', '$ x\ngannet\ngannet'],
  ])('sees %s', (_, original, copy) => {
    expect(judged(original, copy)).not.toEqual([]);
  });
});
