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
import { usageMessages } from './usage.ts';

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
