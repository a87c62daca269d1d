// etcdctl check: measurements of a real machine's speed, which a simulated one has no answer to.

import type { ProgramRun } from '../../kernel/program.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import type { Command, Invocation } from '../cobra/command.ts';
import type { Flag } from '../cobra/flags.ts';
import { EXIT, fail } from './ctl.ts';

const LOADS = ['s', 'small', 'm', 'medium', 'l', 'large', 'xl', 'xLarge'];

const flags = (kind: string, load: string): Flag[] => [
  { name: 'load', kind: 'string', value: 's', usage: load },
  {
    name: 'prefix',
    kind: 'string',
    value: `/etcdctl-check-${kind}/`,
    usage: `The prefix for writing the ${kind === 'perf' ? 'performance' : kind} check's keys.`,
  },
  {
    name: 'auto-compact',
    kind: 'bool',
    value: 'false',
    usage: 'Compact storage with last revision after test is finished.',
  },
  {
    name: 'auto-defrag',
    kind: 'bool',
    value: 'false',
    usage: 'Defragment storage after test is finished.',
  },
];

function* check({ main, values, command }: Invocation): ProgramRun {
  const load = values.text('load');
  if (!LOADS.includes(load)) yield* fail(main, EXIT.badFeature, `unknown load option ${load}`);
  return yield* notSimulated(main, `etcdctl check ${command.name}`);
}

export const checkCommand: Command = {
  name: 'check',
  operands: '<subcommand>',
  short: 'commands for checking properties of the etcd cluster',
  commands: [
    {
      name: 'perf',
      operands: '[options]',
      short: 'Check the performance of the etcd cluster',
      flags: flags(
        'perf',
        "The performance check's workload model. Accepted workloads: s(small), m(medium), l(large), xl(xLarge). Different workload models use different configurations in terms of number of clients and expected throughput.",
      ),
      run: check,
    },
    {
      name: 'datascale',
      operands: '[options]',
      short:
        'Check the memory usage of holding data for different workloads on a given server endpoint.',
      long: 'If no endpoint is provided, localhost will be used. If multiple endpoints are provided, first endpoint will be used.',
      flags: flags(
        'datascale',
        "The datascale check's workload model. Accepted workloads: s(small), m(medium), l(large), xl(xLarge)",
      ),
      run: check,
    },
  ],
};
