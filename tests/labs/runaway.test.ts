// What runs away is bounded, can be stopped, and leaves a lab that answers.

import { describe, expect, test } from 'vitest';
import { limits } from '../../src/sim/core/limits.ts';
import { SECOND } from '../../src/sim/core/time.ts';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

function lab(): Lab {
  return openLab('linux', 'runaway');
}

/** Runs a command to its end and gives what it printed. */
function run({ session, simulation }: Lab, command: string): string {
  session.start(command);
  const until = simulation.now + 600 * SECOND;
  const end = simulation.advance({ until, budget: 20_000_000, done: () => !session.running });
  expect(end).toBe('done');
  return session.takeOutput();
}

/** Starts a command, lets it run for a while, presses Ctrl-C, and gives the status. */
function interrupted(world: Lab, command: string, budget: number): number {
  const { session, simulation } = world;
  session.start(command);
  simulation.advance({ until: simulation.now + 2 * SECOND, budget });
  expect(session.running).toBe(true);
  session.interrupt();
  simulation.advance({
    until: simulation.now + 5 * SECOND,
    budget: 5_000_000,
    done: () => !session.running,
  });
  expect(session.running).toBe(false);
  session.takeOutput();
  return session.status;
}

describe('Ctrl-C ends', () => {
  test.each([
    ['a loop of the shell', 'while :; do :; done'],
    ['a flood of output', 'yes'],
    ['a flood into a pipe', 'yes | cat > /dev/null'],
    ['a long sleep', 'sleep 1000'],
    ['a read that never ends', 'cat /dev/zero > /dev/null'],
  ])('%s', (_, command) => {
    const world = lab();
    expect(interrupted(world, command, 300_000)).toBe(130);
    expect(run(world, 'echo alive')).toBe('alive\n');
  });
});

describe('with daemons beside it, Ctrl-C ends', () => {
  test.each([
    ['docker', 'while :; do :; done'],
    ['docker', 'yes > /dev/null'],
    ['docker', 'docker events'],
    ['minikube', 'while :; do :; done'],
    ['minikube', 'yes | cat > /dev/null'],
    ['minikube', 'kubectl get nodes -w'],
  ])('%s: %s', (name, command) => {
    const world = openLab(name, 'runaway');
    interrupted(world, command, 300_000);
    expect(run(world, 'echo alive')).toBe('alive\n');
  });
});

describe('limits hold', () => {
  test('a fork bomb meets the limit of processes', () => {
    const world = lab();
    const { session, simulation, machines } = world;
    session.start(':(){ :|:& };:');
    simulation.advance({ until: simulation.now + 2 * SECOND, budget: 400_000 });
    const count = machines[0]?.kernel.taskCount ?? 0;
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThanOrEqual(limits.tasksPerUser + 100);
  });

  test('output is cut, and says so', () => {
    const world = lab();
    const text = run(world, 'head -c 5M /dev/zero | tr "\\0" a');
    expect(text.length).toBeLessThan(limits.outputBytes + 200);
    expect(text).toMatch(/drydock: \d+ more bytes of output were cut/);
  });

  test('a line of ten megabytes passes through pipes and variables', () => {
    const world = lab();
    expect(run(world, 'head -c 10M /dev/zero | tr "\\0" a | wc -c')).toBe('10485760\n');
    expect(run(world, 'x=$(head -c 10M /dev/zero | tr "\\0" a); echo ${#x}')).toBe('10485760\n');
  });

  test('a function that calls itself for ever ends, and the shell lives', () => {
    const world = lab();
    run(world, 'f() { f; }; (f) 2> /dev/null; true');
    expect(run(world, 'echo alive')).toBe('alive\n');
  });

  test.each([
    ['a variable that doubles', 'x=ab; while :; do x=$x$x; done'],
    ['a list that doubles', 'a=(1 2 3); while :; do a+=("${a[@]}"); done'],
    ['output without end for a variable', 'x=$(yes)'],
  ])('%s', (_, command) => {
    const world = lab();
    expect(run(world, command)).toMatch(/^bash: xrealloc: cannot allocate \d+ bytes\n$/);
    expect(world.session.status).toBe(2);
    expect(run(world, 'echo alive')).toBe('alive\n');
  });

  test('a program that doubles its text meets the OOM killer', () => {
    const world = lab();
    const text = run(
      world,
      'awk \'BEGIN { x = "ab"; while (1) x = x x }\'; echo $?; dmesg | tail -1',
    );
    expect(text).toMatch(/\n137\n.*Out of memory: Killed process \d+ \(awk\)/);
  });

  test('a file cannot grow beyond what a tab can hold', () => {
    const world = lab();
    const text = run(
      world,
      'dd if=/dev/zero of=big bs=64M count=8 2>&1 | grep -c "File too large"',
    );
    expect(text).toBe('1\n');
  });
});
