// What the views of a page are drawn from: plain data that a lab gives on request. Reading them changes nothing.

import type { ImageLook, KeysLook, MemberLook } from '../sim/labs/looks/looks.ts';

/** One process as the machine's initial PID namespace sees it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly user: string;
  /** The state letter of ps: R, S, D, T, Z. */
  readonly state: string;
  /** Its arguments joined by spaces, or its name in brackets where it has none. */
  readonly command: string;
  /** Its PID in its own, innermost PID namespace. */
  readonly innerPid: number;
  /** Inode numbers by kind (`pid`, `net`, `mnt`, `uts`, `ipc`, `user`, `cgroup`, `time`). */
  readonly namespaces: Readonly<Record<string, number>>;
  /** Its path in the cgroup file system, `/` at the top. */
  readonly cgroup: string;
}

export interface MachineEntry {
  readonly name: string;
  readonly processes: readonly ProcessEntry[];
}

export interface NodeEntry {
  readonly name: string;
  readonly ready: boolean;
  readonly controlPlane: boolean;
  readonly schedulable: boolean;
}

export interface PodEntry {
  readonly namespace: string;
  readonly name: string;
  /** Empty while it is not bound. */
  readonly node: string;
  /** The STATUS that kubectl would print. */
  readonly status: string;
  readonly ready: boolean;
  readonly address: string;
}

export interface ServiceEntry {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly address: string;
  /** `80/TCP`, `80:30080/TCP`. */
  readonly ports: readonly string[];
  /** Names of the pods, in the service's namespace, that are ready behind it. */
  readonly pods: readonly string[];
}

export interface ClusterEntry {
  readonly nodes: readonly NodeEntry[];
  readonly pods: readonly PodEntry[];
  readonly services: readonly ServiceEntry[];
}

/** One link of the story: something that happened, and what it came of. */
export interface StoryLink {
  readonly id: number;
  /** Zero where it came of nothing that is known. */
  readonly parent: number;
  /** Virtual nanoseconds since switch-on. */
  readonly at: number;
  readonly label: string;
  readonly kind: string;
  readonly name: string;
  readonly machine: string;
}

/** One thing that a cgroup counts or limits, in the files' own units. */
export interface UseEntry {
  readonly name: string;
  readonly now: number;
  readonly most: number | undefined;
}

/** A process that is number 1 of a PID namespace of its own. */
export interface ContainerEntry {
  readonly machine: string;
  readonly pid: number;
  readonly command: string;
  /** Processes in its PID namespace. */
  readonly processes: number;
  /** Namespaces that are not the machine's first. */
  readonly own: readonly { readonly kind: string; readonly inode: number }[];
  /** Kinds that it has in common with the machine. */
  readonly shared: readonly string[];
  /** `eth0 172.17.0.2/16`. */
  readonly addresses: readonly string[];
  /** The directories that its root is stacked of, the writable one first. */
  readonly root: readonly string[];
  readonly cgroup: string;
  readonly use: readonly UseEntry[];
}

export interface ChainEntry {
  readonly name: string;
  readonly rules: readonly {
    readonly text: string;
    readonly packets: number;
    /** The chain that it leads to. */
    readonly chain: string | undefined;
  }[];
}

/** The nat table of a machine. */
export interface RulesEntry {
  readonly machine: string;
  readonly chains: readonly ChainEntry[];
}

/** The views by name, with what each is drawn from. */
export interface ViewData {
  processes: readonly MachineEntry[];
  containers: readonly ContainerEntry[];
  rules: readonly RulesEntry[];
  images: readonly ImageLook[];
  keys: KeysLook;
  members: readonly MemberLook[];
  cluster: ClusterEntry;
  story: readonly StoryLink[];
}

export type ViewName = keyof ViewData;

/** Their names, for those who name one in a note. */
export const VIEW_NAMES = [
  'processes',
  'containers',
  'rules',
  'images',
  'keys',
  'members',
  'cluster',
  'story',
] as const satisfies readonly ViewName[];
