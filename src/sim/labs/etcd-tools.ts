// The etcd lab's own commands, which are no part of etcd: stop, crash, start, partition and heal a member. Each comes
// back when the others have settled.

import type { ProgramRun } from '../kernel/program.ts';
import { SIGKILL, SIGTERM } from '../kernel/signals.ts';
import { sendSignal } from '../kernel/task/signal.ts';
import { type Main, program } from '../userland/libc/stdio.ts';
import type { ProgramFamily } from '../userland/programs/index.ts';
import { type EtcdMachine, etcdLabControls, untilSettled } from './etcd-controls.ts';

type Action = (one: EtcdMachine) => string | undefined;

/** What each command does to a machine; what it says where there is nothing to do. */
const ACTIONS: Readonly<Record<string, Action>> = {
  stop: (one) => signal(one, SIGTERM),
  crash: (one) => signal(one, SIGKILL),
  start(one) {
    if (one.member && !one.member.ended) return 'already running';
    one.start();
    return undefined;
  },
  partition(one) {
    if (one.cutOff) return 'already cut off';
    one.wire.unplug(one.nic);
    one.cutOff = true;
    return undefined;
  },
  heal(one) {
    if (!one.cutOff) return 'not cut off';
    one.wire.plug(one.nic);
    one.cutOff = false;
    return undefined;
  },
};

function signal(one: EtcdMachine, number: number): string | undefined {
  if (one.member === undefined || one.member.ended) return 'not running';
  sendSignal(one.member, number);
  return undefined;
}

function* act(main: Main, name: string, action: Action): ProgramRun {
  const { simulation } = main.process;
  const machines = etcdLabControls.get(simulation) ?? [];
  const [word] = main.args;
  const one = machines.find((machine) => machine.name === word);
  if (one === undefined || main.args.length !== 1) {
    yield* main.fail(`usage: ${name} ${machines.map((machine) => machine.name).join('|')}`);
    return 2;
  }
  simulation.because(`${name} ${one.name}`, { kind: 'machine', name: one.name });
  const refusal = action(one);
  if (refusal !== undefined) {
    yield* main.fail(`${one.name}: ${refusal}`);
    return 1;
  }
  yield* untilSettled(simulation, machines);
  return 0;
}

export const etcdLabTools: ProgramFamily = {
  name: 'lab etcd',
  elsewhere: true,
  programs: Object.entries(ACTIONS).map(([name, action]) =>
    program(name, (main) => act(main, name, action)),
  ),
};
