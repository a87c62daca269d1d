// What containerd's services store and exchange (api/services/*), by the protobuf messages' field names in JSON.

import type { Descriptor, Digest } from '../images/oci.ts';
import type { Spec } from '../runc/spec.ts';

export type Labels = Readonly<Record<string, string>>;

/** Virtual nanoseconds since switch-on. */
export type Moment = number;

/** content.v1.Info */
export interface ContentInfo {
  readonly digest: Digest;
  readonly size: number;
  readonly createdAt: Moment;
  readonly updatedAt: Moment;
  readonly labels: Labels;
}

/** images.v1.Image */
export interface ImageRecord {
  readonly name: string;
  readonly labels: Labels;
  readonly target: Descriptor;
  readonly createdAt: Moment;
  readonly updatedAt: Moment;
}

export type SnapshotKind = 'View' | 'Active' | 'Committed';

/** snapshots.v1.Info */
export interface SnapshotInfo {
  readonly name: string;
  readonly parent: string;
  readonly kind: SnapshotKind;
  readonly createdAt: Moment;
  readonly updatedAt: Moment;
  readonly labels: Labels;
}

/** types.Mount: as mount(2) takes it, options as mount(8) writes them. */
export interface MountSpec {
  readonly type: string;
  readonly source: string;
  readonly target?: string;
  readonly options: readonly string[];
}

/** containers.v1.Container */
export interface ContainerRecord {
  readonly id: string;
  readonly labels: Labels;
  readonly image: string;
  readonly runtime: { readonly name: string; readonly options?: RuntimeOptions };
  readonly spec: Spec;
  readonly snapshotter: string;
  readonly snapshotKey: string;
  readonly sandboxId?: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly createdAt: Moment;
  readonly updatedAt: Moment;
}

/** Options of the runc shim. */
export interface RuntimeOptions {
  readonly BinaryName?: string;
  readonly Root?: string;
  readonly SystemdCgroup?: boolean;
}

/** leases.v1.Lease */
export interface LeaseRecord {
  readonly id: string;
  readonly createdAt: Moment;
  readonly labels: Labels;
}

/** What a lease holds: `content`, `snapshots/overlayfs`, and the name. */
export interface LeaseResource {
  readonly id: string;
  readonly type: string;
}

/** task.Status */
export type TaskStatus = 'UNKNOWN' | 'CREATED' | 'RUNNING' | 'STOPPED' | 'PAUSED' | 'PAUSING';

/** types.Process of tasks.v1 */
export interface ProcessState {
  readonly id: string;
  readonly containerId: string;
  readonly pid: number;
  readonly status: TaskStatus;
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
  readonly exitStatus: number;
  /** 0 where it has not ended. */
  readonly exitedAt: Moment;
}

/** How a process of a task ended. */
export interface ExitState {
  readonly exitStatus: number;
  readonly exitedAt: Moment;
}

/** types.Envelope: an event. */
export interface EventEnvelope {
  readonly timestamp: Moment;
  readonly namespace: string;
  /** `/tasks/start` */
  readonly topic: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** Where the standard streams of a process are: paths of FIFOs, empty for none. */
export interface StdioPaths {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}
