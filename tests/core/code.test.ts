// Code that a host leaves out: the turn that needs it is taken back, and nothing simulated can tell.

import { expect, test } from 'vitest';
import { DistantCode } from '../../src/sim/core/code.ts';
import { distantProgram, type ProgramTable } from '../../src/sim/kernel/program.ts';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

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
