// A lab's host: jobs in order, Stop, the pace of time, and steps that last.

import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/worker/block.ts';
import { LabHost } from '../../src/worker/host.ts';
import type { FromLab } from '../../src/worker/messages.ts';
import { virtualTime } from '../../src/worker/pace.ts';
import { openLab as openWholeLab } from '../../src/sim/labs/index.ts';
import { openLab } from '../browser/fixtures/labs.ts';

/** A host whose wall clock and timer the test moves. */
function hosted() {
  let wall = 0;
  let due: number | undefined;
  const sent: FromLab[] = [];
  const lab = openLab('linux', 'test');
  const host = new LabHost(lab, {
    wall: () => wall,
    later: (delay) => {
      due = wall + delay;
    },
    bring: ({ name }) => {
      throw new Error(`${name} is not left out here`);
    },
    send: (message) => sent.push(message),
  });
  const pass = (milliseconds: number): void => {
    const end = wall + milliseconds;
    while (due !== undefined && due <= end) {
      wall = due;
      due = undefined;
      host.turn();
    }
    wall = end;
  };
  const texts = () => sent.flatMap((m) => (m.type === 'output' ? [m.text] : []));
  const done = () => sent.flatMap((m) => (m.type === 'done' ? [[m.job, m.ran]] : []));
  return { host, lab, pass, texts, done };
}

function step(command: string, lasts?: number): Step {
  return {
    id: command,
    lab: 'linux',
    fresh: false,
    hidden: false,
    commands: [{ text: command, typed: [] }],
    file: undefined,
    exits: [],
    lasts,
  };
}

describe('LabHost', () => {
  it('runs jobs one after another', () => {
    const { host, pass, texts, done } = hosted();
    host.take({ type: 'run', job: 1, step: step('echo a'), quick: true });
    host.take({ type: 'run', job: 2, step: step('echo b'), quick: false });
    pass(100);
    expect(texts()).toEqual(['a\n', 'b\n']);
    expect(done()).toEqual([
      [1, true],
      [2, true],
    ]);
  });

  it('shortens a long wait, and does not when time is to be real', () => {
    const brisk = hosted();
    brisk.host.take({ type: 'run', job: 1, step: step('sleep 20'), quick: false });
    brisk.pass(2000);
    expect(brisk.done()).toEqual([[1, true]]);
    expect(brisk.lab.simulation.now).toBeGreaterThanOrEqual(20e9);

    const real = hosted();
    real.host.take({ type: 'pace', pace: 'real' });
    real.host.take({ type: 'run', job: 1, step: step('sleep 20'), quick: false });
    real.pass(2000);
    expect(real.done()).toEqual([]);
  });

  it('stands still while paused, but for single events', () => {
    const { host, lab, pass, done } = hosted();
    host.take({ type: 'pace', pace: 'paused' });
    host.take({ type: 'run', job: 1, step: step('sleep 1'), quick: false });
    pass(5000);
    expect(lab.simulation.now).toBe(0);
    host.take({ type: 'step' });
    pass(50);
    expect(done()).toEqual([[1, true]]);
  });

  it('stops what runs and drops what waits', () => {
    const { host, pass, done } = hosted();
    host.take({ type: 'run', job: 1, step: step('yes'), quick: false });
    host.take({ type: 'run', job: 2, step: step('echo b'), quick: false });
    pass(50);
    host.take({ type: 'stop' });
    pass(50);
    expect(done()).toEqual([
      [2, false],
      [1, true],
    ]);
  });

  it('ends a step that lasts, whether its command still runs or ended before', () => {
    const { host, lab, pass, done } = hosted();
    host.take({ type: 'run', job: 1, step: step('sleep 1000', 30e9), quick: true });
    pass(100);
    expect(done()).toEqual([[1, true]]);
    expect(lab.simulation.now).toBe(30e9);
    host.take({ type: 'run', job: 2, step: step('true', 30e9), quick: true });
    pass(100);
    expect(done()).toHaveLength(2);
    expect(lab.simulation.now).toBeGreaterThanOrEqual(60e9);
  });

  it('lives on by the wall clock when nothing runs, and faster when time is skipped', () => {
    const { host, lab, pass } = hosted();
    host.take({ type: 'watch', views: [] });
    pass(1000);
    expect(lab.simulation.now / 1e9).toBeCloseTo(1, 0);
    host.take({ type: 'skip', time: 60e9 });
    pass(10);
    expect(lab.simulation.now / 1e9).toBeGreaterThan(60);
  });
});

describe('virtualTime', () => {
  it('never runs backwards and reaches minutes within seconds', () => {
    const times = [0, 100, 400, 401, 1000, 2000, 3000].map((wall) => virtualTime('brisk', wall));
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(virtualTime('brisk', 2500)).toBeGreaterThan(60e9);
  });
});

describe('a terminal that floods', () => {
  it('waits until the page has drawn what it was sent', () => {
    const { host, sent, pass } = flooded();
    const length = (): number => sent.reduce((sum, one) => sum + one.length, 0);
    pass();
    const first = length();
    expect(first).toBeGreaterThan(50_000);
    expect(first).toBeLessThan(400_000);
    pass();
    expect(length()).toBe(first);
    host.take({ type: 'seen', terminal: 1, length: first });
    pass();
    expect(length()).toBeGreaterThan(first);
  });
});

describe('a step that is slow', () => {
  it('does not keep the host from what it is told', () => {
    const lab = openWholeLab('linux', 'slow');
    let wall = 0;
    const host = new LabHost(lab, {
      wall: () => {
        wall += 5;
        return wall;
      },
      later: () => undefined,
      bring: () => undefined,
      send: () => undefined,
    });
    const before = lab.simulation.steps;
    host.take({ type: 'run', job: 1, step: step('while :; do :; done'), quick: true });
    expect(lab.simulation.steps - before).toBeGreaterThan(0);
    expect(lab.simulation.steps - before).toBeLessThan(1000);
  });
});

/** A host whose lab has a terminal in which `yes` runs, and the texts that it sends of it. */
function flooded() {
  const sent: string[] = [];
  let wall = 0;
  const host = new LabHost(openWholeLab('linux', 'flood'), {
    wall: () => wall,
    later: () => undefined,
    bring: () => undefined,
    send: (message) => {
      if (message.type === 'screen') sent.push(message.text);
    },
  });
  const pass = (): void => {
    for (let i = 0; i < 40; i++) {
      wall += 16;
      host.turn();
    }
  };
  host.take({ type: 'terminal', terminal: 1, columns: 80, rows: 24 });
  pass();
  host.take({ type: 'keys', terminal: 1, keys: 'yes\r' });
  return { host, sent, pass };
}
