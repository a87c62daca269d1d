// A swarm of one node (SwarmKit): what the manager keeps. Raft, other nodes, certificates and IPVS are left out; a service's
// name leads to the addresses of its tasks.

import type { Process } from '../../kernel/calls/process.ts';
import { WaitQueue } from '../../core/wait.ts';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

export interface ServiceSpec {
  Name: string;
  Labels?: Readonly<Record<string, string>>;
  TaskTemplate: {
    ContainerSpec: {
      Image: string;
      Command?: readonly string[];
      Args?: readonly string[];
      Hostname?: string;
      Env?: readonly string[];
      Dir?: string;
      User?: string;
      Labels?: Readonly<Record<string, string>>;
      Mounts?: readonly { Type: string; Source?: string; Target: string; ReadOnly?: boolean }[];
      Secrets?: readonly FileInTask[];
      Configs?: readonly FileInTask[];
    };
    Resources?: { Limits?: { NanoCPUs?: number; MemoryBytes?: number } };
    RestartPolicy?: { Condition?: string; Delay?: number; MaxAttempts?: number };
    Networks?: readonly { Target: string; Aliases?: readonly string[] }[];
    ForceUpdate: number;
  };
  Mode: { Replicated?: { Replicas: number }; Global?: Record<string, never> };
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  EndpointSpec?: {
    Mode?: string;
    Ports?: readonly PortSpec[];
  };
}

/** How tasks are replaced: so many at a time, with a pause between. */
export interface UpdateConfig {
  /** 0 is all at once. */
  readonly Parallelism: number;
  /** Nanoseconds. */
  readonly Delay?: number;
  readonly FailureAction?: string;
  readonly Order?: string;
}

/** A secret or a config in the files of a task. */
export interface FileInTask {
  readonly File: {
    readonly Name: string;
    readonly UID: string;
    readonly GID: string;
    readonly Mode: number;
  };
  readonly SecretID?: string;
  readonly SecretName?: string;
  readonly ConfigID?: string;
  readonly ConfigName?: string;
}

export interface PortSpec {
  readonly Protocol: string;
  readonly TargetPort: number;
  readonly PublishedPort?: number;
  readonly PublishMode: string;
}

export interface Service {
  readonly id: string;
  version: number;
  readonly created: number;
  updated: number;
  spec: ServiceSpec;
  previous: ServiceSpec | undefined;
  /** What the last update has come to. */
  update: UpdateStatus | undefined;
}

/** UpdateStatus of a service. */
export interface UpdateStatus {
  readonly State:
    | 'updating'
    | 'completed'
    | 'paused'
    | 'rollback_started'
    | 'rollback_paused'
    | 'rollback_completed';
  readonly StartedAt: string;
  readonly CompletedAt?: string;
  readonly Message: string;
}

export type TaskState =
  | 'new'
  | 'preparing'
  | 'starting'
  | 'running'
  | 'complete'
  | 'shutdown'
  | 'failed'
  | 'rejected';

export interface Task {
  readonly id: string;
  readonly service: Service;
  /** The spec that it was made by. */
  readonly spec: ServiceSpec;
  readonly slot: number;
  readonly created: number;
  state: TaskState;
  changed: number;
  desired: 'running' | 'shutdown';
  container: string;
  error: string;
}

/** A secret or a config. */
export interface SwarmFile {
  readonly id: string;
  readonly created: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: string;
}

export interface Swarm {
  readonly id: string;
  readonly node: string;
  readonly created: number;
  readonly address: string;
  tokens: { worker: string; manager: string };
  availability: 'active' | 'pause' | 'drain';
  readonly services: Map<string, Service>;
  readonly tasks: Map<string, Task>;
  readonly secrets: Map<string, SwarmFile>;
  readonly configs: Map<string, SwarmFile>;
  index: number;
  readonly changed: WaitQueue;
  /** The node has left: its threads end. */
  over: boolean;
}

/** 25 letters and digits, as SwarmKit names things. */
export function swarmId(process: Process): string {
  const { entropy } = process.task.kernel;
  let id = '';
  while (id.length < 25) id += ALPHABET[entropy.int(36)] ?? '0';
  return id;
}

/** A join token: the digest of the root certificate, then a secret. */
export function joinToken(process: Process, digest: string): string {
  const { entropy } = process.task.kernel;
  let secret = '';
  while (secret.length < 25) secret += ALPHABET[entropy.int(36)] ?? '0';
  return `SWMTKN-1-${digest}-${secret}`;
}

export function newSwarm(process: Process, address: string): Swarm {
  const { entropy } = process.task.kernel;
  let digest = '';
  while (digest.length < 50) digest += ALPHABET[entropy.int(36)] ?? '0';
  return {
    id: swarmId(process),
    node: swarmId(process),
    created: process.now,
    address,
    tokens: { worker: joinToken(process, digest), manager: joinToken(process, digest) },
    availability: 'active',
    services: new Map(),
    tasks: new Map(),
    secrets: new Map(),
    configs: new Map(),
    index: 10,
    changed: new WaitQueue(),
    over: false,
  };
}

/** How many tasks a service wants on this one node. */
export function replicasOf(spec: ServiceSpec): number {
  return spec.Mode.Global ? 1 : (spec.Mode.Replicated?.Replicas ?? 1);
}

/** The tasks of a service, those of a slot together, the newest first. */
export function tasksOf(swarm: Swarm, service: Service): Task[] {
  return [...swarm.tasks.values()]
    .filter((task) => task.service.id === service.id)
    .sort((a, b) => a.slot - b.slot || b.created - a.created);
}
