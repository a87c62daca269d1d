// Making a container: state directory, cgroup, init in its namespaces, hooks; and starting, signalling and deleting it
// (libcontainer's container_linux.go and process_linux.go).

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EEXIST, isErrno } from '../../kernel/errno.ts';
import { S_IFIFO } from '../../kernel/files/inode.ts';
import { O_PATH, O_RDONLY, O_WRONLY, type OpenFile } from '../../kernel/files/open-file.ts';
import { NAMESPACE_KINDS, type NamespaceKind } from '../../kernel/namespaces/namespace.ts';
import { CLONE_PARENT } from '../../kernel/task/fork.ts';
import type { Task } from '../../kernel/task/task.ts';
import { cgroupDirectory, makeCgroup, removeCgroup, setResources, writeControl } from './cgroup.ts';
import { Handshake } from './handshake.ts';
import { runHooks } from './hooks.ts';
import { containerInit } from './init.ts';
import type { Spec, SpecNamespace } from './spec.ts';
import { type ContainerState, EXEC_FIFO, isContainerId, saveState } from './state.ts';
import { goErrno, NAMESPACE_TYPES, type RuncFailure, specProblem } from './validate.ts';

export interface CreateRequest {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
  /** runc's --root. */
  readonly root: string;
  readonly spec: Spec;
  /** Takes the console's controlling side. */
  readonly onConsole: (master: OpenFile) => string | undefined;
}

const FAILED = 'unable to start container process: ';
const NAMESPACE_PATH = 'unable to create new parent process: namespace path: ';

/** `runc create`: everything up to init waiting at the FIFO. */
export function* createContainer(
  p: Process,
  request: CreateRequest,
): Routine<ContainerState | RuncFailure> {
  const { id, bundle, root, spec } = request;
  if (!isContainerId(id)) return { failure: 'invalid container ID format' };
  const path = spec.root?.path;
  const rootfs = path === undefined ? undefined : path.startsWith('/') ? path : `${bundle}/${path}`;
  const problem = specProblem(p, spec, rootfs);
  if (problem !== undefined) return { failure: problem };
  const cgroup = cgroupDirectory(p, spec, id);
  if (!makeStateDirectory(p, root, id))
    return { failure: 'container with given ID already exists' };
  const made = yield* makeCgroup(p, cgroup);
  const refused = made
    ? `unable to apply cgroup configuration: mkdir ${cgroup}: ${goErrno(made.message)}`
    : yield* setResources(p, cgroup, spec.linux?.resources ?? {});
  if (refused !== undefined) return yield* abandon(p, request, cgroup, `${FAILED}${refused}`);
  const fifo = makeFifo(p, `${root}/${id}/${EXEC_FIFO}`);
  const handshake = new Handshake();
  const rooted = { rootfs: rootfs ?? '/', cgroup, handshake, fifo };
  const init = yield* startInit(p, request, rooted);
  if (typeof init === 'string') {
    const why = init.startsWith(NAMESPACE_PATH) ? init : `${FAILED}${init}`;
    return yield* abandon(p, request, cgroup, why);
  }
  const state: ContainerState = {
    id,
    bundle,
    cgroup,
    spec,
    init_process_pid: init.pidIn(p.task.pidNamespace),
    init_process_start: init.startedAt,
    created: p.now,
    rootfs: rooted.rootfs,
  };
  yield* saveState(p, root, state);
  const hook = yield* runHooks(p, request, state.init_process_pid, ['poststart']);
  if (hook === undefined) return state;
  p.kill(state.init_process_pid, 9);
  yield* p.wait(state.init_process_pid);
  return yield* abandon(p, request, cgroup, hook);
}

function makeStateDirectory(p: Process, root: string, id: string): boolean {
  if (!p.exists(root)) {
    const above = root.slice(0, root.lastIndexOf('/'));
    if (above !== '' && !p.exists(above)) makeParents(p, above);
    p.mkdir(root, 0o700);
  }
  return p.mkdir(`${root}/${id}`, 0o711) !== EEXIST;
}

function makeParents(p: Process, path: string): void {
  if (path === '' || p.exists(path)) return;
  makeParents(p, path.slice(0, path.lastIndexOf('/')));
  p.mkdir(path, 0o711);
}

function makeFifo(p: Process, path: string): OpenFile {
  p.mknod(path, S_IFIFO | 0o622);
  const file = p.openFile(path, O_PATH);
  if (isErrno(file))
    throw new Error(`the FIFO ${path} that was just made cannot be opened: ${file.message}`);
  return file;
}

function* abandon(
  p: Process,
  request: CreateRequest,
  cgroup: string,
  failure: string,
): Routine<RuncFailure> {
  removeState(p, request.root, request.id);
  removeCgroup(p, cgroup);
  yield* reapAll(p);
  return { failure };
}

function* reapAll(p: Process): Routine<void> {
  for (;;) {
    const result = yield* p.wait(-1, { noHang: true });
    if (!result || isErrno(result)) return;
  }
}

/** Removes what /run/runc holds of a container. */
export function removeState(p: Process, root: string, id: string): void {
  const entries = p.readdir(`${root}/${id}`);
  if (!isErrno(entries)) for (const { name } of entries) p.unlink(`${root}/${id}/${name}`);
  p.rmdir(`${root}/${id}`);
}

interface Rooted {
  readonly rootfs: string;
  readonly cgroup: string;
  readonly handshake: Handshake;
  readonly fifo: OpenFile;
}

/** Forks init, places it, runs the hooks, and waits until it is ready. The text of what failed. */
function* startInit(p: Process, request: CreateRequest, rooted: Rooted): Routine<Task | string> {
  const { spec, id } = request;
  const { handshake, cgroup } = rooted;
  const task = yield* cloneInit(p, spec, rooted);
  if (typeof task === 'string') return task;
  p.simulation.because(`runc creates container ${id}`, {
    kind: 'process',
    name: String(task.pid),
    machine: p.task.kernel.first.uts.hostname,
  });
  const pid = task.pidIn(p.task.pidNamespace);
  const joined = yield* writeControl(p, `${cgroup}/cgroup.procs`, String(pid));
  if (joined) {
    p.kill(pid, 9);
    return `unable to apply cgroup configuration: failed to write ${pid}: write ${cgroup}/cgroup.procs: ${goErrno(joined.message)}`;
  }
  yield* writeIdMaps(p, spec, pid);
  handshake.tell((h) => {
    h.mayGo = true;
  });
  const settled = (): boolean =>
    handshake.ready ||
    handshake.error !== undefined ||
    (handshake.wantsHooks && !handshake.hooksDone);
  for (;;) {
    const alive = yield* handshake.until(p, () => task, settled);
    if (handshake.error !== undefined) return `error during container init: ${handshake.error}`;
    if (handshake.ready) break;
    if (!alive) return "can't get final child's PID from pipe: EOF";
    const hook = yield* runHooks(p, request, pid, ['prestart', 'createRuntime', 'createContainer']);
    if (hook !== undefined) {
      p.kill(pid, 9);
      yield* p.wait(pid);
      return `error during container init: ${hook}`;
    }
    handshake.tell((h) => {
      h.hooksDone = true;
    });
  }
  const consoleProblem = handshake.console && request.onConsole(handshake.console);
  return consoleProblem ?? task;
}

/** clone(2) with the new namespaces; those given by path are joined first, by a process in between. */
function* cloneInit(p: Process, spec: Spec, rooted: Rooted): Routine<Task | string> {
  const namespaces = spec.linux?.namespaces ?? [];
  const joined = namespaces.filter((namespace) => namespace.path);
  const fresh = new Set(namespaces.filter((namespace) => !namespace.path).map(({ type }) => type));
  let flags = 0;
  for (const type of fresh) {
    const kind = NAMESPACE_TYPES[type] as NamespaceKind | undefined;
    if (kind && kind !== 'cgroup') flags |= NAMESPACE_KINDS[kind].flag;
  }
  const process = spec.process;
  if (!process) return 'process property must not be empty';
  const request = { spec, process, fresh, ...rooted };
  if (joined.length === 0) {
    const pid = p.clone(flags, (child) => containerInit(child, request));
    return taskOf(p, pid, `fork/exec /proc/self/exe`);
  }
  return yield* cloneThrough(p, joined, (middle) =>
    middle.clone(flags | CLONE_PARENT, (child) => containerInit(child, request)),
  );
}

function taskOf(p: Process, pid: ReturnType<Process['clone']>, what: string): Task | string {
  if (isErrno(pid)) return `${what}: ${goErrno(pid.message)}`;
  return p.task.pidNamespace.tasks.get(pid) ?? `${what}: no such process`;
}

/** Forks a process that joins namespaces by path and then makes the real one as our child. */
export function* cloneThrough(
  p: Process,
  joined: readonly SpecNamespace[],
  make: (middle: Process) => ReturnType<Process['clone']>,
): Routine<Task | string> {
  let problem: string | undefined;
  let made: Task | undefined;
  const pid = p.fork(function* (middle) {
    problem = joinByPath(middle, joined);
    if (problem !== undefined) return 1;
    const child = make(middle);
    if (isErrno(child)) {
      problem = `fork/exec /proc/self/exe: ${goErrno(child.message)}`;
      return 1;
    }
    made = middle.task.pidNamespace.tasks.get(child);
    return 0;
  });
  if (isErrno(pid)) return `fork: ${goErrno(pid.message)}`;
  yield* p.wait(pid);
  return made ?? problem ?? 'no child was made';
}

function joinByPath(p: Process, joined: readonly SpecNamespace[]): string | undefined {
  const order = ['user', 'ipc', 'uts', 'network', 'pid', 'mount', 'cgroup', 'time'];
  const sorted = [...joined].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  const open: number[] = [];
  for (const { path = '' } of sorted) {
    const fd = p.open(path, O_RDONLY);
    if (isErrno(fd)) return `${NAMESPACE_PATH}lstat ${path}: ${goErrno(fd.message)}`;
    open.push(fd);
  }
  for (const [i, fd] of open.entries()) {
    const failure = p.setns(fd);
    p.close(fd);
    if (failure)
      return `failed to setns into ${sorted[i]?.type} namespace: ${goErrno(failure.message)}`;
  }
  return undefined;
}

function* writeIdMaps(p: Process, spec: Spec, pid: number): Routine<void> {
  const { uidMappings, gidMappings } = spec.linux ?? {};
  for (const [file, map] of [
    ['uid_map', uidMappings],
    ['gid_map', gidMappings],
  ] as const) {
    if (!map?.length) continue;
    const fd = p.open(`/proc/${pid}/${file}`, O_WRONLY);
    if (isErrno(fd)) continue;
    yield* p.write(fd, encode(map.map((m) => `${m.containerID} ${m.hostID} ${m.size}\n`).join('')));
    p.close(fd);
  }
}

/** `runc start`: lets init pass the FIFO. */
export function* startContainer(
  p: Process,
  root: string,
  state: ContainerState,
): Routine<string | undefined> {
  const path = `${root}/${state.id}/${EXEC_FIFO}`;
  const fd = p.open(path, O_WRONLY);
  if (isErrno(fd)) return `open exec fifo ${path}: ${goErrno(fd.message)}`;
  const machine = p.task.kernel.first.uts.hostname;
  const about = { kind: 'process', name: String(state.init_process_pid), machine };
  p.simulation.because(`runc starts container ${state.id}`, about);
  yield* p.write(fd, encode('0'));
  p.close(fd);
  p.unlink(path);
  return undefined;
}

/** `runc delete` of a container that has stopped: its cgroup, state and poststop hooks. What a hook complains of. */
export function* deleteContainer(
  p: Process,
  root: string,
  state: ContainerState,
): Routine<string | undefined> {
  removeCgroup(p, state.cgroup);
  removeState(p, root, state.id);
  const hook = yield* runHooks(p, state, 0, ['poststop']);
  return hook && `unable to destroy container: ${hook}`;
}
