// The kernel's own speed: turns, fork+exec+wait, bytes through a pipe, turns of a shell loop.

import { encode } from '../src/sim/core/text.ts';
import type { Process } from '../src/sim/kernel/calls/process.ts';
import { isErrno } from '../src/sim/kernel/errno.ts';
import { openLab } from '../src/sim/labs/index.ts';
import { type Machine, spawn } from '../src/sim/labs/machine.ts';
import type { Routine } from '../src/sim/core/wait.ts';
import { type Bench, cpuMilliseconds, referenceLoop, short } from './report.ts';

/** Runs a body as a process of a fresh linux lab and gives what it took in milliseconds. */
function timed(body: (process: Process) => Routine<void>): number {
  const lab = openLab('linux', 'bench');
  const [machine] = lab.machines as readonly [Machine];
  return cpuMilliseconds(() => {
    const task = spawn(machine, function* (p) {
      yield* body(p);
      return 0;
    });
    lab.simulation.advance({ budget: 1e9, done: () => task.ended });
  });
}

function turns(count: number): number {
  const took = timed(function* (p) {
    for (let i = 0; i < count; i++) yield* p.sleep(1);
  });
  return count / (took / 1000);
}

function forks(count: number): number {
  const took = timed(function* (p) {
    for (let i = 0; i < count; i++) {
      p.fork(function* (child) {
        child.exec('/usr/bin/true', ['true'], new Map());
        yield { on: [], cpu: 0 };
        return 127;
      });
      yield* p.wait(-1);
    }
  });
  return count / (took / 1000);
}

function pipe(megabytes: number): number {
  const took = timed(function* (p) {
    const ends = p.pipe();
    if (isErrno(ends)) throw new Error(ends.message);
    const [reader, writer] = ends;
    p.fork(function* (child) {
      child.close(writer);
      for (;;) {
        const bytes = yield* child.read(reader, 65_536);
        if (isErrno(bytes) || bytes.length === 0) return 0;
      }
    });
    p.close(reader);
    const block = encode('x'.repeat(65_536));
    for (let i = 0; i < megabytes * 16; i++) yield* p.write(writer, block);
    p.close(writer);
    yield* p.wait(-1);
  });
  return megabytes / (took / 1000);
}

function shellLoop(count: number): number {
  const lab = openLab('linux', 'bench');
  const took = cpuMilliseconds(() => {
    lab.session.start(`i=0; while [ $i -lt ${count} ]; do i=$((i+1)); done`);
    lab.simulation.advance({ budget: 1e9, done: () => !lab.session.running });
  });
  return count / (took / 1000);
}

export const kernelBench: Bench = {
  title: 'Kernel and shell',
  run() {
    const reference = referenceLoop();
    const steps = turns(300_000);
    return [
      {
        name: 'kernel turns (a sleep and a wake-up)',
        value: steps,
        unit: '/s',
        beside: `empty generator loop ${short(reference)}/s, ratio ${(reference / steps).toFixed(1)}`,
      },
      { name: 'fork + exec + wait', value: forks(20_000), unit: '/s' },
      { name: 'bytes through a pipe', value: pipe(256), unit: 'MB/s' },
      { name: 'turns of a shell loop', value: shellLoop(100_000), unit: '/s' },
    ];
  },
};
