// What runc remembers of a container: /run/runc/ID/state.json, and what can be seen of its process and cgroup.

import { decode, encode } from '../../core/text.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/files/open-file.ts';
import type { Spec } from './spec.ts';
import type { RuncFailure } from './validate.ts';

export const DEFAULT_ROOT = '/run/runc';
export const EXEC_FIFO = 'exec.fifo';

export interface ContainerState {
  readonly id: string;
  readonly init_process_pid: number;
  /** Virtual nanoseconds at which init was started: tells a reused number from the process. */
  readonly init_process_start: number;
  /** Virtual nanoseconds. */
  readonly created: number;
  readonly bundle: string;
  readonly rootfs: string;
  /** Absolute path of the cgroup's directory. */
  readonly cgroup: string;
  readonly spec: Spec;
}

export type ContainerStatus = 'created' | 'running' | 'paused' | 'stopped';

/** True for an id that runc takes. */
export function isContainerId(id: string): boolean {
  return /^[\w+.-]+$/.test(id) && id !== '.' && id !== '..';
}

/** Reads a container's state. */
export function* loadState(
  p: Process,
  root: string,
  id: string,
): Routine<ContainerState | RuncFailure> {
  if (!isContainerId(id)) return { failure: 'invalid container ID format' };
  const fd = p.open(`${root}/${id}/state.json`);
  if (isErrno(fd)) return { failure: 'container does not exist' };
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  if (isErrno(bytes)) return { failure: 'container does not exist' };
  return JSON.parse(decode(bytes)) as ContainerState;
}

/** Writes a container's state. */
export function* saveState(p: Process, root: string, state: ContainerState): Routine<void> {
  const fd = p.open(`${root}/${state.id}/state.json`, O_WRONLY | O_CREAT | O_TRUNC, 0o600);
  if (isErrno(fd)) return;
  yield* p.write(fd, encode(JSON.stringify(state)));
  p.close(fd);
}

/** True while the container's init lives. */
export function initAlive(p: Process, state: ContainerState): boolean {
  const task = p.task.pidNamespace.tasks.get(state.init_process_pid);
  return task !== undefined && !task.ended && task.startedAt === state.init_process_start;
}

/** What `runc state` calls the container's status. */
export function* statusOf(
  p: Process,
  root: string,
  state: ContainerState,
): Routine<ContainerStatus> {
  if (!initAlive(p, state)) return 'stopped';
  if ((yield* readLine(p, `${state.cgroup}/cgroup.freeze`)) === '1') return 'paused';
  return p.exists(`${root}/${state.id}/${EXEC_FIFO}`) ? 'created' : 'running';
}

/** The first line of a small file; empty where it cannot be read. */
export function* readLine(p: Process, path: string): Routine<string> {
  const fd = p.open(path);
  if (isErrno(fd)) return '';
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return isErrno(bytes) ? '' : decode(bytes).trimEnd();
}

/** The object that `runc state` and `runc list -f json` print, and that hooks get on stdin. */
export function* publicState(
  p: Process,
  root: string,
  state: ContainerState,
): Routine<Record<string, unknown>> {
  const status = yield* statusOf(p, root, state);
  return {
    ociVersion: '1.3.0',
    id: state.id,
    pid: status === 'stopped' ? 0 : state.init_process_pid,
    status,
    bundle: state.bundle,
    rootfs: state.rootfs,
    created: rfc3339Fraction(state.created, 9),
    ...(state.spec.annotations ? { annotations: state.spec.annotations } : {}),
    owner: '',
  };
}
