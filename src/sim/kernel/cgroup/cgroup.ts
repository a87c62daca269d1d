// A control group (cgroup v2): its place in the tree, its members, and what they use. The files that show and set
// all this are in cgroupfs.ts and files-*.ts; the rules of each controller in a file of its own beside this one.

import type { Task } from '../task/task.ts';
import { CpuControl } from './cpu.ts';
import { CpusetControl } from './cpuset.ts';
import { IoControl } from './io.ts';
import { MemoryControl } from './memory.ts';
import { PidsControl } from './pids.ts';

/** Controllers in the order in which cgroup.controllers lists them. */
export const CONTROLLERS = [
  'cpuset',
  'cpu',
  'io',
  'memory',
  'hugetlb',
  'pids',
  'rdma',
  'misc',
] as const;

export type Controller = (typeof CONTROLLERS)[number];

/** Controllers that work per thread, and so may be enabled over processes. */
export const THREADED: readonly Controller[] = ['cpuset', 'cpu', 'pids'];

export class Cgroup {
  readonly name: string;
  readonly parent: Cgroup | undefined;
  readonly children = new Map<string, Cgroup>();
  /** Inode number of its directory. */
  readonly inode: number;
  /** Members of this group itself: every thread that has not ended. */
  readonly tasks = new Set<Task>();
  removed = false;
  /** Controllers that are enabled for the children (cgroup.subtree_control). */
  readonly subtree = new Set<Controller>();
  threaded = false;
  maxDepth = Number.POSITIVE_INFINITY;
  maxDescendants = Number.POSITIVE_INFINITY;
  freeze = false;
  /** Processor time of all that was ever in it, nanoseconds. */
  userTime = 0;
  systemTime = 0;
  /** Tasks of the group and those below it that want a processor now. */
  runnable = 0;
  /** The state of a controller here, or of the nearest group above that has it; undefined: the root's, no limits. */
  memory: MemoryControl | undefined;
  cpu: CpuControl | undefined;
  pids: PidsControl | undefined;
  cpuset: CpusetControl | undefined;
  io: IoControl | undefined;

  constructor(name: string, parent: Cgroup | undefined, inode: number) {
    this.name = name;
    this.parent = parent;
    this.inode = inode;
    inheritControllers(this);
  }

  /** `/`, `/a/b`: the path from the root of the hierarchy. */
  get path(): string {
    if (!this.parent) return '/';
    const above = this.parent.path;
    return above === '/' ? `/${this.name}` : `${above}/${this.name}`;
  }

  /** Controllers that may be enabled for the children: what the parent enabled here. */
  get available(): readonly Controller[] {
    const { parent } = this;
    return parent ? CONTROLLERS.filter((name) => parent.subtree.has(name)) : CONTROLLERS;
  }

  has(controller: Controller): boolean {
    return this.parent ? this.parent.subtree.has(controller) : true;
  }

  /** Frozen by its own cgroup.freeze or by one above. */
  get isFrozen(): boolean {
    return this.freeze || (this.parent?.isFrozen ?? false);
  }

  /** Itself and all below, parents first. */
  *subtreeGroups(): Generator<Cgroup> {
    yield this;
    for (const child of this.children.values()) yield* child.subtreeGroups();
  }

  get isPopulated(): boolean {
    if (this.tasks.size > 0) return true;
    for (const child of this.children.values()) if (child.isPopulated) return true;
    return false;
  }
}

/** Gives a group the state of each controller: its own where its parent has it enabled, else what applies above. */
export function inheritControllers(group: Cgroup): void {
  const { parent } = group;
  if (!parent) return;
  group.memory = pick(
    group,
    'memory',
    group.memory,
    parent.memory,
    () => new MemoryControl(group, parent.memory),
  );
  group.cpu = pick(group, 'cpu', group.cpu, parent.cpu, () => new CpuControl(group, parent.cpu));
  group.pids = pick(
    group,
    'pids',
    group.pids,
    parent.pids,
    () => new PidsControl(group, parent.pids),
  );
  group.cpuset = pick(
    group,
    'cpuset',
    group.cpuset,
    parent.cpuset,
    () => new CpusetControl(group, parent.cpuset),
  );
  group.io = pick(group, 'io', group.io, parent.io, () => new IoControl(group, parent.io));
  for (const child of group.children.values()) inheritControllers(child);
}

interface Control {
  readonly group: Cgroup;
}

function pick<T extends Control>(
  group: Cgroup,
  name: Controller,
  mine: T | undefined,
  above: T | undefined,
  make: () => T,
): T | undefined {
  if (!group.has(name)) return above;
  return mine && mine.group === group ? mine : make();
}

/** The lowest group that both are in or under. */
export function commonAncestor(a: Cgroup, b: Cgroup): Cgroup {
  const above = new Set<Cgroup>();
  for (let at: Cgroup | undefined = a; at; at = at.parent) above.add(at);
  let at = b;
  while (!above.has(at) && at.parent) at = at.parent;
  return at;
}
