// ctr snapshots.

import { rfc3339, rfc3339Fraction } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { SnapshotInfo } from '../../containerd/types.ts';
import { isRpcError } from '../../rpc.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import { type CliCall, type CliCommand, type CliFlag, tabTable } from '../cli.ts';
import { clientOf, ctrFail, failWith } from './app.ts';
import { readArchiveOfSnapshot } from './diff.ts';
import { binarySize } from './images.ts';
import { bool, labelText, text } from './storage.ts';

export const snapshotterOf = (call: CliCall): string => call.group?.text('snapshotter') ?? '';

export function* listSnapshots(call: CliCall): Routine<number> {
  const snapshots = yield* clientOf(call).snapshots(snapshotterOf(call));
  if (isRpcError(snapshots)) return yield* failWith(call, snapshots);
  const rows = snapshots.map((s) => [s.name, s.parent, s.kind, '']);
  call.main.out.put(tabTable([['KEY', 'PARENT', 'KIND', ''], ...rows]));
  return 0;
}

export function* treeOfSnapshots(call: CliCall): Routine<number> {
  const snapshots = yield* clientOf(call).snapshots(snapshotterOf(call));
  if (isRpcError(snapshots)) return yield* failWith(call, snapshots);
  const print = (parent: string, depth: number): void => {
    for (const { name } of snapshots.filter((s) => s.parent === parent)) {
      const prefix = depth === 0 ? '' : `${'  '.repeat(depth - 1)} \\_ `;
      call.main.out.put(`${prefix}${name}\n`);
      print(name, depth + 1);
    }
  };
  print('', 0);
  return 0;
}

export function shown(info: SnapshotInfo): Record<string, unknown> {
  return {
    Kind: info.kind,
    Name: info.name,
    ...(info.parent === '' ? {} : { Parent: info.parent }),
    ...(Object.keys(info.labels).length > 0 ? { Labels: info.labels } : {}),
    Created: rfc3339Fraction(info.createdAt, 9),
    Updated: rfc3339Fraction(info.updatedAt, 9),
  };
}

export function* snapshotInfo(call: CliCall): Routine<number> {
  const info = yield* clientOf(call).snapshotInfo(call.args[0] ?? '', snapshotterOf(call));
  if (isRpcError(info)) return yield* failWith(call, info);
  call.main.out.put(`${JSON.stringify(shown(info), undefined, 4)}\n`);
  return 0;
}

export function* makeSnapshot(call: CliCall, view: boolean): Routine<number> {
  const [key, parent = ''] = call.args;
  if (key === undefined) return yield* ctrFail(call.main, 'snapshot key must be provided');
  const client = clientOf(call);
  const labels = { 'containerd.io/gc.root': rfc3339(call.main.process.now) };
  const request = { key, parent, labels, snapshotter: snapshotterOf(call) };
  const mounts = view
    ? yield* client.viewSnapshot(request)
    : yield* client.prepareSnapshot(request);
  if (isRpcError(mounts)) return yield* failWith(call, mounts);
  const target = call.flags.text('target');
  if (target !== '' || call.flags.on('mounts')) printMounts(call, target, mounts);
  return 0;
}

export function printMounts(
  call: CliCall,
  target: string,
  mounts: readonly { type: string; source: string; options: readonly string[] }[],
): void {
  for (const { type, source, options } of mounts) {
    call.main.out.put(`mount -t ${type} ${source} ${target} -o ${options.join(',')}\n`);
  }
}

export function* mountsOf(call: CliCall): Routine<number> {
  const [target = '', key = ''] = call.args;
  if (call.args.length !== 2) return yield* ctrFail(call.main, 'incorrect number of arguments');
  const mounts = yield* clientOf(call).snapshotMounts(key, snapshotterOf(call));
  if (isRpcError(mounts)) return yield* failWith(call, mounts);
  printMounts(call, target, mounts);
  return 0;
}

export function* commitSnapshot(call: CliCall): Routine<number> {
  const [name = '', key = ''] = call.args;
  const labels = { 'containerd.io/gc.root': rfc3339(call.main.process.now) };
  const done = yield* clientOf(call).commitSnapshot({
    key,
    name,
    labels,
    snapshotter: snapshotterOf(call),
  });
  return isRpcError(done) ? yield* failWith(call, done) : 0;
}

export function* removeSnapshots(call: CliCall): Routine<number> {
  for (const key of call.args) {
    const done = yield* clientOf(call).removeSnapshot(key, snapshotterOf(call));
    if (isRpcError(done)) return yield* failWith(call, done, `failed to remove "${key}": `);
  }
  return 0;
}

export function* usageOf(call: CliCall): Routine<number> {
  const client = clientOf(call);
  const all = yield* client.snapshots(snapshotterOf(call));
  if (isRpcError(all)) return yield* failWith(call, all);
  const keys = call.args.length > 0 ? call.args : all.map(({ name }) => name);
  const rows: string[][] = [['KEY', 'SIZE', 'INODES', '']];
  for (const key of keys) {
    const usage = yield* client.snapshotUsage(key, snapshotterOf(call));
    if (isRpcError(usage)) return yield* failWith(call, usage);
    const size = call.flags.on('b') ? String(usage.size) : binarySize(usage.size);
    rows.push([key, size, String(usage.inodes), '']);
  }
  call.main.out.put(tabTable(rows));
  return 0;
}

export function* diffOf(call: CliCall): Routine<number> {
  const [key = ''] = call.args;
  const archive = yield* readArchiveOfSnapshot(clientOf(call), key);
  if (isRpcError(archive)) return yield* failWith(call, archive);
  call.main.out.put(archive);
  return 0;
}

export function* labelSnapshot(call: CliCall): Routine<number> {
  const [key = '', ...labels] = call.args;
  const change = Object.fromEntries(
    labels.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
  );
  const info = yield* clientOf(call).labelSnapshot(key, change, snapshotterOf(call));
  if (isRpcError(info)) return yield* failWith(call, info);
  call.main.out.put(`${labelText(info.labels)}\n`);
  return 0;
}

export const SNAPSHOTTER_FLAG: CliFlag = {
  ...text('snapshotter', 'Snapshotter name. Empty value stands for the default value.'),
  variable: 'CONTAINERD_SNAPSHOTTER',
};

export const snapshot = (
  name: string,
  usage: string,
  argsUsage: string,
  run: (call: CliCall) => Routine<number>,
  more: Partial<CliCommand> = {},
): CliCommand => ({
  name,
  usage,
  argsUsage,
  run,
  ...more,
});

export const snapshotsCommand: CliCommand = {
  name: 'snapshots',
  aliases: ['snapshot'],
  usage: 'Manage snapshots',
  argsUsage: '[arguments...]',
  flags: [SNAPSHOTTER_FLAG],
  commands: [
    snapshot(
      'commit',
      'Commit an active snapshot into the provided name',
      '<key> <active>',
      commitSnapshot,
    ),
    snapshot(
      'diff',
      "Get the diff of two snapshots. the default second snapshot is the first snapshot's parent.",
      '[flags] <idA> [<idB>]',
      diffOf,
    ),
    snapshot('info', 'Get info about a snapshot', '<key>', snapshotInfo),
    snapshot('list', 'List snapshots', '', listSnapshots, { aliases: ['ls'] }),
    snapshot('mounts', 'Mount gets mount commands for the snapshots', '<target> <key>', mountsOf, {
      aliases: ['m', 'mount'],
    }),
    snapshot(
      'prepare',
      'Prepare a snapshot from a committed snapshot',
      '[flags] <key> [<parent>]',
      (call) => makeSnapshot(call, false),
      {
        flags: [
          text('target t', 'Mount target path, will print mount, if provided'),
          bool('mounts', 'Print out snapshot mounts as JSON'),
        ],
      },
    ),
    snapshot('delete', 'Remove snapshots', '<key> [<key>, ...]', removeSnapshots, {
      aliases: ['del', 'remove', 'rm'],
    }),
    snapshot('label', 'Add labels to content', '<name> [<label>=<value> ...]', labelSnapshot),
    snapshot('tree', 'Display tree view of snapshot branches', '', treeOfSnapshots),
    snapshot(
      'unpack',
      'Unpack applies layers from a manifest to a snapshot',
      '[flags] <digest>',
      (call) => notSimulated(call.main, 'ctr snapshots unpack'),
    ),
    snapshot('usage', 'Usage snapshots', '[flags] [<key>, ...]', usageOf, {
      flags: [bool('b', 'Display size in bytes')],
    }),
    snapshot(
      'view',
      'Create a read-only snapshot from a committed snapshot',
      '[flags] <key> [<parent>]',
      (call) => makeSnapshot(call, true),
      {
        flags: [
          text('target t', 'Mount target path, will print mount, if provided'),
          bool('mounts', 'Print out snapshot mounts as JSON'),
        ],
      },
    ),
  ],
};
