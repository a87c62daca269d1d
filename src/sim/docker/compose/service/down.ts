// Stopping and removing containers, and whole projects.

import type { Routine } from '../../../core/wait.ts';
import { filterQuery, isCallError } from '../../cli/api.ts';
import { answered } from '../cli/call.ts';
import { dependents, imageOf, type Project, type Service } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import {
  containersOf,
  eventName,
  isOneOff,
  LABEL,
  orphansOf,
  serviceOf,
  type Summary,
} from './containers.ts';
import { runHook } from './hooks.ts';
import { findImage } from './images.ts';
import { asLaunched, inOrder, together } from './parallel.ts';
import { removeNetwork, removeResource, volumeExists, type Work } from './resources.ts';

export interface StopOptions {
  /** Seconds until a container is killed; undefined: its own. */
  readonly timeout?: number | undefined;
  readonly volumes?: boolean;
}

/** Stops one container. False where it was gone already. */
export function* stopContainer(
  { api, progress }: Work,
  container: Summary,
  service: Service | undefined,
  { timeout }: StopOptions,
): Routine<boolean> {
  const event = eventName(container);
  yield* progress.working(event, 'Stopping');
  for (const hook of service?.pre_stop ?? [])
    if (container.State === 'running') yield* runHook(api, container, hook);
  const query = timeout === undefined ? {} : { t: String(timeout) };
  const stopped = yield* api.post(`/containers/${container.Id}/stop`, query);
  if (isCallError(stopped)) {
    if (stopped.status === 404) return false;
    yield* progress.event(event, 'error', 'Error while Stopping');
    throw new ComposeProblem(stopped.text);
  }
  yield* progress.done(event, 'Stopped');
  return true;
}

/** Stops and removes one container. */
export function* stopAndRemove(
  work: Work,
  container: Summary,
  service: Service | undefined,
  options: StopOptions,
): Routine<void> {
  const { api, progress } = work;
  const event = eventName(container);
  if (!(yield* stopContainer(work, container, service, options))) {
    yield* progress.done(event, 'Removed');
    return;
  }
  yield* progress.working(event, 'Removing');
  const removed = yield* api.call('DELETE', `/containers/${container.Id}`, {
    force: true,
    v: options.volumes ?? false,
  });
  if (isCallError(removed) && removed.status !== 404 && removed.status !== 409) {
    yield* progress.event(event, 'error', 'Error while Removing');
    throw new ComposeProblem(removed.text);
  }
  yield* progress.done(event, 'Removed');
}

/** Visits services, those first on which nothing depends. */
export function reverseOrder(
  work: Work,
  names: readonly string[],
  visit: (name: string, work: Work) => Routine<void>,
): Routine<void> {
  return inOrder(
    work.api.process,
    names,
    (name) => dependents(work.project, name),
    (name, thread) => visit(name, { ...work, api: work.api.with(thread) }),
  );
}

export interface DownOptions extends StopOptions {
  readonly services: readonly string[];
  readonly removeOrphans: boolean;
  readonly images: string;
}

/** Stops and removes what belongs to a project. `known` is false where only its name was given. */
export function* down(work: Work, options: DownOptions, known: boolean): Routine<void> {
  const { api, project, warn } = work;
  const containers = yield* containersOf(api, project.name, {
    oneOff: options.removeOrphans ? 'include' : 'exclude',
    all: true,
  });
  const selected = options.services.filter((name) => {
    if (name in project.services) return true;
    if (known) throw new ComposeProblem(`no such service: ${name}: not found`);
    return false;
  });
  if (options.services.length > 0 && selected.length === 0) return;
  const names =
    selected.length > 0 ? withAncestors(project, selected) : Object.keys(project.services);
  yield* reverseOrder(work, names.sort(), (name, own) =>
    together(
      own.api.process,
      asLaunched(containers.filter((one) => serviceOf(one) === name)),
      (container, thread) =>
        stopAndRemove(
          { ...own, api: own.api.with(thread) },
          container,
          project.services[name],
          options,
        ),
    ),
  );
  const orphans = options.removeOrphans ? orphansOf(project, containers) : [];
  yield* together(api.process, orphans, (orphan, thread) =>
    stopAndRemove({ ...work, api: api.with(thread) }, orphan, undefined, {
      timeout: options.timeout,
    }),
  );
  const removed = yield* removeResources(work, options);
  if (containers.length === 0 && removed === 0)
    yield* warn(`Warning: No resource found to remove for project "${project.name}".`);
}

/** The named services and all that depend on them. */
function withAncestors(project: Project, names: readonly string[]): string[] {
  const all = new Set<string>();
  const add = (name: string): void => {
    if (all.has(name)) return;
    all.add(name);
    dependents(project, name).forEach(add);
  };
  names.forEach(add);
  return [...all];
}

/** Images and volumes where asked, and networks, all at once; how many there were to look at. */
function* removeResources(work: Work, options: DownOptions): Routine<number> {
  const { api, project } = work;
  const networks = Object.entries(project.networks).filter(([, one]) => !one.external);
  const volumes = options.volumes
    ? Object.values(project.volumes).filter((one) => !one.external)
    : [];
  const images = options.images === '' ? [] : yield* imagesToRemove(work, options.images);
  const tasks: ((own: Work) => Routine<void>)[] = [
    ...images.map(
      (image) => (own: Work) =>
        removeResource(own, `Image ${image}`, `/images/${encodeURIComponent(image)}`),
    ),
    ...volumes.map(
      ({ name }) =>
        function* (own: Work): Routine<void> {
          if (!(yield* volumeExists(own, name))) return;
          const path = `/volumes/${encodeURIComponent(name)}`;
          yield* removeResource(own, `Volume ${name}`, path, { force: true });
        },
    ),
    ...networks.map(
      ([key, network]) =>
        (own: Work) =>
          removeNetwork(own, key, network),
    ),
  ];
  yield* together(api.process, tasks, (task, thread) => task({ ...work, api: api.with(thread) }));
  return tasks.length;
}

/** `all`: every image of the services; `local`: those that were built here. */
function* imagesToRemove({ api, project }: Work, mode: string): Routine<string[]> {
  const names = new Set<string>();
  for (const service of Object.values(project.services)) {
    const image = imageOf(service, project);
    if (mode === 'local' && (service.image || !service.build)) continue;
    if (yield* findImage(api, image)) names.add(image.includes(':') ? image : `${image}:latest`);
  }
  return [...names];
}

/** The project that containers, networks and volumes of a name make, where there is no file. */
export function* projectFromName(work: Omit<Work, 'project'>, name: string): Routine<Project> {
  const { api } = work;
  const containers = yield* containersOf(api, name, { oneOff: 'exclude', all: true });
  const services: Record<string, Service> = {};
  for (const container of containers.filter((one) => !isOneOff(one))) {
    const own = serviceOf(container);
    const depends = (container.Labels[LABEL.dependsOn] ?? '')
      .split(',')
      .filter((one) => one !== '');
    services[own] = {
      name: own,
      image: container.Image,
      depends_on: Object.fromEntries(
        depends.map((spec) => {
          const [other = '', condition = 'service_started', restart = 'false'] = spec.split(':');
          return [other, { condition, required: false, restart: restart === 'true' }];
        }),
      ),
    };
  }
  const filters = filterQuery([`label=${LABEL.project}=${name}`]);
  type Resource = { Name: string; Labels: Readonly<Record<string, string>> | null };
  const networks = answered(yield* api.get<Resource[]>('/networks', { filters }));
  const volumes = answered(yield* api.get<{ Volumes: Resource[] | null }>('/volumes', { filters }));
  const named = (label: string, list: readonly Resource[]): Record<string, { name: string }> =>
    Object.fromEntries(list.map((one) => [one.Labels?.[label] ?? one.Name, { name: one.Name }]));
  return {
    name,
    workingDir: '',
    files: [],
    environment: new Map(),
    services,
    disabled: {},
    networks: named(LABEL.network, networks),
    volumes: named(LABEL.volume, volumes.Volumes ?? []),
    secrets: {},
    configs: {},
    models: {},
    extensions: {},
    envFiles: [],
    profiles: [],
  };
}
