// `runc exec`: another process in the namespaces and the cgroup of a running container.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../kernel/errno.ts';
import type { OpenFile } from '../../kernel/files/open-file.ts';
import type { Task } from '../../kernel/task/task.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { writeControl } from './cgroup.ts';
import { cloneThrough } from './create.ts';
import { Handshake } from './handshake.ts';
import {
  becomeUser,
  enterDirectory,
  environmentOf,
  environmentProblem,
  lookPath,
  setRlimits,
  setUpConsole,
} from './process.ts';
import type { Spec, SpecNamespace, SpecProcess } from './spec.ts';
import type { ContainerState } from './state.ts';
import { goErrno, NAMESPACE_TYPES, type RuncFailure } from './validate.ts';

const FAILED = 'unable to start container process: ';

/** Where the container has handed out controllers of its own, its first process's group takes the new one (cgroup v2). */
function* joinInit(p: Process, state: ContainerState, pid: number): Routine<Errno | undefined> {
  const bytes = yield* readFile(p, `/proc/${state.init_process_pid}/cgroup`);
  if (isErrno(bytes)) return bytes;
  const [, path = ''] = /^0::(.*)$/m.exec(decode(bytes)) ?? [];
  return yield* writeControl(p, `/sys/fs/cgroup${path}/cgroup.procs`, String(pid));
}

/** Starts a process in a container; a task that is our child. */
export function* execInContainer(
  p: Process,
  state: ContainerState,
  process: SpecProcess,
  onConsole: (master: OpenFile) => string | undefined,
): Routine<Task | RuncFailure> {
  const handshake = new Handshake();
  const joined = (state.spec.linux?.namespaces ?? []).map(
    ({ type }): SpecNamespace => ({
      type,
      path: `/proc/${state.init_process_pid}/ns/${NAMESPACE_TYPES[type] ?? type}`,
    }),
  );
  const body = (child: Process): Routine<number> => execBody(child, state.spec, process, handshake);
  const task = yield* cloneThrough(p, joined, (middle) => middle.clone(0x8000, body));
  if (typeof task === 'string') return { failure: `${FAILED}${task}` };
  const pid = task.pidIn(p.task.pidNamespace);
  let placed = yield* writeControl(p, `${state.cgroup}/cgroup.procs`, String(pid));
  if (placed?.name === 'EBUSY') placed = yield* joinInit(p, state, pid);
  if (placed) {
    p.kill(pid, 9);
    yield* p.wait(pid);
    return {
      failure: `${FAILED}error executing setns process: error adding pid ${pid} to cgroups: failed to write ${pid}: openat2 ${state.cgroup}/cgroup.procs: ${goErrno(placed.message)}`,
    };
  }
  p.simulation.because(`runc exec in container ${state.id}`, {
    kind: 'process',
    name: String(task.pid),
    machine: p.task.kernel.first.uts.hostname,
  });
  handshake.tell((h) => {
    h.mayGo = true;
  });
  const alive = yield* handshake.until(
    p,
    () => task,
    () => handshake.ready || handshake.error !== undefined,
  );
  if (handshake.error !== undefined || !alive) {
    yield* p.wait(pid);
    return {
      failure: `${FAILED}${handshake.error ?? 'error executing setns process: exit status 1'}`,
    };
  }
  const problem = handshake.console && onConsole(handshake.console);
  if (problem !== undefined) return { failure: problem };
  return task;
}

function* execBody(
  p: Process,
  spec: Spec,
  process: SpecProcess,
  handshake: Handshake,
): Routine<number> {
  p.task.leader.process.argv = ['runc', 'init'];
  p.task.name = 'runc:[2:INIT]';
  yield* handshake.until(
    p,
    () => p.task.leader.parent,
    () => handshake.mayGo,
  );
  p.setsid();
  const environment = yield* environmentOf(p, process);
  const problem = environmentProblem(process) ?? setUp(p, spec, process, handshake);
  const found = lookPath(p, process.args?.[0] ?? '', environment.get('PATH'));
  const error = problem ?? ('problem' in found ? found.problem : undefined);
  if (error !== undefined || 'problem' in found) {
    handshake.tell((h) => {
      h.error = error;
    });
    return 1;
  }
  handshake.tell((h) => {
    h.ready = true;
  });
  const failure = p.exec(found.path, process.args ?? [], environment);
  yield* p.write(2, encode(`exec ${found.path}: ${goErrno(failure.message)}\n`));
  return 255;
}

function setUp(
  p: Process,
  spec: Spec,
  process: SpecProcess,
  handshake: Handshake,
): string | undefined {
  if (process.terminal) {
    const problem = setUpConsole(p, handshake, false);
    if (problem !== undefined) return problem;
  }
  if (process.noNewPrivileges) p.setNoNewPrivileges();
  if (spec.linux?.seccomp) p.setSeccomp(2);
  if (process.oomScoreAdj !== undefined) p.task.leader.process.oomScoreAdjust = process.oomScoreAdj;
  const limits = setRlimits(p, process);
  if (limits !== undefined) return `error setting rlimits for ready process: ${limits}`;
  const directory = enterDirectory(p, process.cwd);
  return becomeUser(p, process) ?? directory;
}

/** True where a wait can go on after a signal was handled. */
export function interrupted(value: unknown): boolean {
  return isErrno(value) && value.name === 'EINTR';
}
