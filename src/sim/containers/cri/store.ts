// What the CRI plugin remembers of sandboxes and containers. It is written into the containers' records (extensions), so
// that it is there again when containerd was restarted.

import { START_OF_TIME } from '../../core/time.ts';
import type { Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Attachment, CniNetwork, CniResult } from '../cni/library.ts';
import type { Containerd } from '../containerd/daemon.ts';
import type {
  ContainerConfig,
  ContainerStateName,
  PodSandboxConfig,
  SandboxStateName,
} from './types.ts';

/** containerd's namespace for Kubernetes. */
export const CRI_NAMESPACE = 'k8s.io';

export interface Sandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly createdAt: number;
  readonly runtimeHandler: string;
  state: SandboxStateName;
  pid: number;
  /** Path of its network namespace; empty with the node's. */
  netns: string;
  network?: {
    readonly network: CniNetwork;
    readonly attachment: Attachment;
    readonly result: CniResult;
  };
  ip: string;
}

export interface Container {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly imageId: string;
  /** Name and digest under which it was resolved. */
  readonly imageRef: string;
  readonly createdAt: number;
  readonly logPath: string;
  readonly stopSignal: string;
  readonly user: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
  state: ContainerStateName;
  pid: number;
  /** -1 where it has not come. */
  startedAt: number;
  finishedAt: number;
  exitCode: number;
  reason: string;
  message: string;
  oomKilled: boolean;
  removing: boolean;
  /** FIFOs of its streams. */
  streams: string;
  /** Told when its state changes. */
  readonly changed: WaitQueue;
  /** Those who follow its output (attach). */
  readonly watchers: Set<(stream: 'stdout' | 'stderr', bytes: Uint8Array) => void>;
  /** Writes to its standard input. */
  stdin: ((p: Process, bytes: Uint8Array) => Routine<void>) | undefined;
  /** Bytes of its log have been written; false while its streams are still open. */
  drained: boolean;
}

export interface CriStore {
  readonly sandboxes: Map<string, Sandbox>;
  readonly containers: Map<string, Container>;
  /** Streams that exec, attach and port-forward wait for, by token. */
  readonly tokens: Map<string, unknown>;
}

const stores = new WeakMap<Containerd['metadata'], CriStore>();

/** The store that goes with a daemon's database. */
export function criStore(daemon: Containerd): CriStore {
  let store = stores.get(daemon.metadata);
  if (!store) {
    store = { sandboxes: new Map(), containers: new Map(), tokens: new Map() };
    stores.set(daemon.metadata, store);
  }
  return store;
}

/** The id that a full id or a unique beginning of one means. */
export function byPrefix<T>(items: ReadonlyMap<string, T>, prefix: string): T | undefined {
  const exact = items.get(prefix);
  if (exact !== undefined || prefix === '') return exact;
  const matches = [...items].filter(([id]) => id.startsWith(prefix));
  return matches.length === 1 ? matches[0]?.[1] : undefined;
}

/** Nanoseconds since 1970 as text; `0` for a time that has not come. */
export function unixNano(moment: number): string {
  return moment < 0
    ? '0'
    : (BigInt(START_OF_TIME) * 1_000_000n + BigInt(Math.round(moment))).toString();
}
