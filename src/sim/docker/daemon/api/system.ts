// The API's system calls: version, info, events, disk usage.

import { Content } from '../../../core/content.ts';
import { START_OF_TIME } from '../../../core/time.ts';
import type { DockerEvent } from '../events.ts';
import { type Dockerd, timeText } from '../model.ts';
import { LOG_DRIVERS } from '../log-drivers.ts';
import { filtersOf, type Handler, json, query, streaming } from './answer.ts';
import { hasLabel } from './container-view.ts';
import { diskUsage } from './disk-usage.ts';
import { allImages } from './images.ts';

const ENGINE = {
  Version: '29.0.0',
  ApiVersion: '1.51',
  MinAPIVersion: '1.44',
  GitCommit: 'd105562',
  GoVersion: 'go1.25.3',
  Os: 'linux',
  Arch: 'amd64',
  KernelVersion: '6.1.0',
  BuildTime: '2025-11-10T21:50:49.000000000+00:00',
};

/** What the daemon's helpers were built from. */
const COMMITS = {
  containerd: '1c4457e00facac03ce1d75f7b6777a7a851e5c41',
  runc: 'v1.4.0-0-g8bd78a9',
  init: 'de40ad0',
};

const version: Handler = function* () {
  const components = [
    {
      Name: 'Engine',
      Version: ENGINE.Version,
      Details: {
        ApiVersion: '1.51',
        Arch: 'amd64',
        BuildTime: ENGINE.BuildTime,
        Experimental: 'false',
        GitCommit: ENGINE.GitCommit,
        GoVersion: ENGINE.GoVersion,
        KernelVersion: ENGINE.KernelVersion,
        MinAPIVersion: '1.44',
        Os: 'linux',
      },
    },
    {
      Name: 'containerd',
      Version: 'v2.2.0',
      Details: { GitCommit: COMMITS.containerd },
    },
    { Name: 'runc', Version: '1.4.0', Details: { GitCommit: COMMITS.runc } },
    { Name: 'docker-init', Version: '0.19.0', Details: { GitCommit: COMMITS.init } },
  ];
  return json({
    Platform: { Name: 'Docker Engine - Community' },
    Components: components,
    ...ENGINE,
  });
};

const info: Handler = function* (context) {
  const { daemon } = context;
  const all = [...daemon.containers.values()];
  const count = (...wanted: string[]): number =>
    all.filter((container) => wanted.includes(container.state.status)).length;
  return json({
    ID: '6c5f3b0a-1f3c-4f53-9d0c-7c7b2f0f6b1a',
    Containers: all.length,
    ContainersRunning: count('running', 'restarting'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('exited', 'created', 'dead'),
    Images: (yield* allImages(context)).length,
    Driver: 'overlayfs',
    DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
      Authorization: null,
      Log: LOG_DRIVERS,
    },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    Debug: false,
    NFd: 32,
    OomKillDisable: false,
    NGoroutines: 48,
    SystemTime: timeText(daemon.now),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: '2',
    NEventsListener: 0,
    KernelVersion: ENGINE.KernelVersion,
    OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    OSVersion: '12',
    OSType: 'linux',
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    NCPU: 2,
    MemTotal: 4_294_967_296,
    DockerRootDir: '/var/lib/docker',
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: daemon.process.hostname,
    Labels: context.daemon.options.labels,
    ExperimentalBuild: false,
    ServerVersion: ENGINE.Version,
    Runtimes: { 'io.containerd.runc.v2': { path: 'runc' }, runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: swarmInfo(daemon),
    LiveRestoreEnabled: false,
    Isolation: '',
    InitBinary: 'docker-init',
    ContainerdCommit: { ID: COMMITS.containerd },
    RuncCommit: { ID: COMMITS.runc },
    InitCommit: { ID: COMMITS.init },
    SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
    Warnings: null,
  });
};

function swarmInfo({ swarm }: Dockerd): object {
  return {
    NodeID: swarm?.node ?? '',
    NodeAddr: swarm?.address ?? '',
    LocalNodeState: swarm ? 'active' : 'inactive',
    ControlAvailable: swarm !== undefined,
    Error: '',
    RemoteManagers: swarm ? [{ NodeID: swarm.node, Addr: `${swarm.address}:2377` }] : null,
    ...(swarm ? { Nodes: 1, Managers: 1, Cluster: { ID: swarm.id } } : {}),
  };
}

/** Virtual time of seconds since 1970. */
function moment(text: string): number | undefined {
  return text === '' ? undefined : Math.round((Number(text) * 1000 - START_OF_TIME) * 1_000_000);
}

function passesEvent(event: DockerEvent, filters: ReadonlyMap<string, readonly string[]>): boolean {
  const { Attributes, ID } = event.Actor;
  const one = (name: string, value: string): boolean => {
    if (name === 'type') return event.Type === value;
    if (name === 'event')
      return (
        event.Action === value ||
        event.Action.startsWith(`${value}:`) ||
        event.Action.split(':')[0] === value
      );
    if (name === 'label') return hasLabel(Attributes, value);
    if (name === 'scope') return value === 'local';
    if (name === 'image')
      return event.Type === 'image' ? Attributes.name === value : Attributes.image === value;
    return event.Type === name && (ID.startsWith(value) || Attributes.name === value);
  };
  return [...filters].every(([name, values]) => values.some((value) => one(name, value)));
}

const events: Handler = function* (context) {
  const log = context.daemon.events;
  const since = moment(query(context, 'since'));
  const until = moment(query(context, 'until'));
  const filters = filtersOf(context);
  let next = since === undefined ? log.dropped + log.kept.length : log.dropped;
  return streaming('application/json', function* () {
    for (;;) {
      const event = yield* log.next(next, until);
      if (!event) return undefined;
      next++;
      const at = event.timeNano - START_OF_TIME * 1_000_000;
      if (until !== undefined && at > until) return undefined;
      if ((since === undefined || at >= since) && passesEvent(event, filters))
        return Content.ofJson(event, (value) => `${JSON.stringify(value)}\n`);
    }
  });
};

export const systemRoutes: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/version', version],
  ['GET', '/info', info],
  ['GET', '/events', events],
  ['GET', '/system/df', diskUsage],
];
