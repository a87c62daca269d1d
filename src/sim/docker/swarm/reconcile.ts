// Keeping services at what they ask for: the orchestrator makes tasks, the agent runs each as a container, and a task whose
// container ended is followed by another as the restart policy says.

import { SECOND } from '../../core/time.ts';
import { zeroHostConfig } from '../daemon/zero-values.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { stopContainer } from '../daemon/control.ts';
import { createContainer } from '../daemon/create.ts';
import { ApiError, type Container, type Dockerd, isAlive } from '../daemon/model.ts';
import { removeContainer } from '../daemon/remove.ts';
import { startContainer } from '../daemon/start.ts';
import type { CreateRequest, HostConfig, MountRequest } from '../daemon/types.ts';
import { removeTaskFiles, writeTaskFiles } from './task-files.ts';
import { updateTasks } from './update.ts';
import { pullMissing } from './pull.ts';
import {
  replicasOf,
  type Service,
  type ServiceSpec,
  type Swarm,
  swarmId,
  type Task,
  tasksOf,
} from './model.ts';

/** Tasks of a slot that are kept when they have ended. */
const HISTORY = 5;
const RESTART_DELAY = 5 * SECOND;

/** Brings a service's tasks to what its spec says; each change runs on its own thread. */
export function reconcile(daemon: Dockerd, swarm: Swarm, service: Service): void {
  const current = swarm.services.get(service.id);
  const wanted = current && swarm.availability !== 'drain' ? replicasOf(service.spec) : 0;
  if (!current) daemon.thread((thread) => clear(daemon, swarm, service, thread));
  const live = tasksOf(swarm, service).filter((task) => task.desired === 'running');
  const outdated = new Map<number, Task>();
  for (const task of live) {
    if (task.slot > wanted) endTask(daemon, swarm, task);
    else if (!sameTask(task.spec, service.spec)) outdated.set(task.slot, task);
  }
  for (let slot = 1; slot <= wanted; slot++)
    if (!live.some((task) => task.slot === slot)) beginTask(daemon, swarm, service, slot);
  if (outdated.size === 0 && service.update?.State !== 'rollback_started') return;
  const actions = {
    begin: (slot: number) => beginTask(daemon, swarm, service, slot),
    end: (task: Task) => endTask(daemon, swarm, task),
    back() {
      service.spec = JSON.parse(JSON.stringify(service.previous ?? service.spec)) as ServiceSpec;
      service.previous = undefined;
      service.version = ++swarm.index;
      reconcile(daemon, swarm, service);
    },
  };
  daemon.thread((thread) => updateTasks(daemon, swarm, thread, service, outdated, actions));
}

/** After a start of the daemon: tasks that were running have ended with the last one, and others take their places. */
export function* superviseTasks(daemon: Dockerd, swarm: Swarm): Routine<void> {
  for (const task of swarm.tasks.values()) {
    if (task.desired !== 'running') continue;
    task.desired = 'shutdown';
    const code = daemon.containers.get(task.container)?.state.exitCode ?? 0;
    task.error = code === 0 ? '' : `task: non-zero exit (${code})`;
    change(swarm, task, daemon.now, code === 0 ? 'complete' : 'failed');
  }
  for (const service of swarm.services.values()) reconcile(daemon, swarm, service);
}

/** True for specs whose tasks are alike: what else changes needs no new tasks. */
function sameTask(a: ServiceSpec, b: ServiceSpec): boolean {
  const task = ({ TaskTemplate, EndpointSpec }: ServiceSpec): string =>
    JSON.stringify([TaskTemplate, EndpointSpec]);
  return a === b || task(a) === task(b);
}

/** Removes what ended tasks of a service have left, when the service is gone. */
function* clear(daemon: Dockerd, swarm: Swarm, service: Service, thread: Process): Routine<void> {
  for (const task of tasksOf(swarm, service)) {
    const container = daemon.containers.get(task.container);
    if (task.desired === 'running' || (container && isAlive(container))) continue;
    if (container)
      yield* removeContainer(daemon, thread, container, { force: true, volumes: true });
    swarm.tasks.delete(task.id);
  }
}

function change(swarm: Swarm, task: Task, now: number, state: Task['state']): void {
  task.state = state;
  task.changed = now;
  swarm.index++;
  swarm.changed.wake();
}

function beginTask(daemon: Dockerd, swarm: Swarm, service: Service, slot: number): Task {
  const task: Task = {
    id: swarmId(daemon.process),
    service,
    spec: service.spec,
    slot,
    created: daemon.now,
    state: 'preparing',
    changed: daemon.now,
    desired: 'running',
    container: '',
    error: '',
  };
  swarm.tasks.set(task.id, task);
  daemon.thread((thread) => runTask(daemon, swarm, task, thread));
  return task;
}

function endTask(daemon: Dockerd, swarm: Swarm, task: Task): void {
  task.desired = 'shutdown';
  const container = daemon.containers.get(task.container);
  if (!container) {
    change(swarm, task, daemon.now, 'shutdown');
    return;
  }
  daemon.thread(function* (thread) {
    yield* stopContainer(daemon, thread, container, { seconds: 10, signal: undefined });
  });
}

function* runTask(daemon: Dockerd, swarm: Swarm, task: Task, thread: Process): Routine<void> {
  const { service, spec } = task;
  const name = `${spec.Name}.${spec.Mode.Global ? swarm.node : task.slot}.${task.id}`;
  yield* pullMissing(daemon, thread, spec.TaskTemplate.ContainerSpec.Image);
  const files = writeTaskFiles(thread, swarm, task);
  const made =
    typeof files === 'string'
      ? new ApiError(500, files)
      : yield* createContainer(daemon, thread, name, requestOf(swarm, task, files));
  if (made instanceof ApiError) {
    task.error =
      made.status === 404
        ? `No such image: ${spec.TaskTemplate.ContainerSpec.Image}`
        : made.message;
    change(swarm, task, daemon.now, 'rejected');
    yield* again(daemon, swarm, task, thread);
    return;
  }
  task.container = made.id;
  change(swarm, task, daemon.now, 'starting');
  const failed = yield* startContainer(daemon, thread, made);
  if (failed) {
    task.error = `starting container failed: ${failed.message}`;
    change(swarm, task, daemon.now, 'failed');
    yield* again(daemon, swarm, task, thread);
    return;
  }
  if (task.desired === 'running') change(swarm, task, daemon.now, 'running');
  else endTask(daemon, swarm, task);
  while (isAlive(made)) yield { on: [made.changed] };
  removeTaskFiles(thread, task);
  yield* settle(daemon, swarm, task, thread, made);
  yield* prune(daemon, swarm, service, task.slot, thread);
}

/** A container has ended: was it to? */
function* settle(
  daemon: Dockerd,
  swarm: Swarm,
  task: Task,
  thread: Process,
  container: Container,
): Routine<void> {
  if (task.desired === 'shutdown') {
    change(swarm, task, daemon.now, 'shutdown');
    if (!swarm.services.has(task.service.id)) {
      yield* removeContainer(daemon, thread, container, { force: true, volumes: true });
      swarm.tasks.delete(task.id);
    }
    return;
  }
  const { exitCode } = container.state;
  if (exitCode !== 0) task.error = `task: non-zero exit (${exitCode})`;
  change(swarm, task, daemon.now, exitCode === 0 ? 'complete' : 'failed');
  yield* again(daemon, swarm, task, thread);
}

/** Another task for the slot, after a while, where the restart policy asks for one. */
function* again(daemon: Dockerd, swarm: Swarm, task: Task, thread: Process): Routine<void> {
  const policy = task.spec.TaskTemplate.RestartPolicy;
  const condition = policy?.Condition ?? 'any';
  const before = tasksOf(swarm, task.service).filter((one) => one.slot === task.slot).length;
  const most = policy?.MaxAttempts ?? 0;
  const wanted = condition === 'any' || (condition === 'on-failure' && task.state !== 'complete');
  task.desired = 'shutdown';
  if (!wanted || (most > 0 && before > most)) return;
  yield* thread.sleep(policy?.Delay ?? RESTART_DELAY);
  const service = swarm.services.get(task.service.id);
  if (!service || swarm.over || daemon.ending || !sameTask(service.spec, task.spec)) return;
  if (task.slot <= replicasOf(service.spec)) beginTask(daemon, swarm, service, task.slot);
}

function* prune(
  daemon: Dockerd,
  swarm: Swarm,
  service: Service,
  slot: number,
  thread: Process,
): Routine<void> {
  const ended = tasksOf(swarm, service).filter(
    (task) => task.slot === slot && task.desired === 'shutdown',
  );
  for (const task of ended.slice(HISTORY)) {
    const container = daemon.containers.get(task.container);
    if (container)
      yield* removeContainer(daemon, thread, container, { force: true, volumes: true });
    swarm.tasks.delete(task.id);
  }
}

/** Published ports lead to the first task of a service. */
function portsOf({ spec, slot }: Task): HostConfig['PortBindings'] {
  if (slot !== 1) return {};
  return Object.fromEntries(
    (spec.EndpointSpec?.Ports ?? []).map((port) => [
      `${port.TargetPort}/${port.Protocol}`,
      [{ HostIp: '', HostPort: String(port.PublishedPort ?? '') }],
    ]),
  );
}

function aliasesOn(spec: ServiceSpec, network: string): readonly string[] {
  const networks = spec.TaskTemplate.Networks ?? [];
  return networks.find(({ Target }) => Target === network)?.Aliases ?? [];
}

function networksOf(spec: ServiceSpec): readonly string[] {
  const names = (spec.TaskTemplate.Networks ?? []).map(({ Target }) => Target);
  return names.length > 0 ? names : ['bridge'];
}

function requestOf(swarm: Swarm, task: Task, files: readonly MountRequest[]): CreateRequest {
  const { spec } = task;
  const { ContainerSpec: container, Resources } = spec.TaskTemplate;
  const networks = networksOf(spec);
  return {
    Hostname: container.Hostname ?? '',
    Domainname: '',
    User: container.User ?? '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: container.Env ?? [],
    Cmd: container.Args ?? null,
    Image: container.Image,
    WorkingDir: container.Dir ?? '',
    Entrypoint: container.Command ?? null,
    Labels: {
      ...container.Labels,
      'com.docker.swarm.node.id': swarm.node,
      'com.docker.swarm.service.id': task.service.id,
      'com.docker.swarm.service.name': spec.Name,
      'com.docker.swarm.task': '',
      'com.docker.swarm.task.id': task.id,
      'com.docker.swarm.task.name': `${spec.Name}.${task.slot}.${task.id}`,
    },
    HostConfig: hostConfig(task, networks[0] ?? 'bridge', Resources?.Limits, files),
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(
        networks.map((network) => [
          network,
          network === 'bridge'
            ? {}
            : { Aliases: [spec.Name, `tasks.${spec.Name}`, ...aliasesOn(spec, network)] },
        ]),
      ),
    },
  };
}

function hostConfig(
  task: Task,
  network: string,
  limits: { NanoCPUs?: number; MemoryBytes?: number } | undefined,
  files: readonly MountRequest[],
): HostConfig {
  const mounts = task.spec.TaskTemplate.ContainerSpec.Mounts ?? [];
  return zeroHostConfig({
    NetworkMode: network,
    PortBindings: portsOf(task) ?? {},
    Memory: limits?.MemoryBytes ?? 0,
    NanoCpus: limits?.NanoCPUs ?? 0,
    Mounts: [
      ...mounts.map((mount) => ({ ...mount, Type: mount.Type as 'bind' | 'volume' | 'tmpfs' })),
      ...files,
    ],
  });
}
