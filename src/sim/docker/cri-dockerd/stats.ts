// Usage of containers and pods (core/stats_linux.go), read from the control groups that docker put them into.

import { usageOf } from '../../containers/cri/stats.ts';
import { unixNano } from '../../containers/cri/store.ts';
import type { CriContainer } from '../../containers/cri/types.ts';
import { usageMessages } from '../../containers/cri/usage.ts';
import { isRpcError, type RpcError } from '../../containers/rpc.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type CallError, isCallError } from '../cli/api.ts';
import { type ContainerFilter, listContainers } from './container.ts';
import { listSandboxes, type SandboxFilter } from './sandbox.ts';
import { type DockerService, engine, failed, type Inspection } from './service.ts';

type Sized = Inspection & { readonly SizeRw?: number };
type Usage = { cpu: number; memory: number; workingSet: number };

/** What stands for a container between two looks. */
const faces = new WeakMap<DockerService, Map<string, object>>();

function faceOf(service: DockerService, id: string): object {
  const all = faces.get(service) ?? new Map<string, object>();
  faces.set(service, all);
  const face = all.get(id) ?? {};
  all.set(id, face);
  return face;
}

function* measured(
  service: DockerService,
  p: Process,
  id: string,
): Routine<{ usage: Usage; disk: number } | CallError> {
  const path = `/containers/${id}/json`;
  const found = yield* engine(service, p).get<Sized>(path, { size: true });
  if (isCallError(found)) return found;
  const group = `/sys/fs/cgroup${found.HostConfig.CgroupParent || '/docker'}/${id}`;
  return { usage: yield* usageOf(p, group), disk: found.SizeRw ?? 0 };
}

/** ContainerStats. */
export function* containerStats(
  service: DockerService,
  p: Process,
  { id, metadata, labels, annotations }: CriContainer,
): Routine<Record<string, unknown> | RpcError> {
  const found = yield* measured(service, p, id);
  if (isCallError(found)) return failed(found);
  const timestamp = unixNano(p.now);
  const value = (n: number): { value: string } => ({ value: String(n) });
  return {
    attributes: { id, metadata, labels, annotations },
    ...usageMessages(p, faceOf(service, id), found.usage),
    writableLayer: {
      timestamp,
      fsId: { mountpoint: '/var/lib/docker' },
      usedBytes: value(found.disk),
      inodesUsed: value(0),
    },
    swap: { timestamp, swapAvailableBytes: value(0), swapUsageBytes: value(0) },
  };
}

/** ListContainerStats: of those that run. */
export function* listContainerStats(
  service: DockerService,
  p: Process,
  filter: ContainerFilter,
): Routine<Record<string, unknown>[] | RpcError> {
  const running = { ...filter, state: { state: 'CONTAINER_RUNNING' } };
  const found = yield* listContainers(service, p, running);
  if (isRpcError(found)) return found;
  const stats: Record<string, unknown>[] = [];
  for (const one of found) {
    const own = yield* containerStats(service, p, one);
    if (!isRpcError(own)) stats.push(own);
  }
  return stats;
}

/** ListPodSandboxStats: of those that are ready. */
export function* listSandboxStats(
  service: DockerService,
  p: Process,
  filter: SandboxFilter,
): Routine<Record<string, unknown>[] | RpcError> {
  const ready = { ...filter, state: { state: 'SANDBOX_READY' } };
  const pods = yield* listSandboxes(service, p, ready);
  if (isRpcError(pods)) return pods;
  const stats: Record<string, unknown>[] = [];
  for (const { id, metadata, labels, annotations } of pods) {
    const containers = yield* listContainerStats(service, p, { podSandboxId: id });
    if (isRpcError(containers)) return containers;
    const total: Usage = { cpu: 0, memory: 0, workingSet: 0 };
    for (const { attributes } of containers) {
      const found = yield* measured(service, p, (attributes as { id: string }).id);
      if (isCallError(found)) continue;
      total.cpu += found.usage.cpu;
      total.memory += found.usage.memory;
      total.workingSet += found.usage.workingSet;
    }
    const timestamp = unixNano(p.now);
    stats.push({
      attributes: { id, metadata, labels, annotations },
      linux: {
        ...usageMessages(p, faceOf(service, id), total),
        network: { timestamp, defaultInterface: { name: 'eth0' }, interfaces: [] },
        process: { timestamp, processCount: { value: String(containers.length) } },
        containers,
      },
    });
  }
  return stats;
}
