// Tasks (services/tasks): a container's processes, run by a shim. containerd writes the bundle, starts the shim, and
// hands every further request to it.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import {
  alreadyExists,
  isRpcError,
  notFound,
  type RpcContext,
  RpcError,
  type RpcMethods,
} from '../rpc.ts';
import { callRpc } from '../rpc-socket.ts';
import { cgroupProcesses } from '../runc/cgroup.ts';
import type { SpecProcess, SpecResources } from '../runc/spec.ts';
import { readLine } from '../runc/state.ts';
import { SHIM_SERVICE } from '../shim/service.ts';
import { type Containerd, makeDirectories, removeAll, writeWholeFile } from './daemon.ts';
import { TASK_SERVICE } from './service-names.ts';
import { snapshotMounts } from './snapshots.ts';
import type { ContainerRecord, ExitState, MountSpec, ProcessState, StdioPaths } from './types.ts';

const SANDBOX_ANNOTATION = 'io.kubernetes.cri.sandbox-id';

/** Directory of the bundles of one namespace. */
function bundlesOf(daemon: Containerd, namespace: string): string {
  return `${daemon.state}/io.containerd.runtime.v2.task/${namespace}`;
}

/** The directory of a task's bundle. */
export function bundleOf(daemon: Containerd, namespace: string, id: string): string {
  return `${bundlesOf(daemon, namespace)}/${id}`;
}

/** The ids of a namespace's tasks. */
export function taskIds(daemon: Containerd, namespace: string): string[] {
  const entries = daemon.process.readdir(bundlesOf(daemon, namespace));
  return isErrno(entries) ? [] : entries.map(({ name }) => name).sort();
}

function* shimOf(
  daemon: Containerd,
  p: Process,
  namespace: string,
  id: string,
): Routine<string | undefined> {
  const address = yield* readLine(p, `${bundleOf(daemon, namespace, id)}/address`);
  return address === '' ? undefined : address.replace('unix://', '');
}

/** A request to a shim: the container, and what the method takes. */
export type ShimRequest = { readonly id: string; readonly [field: string]: unknown };

/** A call of a task's shim. */
export function* callShim<T>(
  daemon: Containerd,
  p: Process,
  namespace: string,
  method: string,
  request: ShimRequest,
): Routine<T | RpcError> {
  const address = yield* shimOf(daemon, p, namespace, request.id);
  if (address === undefined) return new RpcError('NotFound', `task ${request.id} not found`);
  return yield* callRpc<T>(p, { address, namespace }, `${SHIM_SERVICE}${method}`, request);
}

export interface NewTask extends StdioPaths {
  readonly containerId: string;
  /** The mounts of its root file system; those of the container's snapshot where not given. */
  readonly rootfs?: readonly MountSpec[];
}

/** Makes a task: the bundle, the shim, and init waiting to be started. */
export function* createTask(
  daemon: Containerd,
  p: Process,
  namespace: string,
  request: NewTask,
): Routine<{ containerId: string; pid: number } | RpcError> {
  const id = request.containerId;
  const container = daemon.data(namespace).containers.get(id);
  if (!container) return notFound(`container "${id}" in namespace "${namespace}"`);
  const bundle = bundleOf(daemon, namespace, id);
  if (p.exists(bundle)) return alreadyExists(`task ${id}`);
  const rootfs = request.rootfs ?? rootfsOf(daemon, namespace, container);
  if (isRpcError(rootfs)) return rootfs;
  makeDirectories(p, bundle, 0o711);
  p.mkdir(`${bundle}/rootfs`, 0o711);
  writeWholeFile(p, `${bundle}/config.json`, encode(JSON.stringify(container.spec)));
  const address = yield* startShim(daemon, p, namespace, container);
  if (isRpcError(address)) {
    removeAll(p, bundle);
    return address;
  }
  writeWholeFile(p, `${bundle}/address`, encode(address));
  const { stdin, stdout, stderr, terminal } = request;
  const options = container.runtime.options;
  const created = yield* callShim<{ pid: number }>(daemon, p, namespace, 'Create', {
    id,
    bundle,
    rootfs,
    stdin,
    stdout,
    stderr,
    terminal,
    ...(options ? { options } : {}),
  });
  if (isRpcError(created)) {
    yield* callShim(daemon, p, namespace, 'Shutdown', { id });
    removeAll(p, bundle);
    return new RpcError(created.code, `failed to create shim task: ${created.message}`);
  }
  return { containerId: id, pid: created.pid };
}

function rootfsOf(
  daemon: Containerd,
  namespace: string,
  container: ContainerRecord,
): MountSpec[] | RpcError {
  if (container.snapshotKey === '') return [];
  return snapshotMounts(daemon, namespace, container.snapshotter, container.snapshotKey);
}

/** Starts the container's shim, or finds that of its pod; its socket's address. */
function* startShim(
  daemon: Containerd,
  p: Process,
  namespace: string,
  container: ContainerRecord,
): Routine<string | RpcError> {
  const sandbox = container.spec.annotations?.[SANDBOX_ANNOTATION];
  if (sandbox !== undefined && sandbox !== container.id) {
    const shared = yield* shimOf(daemon, p, namespace, sandbox);
    if (shared !== undefined) return `unix://${shared}`;
  }
  const output = p.pipe(true);
  if (isErrno(output)) return new RpcError('Unknown', output.message);
  const argv = [
    '/usr/bin/containerd-shim-runc-v2',
    '-namespace',
    namespace,
    '-address',
    daemon.address,
    '-id',
    container.id,
    'start',
  ];
  const pid = p.fork(function* (child) {
    child.dup2(output[1], 1);
    child.chdir(bundleOf(daemon, namespace, container.id));
    child.exec(argv[0] ?? '', argv, child.environment);
    return 127;
  });
  p.close(output[1]);
  const text = yield* p.readAll(output[0]);
  p.close(output[0]);
  if (isErrno(pid))
    return new RpcError('Unknown', `failed to start shim: start failed: ${pid.message}`);
  yield* p.wait(pid);
  const reply = isErrno(text) ? '' : decode(text);
  if (reply === '') {
    return new RpcError('Unknown', 'failed to start shim: start failed: : exit status 1');
  }
  return (JSON.parse(reply) as { address: string }).address;
}

/** Deletes a task that has ended: its shim goes with the last of its containers. */
export function* deleteTask(
  daemon: Containerd,
  p: Process,
  namespace: string,
  id: string,
): Routine<ProcessState | RpcError> {
  const deleted = yield* callShim<ProcessState>(daemon, p, namespace, 'Delete', { id });
  if (isRpcError(deleted) && deleted.code !== 'Unavailable' && deleted.code !== 'NotFound')
    return deleted;
  if (isRpcError(deleted) && !p.exists(bundleOf(daemon, namespace, id))) return deleted;
  yield* callShim(daemon, p, namespace, 'Shutdown', { id });
  removeAll(p, bundleOf(daemon, namespace, id));
  if (!isRpcError(deleted)) return deleted;
  return {
    id,
    containerId: id,
    pid: 0,
    status: 'STOPPED',
    stdin: '',
    stdout: '',
    stderr: '',
    terminal: false,
    exitStatus: 137,
    exitedAt: p.now,
  };
}

/** A task's state as its shim tells it. */
export function* taskState(
  daemon: Containerd,
  p: Process,
  namespace: string,
  id: string,
  execId = '',
): Routine<ProcessState | RpcError> {
  const request = { id, execId };
  return yield* callShim<ProcessState>(daemon, p, namespace, 'State', request);
}

interface Named {
  readonly containerId: string;
  readonly execId?: string;
}

/** A method that is the shim's own, with the container under its name there. */
function passOn(daemon: Containerd, method: string) {
  return function* (request: Named, { namespace, process }: RpcContext): Routine<unknown> {
    const { containerId, ...rest } = request;
    return yield* callShim(daemon, process, namespace, method, { id: containerId, ...rest });
  };
}

/** The methods of the service. */
export function taskService(daemon: Containerd): RpcMethods {
  const at = TASK_SERVICE;
  return {
    *[`${at}Create`](request: NewTask, { namespace, process }: RpcContext) {
      return yield* createTask(daemon, process, namespace, request);
    },
    [`${at}Start`]: passOn(daemon, 'Start'),
    [`${at}Kill`]: passOn(daemon, 'Kill'),
    [`${at}Pause`]: passOn(daemon, 'Pause'),
    [`${at}Resume`]: passOn(daemon, 'Resume'),
    [`${at}ResizePty`]: passOn(daemon, 'ResizePty'),
    [`${at}CloseIO`]: passOn(daemon, 'CloseIO'),
    [`${at}Wait`]: passOn(daemon, 'Wait') as (
      request: Named,
      context: RpcContext,
    ) => Routine<ExitState | RpcError>,
    [`${at}Exec`]: passOn(daemon, 'Exec') as (
      request: Named & { spec: SpecProcess },
      context: RpcContext,
    ) => Routine<unknown>,
    [`${at}Update`]: passOn(daemon, 'Update') as (
      request: Named & { resources: SpecResources },
      context: RpcContext,
    ) => Routine<unknown>,
    [`${at}DeleteProcess`]: passOn(daemon, 'Delete'),
    *[`${at}Delete`](request: Named, { namespace, process }: RpcContext) {
      return yield* deleteTask(daemon, process, namespace, request.containerId);
    },
    *[`${at}Get`](request: Named, { namespace, process }: RpcContext) {
      const state = yield* taskState(
        daemon,
        process,
        namespace,
        request.containerId,
        request.execId,
      );
      return isRpcError(state) ? state : { process: state };
    },
    *[`${at}List`](_request: object, { namespace, process }: RpcContext) {
      const tasks: ProcessState[] = [];
      for (const id of taskIds(daemon, namespace)) {
        const state = yield* taskState(daemon, process, namespace, id);
        if (!isRpcError(state)) tasks.push(state);
      }
      return { tasks };
    },
    *[`${at}ListPids`](request: Named, { namespace, process }: RpcContext) {
      const id = request.containerId;
      const known = yield* callShim<{ init: number; execs: { id: string; pid: number }[] }>(
        daemon,
        process,
        namespace,
        'Pids',
        { id },
      );
      if (isRpcError(known)) return known;
      const pids = yield* taskPids(process, known.init);
      return {
        processes: pids.map((pid) => ({ pid, execId: known.execs.find((e) => e.pid === pid)?.id })),
      };
    },
  };
}

/** The numbers of all processes in the control group of a task's init. */
export function* taskPids(p: Process, init: number): Routine<number[]> {
  const task = p.task.pidNamespace.tasks.get(init);
  if (!task || task.ended) return [];
  return yield* cgroupProcesses(p, `/sys/fs/cgroup${task.cgroup.path}`);
}
