// Code that a host leaves out: the turn that needs it is taken back, and nothing simulated can tell.

import { expect, test } from 'vitest';
import { DistantCode, runDistant } from '../../src/sim/core/code.ts';
import { Fiber } from '../../src/sim/core/fiber.ts';
import { Simulation } from '../../src/sim/core/simulation.ts';
import { type Routine, sleepUntil } from '../../src/sim/core/wait.ts';
import type { Process } from '../../src/sim/kernel/calls/process.ts';
import { SIGUSR1 } from '../../src/sim/kernel/signals.ts';
import { distantProgram, type ProgramTable } from '../../src/sim/kernel/program.ts';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';
import { spawn } from '../../src/sim/labs/machine.ts';

const SCRIPT = 'for i in 1 2; do seq $i | cat; done & busybox wc -c /etc/hostname; wait; date +%N';

/** Runs the script; every module that an advance stops for is handed over between two advances. */
function run(leaveOut: boolean): { output: string; steps: number; now: number; brought: string[] } {
  const lab = openLab('linux', 'code');
  if (leaveOut) leaveProgramsOut(lab);
  const { simulation, session } = lab;
  const brought: string[] = [];
  session.start(SCRIPT);
  while (simulation.advance({ done: () => !session.running }) === 'code') {
    const code = simulation.wanted;
    if (!code) throw new Error('nothing is wanted');
    brought.push(code.name);
    code.module = true;
  }
  return { output: session.takeOutput(), steps: simulation.steps, now: simulation.now, brought };
}

function leaveProgramsOut({ machines }: Lab): void {
  for (const { kernel } of machines) {
    const { programs } = kernel;
    const codes = new Map<string, DistantCode>();
    const table: ProgramTable = (name) => {
      const file = programs(name);
      if (!file) return undefined;
      const code = codes.get(name) ?? new DistantCode(name, () => Promise.resolve(true));
      codes.set(name, code);
      return distantProgram(name, code, () => file, file.startup);
    };
    Object.assign(kernel, { programs: table });
  }
}

test('a lab whose programs were left out lives the same life', () => {
  const { brought, ...with_ } = run(true);
  const { brought: none, ...without } = run(false);
  expect(none).toEqual([]);
  expect(brought).toEqual(
    expect.arrayContaining(['seq', 'cat', 'busybox-standalone', 'wc', 'date']),
  );
  expect(new Set(brought).size).toBe(brought.length);
  expect(with_).toEqual(without);
});

/** What a process notes that signals itself and then runs a part that was left out, in the middle of its turn. */
function notes(leaveOut: boolean): { seen: string[]; steps: number } {
  const { simulation, machines } = openLab('linux', 'part');
  const [machine] = machines;
  if (!machine) throw new Error('the lab has no machine');
  const seen: string[] = [];
  const code = new DistantCode('part', () => Promise.resolve(true));
  if (!leaveOut) code.module = true;
  function* part(p: Process): Routine<number> {
    seen.push('the part begins');
    yield* p.sleep(1);
    return 7;
  }
  const task = spawn(machine, function* (p) {
    p.sigaction(SIGUSR1, () => seen.push('the signal'));
    p.kill(p.pid, SIGUSR1);
    seen.push(`it gave ${yield* runDistant(code, () => part(p))}`);
    seen.push(`a plain one ${yield* runDistant(code, () => 3)}`);
    return 0;
  });
  while (simulation.advance({ done: () => task.ended }) === 'code') code.module = true;
  return { seen, steps: simulation.steps };
}

test('a turn that stopped for code goes on where it stood, before signals are seen to', () => {
  const without = notes(false);
  expect(without.seen).toEqual(['the part begins', 'the signal', 'it gave 7', 'a plain one 3']);
  expect(notes(true)).toEqual(without);
});

test('a fiber waits for code without time or turns passing', () => {
  const simulation = new Simulation('fiber');
  const code = new DistantCode('part', () => Promise.resolve(true));
  const fiber = new Fiber(
    simulation,
    (function* () {
      yield* sleepUntil(5);
      return yield* runDistant(code, () => simulation.now);
    })(),
  );
  expect(simulation.advance()).toBe('code');
  const { steps } = simulation;
  expect(simulation.advance()).toBe('code');
  code.module = true;
  simulation.advance();
  expect(fiber.result).toBe(5);
  expect(simulation.steps).toBe(steps + 1);
});
