// ctr containers.

import { rfc3339, rfc3339Fraction } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import type { ContainerRecord } from '../../containerd/types.ts';
import { isRpcError } from '../../rpc.ts';
import type { CliCall, CliCommand, CliFlag } from '../cli.ts';
import { tabTable } from '../cli.ts';
import { clientOf, ctrFail, errorText, failWith } from './app.ts';
import { CONTAINER_FLAGS } from './container-flags.ts';
import { newContainer } from './run.ts';

export const bool = (names: string, usage: string): CliFlag => ({
  names: names.split(' '),
  kind: 'bool',
  usage,
  default: 'false',
});
export const text = (names: string, usage: string, fallback?: string): CliFlag => ({
  names: names.split(' '),
  kind: 'string',
  usage,
  ...(fallback === undefined ? {} : { default: fallback }),
});

function* listContainers(call: CliCall): Routine<number> {
  const containers = yield* clientOf(call).containers(call.args);
  if (isRpcError(containers)) return yield* failWith(call, containers);
  const { out } = call.main;
  if (call.flags.on('quiet')) {
    for (const { id } of containers) out.put(`${id}\n`);
    return 0;
  }
  const rows = containers.map((c) => [c.id, c.image === '' ? '-' : c.image, c.runtime.name, '']);
  out.put(tabTable([['CONTAINER', 'IMAGE', 'RUNTIME', ''], ...rows], { minimum: 4, padding: 4 }));
  return 0;
}

function* createContainer(call: CliCall): Routine<number> {
  const [ref, id] = call.args;
  if (id === undefined) return yield* ctrFail(call.main, 'container id must be provided');
  if (ref === undefined) return yield* ctrFail(call.main, 'image ref must be provided');
  const made = yield* newContainer(call, call.args);
  return typeof made === 'number' ? made : 0;
}

/** What `ctr containers info` prints. */
function shown(container: ContainerRecord): Record<string, unknown> {
  return {
    ID: container.id,
    Labels: container.labels,
    Image: container.image,
    Runtime: { Name: container.runtime.name, Options: null },
    SnapshotKey: container.snapshotKey,
    Snapshotter: container.snapshotter,
    CreatedAt: rfc3339Fraction(container.createdAt, 9),
    UpdatedAt: rfc3339Fraction(container.updatedAt, 9),
    Extensions: container.extensions ?? {},
    SandboxID: '',
    Spec: container.spec,
  };
}

function* containerInfo(call: CliCall): Routine<number> {
  const [id] = call.args;
  if (id === undefined)
    return yield* ctrFail(call.main, 'container id must be provided: invalid argument');
  const container = yield* clientOf(call).container(id);
  if (isRpcError(container)) return yield* failWith(call, container);
  const object = call.flags.on('spec') ? container.spec : shown(container);
  call.main.out.put(`${JSON.stringify(object, undefined, 4)}\n`);
  return 0;
}

function* labelContainer(call: CliCall): Routine<number> {
  const [id, ...labels] = call.args;
  if (id === undefined)
    return yield* ctrFail(call.main, 'container id must be provided: invalid argument');
  const client = clientOf(call);
  const container = yield* client.container(id);
  if (isRpcError(container)) return yield* failWith(call, container);
  const merged = new Map(Object.entries(container.labels));
  for (const label of labels) {
    const [key = '', value = ''] = label.split('=');
    if (value === '') merged.delete(key);
    else merged.set(key, value);
  }
  const updated = yield* client.updateContainer({
    ...container,
    labels: Object.fromEntries(merged),
  });
  if (isRpcError(updated)) return yield* failWith(call, updated);
  const list = [...merged]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  call.main.out.put(`${list.join(',')}\n`);
  return 0;
}

function* removeContainers(call: CliCall): Routine<number> {
  if (call.args.length === 0)
    return yield* ctrFail(
      call.main,
      'must specify at least one container to delete: invalid argument',
    );
  const client = clientOf(call);
  let last = '';
  for (const id of call.args) {
    const problem = yield* removeOne(call, id);
    if (problem === undefined) continue;
    last = problem;
    const time = rfc3339(client.process.now);
    const message = JSON.stringify(`failed to delete container "${id}"`);
    call.main.err.put(
      `time="${time}" level=error msg=${message} error=${JSON.stringify(problem)}\n`,
    );
    yield* call.main.err.flush();
  }
  return last === '' ? 0 : yield* ctrFail(call.main, last);
}

function* removeOne(call: CliCall, id: string): Routine<string | undefined> {
  const client = clientOf(call);
  const container = yield* client.container(id);
  if (isRpcError(container)) return errorText(container);
  const task = yield* client.task(id);
  if (!isRpcError(task)) {
    if (task.status !== 'STOPPED' && task.status !== 'CREATED') {
      return `cannot delete a non stopped container: {${task.status.toLowerCase()} 0 0001-01-01 00:00:00 +0000 UTC}`;
    }
    yield* client.deleteTask(id);
  }
  if (container.snapshotKey !== '' && !call.flags.on('keep-snapshot'))
    yield* client.removeSnapshot(container.snapshotKey);
  const deleted = yield* client.deleteContainer(id);
  return isRpcError(deleted) ? errorText(deleted) : undefined;
}

export const ID = 'CONTAINER';

export const containersCommand: CliCommand = {
  name: 'containers',
  aliases: ['c', 'container'],
  usage: 'Manage containers',
  argsUsage: '[arguments...]',
  commands: [
    {
      name: 'create',
      usage: 'Create container',
      argsUsage: '[flags] Image|RootFS CONTAINER [COMMAND] [ARG...]',
      flags: CONTAINER_FLAGS,
      run: createContainer,
    },
    {
      name: 'delete',
      aliases: ['del', 'remove', 'rm'],
      usage: 'Delete one or more existing containers',
      argsUsage: '[flags] CONTAINER [CONTAINER, ...]',
      flags: [bool('keep-snapshot', 'Do not clean up snapshot with container')],
      run: removeContainers,
    },
    {
      name: 'info',
      usage: 'Get info about a container',
      argsUsage: ID,
      flags: [bool('spec', 'Only display the spec')],
      run: containerInfo,
    },
    {
      name: 'list',
      aliases: ['ls'],
      usage: 'List containers',
      argsUsage: '[flags] [<filter>, ...]',
      flags: [bool('quiet q', 'Print only the container id')],
      run: listContainers,
    },
    {
      name: 'label',
      usage: 'Set and clear labels for a container',
      argsUsage: '[flags] CONTAINER [<key>=<value>, ...]',
      description: 'set and clear labels for a container',
      run: labelContainer,
    },
    {
      name: 'checkpoint',
      usage: 'Checkpoint a container',
      argsUsage: 'CONTAINER REF',
      run: (call) => notSimulated(call.main, 'ctr containers checkpoint'),
    },
    {
      name: 'restore',
      usage: 'Restore a container from checkpoint',
      argsUsage: '[flags] CONTAINER REF',
      run: (call) => notSimulated(call.main, 'ctr containers restore'),
    },
  ],
};
