// What a shim keeps of its containers and their processes, and what it is asked.

import type { WaitQueue } from '../../core/wait.ts';
import type { MountSpec, RuntimeOptions, StdioPaths, TaskStatus } from '../containerd/types.ts';
import type { SpecProcess } from '../runc/spec.ts';
import type { RuncSettings } from './runc-command.ts';
import type { ProcessStreams } from './streams.ts';

export interface ShimProcess {
  readonly id: string;
  pid: number;
  status: TaskStatus;
  readonly streams: ProcessStreams;
  exitStatus: number;
  exitedAt: number;
  readonly exited: WaitQueue;
  /** Execs: what is to be run. */
  readonly process?: SpecProcess;
}

export interface ShimContainer {
  readonly id: string;
  readonly settings: RuncSettings;
  readonly init: ShimProcess;
  readonly execs: Map<string, ShimProcess>;
  readonly hasRootfs: boolean;
  /** No PID namespace of its own. */
  readonly sharesPids: boolean;
  /** Directory of its control group. */
  readonly cgroup: string;
}

export interface CreateTaskRequest extends StdioPaths {
  readonly id: string;
  readonly bundle: string;
  readonly rootfs: readonly MountSpec[];
  readonly options?: RuntimeOptions;
}

/** What every request names: the container, and the exec where it is about one. */
export interface ProcessRequest {
  readonly id: string;
  readonly execId?: string;
}
