// Virtual time: order of events, waits, causes, chance.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chain } from '../../src/sim/core/cause.ts';
import { Fiber } from '../../src/sim/core/fiber.ts';
import { randomStream } from '../../src/sim/core/random.ts';
import { Simulation } from '../../src/sim/core/simulation.ts';
import { SECOND } from '../../src/sim/core/time.ts';
import { type Routine, sleepUntil, WaitQueue, waitOn } from '../../src/sim/core/wait.ts';

describe('events', () => {
  test('happen in order of time, then of scheduling, whatever the order of adding', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
        const simulation = new Simulation('order');
        const happened: [number, number][] = [];
        for (const [i, at] of times.entries()) simulation.at(at, () => happened.push([at, i]));
        simulation.advance();
        const expected = times.map((at, i): [number, number] => [at, i]);
        expected.sort(([a, i], [b, j]) => a - b || i - j);
        expect(happened).toEqual(expected);
      }),
    );
  });

  test('that are cancelled do not happen, and leave nothing behind', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 200 }), (list) => {
        const simulation = new Simulation('cancel');
        let happened = 0;
        const timers = list.map(([at, keep]) => ({
          keep,
          timer: simulation.at(at, () => happened++),
        }));
        for (const { keep, timer } of timers) if (!keep) timer.cancel();
        simulation.advance();
        expect(happened).toBe(list.filter(([, keep]) => keep).length);
        expect(simulation.events.size).toBe(0);
      }),
    );
  });

  test('an advance to a time stands there afterwards', () => {
    const simulation = new Simulation('until');
    let at = 0;
    simulation.after(SECOND, () => {
      at = simulation.now;
    });
    expect(simulation.advance({ until: 5 * SECOND })).toBe('time');
    expect([at, simulation.now]).toEqual([SECOND, 5 * SECOND]);
  });
});

describe('waiting', () => {
  test('two sleeps one after another end at one and two seconds', () => {
    const simulation = new Simulation('sleep');
    const ends: number[] = [];
    new Fiber(
      simulation,
      (function* (): Routine<void> {
        for (let i = 0; i < 2; i++) {
          yield* sleepUntil(simulation.now + SECOND);
          ends.push(simulation.now);
        }
      })(),
    );
    simulation.advance({ until: 5 * SECOND });
    expect(ends).toEqual([SECOND, 2 * SECOND]);
  });

  test('who waits is woken in the order of coming, with the cause of the waker', () => {
    const simulation = new Simulation('wake');
    const queue = new WaitQueue();
    const seen: string[] = [];
    for (const name of ['a', 'b']) {
      new Fiber(
        simulation,
        (function* (): Routine<void> {
          yield* waitOn(queue);
          seen.push(`${name} because ${simulation.cause.label}`);
        })(),
      );
    }
    simulation.advance();
    simulation.because('a bell rang');
    queue.wake();
    simulation.advance();
    expect(seen).toEqual(['a because a bell rang', 'b because a bell rang']);
    expect(chain(simulation.cause).map((link) => link.label)).toEqual(['switch on', 'a bell rang']);
  });

  test('a budget ends a loop that never waits', () => {
    const simulation = new Simulation('budget');
    const again = (): void => void simulation.after(0, again);
    again();
    expect(simulation.advance({ budget: 1000 })).toBe('budget');
  });
});

describe('chance', () => {
  test('a stream depends on its seed and name alone', () => {
    const draws = (early: number): number[] => {
      const root = randomStream('seed');
      for (let i = 0; i < early; i++) root.int(10);
      const fork = root.fork('part');
      return [fork.int(1000), fork.int(1000), fork.int(1000)];
    };
    expect(draws(0)).toEqual(draws(17));
    expect(randomStream('seed').fork('other').int(1e9)).not.toBe(
      randomStream('seed').fork('part').int(1e9),
    );
  });

  test('whole numbers stay below their bound', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1e6 }), (seed, below) => {
        const n = randomStream(seed).int(below);
        expect(Number.isInteger(n) && n >= 0 && n < below).toBe(true);
      }),
    );
  });
});
