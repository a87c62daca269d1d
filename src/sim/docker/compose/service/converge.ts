// Bringing a project's containers to what its file says: missing ones are made, those whose configuration or image changed
// are made again, those too many go.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isCallError } from '../../cli/api.ts';
import { answered } from '../cli/call.ts';
import { serviceHash } from '../model/hash.ts';
import {
  dependents,
  type Project,
  scaleOf,
  type Service,
  sortedEntries,
} from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import {
  containersOf,
  eventName,
  isOneOff,
  LABEL,
  madeSummary,
  nameOf,
  numberOf,
  orphansOf,
  serviceOf,
  type Summary,
  VERSION,
} from './containers.ts';
import { stopAndRemove, stopContainer } from './down.ts';
import { ensureImages, findImage, type ImageOptions } from './images.ts';
import { asLaunched, inOrder, together } from './parallel.ts';
import { createRequest } from './request.ts';
import { ensureNetworks, ensureVolumes, type Work } from './resources.ts';

export type Recreate = 'diverged' | 'force' | 'never';

export interface CreateOptions extends ImageOptions {
  /** The services named on the command line: those alone are recreated by force. */
  readonly services: readonly string[];
  readonly recreate: Recreate;
  readonly recreateDependencies: Recreate;
  readonly removeOrphans: boolean;
  readonly ignoreOrphans: boolean;
  /** Volumes without names go on with a container that takes another's place. */
  readonly inherit: boolean;
  readonly timeout: number | undefined;
}

/** What one run of converge knows. */
interface State {
  readonly work: Work;
  readonly options: CreateOptions;
  readonly observed: Map<string, Summary[]>;
  readonly networks: ReadonlyMap<string, string>;
  readonly volumes: ReadonlyMap<string, string>;
  readonly images: ReadonlyMap<string, string>;
}

/** Creates whatever is missing of a project. */
export function* create(work: Work, options: CreateOptions): Routine<void> {
  const { api, project, warn } = work;
  const images = yield* ensureImages(work, options);
  const networks = yield* ensureNetworks(work);
  const volumes = yield* ensureVolumes(work);
  const all = yield* containersOf(api, project.name, { oneOff: 'include', all: true });
  const orphans = orphansOf(project, all);
  if (orphans.length > 0 && !options.ignoreOrphans) {
    if (options.removeOrphans)
      yield* together(api.process, orphans, (orphan, thread) =>
        stopAndRemove({ ...work, api: api.with(thread) }, orphan, undefined, {}),
      );
    else
      yield* warn(
        `Found orphan containers ([${orphans.map(nameOf).join(' ')}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
      );
  }
  const observed = new Map<string, Summary[]>();
  for (const one of all.filter((container) => !isOneOff(container)))
    observed.set(serviceOf(one), [...(observed.get(serviceOf(one)) ?? []), one]);
  const state: State = { work, options, observed, networks, volumes, images };
  yield* inOrder(
    api.process,
    Object.keys(project.services).sort(),
    (name) => Object.keys(project.services[name]?.depends_on ?? {}),
    (name, thread) => ensureService(state, name, thread),
  );
}

function* ensureService(state: State, name: string, thread: Process): Routine<void> {
  const { options, observed } = state;
  const work = { ...state.work, api: state.work.api.with(thread) };
  const declared = work.project.services[name];
  if (!declared) return;
  if (declared.provider)
    throw new ComposeProblem('drydock: services with a provider are not simulated');
  const service = resolveReferences(state, declared);
  const named = options.services.length === 0 || options.services.includes(name);
  const policy = named ? options.recreate : options.recreateDependencies;
  const wanted = scaleOf(service);
  if (service.container_name && wanted > 1)
    throw new ComposeProblem(
      `WARNING: The ${JSON.stringify(name)} service is using the custom container name ${JSON.stringify(service.container_name)}. Docker requires each container to have a unique name. Remove the custom name to scale the service`,
    );
  const before = (observed.get(name) ?? []).map((container) => ({
    container,
    obsolete: mustRecreate(state, service, container, policy),
  }));
  before.sort(
    (a, b) =>
      Number(a.obsolete) - Number(b.obsolete) || numberOf(a.container) - numberOf(b.container),
  );
  const kept: Summary[] = [];
  const tasks: ((own: Process) => Routine<void>)[] = [];
  for (const [i, { container, obsolete }] of before.entries()) {
    if (i >= wanted)
      tasks.push((own) =>
        stopAndRemove({ ...work, api: work.api.with(own) }, container, service, options),
      );
    else if (obsolete) {
      yield* stopDependents(state, work, name);
      tasks.push(function* (own) {
        kept.push(yield* recreate(state, { ...work, api: work.api.with(own) }, service, container));
      });
    } else {
      if (container.State === 'running') yield* work.progress.done(eventName(container), 'Running');
      kept.push(container);
    }
  }
  const next = Math.max(0, ...before.map(({ container }) => numberOf(container))) + 1;
  for (let i = 0; i < wanted - before.length; i++)
    tasks.push(function* (own) {
      kept.push(
        yield* addContainer(state, { ...work, api: work.api.with(own) }, service, next + i),
      );
    });
  yield* together(thread, asLaunched(tasks), (task, own) => task(own));
  observed.set(name, kept);
}

/** `service:db` becomes the container that runs it. */
function resolveReferences(state: State, service: Service): Service {
  const first = (name: string, what: string): string => {
    const [one] = [...(state.observed.get(name) ?? [])].sort((a, b) =>
      nameOf(a) < nameOf(b) ? -1 : 1,
    );
    if (!one)
      throw new ComposeProblem(`cannot share ${what} with service ${name}: container missing`);
    return one.Id;
  };
  const mode = (value: string | undefined, what: string): string | undefined =>
    value?.startsWith('service:')
      ? `container:${first(value.slice('service:'.length), what)}`
      : value;
  const from = service.volumes_from?.map((spec) => {
    const [name = '', ...rest] = spec.split(':');
    const id = name === 'container' ? (rest.shift() ?? '') : first(name, 'volume');
    return [id, ...rest].join(':');
  });
  const network_mode = mode(service.network_mode, 'network namespace');
  const ipc = mode(service.ipc, 'IPC namespace');
  const pid = mode(service.pid, 'PID namespace');
  return {
    ...service,
    ...(network_mode === undefined ? {} : { network_mode }),
    ...(ipc === undefined ? {} : { ipc }),
    ...(pid === undefined ? {} : { pid }),
    ...(from === undefined ? {} : { volumes_from: from }),
  };
}

function mustRecreate(state: State, service: Service, actual: Summary, policy: Recreate): boolean {
  if (policy !== 'diverged') return policy === 'force';
  const { work, images, networks, volumes } = state;
  const image = images.get(service.image ?? `${work.project.name}-${service.name}`);
  if (actual.Labels[LABEL.configHash] !== serviceHash(service)) return true;
  if (actual.Labels[LABEL.image] !== image) return true;
  const connected = Object.values(actual.NetworkSettings.Networks).map((one) => one.NetworkID);
  if (
    actual.State === 'running' &&
    Object.keys(service.networks ?? {}).some((key) => !connected.includes(networks.get(key) ?? ''))
  )
    return true;
  return (service.volumes ?? []).some(
    ({ type, source }) =>
      type === 'volume' &&
      source &&
      !actual.Mounts.some((mount) => mount.Name === volumes.get(source)),
  );
}

/** Services that asked for it (`restart: true`) stop while what they depend on is made again. */
function* stopDependents({ observed }: State, work: Work, name: string): Routine<void> {
  const { project } = work;
  for (const other of dependents(project, name)) {
    if (!project.services[other]?.depends_on?.[name]?.restart) continue;
    for (const container of observed.get(other) ?? [])
      if (container.State === 'running')
        yield* stopContainer(work, container, project.services[other], {});
  }
}

export function containerName(project: Project, service: Service, number: number): string {
  return service.container_name || `${project.name}-${service.name}-${number}`;
}

/** Labels that every container of a service has. */
export function labelsOf(
  project: Project,
  service: Service,
  image: string | undefined,
): Record<string, string> {
  return {
    ...service.labels,
    [LABEL.project]: project.name,
    [LABEL.service]: service.name,
    [LABEL.version]: VERSION,
    [LABEL.workingDir]: project.workingDir,
    [LABEL.configFiles]: project.files.join(','),
    [LABEL.oneoff]: 'False',
    ...(project.envFiles.length > 0 ? { [LABEL.environmentFile]: project.envFiles.join(',') } : {}),
    ...(image === undefined ? {} : { [LABEL.image]: image }),
    [LABEL.configHash]: serviceHash(service),
    [LABEL.dependsOn]: sortedEntries(service.depends_on)
      .map(([name, { condition, restart }]) => `${name}:${condition}:${restart ?? false}`)
      .join(','),
  };
}

/** Links as compose v1 made them: by the service's name and by both forms of the container's. */
function* linksOf(work: Work, service: Service, number: number): Routine<string[]> {
  const links: string[] = [];
  for (const raw of service.links ?? []) {
    const [name = '', alias = name] = raw.split(':');
    const found = yield* containersOf(work.api, work.project.name, {
      oneOff: 'exclude',
      all: true,
      services: [name],
    });
    for (const container of found)
      for (const as of [alias, `${name}-${number}`, `${work.project.name}-${name}-${number}`])
        links.push(`${nameOf(container)}:${as}`);
  }
  for (const raw of service.external_links ?? []) {
    const [name = '', alias = name] = raw.split(':');
    links.push(`${name}:${alias}`);
  }
  return links;
}

export interface Making {
  readonly name: string;
  readonly number: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly inherit?: Summary;
  readonly autoRemove?: boolean;
  readonly attachStdin?: boolean;
  readonly useAliases?: boolean;
}

/** Asks the daemon for a container of a service. */
export function* makeContainer(work: Work, service: Service, making: Making): Routine<Summary> {
  const { api, project, progress } = work;
  const image = yield* findImage(api, service.image ?? `${project.name}-${service.name}`);
  const request = createRequest(project, service, {
    name: making.name,
    number: making.number,
    labels: making.labels,
    autoRemove: making.autoRemove ?? false,
    attachStdin: making.attachStdin ?? false,
    useAliases: making.useAliases ?? true,
    inherit: making.inherit,
    imageVolumes: Object.keys(image?.Config?.Volumes ?? {}),
    links: yield* linksOf(work, service, making.number),
  });
  const made = answered(
    yield* api.post<{ Id: string; Warnings: string[] | null }>(
      '/containers/create',
      { name: making.name },
      request,
    ),
  );
  for (const warning of made.Warnings ?? [])
    yield* progress.event(service.name, 'warning', '', warning);
  return madeSummary({
    Id: made.Id,
    Names: [`/${making.name}`],
    Labels: request.Labels,
    State: 'created',
    Image: request.Image,
    ImageID: image?.Id ?? '',
  });
}

function* addContainer(
  state: State,
  work: Work,
  service: Service,
  number: number,
): Routine<Summary> {
  const { project, progress } = work;
  const name = containerName(project, service, number);
  const event = `Container ${name}`;
  const labels = {
    ...labelsOf(project, service, imageId(state, service)),
    [LABEL.number]: String(number),
  };
  yield* progress.working(event, 'Creating');
  const made = yield* failing(work, event, makeContainer(work, service, { name, number, labels }));
  yield* progress.done(event, 'Created');
  return made;
}

function imageId({ work, images }: State, service: Service): string | undefined {
  return images.get(service.image ?? `${work.project.name}-${service.name}`);
}

/** A failure is told on the container's line too. */
function* failing<T>(work: Work, event: string, body: Routine<T>): Routine<T> {
  try {
    return yield* body;
  } catch (thrown) {
    if (thrown instanceof ComposeProblem)
      yield* work.progress.event(event, 'error', thrown.message);
    throw thrown;
  }
}

function* recreate(
  state: State,
  work: Work,
  service: Service,
  replaced: Summary,
): Routine<Summary> {
  const { project, progress } = work;
  const event = eventName(replaced);
  yield* progress.working(event, 'Recreate');
  const made = yield* failing(work, event, replace(state, work, service, replaced));
  yield* progress.done(event, 'Recreated');
  return { ...made, Names: [`/${containerName(project, service, numberOf(replaced))}`] };
}

function* replace(state: State, work: Work, service: Service, replaced: Summary): Routine<Summary> {
  const { api, project } = work;
  const { options } = state;
  const number = numberOf(replaced);
  const name = containerName(project, service, number);
  const labels = {
    ...labelsOf(project, service, imageId(state, service)),
    [LABEL.number]: String(number),
    [LABEL.replace]: service.container_name || `${service.name}-${number}`,
  };
  const temporary = `${replaced.Id.slice(0, 12)}_${name}`;
  const made = yield* makeContainer(work, service, {
    name: temporary,
    number,
    labels,
    ...(options.inherit ? { inherit: replaced } : {}),
  });
  const query = options.timeout === undefined ? {} : { t: String(options.timeout) };
  const stopped = yield* api.post(`/containers/${replaced.Id}/stop`, query);
  if (isCallError(stopped)) throw new ComposeProblem(stopped.text);
  answered(yield* api.call('DELETE', `/containers/${replaced.Id}`));
  answered(yield* api.post(`/containers/${made.Id}/rename`, { name }));
  return made;
}
