// etcdutl: what can be done with a member's files while no etcd uses them.

import type { ProgramRun } from '../../kernel/program.ts';
import { notSimulated, program } from '../../userland/libc/stdio.ts';
import { type CobraProgram, type Command, runCobra } from '../cobra/command.ts';
import { completionCommand } from '../cobra/completion.ts';
import { hashKvCommand, snapshotStatusCommand } from './inspect.ts';
import { defragCommand } from './defrag.ts';
import { restoreCommand } from './restore.ts';
import { cobraUsage } from './usage.ts';

const versionCommand: Command = {
  name: 'version',
  short: 'Prints the version of etcdutl',
  *run({ main }): ProgramRun {
    yield* main.out.print('etcdutl version: 3.6.16\nAPI version: 3.6\n');
    return 0;
  },
};

const root: Command = {
  name: 'etcdutl',
  short: 'An administrative command line tool for etcd3.',
  sharedFlags: [
    {
      name: 'write-out',
      short: 'w',
      kind: 'string',
      value: 'simple',
      usage: 'set the output format (fields, json, protobuf, simple, table)',
    },
  ],
  commands: [
    defragCommand,
    {
      name: 'snapshot',
      short: 'Manages etcd node snapshots',
      commands: [restoreCommand, snapshotStatusCommand],
    },
    hashKvCommand,
    versionCommand,
    completionCommand('etcdutl', false),
    {
      name: 'migrate',
      short:
        'Migrates schema of etcd data dir files to make them compatible with different etcd version',
      flags: [
        {
          name: 'data-dir',
          kind: 'string',
          value: '',
          usage: 'Path to the etcd data dir',
          required: true,
        },
        {
          name: 'target-version',
          kind: 'string',
          value: '',
          usage:
            'Target etcd version to migrate contents of data dir. Minimal value 3.5. Format "X.Y" for example 3.6.',
          required: true,
        },
        {
          name: 'force',
          kind: 'bool',
          value: 'false',
          usage:
            'Ignore migration failure and forcefully override storage version. Not recommended.',
        },
      ],
      run: ({ main }) => notSimulated(main, 'etcdutl migrate'),
    },
  ],
};

const cobra: CobraProgram = { root, prefixes: true, repeatsErrors: true, usage: cobraUsage };

export const etcdutl = program('etcdutl', (main) => runCobra(cobra, main));
