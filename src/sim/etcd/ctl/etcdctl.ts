// etcdctl: the command-line client of etcd.

import { type CobraProgram, type Command, runCobra } from '../cobra/command.ts';
import { completionCommand } from '../cobra/completion.ts';
import { program } from '../../userland/libc/stdio.ts';
import { authCommand, userCommand } from './auth.ts';
import { checkCommand } from './check.ts';
import { electCommand, lockCommand } from './concurrency.ts';
import { defragCommand, endpointCommand, moveLeaderCommand } from './endpoint.ts';
import { compactionCommand, delCommand, getCommand, putCommand } from './kv.ts';
import { leaseCommand } from './lease.ts';
import { alarmCommand, downgradeCommand, snapshotCommand, versionCommand } from './maintenance.ts';
import { memberCommand } from './member.ts';
import { makeMirrorCommand } from './mirror.ts';
import { GLOBAL_FLAGS } from './options.ts';
import { roleCommand } from './role.ts';
import { txnCommand } from './txn.ts';
import { etcdctlUsage } from './usage.ts';
import { watchCommand } from './watch.ts';

/** The tree of commands, in the order in which suggestions name them. */
const root: Command = {
  name: 'etcdctl',
  short: 'A simple command line client for etcd3.',
  sharedFlags: GLOBAL_FLAGS,
  commands: [
    getCommand,
    putCommand,
    delCommand,
    txnCommand,
    compactionCommand,
    alarmCommand,
    defragCommand,
    endpointCommand,
    moveLeaderCommand,
    watchCommand,
    versionCommand,
    leaseCommand,
    memberCommand,
    snapshotCommand,
    makeMirrorCommand,
    lockCommand,
    electCommand,
    authCommand,
    userCommand,
    roleCommand,
    checkCommand,
    completionCommand('etcdctl', true),
    downgradeCommand,
  ],
};

const cobra: CobraProgram = {
  root,
  prefixes: true,
  repeatsErrors: false,
  usageOnOutput: true,
  usage: etcdctlUsage,
};

export const etcdctl = program('etcdctl', (main) => runCobra(cobra, main));
