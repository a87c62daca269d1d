// POST /containers/create: checks, the merge with the image's configuration, mounts, endpoints, a record.

import { WaitQueue } from '../../core/wait.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { RunConfig } from '../../containers/images/oci.ts';
import { findImage, type FoundImage, topLayer } from './images.ts';
import { checkLogging } from './log-drivers.ts';
import { LogStore } from './logs.ts';
import { ApiError, type Container, type Dockerd, findContainer, isAlive } from './model.ts';
import { collectMounts } from './mounts.ts';
import { checkEndpoint, newEndpoint } from './network/endpoints.ts';
import { findNetwork } from './network/networks.ts';
import type { ContainerConfig, CreateRequest, HostConfig } from './types.ts';
import { orderedConfig } from './zero-values.ts';
import { conflicting } from './conflicts.ts';
import { verifySettings } from './verify.ts';
import { copyUp } from './copy-up.ts';
import { prepareInitLayer } from './init-layer.ts';
import { isRpcError } from '../../containers/rpc.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const ADJECTIVES = [
  'admiring',
  'bold',
  'clever',
  'dreamy',
  'eager',
  'focused',
  'gallant',
  'happy',
  'jolly',
  'keen',
  'loving',
  'modest',
  'nifty',
  'quirky',
  'serene',
  'tender',
  'upbeat',
  'vibrant',
  'wizardly',
  'zen',
];
const SURNAMES = [
  'allen',
  'babbage',
  'cerf',
  'curie',
  'darwin',
  'elion',
  'franklin',
  'galois',
  'hopper',
  'johnson',
  'kepler',
  'lovelace',
  'morse',
  'noether',
  'pascal',
  'ritchie',
  'shannon',
  'torvalds',
  'villani',
  'wozniak',
];

/** A name that no container has. */
export function checkName(daemon: Dockerd, name: string, shown = name): ApiError | undefined {
  if (!NAME.test(name))
    return new ApiError(
      400,
      `Invalid container name (${shown}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    );
  const holder = [...daemon.containers.values()].find((container) => container.name === name);
  if (!holder) return undefined;
  return new ApiError(
    409,
    `Conflict. The container name "/${name}" is already in use by container "${holder.id}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
}

function generatedName(daemon: Dockerd): string {
  const { entropy } = daemon.process.task.kernel;
  for (;;) {
    const name = `${ADJECTIVES[entropy.int(ADJECTIVES.length)]}_${SURNAMES[entropy.int(SURNAMES.length)]}`;
    if (!checkName(daemon, name)) return name;
  }
}

/** What the image says where the request is silent. */
function merged(request: CreateRequest, image: RunConfig): ContainerConfig {
  const { HostConfig: _host, NetworkingConfig: _networking, ...given } = request;
  const ownEntry = given.Entrypoint !== null && given.Entrypoint !== undefined;
  const cleared = ownEntry && given.Entrypoint?.length === 1 && given.Entrypoint[0] === '';
  const Entrypoint = cleared ? null : ownEntry ? given.Entrypoint : (image.Entrypoint ?? null);
  const Cmd = given.Cmd?.length ? given.Cmd : ownEntry ? null : (image.Cmd ?? null);
  const exposed = { ...image.ExposedPorts, ...given.ExposedPorts };
  for (const key of Object.keys(request.HostConfig.PortBindings ?? {})) exposed[key] = {};
  const volumes = { ...image.Volumes, ...given.Volumes };
  const health = given.Healthcheck
    ? { ...image.Healthcheck, ...given.Healthcheck }
    : image.Healthcheck;
  const defaultPath = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  const base = image.Env?.some((line) => line.startsWith('PATH='))
    ? (image.Env ?? [])
    : [...defaultPath, ...(image.Env ?? [])];
  const keys = new Set((given.Env ?? []).map((line) => line.split('=', 1)[0]));
  const {
    ExposedPorts: _ports,
    Healthcheck: _health,
    StopSignal,
    StopTimeout,
    Shell: _shell,
    ...rest
  } = given;
  const stopSignal = StopSignal ?? image.StopSignal;
  return orderedConfig({
    ...rest,
    ...(Object.keys(exposed).length > 0 ? { ExposedPorts: exposed } : {}),
    Env: [...(given.Env ?? []), ...base.filter((line) => !keys.has(line.split('=', 1)[0]))],
    Cmd,
    ...(health ? { Healthcheck: health } : {}),
    User: given.User || image.User || '',
    WorkingDir: given.WorkingDir || image.WorkingDir || '',
    Volumes: Object.keys(volumes).length > 0 ? volumes : null,
    Entrypoint,
    Labels: Object.fromEntries(
      Object.entries({ ...image.Labels, ...given.Labels }).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    ...(stopSignal === undefined ? {} : { StopSignal: stopSignal }),
    ...(StopTimeout === undefined ? {} : { StopTimeout }),
    ...(image.Shell ? { Shell: image.Shell } : {}),
  });
}

/** Containers whose namespaces are to be shared: `container:NAME` becomes `container:ID` where there is one. */
function resolveModes(daemon: Dockerd, host: HostConfig): void {
  for (const key of ['NetworkMode', 'IpcMode', 'PidMode'] as const) {
    if (!host[key].startsWith('container:')) continue;
    const other = findContainer(daemon, host[key].slice('container:'.length));
    if (!(other instanceof ApiError)) host[key] = `container:${other.id}`;
  }
  if (host.NetworkMode === 'default' || host.NetworkMode === '') host.NetworkMode = 'bridge';
}

function resolveLinks(
  daemon: Dockerd,
  host: HostConfig,
): { container: string; alias: string }[] | ApiError {
  const links: { container: string; alias: string }[] = [];
  for (const link of host.Links ?? []) {
    const [ref = '', alias = ref] = link.split(':');
    const other = findContainer(daemon, ref);
    if (other instanceof ApiError)
      return new ApiError(400, `could not get container for ${ref}: ${other.message}`);
    links.push({ container: other.id, alias });
  }
  return links;
}

function connectAll(
  daemon: Dockerd,
  container: Container,
  request: CreateRequest,
): ApiError | undefined {
  const mode = container.hostConfig.NetworkMode;
  if (mode.startsWith('container:')) return undefined;
  const wanted = Object.entries(request.NetworkingConfig?.EndpointsConfig ?? {});
  const names = new Map(
    wanted.map(([name, settings]) => [name === 'default' ? 'bridge' : name, settings ?? {}]),
  );
  if (!names.has(mode)) names.set(mode, {});
  for (const [ref, settings] of names) {
    const network = findNetwork(daemon, ref);
    if (network instanceof ApiError) {
      container.unresolved.set(ref, settings);
      continue;
    }
    const wrong = checkEndpoint(network, settings);
    if (wrong !== undefined)
      return new ApiError(
        400,
        `invalid config for network ${network.name}: invalid endpoint settings:\n${wrong}`,
      );
    container.endpoints.set(network.name, newEndpoint(container, network, settings));
  }
  return undefined;
}

/** Makes a container; it is not started. What the daemon left out of the request is told as warnings. */
export function* createContainer(
  daemon: Dockerd,
  thread: Process,
  given: string,
  request: CreateRequest,
  warnings: string[] = [],
): Routine<Container | ApiError> {
  const client = daemon.clientFor(thread);
  const name = given === '' ? generatedName(daemon) : given.replace(/^\//, '');
  const host = structuredCopy(request.HostConfig);
  const conflict = conflicting(request, host);
  if (conflict !== undefined) return new ApiError(400, conflict);
  const wrong = verifySettings(daemon.process, request, host, warnings);
  if (wrong !== undefined) return new ApiError(400, wrong);
  const image = yield* findImage(client, request.Image);
  if (image instanceof ApiError) return image;
  const config = merged(request, image.config.config ?? {});
  const words = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (words.length === 0) return new ApiError(400, 'no command specified');
  const logging = checkLogging(host);
  if (logging !== undefined) return new ApiError(400, logging);
  const nameTaken = checkName(daemon, name);
  if (nameTaken) return nameTaken;
  resolveModes(daemon, host);
  const links = resolveLinks(daemon, host);
  if (links instanceof ApiError) return links;
  const mounts = collectMounts(daemon, host, config);
  if (mounts instanceof ApiError) return mounts;
  const container = newContainer(daemon, { name, config, host, words, image, links });
  container.mounts = mounts.mounts;
  for (const volume of mounts.anonymous) container.anonymous.add(volume);
  const unconnected = connectAll(daemon, container, request);
  if (unconnected) return unconnected;
  yield* client.unpack(image.manifestDigest);
  yield* prepareInitLayer(daemon, thread, container.id, topLayer(image));
  const snapshot = yield* client.prepareSnapshot({
    key: container.id,
    parent: `${container.id}-init`,
    labels: { 'containerd.io/gc.root': 'docker' },
  });
  if (isRpcError(snapshot)) return new ApiError(500, snapshot.message);
  daemon.containers.set(container.id, container);
  yield* copyUp(daemon, thread, container);
  daemon.events.add('container', 'create', container.id, {
    ...config.Labels,
    image: config.Image,
    name,
  });
  return container;
}

function structuredCopy(host: HostConfig): HostConfig {
  return JSON.parse(JSON.stringify(host)) as HostConfig;
}

function newContainer(
  daemon: Dockerd,
  parts: {
    name: string;
    config: ContainerConfig;
    host: HostConfig;
    words: readonly string[];
    image: FoundImage;
    links: Container['links'];
  },
): Container {
  const { name, config, host, words, image, links } = parts;
  const id = daemon.newId();
  if (config.Hostname === '' && host.UTSMode !== 'host') {
    config.Hostname = host.NetworkMode === 'host' ? daemon.process.hostname : id.slice(0, 12);
  }
  return {
    id,
    name,
    created: daemon.now,
    config,
    hostConfig: host,
    imageId: image.id,
    path: words[0] ?? '',
    args: words.slice(1),
    state: {
      status: 'created',
      oomKilled: false,
      pid: 0,
      exitCode: 0,
      error: '',
      startedAt: undefined,
      finishedAt: undefined,
      health: undefined,
    },
    endpoints: new Map(),
    unresolved: new Map(),
    mounts: [],
    anonymous: new Set(),
    ports: {},
    proxies: [],
    restartCount: 0,
    stopped: false,
    stopping: false,
    exits: 0,
    changed: new WaitQueue(),
    logs: new LogStore(),
    execs: new Set(),
    hostsExtra: [],
    removing: false,
    restartDelay: 0,
    health: undefined,
    openStdin: undefined,
    links,
  };
}

/** A linked container must run when the other starts. */
export function checkLinks(daemon: Dockerd, container: Container): ApiError | undefined {
  for (const { container: id, alias } of container.links) {
    const other = daemon.containers.get(id);
    if (!other || !isAlive(other))
      return new ApiError(
        400,
        `Cannot link to a non running container: /${other?.name ?? id} AS /${container.name}/${alias}`,
      );
  }
  return undefined;
}
