// Containers as GET /containers/json and GET /containers/ID/json show them.

import { epochSeconds } from '../../../core/time.ts';
import { humanDuration } from '../../../containers/units.ts';
import { type Container, type Dockerd, type Endpoint, isAlive, timeText } from '../model.ts';
import { containerDirectory } from '../network/files.ts';

/** `Up 4 seconds (healthy)`, `Exited (0) 2 minutes ago`, `Created`. */
export function statusText(container: Container, now: number): string {
  const { state } = container;
  const since = (at: number | undefined): string => humanDuration(now - (at ?? now));
  switch (state.status) {
    case 'running': {
      const health = state.health
        ? ` (${state.health.Status === 'starting' ? 'health: starting' : state.health.Status})`
        : '';
      return `Up ${since(state.startedAt)}${health}`;
    }
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    default:
      return state.startedAt === undefined && state.finishedAt === undefined
        ? 'Created'
        : `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
  }
}

/** network.EndpointSettings */
export function endpointJson(endpoint: Endpoint): Record<string, unknown> {
  const { network, request, address, mac, id } = endpoint;
  const on = address !== '';
  return {
    IPAMConfig: request.IPAMConfig ?? null,
    Links: request.Links ?? null,
    Aliases: request.Aliases ?? null,
    DriverOpts: request.DriverOpts ?? null,
    GwPriority: request.GwPriority ?? 0,
    NetworkID: network.id,
    EndpointID: id,
    Gateway: on ? network.gateway : '',
    IPAddress: address,
    MacAddress: mac,
    IPPrefixLen: on ? Number(network.subnet.split('/')[1]) : 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: endpoint.dnsNames.length > 0 ? endpoint.dnsNames : null,
  };
}

function networks(container: Container): Record<string, unknown> {
  return Object.fromEntries(
    [...container.endpoints]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, endpoint]) => [name, endpointJson(endpoint)]),
  );
}

function manifestDescriptor({ imageId }: Container): Record<string, unknown> {
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: imageId,
    size: 423,
    platform: { architecture: 'amd64', os: 'linux' },
  };
}

/** container.Summary */
export function summary(
  container: Container,
  now: number,
  sizes?: { rw: number; root: number },
): Record<string, unknown> {
  const { id, name, config, imageId, path, args, created, state } = container;
  const words = [path, ...args].map((word, i) =>
    i > 0 && /[\s'"]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word,
  );
  return {
    Id: id,
    Names: [`/${name}`],
    Image: config.Image,
    ImageID: imageId,
    ImageManifestDescriptor: manifestDescriptor(container),
    Command: words.join(' '),
    Created: epochSeconds(created),
    Ports: portList(container),
    ...(sizes ? { SizeRw: sizes.rw, SizeRootFs: sizes.root } : {}),
    Labels: config.Labels,
    State: state.status,
    Status: statusText(container, now),
    HostConfig: { NetworkMode: container.hostConfig.NetworkMode },
    ...(state.health
      ? { Health: { Status: state.health.Status, FailingStreak: state.health.FailingStreak } }
      : {}),
    NetworkSettings: { Networks: networks(container) },
    Mounts: container.mounts,
  };
}

function portList(container: Container): Record<string, unknown>[] {
  if (!isAlive(container)) return [];
  const list: Record<string, unknown>[] = [];
  for (const [key, bindings] of Object.entries(container.ports)) {
    const [port, Type = 'tcp'] = key.split('/');
    if (!bindings?.length) list.push({ PrivatePort: Number(port), Type });
    for (const { HostIp, HostPort } of bindings ?? [])
      list.push({ IP: HostIp, PrivatePort: Number(port), PublicPort: Number(HostPort), Type });
  }
  return list;
}

function stateJson(container: Container): Record<string, unknown> {
  const { state } = container;
  const alive = isAlive(container);
  return {
    Status: state.status,
    Running: alive || state.status === 'restarting',
    Paused: state.status === 'paused',
    Restarting: state.status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: false,
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: timeText(state.startedAt),
    FinishedAt: timeText(state.finishedAt),
    ...(state.health ? { Health: state.health } : {}),
  };
}

/** The commands that run in a container besides its own. */
function runningExecs(daemon: Dockerd, container: Container): string[] {
  return [...container.execs].filter((exec) => daemon.execs.get(exec)?.running);
}

/** container.InspectResponse */
export function inspection(
  daemon: Dockerd,
  container: Container,
  sizes?: { rw: number; root: number },
): Record<string, unknown> {
  const { id, created, path, args, imageId, name, restartCount, hostConfig, config, mounts } =
    container;
  const directory = containerDirectory(container);
  return {
    Id: id,
    Created: timeText(created),
    Path: path,
    Args: args,
    State: stateJson(container),
    Image: imageId,
    ResolvConfPath: `${directory}/resolv.conf`,
    HostnamePath: `${directory}/hostname`,
    HostsPath: `${directory}/hosts`,
    LogPath: container.logs.keeping.path,
    Name: `/${name}`,
    RestartCount: restartCount,
    Driver: 'overlayfs',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: container.execs.size > 0 ? runningExecs(daemon, container) : null,
    HostConfig: {
      ...hostConfig,
      Links:
        container.links.length > 0
          ? container.links.map((link) => linkText(daemon, container, link))
          : (hostConfig.Links ?? null),
    },
    ImageManifestDescriptor: manifestDescriptor(container),
    ...(sizes ? { SizeRw: sizes.rw, SizeRootFs: sizes.root } : {}),
    Mounts: mounts,
    Config: config,
    NetworkSettings: networkSettings(container),
  };
}

function linkText(daemon: Dockerd, container: Container, link: Container['links'][number]): string {
  const other = daemon.containers.get(link.container);
  return `/${other?.name ?? container.hostConfig.Links?.[0]?.split(':')[0] ?? ''}:/${container.name}/${link.alias}`;
}

function networkSettings(container: Container): Record<string, unknown> {
  const bridge = container.endpoints.get('bridge');
  const on = bridge?.address ? bridge : undefined;
  return {
    Bridge: '',
    SandboxID: isAlive(container) ? container.id : '',
    SandboxKey: isAlive(container) ? `/var/run/docker/netns/${container.id.slice(0, 12)}` : '',
    Ports: container.ports,
    EndpointID: on?.id ?? '',
    Gateway: on?.network.gateway ?? '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: on?.address ?? '',
    IPPrefixLen: on ? 16 : 0,
    IPv6Gateway: '',
    MacAddress: on?.mac ?? '',
    Networks: networks(container),
  };
}

/** True for a container that passes every filter of `docker ps`. */
export function passes(
  daemon: Dockerd,
  container: Container,
  filters: ReadonlyMap<string, readonly string[]>,
): boolean {
  for (const [name, values] of filters)
    if (
      values.length > 0 &&
      !values.some((value) => passesOne(daemon, container, name, value)) !==
        (name === 'label' && !values.every((value) => passesOne(daemon, container, name, value)))
    )
      return false;
  const labels = filters.get('label') ?? [];
  return labels.every((value) => passesOne(daemon, container, 'label', value));
}

/** filters.Args.Match: a regular expression that is looked for anywhere; what is none matches itself. */
export function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return pattern === text;
  }
}

/** Label filters: `key` or `key=value`. */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  return equals < 0
    ? wanted in labels
    : labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

function publishes(container: Container, value: string, host: boolean): boolean {
  const [port = '', protocol = 'tcp'] = value.split('/');
  const [low = 0, high = low] = port.split('-').map(Number);
  const fits = (n: number): boolean => n >= low && n <= high;
  return Object.entries(container.ports).some(([key, bindings]) => {
    if (!key.endsWith(`/${protocol}`)) return false;
    return host
      ? (bindings ?? []).some(({ HostPort }) => fits(Number(HostPort)))
      : fits(Number.parseInt(key, 10));
  });
}

function passesOne(daemon: Dockerd, container: Container, name: string, value: string): boolean {
  const { state, config, hostConfig } = container;
  switch (name) {
    case 'id':
      return matches(value, container.id);
    case 'name':
      return matches(value, container.name) || matches(value, `/${container.name}`);
    case 'status':
      return state.status === value;
    case 'exited':
      return state.status === 'exited' && state.exitCode === Number(value);
    case 'label':
      return hasLabel(config.Labels, value);
    case 'ancestor':
      return (
        config.Image === value ||
        config.Image === `${value}:latest` ||
        `${config.Image}:latest` === value ||
        container.imageId.slice(7).startsWith(value.replace('sha256:', ''))
      );
    case 'network':
      return [...container.endpoints.values()].some(
        (e) => e.network.name === value || e.network.id.startsWith(value),
      );
    case 'volume':
      return container.mounts.some(
        (mount) => mount.Name === value || mount.Destination === value || mount.Source === value,
      );
    case 'health':
      return (state.health?.Status ?? 'none') === value;
    case 'publish':
      return publishes(container, value, true);
    case 'expose':
      return publishes(container, value, false);
    case 'before':
    case 'since': {
      const other = [...daemon.containers.values()].find(
        (c) => c.name === value || c.id.startsWith(value),
      );
      return (
        other !== undefined &&
        (name === 'before' ? container.created < other.created : container.created > other.created)
      );
    }
    case 'is-task':
      return value === 'false';
    case 'isolation':
      return hostConfig.Isolation === value;
    default:
      return true;
  }
}
