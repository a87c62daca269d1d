// What dockerd holds: containers with their state, networks, volumes, and the parts that its services share.

import { ContainerdClient } from '../../containers/containerd/client.ts';
import { Reaper } from '../../containers/shim/runc-command.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Link } from '../../kernel/network/link.ts';
import { Builder, type BuilderStore, emptyStore } from '../builder/model.ts';
import type { Swarm } from '../swarm/model.ts';
import { EventLog } from './events.ts';
import type { LogStore } from './logs.ts';
import { type DaemonOptions, NO_OPTIONS } from './options.ts';
import type {
  ContainerConfig,
  EndpointRequest,
  HostConfig,
  MountPoint,
  PortBinding,
  Strings,
} from './types.ts';

/** A refused request: the status and message that the API answers with. */
export class ApiError {
  readonly status: number;
  readonly message: string;
  constructor(status: number, message: string) {
    this.status = status;
    this.message = message;
  }
}

export function isApiError(value: unknown): value is ApiError {
  return value instanceof ApiError;
}

export const noSuchContainer = (name: string): ApiError =>
  new ApiError(404, `No such container: ${name}`);

/** A container's connection to one network. */
export interface Endpoint {
  network: Network;
  request: EndpointRequest;
  id: string;
  address: string;
  mac: string;
  /** The link's name inside. */
  device: string;
  hostLink: Link | undefined;
  dnsNames: readonly string[];
}

export interface HealthState {
  Status: 'starting' | 'healthy' | 'unhealthy';
  FailingStreak: number;
  Log: { Start: string; End: string; ExitCode: number; Output: string }[];
}

export interface ContainerState {
  status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  oomKilled: boolean;
  pid: number;
  exitCode: number;
  error: string;
  /** Virtual nanoseconds; undefined where it never was. */
  startedAt: number | undefined;
  finishedAt: number | undefined;
  health: HealthState | undefined;
}

export interface ExecProcess {
  readonly id: string;
  readonly container: Container;
  readonly request: ExecRequest;
  running: boolean;
  exitCode: number | null;
  pid: number;
}

export interface ExecRequest {
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly Tty?: boolean;
  readonly Env?: readonly string[];
  readonly Cmd: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Privileged?: boolean;
  readonly DetachKeys?: string;
}

export interface Container {
  readonly id: string;
  name: string;
  readonly created: number;
  readonly config: ContainerConfig;
  hostConfig: HostConfig;
  /** The digest that its image had. */
  readonly imageId: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly state: ContainerState;
  readonly endpoints: Map<string, Endpoint>;
  /** Networks that were not there when it was made, by the names that it was given: looked for when it starts. */
  readonly unresolved: Map<string, EndpointRequest>;
  mounts: MountPoint[];
  /** Volumes that were made for it without a name. */
  readonly anonymous: Set<string>;
  /** Published ports while it runs. */
  ports: Readonly<Record<string, readonly PortBinding[] | null>>;
  proxies: number[];
  restartCount: number;
  /** Stopped by the user: restart policies rest. */
  stopped: boolean;
  /** Somebody waits for its end to stop it; false again once all of the end is done. */
  stopping: boolean;
  /** Counts ends, for who waits for the next. */
  exits: number;
  readonly changed: WaitQueue;
  readonly logs: LogStore;
  readonly execs: Set<string>;
  hostsExtra: string[];
  removing: boolean;
  restartDelay: number;
  /** What a stop leaves of `kill` for events. */
  health: { stop(): void } | undefined;
  openStdin: number | undefined;
  readonly links: { container: string; alias: string }[];
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly created: number;
  readonly subnet: string;
  readonly gateway: string;
  readonly ipRange: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly labels: Strings;
  readonly options: Strings;
  readonly bridge: string;
  readonly aux: Strings;
  readonly enableIpv6: boolean;
  readonly configured: boolean;
  /** Addresses in use. */
  readonly used: Map<string, string>;
}

export interface Volume {
  readonly name: string;
  readonly driver: string;
  readonly mountpoint: string;
  readonly created: number;
  readonly labels: Strings;
  readonly options: Strings;
  /** Has been mounted with its options. */
  mounted: number;
  readonly anonymous: boolean;
}

/** What the daemon keeps in /var/lib/docker: it outlives the process. */
export interface StoredState {
  readonly containers: Map<string, Container>;
  readonly networks: Map<string, Network>;
  readonly volumes: Map<string, Volume>;
  readonly cache: BuilderStore;
  /** How many subnets of the default pools were given out. */
  subnetsUsed: number;
  /** The swarm that this node manages. */
  swarm: Swarm | undefined;
}

/** The state of a daemon that never ran. */
export function emptyState(): StoredState {
  return {
    containers: new Map(),
    networks: new Map(),
    volumes: new Map(),
    cache: emptyStore(),
    subnetsUsed: 0,
    swarm: undefined,
  };
}

/** One running dockerd. */
export class Dockerd {
  readonly process: Process;
  readonly client: ContainerdClient;
  readonly stored: StoredState;
  readonly containers: Map<string, Container>;
  readonly networks: Map<string, Network>;
  readonly volumes: Map<string, Volume>;
  readonly execs = new Map<string, ExecProcess>();
  readonly events: EventLog;
  /** Collects the daemon's children: runc, the proxies. */
  readonly reaper = new Reaper();
  readonly builder: Builder;
  nextPort = 32768;
  /** Its end has begun: nothing starts any more. */
  ending = false;

  readonly options: DaemonOptions;

  constructor(
    process: Process,
    stored: StoredState = emptyState(),
    options: DaemonOptions = NO_OPTIONS,
  ) {
    this.process = process;
    this.options = options;
    this.stored = stored;
    this.containers = stored.containers;
    this.networks = stored.networks;
    this.volumes = stored.volumes;
    this.builder = new Builder(this, stored.cache);
    this.client = new ContainerdClient(process, { namespace: 'moby' });
    this.events = new EventLog(process);
  }

  get subnetsUsed(): number {
    return this.stored.subnetsUsed;
  }
  set subnetsUsed(count: number) {
    this.stored.subnetsUsed = count;
  }
  get swarm(): Swarm | undefined {
    return this.stored.swarm;
  }
  set swarm(swarm: Swarm | undefined) {
    this.stored.swarm = swarm;
  }
  get now(): number {
    return this.process.now;
  }
  clientFor(process: Process): ContainerdClient {
    return this.client.with({ process });
  }
  /** 64 random hexadecimal digits. */
  newId(): string {
    let id = '';
    while (id.length < 64)
      id += this.process.task.kernel.entropy.int(0x10000).toString(16).padStart(4, '0');
    return id;
  }
  /** A thread of the daemon. */
  thread(body: (thread: Process) => Routine<void>): void {
    this.process.thread(function* (thread) {
      yield* body(thread);
      return 0;
    });
  }
}

/** A container by id, name, or the beginning of its id. */
export function findContainer(daemon: Dockerd, ref: string): Container | ApiError {
  const exact = daemon.containers.get(ref);
  if (exact) return exact;
  const name = ref.startsWith('/') ? ref.slice(1) : ref;
  const all = [...daemon.containers.values()];
  const named = all.find((container) => container.name === name);
  if (named) return named;
  const begins = /^[0-9a-f]+$/.test(ref)
    ? all.filter((container) => container.id.startsWith(ref))
    : [];
  if (begins.length > 1)
    return new ApiError(400, `multiple IDs found with provided prefix: ${ref}`);
  return begins[0] ?? noSuchContainer(ref);
}

/** RFC 3339 with nanoseconds, or Go's zero time. */
export function timeText(at: number | undefined): string {
  return at === undefined ? '0001-01-01T00:00:00Z' : rfc3339Fraction(at, 9);
}

/** True for a container whose process is there. */
export function isAlive(container: Container): boolean {
  return container.state.pid > 0;
}
