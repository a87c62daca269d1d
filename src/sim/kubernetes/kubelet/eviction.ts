// The eviction manager's look at local storage, every ten seconds: pods whose emptyDir or whose containers hold more than
// their limit are ended. Pressure of the node itself (memory, disk, processes) is left out.

import { isRpcError } from '../../containers/rpc.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Pod } from '../api/types/pod.ts';
import { type KubeletContext, podDirectory } from './context.ts';
import { LABELS } from './cri.ts';
import type { PodManager } from './pods.ts';
import { bytesOf } from './resources.ts';
import { emptyDirPath } from './volumes.ts';

const PERIOD = 10 * SECOND;

/** Bytes below a directory. */
function diskUsage(process: Process, path: string): number {
  const stat = process.lstat(path);
  if (isErrno(stat)) return 0;
  if ((stat.mode & 0o170000) !== 0o040000) return stat.size;
  const entries = process.readdir(path);
  if (isErrno(entries)) return 0;
  return entries
    .filter(({ name }) => name !== '.' && name !== '..')
    .reduce((sum, { name }) => sum + diskUsage(process, `${path}/${name}`), 0);
}

/** The emptyDir that holds too much, in the words of the event. */
function fullVolume(context: KubeletContext, pod: Pod): string | undefined {
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    if (limit === undefined || bytesOf(limit) === 0) continue;
    if (diskUsage(context.process, emptyDirPath(podDirectory(pod), name)) > bytesOf(limit))
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
  }
  return undefined;
}

function storageLimit(pod: Pod, container: string): string | undefined {
  return pod.spec.containers.find(({ name }) => name === container)?.resources?.limits?.[
    'ephemeral-storage'
  ];
}

interface StorageStats {
  readonly attributes: { readonly labels: Readonly<Record<string, string>> };
  readonly writableLayer: { readonly usedBytes: { readonly value: string } };
}

/** The container that has written too much, in the words of the event. */
function* fullContainer(context: KubeletContext, pod: Pod): Routine<string | undefined> {
  if (!pod.spec.containers.some(({ name }) => storageLimit(pod, name))) return undefined;
  const stats = yield* context.cri.containerStats();
  if (isRpcError(stats)) return undefined;
  for (const { attributes, writableLayer } of stats as readonly StorageStats[]) {
    if (attributes.labels[LABELS.uid] !== pod.metadata.uid) continue;
    const name = attributes.labels[LABELS.container] ?? '';
    const limit = storageLimit(pod, name);
    if (limit !== undefined && Number(writableLayer.usedBytes.value) > bytesOf(limit))
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;
  }
  return undefined;
}

/** Looks for ever. */
export function* watchLocalStorage(context: KubeletContext, pods: PodManager): Routine<void> {
  const { simulation, recorder } = context;
  const { cause } = simulation;
  for (;;) {
    yield* sleepUntil(simulation.now + PERIOD);
    simulation.cause = cause;
    for (const worker of [...pods.workers.values()]) {
      const { pod } = worker;
      if (worker.isOver || worker.isStatic || pod.metadata.deletionTimestamp) continue;
      const message = fullVolume(context, pod) ?? (yield* fullContainer(context, pod));
      if (message === undefined) continue;
      recorder.event(pod, 'Warning', 'Evicted', message);
      worker.evict({ reason: 'Evicted', message }, 0);
    }
  }
}
