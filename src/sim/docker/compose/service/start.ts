// Starting the containers of a project in the order of their dependencies, waiting for what depends_on asks for.

import { MILLISECOND, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { Content } from '../../../core/content.ts';
import { encode } from '../../../core/text.ts';
import { writeTar } from '../../../containers/images/tar.ts';
import { answered } from '../cli/call.ts';
import {
  type Dependency,
  type Project,
  scaleOf,
  type Service,
  sortedEntries,
} from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import {
  containersOf,
  eventName,
  inspect,
  isOneOff,
  nameOf,
  serviceOf,
  type Summary,
} from './containers.ts';
import { runHook } from './hooks.ts';
import { inOrder, together } from './parallel.ts';
import type { Work } from './resources.ts';

export interface StartOptions {
  readonly wait: boolean;
  /** Seconds; 0 for ever. */
  readonly waitTimeout: number;
}

const RUNNING_OR_HEALTHY = 'running_or_healthy';

/** Starts every service of the project. */
export function* start(work: Work, options: StartOptions): Routine<void> {
  const { api, project } = work;
  const containers = yield* containersOf(api, project.name, { oneOff: 'exclude', all: true });
  yield* inOrder(
    api.process,
    Object.keys(project.services).sort(),
    (name) => Object.keys(project.services[name]?.depends_on ?? {}),
    (name, thread) =>
      startService({ ...work, api: api.with(thread) }, name, containers, options.waitTimeout),
  );
  if (!options.wait) return;
  const wanted = Object.fromEntries(
    Object.keys(project.services).map((name) => [
      name,
      { condition: waitCondition(project, name), required: true },
    ]),
  );
  yield* waitFor(work, project.name, wanted, containers, {
    seconds: options.waitTimeout,
    late: `application not healthy after ${options.waitTimeout}s`,
  });
}

/** A service that others wait for until it has ended is waited for in the same way. */
function waitCondition(project: Project, name: string): string {
  const completes = Object.values(project.services).some(
    ({ depends_on }) => depends_on?.[name]?.condition === 'service_completed_successfully',
  );
  return completes ? 'service_completed_successfully' : RUNNING_OR_HEALTHY;
}

function* startService(
  work: Work,
  name: string,
  containers: readonly Summary[],
  waitTimeout: number,
): Routine<void> {
  const { api, progress, project } = work;
  const service = project.services[name];
  if (!service || service.deploy?.replicas === 0) return;
  yield* waitFor(work, name, service.depends_on ?? {}, containers, {
    seconds: waitTimeout,
    late: 'timeout waiting for dependencies',
  });
  if (containers.length === 0) {
    if (scaleOf(service) === 0) return;
    throw new ComposeProblem(`service ${JSON.stringify(name)} has no container to start`);
  }
  const own = containers.filter((one) => serviceOf(one) === name && !isOneOff(one));
  for (const container of own) {
    if (container.State === 'running') continue;
    yield* injectFiles(work, service, container.Id);
    const event = eventName(container);
    yield* progress.working(event, 'Starting');
    answered(yield* api.post(`/containers/${container.Id}/start`));
    for (const hook of service.post_start ?? []) yield* runHook(api, container, hook);
    yield* progress.done(event, 'Started');
  }
}

/** Secrets and configs that are no files are written into the container. */
export function* injectFiles(work: Work, service: Service, id: string): Routine<void> {
  const { api, project } = work;
  for (const kind of ['secret', 'config'] as const) {
    const references = (kind === 'secret' ? service.secrets : service.configs) ?? [];
    for (const { source, target, uid, gid, mode } of references) {
      const object = (kind === 'secret' ? project.secrets : project.configs)[source];
      const variable = object?.environment;
      const content =
        object?.content ?? (variable ? project.environment.get(variable) : undefined) ?? '';
      if (variable && !object.content && !project.environment.has(variable))
        throw new ComposeProblem(
          `environment variable ${JSON.stringify(variable)} required by ${kind} ${JSON.stringify(object.name)} is not set`,
        );
      if (content === '') continue;
      if (service.read_only)
        throw new ComposeProblem(
          `cannot create ${kind} ${JSON.stringify(object?.name)} in read-only service ${service.name}: \`file\` is the sole supported option`,
        );
      const wanted = target || source;
      const path = wanted.startsWith('/') || kind === 'config' ? wanted : `/run/secrets/${wanted}`;
      const archive = writeTar([
        {
          name: path.replace(/^\//, ''),
          kind: 'file',
          mode: mode ?? 0o444,
          uid: Number(uid ?? 0),
          gid: Number(gid ?? 0),
          mtime: 0,
          content: encode(content),
        },
      ]);
      answered(
        yield* api.open(
          'PUT',
          `/containers/${id}/archive`,
          { path: '/' },
          Content.ofBytes(archive),
          { 'content-type': 'application/x-tar' },
        ),
      );
    }
  }
}

interface Deadline {
  readonly seconds: number;
  readonly late: string;
}

/** Waits until dependencies are as their conditions say. */
export function* waitFor(
  work: Work,
  dependent: string,
  dependencies: Readonly<Record<string, Dependency>>,
  containers: readonly Summary[],
  deadline: Deadline = { seconds: 0, late: '' },
): Routine<void> {
  const { api, progress, project, warn } = work;
  const until =
    deadline.seconds > 0 ? api.process.now + deadline.seconds * SECOND : Number.POSITIVE_INFINITY;
  const waiting: { name: string; dependency: Dependency; own: Summary[] }[] = [];
  for (const [name, dependency] of sortedEntries(dependencies)) {
    if (dependency.condition === 'service_started') continue;
    const service = project.services[name];
    if (!service) {
      if (name in project.disabled) continue;
      throw new ComposeProblem(`no such service: ${name}: not found`);
    }
    if (scaleOf(service) === 0) continue;
    const own = containers.filter((one) => serviceOf(one) === name && !isOneOff(one));
    for (const one of own) yield* progress.working(eventName(one), 'Waiting');
    if (own.length > 0) waiting.push({ name, dependency, own });
    else if (dependency.required)
      throw new ComposeProblem(`${dependent} is missing dependency ${name}`);
    else yield* warn(`${dependent} is missing dependency ${name}`);
  }
  yield* together(api.process, waiting, function* ({ name, dependency, own }, thread) {
    const mine = { ...work, api: api.with(thread) };
    while (!(yield* isThere(mine, thread, name, dependency, own)))
      if (thread.now >= until) throw new ComposeProblem(deadline.late);
  });
}

/** Looks after half a second whether a dependency is as it should be. */
function* isThere(
  work: Work,
  thread: Process,
  name: string,
  dependency: Dependency,
  own: readonly Summary[],
): Routine<boolean> {
  const { progress, warn } = work;
  yield* thread.sleep(500 * MILLISECOND);
  const tell = function* (status: 'done' | 'warning' | 'error', text: string): Routine<void> {
    for (const one of own) yield* progress.event(eventName(one), status, text);
  };
  const optional = function* (reason: string, detail: string): Routine<boolean> {
    yield* tell('warning', `Skipped: optional dependency ${reason}`);
    yield* warn(`optional dependency ${reason}${detail}`);
    return true;
  };
  const { condition, required } = dependency;
  if (condition === 'service_completed_successfully') {
    const code = yield* completed(work, own);
    if (code === undefined) return false;
    const words = `${JSON.stringify(name)} didn't complete successfully: exit ${code}`;
    if (code === 0) yield* tell('done', 'Exited');
    else if (!required) return yield* optional(words, '');
    else {
      yield* tell('error', `service ${words}`);
      throw new ComposeProblem(`service ${words}`);
    }
    return true;
  }
  const healthy = yield* health(work, own, condition === RUNNING_OR_HEALTHY);
  if (healthy === true) yield* tell('done', 'Healthy');
  if (typeof healthy === 'boolean') return healthy;
  if (condition === RUNNING_OR_HEALTHY) {
    if (required) throw new ComposeProblem(healthy);
    return yield* optional(
      `${JSON.stringify(name)} is not running or is unhealthy`,
      `: ${healthy}`,
    );
  }
  if (!required) return yield* optional(`${JSON.stringify(name)} failed to start`, `: ${healthy}`);
  yield* tell('error', 'Error');
  throw new ComposeProblem(`dependency failed to start: ${healthy}`);
}

/** True or false; a text where it never will be. */
function* health(
  { api }: Work,
  own: readonly Summary[],
  fallback: boolean,
): Routine<boolean | string> {
  for (const { Id } of own) {
    const { Name, State, Config } = yield* inspect(api, Id);
    const name = nameOf({ Names: [Name] });
    if (State.Status === 'exited') return `container ${name} exited (${State.ExitCode})`;
    if (!Config.Healthcheck && fallback) return State.Status === 'running';
    if (!State.Health) return `container ${name} has no healthcheck configured`;
    if (State.Health.Status === 'unhealthy') return `container ${name} is unhealthy`;
    if (State.Health.Status !== 'healthy') return false;
  }
  return true;
}

function* completed({ api }: Work, own: readonly Summary[]): Routine<number | undefined> {
  for (const { Id } of own) {
    const { State } = yield* inspect(api, Id);
    if (State.Status === 'exited') return State.ExitCode;
  }
  return undefined;
}
