// The shim's own service (containerd.task.v3): one or more containers, each with its init process and execs. Containers
// of a pod share the shim of its sandbox.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { writeWholeFile } from '../containerd/daemon.ts';
import type { ProcessState, StdioPaths, TaskStatus } from '../containerd/types.ts';
import { mountAll, unmountAll } from '../mounts.ts';
import { alreadyExists, failedPrecondition, isRpcError, RpcError } from '../rpc.ts';
import { callRpc } from '../rpc-socket.ts';
import { cgroupProcesses } from '../runc/cgroup.ts';
import { listenForConsole } from '../runc/handshake.ts';
import type { Spec, SpecProcess, SpecResources } from '../runc/spec.ts';
import { readLine } from '../runc/state.ts';
import { type ChildExit, Reaper, type RuncSettings, runRunc } from './runc-command.ts';
import { ProcessStreams } from './streams.ts';
import type { CreateTaskRequest, ProcessRequest, ShimContainer, ShimProcess } from './types.ts';

export const SHIM_SERVICE = '/containerd.task.v3.Task/';
export const FORWARD_EVENT = '/containerd.services.events.ttrpc.v1.Events/Forward';

export class Shim {
  readonly containers = new Map<string, ShimContainer>();
  readonly reaper = new Reaper();
  private readonly process: Process;
  private readonly namespace: string;
  private readonly address: string;
  private consoles = 0;

  constructor(process: Process, namespace: string, address: string) {
    this.process = process;
    this.namespace = namespace;
    this.address = address;
    this.reaper.onExit = (pid, exit) => this.processExited(pid, exit);
  }

  private *publish(topic: string, event: Readonly<Record<string, unknown>>): Routine<void> {
    const { process: p, namespace } = this;
    const envelope = { timestamp: p.now, namespace, topic, event };
    yield* callRpc(p, { address: this.address, namespace }, FORWARD_EVENT, envelope);
  }

  private *processExited(pid: number, exit: ChildExit): Routine<void> {
    for (const container of this.containers.values()) {
      for (const process of [container.init, ...container.execs.values()]) {
        if (process.pid !== pid || process.status === 'STOPPED') continue;
        if (process.id === '') yield* this.killRest(container);
        process.status = 'STOPPED';
        process.exitStatus = exit.status;
        process.exitedAt = exit.at;
        this.reaper.forget(pid);
        const oom = yield* this.oomKills(container);
        if (oom) yield* this.publish('/tasks/oom', { container_id: container.id });
        process.exited.wake();
        yield* this.publish('/tasks/exit', {
          container_id: container.id,
          id: process.id === '' ? container.id : process.id,
          pid,
          ...(exit.status === 0 ? {} : { exit_status: exit.status }),
          exited_at: exit.at,
        });
        return;
      }
    }
  }

  /** Without a PID namespace of its own a container's other processes do not end with init. */
  private *killRest(container: ShimContainer): Routine<void> {
    if (!container.sharesPids) return;
    for (const pid of yield* cgroupProcesses(this.process, container.cgroup))
      this.process.kill(pid, 9);
  }

  private *oomKills(container: ShimContainer): Routine<boolean> {
    const fd = this.process.open(`${container.cgroup}/memory.events`);
    if (isErrno(fd)) return false;
    const bytes = yield* this.process.readAll(fd);
    this.process.close(fd);
    return !isErrno(bytes) && /^oom_kill [1-9]/m.test(decode(bytes));
  }

  private newProcess(
    id: string,
    stdio: StdioPaths,
    process?: SpecProcess,
    container = id,
  ): ShimProcess {
    return {
      id,
      pid: 0,
      status: 'CREATED',
      streams: new ProcessStreams(stdio, { id: container, namespace: this.namespace }),
      exitStatus: 0,
      exitedAt: 0,
      exited: new WaitQueue(),
      ...(process ? { process } : {}),
    };
  }

  *create(request: CreateTaskRequest): Routine<{ pid: number } | RpcError> {
    const { process: p } = this;
    const { id, bundle, rootfs, options } = request;
    if (this.containers.has(id)) return alreadyExists(`task ${id}`);
    const target = `${bundle}/rootfs`;
    if (rootfs.length > 0) {
      p.mkdir(target, 0o711);
      const failure = mountAll(p, rootfs, target);
      if (failure)
        return new RpcError(
          'Unknown',
          `failed to mount rootfs component: ${failure.message.toLowerCase()}`,
        );
    }
    const settings: RuncSettings = {
      namespace: this.namespace,
      bundle,
      ...(options?.BinaryName ? { binary: options.BinaryName } : {}),
      ...(options?.Root ? { root: `${options.Root}/${this.namespace}` } : {}),
    };
    const init = this.newProcess('', request, undefined, id);
    const pidFile = `${bundle}/init.pid`;
    const console = this.consoleSocket(init);
    const args = ['create', '--bundle', bundle, '--pid-file', pidFile, ...console, id];
    const problem = yield* runRunc(p, this.reaper, settings, args, init.streams.open(p));
    init.streams.handedOver(p, problem === undefined);
    if (problem !== undefined) {
      if (rootfs.length > 0) unmountAll(p, target);
      return new RpcError('Unknown', `OCI runtime create failed: ${problem}`);
    }
    init.pid = Number(yield* readLine(p, pidFile));
    const group = p.task.pidNamespace.tasks.get(init.pid)?.cgroup.path ?? '/';
    this.containers.set(id, {
      id,
      settings,
      init,
      execs: new Map(),
      hasRootfs: rootfs.length > 0,
      sharesPids: yield* this.sharesPids(bundle),
      cgroup: `/sys/fs/cgroup${group}`,
    });
    yield* this.publish('/tasks/create', {
      container_id: id,
      bundle,
      rootfs,
      io: {
        stdin: request.stdin,
        stdout: request.stdout,
        stderr: request.stderr,
        terminal: request.terminal,
      },
      pid: init.pid,
    });
    return { pid: init.pid };
  }

  private *sharesPids(bundle: string): Routine<boolean> {
    const fd = this.process.open(`${bundle}/config.json`);
    if (isErrno(fd)) return false;
    const bytes = yield* this.process.readAll(fd);
    this.process.close(fd);
    if (isErrno(bytes)) return false;
    const { linux } = JSON.parse(decode(bytes)) as Spec;
    return !(linux?.namespaces ?? []).some(({ type, path }) => type === 'pid' && !path);
  }

  private consoleSocket(process: ShimProcess): string[] {
    if (!process.streams.hasTerminal) return [];
    const path = `/tmp/pty${this.process.pid}-${this.consoles++}/pty.sock`;
    listenForConsole(this.process, path, (master) =>
      process.streams.attachConsole(this.process, master),
    );
    return ['--console-socket', path];
  }

  /** The container and process that a request names. */
  find(request: ProcessRequest): { container: ShimContainer; process: ShimProcess } | RpcError {
    const container = this.containers.get(request.id);
    if (!container) return new RpcError('NotFound', `container not created: not found`);
    const { execId = '' } = request;
    const process = execId === '' ? container.init : container.execs.get(execId);
    return process
      ? { container, process }
      : new RpcError('NotFound', `process ${execId}: not found`);
  }

  *start(request: ProcessRequest): Routine<{ pid: number } | RpcError> {
    const found = this.find(request);
    if (isRpcError(found)) return found;
    const { container, process } = found;
    if (process.id !== '') return yield* this.startExec(container, process);
    if (process.status === 'STOPPED') return failedPrecondition('cannot start a stopped process');
    if (process.status !== 'CREATED') return failedPrecondition('cannot start a running process');
    process.status = 'RUNNING';
    const problem = yield* runRunc(this.process, this.reaper, container.settings, [
      'start',
      container.id,
    ]);
    if (problem !== undefined)
      return new RpcError('Unknown', `OCI runtime start failed: ${problem}`);
    yield* this.publish('/tasks/start', { container_id: container.id, pid: process.pid });
    return { pid: process.pid };
  }

  private *startExec(
    container: ShimContainer,
    exec: ShimProcess,
  ): Routine<{ pid: number } | RpcError> {
    const { process: p } = this;
    if (container.init.status === 'PAUSED')
      return failedPrecondition('cannot exec in a paused state');
    if (container.init.status === 'STOPPED')
      return failedPrecondition('cannot exec in a stopped state');
    const { bundle } = container.settings;
    const pidFile = `${bundle}/${exec.id}.pid`;
    const spec = `${bundle}/${exec.id}-process.json`;
    writeWholeFile(p, spec, encode(JSON.stringify(exec.process)));
    const console = this.consoleSocket(exec);
    const args = [
      'exec',
      '--process',
      spec,
      '--detach',
      '--pid-file',
      pidFile,
      ...console,
      container.id,
    ];
    const problem = yield* runRunc(p, this.reaper, container.settings, args, exec.streams.open(p));
    exec.streams.handedOver(p, problem === undefined);
    p.unlink(spec);
    if (problem !== undefined) {
      exec.status = 'STOPPED';
      exec.exitStatus = 128;
      exec.exited.wake();
      return new RpcError('Unknown', `OCI runtime exec failed: ${problem}`);
    }
    exec.pid = Number(yield* readLine(p, pidFile));
    exec.status = 'RUNNING';
    yield* this.publish('/tasks/exec-started', {
      container_id: container.id,
      exec_id: exec.id,
      pid: exec.pid,
    });
    const early = this.reaper.exitOf(exec.pid);
    if (early) yield* this.processExited(exec.pid, early);
    else this.reaper.poke();
    return { pid: exec.pid };
  }

  *exec(request: ProcessRequest & StdioPaths & { spec: SpecProcess }): Routine<object | RpcError> {
    const container = this.containers.get(request.id);
    if (!container) return new RpcError('NotFound', 'container not created: not found');
    const { execId = '' } = request;
    if (container.execs.has(execId)) return alreadyExists(`id ${execId}`);
    const process = { ...request.spec, terminal: request.terminal };
    if (container.init.status === 'PAUSED')
      return new RpcError('Unknown', 'cannot exec in a paused state');
    container.execs.set(execId, this.newProcess(execId, request, process));
    yield* this.publish('/tasks/exec-added', { container_id: container.id, exec_id: execId });
    return {};
  }

  *kill(request: ProcessRequest & { signal: number; all?: boolean }): Routine<object | RpcError> {
    const found = this.find(request);
    if (isRpcError(found)) return found;
    const { container, process } = found;
    if (process.status === 'STOPPED' || process.pid === 0) {
      return new RpcError('NotFound', 'process already finished: not found');
    }
    if (process.id !== '') {
      const failure = this.process.kill(process.pid, request.signal);
      return failure ? new RpcError('NotFound', 'process already finished: not found') : {};
    }
    const all = request.all ? ['--all'] : [];
    const args = ['kill', ...all, container.id, String(request.signal)];
    const problem = yield* runRunc(this.process, this.reaper, container.settings, args);
    if (problem === undefined) return {};
    if (/not running|does not exist|no such process/.test(problem)) {
      return new RpcError('NotFound', 'process already finished: not found');
    }
    return new RpcError('Unknown', problem);
  }

  *freeze(request: ProcessRequest, on: boolean): Routine<object | RpcError> {
    const found = this.find(request);
    if (isRpcError(found)) return found;
    const { container } = found;
    const { init } = container;
    const wanted: TaskStatus = on ? 'RUNNING' : 'PAUSED';
    if (init.status !== wanted) {
      const word = init.status.toLowerCase();
      return new RpcError(
        'Unknown',
        on ? `cannot pause a ${word} container` : `cannot resume a ${word} process`,
      );
    }
    const args = [on ? 'pause' : 'resume', container.id];
    const problem = yield* runRunc(this.process, this.reaper, container.settings, args);
    if (problem !== undefined) return new RpcError('Unknown', problem);
    init.status = on ? 'PAUSED' : 'RUNNING';
    yield* this.publish(on ? '/tasks/paused' : '/tasks/resumed', { container_id: container.id });
    return {};
  }

  *delete(request: ProcessRequest): Routine<ProcessState | RpcError> {
    const found = this.find(request);
    if (isRpcError(found)) return found;
    const { container, process } = found;
    if (process.status !== 'STOPPED' && process.status !== 'CREATED') {
      return failedPrecondition(`cannot delete a ${process.status.toLowerCase()} process`);
    }
    yield* process.streams.drained();
    if (process.id !== '') {
      container.execs.delete(process.id);
      return this.stateOf(container, process);
    }
    yield* runRunc(this.process, this.reaper, container.settings, [
      'delete',
      '--force',
      container.id,
    ]);
    if (container.hasRootfs) unmountAll(this.process, `${container.settings.bundle}/rootfs`);
    this.containers.delete(container.id);
    yield* this.publish('/tasks/delete', {
      container_id: container.id,
      pid: process.pid,
      exit_status: process.exitStatus,
      exited_at: process.exitedAt,
    });
    return this.stateOf(container, process);
  }

  stateOf(container: ShimContainer, process: ShimProcess): ProcessState {
    const { stdin, stdout, stderr, terminal } = process.streams.stdio;
    return {
      id: process.id === '' ? container.id : process.id,
      containerId: container.id,
      pid: process.pid,
      status: process.status,
      stdin,
      stdout,
      stderr,
      terminal,
      exitStatus: process.exitStatus,
      exitedAt: process.exitedAt,
    };
  }

  *wait(request: ProcessRequest): Routine<object | RpcError> {
    const found = this.find(request);
    if (isRpcError(found)) return found;
    const { process } = found;
    while (process.status !== 'STOPPED') yield { on: [process.exited] };
    return { exitStatus: process.exitStatus, exitedAt: process.exitedAt };
  }

  *update(request: { id: string; resources: SpecResources }): Routine<object | RpcError> {
    const found = this.find(request);
    if (isRpcError(found)) return found;
    const { settings, id } = found.container;
    const file = `${settings.bundle}/resources.json`;
    writeWholeFile(this.process, file, encode(JSON.stringify(request.resources)));
    const problem = yield* runRunc(this.process, this.reaper, settings, [
      'update',
      '--resources',
      file,
      id,
    ]);
    this.process.unlink(file);
    return problem === undefined ? {} : new RpcError('Unknown', problem);
  }
}
