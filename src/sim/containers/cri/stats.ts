// Usage of containers and pods from the files of their control groups, as the CRI's stats messages.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Containerd } from '../containerd/daemon.ts';
import { inodeOf } from '../containerd/daemon.ts';
import { snapshotFiles, snapshotsOf } from '../containerd/snapshots.ts';
import { treeUsage } from '../images/layer.ts';
import { cgroupDirectory } from '../runc/cgroup.ts';
import { type Container, CRI_NAMESPACE, criStore, type Sandbox, unixNano } from './store.ts';

function* readNumbers(p: Process, path: string): Routine<Map<string, number>> {
  const fd = p.open(path);
  if (isErrno(fd)) return new Map();
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  const lines = isErrno(bytes) ? [] : decode(bytes).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [name = '', value] = line.split(' ');
      return value === undefined ? ['', Number(name)] : [name, Number(value)];
    }),
  );
}

/** Processor time in nanoseconds and memory in bytes of a control group. */
export function* usageOf(
  p: Process,
  directory: string,
): Routine<{ cpu: number; memory: number; workingSet: number }> {
  const cpu = yield* readNumbers(p, `${directory}/cpu.stat`);
  const current = (yield* readNumbers(p, `${directory}/memory.current`)).get('') ?? 0;
  const inactive = (yield* readNumbers(p, `${directory}/memory.stat`)).get('inactive_file') ?? 0;
  return {
    cpu: (cpu.get('usage_usec') ?? 0) * 1000,
    memory: current,
    workingSet: Math.max(0, current - inactive),
  };
}

/** The processor time of each container and sandbox when it was asked for last. */
const samples = new WeakMap<object, { readonly at: number; readonly cpu: number }>();

/** The part of a processor that `of` used since it was asked last, in billionths; 0 at first (getUsageNanoCores). */
function nanoCores(of: object, at: number, cpu: number): number {
  const before = samples.get(of);
  if (before && at <= before.at) return 0;
  if (before && cpu < before.cpu) return 0;
  samples.set(of, { at, cpu });
  return before ? ((cpu - before.cpu) / (at - before.at)) * 1e9 : 0;
}

/** The messages of a usage; `of` is what was asked for, for the rate since the last time. */
export function usageMessages(
  p: Process,
  of: object,
  usage: { cpu: number; memory: number; workingSet: number },
): { cpu: object; memory: object } {
  const timestamp = unixNano(p.now);
  const value = (n: number): { value: string } => ({ value: String(Math.round(n)) });
  const used = value(nanoCores(of, p.now, usage.cpu));
  return {
    cpu: { timestamp, usageCoreNanoSeconds: value(usage.cpu), usageNanoCores: used },
    memory: {
      timestamp,
      workingSetBytes: value(usage.workingSet),
      usageBytes: value(usage.memory),
      availableBytes: value(0),
      rssBytes: value(usage.workingSet),
      pageFaults: value(0),
      majorPageFaults: value(0),
    },
  };
}

/** ContainerStats. */
export function* containerStatsOf(
  daemon: Containerd,
  p: Process,
  container: Container,
): Routine<Record<string, unknown>> {
  const record = daemon.data(CRI_NAMESPACE).containers.get(container.id);
  const directory = record ? cgroupDirectory(p, record.spec, container.id) : '';
  const usage = yield* usageOf(p, directory);
  const stored = snapshotsOf(daemon, CRI_NAMESPACE, 'overlayfs').get(container.id);
  const root = stored && inodeOf(p, snapshotFiles(daemon, stored.directory));
  const disk = root ? treeUsage(root) : { size: 0, inodes: 0 };
  const { config } = container;
  return {
    attributes: {
      id: container.id,
      metadata: { attempt: 0, ...config.metadata },
      labels: config.labels ?? {},
      annotations: config.annotations ?? {},
    },
    ...usageMessages(p, container, usage),
    writableLayer: {
      timestamp: unixNano(p.now),
      fsId: { mountpoint: `${daemon.root}/io.containerd.snapshotter.v1.overlayfs` },
      usedBytes: { value: String(disk.size) },
      inodesUsed: { value: String(disk.inodes) },
    },
    swap: {
      timestamp: unixNano(p.now),
      swapAvailableBytes: { value: '0' },
      swapUsageBytes: { value: '0' },
    },
  };
}

/** PodSandboxStats. */
export function* podStatsOf(
  daemon: Containerd,
  p: Process,
  sandbox: Sandbox,
): Routine<Record<string, unknown>> {
  const containers: Record<string, unknown>[] = [];
  let cpu = 0;
  let memory = 0;
  let workingSet = 0;
  for (const container of criStore(daemon).containers.values()) {
    if (container.sandboxId !== sandbox.id || container.state !== 'CONTAINER_RUNNING') continue;
    containers.push(yield* containerStatsOf(daemon, p, container));
    const record = daemon.data(CRI_NAMESPACE).containers.get(container.id);
    const usage = yield* usageOf(p, record ? cgroupDirectory(p, record.spec, container.id) : '');
    cpu += usage.cpu;
    memory += usage.memory;
    workingSet += usage.workingSet;
  }
  const { config } = sandbox;
  return {
    attributes: {
      id: sandbox.id,
      metadata: config.metadata,
      labels: config.labels ?? {},
      annotations: config.annotations ?? {},
    },
    linux: {
      ...usageMessages(p, sandbox, { cpu, memory, workingSet }),
      network: { timestamp: unixNano(p.now), defaultInterface: { name: 'eth0' }, interfaces: [] },
      process: { timestamp: unixNano(p.now), processCount: { value: String(containers.length) } },
      containers,
    },
  };
}
